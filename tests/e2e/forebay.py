"""What every end-to-end test needs: a folder of its own, the built program,
and its reports. It holds no test itself.

The program is $FOREBAY_BUILD/forebay, else build/forebay. Each case has a
folder with a store and a state folder; nothing of the tester's own settings
reaches the program.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("FOREBAY_BUILD",
                                       os.path.join(TOP, "build")))
PROGRAM = os.path.join(BUILD, "forebay")
CC = shlex.split(os.environ.get("CC") or "cc")
TIMEOUT = 120  # seconds; a run that hangs is a failure, not a hanging test

# Of the tester's environment; the rest could change what the program does.
KEPT = re.compile(r"^(PATH|LANG|LC_.*|TMPDIR|.*SAN_OPTIONS)$")


def corpora():
    """The folder of real files, or None: not every checkout has it."""
    for folder in (os.environ.get("FOREBAY_CORPORA"),
                   os.path.join(TOP, "..", "shared", "corpora")):
        if folder and os.path.isdir(folder):
            return os.path.abspath(folder)
    return None


class Run:
    """An invocation that ended."""

    def __init__(self, status, out, err, report=None):
        self.status = status
        self.out = out
        self.err = err
        self.report = report

    def __str__(self):
        return "exit status %d\n--- stdout\n%s--- stderr\n%s" % (
            self.status, self.out, self.err)

    def runs(self):
        return self.report["runs"]

    def idle(self):
        return [entry["why"] for entry in self.report["idle"]]


def clean_environment(home):
    env = {name: value for name, value in os.environ.items()
           if KEPT.match(name)}
    env["HOME"] = home
    env["XDG_STATE_HOME"] = os.path.join(home, "state-of-xdg")
    return env


class Case(unittest.TestCase):
    """A test with a folder: self.dir, with store/ and state/ below it."""

    maxDiff = 4000

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="forebay-test-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.store = os.path.join(self.dir, "store")
        self.state = os.path.join(self.dir, "state")
        os.mkdir(self.store)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, content, age=None):
        """A file below self.dir; age: seconds that it is old already."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if isinstance(content, str):
            content = content.encode("utf-8")
        with open(path, "wb") as file:
            file.write(content)
        if age is not None:
            changed = os.stat(path).st_mtime - age
            os.utime(path, (changed, changed))
        return path

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def files(self, name=""):
        """Every file below a folder, as names relative to it; sorted."""
        top = self.path(name)
        return sorted(os.path.relpath(os.path.join(parent, file), top)
                      for parent, _, files in os.walk(top) for file in files)

    def environment(self, env=None):
        made = clean_environment(self.dir)
        made["STORE"] = self.store
        made.update(env or {})
        return {k: v for k, v in made.items() if v is not None}

    def forebay(self, *arguments, status=0, env=None, cwd=None, **more):
        """Runs the program; its exit status must be `status` (None: any)."""
        done = subprocess.run(
            [PROGRAM, *arguments], capture_output=True, timeout=TIMEOUT,
            stdin=subprocess.DEVNULL, cwd=cwd or TOP,
            env=self.environment(env), **more)
        run = Run(done.returncode, done.stdout.decode("utf-8"),
                  done.stderr.decode("utf-8"))
        if status is not None:
            self.assertEqual(run.status, status, str(run))
        return run

    def work(self, pipeline, *arguments, status=0, env=None, now=None,
             **more):
        """`forebay run` with the state of this case and its report; outside
        business hours too, unless a time is given."""
        report = self.path("report.json")
        if os.path.exists(report):
            os.unlink(report)
        env = dict(env or {})
        flags = ["--state", self.state, "--report", report]
        if now is None:
            flags.append("--ignore-window")
        else:
            env["FOREBAY_NOW"] = now
        run = self.forebay("run", pipeline, *flags, *arguments,
                           status=status, env=env, **more)
        if os.path.exists(report):
            with open(report, encoding="utf-8") as file:
                run.report = json.load(file)
            self.assertEqual(run.report["exit"], run.status)
        return run

    def one(self, *arguments, **more):
        """As work, for exactly one run: its report."""
        run = self.work(*arguments, **more)
        self.assertEqual(len(run.runs()), 1, str(run))
        report = run.runs()[0]
        self.assert_balanced(report)
        report["printed"] = run.out
        report["said"] = run.err
        return report

    def history(self, *arguments):
        run = self.forebay("history", "--state", self.state, "--format",
                           "json", *arguments)
        return [json.loads(line) for line in run.out.splitlines()]

    def assert_balanced(self, report):
        """The first law, from what the report says of each step."""
        for step in report["steps"]:
            rows = step["rows"]
            if step["kind"] == "transform":
                self.assertEqual(
                    rows["in"],
                    rows["out"] + rows["filtered"] + rows["rejected"], step)
            elif step["kind"] == "sink" and report["outcome"] == "success":
                self.assertEqual(rows["in"], rows["out"], step)
        given = sum(step["rows"]["out"] + step["rows"]["rejected"]
                    for step in report["steps"] if step["kind"] == "source")
        self.assertEqual(report["rows"]["read"], given)

    def assert_no_leftovers(self, *folders):
        """Nothing temporary in what people look at."""
        for folder in folders or ("store",):
            for name in self.files(folder):
                last = os.path.basename(name)
                self.assertFalse(last.startswith("."), name)
                self.assertNotRegex(last, r"\.(tmp|part|partial|new)\b")


def output(arguments, **more):
    """What a tool prints; a tool that fails fails the test."""
    done = subprocess.run(arguments, capture_output=True, text=True, **more)
    if done.returncode != 0:
        raise AssertionError("%s: exit status %d\n%s%s" % (
            " ".join(arguments), done.returncode, done.stdout, done.stderr))
    return done.stdout


def compile_plugin(source, target, *flags):
    """One C file to one plugin, by hand, as a plugin author would."""
    output([*CC, "-shared", "-fPIC", "-fvisibility=hidden", "-Wall",
            "-Wextra", "-Werror", "-Wl,-z,defs", *flags, "-o", target,
            source])
    os.chmod(target, 0o755)
    return target


# A notifier for tests: `tell:FILE` adds one line to FILE for each message.
# While FILE.closed exists it cannot be reached; while FILE.stall exists it
# makes FILE.stalled, and does not come back.
TELL = r"""
#include <errno.h>
#include <forebay/plugin.h>
#include <unistd.h>

static const char *
beside(const char *file, const char *end, char *path, size_t size)
{
    snprintf(path, size, "%s.%s", file, end);
    return path;
}

static int
tell_notify(void *self, struct fb_step *step, const struct fb_report *report,
            struct fb_error *err)
{
    const char *file = fb_uri(step) + strlen("tell:");
    char path[4096];
    FILE *out;

    (void)self;
    if (access(beside(file, "closed", path, sizeof(path)), F_OK) == 0)
        return fb_fail(err, FB_E_UNAVAILABLE, "the desk is closed");
    if (access(beside(file, "stall", path, sizeof(path)), F_OK) == 0) {
        out = fopen(beside(file, "stalled", path, sizeof(path)), "w");
        if (out != NULL)
            fclose(out);
        sleep(60);
    }
    out = fopen(file, "a");
    if (out == NULL)
        return fb_fail(err, FB_E_OUTPUT, "cannot write '%s'", file);
    fprintf(out, "%s %s %s\n", report->run_id, report->outcome,
            report->uploader_file ? report->uploader_file : "-");
    if (fclose(out) != 0)
        return fb_fail(err, FB_E_OUTPUT, "cannot write '%s'", file);
    return 0;
}

static const char *const tell_schemes[] = {"tell", NULL};

static const struct fb_plugin tell = {
    FB_PLUGIN_HEAD,
    .kind = FB_NOTIFIER,
    .name = "tell",
    .summary = "Writes one line a message into a file.",
    .schemes = tell_schemes,
    .notify = tell_notify,
};

FB_PLUGINS(&tell);
"""


class Told(Case):
    """A case whose messages go to a notifier of the tests."""

    plugins = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plugins = tempfile.mkdtemp(prefix="forebay-tell-")
        cls.addClassCleanup(shutil.rmtree, cls.plugins)
        source = os.path.join(cls.plugins, "tell.c")
        with open(source, "w", encoding="utf-8") as file:
            file.write(TELL)
        compile_plugin(source, os.path.join(cls.plugins, "tell.so"),
                       "-I" + os.path.join(TOP, "host", "include"))

    def setUp(self):
        super().setUp()
        self.told_file = self.path("told")

    def environment(self, env=None):
        more = {"FOREBAY_PLUGINS": "%s:%s" % (
            os.path.join(BUILD, "plugins"), self.plugins),
            "NOTIFY": "tell:" + self.told_file}
        more.update(env or {})
        return super().environment(more)

    def told(self):
        """[[run, outcome, file]] of the messages that arrived."""
        if not os.path.exists(self.told_file):
            return []
        with open(self.told_file, encoding="utf-8") as file:
            return [line.split() for line in file]
