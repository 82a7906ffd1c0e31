"""Pipelines that run after another one: each success is followed once, in
whatever order and however often forebay is called.
"""

import glob
import os
import shutil
import unittest

import forebay
import test_notes
from engines import duckdb
from forebay import TOP

SAMPLES = os.path.join(TOP, "pipelines", "samples")
SHIPPED = sorted(glob.glob(os.path.join(TOP, "pipelines", "*.yaml")))

FIRST = """\
pipeline: first
trigger: {uri: "${STORE}/raw/*.csv"}
sources: {upload: {uri: "${trigger.uri}", on_reject: fail}}
sinks: {out: {uri: "${STORE}/processed/${trigger.name}"}}
"""

# Reads what is there now, as a query over a table does.
NEXT = """\
pipeline: %s
trigger: {after: %s}
sources: {all: {uri: "${STORE}/processed/a.csv", on_reject: fail}}
sinks: {copy: {uri: "${STORE}/%s/${run.id}.csv"}}
"""


class Following(forebay.Case):
    def setUp(self):
        super().setUp()
        self.first = self.write("first.yaml", FIRST)
        self.next = self.follower("next", "first")

    def follower(self, name, after):
        return self.write(name + ".yaml", NEXT % (name, after, name))

    def upload(self, content="x\n1\n", name="a.csv"):
        self.write("store/raw/" + name, content)

    def ran(self, *pipelines, **more):
        """The names of the pipelines that ran, in this order."""
        return [run["pipeline"] for run in self.work(*pipelines,
                                                     **more).runs()]


class After(Following):
    def test_a_success_is_followed_once(self):
        self.upload()
        self.assertEqual(self.ran(self.first), ["first"])
        self.assertEqual(self.ran(self.next), ["next"])
        for _ in range(3):
            self.assertEqual(self.ran(self.first, self.next), [])
        self.assertEqual(len(self.files("store/next")), 1)

    def test_each_success_is_followed(self):
        self.upload()
        self.ran(self.first, self.next)
        for name in "bcd":
            self.upload("x\n2\n", name + ".csv")
        self.assertEqual(self.ran(self.first, self.next),
                         ["first"] * 3 + ["next"] * 3)
        self.assertEqual(self.ran(self.first, self.next), [])
        self.assertEqual(len(self.files("store/next")), 4)

    def test_a_new_pipeline_follows_the_newest_success_alone(self):
        for name in "abc":
            self.upload(name=name + ".csv")
        self.assertEqual(self.ran(self.first, self.next),
                         ["first"] * 3 + ["next"])
        self.assertEqual(self.ran(self.next), [])

    def test_a_failure_is_not_followed(self):
        self.upload("x\n1,2\n")
        self.assertEqual(self.ran(self.first, self.next, status=65),
                         ["first"])
        self.upload()
        self.assertEqual(self.ran(self.first, self.next), ["first", "next"])

    def test_a_follower_that_failed_is_not_tried_with_the_old_success(self):
        self.upload(name="b.csv")  # so that what it reads is not there
        self.assertEqual(self.ran(self.first, self.next, status=65),
                         ["first", "next"])
        self.assertEqual(self.ran(self.first, self.next), [])
        self.upload()
        self.assertEqual(self.ran(self.first, self.next), ["first", "next"])

    def test_each_of_two_followers_has_its_run(self):
        other = self.follower("other", "first")
        self.upload()
        self.assertEqual(self.ran(self.first, self.next), ["first", "next"])
        self.assertEqual(self.ran(other, self.next, self.first), ["other"])

    def test_a_follower_is_no_object_of_another_state_folder(self):
        self.upload()
        self.ran(self.first)
        self.state = self.path("state-of-another")
        self.assertEqual(self.ran(self.next), [])


class Turns(Following):
    """The order of the files on the command line."""

    def test_a_follower_waits_for_its_turn(self):
        self.upload()
        self.assertEqual(self.ran(self.next, self.first), ["first", "next"])

    def test_a_chain_runs_to_its_end(self):
        third = self.follower("third", "next")
        fourth = self.follower("fourth", "third")
        self.upload()
        self.assertEqual(self.ran(fourth, third, self.next, self.first),
                         ["first", "next", "third", "fourth"])
        self.assertEqual(self.ran(fourth, third, self.next, self.first), [])

    def test_all_others_keep_their_order(self):
        names = ["z", "y", "x"]
        paths = [self.write(n + ".yaml", FIRST.replace(": first", ": " + n)
                            .replace("processed", "of-" + n)) for n in names]
        self.upload()
        self.assertEqual(self.ran(paths[0], self.next, paths[1], self.first,
                                  paths[2]),
                         ["z", "y", "first", "next", "x"])

    def test_those_that_follow_each_other_have_their_turn(self):
        self.follower("next", "other")
        other = self.follower("other", "next")
        run = self.work(self.next, other)
        self.assertEqual([idle["pipeline"] for idle in run.report["idle"]],
                         ["next", "other"])

    def test_one_that_is_followed_from_elsewhere_is_not_waited_for(self):
        self.upload()
        self.ran(self.first)
        self.assertEqual(self.ran(self.next), ["next"])

    def test_a_mistake_in_one_file_keeps_no_other_from_its_turn(self):
        self.upload()
        self.ran(self.first)
        broken = self.write("first.yaml", FIRST.replace("sinks", "snks"))
        self.assertEqual(self.ran(self.next, broken, status=78), ["next"])


class Killed(test_notes.Asking):
    """A follower that dies while it works."""

    def test_it_is_begun_again_and_is_one_run(self):
        first = self.write("first.yaml", FIRST)
        follower = self.write("next.yaml", (
            NEXT % ("next", "first", "next")).replace(
                "sinks:", "transforms: {t: {type: ask, log: \"%s\", die: "
                "close}}\nsinks:" % self.path("log")))
        self.write("store/raw/a.csv", "x\n1\n")
        self.killed(first, follower)
        self.killed(follower, first)
        self.live()
        run = self.work(follower, first)
        self.assertEqual([(r["pipeline"], r["attempt"]) for r in run.runs()],
                         [("next", 3)])
        self.assertEqual(self.work(first, follower).runs(), [])
        self.assertEqual([(r["pipeline"], r["state"]) for r in
                          self.history()], [("next", "done"),
                                            ("first", "done")])
        self.assertEqual(len(self.files("store/next")), 1)


@duckdb()
class Shipped(forebay.Case):
    """What a cron line of all shipped pipelines does."""

    def ran(self):
        run = self.work(*SHIPPED, "--as-of", "2025-05-10")
        return [report["pipeline"] for report in run.runs()]

    def test_all_pipelines_go_from_uploads_to_answers_in_one_call(self):
        shutil.copytree(SAMPLES, self.path("samples"))
        for folder, names in (("raw", ["orders.csv"]),
                              ("in", ["prices.csv", "prices.trg"])):
            os.makedirs(self.path("store/" + folder))
            for name in names:
                shutil.copy(os.path.join(SAMPLES, name),
                            self.path("store/" + folder))
        self.assertEqual(self.ran(), ["orders-filter", "orders-enrichment",
                                      "upload-cp932"])
        self.assertEqual(len([name for name in self.files("store/enriched")
                              if name.endswith(".csv")]), 5)
        self.assertEqual(self.ran(), [])
        os.utime(self.path("store/raw/orders.csv"))
        self.assertEqual(self.ran(), ["orders-filter", "orders-enrichment"])
        self.assertEqual(self.ran(), [])


if __name__ == "__main__":
    unittest.main()
