"""Runs that a queue starts, against a queue and an S3 in memory: what is
announced is done once, what is done is acknowledged, and a request that is
lost, before or after its effect, changes neither.
"""

import unittest

import fake_s3
import fake_sqs
from fake_sqs import by_eventbridge, by_sns, created, record
from forebay import Told

PIPELINE = """\
pipeline: announced
vars: {NOTIFY: "log:"}
trigger:
  uri: sqs://uploads
  match: s3://bucket/raw/*.csv
  poll: 0s
  wait: %(wait)s%(options)s
sources: {upload: {uri: "${trigger.uri}", on_reject: fail}}
sinks: {out: {uri: "s3://bucket/out/${trigger.name}"}}
notifiers: {ops: {uri: "${NOTIFY}"}}
"""

VISIBILITY = 300  # seconds, the plugin's default


class Sqs(Told):
    max_receives = None

    def setUp(self):
        super().setUp()
        self.s3 = fake_s3.Store()
        self.s3_server = fake_s3.Server(self.s3)
        self.addCleanup(self.s3_server.stop)
        self.queue = fake_sqs.Queue(max_receives=self.max_receives)
        self.queue_server = fake_sqs.Server(self.queue)
        self.addCleanup(self.queue_server.stop)
        self.pipeline = self.make()

    def tearDown(self):
        self.assertEqual(self.s3.surprises, [])
        self.assertEqual(self.queue.surprises, [])

    def make(self, wait="1h", options=""):
        if options:
            options = "\n  " + options
        return self.write("p.yaml", PIPELINE % {"wait": wait,
                                                "options": options})

    def environment(self, env=None):
        made = self.s3_server.environment()
        made.update(self.queue_server.environment())
        made.update(env or {})
        return super().environment(made)

    def upload(self, name, text="x\n1\n", told=True):
        self.s3.put("raw/" + name, text)
        if told:
            self.queue.send(created("raw/" + name))

    def outputs(self):
        return [key for key in self.s3.keys() if key.startswith("out/")]

    def count(self, operation):
        return self.queue.requests.count(operation)


class Announced(Sqs):
    def test_what_is_announced_is_done_and_its_message_deleted(self):
        self.upload("a.csv")
        self.upload("b.csv", told=False)
        report = self.one(self.pipeline)
        self.assertEqual(report["trigger"], "s3://bucket/raw/a.csv")
        self.assertEqual(self.outputs(), ["out/a.csv"])
        self.assertEqual(self.s3.data("out/a.csv"), b"x\n1\n")
        self.assertEqual(self.queue.bodies(), [])
        run = self.work(self.pipeline)
        self.assertEqual(run.idle(), ["nothing due (nothing there)"])

    def test_the_message_is_kept_before_work_and_deleted_after(self):
        self.upload("a.csv")
        self.one(self.pipeline)
        self.assertEqual(self.queue.requests, [
            "GetQueueUrl", "ReceiveMessage", "ReceiveMessage",
            "ChangeMessageVisibility", "DeleteMessage"])

    def test_names_are_data(self):
        names = ["a b.csv", "a+b.csv", "100%.csv", "%41.csv",
                 "\u8868\u30bd\u80fd.csv", "a&b<c>\"d'.csv", "a[1].csv",
                 "a*b?c.csv"]
        for name in names:
            self.upload(name)
        run = self.work(self.pipeline)
        self.assertEqual(len(run.runs()), len(names))
        self.assertEqual(self.outputs(), sorted("out/" + n for n in names))
        self.assertEqual(self.queue.bodies(), [])

    def test_every_messenger_is_understood(self):
        for name in ("a.csv", "b c.csv", "d+e.csv"):
            self.upload(name, told=False)
        self.queue.send(by_sns(created("raw/a.csv")))
        self.queue.send(by_eventbridge("raw/b c.csv"))
        self.queue.send(by_sns(by_eventbridge("raw/d+e.csv")))
        self.work(self.pipeline)
        self.assertEqual(self.outputs(),
                         ["out/a.csv", "out/b c.csv", "out/d+e.csv"])
        self.assertEqual(self.queue.bodies(), [])

    def test_what_comes_again_is_deleted_and_not_done_again(self):
        self.upload("a.csv")
        self.queue.send(created("raw/a.csv"))
        self.one(self.pipeline)
        self.assertEqual(self.queue.bodies(), [])
        self.queue.send(created("raw/a.csv", sequencer="00"))
        run = self.work(self.pipeline)
        self.assertEqual(run.runs(), [])
        self.assertEqual(self.queue.bodies(), [])

    def test_an_upload_that_replaces_another_runs_as_what_it_is(self):
        self.upload("a.csv", "x\n1\n")
        self.upload("a.csv", "x\n2\n")
        self.one(self.pipeline)
        self.assertEqual(self.s3.data("out/a.csv"), b"x\n2\n")
        self.upload("a.csv", "x\n3\n")
        self.one(self.pipeline)
        self.assertEqual(self.s3.data("out/a.csv"), b"x\n3\n")

    def test_many_are_received_in_one_invocation(self):
        for i in range(25):
            self.upload("%02d.csv" % i)
        run = self.work(self.pipeline)
        self.assertEqual(len(run.runs()), 25)
        self.assertEqual(self.count("ReceiveMessage"), 4)
        self.assertEqual(self.queue.bodies(), [])

    def test_a_message_of_several_objects_waits_for_the_last(self):
        self.upload("a.csv", told=False)
        self.queue.send(created("raw/a.csv", "raw/b.csv", "out/c.csv"))
        self.one(self.pipeline)
        self.assertEqual(len(self.queue.bodies()), 1)
        self.queue.skip(VISIBILITY + 1)
        self.upload("b.csv", told=False)
        self.one(self.pipeline)
        self.assertEqual(self.queue.bodies(), [])
        self.assertEqual(self.outputs(), ["out/a.csv", "out/b.csv"])

    def test_what_is_not_the_pipelines_is_deleted(self):
        self.queue.send(created("out/a.csv"))
        self.queue.send(created("raw/a.csv", bucket="another"))
        self.queue.send(fake_sqs.TEST_EVENT)
        self.queue.send(created("raw/a.csv", name="ObjectRemoved:Delete"))
        run = self.work(self.pipeline)
        self.assertEqual(run.idle(), ["nothing due (2 not for this pipeline)"])
        self.assertEqual(self.queue.bodies(), [])
        self.assertEqual(self.s3.requests, [])

    def test_an_object_that_never_comes_is_told(self):
        self.queue.send(created("raw/a.csv"), age=60)
        run = self.work(self.pipeline)
        self.assertEqual(run.idle(), ["nothing due (1 waiting for data)"])
        self.assertEqual(len(self.queue.bodies()), 1)
        self.pipeline = self.make(wait="1m")
        self.assertEqual(self.work(self.pipeline).runs(), [])
        self.queue.skip(VISIBILITY + 1)
        self.work(self.pipeline, status=65)
        self.assertEqual([told[1:] for told in self.told()],
                         [["failure", "a.csv"]])
        self.assertEqual(self.queue.bodies(), [])

    def test_hostile_names_become_no_paths(self):
        self.queue.send(created("raw/../../etc/x.csv"))
        self.queue.send(created("raw/a\nb.csv"))
        self.upload("a\nb.csv", told=False)
        self.work(self.pipeline, status=65)
        self.assertEqual(self.outputs(), [])
        self.assertEqual(self.queue.bodies(), [])
        self.assertEqual(self.told()[0][1], "failure")
        self.assertEqual(len(self.history()), 1)

    def test_the_secret_is_nowhere(self):
        self.upload("a.csv")
        run = self.work(self.pipeline, "--log-format", "json")
        written = [run.out.encode(), run.err.encode()]
        written += [self.read(name) for name in self.files()]
        for data in written:
            self.assertNotIn(fake_s3.SECRET.encode(), data)
            self.assertNotIn(b"message-1/1", data)


class Poison(Sqs):
    max_receives = 3

    def test_what_nobody_understands_goes_where_the_queue_sends_it(self):
        self.queue.send("hello")
        self.upload("a.csv")
        run = self.work(self.pipeline)
        self.assertEqual(len(run.runs()), 1)
        self.assertIn("message-1", run.err)
        for _ in range(4):
            self.queue.skip(VISIBILITY + 1)
            self.work(self.pipeline)
        self.assertEqual([m.body for m in self.queue.dead], ["hello"])
        self.assertEqual(self.outputs(), ["out/a.csv"])

    def test_a_failure_for_good_is_deleted_or_kept(self):
        self.upload("a.csv", "x\n\"1\n")
        self.work(self.pipeline, status=None)
        self.assertEqual(self.queue.bodies(), [])
        self.pipeline = self.make(options="on_failure: keep")
        self.upload("b.csv", "x\n\"1\n")
        self.work(self.pipeline, status=None)
        for _ in range(4):
            self.queue.skip(VISIBILITY + 1)
            self.work(self.pipeline)
        self.assertEqual([m.body for m in self.queue.dead],
                         [created("raw/b.csv")])
        self.assertEqual([told[1:] for told in self.told()],
                         [["failure", "a.csv"], ["failure", "b.csv"]])


class Faults(Sqs):
    """Whatever is lost on the way, the next invocations bring it to an end."""

    def until_quiet(self):
        for _ in range(5):
            self.work(self.pipeline, status=None,
                      env={"AWS_MAX_ATTEMPTS": "1"})
            if not self.queue.bodies():
                return
            self.queue.skip(VISIBILITY + 1)
        self.fail("messages are left: %r" % self.queue.bodies())

    def check_fault(self, number, kind):
        key = "%d%s.csv" % (number, kind)
        self.upload(key)
        self.queue.send(json_of_two(key))
        self.queue.fault(number, kind)
        self.until_quiet()
        puts = self.s3.seen("PUT", "/out/" + key)
        self.assertEqual(puts, 1, (number, kind))
        done = [run for run in self.history()
                if run["trigger"] == "s3://bucket/raw/" + key]
        self.assertEqual([run["state"] for run in done], ["done"])

    def test_no_lost_request_does_work_twice_or_never(self):
        for kind in ("before", "after", "ServiceUnavailable"):
            for number in range(1, 8):
                with self.subTest(number=number, kind=kind):
                    self.check_fault(number, kind)
        self.assertEqual([told[1] for told in self.told()], ["success"] * 21)

    def test_a_lost_request_is_made_again_at_once(self):
        self.upload("a.csv")
        self.queue.fault(1, "after")
        self.queue.fault(6, "before")
        self.one(self.pipeline)
        self.assertEqual(self.queue.requests, [
            "GetQueueUrl", "GetQueueUrl", "ReceiveMessage", "ReceiveMessage",
            "ChangeMessageVisibility", "DeleteMessage", "DeleteMessage"])
        self.assertEqual(self.queue.bodies(), [])
        self.assertEqual(self.outputs(), ["out/a.csv"])

    def test_an_s3_that_is_away_leaves_the_message(self):
        self.upload("a.csv")
        for number in range(1, 4):
            self.s3.fault(number, "ServiceUnavailable")
        self.work(self.pipeline, status=69)
        self.assertEqual(len(self.queue.bodies()), 1)
        self.queue.skip(VISIBILITY + 1)
        self.one(self.pipeline)
        self.assertEqual(self.queue.bodies(), [])


def json_of_two(key):
    """The same object again, with another that is not the pipeline's."""
    return fake_sqs.json.dumps({"Records": [record("raw/" + key),
                                            record("out/" + key)]})


class Allowed(Sqs):
    def test_check_looks_and_receives_nothing(self):
        self.upload("a.csv")
        self.forebay("check", self.pipeline)
        self.assertEqual(self.queue.requests,
                         ["GetQueueUrl", "GetQueueAttributes"])

    def test_check_says_that_there_is_no_queue(self):
        self.queue.name = "others"
        run = self.forebay("check", self.pipeline, status=78)
        self.assertIn("cannot reach 'sqs://uploads': there is no such queue",
                      run.err)

    def test_the_missing_action_is_named(self):
        self.upload("a.csv")
        for operation in ("GetQueueUrl", "ReceiveMessage"):
            self.queue.forbidden = {operation}
            run = self.work(self.pipeline, status=77)
            self.assertIn("allow 'sqs:%s'" % operation, run.err)

    def test_a_run_goes_on_without_the_right_to_keep_its_message(self):
        self.upload("a.csv")
        self.queue.forbidden = {"ChangeMessageVisibility", "DeleteMessage"}
        report = self.one(self.pipeline, status=77)
        self.assertEqual(report["outcome"], "success")
        self.assertIn("trigger-not-renewed", report["said"])
        self.assertIn("trigger-not-settled", report["said"])
        self.queue.forbidden = set()
        self.queue.skip(VISIBILITY + 1)
        self.assertEqual(self.work(self.pipeline).runs(), [])
        self.assertEqual(self.queue.bodies(), [])


if __name__ == "__main__":
    unittest.main()
