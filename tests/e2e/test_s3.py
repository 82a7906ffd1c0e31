"""The plugin `s3` from end to end, against an S3 in memory (fake_s3.py): the
same pipelines as on files give the same bytes, and no request that is lost,
before or after its effect, changes that.
"""

import os
import signal
import subprocess
import threading
import time

import fake_s3
import forebay
from forebay import TOP

ORDERS = os.path.join(TOP, "pipelines", "orders-filter.yaml")
UPLOADS = os.path.join(TOP, "pipelines", "upload-cp932.yaml")
SAMPLES = os.path.join(TOP, "pipelines", "samples")
AS_OF = ["--as-of", "2025-05-10"]
PROOF = ".forebay-proof-"  # what a sink tries conditions with

COPY = """\
pipeline: copy
vars: {STORE: "s3://bucket"}
settings: {s3: {part_size: 5MiB, parallel: 3%(settings)s}}
trigger: {uri: "${STORE}/%(trigger)s"%(options)s}
sources: {upload: {uri: "${trigger.uri}", on_reject: fail}}
sinks: {out: {uri: "${STORE}/out/${trigger.name}"%(sink)s}}
notifiers: {ops: {uri: "log:"}}
"""


def sample(name):
    with open(os.path.join(SAMPLES, name), "rb") as file:
        return file.read()


def rows(megabytes):
    """A CSV file of about that size, without two equal lines."""
    line = "%08d," + "x" * 1014 + "\n"
    count = megabytes << 10
    return ("id,text\n" + "".join(line % i for i in range(count))).encode()


class S3(forebay.Case):
    versioned = False

    def setUp(self):
        super().setUp()
        self.s3 = fake_s3.Store(versioned=self.versioned)
        self.server = fake_s3.Server(self.s3)
        self.addCleanup(self.server.stop)
        self.clean = True  # no request that the fake does not know

    def tearDown(self):
        if self.clean:
            self.assertEqual(self.s3.surprises, [])

    def environment(self, env=None):
        made = self.server.environment()
        made["STORE"] = "s3://bucket"
        made.update(env or {})
        return super().environment(made)

    def copy(self, trigger="raw/*.csv", options="", sink="", settings=""):
        return self.write("copy.yaml", COPY % {
            "trigger": trigger, "options": options, "sink": sink,
            "settings": settings})

    def uploads_left(self):
        return [upload.key for upload in self.s3.uploads.values()]


class Shipped(S3):
    """Both pipelines that come with the program."""

    def on_files(self, pipeline, files, *arguments):
        for name, data in files.items():
            self.write("store/" + name, data, age=60)
        self.one(pipeline, *arguments, env={"STORE": self.store},
                 status=None)
        return {name: self.read("store/" + name)
                for name in self.files("store")}

    def on_s3(self, pipeline, files, *arguments):
        for name, data in files.items():
            self.s3.put(name, data, now=time.time() - 60)
        self.state = self.path("state-of-s3")
        self.one(pipeline, *arguments, status=None)
        return {name: self.s3.data(name) for name in self.s3.keys()}

    def assert_same(self, pipeline, files, *arguments):
        expected = self.on_files(pipeline, files, *arguments)
        self.assertGreater(len(expected), len(files))
        self.assertEqual(self.on_s3(pipeline, files, *arguments), expected)

    def test_orders_are_the_same_bytes_as_on_files(self):
        self.assert_same(ORDERS, {"raw/orders.csv": sample("orders.csv")},
                         *AS_OF)

    def test_uploads_are_the_same_bytes_as_on_files(self):
        self.assert_same(UPLOADS, {"in/prices.csv": sample("prices.csv"),
                                   "in/prices.trg": b""})

    def test_a_second_run_does_nothing_and_says_so(self):
        self.s3.put("raw/orders.csv", sample("orders.csv"))
        self.one(ORDERS, *AS_OF)
        run = self.work(ORDERS, *AS_OF)
        self.assertEqual(run.runs(), [])

    def test_the_same_file_put_there_again_runs_again(self):
        self.s3.put("raw/orders.csv", sample("orders.csv"),
                    now=time.time() - 60)
        self.one(ORDERS, *AS_OF)
        self.s3.put("raw/orders.csv", sample("orders.csv"))
        self.one(ORDERS, *AS_OF)

    def test_the_secret_is_nowhere(self):
        self.s3.put("raw/orders.csv", sample("orders.csv"))
        run = self.work(ORDERS, *AS_OF, "--log-format", "json")
        written = [run.out.encode(), run.err.encode()]
        written += [self.read(name) for name in self.files()]
        written += [self.s3.data(key) for key in self.s3.keys()]
        for data in written:
            self.assertNotIn(fake_s3.SECRET.encode(), data)

    def test_the_object_says_which_run_and_step_wrote_it(self):
        self.s3.put("raw/orders.csv", sample("orders.csv"))
        report = self.one(ORDERS, *AS_OF)
        stored = self.s3.objects["processed/filtered_orders.csv"]
        self.assertTrue(stored.headers["x-amz-meta-forebay-run"].startswith(
            report["run"] + "-"))
        self.assertEqual(stored.headers["content-type"], "text/csv")


class Keys(S3):
    """Names are data."""

    HARD = ["raw/a b.csv", "raw/a+b.csv", "raw/100%.csv", "raw/%41.csv",
            "raw/\u8868\u30bd\u80fd.csv", "raw/\U0001f600.csv",
            "raw/a&b<c>\"d'.csv", "raw/a?b#c.csv", "raw/a[1].csv",
            "raw/=x.csv", "raw/~$x.csv", "raw/" + "n" * 1000 + ".csv"]

    def test_every_name_is_found_read_and_written(self):
        for key in self.HARD:
            self.s3.put(key, "id\n%s\n" % len(key))
        run = self.work(self.copy())
        self.assertEqual(len(run.runs()), len(self.HARD), str(run))
        for key in self.HARD:
            self.assertEqual(self.s3.data("out" + key[len("raw"):]),
                             ("id\n%s\n" % len(key)).encode())

    def test_an_empty_segment_is_a_segment(self):
        self.s3.put("raw//x.csv", "id\n1\n")
        self.s3.put("raw/y.csv", "id\n2\n")
        self.one(self.copy("raw//*.csv"))
        self.assertEqual(self.s3.data("out/x.csv"), b"id\n1\n")
        self.assertNotIn("out/y.csv", self.s3.keys())

    def test_names_that_nothing_may_use_are_refused_one_by_one(self):
        self.s3.put("raw/new\nline.csv", "id\n1\n")
        self.s3.put("raw/good.csv", "id\n2\n")
        run = self.work(self.copy(), status=None)
        outcomes = sorted(r["outcome"] for r in run.runs())
        self.assertEqual(outcomes, ["failure", "success"])
        self.assertNotIn("new\nline", run.err + run.out)

    def test_ten_thousand_and_one_keys_are_all_found(self):
        for i in range(10001):
            self.s3.put("raw/%05d.csv" % i, b"")
        run = self.forebay("run", self.copy(), "--dry-run", "--state",
                           self.state, "--ignore-window")
        found = sum("s3://bucket/raw/" in line
                    for line in run.out.splitlines())
        self.assertEqual(found, 10001)
        self.assertEqual(self.s3.seen("GET"), 11)

    def test_deeper_keys_are_not_even_listed_for_a_flat_pattern(self):
        for i in range(50):
            self.s3.put("raw/old/%d.csv" % i, b"")
        self.s3.put("raw/x.csv", "id\n1\n")
        self.s3.page_size = 10
        self.one(self.copy())
        self.assertEqual(self.s3.seen("GET", "list-type"), 1)


class Large(S3):
    """Outputs of several parts."""

    def setUp(self):
        super().setUp()
        self.data = rows(11)
        self.s3.put("raw/big.csv", self.data)

    def test_parts_go_up_and_become_one_object(self):
        report = self.one(self.copy())
        self.assertEqual(self.s3.data("out/big.csv"), self.data)
        self.assertEqual(self.s3.seen("PUT", "partNumber"), 3)
        self.assertEqual(report["bytes"]["written"], len(self.data))
        self.assertEqual(self.uploads_left(), [])

    def test_input_is_read_in_ranges(self):
        self.one(self.copy())
        self.assertEqual(self.s3.seen("GET", "raw/big.csv"), 3)

    def copy_by_ranges(self, size, parallel):
        with open(self.copy(), encoding="utf-8") as file:
            text = file.read().replace(
                "on_reject: fail",
                "on_reject: fail, part_size: %s, parallel: %d" % (
                    size, parallel))
        return self.write("copy.yaml", text)

    def test_a_part_goes_up_while_the_last_range_has_not_come(self):
        sent = threading.Event()
        waited = []

        def hold(method, target, headers):
            if "partNumber=1&" in target:
                sent.set()
            elif headers.get("Range", "").endswith(
                    "-%d" % (len(self.data) - 1)):
                waited.append(sent.wait(forebay.TIMEOUT / 2))

        self.s3.hold = hold
        self.one(self.copy_by_ranges("1MiB", 4))
        self.assertEqual(waited, [True])
        self.assertEqual(self.s3.data("out/big.csv"), self.data)

    def test_many_ranges_at_a_time_keep_their_order_when_some_are_lost(self):
        for number in range(10, 100, 15):
            self.s3.fault(number, "after")
        self.one(self.copy_by_ranges("64KiB", 16))
        self.assertEqual(self.s3.data("out/big.csv"), self.data)
        self.assertGreater(self.s3.seen("GET", "raw/big.csv"), 170)

    def test_stores_without_checksums_are_served_too(self):
        self.one(self.copy(sink=", checksum: none"))
        self.assertEqual(self.s3.data("out/big.csv"), self.data)

    def test_nothing_is_visible_and_nothing_left_when_the_run_fails(self):
        self.data += b'"unfinished\n'
        self.s3.put("raw/big.csv", self.data)
        self.work(self.copy(), status=65)
        self.assertEqual(self.s3.keys(), ["raw/big.csv"])
        self.assertEqual(self.uploads_left(), [])

    def test_only_uploads_of_the_same_key_and_long_ago_are_aborted(self):
        day = 86400
        for name, key, age in (("old", "out/big.csv", 2 * day),
                               ("young", "out/big.csv", day // 2),
                               ("other", "out/big.csv.gz", 2 * day)):
            self.s3.uploads[name] = fake_s3.Upload(key, {}, "",
                                                   time.time() - age)
        self.one(self.copy())
        self.assertEqual(sorted(self.s3.uploads), ["other", "young"])

    def test_a_run_that_is_told_to_stop_aborts_its_upload(self):
        process = subprocess.Popen(
            [forebay.PROGRAM, "run", self.copy(), "--state", self.state,
             "--ignore-window"], env=self.environment(), cwd=TOP,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def stop(method, target):
            if method == "PUT" and "partNumber=2" in target:
                process.send_signal(signal.SIGTERM)

        self.s3.before = stop
        self.assertEqual(process.wait(forebay.TIMEOUT), 75)
        self.s3.before = None
        self.assertEqual(self.s3.keys(), ["raw/big.csv"])
        self.assertEqual(self.uploads_left(), [])
        self.one(self.copy())
        self.assertEqual(self.s3.data("out/big.csv"), self.data)


class Lost(S3):
    """The n-th request is cut off, once before and once after its effect; or
    the run is killed there, and another one finds what it left."""

    versioned = True  # so that a second effect would leave a trace

    def outcome(self):
        return {key: self.s3.data(key) for key in self.s3.keys()}

    def forget(self):
        self.s3.objects.clear()
        self.s3.versions.clear()
        self.s3.uploads.clear()
        self.s3.requests.clear()
        self.s3.faults.clear()

    def undisturbed(self, pipeline, upload, *arguments):
        upload()
        self.one(pipeline, *arguments)
        return self.outcome(), len(self.s3.requests)

    def assert_no_loss_matters(self, pipeline, upload, *arguments):
        expected, count = self.undisturbed(pipeline, upload, *arguments)
        for number in range(1, count + 1):
            for kind in ("before", "after"):
                with self.subTest(request=number, kind=kind):
                    self.forget()
                    upload()
                    self.state = self.path("state-%d-%s" % (number, kind))
                    self.s3.fault(number, kind)
                    self.one(pipeline, *arguments)
                    self.assertEqual(self.outcome(), expected)
                    self.assert_once()

    def killed(self, pipeline, arguments, number, kind):
        """A run that is killed at its n-th request, whose effect comes or
        does not. True if it lived until then."""
        process = subprocess.Popen(
            [forebay.PROGRAM, "run", pipeline, "--state", self.state,
             "--ignore-window", *arguments], env=self.environment(), cwd=TOP,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def kill(method, target):
            if len(self.s3.requests) == number:
                process.kill()

        self.s3.fault(number, kind)
        self.s3.before = kill
        status = process.wait(forebay.TIMEOUT)
        self.s3.before = None
        self.s3.faults.clear()
        return status == -signal.SIGKILL

    def assert_no_kill_matters(self, pipeline, upload, *arguments):
        expected, count = self.undisturbed(pipeline, upload, *arguments)
        for number in range(1, count + 1):
            for kind in ("before", "after"):
                with self.subTest(request=number, kind=kind):
                    self.forget()
                    upload()
                    self.state = self.path("state-%d-%s" % (number, kind))
                    self.assertTrue(self.killed(pipeline, arguments, number,
                                                kind))
                    self.work(pipeline, *arguments)
                    self.assertEqual(self.outcome(), expected)
                    self.assert_once()
                    self.assertEqual(self.work(pipeline, *arguments).runs(),
                                     [])

    def assert_once(self):
        """No output was made visible twice."""
        written = [key for key, _ in self.s3.versions
                   if not key.startswith("raw/") and PROOF not in key]
        self.assertEqual(sorted(set(written)), sorted(written))

    def test_of_small_objects(self):
        self.assert_no_loss_matters(
            ORDERS, lambda: self.s3.put("raw/orders.csv",
                                        sample("orders.csv")), *AS_OF)

    def test_of_objects_in_parts_that_must_be_new(self):
        data = rows(6)
        self.assert_no_loss_matters(
            self.copy(sink=", if_exists: fail",
                      options=", on_success: delete"),
            lambda: self.s3.put("raw/big.csv", data))

    def test_killed_with_small_objects(self):
        self.assert_no_kill_matters(
            ORDERS, lambda: self.s3.put("raw/orders.csv",
                                        sample("orders.csv")), *AS_OF)

    def test_killed_with_objects_in_parts(self):
        data = rows(6)
        self.assert_no_kill_matters(
            self.copy(sink=", if_exists: fail",
                      options=", on_success: delete"),
            lambda: self.s3.put("raw/big.csv", data))

    def test_of_objects_that_are_moved(self):
        self.assert_no_loss_matters(
            self.copy(options=", on_success: move, "
                              "move_to: 's3://bucket/done'"),
            lambda: self.s3.put("raw/x.csv", "id\n1\n"))


class Trouble(S3):
    def test_a_busy_store_is_asked_again(self):
        self.s3.put("raw/orders.csv", sample("orders.csv"))
        for number in (1, 3, 7):
            self.s3.fault(number, "SlowDown")
        self.one(ORDERS, *AS_OF)
        self.assertIn("processed/filtered_orders.csv", self.s3.keys())

    def test_an_object_replaced_while_it_is_read_fails_the_run(self):
        self.s3.put("raw/x.csv", "id\n1\n", now=time.time() - 60)

        def replace(method, target):
            if method == "GET" and "list-type" not in target:
                self.s3.put("raw/x.csv", "id\n2\n")

        self.s3.before = replace
        report = self.one(self.copy(), status=75)
        self.assertIn("replaced while it was read", report["error"]["message"])
        self.assertEqual(self.s3.keys(), ["raw/x.csv"])

    def test_an_object_of_somebody_else_is_not_replaced(self):
        self.s3.put("raw/x.csv", "id\n1\n")
        self.s3.put("out/x.csv", "theirs")
        report = self.one(self.copy(sink=", if_exists: fail"), status=73)
        self.assertIn("'if_exists' is 'fail'", report["error"]["message"])
        self.assertEqual(self.s3.data("out/x.csv"), b"theirs")

    def test_one_that_comes_at_the_last_moment_is_not_replaced_either(self):
        self.s3.put("raw/x.csv", "id\n1\n")

        def be_first(method, target):
            if method == "PUT" and target.endswith("/x.csv"):
                self.s3.objects.setdefault(
                    "out/x.csv", fake_s3.Stored(b"theirs", {}, '"e"', {},
                                                time.time()))

        self.s3.before = be_first
        self.one(self.copy(sink=", if_exists: fail"), status=73)
        self.assertEqual(self.s3.data("out/x.csv"), b"theirs")

    def test_a_newer_upload_is_not_deleted(self):
        self.s3.put("raw/x.csv", "id\n1\n")

        def replace(method, target):
            if method == "DELETE":
                self.s3.before = None
                self.s3.put("raw/x.csv", "id\n2\n")

        self.s3.before = replace
        pipeline = self.copy(options=", on_success: delete")
        self.one(pipeline)
        self.assertEqual(self.s3.data("raw/x.csv"), b"id\n2\n")
        self.one(pipeline)
        self.assertEqual(self.s3.data("out/x.csv"), b"id\n2\n")
        self.assertEqual(self.s3.keys(), ["out/x.csv"])

    def test_moving_keeps_what_has_the_name_already(self):
        self.s3.put("raw/x.csv", "id\n1\n")
        self.s3.put("done/x.csv", "of yesterday")
        report = self.one(self.copy(
            options=", on_success: move, move_to: 's3://bucket/done/'"))
        self.assertEqual(self.s3.data("done/x.csv"), b"of yesterday")
        self.assertEqual(self.s3.data("done/x.%s.csv" % report["run"]),
                         b"id\n1\n")
        self.assertNotIn("raw/x.csv", self.s3.keys())

    def test_damage_on_the_way_is_found_before_anything_is_visible(self):
        stored = self.s3.put("raw/x.csv", "id\n1\n")
        stored.sums["crc64nvme"] = fake_s3.checksum("crc64nvme", b"other")
        report = self.one(self.copy(), status=69)
        self.assertIn("did not arrive as it is stored",
                      report["error"]["message"])
        self.assertEqual(self.s3.keys(), ["raw/x.csv"])

    def test_a_wrong_secret_is_a_matter_of_permission(self):
        self.s3.put("raw/x.csv", "id\n1\n")
        run = self.work(self.copy(), status=77,
                        env={"AWS_SECRET_ACCESS_KEY": "wrong"})
        self.assertIn("SignatureDoesNotMatch", run.err)

    def test_the_account_of_the_bucket_can_be_insisted_on(self):
        self.s3.put("raw/x.csv", "id\n1\n")
        for owner, status in (("123456789012", 0), ("210987654321", 77)):
            pipeline = self.copy(
                settings=", expected_bucket_owner: '%s'" % owner)
            self.work(pipeline, status=status)


class Versions(S3):
    versioned = True

    def test_an_upload_that_is_replaced_is_still_read_whole(self):
        self.s3.put("raw/x.csv", "id\n1\n", now=time.time() - 60)

        def replace(method, target):
            if method == "GET" and "list-type" not in target:
                self.s3.before = None
                self.s3.put("raw/x.csv", "id\n2\n")

        self.s3.before = replace
        self.one(self.copy())
        self.assertEqual(self.s3.data("out/x.csv"), b"id\n1\n")
        self.one(self.copy())
        self.assertEqual(self.s3.data("out/x.csv"), b"id\n2\n")


class Check(S3):
    def test_says_what_only_writing_can_show(self):
        self.s3.put("raw/x.csv", "id\n1\n")
        run = self.forebay("check", self.copy())
        self.assertIn("s3:PutObject", run.err)
        self.assertEqual(self.s3.keys(), ["raw/x.csv"])

    def test_finds_a_bucket_that_is_not_there(self):
        run = self.forebay("check", self.copy(), status=78,
                           env={"STORE": "s3://another"})
        self.assertIn("there is no bucket 'another'", run.err)

    def test_finds_bad_names_without_asking(self):
        for store in ("s3://Bucket", "s3://b", "s3://192.168.0.1",
                      "s3://x--ol-s3"):
            self.forebay("check", self.copy(), status=78,
                         env={"STORE": store})
        self.assertEqual(self.s3.requests, [])


if __name__ == "__main__":
    import unittest
    unittest.main()
