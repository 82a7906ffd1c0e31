"""Running programs in turn, and what of it is counted. It knows neither
forebay nor its peers: a Candidate says what to run and what comes out.
"""

import hashlib
import os
import statistics
import subprocess
import sys

from setting import PROGRAMS, TOP, Failed

SLOW = 4  # seconds; whoever takes longer runs SLOW_ROUNDS times only
SLOW_ROUNDS = 3
TIMED = os.path.join(PROGRAMS, "timed.py")
KEYS = ("wall", "cpu", "rss")


class Candidate:
    """A program that takes part in a workload.

    `start` is a function of (setting, source) that prepares a run and gives
    (command, more environment, {what: path of an output}). `same` names the
    outputs that must say the same as forebay's, `counted` those that must
    only have as many lines. `missing` says why it cannot run.
    """

    def __init__(self, name, start=None, same=(), counted=(), note="",
                 missing=None, ours=False):
        self.name = name
        self.start = start
        self.same = same
        self.counted = counted
        self.note = note
        self.missing = missing
        self.ours = ours


def measure(setting, command, env=None):
    """Run to the end: wall seconds, CPU seconds, peak bytes of memory."""
    answer, descriptor = os.pipe()
    with open(os.path.join(setting.work, "output"), "w+b") as output, \
            open(answer, encoding="ascii") as said:
        status = subprocess.call(
            [sys.executable, "-I", "-S", TIMED, str(descriptor), *command],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            pass_fds=(descriptor,), cwd=TOP, env=dict(os.environ,
                                                      **(env or {})))
        os.close(descriptor)
        if status != 0:
            output.seek(0)
            text = output.read(4000).decode("utf-8", "replace")
            raise Failed("%s: exit status %d\n%s" % (
                " ".join(command[:3]), status, text))
        wall, cpu, rss = said.read().split()
    return {"wall": float(wall), "cpu": float(cpu), "rss": int(rss)}


def medians(samples):
    return {key: statistics.median(sample[key] for sample in samples)
            for key in KEYS}


def ratios(samples, base):
    """How much more than `base` a candidate takes: the median of the ratios
    round by round, so that what slows down a round slows down both."""
    pairs = list(zip(samples, base))
    return {key: statistics.median(
        one[key] / max(other[key], 1e-9) for one, other in pairs)
        for key in KEYS}


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of_rows(path):
    """In a process of its own: what it reads would raise our peak."""
    return subprocess.run(
        [sys.executable, os.path.join(PROGRAMS, "rows_digest.py"), path],
        check=True, capture_output=True, text=True).stdout.strip()


def lines(path):
    with open(path, "rb") as file:
        return sum(block.count(b"\n")
                   for block in iter(lambda: file.read(1 << 20), b""))


class Agreement:
    """What the first candidate wrote, and whether all others say the same."""

    def __init__(self):
        self.first = {}  # output -> digest, digest of rows (when asked for)
        self.lines = {}
        self.kept = {}

    def check(self, candidate, outputs, keep):
        """`keep` moves the first output aside, for a later comparison."""
        for what in candidate.same + candidate.counted:
            number = lines(outputs[what])
            if self.lines.setdefault(what, number) != number:
                raise Failed("%s wrote %d lines of '%s', not %d" % (
                    candidate.name, number, what, self.lines[what]))
        for what in candidate.same:
            found = digest(outputs[what])
            if what not in self.first:
                self.first[what] = found
                self.kept[what] = keep(what, outputs[what])
            elif self.first[what] != found and (
                    candidate.ours or
                    digest_of_rows(self.kept[what]) !=
                    digest_of_rows(outputs[what])):
                raise Failed("%s wrote another '%s'" % (
                    candidate.name, what))


def run_once(setting, candidate, source, check=None):
    """One sample; the outputs are looked at and taken away."""
    command, env, outputs = candidate.start(setting, source)
    sample = measure(setting, command, env)
    if check:
        check(outputs)
    for path in outputs.values():
        if os.path.exists(path):
            os.unlink(path)
    return sample


def enough(samples, rounds):
    slow = samples and statistics.median(
        sample["wall"] for sample in samples) > SLOW
    return len(samples) >= (min(rounds, SLOW_ROUNDS) if slow else rounds)


def compete(setting, candidates, source, rounds):
    """Everybody in turn, another one first each time: the samples by name."""
    present = [c for c in candidates if not c.missing]
    samples = {c.name: [] for c in present}
    agreement = Agreement()

    def keep(what, path):
        aside = os.path.join(setting.work, "first-" + what)
        os.replace(path, aside)
        return aside

    for number in range(rounds):
        first = number % len(present)
        for candidate in present[first:] + present[:first]:
            if enough(samples[candidate.name], rounds):
                continue
            samples[candidate.name].append(run_once(
                setting, candidate, source,
                number == 0 and (lambda outputs, who=candidate:
                                 agreement.check(who, outputs, keep))))
    for path in agreement.kept.values():
        os.unlink(path)
    return samples


def summary(candidates, samples, base="forebay"):
    """For each candidate: median, ratio to `base`, or why it is missing."""
    rows = []
    for candidate in candidates:
        row = {"name": candidate.name, "ours": candidate.ours}
        if candidate.note:
            row["note"] = candidate.note
        if candidate.missing:
            row["missing"] = candidate.missing
        else:
            own = samples[candidate.name]
            row.update(medians(own), rounds=len(own),
                       ratio=ratios(own, samples[base]))
        rows.append(row)
    return rows
