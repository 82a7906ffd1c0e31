#!/usr/bin/python3
"""Runs the test programs and scripts that it is given and counts the tests.

It does not build and does not choose: the Makefile does. Each argument is a
source: tests/unit/test_x.c stands for the program made from it below the
build folder, tests/fuzz/fuzz_x.c for its replay over its corpus, and a .py
file for python's unittest. Everything runs, then the failures are listed;
the last line is "N passed, M failed".
"""

import argparse
import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import time

SECONDS = 900  # one program; a hang must end as a failure, not hang the run

CHECK_LINE = re.compile(
    r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)$", re.M)
PYTHON_RAN = re.compile(r"^Ran (\d+) tests? in ", re.M)
PYTHON_WORD = re.compile(
    r"\b(failures|errors|skipped|unexpected successes)=(\d+)")


class Result:
    def __init__(self, source, passed=0, failed=0, skipped=0, output="",
                 seconds=0.0):
        self.source = source
        self.passed = passed
        self.failed = failed
        self.skipped = skipped
        self.output = output
        self.seconds = seconds


def command_for(source, build):
    """The command that runs a source's tests."""
    if source.endswith(".py"):
        return [sys.executable, "-m", "unittest", source]
    program = os.path.join(build, os.path.splitext(source)[0])
    if os.path.basename(source).startswith("fuzz_"):
        name = os.path.splitext(os.path.basename(source))[0]
        corpus = os.path.join("tests", "fuzz", "corpus",
                              name.removeprefix("fuzz_"))
        return [program, corpus]
    return [program]


def environment(build):
    env = dict(os.environ)
    env["FOREBAY_BUILD"] = os.path.abspath(build)
    env["PYTHONPATH"] = os.path.abspath("tests/e2e")
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    if env.get("FOREBAY_CORPORA"):
        env["FOREBAY_CORPORA"] = os.path.abspath(env["FOREBAY_CORPORA"])
    # What the tester has set for real use must not reach the tests.
    for name in ("FOREBAY_PLUGINS", "STATE_DIRECTORY", "STORE", "NOTIFY"):
        env.pop(name, None)
    return env


def run(source, build):
    command = command_for(source, build)
    started = time.monotonic()
    if not os.path.exists(command[0]):
        return Result(source, failed=1, output="was not built\n")
    # Its own process group: a timeout ends the programs it started too.
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, env=environment(build),
        start_new_session=True)
    try:
        output, _ = process.communicate(timeout=SECONDS)
        late = False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        late = True
    result = count(source, process.returncode,
                   output.decode("utf-8", "backslashreplace"))
    if late:
        result.output += "still running after %d s: killed\n" % SECONDS
    result.seconds = time.monotonic() - started
    return result


def count(source, status, output):
    """Counts from the runner's own summary, but never trusts it over the
    exit status: a program that failed has at least one failure."""
    result = Result(source, output=output)
    check = CHECK_LINE.findall(output)
    ran = PYTHON_RAN.findall(output)
    if check:
        checks, failures, errors = (int(n) for n in check[-1])
        result.failed = failures + errors
        result.passed = checks - result.failed
    elif ran:
        words = {}
        last = output[output.rindex("Ran "):]
        for word, number in PYTHON_WORD.findall(last):
            words[word] = int(number)
        result.skipped = words.pop("skipped", 0)
        result.failed = min(sum(words.values()), int(ran[-1]))
        result.passed = int(ran[-1]) - result.failed - result.skipped
    elif status == 0:
        result.passed = 1
    if status != 0 and result.failed == 0:
        result.failed = 1
        if status < 0:
            result.output += "ended by signal %d\n" % -status
        else:
            result.output += "ended with exit status %d\n" % status
    return result


def report(result):
    counts = "%d passed" % result.passed
    if result.failed:
        counts += ", %d failed" % result.failed
    if result.skipped:
        counts += ", %d skipped" % result.skipped
    print("  %-4s %-36s %s (%.1f s)" %
          ("FAIL" if result.failed else "ok", result.source, counts,
           result.seconds), flush=True)
    if result.failed:
        for line in result.output.splitlines()[-200:]:
            print("       | " + line)
        sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("--build-status", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("sources", nargs="*")
    args = parser.parse_args()

    results = []
    if args.build_status != 0:
        results.append(Result("the build", failed=1,
                              output="see the compiler's messages above\n"))
        report(results[0])
    with concurrent.futures.ThreadPoolExecutor(max(args.jobs, 1)) as pool:
        for result in pool.map(lambda s: run(s, args.build), args.sources):
            report(result)
            results.append(result)

    failed = [r for r in results if r.failed]
    if failed:
        print("\nfailed:")
        for result in failed:
            print("  " + result.source)
    passes = sum(r.passed for r in results)
    failures = sum(r.failed for r in results)
    skips = sum(r.skipped for r in results)
    if passes + failures == 0:
        print("no test was run", file=sys.stderr)
        failures = 1
    print("%d passed, %d failed%s" %
          (passes, failures, ", %d skipped" % skips if skips else ""))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
