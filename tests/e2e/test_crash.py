"""What a kill, a signal or a full disk at any moment may not do.

After every blow, and after one undisturbed run, the same must be true: the
output is there once, whole, and byte for byte that of a run that nobody
disturbed; at no time did a part of it show; nothing temporary is left; the
ledger knows one finished run for each upload; and somebody was told.

The moments are random, but the seed is fixed; a failure names it.
"""

import os
import random
import resource
import signal
import subprocess
import time
import unittest

import forebay
from forebay import TOP

PIPELINE = os.path.join(TOP, "pipelines", "orders-filter.yaml")
AS_OF = "2025-05-10"
SEED = 20250510
BYTES = 20 * 1000 * 1000
ROUNDS = 40
SECONDS = 60  # slow builds (sanitizers) get fewer rounds, but some
ROUNDS_MIN = 6

OUTPUT = "filtered_orders.csv"
REFUSED = "orders.csv"


def make_orders(size):
    """Orders of every kind, the same ones every time."""
    rng = random.Random(SEED)
    lines, total, number = ["OrderID,Customer,Amount,Status,OrderDate\n"], 0, 0
    states = ("shipped", "confirmed", "pending", "cancelled", "Pending ")
    while total < size:
        number += 1
        line = "O%07d,%s,%d.%02d,%s,2025-%02d-%02d\n" % (
            number, rng.choice(("Ann", "Zoë", '"O\'Brien, Pat"', "表 ソ")),
            rng.randrange(5000), rng.randrange(100), rng.choice(states),
            rng.randrange(1, 6), rng.randrange(1, 29))
        if number % 9973 == 0:
            line = line.replace(",2025", ",someday", 1)
        lines.append(line)
        total += len(line)
    return "".join(lines).encode("utf-8")


class Blows(forebay.Told):
    orders = None
    golden = None

    def setUp(self):
        super().setUp()
        if Blows.orders is None:
            Blows.orders = make_orders(BYTES)
        self.input = self.write("store/raw/orders.csv", Blows.orders)
        started = time.monotonic()
        self.undisturbed()
        self.usual = time.monotonic() - started
        result = (self.read("store/processed/" + OUTPUT),
                  self.read("store/refused/" + REFUSED))
        if Blows.golden is None:
            Blows.golden = result
        # The same input gives the same bytes, in every folder.
        self.assertEqual(result, Blows.golden)

    def command(self):
        return [forebay.PROGRAM, "run", PIPELINE, "--as-of", AS_OF,
                "--ignore-window", "--state", self.state]

    def undisturbed(self):
        return self.work(PIPELINE, "--as-of", AS_OF)

    def drop_again(self):
        """The upload as a new generation, and no output of the old one."""
        for name in ("processed/" + OUTPUT, "refused/" + REFUSED):
            path = self.path("store/" + name)
            if os.path.exists(path):
                os.unlink(path)
        stamp = time.time_ns()
        os.utime(self.input, ns=(stamp, stamp))

    def look(self):
        """Nothing or the whole of each output: what a reader sees now."""
        for folder, name, whole in (("processed", OUTPUT, self.golden[0]),
                                    ("refused", REFUSED, self.golden[1])):
            path = self.path("store/" + folder)
            if not os.path.isdir(path):
                continue
            for found in os.listdir(path):
                if found.startswith("."):
                    continue
                self.assertEqual(found, name)
                size = os.stat(os.path.join(path, found)).st_size
                self.assertEqual(size, len(whole), "a part is visible")

    def strike(self, delay, *signals):
        """Starts a run and sends it signals after a while; its exit status,
        negative for a signal that killed it."""
        process = subprocess.Popen(
            self.command(), env=self.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        end = time.monotonic() + delay
        while time.monotonic() < end and process.poll() is None:
            self.look()
            time.sleep(min(0.002, max(0, end - time.monotonic())))
        for number in signals:
            process.send_signal(number)
        status = process.wait(timeout=forebay.TIMEOUT)
        self.look()
        return status

    def recover(self):
        """One undisturbed run; then everything must be as it should."""
        before = len(self.history("--limit", "1000"))
        self.undisturbed()
        self.assertEqual(self.read("store/processed/" + OUTPUT),
                         self.golden[0])
        self.assertEqual(self.read("store/refused/" + REFUSED),
                         self.golden[1])
        self.assertEqual(self.read("store/raw/orders.csv"), self.orders)
        self.assertEqual(self.files("store"), [
            "processed/" + OUTPUT, "raw/orders.csv", "refused/" + REFUSED])
        runs = self.history("--limit", "1000")
        self.assertLessEqual(len(runs) - before, 1)
        self.assertEqual({run["state"] for run in runs}, {"done"})
        newest = runs[0]
        self.assertEqual(newest["report"]["outcome"], "success")
        self.assert_balanced(newest["report"])
        # Told, and never of a run that is not on record.
        told = [run for run, _, _ in self.told()]
        self.assertIn(newest["run"], told)
        self.assertLessEqual(set(told), {run["run"] for run in runs})
        self.assertEqual(self.undisturbed().runs(), [])
        return newest

    def assert_state_is_small(self):
        """What crashes leave in the state folder does not pile up."""
        left = [name for name in self.files("state")
                if not name.startswith(("ledger.sqlite", "locks/"))]
        self.assertLessEqual(len(left), 2, left)


class Kill(Blows):
    def test_a_kill_at_any_moment_is_made_good_by_the_next_run(self):
        rng = random.Random(SEED)
        end = time.monotonic() + SECONDS
        killed = 0
        for i in range(ROUNDS):
            if i >= ROUNDS_MIN and time.monotonic() > end:
                break
            with self.subTest(round=i, seed=SEED):
                self.drop_again()
                blows = 1 + (rng.random() < 0.3)  # recovery is struck too
                for _ in range(blows):
                    # More of them near the end, where things are committed.
                    part = rng.random() if rng.random() < 0.6 \
                        else rng.uniform(0.85, 1.1)
                    status = self.strike(self.usual * part, signal.SIGKILL)
                    killed += status == -signal.SIGKILL
                newest = self.recover()
                self.assertLessEqual(newest["attempts"], blows + 1)
        self.assertGreater(killed, 2)
        self.assert_state_is_small()

    def test_an_earlier_output_stays_until_the_new_one_is_whole(self):
        stamp = time.time_ns()
        os.utime(self.input, ns=(stamp, stamp))
        before = os.stat(self.path("store/processed/" + OUTPUT)).st_ino
        self.strike(self.usual / 2, signal.SIGKILL)
        # On a machine that is not busy, half of the time is before the end.
        for delay in (self.usual / 4, self.usual / 8, 0):
            if os.stat(self.path("store/processed/" + OUTPUT)).st_ino == \
                    before:
                break
            self.recover()
            stamp = time.time_ns()
            os.utime(self.input, ns=(stamp, stamp))
            before = os.stat(self.path("store/processed/" + OUTPUT)).st_ino
            self.strike(delay, signal.SIGKILL)
        self.assertEqual(
            os.stat(self.path("store/processed/" + OUTPUT)).st_ino, before)
        self.assertEqual(self.read("store/processed/" + OUTPUT),
                         self.golden[0])
        self.recover()

    def test_a_run_that_was_killed_is_on_record_as_begun(self):
        # A run that was faster than the signal is over: another upload.
        for _ in range(20):
            self.drop_again()
            if self.strike(self.usual / 3, signal.SIGKILL) != 0:
                break
        states = [run["state"] for run in self.history()]
        self.assertEqual((states[0], set(states[1:])), ("started", {"done"}))
        run = self.work(PIPELINE, "--dry-run", "--as-of", AS_OF)
        self.assertIn("crashed before, attempt 2", run.out)
        self.assertEqual(self.recover()["attempts"], 2)


class Stop(Blows):
    def test_a_polite_signal_stops_the_run_and_leaves_nothing(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                self.drop_again()
                status = self.strike(self.usual / 3, number)
                if self.history()[0]["state"] == "done":
                    self.skipTest("the run was faster than the signal")
                self.assertEqual(status, 75)
                self.assertEqual(self.files("store"), ["raw/orders.csv"])
                newest = self.history()[0]
                self.assertEqual(newest["state"], "retry")
                self.assertEqual(self.recover()["attempts"], 2)

    def test_being_stopped_is_nobodys_fault_and_not_told(self):
        self.drop_again()
        if self.strike(self.usual / 3, signal.SIGTERM) == 0:
            self.skipTest("the run was faster than the signal")
        self.recover()
        self.assertEqual({outcome for _, outcome, _ in self.told()},
                         {"success"})

    def test_being_stopped_often_uses_up_no_attempts(self):
        self.drop_again()
        for i in range(7):
            status = self.strike(self.usual / 4, signal.SIGTERM)
            state = self.history()[0]["state"]
            if state == "done":
                self.skipTest("the run was faster than the signal")
            self.assertEqual((status, state), (75, "retry"), "stop %d" % i)
        self.recover()

    def test_random_polite_signals_are_made_good_too(self):
        rng = random.Random(SEED + 1)
        for i in range(8):
            with self.subTest(round=i, seed=SEED + 1):
                self.drop_again()
                status = self.strike(self.usual * rng.uniform(0, 1.1),
                                     signal.SIGTERM)
                # A signal before there is a handler kills, as any program.
                self.assertIn(status, (0, 75, -signal.SIGTERM))
                self.recover()


class Full(Blows):
    """Writing fails: no part of an output shows, and later it works."""

    def limited(self, limit, number=resource.RLIMIT_FSIZE):
        def limit_it():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(number, (limit, limit))
        done = subprocess.run(
            self.command(), env=self.environment(), preexec_fn=limit_it,
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return forebay.Run(done.returncode, done.stdout, done.stderr)

    def test_an_output_that_does_not_fit_is_73_and_leaves_nothing(self):
        self.drop_again()
        run = self.limited(5 * 1000 * 1000)
        self.assertEqual(run.status, 73, str(run))
        self.assertRegex(run.out, "cannot write '.*%s'" % OUTPUT)
        self.assertEqual(self.files("store"), ["raw/orders.csv"])
        self.assertEqual(self.history()[0]["state"], "retry")
        self.assertEqual(self.told()[-1][1], "failure")
        self.recover()

    def test_a_ledger_that_cannot_be_written_stops_before_any_work(self):
        self.drop_again()
        for limit in (0, 1024, 8192):
            run = self.limited(limit)
            self.assertGreater(run.status, 0, str(run))
            self.assertIn("ledger", run.err)
            self.assertEqual(self.files("store"), ["raw/orders.csv"])
        self.recover()

    def test_too_few_descriptors_are_a_clean_failure(self):
        self.drop_again()
        for limit in range(4, 40, 3):
            run = self.limited(limit, resource.RLIMIT_NOFILE)
            self.assertGreaterEqual(run.status, 0, str(run))
            self.look()
            if run.status == 0:
                break
            self.assertNotEqual(run.err + run.out, "")
        self.recover()

    def test_a_small_disk_is_73_and_leaves_nothing(self):
        disk = self.path("disk")
        os.mkdir(disk)
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk],
            capture_output=True, text=True)
        if mounted.returncode != 0:
            raise unittest.SkipTest("cannot mount a small disk: %s"
                                    % mounted.stderr.strip())
        self.addCleanup(subprocess.run, ["umount", disk], check=True)
        pipeline = self.write("small.yaml", """\
pipeline: small
trigger: {uri: "${STORE}/raw/*.csv"}
sources: {upload: {uri: "${trigger.uri}", on_reject: drop}}
sinks: {out: {uri: "%s/out.csv"}}
""" % disk)
        run = self.work(pipeline, status=73)
        self.assertIn("No space left", run.runs()[0]["error"]["message"])
        self.assertEqual(os.listdir(disk), [])
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        self.assertEqual(self.one(pipeline)["attempt"], 2)
        self.assertEqual(os.listdir(disk), ["out.csv"])


class Change(Blows):
    """The upload is replaced while it is read (F25, F73)."""

    def test_no_output_is_made_of_two_uploads(self):
        other = self.orders.replace(b"Ann", b"Bob")
        for i in range(6):
            with self.subTest(round=i):
                self.drop_again()
                process = subprocess.Popen(
                    self.command(), env=self.environment(),
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL)
                time.sleep(self.usual * (i + 1) / 8)
                content = other if i % 2 == 0 else self.orders
                self.write("next.csv", content)
                os.rename(self.path("next.csv"), self.input)
                self.assertIn(process.wait(timeout=forebay.TIMEOUT), (0, 75))
                self.undisturbed()
                whole = self.golden[0] if i % 2 else \
                    self.golden[0].replace(b"Ann", b"Bob")
                self.assertEqual(self.read("store/processed/" + OUTPUT),
                                 whole)
