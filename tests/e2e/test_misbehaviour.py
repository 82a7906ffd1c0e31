"""What a plugin that crashes, ends the program or lies may not do: show a
part of an output, pass for success, or keep the next run from making it good.
"""

import os
import signal

import forebay
from forebay import TOP, compile_plugin

ODD = r"""
#include <fcntl.h>
#include <forebay/plugin.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct odd {
    const char *how;
};

/* "touch:PATH": one byte more at its end. */
static int
meddle(const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

    return write(fd, "\n", 1) == 1 ? close(fd) : -1;
}

static int
odd_process(void *self, struct fb_step *step, struct fb_batch *batch,
            struct fb_error *err)
{
    const struct odd *odd = self;

    switch (odd->how[0]) {
    case 'k':
        raise(SIGKILL);
        break;
    case 'a':
        abort();
    case 'e':
        exit(0);
    case 's':
        return -1;
    case 'h':
        return fb_spool_put(step, batch, err) == 0 ? FB_HOLD : -1;
    case 'c':
        setenv("FOREBAY_NOW", odd->how + strlen("clock:"), 1);
        break;
    case 'u':
        if (unlink(odd->how + strlen("unlink:")) != 0)
            return fb_fail(err, FB_E_FAILED, "cannot meddle");
        break;
    case 't':
        if (meddle(odd->how + strlen("touch:")) != 0)
            return fb_fail(err, FB_E_FAILED, "cannot meddle");
        break;
    }
    fb_log(step, FB_INFO, "behaves");
    return 0;
}

static const struct fb_option odd_options[] = {
    {.name = "how", FB_STRING(struct odd, how), .def = "well",
     .help = "What it does."},
    {.name = NULL},
};

static const struct fb_plugin odd = {
    FB_PLUGIN_HEAD,
    .kind = FB_TRANSFORM,
    .name = "odd",
    .summary = "Misbehaves.",
    .options = odd_options,
    .instance_size = sizeof(struct odd),
    .process = odd_process,
};

FB_PLUGINS(&odd);
"""

PIPELINE = """\
pipeline: odd
vars: {HOW: well}
trigger: {uri: "${STORE}/raw/*.csv", attempts: 3}
sources: {upload: {uri: "${trigger.uri}", on_reject: fail}}
transforms: {o: {type: odd, how: "${HOW}"}}
sinks: {out: {uri: "${STORE}/out.csv"}}
notifiers: {desk: {uri: "${NOTIFY}"}}
"""


class Misbehaviour(forebay.Told):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        source = os.path.join(cls.plugins, "odd.c")
        with open(source, "w", encoding="utf-8") as file:
            file.write(ODD)
        compile_plugin(source, os.path.join(cls.plugins, "odd.so"),
                       "-I" + os.path.join(TOP, "host", "include"))

    def setUp(self):
        super().setUp()
        self.pipeline = self.write("odd.yaml", PIPELINE)
        self.write("store/raw/a.csv", "x\n1\n2\n")

    def misbehave(self, how, status=None):
        run = self.forebay("run", self.pipeline, "--state", self.state,
                           "--set", "HOW=" + how, status=status)
        self.assertNotEqual(run.status, 0)
        self.assertEqual(self.files("store"), ["raw/a.csv"])
        return run

    def make_good(self):
        report = self.one(self.pipeline)
        self.assertEqual(report["outcome"], "success")
        self.assertEqual(self.read("store/out.csv"), b"x\n1\n2\n")
        self.assertEqual(self.files("store"), ["out.csv", "raw/a.csv"])
        self.assertEqual([outcome for _, outcome, _ in self.told()],
                         ["success"])
        self.assertEqual(self.work(self.pipeline).runs(), [])
        return report

    def test_one_that_dies_is_a_crash_that_the_next_run_makes_good(self):
        run = self.misbehave("kill")
        self.assertEqual(run.status, -signal.SIGKILL)
        self.assertEqual(self.make_good()["attempt"], 2)

    def test_one_that_aborts_is_a_crash_too(self):
        self.misbehave("abort")
        self.assertEqual(self.make_good()["attempt"], 2)

    def test_one_that_ends_the_program_does_not_make_it_a_success(self):
        run = self.misbehave("exit", status=70)
        self.assertIn("ended in the midst of its work", run.err)
        self.assertEqual(self.make_good()["attempt"], 2)

    def test_one_that_fails_without_a_word_is_named(self):
        run = self.misbehave("silently", status=70)
        self.assertIn("plugin 'odd'", run.out)
        self.assertIn("without saying why", run.out)
        self.assertEqual([outcome for _, outcome, _ in self.told()],
                         ["failure"])

    def test_one_that_hoards_rows_makes_nothing_visible(self):
        run = self.misbehave("hoard", status=70)
        self.assertIn("rows do not balance at step 'o'", run.out)

    def test_what_changed_while_it_was_read_makes_nothing_visible(self):
        upload = self.path("store/raw/a.csv")
        run = self.misbehave("touch:" + upload, status=75)
        self.assertIn("'%s' was" % upload, run.out)
        self.assertEqual(self.read("store/raw/a.csv"), b"x\n1\n2\n\n")
        # It is another upload now.
        self.assertEqual(self.one(self.pipeline)["attempt"], 1)

    def meddle_before_its_turn(self, how, status):
        """The run of a.csv meddles with b.csv, whose turn is the next."""
        path = self.write("store/raw/b.csv", "x\n3\n")
        os.utime(self.path("store/raw/a.csv"), (1e9, 1e9))
        run = self.work(self.pipeline, "--set", "HOW=%s:%s" % (how, path),
                        status=status)
        self.assertEqual([report["outcome"] for report in run.runs()],
                         ["success", "failure"])
        self.assertEqual(self.read("store/out.csv"), b"x\n1\n2\n")
        return path, run.runs()[1]["error"]["message"]

    def test_an_upload_that_is_replaced_before_its_turn_runs_as_the_new(self):
        path, message = self.meddle_before_its_turn("touch", 75)
        self.assertEqual(message,
                         "'%s' was replaced before it was read" % path)
        self.assertEqual(self.one(self.pipeline)["trigger"], path)
        self.assertEqual(self.read("store/out.csv"), b"x\n3\n")
        self.assertEqual(self.work(self.pipeline).runs(), [])

    def test_an_upload_that_goes_away_before_its_turn_is_told(self):
        path, message = self.meddle_before_its_turn("unlink", 65)
        self.assertIn("cannot open '%s': No such file" % path, message)
        self.assertEqual([told[1:] for told in self.told()],
                         [["success", "a.csv"], ["failure", "b.csv"]])
        self.assertEqual(self.work(self.pipeline).runs(), [])

    def test_what_waits_when_the_window_closes_meanwhile_is_left(self):
        self.write("odd.yaml", PIPELINE + 'window: {hours: "09:00-18:00", '
                   'timezone: UTC}\n')
        self.write("store/raw/b.csv", "x\n3\n")
        os.utime(self.path("store/raw/a.csv"), (1e9, 1e9))
        run = self.work(self.pipeline, "--set",
                        "HOW=clock:2035-05-10T18:00:00Z",
                        now="2035-05-10T17:59:00Z")
        self.assertEqual(len(run.runs()), 1)
        self.assertRegex(run.idle()[0], "^window closed until .*09:00 UTC$")
        self.assertEqual(self.one(self.pipeline)["trigger"],
                         self.store + "/raw/b.csv")

    def test_one_that_dies_each_time_is_given_up_and_told(self):
        for _ in range(3):
            self.misbehave("kill", status=-signal.SIGKILL)
        self.assertEqual(self.told(), [])
        run = self.misbehave("kill", status=70)
        self.assertIn("crashed at each of 3 attempts", run.out)
        self.assertEqual([outcome for _, outcome, _ in self.told()],
                         ["failure"])
        self.assertEqual(self.work(self.pipeline).idle(),
                         ["nothing due (1 failed before: see 'forebay "
                          "history')"])
