"""What a step notes while it works is there for the next attempt, whatever
kills this one.

The plugin of these tests is a step that asks somebody else to do something,
as one that starts a query does: it must not ask twice, so it notes the ticket
that it was given. It can kill its process at any moment of its life.
"""

import os
import shutil
import signal
import tempfile

import forebay
from forebay import BUILD, TOP, compile_plugin

ASK = r"""
#include <forebay/plugin.h>
#include <signal.h>
#include <unistd.h>

struct ask {
    const char *log; /* a line for each ticket */
    int die;
};

enum { AT_ASKED = 1, AT_NOTED, AT_PROCESS, AT_FLUSH, AT_CLOSE };

static void
die(const struct ask *ask, int at)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s.alive", ask->log);
    if (ask->die == at && access(path, F_OK) != 0)
        kill(getpid(), SIGKILL);
}

/* Somebody else works for us from now on. */
static int
ask_for(struct ask *ask, struct fb_step *step, char *ticket, size_t size,
        struct fb_error *err)
{
    FILE *log = fopen(ask->log, "a+");
    int count = 1, c;

    if (log == NULL)
        return fb_fail(err, FB_E_OUTPUT, "cannot write '%s'", ask->log);
    while ((c = fgetc(log)) != EOF)
        count += c == '\n';
    snprintf(ticket, size, "ticket %d of\n'%s'", count, fb_step_id(step));
    fprintf(log, "%d %s\n", count, fb_run_id(step));
    fclose(log);
    die(ask, AT_ASKED);
    return fb_note_put(step, "ticket", ticket, err);
}

static int
ask_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct ask *ask = self;
    const char *noted;
    char ticket[100];

    if (fb_note_get(step, "ticket", &noted, err) != 0)
        return -1;
    if (noted == NULL) {
        if (ask_for(ask, step, ticket, sizeof(ticket), err) != 0 ||
            fb_note_get(step, "ticket", &noted, err) != 0)
            return -1;
        if (noted == NULL || strcmp(noted, ticket) != 0)
            return fb_fail(err, FB_E_BUG, "the note is not what was noted");
    }
    die(ask, AT_NOTED);
    fb_fact(step, "has", "%s", noted);
    return 0;
}

static int
ask_process(void *self, struct fb_step *step, struct fb_batch *batch,
            struct fb_error *err)
{
    (void)step, (void)batch, (void)err;
    die(self, AT_PROCESS);
    return 0;
}

static int
ask_flush(void *self, struct fb_step *step, struct fb_error *err)
{
    (void)step, (void)err;
    die(self, AT_FLUSH);
    return 0;
}

static void
ask_close(void *self, struct fb_step *step)
{
    (void)step;
    die(self, AT_CLOSE);
}

static const char *const moments[] = {"asked", "noted", "process", "flush",
                                      "close", NULL};

static const struct fb_option ask_options[] = {
    {.name = "log",
     FB_STRING(struct ask, log),
     .flags = FB_REQUIRED,
     .help = "A file that gets a line for each ticket."},
    {.name = "die",
     FB_ENUM(struct ask, die),
     .choices = moments,
     .help = "When to die."},
    {.name = NULL},
};

static const struct fb_plugin ask = {
    FB_PLUGIN_HEAD,
    .kind = FB_TRANSFORM,
    .name = "ask",
    .summary = "Has something done once for each run.",
    .options = ask_options,
    .instance_size = sizeof(struct ask),
    .open = ask_open,
    .process = ask_process,
    .flush = ask_flush,
    .close = ask_close,
};

FB_PLUGINS(&ask);
"""

PIPELINE = """\
pipeline: asking
trigger: {uri: "${STORE}/raw/*.csv"}
sources: {upload: {uri: "${trigger.uri}", on_reject: fail}}
transforms:
  first:  {type: ask, log: "%(log)s", die: %(die)s}
  second: {type: ask, log: "%(log)s.of-second"}
sinks: {out: {uri: "${STORE}/out/${trigger.name}"}}
"""


class Asking(forebay.Case):
    """A case whose pipelines can ask, and die of it."""

    plugins = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plugins = tempfile.mkdtemp(prefix="forebay-ask-")
        cls.addClassCleanup(shutil.rmtree, cls.plugins)
        source = os.path.join(cls.plugins, "ask.c")
        with open(source, "w", encoding="utf-8") as file:
            file.write(ASK)
        compile_plugin(source, os.path.join(cls.plugins, "ask.so"),
                       "-I" + os.path.join(TOP, "host", "include"))

    def environment(self, env=None):
        more = {"FOREBAY_PLUGINS": "%s:%s" % (os.path.join(BUILD, "plugins"),
                                              self.plugins)}
        more.update(env or {})
        return super().environment(more)

    def killed(self, *pipelines):
        self.work(*pipelines, status=-signal.SIGKILL)

    def live(self):
        self.write("log.alive", "")


class Notes(Asking):
    def pipeline(self, die):
        self.write("store/raw/a.csv", "x\n1\n")
        return self.write("asking.yaml", PIPELINE % {
            "log": self.path("log"), "die": die})

    def tickets(self, name="log"):
        """[[number, run]] of what was asked for."""
        return [line.split() for line in self.read(name).decode().splitlines()]

    def has(self, report, label="first"):
        step, = [step for step in report["steps"] if step["step"] == label]
        return step["facts"]["has"]

    def test_the_next_attempt_has_the_note_wherever_this_one_died(self):
        for moment in ("noted", "process", "flush", "close"):
            with self.subTest(moment):
                self.setUp()
                pipeline = self.pipeline(moment)
                self.killed(pipeline)
                self.killed(pipeline)
                self.live()
                report = self.one(pipeline)
                self.assertEqual(report["outcome"], "success")
                self.assertEqual(self.tickets(), [["1", report["run"]]])
                self.assertEqual(self.has(report), "ticket 1 of\n'first'")
                self.assertEqual(self.files("store/out"), ["a.csv"])
                kept, = self.history()
                self.assertEqual((kept["state"], kept["attempts"]),
                                 ("done", 3))

    def test_what_was_not_noted_is_not_there(self):
        pipeline = self.pipeline("asked")
        self.killed(pipeline)
        self.live()
        report = self.one(pipeline)
        self.assertEqual(self.has(report), "ticket 2 of\n'first'")

    def test_two_steps_have_notes_of_their_own(self):
        pipeline = self.pipeline("flush")
        self.killed(pipeline)
        self.live()
        report = self.one(pipeline)
        self.assertEqual(self.has(report), "ticket 1 of\n'first'")
        self.assertEqual(self.has(report, "second"), "ticket 1 of\n'second'")
        self.assertEqual(len(self.tickets("log.of-second")), 1)

    def test_another_run_begins_without_notes(self):
        pipeline = self.pipeline("flush")
        self.killed(pipeline)
        self.live()
        self.one(pipeline)
        os.utime(self.path("store/raw/a.csv"))
        report = self.one(pipeline)
        self.assertEqual(self.has(report), "ticket 2 of\n'first'")
        runs = [run for _, run in self.tickets()]
        self.assertEqual(len(set(runs)), 2)

    def test_facts_are_told_to_people_on_one_line_a_step(self):
        self.live()
        report = self.one(self.pipeline("asked"))
        self.assertIn("  facts     first: has ticket 1 of\\n'first'\n",
                      report["printed"])


if __name__ == "__main__":
    import unittest
    unittest.main()
