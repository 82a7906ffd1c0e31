"""The dashboard in a real browser.

A page is read as a person's browser has it: every cell of every table must be
what the CSV of the same input says; then it is sorted, filtered, turned and
downloaded. Pictures land in BUILD/screenshots.
"""

import csv
import functools
import http.server
import io
import json
import os
import random
import threading
import unittest

import browser
import forebay
from engines import duckdb
from forebay import BUILD, TOP

PICTURES = os.path.join(BUILD, "screenshots")
WIDTHS = (1280, 390)

# Every table of the page: headings and cells, as shown and as they are.
TABLES = """[...document.querySelectorAll("section.result")].map(section => {
  const raw = cell => "raw" in cell.dataset
    ? JSON.parse('"' + cell.dataset.raw + '"') : cell.textContent;
  const both = cell => [cell.textContent, raw(cell), cell.className];
  const table = section.querySelector("table");
  return {
    title: section.querySelector("h2").textContent,
    caption: table.caption.textContent,
    charts: [...section.querySelectorAll("svg.chart")].map(svg => svg.closest(
      "figure").className),
    head: [...table.tHead.rows[0].cells].map(both),
    rows: [...table.tBodies[0].rows].map(row => [...row.cells].map(both)),
    status: section.querySelector(".status").textContent,
  };
})"""

# The rows of a section that can be seen, as the texts of one column.
SEEN = """[...document.querySelectorAll("#r%d tbody tr")].filter(
  row => row.offsetParent !== null).map(row => row.cells[%d].textContent)"""

# Text whose contrast with what lies behind it is too low: WCAG 2.2, 1.4.3.
# Disabled controls are exempt.
CONTRAST = """(() => {
  const paint = document.createElement("canvas").getContext("2d",
    {willReadFrequently: true});
  const rgb = color => { paint.clearRect(0, 0, 1, 1); paint.fillStyle = color;
    paint.fillRect(0, 0, 1, 1); return [...paint.getImageData(0, 0, 1, 1).data]; };
  const light = color => color.slice(0, 3).map(v => v / 255).map(v =>
    v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => { for (let e = element; e; e = e.parentElement) {
    const color = rgb(getComputedStyle(e).backgroundColor);
    if (color[3] === 255) return color; } return [255, 255, 255, 255]; };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest(
        "script, title, desc, :disabled") || !element.checkVisibility())
      continue;
    const style = getComputedStyle(element);
    const inSvg = element.closest("svg") !== null;
    const a = light(rgb(inSvg ? style.fill : style.color)), b = light(behind(element));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5)
      bad.push([element.outerHTML.slice(0, 80), ratio]);
  }
  return bad;
})()"""

# Texts of a chart that lie on each other, and those that leave it.
COLLISIONS = """[...document.querySelectorAll("svg.chart")].flatMap(svg => {
  const edge = svg.closest("figure").getBoundingClientRect();
  const texts = [...svg.querySelectorAll("text")].filter(
    text => text.checkVisibility()).map(text => [text.textContent,
      text.getBoundingClientRect()]);
  const bad = [];
  texts.forEach(([name, a], i) => {
    if (a.left < edge.left - 8 || a.right > edge.right + 8)
      bad.push(name + " leaves the chart");
    for (const [other, b] of texts.slice(i + 1))
      if (a.left < b.right && b.left < a.right && a.top + 2 < b.bottom
          && b.top + 2 < a.bottom)
        bad.push(name + " lies on " + other);
    for (const point of svg.querySelectorAll("circle")) {
      const b = point.getBoundingClientRect();
      if (a.left < b.right && b.left < a.right && a.top + 2 < b.bottom
          && b.top + 2 < a.bottom)
        bad.push(name + " lies below a point");
    }
  });
  return bad;
})"""

HOSTILE = [
    "<script>alert(1)</script>", "</script><img src=x onerror=alert(2)>",
    "]]>", "<!--", "=cmd()|' /C calc'!A0", "+1+1", "@SUM(A1)", "-2+3",
    '"quoted" & \'single\' & &amp;', "line\nbreak", "a\rb", "tab\there",
    "עברית שלום", "\u202eevil\u202c", "\x7f\x85", "x" * 10240,
    "日本語のとても長い名前の株式会社東京支店営業第二課", "", "  spaces  ",
    "\ufeffbom", "\uffff", "😀👩‍👩‍👧", "javascript:alert(3)", "${x} {{y}}", "\\u0041",
]


def shown_as(text):
    """What a person sees for the text of a cell."""
    signs = {c: 0x2400 + c for c in range(32) if c not in (9, 10)}
    signs[0x7f] = 0x2421
    signs.update({c: 0xfffd for c in (*range(0x80, 0xa0), 0xffff)})
    return text.translate(signs)


def table_of(text):
    return list(csv.reader(io.StringIO(text.decode("utf-8"), newline="")))


def as_csv(rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.paths.append(self.path)
        super().do_GET()


class Pages(forebay.Case):
    """Cases with a browser, and a server whose requests are counted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.browser = cls.enterClassContext(browser.Browser())

    def setUp(self):
        super().setUp()
        self.page = self.browser.page()
        self.addCleanup(self.page.close)
        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0),
            functools.partial(Handler, directory=self.dir))
        self.server.paths = []
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def url(self, path):
        return "http://127.0.0.1:%d/%s" % (self.server.server_port, path)

    def picture(self, name, **more):
        self.page.picture(os.path.join(PICTURES, name + ".png"), **more)

    def make(self, inputs, options=""):
        """A page of tables, {step: (title, rows)}, by a pipeline."""
        text = "pipeline: made\nsources:\n"
        for step, (title, rows) in inputs.items():
            self.write(step + ".csv", as_csv(rows))
            text += "  %s: {uri: %s, on_reject: fail, title: %s}\n" % (
                step, self.path(step + ".csv"), json.dumps(title))
        text += ("sinks:\n  page: {type: dashboard, inputs: [%s], "
                 "uri: %s%s}\n" % (", ".join(inputs),
                                   self.path("page.html"), options))
        self.one(self.write("p.yaml", text))

    def show(self, path="page.html", **more):
        self.page.open(self.url(path), **more)

    def tables(self):
        return {table["title"]: table for table in self.page.run(TABLES)}

    def assert_shows(self, table, rows):
        """That a table is a CSV: names and texts, shown as they should be."""
        self.assertEqual([cell[1] for cell in table["head"]], rows[0])
        self.assertEqual([[cell[1] for cell in row] for row in table["rows"]],
                         rows[1:])
        for row in table["rows"]:
            for shown, raw, kind in row:
                if "n" in kind.split():
                    self.assertEqual(shown.replace(",", ""), raw)
                    whole = shown.lstrip("-").split(".")[0]
                    if whole.replace(",", "").isdigit():
                        self.assertEqual(
                            whole, "{:,}".format(int(whole.replace(",", ""))))
                else:
                    self.assertEqual(shown, shown_as(raw))

    def assert_quiet(self, path="page.html"):
        """No request but the one for the page, nothing in the console."""
        self.page.run("new Promise(done => setTimeout(done, 50))")
        self.assertEqual(self.page.complaints(), [])
        asked = [url for url in self.page.requests()
                 if not url.startswith(("data:", "blob:"))]
        self.assertEqual(set(asked), {self.url(path)})
        self.assertEqual(set(self.server.paths), {"/" + path})

    def assert_fits(self):
        """At every width nothing scrolls sideways but tables, and no text of
        a chart lies on another; in both schemes all text can be read."""
        for width in (*WIDTHS, 768, 320):
            self.page.size(width)
            with self.subTest(width=width):
                self.assertLessEqual(self.page.run(
                    "document.scrollingElement.scrollWidth"), width)
                self.assertEqual(self.page.run(COLLISIONS), [])
        for dark in (False, True):
            self.page.scheme(dark)
            with self.subTest(dark=dark):
                self.assertEqual(self.page.run(CONTRAST), [])

    def seen(self, section=1, column=0):
        return self.page.run(SEEN % (section, column))

    def download(self, index=0, count=1):
        folder = self.path("downloads")
        os.makedirs(folder, exist_ok=True)
        self.page.downloads_to(folder)
        self.page.click(".csv", index)
        self.page.wait_for("Browser.downloadProgress", count,
                           state="completed")
        name = self.page.wait_for(
            "Browser.downloadWillBegin", count)["suggestedFilename"]
        return name, self.read(os.path.join("downloads", name))


@duckdb()
class Shipped(Pages):
    """The page of the two shipped pipelines."""

    STEPS = ["total_sales_by_customer", "monthly_orders_and_revenue",
             "order_status", "average_order_value",
             "top_orders_february_2025"]

    def test_every_number_is_the_one_in_the_csv(self):
        self.write("store/raw/orders.csv", open(os.path.join(
            TOP, "pipelines", "samples", "orders.csv"), "rb").read())
        for name in ("orders-filter", "orders-enrichment"):
            self.one(os.path.join(TOP, "pipelines", name + ".yaml"),
                     "--as-of", "2025-05-10")
        path = "store/enriched/dashboard.html"
        self.show(path)
        tables = self.page.run(TABLES)
        self.assertEqual(len(tables), len(self.STEPS))
        for step, table in zip(self.STEPS, tables):
            with self.subTest(step):
                rows = table_of(self.read("store/enriched/%s.csv" % step))
                self.assert_shows(table, rows)
                self.assertGreater(len(rows), 1)
        self.assertEqual([table["charts"] for table in tables],
                         [["bars"], ["lines"] * 2, ["bars"], ["bars"],
                          ["bars"]])
        self.assertEqual(self.page.run("document.title"), "Orders")
        self.assertEqual(
            self.page.run("document.querySelector('time').textContent"),
            "2025-05-10")
        self.assert_fits()
        for width in WIDTHS:
            for dark in (False, True):
                self.page.size(width)
                self.page.scheme(dark)
                self.picture("orders-%d-%s" % (
                    width, "dark" if dark else "light"))
        # docs/dashboard.png is this one.
        self.page.size(1000)
        self.page.scheme(False)
        self.picture("readme", height=1530)
        self.assert_quiet(path)


class Lines(Pages):
    def test_no_point_lies_on_a_label_however_long(self):
        """Each first point stands as high as the label of a value."""
        rows = {"short": ["24", "80", "0"], "long": ["240000", "800000", "0"],
                "below": ["-160000", "-800000", "800000"],
                "small": ["0.00024", "0.0008", "0"]}
        self.make({step: (step, [["day", "value"]] + [
            ["2025-01-%02d" % (day + 1), value]
            for day, value in enumerate(values)])
            for step, values in rows.items()})
        self.show()
        self.assertEqual([table["charts"] for table in self.page.run(TABLES)],
                         [["lines"]] * len(rows))
        self.assert_fits()
        self.page.size(390)
        self.picture("lines-390")


class Tables(Pages):
    def setUp(self):
        super().setUp()
        pick = random.Random(6)
        self.rows = [["name", "amount", "day"]]
        for number in range(60):
            self.rows.append([
                pick.choice(["Ann", "ann", "表計算", "Zoë"]) + " %d" % number,
                pick.choice(["", "%d.%02d" % (pick.randrange(-3000, 90000),
                                              pick.randrange(100)),
                             "1e+21", "7", "-0.5"]),
                "2025-%02d-%02d" % (pick.randrange(1, 13),
                                    pick.randrange(1, 29))])
        self.make({"sales": ("Sales", self.rows)})
        self.show()

    def column(self, index):
        return [row[index] for row in self.rows[1:]]

    def all_seen(self, column=0):
        """Turn the pages; what was seen on them."""
        seen = self.seen(1, column)
        while not self.page.run("document.querySelector('.next').disabled"):
            self.page.click(".next")
            seen += self.seen(1, column)
        return seen

    def test_the_table_is_the_csv(self):
        self.assert_shows(self.tables()["Sales"], self.rows)
        self.assert_quiet()

    def test_pages_turn(self):
        self.assertEqual(self.seen(), self.column(0)[:25])
        self.page.click(".next")
        self.assertEqual(self.seen(), self.column(0)[25:50])
        self.assertEqual(self.tables()["Sales"]["status"],
                         "26–50 of 60 rows")
        self.page.click(".next")
        self.assertEqual(self.seen(), self.column(0)[50:])
        self.page.click(".back")
        self.assertEqual(self.seen(), self.column(0)[25:50])

    def sort_of(self, index):
        return self.page.run(
            "document.querySelectorAll('th')[%d].getAttribute('aria-sort')"
            % index)

    def test_numbers_are_sorted_by_size_and_gaps_come_last(self):
        numbers = [float(text) for text in self.column(1) if text]
        gaps = [""] * (60 - len(numbers))
        self.page.click("th button", 1)
        self.assertEqual(self.sort_of(1), "ascending")
        seen = [text.replace(",", "") for text in self.all_seen(1)]
        self.assertEqual([float(t) for t in seen if t], sorted(numbers))
        self.assertEqual(seen[len(numbers):], gaps)
        self.page.click("th button", 1)
        self.assertEqual(self.sort_of(1), "descending")
        seen = [text.replace(",", "") for text in self.all_seen(1)]
        self.assertEqual([float(t) for t in seen if t],
                         sorted(numbers, reverse=True))
        self.assertEqual(seen[len(numbers):], gaps)
        self.page.click("th button", 1)
        self.assertIsNone(self.sort_of(1))
        self.assertEqual(self.all_seen(), self.column(0))

    def test_days_are_sorted_and_rows_stay_whole(self):
        self.page.click("th button", 2)
        self.assertEqual(self.all_seen(2), sorted(self.column(2)))
        table = self.tables()["Sales"]
        self.assertEqual(
            sorted([cell[1] for cell in row] for row in table["rows"]),
            sorted(self.rows[1:]))

    def test_the_keyboard_sorts_and_focus_can_be_seen(self):
        self.page.run("document.querySelector('.csv.safe').focus()")
        self.page.key("Tab")  # the box of the table
        self.page.key("Tab")  # its first heading
        self.assertEqual(self.page.run(
            "[document.activeElement.textContent, getComputedStyle("
            "document.activeElement).outlineStyle]"), ["Name", "solid"])
        self.page.key("Enter")
        self.assertEqual(self.sort_of(0), "ascending")

    def test_the_filter_keeps_rows_with_all_words(self):
        self.page.click("input")
        self.page.type("ANN 3")
        want = [name for name in self.column(0)
                if "ann" in name.lower() and any(
                    "3" in text for text in
                    self.rows[1:][self.column(0).index(name)])]
        self.assertEqual(self.seen(), want[:25])
        self.assertIn("that match, of 60 rows",
                      self.tables()["Sales"]["status"])
        self.page.run("document.querySelector('input').select()")
        self.page.type("ｓｈｅ")  # wide letters are letters
        self.assertEqual(self.seen(), [])
        self.assertEqual(self.tables()["Sales"]["status"], "No row matches.")
        self.page.run("document.querySelector('input').select()")
        self.page.type("表計算")
        self.assertEqual(self.seen(), [name for name in self.column(0)
                                       if name.startswith("表計算")][:25])
        self.page.run("document.querySelector('input').select()")
        self.page.key("Backspace")
        self.assertEqual(self.seen(), self.column(0)[:25])

    def test_a_download_is_the_csv_whatever_is_shown(self):
        self.page.click("th button", 1)
        self.page.click("input")
        self.page.type("Ann")
        name, content = self.download()
        self.assertEqual(name, "sales.csv")
        self.assertEqual(content.decode("utf-8"), as_csv(self.rows))
        self.assert_quiet()

    def test_paper_has_every_row_and_no_controls(self):
        self.page.scheme(media="print")
        self.assertEqual(self.seen(), self.column(0))
        self.assertFalse(self.page.run(
            "[...document.querySelectorAll('button, input')].some("
            "e => e.checkVisibility() && !e.closest('th'))"))

    def test_without_a_script_the_page_is_whole(self):
        self.show(script=False)
        self.assertEqual(self.seen(), self.column(0))
        self.assertFalse(self.page.run(
            "document.querySelector('.tools').checkVisibility()"))
        self.assertEqual(self.page.run(
            "document.querySelectorAll('th button').length"), 0)


class Texts(Pages):
    def make_hostile(self):
        rows = [["<b>name</b>", "note, with comma", "n"]] + [
            [text, HOSTILE[-1 - i], str(i)] for i, text in enumerate(HOSTILE)]
        self.make({"hostile": ("<i>Hostile</i> & \"quoted\"", rows)},
                  ", title: \"</title><script>alert(4)</script>\"")
        return rows

    def test_hostile_cells_are_text(self):
        rows = self.make_hostile()
        self.show()
        table = self.tables()['<i>Hostile</i> & "quoted"']
        self.assert_shows(table, rows)
        self.assertEqual(self.page.run("document.title"),
                         "</title><script>alert(4)</script>")
        self.assertEqual(self.page.run(
            "[document.scripts.length, document.images.length]"), [1, 0])
        self.assert_fits()
        self.picture("hostile")
        self.assert_quiet()

    def test_control_characters_are_signs(self):
        """Readers refuse them; so they come as what was refused."""
        self.write("in.csv", "a,b\n1,\x01\x1b[31mred\n2,3\n")
        self.one(self.write(
            "p.yaml", "pipeline: made\nsources: {a: {uri: %s}}\n"
            "sinks: {page: {type: dashboard, inputs: [a, a.rejected], "
            "uri: %s}}\n" % (self.path("in.csv"), self.path("page.html"))))
        self.show()
        cell = self.page.run(TABLES)[1]["rows"][0][-1]
        self.assertEqual(cell[:2], ["1,\u2401\u241b[31mred",
                                    "1,\x01\x1b[31mred"])
        _, content = self.download(2)
        self.assertIn(b'"1,\x01\x1b[31mred"', content)
        self.assert_quiet()

    def test_hostile_cells_come_down_as_they_are(self):
        rows = self.make_hostile()
        self.show()
        _, content = self.download()
        self.assertEqual(content.decode("utf-8"), as_csv(rows))

    def test_formulas_are_text_in_the_csv_for_spreadsheets(self):
        rows = self.make_hostile()
        rows.append(["-12.5", "-", "-1"])
        self.make({"hostile": ("Hostile", rows)})
        self.show()
        _, content = self.download(1)
        self.assertTrue(content.startswith(b"\xef\xbb\xbf"))
        got = table_of(content[3:])
        for row, want in zip(got, rows):
            for text, original in zip(row, want):
                formula = original[:1] in tuple("=+-@\t\r")
                number = original in ("-12.5", "-1")
                self.assertEqual(text, "'" + original
                                 if formula and not number else original)

    def test_a_script_in_the_page_would_not_run(self):
        """The policy, not only the escaping: a page that was tampered with."""
        self.make({"a": ("A", [["x"], ["y"]])})
        page = self.read("page.html").decode("utf-8")
        self.write("bad.html", page.replace(
            "<main", "<script>document.title = 'run'</script>"
            "<img src='/pixel.png' onerror=\"document.title = 'run'\"/><main"))
        self.show("bad.html")
        self.assertEqual(self.page.run("document.title"), "made")
        self.assertEqual(self.server.paths, ["/bad.html"])
        self.assertGreater(len(self.page.complaints()), 1)


class Accessible(Pages):
    def test_a_reader_of_screens_finds_its_way(self):
        self.make({
            "a": ("First", [["month", "count", "revenue"]] + [
                ["2024-%02d" % m, str(m), "%d.50" % (m * 1000)]
                for m in range(1, 13)]),
            "b": ("Second", [["name", "total"], ["x", "1"], ["y", "2"]]),
            "c": ("Third", [["total"], ["512.37"]]),
            "d": ("Fourth", [["a", "b"]]),
        })
        self.show()
        self.assertEqual(self.page.run(
            "[...document.querySelectorAll('h1, h2, h3')].map(e => e.tagName)"),
            ["H1", "H2", "H2", "H2", "H2"])
        self.page.call("Accessibility.enable")
        nodes = [(node["role"]["value"], node.get("name", {}).get("value", ""))
                 for node in self.page.call("Accessibility.getFullAXTree")[
                     "nodes"] if not node["ignored"] and "role" in node]
        for role, name in (("navigation", "Results"), ("main", ""),
                           ("banner", ""), ("contentinfo", ""),
                           ("region", "First"), ("table", "First: 12 rows"),
                           ("table", "Third: 1 row"),
                           ("table", "Fourth: No rows"),
                           ("columnheader", "Month"), ("button", "Month"),
                           ("searchbox", "Filter"),
                           ("image", "First: Count as a line by Month"),
                           ("image", "First: Revenue as a line by Month"),
                           ("image", "Second: Total as bars by Name")):
            with self.subTest(role=role, name=name):
                self.assertIn((role, name), nodes)
        ids = self.page.run("[...document.querySelectorAll('[id]')].map("
                            "e => e.id)")
        self.assertEqual(len(ids), len(set(ids)))
        self.assert_fits()
        self.assert_quiet()

    def test_nobody_is_moved_who_asked_not_to_be(self):
        self.make({"a": ("A", [["x"], ["y"]])})
        self.show()
        self.page.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-reduced-motion", "value": "reduce"}])
        self.assertEqual(self.page.run(
            "getComputedStyle(document.documentElement).scrollBehavior"),
            "auto")


class Large(Pages):
    def test_a_cut_result_says_what_is_missing(self):
        rows = [["n", "text"]] + [[str(i), "row %d" % i]
                                  for i in range(12345)]
        self.make({"big": ("Big", rows)})
        self.show()
        table = self.tables()["Big"]
        self.assert_shows(table, rows[:1001])
        self.assertEqual(
            table["caption"], "Big: First 1,000 of 12,345 rows; the others "
            "are not in this page")
        self.assertEqual(self.page.run(
            "document.querySelector('.balance').textContent"),
            "12,345 rows arrived = 1,000 shown + 11,345 left out")
        self.assertEqual(table["status"], "1–25 of 1,000 rows")
        self.assertEqual(self.page.run(
            "document.querySelector('.note').textContent"),
            "The 15 largest of the first 1,000.")
        self.assert_fits()
        self.assert_quiet()


if __name__ == "__main__":
    unittest.main()
