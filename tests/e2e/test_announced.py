"""Triggers that somebody announces who does not keep the objects: what is
asked, acknowledged and told, and in which order. The announcer is a plugin of
the tests; the objects are files."""

import os
import shutil
import tempfile
import unittest

from forebay import BUILD, TOP, Told, compile_plugin

# `desk:FILE` announces what FILE says: a uri and a token a line. What it hears
# it adds to FILE.heard. While FILE.deaf exists it can hear nothing.
DESK = r"""
#include <forebay/plugin.h>
#include <unistd.h>

static const char *
path_of(struct fb_step *step, const char *end, char *path, size_t size)
{
    snprintf(path, size, "%s%s", fb_uri(step) + strlen("desk:"), end);
    return path;
}

static int
hear(struct fb_step *step, const char *what, const struct fb_object *object,
     struct fb_error *err)
{
    char path[4096];
    FILE *out;

    if (access(path_of(step, ".deaf", path, sizeof(path)), F_OK) == 0)
        return fb_fail(err, FB_E_UNAVAILABLE, "the desk is deaf");
    out = fopen(path_of(step, ".heard", path, sizeof(path)), "a");
    if (out == NULL)
        return fb_fail(err, FB_E_OUTPUT, "cannot write '%s'", path);
    fprintf(out, "%s %s\n", what, object->token);
    fclose(out);
    return 0;
}

static int
desk_discover(void *self, struct fb_step *step, fb_found_fn found, void *arg,
              struct fb_error *err)
{
    char path[4096], uri[4096], token[64];
    FILE *in = fopen(path_of(step, "", path, sizeof(path)), "r");

    (void)self;
    if (in == NULL)
        return fb_fail(err, FB_E_MISSING, "there is no '%s'", path);
    while (fscanf(in, "%4095s %63s", uri, token) == 2) {
        const struct fb_object object = {.uri = uri,
                                         .generation = "hint",
                                         .modified_ms = fb_now_ms(step) - 60000,
                                         .token = token};
        if (found(arg, &object) != 0)
            break;
    }
    fclose(in);
    return 0;
}

static int
desk_settle(void *self, struct fb_step *step, const struct fb_object *object,
            bool success, struct fb_error *err)
{
    (void)self;
    return hear(step, success ? "done" : "failed", object, err);
}

static int
desk_renew(void *self, struct fb_step *step, const struct fb_object *object,
           struct fb_error *err)
{
    (void)self;
    return hear(step, "busy", object, err);
}

static const char *const desk_schemes[] = {"desk", NULL};

static const struct fb_plugin desk = {
    FB_PLUGIN_HEAD,
    .kind = FB_SOURCE,
    .name = "desk",
    .summary = "Announces what a file says.",
    .schemes = desk_schemes,
    .flags = FB_LISTS_OTHERS,
    .discover = desk_discover,
    .settle = desk_settle,
    .renew = desk_renew,
};

FB_PLUGINS(&desk);
"""

PIPELINE = """\
pipeline: announced
vars: {STORE: var/store, NOTIFY: "log:"}
trigger: {uri: "desk:${STORE}/desk", match: "${STORE}/raw/*.csv", wait: WAIT}
sources:
  upload: {uri: "${trigger.uri}", on_reject: fail}
sinks:
  out: {uri: "${STORE}/out/${trigger.name}"}
notifiers:
  ops: {uri: "${NOTIFY}"}
"""


class Announced(Told):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = tempfile.mkdtemp(prefix="forebay-desk-")
        cls.addClassCleanup(shutil.rmtree, cls.desk)
        source = os.path.join(cls.desk, "desk.c")
        with open(source, "w", encoding="utf-8") as file:
            file.write(DESK)
        compile_plugin(source, os.path.join(cls.desk, "desk.so"),
                       "-I" + os.path.join(TOP, "host", "include"))

    def environment(self, env=None):
        more = {"FOREBAY_PLUGINS": ":".join(
            (os.path.join(BUILD, "plugins"), self.plugins, self.desk))}
        more.update(env or {})
        return super().environment(more)

    def setUp(self):
        super().setUp()
        self.pipeline = self.write("p.yaml", PIPELINE.replace("WAIT", "1h"))
        self.announce()

    def announce(self, *lines):
        self.write("store/desk", "".join(
            "%s/%s\n" % (self.store, line) for line in lines))

    def heard(self):
        if not os.path.exists(self.path("store/desk.heard")):
            return []
        return self.read("store/desk.heard").decode().splitlines()

    def test_a_run_is_kept_while_it_works_and_acknowledged_when_done(self):
        self.write("store/raw/a.csv", "x\n1\n")
        self.write("store/raw/b.csv", "x\n1\n")
        self.announce("raw/a.csv t1")
        report = self.one(self.pipeline)
        self.assertEqual(report["trigger"], self.path("store/raw/a.csv"))
        self.assertEqual(self.files("store/out"), ["a.csv"])
        self.assertEqual(self.heard(), ["busy t1", "done t1"])

    def test_what_comes_twice_is_acknowledged_twice_and_done_once(self):
        self.write("store/raw/a.csv", "x\n1\n")
        self.announce("raw/a.csv t1")
        self.one(self.pipeline)
        self.announce("raw/a.csv t2")
        run = self.work(self.pipeline)
        self.assertEqual(run.runs(), [])
        self.assertEqual(self.heard(), ["busy t1", "done t1", "done t2"])

    def test_a_failure_for_good_is_acknowledged_as_one(self):
        self.write("store/raw/a.csv", "x\n\"1\n")
        self.announce("raw/a.csv t1")
        self.work(self.pipeline, status=None)
        self.work(self.pipeline)
        self.assertEqual(self.heard(),
                         ["busy t1", "failed t1", "failed t1"])
        self.assertEqual([told[1] for told in self.told()], ["failure"])

    def test_what_does_not_match_is_acknowledged_and_never_run(self):
        self.write("store/out/a.csv", "x\n1\n")
        self.announce("out/a.csv t1")
        run = self.work(self.pipeline)
        self.assertEqual(run.idle(),
                         ["nothing due (1 not for this pipeline)"])
        self.assertIn("trigger-ignored", run.err)
        self.assertEqual(self.heard(), ["done t1"])
        self.assertEqual(self.history(), [])

    def test_what_was_announced_in_one_is_acknowledged_with_the_last(self):
        self.write("store/raw/a.csv", "x\n1\n")
        self.announce("raw/a.csv t1", "raw/b.csv t1")
        self.work(self.pipeline)
        self.assertEqual(self.heard(), ["busy t1"])
        self.write("store/raw/b.csv", "x\n1\n")
        run = self.work(self.pipeline)
        self.assertEqual(len(run.runs()), 1)
        self.assertEqual(self.heard(), ["busy t1", "busy t1", "done t1"])

    def test_an_object_that_never_comes_is_told_and_then_acknowledged(self):
        self.announce("raw/a.csv t1")
        run = self.work(self.pipeline)
        self.assertEqual(run.idle(), ["nothing due (1 waiting for data)"])
        self.assertEqual(self.heard(), [])
        self.pipeline = self.write("p.yaml", PIPELINE.replace("WAIT", "0s"))
        self.work(self.pipeline, status=65)
        self.assertEqual(self.heard(), ["failed t1"])
        self.assertEqual([told[1:] for told in self.told()],
                         [["failure", "a.csv"]])

    def test_a_run_goes_on_when_nobody_hears_and_says_so(self):
        self.write("store/raw/a.csv", "x\n1\n")
        self.write("store/desk.deaf", "")
        self.announce("raw/a.csv t1")
        report = self.one(self.pipeline, status=69)
        self.assertEqual(report["outcome"], "success")
        self.assertIn("trigger-not-renewed", report["said"])
        self.assertIn("trigger-not-settled", report["said"])
        os.unlink(self.path("store/desk.deaf"))
        self.work(self.pipeline)
        self.assertEqual(self.heard(), ["done t1"])

    def test_a_dry_run_and_check_acknowledge_nothing(self):
        self.write("store/raw/a.csv", "x\n1\n")
        self.announce("raw/a.csv t1", "x.csv t2")
        run = self.forebay("run", "--dry-run", "--state", self.state,
                           self.pipeline)
        self.assertRegex(run.out, "would run .*raw/a.csv")
        self.assertRegex(run.out, "would ignore .*/x.csv")
        self.forebay("check", self.pipeline)
        self.assertEqual(self.heard(), [])


if __name__ == "__main__":
    unittest.main()
