"""A connection that breaks in any request of a run changes nothing in its
result. The n-th request is hit, for n = 1, 2, ... until a run passes
untouched: once before it has an effect, once after, once with a busy server
instead of an answer. Then comes one undisturbed run, and all must be as if
nothing had ever been wrong.
"""

import json

import aws_services
from test_aws import AS_OF, ORDERS, rows, sample

COPY = """\
pipeline: copy
vars: {STORE: "s3://bucket", NOTIFY: "log:"}
settings: {s3: {part_size: 5MiB, parallel: 2}}
trigger: {uri: "${STORE}/raw/*.csv", on_success: %s}
sources: {upload: {uri: "${trigger.uri}", on_reject: fail}}
sinks: {out: {uri: "${STORE}/out/${trigger.name}", if_exists: fail}}
notifiers: {ops: {uri: "${NOTIFY}", on: [success, failure]}}
"""
ONCE = {"AWS_MAX_ATTEMPTS": "1"}  # what breaks fails, and is for the next run
SOON = {"AWS_NEW_RETRIES_2026": "true"}  # shorter pauses: a test waits, too
PROOF = ".forebay-proof-"  # what a sink tries conditions with
ENDLESS = 100  # requests; a run has far fewer

setUpModule = aws_services.start


class Faults(aws_services.Case):
    versioned = True  # so that a second effect leaves a trace

    def setUp(self):
        super().setUp()
        self.topic = self.services.make_topic()
        self.queue = self.services.make_queue()
        self.services.subscribe(self.topic, self.queue)

    def begin(self, name, files):
        """As a new case, but for the folder."""
        self.assert_no_secrets()
        self.front.forget()
        self.bucket = self.services.make_bucket(self.versioned)
        self.state = self.path("state-" + name)
        for key, data in files.items():
            self.put(key, data)

    def go(self, pipeline, arguments, env):
        return self.work(pipeline, *arguments, status=None,
                         env={"NOTIFY": self.topic, **SOON, **env})

    def golden(self, pipeline, files, arguments):
        """What an undisturbed run leaves."""
        self.begin("golden", files)
        run = self.go(pipeline, arguments, {})
        self.assertEqual(run.status, 0, str(run))
        self.assertEqual(len(self.queue.receive()), 1)
        return self.services.contents(self.bucket)

    def disturb(self, pipeline, files, kinds, *arguments, env=None):
        """The loop. How many requests an untouched run makes."""
        golden = self.golden(pipeline, files, arguments)
        self.assertGreater(len(golden), 0)
        for number in range(1, ENDLESS):
            hit = True
            for kind in kinds:
                with self.subTest(request=number, kind=kind):
                    self.begin("%d-%s" % (number, kind), files)
                    self.front.fault(number, kind)
                    hit = self.disturb_once(pipeline, golden, arguments,
                                            env or {})
            if not hit:
                return number - 1
        raise AssertionError("a run makes %d requests" % ENDLESS)

    def disturb_once(self, pipeline, golden, arguments, env):
        run = self.go(pipeline, arguments, env)
        hit = not self.front.faults
        at = [r for r in self.front.requests
              if r.status not in (200, 204, 206, 404)
              and not (r.status == 412 and PROOF in r.target)]
        self.assertEqual(len(at), 1 if hit else 0)
        told = self.queue.receive()
        self.assert_honest(run, golden, told)
        again = self.go(pipeline, arguments, {})
        self.assertEqual(again.status, 0, "%s\n%s\n%s" % (at, run, again))
        told += self.queue.receive()
        self.assertEqual(self.services.contents(self.bucket), golden,
                         "%s\n%s" % (at, run))
        self.assert_one_generation(golden)
        self.assert_told(told)
        self.assert_no_uploads(at)
        last = self.go(pipeline, arguments, {})
        self.assertEqual((last.status, last.runs()), (0, []), str(last))
        self.assertEqual(self.queue.receive(), [])
        return hit

    def assert_honest(self, run, golden, told):
        """0 says that everything is done; all else says what is not. A
        trigger that could not be moved is for the next time, and said."""
        if run.status != 0:
            self.assertIn(run.status, (69, 75), str(run))
            self.assertIn("cannot ", run.err)
            return
        self.assertGreater(len(told), 0, str(run))
        there = self.keys()
        for key in golden:
            if key.startswith(("raw/", "done/")):
                self.assertTrue(key in there or "trigger-not-settled" in
                                run.err, "%s: %s" % (key, run))
            else:
                self.assertIn(key, there, str(run))

    def assert_one_generation(self, golden):
        """Nothing was visible but what is to be, and that once."""
        written = [key for key in self.services.versions(self.bucket)
                   if not key.startswith("raw/") and PROOF not in key]
        self.assertEqual(written, sorted(
            key for key in golden if not key.startswith("raw/")))

    def assert_told(self, told):
        """Of the success at least once; a message that comes twice says so.
        """
        outcomes = {}
        for message in told:
            attributes = json.loads(message)["MessageAttributes"]
            outcomes[attributes["message_id"]["Value"]] = \
                attributes["outcome"]["Value"]
        self.assertEqual(
            [o for o in outcomes.values() if o == "success"], ["success"],
            told)

    def assert_no_uploads(self, at):
        """But for one whose id nobody was told, until it is old enough."""
        unknown = at and at[0].status == "after" \
            and "uploads" in at[0].arguments and at[0].method == "POST"
        self.assertLessEqual(len(self.services.uploads(self.bucket)),
                             1 if unknown else 0, at)


class OfTheOrders(Faults):
    """The shipped pipeline: two outputs, one message."""

    FILES = {"raw/orders.csv": sample("orders.csv")}

    def test_the_run_itself_goes_on(self):
        count = self.disturb(ORDERS, self.FILES, ("before", "after", 503),
                             *AS_OF)
        self.assertGreaterEqual(count, 8)

    def test_or_the_next_one_does(self):
        self.disturb(ORDERS, self.FILES, ("before", "after", 500), *AS_OF,
                     env=ONCE)


class OfParts(Faults):
    """An output of several parts that must be new, and a trigger that goes
    when all is done."""

    def disturb_copy(self, on_success, kinds, **more):
        pipeline = self.write("copy.yaml", COPY % on_success)
        count = self.disturb(pipeline, {"raw/big.csv": rows(5)}, kinds,
                             **more)
        self.assertGreaterEqual(count, 10)

    def test_the_run_itself_goes_on(self):
        self.disturb_copy("delete", ("before", "after"))

    def test_or_the_next_one_does(self):
        self.disturb_copy('move, move_to: "${STORE}/done"',
                          ("before", "after"), env=ONCE)


if __name__ == "__main__":
    import unittest
    unittest.main()
