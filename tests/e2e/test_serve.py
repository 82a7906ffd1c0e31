"""`forebay serve`: what a browser sees, over real sockets."""

import base64
import html
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

import fake_s3
import forebay
import serving

PIPELINE = """\
pipeline: shop
description: Sells <b>things</b> & more.
vars: {NOTIFY: "log:"}
window: {days: mon-fri, hours: "09:00-18:00", timezone: Asia/Tokyo}
trigger: {uri: "${STORE}/raw/*.csv", attempts: 3}
sources: {upload: {uri: "${trigger.uri}", on_reject: fail}}
sinks: {out: {uri: "${STORE}/out/${trigger.name}"}}
notifiers: {desk: {uri: "${NOTIFY}"}}
"""
AFTER = """\
pipeline: report
trigger: {after: shop}
sources: {upload: {uri: "${STORE}/raw/a.csv", on_reject: fail}}
sinks: {out: {uri: "${STORE}/report/page.csv"}}
"""
HOSTILE = """<img src=x onerror=alert(1)>&"'\u202e\x1b.csv"""
TOKEN = "a token that is long enough"


class Serving(forebay.Told):
    """A case with a state to look at and a server to stop."""

    def setUp(self):
        super().setUp()
        self.pipeline = self.write("shop.yaml", PIPELINE)
        self.server = None

    def upload(self, content="x\n1\n", name="a.csv"):
        return self.write("store/raw/" + name, content)

    def serve(self, *arguments, listen="127.0.0.1:0", pipelines=None,
              env=None):
        # Not a pipe: nobody reads it while the server works.
        log = tempfile.TemporaryFile()
        self.addCleanup(log.close)
        self.server = serving.Server(
            forebay.PROGRAM,
            ["--state", self.state, "--listen", listen, *arguments,
             *(pipelines or [self.pipeline])],
            env=self.environment(env), cwd=forebay.TOP, stderr=log)
        self.addCleanup(self.stop_server)
        return self.server

    def stop_server(self):
        if self.server is None:
            return
        status, _ = self.server.stop()
        self.assertEqual(status, 0, self.said())
        self.server = None

    def said(self):
        self.server.log.seek(0)
        return self.server.log.read().decode()

    def page(self, target, status=200):
        answer = self.server.get(target)
        self.assertEqual(answer.status, status, answer.text)
        return answer.text

    def token_file(self, *tokens):
        lines = ""
        for token in tokens or (TOKEN,):
            done = subprocess.run(
                [forebay.PROGRAM, "serve", "--hash-token"], input=token,
                capture_output=True, text=True, check=True,
                env=self.environment())
            lines += done.stdout
        path = self.write("tokens", lines)
        os.chmod(path, 0o600)
        return path


class Pages(Serving):
    def test_the_list_of_pipelines_tells_how_each_stands(self):
        after = self.write("report.yaml", AFTER)
        self.upload()
        run = self.one(self.pipeline)["run"]
        self.serve(pipelines=[self.pipeline, after],
                   env={"FOREBAY_NOW": "2030-01-01T00:30:00Z"})
        page = self.page("/")
        rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", page)
        self.assertEqual(len(rows), 2)
        self.assertIn("shop", rows[0])
        self.assertIn("Sells &lt;b&gt;things&lt;/b&gt; &amp; more.", rows[0])
        self.assertIn('href="/runs/%s"' % run, rows[0])
        self.assertIn(" done<", rows[0])
        self.assertIn("window open until 18:00 JST", rows[0])
        self.assertIn(">none<", rows[0])
        self.assertIn("never ran", rows[1])
        self.assertRegex(rows[1], r'class="warn">\d+ d \d+ h<')  # the lag

    def test_a_run_is_told_from_its_trigger_to_its_notifications(self):
        self.upload("x\n1\n2\n")
        report = self.one(self.pipeline)
        self.serve()
        page = self.page("/runs/" + report["run"])
        for text in ("shop", self.store + "/raw/a.csv",
                     "2 read = 2 written + 0 filtered + 0 rejected",
                     self.store + "/out/a.csv", "desk", "delivered"):
            self.assertIn(text, page)
        self.assertEqual(
            re.findall(r'<th scope="row">(\w+)</th><td>(\w+)</td>', page),
            [("upload", "source"), ("out", "sink"), ("desk", "delivered")])

    def test_a_failure_tells_its_error_and_the_first_rejected_rows(self):
        self.upload("x,y\n1,2\n3\n")
        self.work(self.pipeline, status=None)
        run, = self.history()
        self.serve()
        page = self.page("/runs/" + run["run"])
        self.assertIn("<h2>Error</h2>", page)
        self.assertIn(run["report"]["error"]["message"],
                      html.unescape(page))
        self.assertIn("<br>Next: a new upload runs by itself; this one again: "
                      "forebay retry %s --state '%s'" % (run["run"][:12],
                                                         self.state),
                      html.unescape(page))
        self.assertIn("First rejected rows", page)
        self.assertIn("row has 1 of 2 cells", page)

    def test_a_retry_and_an_undelivered_message_are_told(self):
        self.upload()
        self.write("store/out", "a file where a folder should be")
        self.write("told.closed", "")
        self.work(self.pipeline, status=None)
        self.work(self.pipeline, status=None)
        run, = self.history()
        self.assertEqual((run["state"], run["attempts"]), ("retry", 2))
        self.serve()
        self.assertIn("will be retried", self.page("/"))
        self.assertIn("attempt 2", self.page("/runs"))
        page = self.page("/runs/" + run["run"])
        self.assertIn("the desk is closed", page)
        self.assertIn("waits", page)
        metrics = self.page("/metrics")
        self.assertRegex(
            metrics, r'forebay_outbox_messages\{pipeline="shop"\} [12]\n')
        self.assertRegex(metrics, r'outcome="retry"\} 1\n')

    def test_runs_are_filtered(self):
        self.upload(name="good.csv")
        self.work(self.pipeline)
        self.upload("x,y\n1\n", name="bad.csv")
        self.work(self.pipeline, status=None)
        self.serve()
        self.assertEqual(self.page("/runs").count("<tr><td>"), 2)
        done = self.page("/runs?outcome=done&pipeline=shop&days=1")
        self.assertEqual(done.count("<tr><td>"), 1)
        self.assertIn("good.csv", done)
        self.assertIn('<option value="done" selected>', done)
        self.assertIn("No runs.", self.page("/runs?pipeline=other"))
        self.assertIn("No runs.", self.page("/runs?outcome=retry"))

    def test_many_runs_come_page_by_page(self):
        for i in range(103):
            self.upload(name="f%03d.csv" % i)
        self.work(self.pipeline)
        self.serve()
        first = self.page("/runs?pipeline=shop")
        self.assertEqual(first.count("<tr><td>"), 100)
        older = html.unescape(re.search(r'rel="next" href="([^"]+)"',
                                        first)[1])
        second = self.page(older)
        self.assertEqual(second.count("<tr><td>"), 3)
        self.assertNotIn('rel="next"', second)
        ids = re.findall(r"/runs/([0-9a-f]+)", first + second)
        self.assertEqual(len(set(ids)), 103)

    def test_names_that_are_mark_up_are_shown_as_they_are(self):
        self.upload(name=HOSTILE)
        self.work(self.pipeline, status=65)
        run = self.history()[0]["run"]
        self.serve()
        for target in ("/", "/runs", "/runs/" + run):
            page = self.page(target)
            self.assertNotIn("<img", page)
            self.assertNotIn("\x1b", page)
        self.assertIn("&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;",
                      page)

    def test_a_run_that_is_under_way_has_no_report_yet(self):
        self.upload()
        self.write("told.stall", "")
        env = self.environment()
        run = subprocess.Popen(
            [forebay.PROGRAM, "run", self.pipeline, "--state", self.state,
             "--ignore-window"], env=env, cwd=forebay.TOP,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.wait_for("told.stalled")
            self.serve()
            self.assertIn("shop", self.page("/runs"))  # while it writes
        finally:
            run.kill()
            run.wait()

    def wait_for(self, name):
        until = time.monotonic() + 60
        while not os.path.exists(self.path(name)):
            self.assertLess(time.monotonic(), until, name)
            time.sleep(0.02)

    def test_it_can_begin_before_the_first_run(self):
        self.serve()
        self.assertEqual(self.server.get("/healthz").status, 503)
        page = self.page("/", status=503)
        self.assertNotIn(self.state, page)
        self.assertFalse(os.path.exists(self.state))
        self.upload()
        self.work(self.pipeline)
        self.assertEqual(self.page("/healthz"), "ok\n")
        self.assertIn(" done<", self.page("/"))
        self.assertIn("cannot read the state folder", self.said())

    def test_a_ledger_that_was_put_back_is_looked_at(self):
        self.upload()
        self.work(self.pipeline)
        backup = self.path("backup")
        shutil.copytree(self.state, backup)
        self.upload("x\n2\n", name="later.csv")
        self.work(self.pipeline)
        self.serve()
        self.assertIn("later.csv", self.page("/runs"))
        for name in os.listdir(self.state):
            if name.startswith("ledger.sqlite-"):
                os.unlink(os.path.join(self.state, name))
        os.rename(os.path.join(backup, "ledger.sqlite"),
                  os.path.join(self.state, "ledger.sqlite"))
        page = self.page("/runs")
        self.assertNotIn("later.csv", page)
        self.assertEqual(page.count("<tr><td>"), 1)

    def test_looking_changes_nothing_in_the_state(self):
        self.upload()
        self.work(self.pipeline)
        before = {name: self.read("state/" + name)
                  for name in self.files("state") if "shm" not in name}
        self.serve()
        self.page("/")
        self.page("/metrics")
        self.stop_server()
        self.assertEqual(before, {
            name: self.read("state/" + name)
            for name in self.files("state") if "shm" not in name})


class Metrics(Serving):
    SAMPLE = re.compile(
        r'^([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? '
        r'(-?\d+)$')

    def read_metrics(self, text):
        """The samples, after what a strict reader demands: each metric in one
        group that begins with its help and its type, each once; no sample
        twice; a line feed at the end.
        https://prometheus.io/docs/instrumenting/exposition_formats/"""
        values, seen, metric = {}, set(), None
        self.assertTrue(text.endswith("\n"))
        lines = iter(text[:-1].split("\n"))
        for line in lines:
            if line.startswith("# HELP "):
                metric, what = line.split(" ", 3)[2:]
                self.assertRegex(metric, r"^forebay_[a-z_]+$")
                self.assertNotIn("\\", what)
                self.assertNotIn(metric, seen)
                seen.add(metric)
                self.assertEqual(next(lines), "# TYPE %s gauge" % metric)
                continue
            name, labels, value = self.SAMPLE.match(line).groups()
            self.assertEqual(name, metric)
            self.assertNotIn((name, labels), values)
            names = re.findall(r'([a-z]+)="', labels or "")
            self.assertEqual(len(names), len(set(names)))
            values[name, labels] = int(value)
        return values

    def test_they_can_be_read_when_nothing_ran_yet(self):
        os.mkdir(self.path("store/raw"))
        self.work(self.pipeline)  # there is a ledger, and nothing in it
        self.serve()
        values = self.read_metrics(self.page("/metrics"))
        self.assertEqual(values["forebay_lag_seconds", 'pipeline="shop"'], 0)
        self.assertNotIn("forebay_last_success_timestamp_seconds",
                         {name for name, _ in values})

    def test_they_can_be_read_by_the_rules_of_the_format(self):
        self.upload("x\n1\n2\n")
        self.work(self.pipeline)
        self.upload("x,y\n1\n", name="bad.csv")
        self.work(self.pipeline, status=None)
        self.serve()
        answer = self.server.get("/metrics")
        self.assertEqual(answer.headers["content-type"],
                         "text/plain; version=0.0.4; charset=utf-8")
        values = self.read_metrics(answer.text)
        self.assertEqual(values["forebay_runs",
                                'pipeline="shop",outcome="done"'], 1)
        self.assertEqual(values["forebay_last_success_rows",
                                'pipeline="shop",kind="read"'], 2)
        age = values["forebay_last_success_age_seconds", 'pipeline="shop"']
        self.assertLess(age, 300)
        self.assertEqual(values["forebay_lag_seconds", 'pipeline="shop"'], 0)
        self.assertIn(("forebay_build_info", 'version="%s"' % re.search(
            r"forebay (\S+)", self.forebay("--version").out)[1]), values)


class Protocol(Serving):
    def setUp(self):
        super().setUp()
        self.upload()
        self.work(self.pipeline)

    def test_every_answer_carries_the_headers_that_protect(self):
        self.serve()
        for target in ("/", "/runs", "/nope", "/metrics", "/healthz",
                       "/style.css", "/%zz"):
            headers = self.server.get(target).headers
            self.assertIn("default-src 'none'",
                          headers["content-security-policy"])
            self.assertIn("frame-ancestors 'none'",
                          headers["content-security-policy"])
            self.assertEqual(headers["x-content-type-options"], "nosniff")
            self.assertEqual(headers["referrer-policy"], "no-referrer")
            self.assertEqual(headers["cache-control"], "no-store")
            self.assertNotIn("server", headers)
            self.assertNotIn("strict-transport-security", headers)

    def test_head_is_get_without_a_body(self):
        self.serve()
        got, head = self.server.get("/runs"), self.server.get("/runs", "HEAD")
        self.assertEqual(head.status, 200)
        self.assertEqual(head.body, b"")
        self.assertEqual(head.headers["content-length"],
                         str(len(got.body)))

    def test_anything_but_looking_is_refused(self):
        self.serve()
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE",
                       "FOO"):
            answer = self.server.get("/", method)
            self.assertEqual(answer.status, 405, method)
            self.assertEqual(answer.headers["allow"], "GET, HEAD")
        answer = self.server.send(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n"
            "\r\nabc")
        self.assertEqual(answer.status, 405)

    def test_a_connection_is_kept_for_the_next_request(self):
        self.serve()
        with self.server.connect() as s:
            for last in (False, False, True):
                s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
                          + (b"Connection: close\r\n" if last else b"")
                          + b"\r\n")
                if not last:
                    got = b""
                    while not got.endswith(b"ok\n"):
                        more = s.recv(4096)
                        self.assertNotEqual(more, b"")
                        got += more
            self.assertEqual(serving.read_answer(s).status, 200)

    def test_a_path_leads_to_no_file(self):
        self.serve()
        for target in ("/../../../../etc/passwd", "/..%2f..%2fetc/passwd",
                       "/%2e%2e/etc/passwd", "//etc/passwd",
                       "/runs/..%2f..%2fledger.sqlite",
                       "/runs/../ledger.sqlite",
                       "/dashboards/shop/out/..%2f..%2fstate%2fledger.sqlite",
                       "/dashboards/../../x/y", "/ledger.sqlite"):
            answer = self.server.get(target)
            self.assertEqual(answer.status, 404, target)
            self.assertNotIn(b"root:", answer.body)
        self.assertEqual(self.server.get("/%00").status, 400)
        self.assertEqual(self.server.get("http://localhost/").status, 400)

    def test_on_loopback_another_name_is_refused(self):
        self.serve("--host", "reports.example")
        for host, status in (("localhost", 200), ("127.0.0.1:1", 200),
                             ("[::1]:80", 200), ("reports.example", 200),
                             ("evil.example", 421),
                             ("127.0.0.1.evil.example", 421)):
            self.assertEqual(self.server.get("/", Host=host).status, status,
                             host)
        self.assertEqual(self.server.get("/", Host=None).status, 400)

    def test_a_head_that_is_too_long_is_refused(self):
        self.serve()
        answer = self.server.get("/", X_Long="a" * 100000)
        self.assertIn(answer.status, (None, 400, 413, 431))
        answer = self.server.get("/" + "a" * 100000)
        self.assertIn(answer.status, (None, 400, 414))
        self.assertEqual(self.page("/healthz"), "ok\n")

    def test_what_is_no_http_harms_nothing(self):
        self.serve()
        for junk in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n",
                     b"\r\n\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                     b"\x00" * 1000 + b"\r\n\r\n"):
            with self.server.connect() as s:
                s.sendall(junk)
                s.shutdown(socket.SHUT_WR)
                serving.wait_closed(s, 30)
        self.assertEqual(self.page("/healthz"), "ok\n")

    def test_who_sends_slowly_is_cut_off(self):
        self.serve()
        s = self.server.connect()
        self.addCleanup(s.close)
        begin = time.monotonic()
        s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        s.settimeout(0.5)
        while time.monotonic() - begin < 40:
            try:
                s.sendall(b"X-A: b\r\n")
                if s.recv(100) == b"":
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        took = time.monotonic() - begin
        self.assertLess(took, 30)
        self.assertGreater(took, 5)
        self.assertEqual(self.page("/healthz"), "ok\n")

    def test_many_who_say_nothing_keep_nobody_out_for_long(self):
        self.serve()
        idle = [self.server.connect() for _ in range(700)]
        try:
            begin = time.monotonic()
            self.assertEqual(self.page("/healthz"), "ok\n")
            self.assertLess(time.monotonic() - begin, 45)
        finally:
            for s in idle:
                s.close()


PAGES = """\
pipeline: pages
trigger: {uri: "${STORE}/raw/*.csv"}
sources: {upload: {uri: "${trigger.uri}", on_reject: fail}}
sinks:
  page: {uri: "${STORE}/out/page \u58f2 & <b>.html", inputs: [upload]}
  data: {uri: "${STORE}/out/data.csv", inputs: [upload]}
"""
TARGET = "/dashboards/pages/page/page%20%E5%A3%B2%20%26%20%3Cb%3E.html"


class Dashboards(Serving):
    """Any object whose name ends in .html will do."""

    STORE = None

    def setUp(self):
        super().setUp()
        self.pages = self.write("pages.yaml", PAGES)
        self.put("<h1>one</h1>\n")
        self.work(self.pages, env=self.store_env())
        self.serve(pipelines=[self.pages, self.pipeline],
                   env=self.store_env())

    def store_env(self):
        return {}

    def put(self, text):
        self.upload("<script>x</script>\n" + text)

    def remove(self):
        os.unlink(self.path("store/out/page \u58f2 & <b>.html"))

    def test_it_is_passed_on_as_it_lies_in_its_store(self):
        answer = self.server.get(TARGET)
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(answer.text, "<script>x</script>\n<h1>one</h1>\n")
        self.assertEqual(answer.headers["content-type"],
                         "text/html; charset=utf-8")
        policy = answer.headers["content-security-policy"]
        # No plugin says that it wrote these scripts, so none of them runs.
        self.assertTrue(policy.startswith("sandbox; "), policy)
        self.assertNotIn("script-src", policy)
        self.assertNotIn("cross-origin-opener-policy", answer.headers)
        self.assertIn("default-src 'none'", policy)
        head = self.server.get(TARGET, "HEAD")
        self.assertEqual((head.status, head.body), (200, b""))

    def test_the_list_of_pipelines_leads_to_it(self):
        page = self.page("/")
        self.assertIn('href="%s">page \u58f2 &amp; &lt;b&gt;.html</a>' % TARGET,
                      page)
        self.assertNotIn("data.csv", page)

    def test_the_next_success_replaces_it_at_once(self):
        self.page(TARGET)
        time.sleep(0.01)
        self.put("<h1>two</h1>\n")
        self.work(self.pages, env=self.store_env())
        self.assertIn("<h1>two</h1>", self.page(TARGET))

    def test_a_failure_after_it_leaves_it(self):
        self.upload("a,b\n1\n", name="bad.csv")
        self.work(self.pages, status=None, env=self.store_env())
        self.assertIn("<h1>one</h1>", self.page(TARGET))

    def test_nothing_else_of_the_store_is_passed_on(self):
        for target in ("/dashboards/pages/data/data.csv",
                       "/dashboards/pages/page/data.csv",
                       "/dashboards/pages/page/a.csv",
                       "/dashboards/pages/upload/a.csv",
                       "/dashboards/shop" + TARGET[len("/dashboards/pages"):],
                       "/dashboards/other/page/x.html",
                       "/dashboards/pages/page/..%2fout%2fdata.csv",
                       TARGET + "/", TARGET.replace("page/", "data/")):
            self.assertEqual(self.server.get(target).status, 404, target)

    def test_one_that_is_gone_is_said_to_be_unreadable(self):
        self.remove()
        answer = self.server.get(TARGET)
        self.assertEqual(answer.status, 502)
        self.assertNotIn("out/", answer.text)
        self.assertIn("not-fetched", self.said())

    def test_many_who_ask_at_once_get_it(self):
        answers = []

        def ask():
            answers.append(self.server.get(TARGET))
        threads = [threading.Thread(target=ask) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({a.status for a in answers}, {200})
        self.assertEqual(len({a.body for a in answers}), 1)


class Kept(Serving):
    def test_what_is_kept_of_dashboards_is_bounded(self):
        """64 MiB: the third of 30 puts the first away; so it is read anew."""
        sinks = "".join(
            '  s%d: {uri: "${STORE}/%d.html", inputs: [upload]}\n' % (i, i)
            for i in range(3))
        pipeline = self.write("pages.yaml", PAGES[:PAGES.index("sinks:")]
                              + "sinks:\n" + sinks)
        self.upload()
        self.work(pipeline)
        self.serve(pipelines=[pipeline])
        targets = ["/dashboards/pages/s%d/%d.html" % (i, i) for i in range(3)]
        for i in range(3):
            self.write("store/%d.html" % i, b"a" * (30 << 20))
        for target in targets[:2]:
            self.assertEqual(len(self.server.get(target).body), 30 << 20)
        for i in range(2):
            self.write("store/%d.html" % i, b"new")
        for target in targets:  # two are kept, and there is room for them
            self.assertEqual(len(self.server.get(target).body), 30 << 20)
        self.assertEqual(self.server.get(targets[0]).body, b"new")


class DashboardsInS3(Dashboards):
    """The bucket is private; the server signs its requests."""

    def setUp(self):
        self.s3 = fake_s3.Store()
        self.fake = fake_s3.Server(self.s3)
        self.addCleanup(self.fake.stop)
        super().setUp()

    def store_env(self):
        return dict(self.fake.environment(), STORE="s3://bucket")

    def upload(self, content="x\n1\n", name="a.csv"):
        self.s3.put("raw/" + name, content.encode())

    def remove(self):
        self.s3.objects.clear()

    def test_one_fetch_serves_all_who_ask_within_a_moment(self):
        self.test_many_who_ask_at_once_get_it()
        self.assertEqual(self.s3.seen("GET", "/out/page"), 1)

    def test_a_store_that_hangs_keeps_nobody_else_waiting(self):
        asked, go_on = threading.Event(), threading.Event()
        self.addCleanup(go_on.set)

        def hang(method, target, *_):
            if "/out/page" in target:
                asked.set()
                go_on.wait(60)
        self.s3.before = hang
        s = self.server.connect()
        self.addCleanup(s.close)
        s.sendall(("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                   % TARGET).encode())
        self.assertTrue(asked.wait(60))
        self.assertEqual(self.page("/healthz"), "ok\n")
        self.page("/")
        begin = time.monotonic()
        self.stop_server()
        self.assertLess(time.monotonic() - begin, 40)


class Tokens(Serving):
    def setUp(self):
        super().setUp()
        self.upload()
        self.work(self.pipeline)

    def test_another_address_than_loopback_needs_a_token(self):
        run = self.forebay("serve", "--state", self.state, "--listen",
                           "0.0.0.0:0", self.pipeline, status=2)
        self.assertIn("only a loopback address is served without a token",
                      run.err)
        self.assertIn("--hash-token", run.err)

    def test_without_a_token_there_is_401_and_nothing_else(self):
        self.serve("--token-file", self.token_file(), listen="0.0.0.0:0")
        self.assertEqual(self.server.who, "a token is demanded")
        self.assertIn("no-tls", self.said())
        for target in ("/", "/runs", "/metrics", "/healthz", "/style.css",
                       "/nope", "/%zz", "/runs/x"):
            for method in ("GET", "HEAD", "POST"):
                answer = self.server.get(target, method, Host="any.example")
                self.assertEqual(answer.status, 401, target)
                self.assertEqual(answer.body, b"")
                self.assertNotIn("content-type", answer.headers)
                self.assertEqual(answer.headers["www-authenticate"],
                                 'Basic realm="forebay", charset="UTF-8"')

    def test_with_the_token_everything_is_there(self):
        self.serve("--token-file", self.token_file("another long token",
                                                   TOKEN),
                   listen="0.0.0.0:0")
        basic = base64.b64encode(b"anybody:" + TOKEN.encode()).decode()
        for value in ("Bearer " + TOKEN, "Basic " + basic,
                      "Bearer another long token"):
            answer = self.server.get("/", Authorization=value,
                                     Host="any.example")
            self.assertEqual(answer.status, 200)
            self.assertIn("shop", answer.text)
        answer = self.server.get("/", "POST", Authorization=value)
        self.assertEqual(answer.status, 405)

    def test_a_wrong_token_is_refused_and_many_are_not_looked_at(self):
        self.serve("--token-file", self.token_file(), listen="0.0.0.0:0")
        for _ in range(8):
            answer = self.server.get("/", Authorization="Bearer wrong one!")
            self.assertEqual((answer.status, answer.body), (401, b""))
        answer = self.server.get("/", Authorization="Bearer " + TOKEN)
        self.assertEqual(answer.status, 401)
        said = self.said()
        self.assertIn("wrong token", said)
        self.assertIn("too many wrong tokens", said)
        self.assertNotIn("wrong one!", said)
        self.assertNotIn(TOKEN, said)

    def test_a_token_can_be_demanded_on_loopback_too(self):
        self.serve("--token-file", self.token_file())
        self.assertEqual(self.server.get("/").status, 401)

    def test_a_token_in_clear_is_no_token_file(self):
        path = self.write("tokens", TOKEN + "\n")
        os.chmod(path, 0o600)
        run = self.forebay("serve", "--state", self.state, "--token-file",
                           path, self.pipeline, status=78)
        self.assertNotIn(TOKEN, run.err)
        self.assertIn("--hash-token", run.err)

    def test_what_is_hashed_is_not_shown(self):
        self.token_file()
        line = self.read("tokens").decode()
        self.assertRegex(line, r"^\$y\$\S+\n$")
        self.assertNotIn(TOKEN, line)


class Life(Serving):
    def setUp(self):
        super().setUp()
        self.upload()
        self.work(self.pipeline)

    def test_a_signal_ends_it_at_once_when_nobody_waits(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            self.serve()
            self.page("/")
            idle = self.server.connect()
            begin = time.monotonic()
            status, _ = self.server.stop(number)
            idle.close()
            self.assertEqual(status, 0)
            self.assertLess(time.monotonic() - begin, 4)
            self.assertIn("stopping", self.said())
            self.server = None

    def test_a_signal_under_load_cuts_no_answer(self):
        self.serve()
        answers, over = [], threading.Event()

        def ask():
            while not over.is_set():
                try:
                    raw = self.server.get("/runs")
                except OSError:
                    return  # not let in any more
                if raw.status is not None:
                    answers.append(raw)
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        status, _ = self.server.stop()
        over.set()
        for thread in threads:
            thread.join()
        self.server = None
        self.assertEqual(status, 0)
        self.assertGreater(len(answers), 10)
        for answer in answers:
            self.assertEqual(answer.status, 200)
            self.assertEqual(len(answer.body),
                             int(answer.headers["content-length"]))

    def test_an_address_in_use_is_named(self):
        self.serve()
        listen = "127.0.0.1:%d" % self.server.port
        run = self.forebay("serve", "--state", self.state, "--listen", listen,
                           self.pipeline, status=69)
        self.assertIn("cannot listen on '%s'" % listen, run.err)

    def test_a_pipeline_that_is_wrong_is_told_as_by_check(self):
        path = self.write("wrong.yaml", "pipeline: x\nsource: {}\n")
        run = self.forebay("serve", "--state", self.state, path, status=78)
        check = self.forebay("check", path, status=78)
        self.assertEqual(run.err, check.err)

    def test_it_needs_pipelines_each_with_a_name_of_its_own(self):
        self.forebay("serve", status=2)
        run = self.forebay("serve", self.pipeline, self.pipeline, status=2)
        self.assertIn("named twice", run.err)

    def test_it_speaks_tls_when_it_is_given_a_certificate(self):
        pem = os.path.join(forebay.TOP, "tests", "e2e", "localhost.pem")
        self.serve("--tls-cert", pem, "--tls-key", pem)
        self.assertEqual(self.server.scheme, "https")
        context = ssl.create_default_context(cafile=pem)
        with context.wrap_socket(self.server.connect(),
                                 server_hostname="localhost") as s:
            s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n"
                      b"Connection: close\r\n\r\n")
            answer = serving.read_answer(s)
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["strict-transport-security"],
                         "max-age=31536000")

    def test_a_key_that_is_none_is_told_before_anything_is_served(self):
        pem = os.path.join(forebay.TOP, "tests", "e2e", "localhost.pem")
        run = self.forebay("serve", "--state", self.state, "--listen",
                           "127.0.0.1:0", "--tls-cert", pem, "--tls-key",
                           self.pipeline, self.pipeline, status=78)
        self.assertEqual(run.out, "")
        self.assertIn("are certificate and key a pair, in PEM?", run.err)

    def test_files_that_are_not_there_are_a_mistake_of_the_configuration(self):
        pem = os.path.join(forebay.TOP, "tests", "e2e", "localhost.pem")
        none = self.path("none")
        for flags in (("--tls-cert", none, "--tls-key", pem),
                      ("--tls-cert", pem, "--tls-key", self.path(".")),
                      ("--token-file", none)):
            run = self.forebay("serve", "--state", self.state, "--listen",
                               "127.0.0.1:0", *flags, self.pipeline, status=78)
            self.assertRegex(run.err, "cannot (open|read)( the token file)? '")

    def test_a_certificate_needs_its_key(self):
        run = self.forebay("serve", "--tls-cert", "x.pem", self.pipeline,
                           status=2)
        self.assertIn("--tls-cert and --tls-key come together", run.err)


if __name__ == "__main__":
    forebay.unittest.main()
