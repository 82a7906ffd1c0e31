"""What one failing call may not do: every call that touches a file, one at a
time, fails or is the last that the process makes.

A library that is preloaded (tests/faults/io.c) counts the calls of a small
run and disturbs the n-th. After that, and after the undisturbed run that
follows, the laws hold: nothing or the whole of each output, a status of 0
only when all is done, one effect, somebody told, a ledger without a flaw,
nothing temporary left. There are more pairs of call and fault than there is
time: which of them are tried is drawn with a fixed seed, which a failure
names.

The second half plays loss of power: of everything that a run wrote into the
ledger's files, only what was synced is sure to be there, of the rest any part,
and the last of it torn. Each such ledger must be taken up.
"""

import json
import os
import random
import shutil
import sqlite3
import time
import unittest

import forebay
from forebay import TOP

SHIM = os.path.join(forebay.BUILD, "tests", "faults", "io.so")
PIPELINE = os.path.join(TOP, "pipelines", "orders-filter.yaml")
SEED = 20250510
SECONDS = 25  # for each of the two halves; fewer rounds in slow builds
ROUNDS_MIN = 40

HEADER = "OrderID,Customer,Amount,Status,OrderDate\n"
EARLIER = HEADER + """\
O0001,Ann,5.00,shipped,2025-05-01
O0005,Ann,5.00,shipped,someday
"""
ORDERS = EARLIER + """\
O0002,"O'Brien, Pat",478.60,pending,2025-01-02
O0003,Zo\u00eb,12.00,confirmed,2025-04-30
O0004,Bob,twelve,shipped,2025-05-02
"""

OUTPUTS = ("processed/filtered_orders.csv", "refused/orders.csv")
LEDGER = "state/ledger.sqlite"
BESIDE = ("", "-wal", "-journal", "-shm")

ERRORS = ("ENOSPC", "EDQUOT", "EIO", "EINTR", "EMFILE", "short",
          "ENOSPC stays", "EIO stays")
DEATHS = ("before", "after", "torn")

DONE, STARTED = 2, 1  # runs.state
WAITING, DELIVERED = 0, 1  # outbox.state


class Ledger:
    """What a ledger says. Read from a copy, for a look by SQLite changes the
    files, and what is left in them is what the next run has to cope with."""

    def __init__(self, path, folder):
        copy = os.path.join(folder, "looked-at.sqlite")
        for end in BESIDE:
            if os.path.exists(copy + end):
                os.unlink(copy + end)
            if end != "-shm" and os.path.exists(path + end):
                shutil.copyfile(path + end, copy + end)
        self.runs, self.messages, self.flaws = [], [], []
        if not os.path.exists(copy):
            return
        db = sqlite3.connect(copy)
        try:
            self.flaws = [row[0] for row in db.execute(
                "PRAGMA integrity_check") if row[0] != "ok"]
            self.flaws += db.execute("PRAGMA foreign_key_check").fetchall()
            if db.execute("PRAGMA user_version").fetchone()[0] == 0:
                return  # not made yet
            self.runs = db.execute(
                "SELECT run_id, state, attempts, report FROM runs"
                " ORDER BY seq").fetchall()
            self.messages = db.execute(
                "SELECT runs.run_id, outbox.state, outbox.payload"
                " FROM outbox JOIN runs ON runs.id = outbox.run"
                " ORDER BY outbox.id").fetchall()
        finally:
            db.close()

    def state(self, run):
        return next((row[1] for row in self.runs if row[0] == run), None)

    def is_told(self, run):
        """Whether it knows of a success that was told."""
        return any(row[0] == run and row[1] == DELIVERED and
                   json.loads(row[2])["outcome"] == "success"
                   for row in self.messages)


class Small(forebay.Told):
    """One small upload, with a new ledger ("new"), or with one that knows an
    earlier upload of the same name, whose outputs are there ("old")."""

    def setUp(self):
        super().setUp()
        self.upload = self.write("store/raw/orders.csv", EARLIER)
        self.succeed()
        self.earlier = [self.read("store/" + name) for name in OUTPUTS]
        shutil.copytree(self.state, self.path("old"))
        self.write("store/raw/orders.csv", ORDERS)
        self.succeed()
        self.golden = [self.read("store/" + name) for name in OUTPUTS]
        self.assertNotEqual(self.golden, self.earlier)
        self.run_id = self.ledger().runs[-1][0]

    def command(self, env=None):
        return self.forebay(
            "run", PIPELINE, "--as-of", "2025-05-10", "--ignore-window",
            "--state", self.state, env=env, status=None)

    def succeed(self):
        run = self.command()
        self.assertEqual(run.status, 0, str(run))
        return run

    def disturbed(self, **plan):
        """A run with the library; plan: its variables, see io.c."""
        sanitizers = os.environ.get("ASAN_OPTIONS", "")
        env = {"LD_PRELOAD": SHIM, "FAULT_BELOW": self.dir,
               "ASAN_OPTIONS": sanitizers + ":verify_asan_link_order=0"}
        env.update({"FAULT_" + name.upper(): str(value)
                    for name, value in plan.items()})
        return self.command(env)

    def ledger(self):
        return Ledger(self.path(LEDGER), self.dir)

    def reset(self, before):
        """As if the upload had just come."""
        shutil.rmtree(self.state, ignore_errors=True)
        for folder in ("processed", "refused"):
            shutil.rmtree(self.path("store/" + folder), ignore_errors=True)
        if os.path.exists(self.told_file):
            os.unlink(self.told_file)
        if before == "old":
            shutil.copytree(self.path("old"), self.state)
            for name, content in zip(OUTPUTS, self.earlier):
                self.write("store/" + name, content)

    def calls(self, before, **plan):
        """[(call, offset, size, path, bytes)] of an undisturbed run."""
        log = self.path("calls")
        self.reset(before)
        run = self.disturbed(log=log, **plan)
        self.assertEqual(run.status, 0, str(run))
        calls = []
        with open(log, "rb") as file:
            for line in iter(file.readline, b""):
                call, offset, size, path = line.rstrip(b"\n").split(b" ", 3)
                call, path = call.decode(), path.decode()
                writes = call in ("write", "pwrite") and "data" in plan
                calls.append((call, int(offset), int(size), path,
                              file.read(int(size)) if writes else b""))
        os.unlink(log)
        return calls

    def look(self, before):
        """What a reader of the outputs may see."""
        for name, golden, earlier in zip(OUTPUTS, self.golden, self.earlier):
            path = self.path("store/" + name)
            if os.path.exists(path):
                self.assertIn(self.read(path), (golden, earlier)
                              if before == "old" else (golden,))
            else:
                self.assertEqual(before, "new", "an earlier output is gone")

    def assert_done(self, before, ledger, strays=True):
        """All is as after an undisturbed run."""
        self.assertEqual([self.read("store/" + name) for name in OUTPUTS],
                         self.golden)
        self.assertEqual(ledger.flaws, [])
        self.assertEqual([row[1] for row in ledger.runs],
                         [DONE] * (2 if before == "old" else 1))
        self.assertEqual(ledger.state(self.run_id), DONE)
        report = json.loads(ledger.runs[-1][3])
        self.assertEqual(report["outcome"], "success")
        self.assert_balanced(report)
        self.assertEqual({row[1] for row in ledger.messages}, {DELIVERED})
        self.assertTrue(ledger.is_told(self.run_id))
        if strays:
            self.assertEqual(self.files("store"),
                             sorted(OUTPUTS + ("raw/orders.csv",)))
            self.assertEqual(
                [name for name in self.files("state")
                 if not name.startswith("ledger.sqlite")],
                ["locks/orders-filter.lock"])

    def successes(self):
        return sum(1 for run, outcome, _ in self.told()
                   if (run, outcome) == (self.run_id, "success"))


class Calls(Small):
    def draw(self, rng):
        """(before, n, kind) in random order: for each call on data every
        kind, for each on the ledger a way to fail and a way to die there."""
        rounds = []
        for before in ("new", "old"):
            calls = self.calls(before)
            self.assertGreater(len(calls), 50, "the library sees no run")
            for n, call in enumerate(calls, 1):
                data = call[3].startswith(self.store)
                kinds = ERRORS + DEATHS if data else (
                    rng.choice(ERRORS), rng.choice(DEATHS))
                rounds += [(before, n, kind) for kind in kinds]
        rng.shuffle(rounds)
        return rounds

    def test_a_run_survives_a_fault_at_any_call(self):
        rng = random.Random(SEED)
        end = time.monotonic() + SECONDS
        failed = died = 0
        for i, (before, n, kind) in enumerate(self.draw(rng)):
            if i >= ROUNDS_MIN and time.monotonic() > end:
                break
            with self.subTest(ledger=before, call=n, kind=kind, seed=SEED):
                status = self.strike(before, n, kind)
                failed += status > 0
                died += status < 0
        self.assertGreater(failed, ROUNDS_MIN // 10)
        self.assertGreater(died, ROUNDS_MIN // 10)

    def strike(self, before, n, kind):
        plan = {"at": n, "kind": kind.split()[0]}
        if kind.endswith("stays"):
            plan["stays"] = 1
        self.reset(before)
        run = self.disturbed(**plan)
        self.look(before)
        struck = self.ledger()
        self.assertEqual(struck.flaws, [])
        told = self.successes()
        self.assertLessEqual(told, 1)
        if run.status == 0:
            self.assert_done(before, struck, strays=False)
        elif run.status > 0:
            self.assertNotEqual(run.err + run.out, "", "failed without a word")
        else:
            self.assertIn(kind, DEATHS, "crashed: %s" % run)
        self.recover(before, struck, told)
        return run.status

    def recover(self, before, struck, told):
        run = self.succeed()
        ledger = self.ledger()
        self.assert_done(before, ledger)
        self.assertLessEqual(ledger.runs[-1][2], 2, "attempts")
        # Not again when the ledger knew that it was told.
        again = 0 if struck.is_told(self.run_id) else 1
        self.assertEqual(self.successes(), told + again, str(run))
        if struck.state(self.run_id) == DONE:
            self.assertNotIn("success", run.out, "the work was done again")


class Power(Small):
    """Only the ledger's own files are torn; of the outputs the order of calls
    is looked at."""

    def test_an_output_is_on_the_disk_before_it_shows_and_before_the_end(self):
        calls = [(call, os.path.relpath(path, self.dir))
                 for call, _, _, path, _ in self.calls("new")]
        end = max(i for i, call in enumerate(calls) if call[0] == "rename")
        end = calls.index(("fdatasync", LEDGER + "-wal"), end)
        for name in OUTPUTS:
            folder, last = os.path.split("store/" + name)
            temp = "%s/.%s.0.forebay-tmp" % (folder, last)
            places = [calls.index(call) for call in (
                ("open-make", temp), ("write", temp), ("fsync", temp),
                ("rename", "store/" + name))]
            places.append(calls.index(("fsync", folder), places[-1]))
            self.assertEqual(places + [end], sorted(places + [end]))
            self.assertNotIn(("write", temp), calls[places[2]:])

    def test_what_a_loss_of_power_leaves_is_taken_up(self):
        rng = random.Random(SEED)
        end = time.monotonic() + SECONDS
        rounds = []
        for before in ("new", "old"):
            calls = self.calls(before, data=1)
            rounds += [(before, calls, n, lost) for n in range(len(calls) + 1)
                       for lost in (False, True)]
        rng.shuffle(rounds)
        for i, (before, calls, n, lost) in enumerate(rounds):
            if i >= ROUNDS_MIN and time.monotonic() > end:
                break
            with self.subTest(ledger=before, call=n, lost=lost, seed=SEED):
                self.cut(before, calls, n, Disk(rng, lost))

    def cut(self, before, calls, n, disk):
        self.reset(before)
        if before == "old":
            for end in BESIDE:
                if os.path.exists(self.path(LEDGER + end)):
                    disk.put(self.path(LEDGER + end),
                             self.read(LEDGER + end))
        for call in calls[:n]:
            disk.apply(*call)
        self.power_up(disk)
        left = self.ledger()
        self.assertEqual(left.flaws, [])
        self.assert_promises(calls, n, left)
        run = self.succeed()
        ledger = self.ledger()
        self.assert_done(before, ledger)
        self.assertEqual(self.successes(),
                         0 if left.is_told(self.run_id) else 1, str(run))
        if left.state(self.run_id) == DONE:
            self.assertNotIn("success", run.out, "the work was done again")

    def power_up(self, disk):
        """The files as the disk has them now."""
        os.makedirs(self.state, mode=0o700, exist_ok=True)
        for end in BESIDE:
            path = self.path(LEDGER + end)
            if os.path.exists(path):
                os.unlink(path)
        for path, content in disk.image():
            if path.startswith(self.path(LEDGER)):
                self.write(path, content)
                os.chmod(path, 0o600)
        for name, golden in zip(OUTPUTS, self.golden):
            if disk.was_renamed(self.path("store/" + name)):
                self.write("store/" + name, golden)

    def assert_promises(self, calls, n, left):
        """What was begun or ended is known, however little was synced of what
        came later; and done is only what is visible."""
        names = [(call[0], os.path.relpath(call[3], self.dir))
                 for call in calls]
        synced = [i for i, name in enumerate(names)
                  if name == ("fdatasync", LEDGER + "-wal")]
        reads = names.index(("open", "store/raw/orders.csv"))
        renames = [i for i, name in enumerate(names) if name[0] == "rename"]
        begun = max(i for i in synced if i < reads)
        ended = min(i for i in synced if i > renames[-1])
        state = left.state(self.run_id)
        if n > ended:
            self.assertEqual(state, DONE)
        elif n > begun:
            self.assertIn(state, (STARTED, DONE))
        if state == DONE:
            self.assertEqual([self.read("store/" + name) for name in OUTPUTS],
                             self.golden)


class Disk:
    """What of the calls is on the disk. lost: of what was not synced only a
    part is, and its last write is torn; else all but the last, torn write."""

    def __init__(self, rng, lost):
        self.rng = rng
        self.lost = lost
        self.files = {}    # path: what was synced
        self.pending = {}  # path: [(offset, bytes)], bytes None: the new size
        self.ghosts = {}   # removed, but their folder was not synced
        self.renamed = {}  # path: whether its folder was synced since

    def put(self, path, content):
        self.files[path] = content

    def apply(self, call, offset, size, path, data):
        del size
        if call in ("write", "pwrite"):
            self.pending.setdefault(path, []).append((offset, data))
        elif call == "ftruncate":
            self.pending.setdefault(path, []).append((offset, None))
        elif call == "open-make":
            self.files.setdefault(path, b"")
        elif call == "unlink" and path in self.files:
            self.ghosts[path] = self.settled(path)
            del self.files[path]
        elif call == "rename":
            self.renamed[path] = False
        elif call in ("fsync", "fdatasync"):
            self.sync(path)

    def settled(self, path):
        content = bytearray(self.files.get(path, b""))
        for offset, data in self.pending.pop(path, []):
            self.do(content, offset, data)
        return bytes(content)

    @staticmethod
    def do(content, offset, data):
        if data is None:
            del content[offset:]
            offset, data = offset, b""
        if len(content) < offset:
            content.extend(bytes(offset - len(content)))
        content[offset:offset + len(data)] = data

    def sync(self, path):
        if path in self.files:
            self.files[path] = self.settled(path)
            return
        for ghost in [g for g in self.ghosts if os.path.dirname(g) == path]:
            del self.ghosts[ghost]
        for name in self.renamed:
            if os.path.dirname(name) == path:
                self.renamed[name] = True

    def tear(self, data):
        """A write of which a part arrived; the rest is as it was, or zero."""
        part = self.rng.randrange(len(data) + 1)
        zeros = len(data) - part if self.rng.random() < 0.3 else 0
        return data[:part] + bytes(zeros)

    def image(self):
        """(path, content) of each file."""
        for path, content in self.files.items():
            pending = self.pending.get(path, [])
            if path.endswith("-shm"):
                # Memory, not a file: anything may be in it.
                yield path, self.rng.randbytes(32768)
                continue
            if self.lost:
                pending = [op for op in pending if self.rng.random() < 0.5]
            content = bytearray(content)
            for i, (offset, data) in enumerate(pending):
                if i == len(pending) - 1 and data is not None:
                    data = self.tear(data)
                self.do(content, offset, data)
            yield path, bytes(content)
        if self.lost:
            for path, content in self.ghosts.items():
                if path not in self.files and self.rng.random() < 0.5:
                    yield path, content

    def was_renamed(self, path):
        if path not in self.renamed:
            return False
        return self.renamed[path] or not self.lost or self.rng.random() < 0.5


if __name__ == "__main__":
    unittest.main()
