"""`forebay preview`: what leaves each step, and that nothing else happens."""

import os
import re
import time
import unittest

import forebay
from engines import duckdb
from forebay import TOP

FILTER = os.path.join(TOP, "pipelines", "orders-filter.yaml")
UPLOAD = os.path.join(TOP, "pipelines", "upload-cp932.yaml")
ENRICH = os.path.join(TOP, "pipelines", "orders-enrichment.yaml")
SAMPLES = os.path.join(TOP, "pipelines", "samples")


def sample(name):
    with open(os.path.join(SAMPLES, name), "rb") as file:
        return file.read()


class Preview(forebay.Told):
    def preview(self, path, *flags, status=0, **more):
        run = self.forebay("preview", path, *flags, status=status, **more)
        run.steps = {}
        for part in re.split(r"\n\n", run.out):
            match = re.match(r"(\S+) \((\w+)\): (.*)\n?((?s:.*))", part)
            if match:
                run.steps[match.group(1)] = (
                    match.group(3), [re.split(" {2,}", line.strip()) for line
                                     in match.group(4).splitlines()])
        return run

    def pipeline(self, transforms, source="{uri: \"${STORE}/a.csv\", "
                 "on_reject: fail}"):
        return self.write("p.yaml", "pipeline: p\nsources: {a: %s}\n"
                          "transforms: %s\nsinks: {z: {uri: "
                          "\"${STORE}/z.csv\"}}\nnotifiers: {desk: {uri: "
                          "\"${NOTIFY}\"}}\nvars: {NOTIFY: \"log:\"}\n"
                          % (source, transforms))

    def test_every_step_shows_its_first_rows(self):
        self.write("store/raw/orders.csv", sample("orders.csv"))
        run = self.preview(FILTER, "--as-of", "2025-05-10", "--rows", "2")
        self.assertEqual(list(run.steps), ["upload", "valid", "current"])
        for name in ("upload", "valid", "current"):
            said, lines = run.steps[name]
            self.assertEqual(lines[:4], [
                ["OrderID", "Customer", "Amount", "Status", "OrderDate"],
                ["O0001", "Alice", "878.57", "shipped", "2025-03-06"],
                ["O0002", "Bob", "627.38", "shipped", "2025-03-09"],
                ["..."]])
        self.assertEqual(run.steps["valid"][1][4:], [
            ["rejected", 'line 42, OrderDate: "2025-02-30" is not a date '
             "(YYYY-MM-DD)"],
            ["rejected", 'line 98, Amount: "twelve" is not a number']])

    def test_nothing_is_written_and_nobody_told(self):
        self.write("store/raw/orders.csv", sample("orders.csv"))
        before = self.files()
        self.preview(FILTER, env={"TMPDIR": self.dir})
        self.assertEqual(self.files(), before)
        self.assertEqual(self.told(), [])
        # It was not done: it is due, and can be looked at again behind that.
        self.work(FILTER, "--as-of", "2025-05-10")
        self.assertEqual(len(self.told()), 1)
        self.preview(FILTER)

    def test_the_newest_object_is_looked_at_or_the_one_named(self):
        paths = []
        for name in "bac":
            paths.append(self.write("store/raw/%s.csv" % name,
                                    sample("orders.csv")))
            time.sleep(0.02)
        os.rename(paths[1], self.path("store/raw/d.csv"))  # arrives last
        old, new = paths[0], self.path("store/raw/d.csv")
        self.assertIn("trigger: %s\n" % new, self.preview(FILTER).out)
        run = self.preview(FILTER, "--trigger", old)
        self.assertIn("trigger: %s\n" % old, run.out)

    def test_without_an_object_it_says_so(self):
        os.mkdir(self.path("store/raw"))
        run = self.preview(FILTER, status=65)
        self.assertIn("nothing matches", run.err)
        self.assertIn("hint: --trigger URI names any other object", run.err)

    def test_a_queue_is_not_listened_to(self):
        path = self.write("p.yaml", """\
pipeline: p
trigger: {uri: "sqs://uploads", match: "${STORE}/raw/*.csv"}
sources: {a: {uri: "${trigger.uri}", on_reject: fail}}
sinks: {z: {uri: "${STORE}/z.csv"}}
""")
        upload = self.write("store/raw/a.csv", "x\n1\n")
        run = self.preview(path, status=2)
        self.assertIn("listening would take it from a run", run.err)
        self.assertIn("hint: name an object: --trigger URI", run.err)
        run = self.preview(path, "--trigger", upload)
        self.assertEqual(run.steps["a"], ("1 row", [["x"], ["1"]]))

    def test_wide_characters_stand_in_columns(self):
        self.write("store/in/prices.csv", sample("prices.csv"))
        self.write("store/in/prices.trg", "")
        out = self.preview(UPLOAD, "--rows", "3").out
        self.assertIn("\n  商品コード  商品名        単価    数量  入荷日\n"
                      "  KZ-001      髙島屋カード  12,800  192   2025/09/11\n",
                      out)

    def test_it_reads_on_until_a_step_has_rows(self):
        self.write("store/a.csv", "x\n" + "no\n" * 90000 + "yes\n")
        run = self.preview(self.pipeline(
            "{f: {type: filter, where: \"x = 'yes'\"}}"))
        self.assertEqual(run.steps["f"], ("1 row", [["x"], ["yes"]]))
        self.assertEqual(run.steps["a"][0], "90,001 rows")

    def test_it_reads_no_more_than_it_must(self):
        self.write("store/a.csv", "x\n" + "%s\n" % ("y" * 99) * 300000)
        run = self.preview(self.pipeline("{f: {type: filter, where: \"x <> "
                                         "''\"}}"))
        self.assertRegex(run.steps["a"][0], r"^the first \d,\d{3} rows$")
        run = self.preview(self.pipeline("{f: {type: filter, where: \"x = "
                                         "''\"}}"))
        self.assertRegex(run.steps["a"][0], r"^the first 10\d,\d{3} rows$")

    def test_what_waits_for_all_rows_shows_them(self):
        self.write("store/a.csv", "k,v\n1,a\n2,b\n1,c\n")
        run = self.preview(self.pipeline(
            "{d: {type: dedupe, key: k, keep: last}}"))
        self.assertEqual(run.steps["d"][1], [["k", "v"], ["2", "b"],
                                             ["1", "c"]])

    def test_a_failure_is_told_behind_what_was_seen(self):
        self.write("store/a.csv", "x,y\n1,2\n3\n")
        run = self.preview(self.pipeline("{s: {type: select, keep: x}}"),
                           status=65)
        self.assertEqual(run.steps["a"][1][0], ["x", "y"])
        self.assertIn("rejected line 3 and says on_reject: fail", run.err)

    def test_missing_values_and_long_cells(self):
        self.write("store/a.csv", "x,y\n,%s\n" % ("界" * 50))
        run = self.preview(self.pipeline("{s: {type: select, keep: [x, y]}}"))
        self.assertEqual(run.steps["s"][1][1], ["NULL", "界" * 18 + "..."])

    def test_mistakes_are_told_as_by_check(self):
        self.write("store/a.csv", "x\n1\n")
        run = self.preview(self.pipeline("{f: {type: fliter}}"), status=78)
        self.assertIn("did you mean 'filter'?", run.err)
        for rows in ("0", "1001"):
            run = self.preview(FILTER, "--rows", rows, status=2)
            self.assertIn("--rows takes a number from 1 to 1000", run.err)

    @duckdb()
    def test_queries_show_their_first_rows(self):
        self.write("store/processed/a.csv", "OrderID,Customer,Amount,Status,"
                   "OrderDate\nO0001,Alice,1.50,shipped,2025-02-01\n")
        run = self.preview(ENRICH)
        self.assertEqual(len(run.steps), 5)
        self.assertEqual(run.steps["total_sales_by_customer"],
                         ("1 row", [["customer", "total_amount"],
                                    ["Alice", "1.50"]]))


if __name__ == "__main__":
    unittest.main()
