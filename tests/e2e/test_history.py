"""What is remembered: runs, attempts, locks, and messages not delivered."""

import fcntl
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import time

import forebay

PIPELINE = """\
pipeline: shop
vars: {NOTIFY: "log:"}
trigger: {uri: "${STORE}/raw/*.csv", attempts: 3}
sources: {upload: {uri: "${trigger.uri}", on_reject: fail}}
sinks: {out: {uri: "${STORE}/out/${trigger.name}"}}
notifiers: {desk: {uri: "${NOTIFY}"}}
"""


class Shop(forebay.Told):
    SUMMARY = (r"a\.csv: 1 read = 1 written \+ 0 filtered \+ 0 rejected, "
               r"1 output in \d+\.\d\d s")

    def setUp(self):
        super().setUp()
        self.pipeline = self.write("shop.yaml", PIPELINE)
        self.upload()

    def upload(self, content="x\n1\n", name="a.csv"):
        return self.write("store/raw/" + name, content)

    def states(self):
        return [(run["state"], run["attempts"]) for run in self.history()]


class History(Shop):
    def test_a_run_is_remembered_with_its_report(self):
        report = self.one(self.pipeline)
        kept, = self.history()
        self.assertEqual(
            (kept["run"], kept["pipeline"], kept["state"], kept["attempts"],
             kept["trigger"]),
            (report["run"], "shop", "done", 1, self.store + "/raw/a.csv"))
        self.assertLessEqual(kept["started"], kept["ended"])
        self.assertEqual(kept["report"]["rows"], report["rows"])
        self.assertRegex(kept["summary"], r"^%s$" % self.SUMMARY)

    def test_it_is_one_line_of_text(self):
        report = self.one(self.pipeline)
        run = self.forebay("history", "--state", self.state)
        self.assertRegex(
            run.out, r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ  done      %s  shop"
            r"  %s\n$" % (report["run"][:12], self.SUMMARY))

    def test_one_run_is_told_with_its_report(self):
        report = self.one(self.pipeline)
        for id_ in (report["run"], report["run"][:12]):
            run = self.forebay("history", "--state", self.state, id_)
            line, text = run.out.split("\n", 1)
            self.assertIn("  done      %s  shop  " % report["run"][:12], line)
            self.assertEqual(text, report["printed"])
        kept, = self.history(report["run"])
        self.assertEqual(kept["report"]["rows"], report["rows"])

    def test_a_run_that_is_not_there_or_not_one_is_told(self):
        self.one(self.pipeline)
        self.upload(name="b.csv")
        self.one(self.pipeline)
        run = self.forebay("history", "--state", self.state, "xyz", status=2)
        self.assertIn("there is no run 'xyz'", run.err)
        run = self.forebay("history", "--state", self.state, "", status=2)
        self.assertIn("several runs begin with ''", run.err)

    def test_the_newest_comes_first_and_a_limit_cuts_the_old(self):
        for name in "abc":
            self.upload(name=name + ".csv")
            self.work(self.pipeline)
        names = [os.path.basename(run["trigger"]) for run in self.history()]
        self.assertEqual(names, ["c.csv", "b.csv", "a.csv"])
        self.assertEqual(len(self.history("--limit", "2")), 2)

    def test_one_pipeline_can_be_asked_for(self):
        self.one(self.pipeline)
        other = self.write("other.yaml",
                           PIPELINE.replace("pipeline: shop",
                                            "pipeline: other"))
        self.one(other)
        self.assertEqual(len(self.history()), 2)
        run, = self.history("--pipeline", "other")
        self.assertEqual(run["pipeline"], "other")

    def test_without_runs_it_says_so_and_stdout_is_empty(self):
        run = self.forebay("history", "--state", self.state)
        self.assertEqual(run.out, "")
        self.assertIn("no runs yet", run.err)

    def test_a_refused_file_is_failed_for_good(self):
        self.upload("x\n1,2\n")
        self.work(self.pipeline, status=65)
        self.assertEqual(self.states(), [("failed", 1)])
        self.assertRegex(self.work(self.pipeline).idle()[0],
                         "1 failed before")
        self.assertEqual(self.states(), [("failed", 1)])

    def test_a_mended_file_is_another_run(self):
        self.upload("x\n1,2\n")
        self.work(self.pipeline, status=65)
        self.upload("x\n12\n")
        self.one(self.pipeline)
        self.assertEqual(self.states(), [("done", 1), ("failed", 1)])

    def test_a_file_whose_name_holds_escape_sequences_is_shown_harmless(self):
        self.upload(name="a\x1b[31mred.csv")
        self.work(self.pipeline, status=None)
        run = self.forebay("history", "--state", self.state)
        self.assertNotIn("\x1b", run.out)


class Prune(Shop):
    """What is forgotten must not come back as work."""

    LONG_AGO = "2025-01-06T09:00:00Z"

    def prune(self, *arguments, status=0):
        return self.forebay("history", "--state", self.state, "--prune",
                            *arguments, status=status)

    def test_an_upload_that_was_kept_is_not_handled_again(self):
        self.one(self.pipeline, now=self.LONG_AGO)
        self.upload(name="b.csv")
        self.one(self.pipeline)
        run = self.prune("30")
        self.assertRegex(
            run.out, r"^forgot the reports of 1 runs that ended before "
            r"20\d\d-\S+Z, and 0 runs without a trigger\n$")
        new, old = self.history()
        self.assertIsNone(old["report"])
        self.assertIsNotNone(new["report"])
        self.assertRegex(old["summary"], "^%s$" % self.SUMMARY)
        run = self.work(self.pipeline)
        self.assertEqual(run.idle(), ["nothing due (2 done before)"])
        self.assertEqual(self.prune("30").out.split(" that")[0],
                         "forgot the reports of 0 runs")

    def test_a_message_that_waits_is_delivered_with_its_report(self):
        self.write("told.closed", "")
        self.work(self.pipeline, now=self.LONG_AGO, status=69)
        self.prune("30")
        os.unlink(self.path("told.closed"))
        self.work(self.pipeline)
        self.assertEqual([outcome for _, outcome, _ in self.told()],
                         ["success"])

    def test_data_whose_trigger_file_is_gone_is_not_told_again(self):
        pipeline = self.write("announced.yaml", """\
pipeline: announced
trigger: {uri: "${STORE}/in/*.trg", wait: 1s, on_success: delete}
sources: {upload: {uri: "${trigger.dir}/${trigger.stem}.csv", on_reject: fail}}
sinks: {out: {uri: "${STORE}/out.csv"}}
""")
        self.write("store/in/a.csv", "x\n1\n", age=3600)
        self.write("store/in/a.trg", "", age=3600)
        self.one(pipeline)
        # As if all of it had been long ago.
        db = sqlite3.connect(os.path.join(self.state, "ledger.sqlite"))
        with db:
            db.execute("UPDATE runs SET ended_ms = 1000")
        db.close()
        self.assertIn("reports of 1 runs", self.prune("1").out)
        self.assertEqual(self.work(pipeline).runs(), [])

    def test_a_number_of_days_that_is_none_and_other_flags_are_refused(self):
        for arguments in (["0"], ["36501"], ["30", "--limit", "5"],
                          ["30", "--format", "json"], ["30", "0123"]):
            run = self.prune(*arguments, status=2)
            self.assertIn("--prune", run.err)


class Mistake(Shop):
    """What only the data can show to be wrong in the pipeline: a column that
    no schema promised."""

    WRONG = PIPELINE.replace(
        "sinks:", "transforms: {big: {type: filter, where: \"y = '1'\"}}\n"
        "sinks:")

    def setUp(self):
        super().setUp()
        self.write("shop.yaml", self.WRONG)
        run = self.work(self.pipeline, status=78)
        self.assertIn("no column 'y'", run.runs()[0]["error"]["message"])

    def test_the_same_pipeline_does_not_run_again(self):
        self.assertRegex(self.work(self.pipeline).idle()[0],
                         "1 failed before")
        self.assertEqual(self.states(), [("mistake", 1)])

    def test_a_mended_pipeline_runs_again_by_itself(self):
        self.write("shop.yaml", self.WRONG.replace("y =", "x ="))
        report = self.one(self.pipeline)
        self.assertEqual(report["rows"]["written"], 1)
        self.assertEqual(self.states(), [("done", 2)])

    def test_a_mended_pipeline_leaves_alone_what_was_done(self):
        self.write("shop.yaml", self.WRONG.replace("y =", "x ="))
        self.one(self.pipeline)
        self.write("shop.yaml", PIPELINE)
        self.assertRegex(self.work(self.pipeline).idle()[0], "1 done before")


class Retry(Shop):
    """A sink that cannot be written now may be written later."""

    def block(self):
        # A file where a folder must be: even root cannot write below it.
        self.write("store/out", "")

    def unblock(self):
        os.unlink(self.path("store/out"))

    def test_a_sink_that_cannot_be_written_is_73_and_tried_again(self):
        self.block()
        run = self.work(self.pipeline, status=73)
        self.assertIn("cannot", run.runs()[0]["error"]["message"])
        self.assertEqual(self.states(), [("retry", 1)])
        self.unblock()
        report = self.one(self.pipeline)
        self.assertEqual(report["attempt"], 2)
        self.assertEqual(self.states(), [("done", 2)])
        self.assertEqual(self.read("store/out/a.csv"), b"x\n1\n")

    def test_every_attempt_has_the_same_run_id(self):
        self.block()
        first = self.work(self.pipeline, status=73).runs()[0]["run"]
        second = self.work(self.pipeline, status=73).runs()[0]["run"]
        self.assertEqual(first, second)

    def test_attempts_end(self):
        self.block()
        for _ in range(3):
            self.work(self.pipeline, status=73)
        self.assertEqual(self.states(), [("failed", 3)])
        self.unblock()
        self.assertRegex(self.work(self.pipeline).idle()[0],
                         "1 failed before")

    def test_people_are_told_at_the_first_and_at_the_last_attempt(self):
        self.block()
        self.work(self.pipeline, status=73)
        self.assertEqual(len(self.told()), 1)
        self.work(self.pipeline, status=73)
        self.assertEqual(len(self.told()), 1)
        self.work(self.pipeline, status=73)
        self.assertEqual([outcome for _, outcome, _ in self.told()],
                         ["failure", "failure"])

    def test_a_dry_run_says_which_attempt_would_come(self):
        self.block()
        self.work(self.pipeline, status=73)
        self.assertIn("attempt 2 of 3",
                      self.work(self.pipeline, "--dry-run").out)

    def test_history_says_how_many_attempts_it_took(self):
        self.block()
        self.work(self.pipeline, status=73)
        self.unblock()
        self.one(self.pipeline)
        self.assertIn("(attempt 2)",
                      self.forebay("history", "--state", self.state).out)


class CleanUp(Shop):
    """A trigger that is not moved away is work that is still due."""

    MOVES = PIPELINE.replace("attempts: 3", "attempts: 3, on_success: move, "
                             "move_to: \"${STORE}/kept\"")

    def setUp(self):
        super().setUp()
        self.write("shop.yaml", self.MOVES)
        # A file where a folder must be: even root cannot write below it.
        self.write("store/kept", "")

    def test_a_run_whose_trigger_stays_is_a_success_but_not_0(self):
        report = self.one(self.pipeline, status=73)
        self.assertEqual(report["outcome"], "success")
        self.assertRegex(report["said"], "error trigger-not-settled .*kept")
        self.assertEqual(self.states(), [("done", 1)])

    def test_it_is_not_0_until_the_trigger_is_gone(self):
        self.one(self.pipeline, status=73)
        again = self.work(self.pipeline, status=73)
        self.assertEqual(again.runs(), [])
        self.assertIn("trigger-not-settled", again.err)
        os.unlink(self.path("store/kept"))
        self.assertEqual(self.work(self.pipeline).idle(), [
            "nothing due (1 of earlier runs to be cleaned up)"])
        self.assertEqual(self.files("store"), ["kept/a.csv", "out/a.csv"])
        self.assertEqual(self.states(), [("done", 1)])
        self.assertEqual(len(self.told()), 1)

    def test_a_late_clean_up_means_the_same_day(self):
        self.write("shop.yaml", self.MOVES.replace(
            "kept", "kept/${run.date}"))
        self.one(self.pipeline, "--as-of", "2025-05-10", status=73)
        os.unlink(self.path("store/kept"))
        self.work(self.pipeline, "--as-of", "2025-05-10")
        self.assertEqual(self.files("store/kept"), ["2025-05-10/a.csv"])

    def test_a_message_that_waits_is_no_success_beside_a_clean_up(self):
        self.write("told.closed", "")
        self.one(self.pipeline, status=69)
        os.unlink(self.path("store/kept"))
        self.work(self.pipeline, status=69)
        self.assertEqual(self.files("store"), ["kept/a.csv", "out/a.csv"])


class Again(Shop):
    """What failed for good runs again when somebody says so."""

    REFUSED = "x\n1,2\n"

    def setUp(self):
        super().setUp()
        self.upload(self.REFUSED)

    def fail(self, status=65):
        return self.one(self.pipeline, status=status)

    def command(self, text):
        """The command to type, out of what was printed."""
        words = shlex.split(re.search("forebay (retry .*)", text)[1])
        self.assertEqual(words[2:], ["--state", self.state])
        return words

    def test_the_report_names_the_command_and_it_runs_again(self):
        report = self.fail()
        self.assertIn("\n  next      a new upload runs by itself; this one "
                      "again: forebay retry", report["printed"])
        self.assertIn(report["next"], report["printed"])
        run = self.forebay(*self.command(report["next"]))
        self.assertEqual(run.out, "shop: the next 'forebay run' tries again: "
                         "%s/raw/a.csv\n" % self.store)
        self.assertEqual(self.states(), [("retry", 1)])
        # Mended: what has a cell too many is dropped now.
        self.write("shop.yaml", PIPELINE.replace("fail", "drop"))
        report = self.one(self.pipeline)
        self.assertEqual(report["rows"]["rejected"], 1)
        self.assertEqual(self.states(), [("done", 2)])

    def test_history_names_the_same_command(self):
        report = self.fail()
        run = self.forebay("history", "--state", self.state)
        self.assertEqual(run.out.splitlines()[1],
                         "    next: " + report["next"])

    def test_a_success_has_nothing_next(self):
        self.upload()
        report = self.one(self.pipeline)
        self.assertIsNone(report["next"])
        self.assertNotIn("next", report["printed"])

    def test_what_is_tried_again_by_itself_says_so(self):
        self.upload()
        self.write("store/out", "")
        report = self.fail(status=73)
        self.assertEqual(report["next"], "the next 'forebay run' tries again")
        run = self.forebay("retry", report["run"], "--state", self.state)
        self.assertIn("tries again", run.out)
        self.assertEqual(self.states(), [("retry", 1)])

    def test_attempts_begin_anew(self):
        self.upload()
        self.write("store/out", "")
        for _ in range(3):
            report = self.fail(status=73)
        self.assertEqual(self.states(), [("failed", 3)])
        self.forebay(*self.command(report["next"]))
        os.unlink(self.path("store/out"))
        self.one(self.pipeline)

    def test_a_mistake_elsewhere_than_in_the_pipeline_is_tried_again(self):
        self.write("shop.yaml", PIPELINE.replace("sinks:", (
            "transforms: {big: {type: filter, where: \"y = '1'\"}}\nsinks:")))
        report = self.fail(status=78)
        self.assertIn("a changed pipeline runs it again", report["next"])
        self.forebay(*self.command(report["next"]))
        self.assertEqual(self.fail(status=78)["attempt"], 2)

    def test_a_run_that_is_done_is_not_done_again(self):
        self.upload()
        report = self.one(self.pipeline)
        run = self.forebay("retry", report["run"], "--state", self.state,
                           status=2)
        self.assertIn("is done, and is not done again", run.err)
        self.assertEqual(self.states(), [("done", 1)])

    def test_a_failed_upload_that_was_replaced_since_is_closed_quietly(self):
        report = self.fail()
        self.upload("x\n2\n")
        self.one(self.pipeline)
        self.forebay(*self.command(report["next"]))
        later = self.work(self.pipeline, now="2035-01-08T09:00:00Z")
        self.assertEqual(later.runs(), [])
        self.assertEqual(self.states(), [("failed", 2), ("done", 1)])
        run = self.forebay("history", "--state", self.state)
        self.assertNotIn("next", run.out)

    def test_a_run_without_a_trigger_needs_no_retry(self):
        self.write("shop.yaml", PIPELINE.replace(
            "trigger: {uri: \"${STORE}/raw/*.csv\", attempts: 3}\n", "")
            .replace("${trigger.uri}", "${STORE}/raw/a.csv")
            .replace("${trigger.name}", "a.csv"))
        report = self.fail()
        self.assertEqual(report["next"], "each 'forebay run' begins anew")
        run = self.forebay("retry", report["run"], "--state", self.state,
                           status=2)
        self.assertIn("begins anew", run.err)

    def test_it_waits_for_nobody_who_works_on_the_pipeline(self):
        report = self.fail()
        with open(self.path("state/locks/shop.lock"), "r+",
                  encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.forebay(*self.command(report["next"]), status=75)
        self.assertEqual(self.states(), [("failed", 1)])


class Lock(Shop):
    def hold(self, name="shop"):
        path = self.write("state/locks/%s.lock" % name, "")
        os.chmod(self.path("state"), 0o700)
        os.chmod(self.path("state/locks"), 0o700)
        os.chmod(path, 0o600)
        file = open(path, "r+", encoding="utf-8")
        self.addCleanup(file.close)
        fcntl.flock(file, fcntl.LOCK_EX)
        return file

    def test_a_pipeline_that_is_being_run_is_not_run_twice(self):
        file = self.hold()
        run = self.work(self.pipeline, status=75)
        self.assertIn("pipeline 'shop' is being run by", run.err)
        self.assertEqual(self.files("store"), ["raw/a.csv"])
        fcntl.flock(file, fcntl.LOCK_UN)
        self.one(self.pipeline)

    def test_another_pipeline_is_free(self):
        self.hold("other")
        self.one(self.pipeline)

    def test_a_lock_file_that_nobody_holds_hinders_nobody(self):
        self.hold().close()
        self.write("state/locks/shop.lock", "1 2025-01-01T00:00:00Z\n")
        self.one(self.pipeline)

    def test_of_two_at_once_one_works_and_the_other_says_so(self):
        self.write("told.stall", "")
        first = subprocess.Popen(
            [forebay.PROGRAM, "run", self.pipeline, "--state", self.state],
            env=self.environment(), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.addCleanup(first.wait)
        self.addCleanup(first.kill)
        deadline = time.monotonic() + 60
        while not os.path.exists(self.path("told.stalled")):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        run = self.work(self.pipeline, status=75)
        self.assertIn("process %d" % first.pid, run.err)
        self.assertEqual(self.states(), [("done", 1)])
        first.send_signal(signal.SIGKILL)
        first.wait()


class Folder(Shop):
    def test_a_state_folder_that_others_may_write_is_refused(self):
        os.mkdir(self.state)
        os.chmod(self.state, 0o777)
        run = self.work(self.pipeline, status=77)
        self.assertIn("'%s'" % self.state, run.err)
        self.assertIn("0777", run.err)
        self.assertIn("hint: ", run.err)
        self.assertEqual(self.files("store"), ["raw/a.csv"])

    def test_a_state_folder_that_is_a_file_is_refused(self):
        self.write("state", "")
        run = self.work(self.pipeline, status=73)
        self.assertIn("'%s'" % self.state, run.err)

    def test_a_new_state_folder_is_nobody_elses_business(self):
        self.one(self.pipeline)
        self.assertEqual(os.stat(self.state).st_mode & 0o777, 0o700)
        for name in self.files("state"):
            mode = os.stat(self.path("state/" + name)).st_mode
            self.assertEqual(mode & 0o077, 0, name)

    def test_a_ledger_that_is_something_else_is_refused(self):
        def link():
            os.symlink("/dev/null", self.path("state/ledger.sqlite"))

        def fifo():
            os.mkfifo(self.path("state/ledger.sqlite"))

        def folder():
            os.mkdir(self.path("state/ledger.sqlite"))

        def text():
            self.write("state/ledger.sqlite", "not a database" * 100)

        def foreign():
            db = sqlite3.connect(self.path("state/ledger.sqlite"))
            db.execute("CREATE TABLE x (y)")
            db.commit()
            db.close()

        for make in (link, fifo, folder, text, foreign):
            with self.subTest(make.__name__):
                self.setUp()
                os.mkdir(self.state, 0o700)
                make()
                run = self.work(self.pipeline, status=None)
                self.assertGreater(run.status, 0, str(run))
                self.assertIn("ledger.sqlite", run.err)
                self.assertEqual(self.files("store"), ["raw/a.csv"])

    def test_the_folder_comes_from_systemd_or_from_the_user(self):
        for name, folder in (("STATE_DIRECTORY", "one"),
                             ("FOREBAY_STATE", "two"),
                             ("XDG_STATE_HOME", "three")):
            with self.subTest(name):
                self.upload(name=folder + ".csv")
                self.forebay("run", self.pipeline,
                             env={name: self.path(folder)})
                inner = "/forebay" if name == "XDG_STATE_HOME" else ""
                self.assertTrue(os.path.exists(
                    self.path(folder + inner + "/ledger.sqlite")))


class Messages(Shop):
    def test_a_success_is_told_once(self):
        report = self.one(self.pipeline)
        self.assertEqual(self.told(), [[report["run"], "success", "a.csv"]])
        self.work(self.pipeline)
        self.assertEqual(len(self.told()), 1)

    def test_a_notifier_hears_what_it_asks_for(self):
        text = PIPELINE.replace('{uri: "${NOTIFY}"}',
                                '{uri: "${NOTIFY}", on: [failure]}')
        self.write("shop.yaml", text)
        self.one(self.pipeline)
        self.assertEqual(self.told(), [])
        self.upload("x\n1,2\n", "b.csv")
        self.work(self.pipeline, status=65)
        self.assertEqual([m[1:] for m in self.told()],
                         [["failure", "b.csv"]])

    def test_a_message_that_could_not_be_delivered_is_delivered_later(self):
        closed = self.write("told.closed", "")
        run = self.work(self.pipeline, status=69)
        self.assertIn("the desk is closed", run.err)
        report = run.runs()[0]
        self.assertEqual(report["outcome"], "success")
        self.assertEqual(self.states(), [("done", 1)])
        self.assertEqual(self.read("store/out/a.csv"), b"x\n1\n")
        os.unlink(closed)
        again = self.work(self.pipeline)
        self.assertEqual(again.runs(), [])
        self.assertEqual(self.told(), [[report["run"], "success", "a.csv"]])
        self.work(self.pipeline)
        self.assertEqual(len(self.told()), 1)

    def test_what_is_still_not_delivered_is_no_success(self):
        self.write("told.closed", "")
        self.work(self.pipeline, status=69)
        self.work(self.pipeline, status=69)

    def test_other_work_goes_on_while_a_message_waits(self):
        self.write("told.closed", "")
        self.work(self.pipeline, status=69)
        self.upload(name="b.csv")
        self.work(self.pipeline, status=69)
        self.assertEqual(self.files("store/out"), ["a.csv", "b.csv"])

    def test_a_kill_while_people_are_told_loses_no_message(self):
        stall = self.write("told.stall", "")
        process = subprocess.Popen(
            [forebay.PROGRAM, "run", self.pipeline, "--state", self.state],
            env=self.environment(), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        deadline = time.monotonic() + 60
        while not os.path.exists(self.path("told.stalled")):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        process.kill()
        process.wait()
        os.unlink(stall)
        self.assertEqual(self.told(), [])
        self.assertEqual(self.work(self.pipeline).runs(), [])
        self.assertEqual([m[1:] for m in self.told()],
                         [["success", "a.csv"]])
