"""The command line: verbs, flags and their twins, what goes where."""

import json
import os
import re
import shutil
import subprocess

import forebay
from forebay import TOP

VERBS = ("run", "check", "show", "plugins", "history", "retry", "guess",
         "graph", "preview")
ORDERS = os.path.join(TOP, "pipelines", "orders-filter.yaml")

PIPELINE = """\
pipeline: shop
description: ${NOTE:-none}
vars:
  NOTE: from vars
trigger: {uri: "${STORE}/raw/*.csv"}
sources: {upload: {uri: "${trigger.uri}"}}
transforms:
  some:
    type: filter
    where: x <> 'none'
sinks:
  out: {uri: "${STORE}/out/${trigger.name}"}
  bad: {inputs: [upload.rejected], uri: "${STORE}/bad/${trigger.name}"}
notifiers: {ops: {uri: "log:"}}
"""


class Shop(forebay.Case):
    def setUp(self):
        super().setUp()
        self.pipeline = self.write("shop.yaml", PIPELINE)
        self.write("store/raw/a.csv", "x\n1\n")


class Usage(Shop):
    def test_a_misspelt_verb_gets_a_suggestion(self):
        for wrong, right in (("rnu", "run"), ("chekc", "check"),
                             ("histroy", "history"), ("plugin", "plugins")):
            run = self.forebay(wrong, status=2)
            self.assertEqual(run.out, "")
            self.assertIn("there is no command '%s'" % wrong, run.err)
            self.assertIn("did you mean 'forebay %s'?" % right, run.err)

    def test_an_unknown_verb_gets_the_list(self):
        run = self.forebay("zzzzzz", status=2)
        self.assertIn("'forebay help' lists the commands", run.err)

    def test_a_misspelt_flag_gets_a_suggestion(self):
        for verb, wrong, right in (("run", "--as-off", "--as-of"),
                                   ("run", "--dryrun", "--dry-run"),
                                   ("check", "--noenv", "--no-env"),
                                   ("history", "--limmit", "--limit"),
                                   ("show", "--plugin", "--plugins")):
            run = self.forebay(verb, self.pipeline, wrong, status=2)
            self.assertIn("there is no flag '%s'" % wrong, run.err)
            self.assertIn("did you mean '%s'?" % right, run.err)

    def test_wrong_values_are_usage_errors(self):
        for arguments, says in (
                (("run", self.pipeline, "--as-of"), "needs a value"),
                (("run", self.pipeline, "--as-of", "10.05.2025"),
                 "such as 2025-05-10, not '10.05.2025'"),
                (("run", self.pipeline, "--as-of", "2025-02-30"),
                 "2025-02-30"),
                (("run", self.pipeline, "--strict=yes"), "takes no value"),
                (("run", self.pipeline, "-s"), "two dashes"),
                (("run", self.pipeline, "--set", "STORE"), "NAME=VALUE"),
                (("run", self.pipeline, "--log-format", "xml"), "text|json"),
                (("run",), "forebay: 'forebay run' needs PIPELINE...\n"
                           "    hint: 'forebay run --help' says more\n"),
                (("show",), "needs PIPELINE"),
                (("show", self.pipeline, "more"), "does not take 'more'"),
                (("history", "--limit", "ten"), "takes a number"),
                (("history", "--format", "yaml"), "text|json")):
            run = self.forebay(*arguments, "--state", self.state, status=2) \
                if says != "needs a value" \
                else self.forebay(*arguments, status=2)
            self.assertIn(says, run.err)
            self.assertEqual(run.out, "")
        self.assertFalse(os.path.exists(self.path("store/out")))

    def test_without_arguments_it_says_what_there_is_on_stderr(self):
        run = self.forebay(status=2)
        self.assertEqual(run.out, "")
        for verb in VERBS:
            self.assertIn("forebay " + verb, run.err)


class Help(Shop):
    def test_help_lists_every_verb_on_stdout(self):
        for how in ("help", "--help", "-h"):
            run = self.forebay(how)
            self.assertEqual(run.err, "")
            for verb in VERBS:
                self.assertRegex(run.out, r"(?m)^  forebay %s\b" % verb)

    def test_each_verb_has_help_of_its_own(self):
        for verb in VERBS:
            run = self.forebay(verb, "--help")
            self.assertEqual(run.err, "")
            self.assertTrue(run.out.startswith("forebay %s [FLAGS]" % verb))
            self.assertIn("--state DIR", run.out)
            self.assertIn("twin in the environment", run.out)

    def test_every_line_of_help_fits_a_terminal_or_nearly(self):
        for verb in VERBS:
            for line in self.forebay(verb, "--help").out.splitlines():
                self.assertLessEqual(len(line), 120, line)

    def test_the_version_is_that_of_the_makefile(self):
        with open(os.path.join(TOP, "Makefile"), encoding="utf-8") as file:
            version = re.search(r"^VERSION := (\S+)$", file.read(), re.M)[1]
        self.assertEqual(self.forebay("--version").out,
                         "forebay %s\n" % version)


class Twins(Shop):
    def test_every_flag_of_help_has_a_twin_that_is_read(self):
        self.work(self.pipeline, env={"FOREBAY_DRY_RUN": "1"})
        self.assertFalse(os.path.exists(self.path("store/out")))
        report = self.path("other.json")
        self.forebay("run", self.pipeline, env={
            "FOREBAY_STATE": self.state, "FOREBAY_REPORT": report,
            "FOREBAY_TRIGGER": self.store + "/raw/a.csv",
            "FOREBAY_AS_OF": "2025-05-10", "FOREBAY_IGNORE_WINDOW": "true"})
        with open(report, encoding="utf-8") as file:
            self.assertEqual(len(json.load(file)["runs"]), 1)
        run = self.forebay("history", env={
            "FOREBAY_STATE": self.state, "FOREBAY_FORMAT": "json",
            "FOREBAY_LIMIT": "1", "FOREBAY_PIPELINE": "shop"})
        self.assertEqual(json.loads(run.out)["pipeline"], "shop")

    def test_strict_and_no_env_have_theirs(self):
        self.write("store/raw/a.csv", "x\n1,2\n")
        self.work(self.pipeline, env={"FOREBAY_STRICT": "1"}, status=3)
        self.forebay("check", self.pipeline,
                     env={"FOREBAY_NO_ENV": "1", "STORE": "/nonexistent"})

    def test_a_flag_wins_over_its_twin(self):
        self.work(self.pipeline, env={"FOREBAY_STATE": self.path("other")})
        self.assertTrue(os.path.exists(self.path("state/ledger.sqlite")))
        self.assertFalse(os.path.exists(self.path("other")))

    def test_several_settings_stand_one_a_line(self):
        run = self.forebay("show", self.pipeline, env={
            "FOREBAY_SET": "NOTE=one\nSTORE=/two"})
        self.assertIn("one", run.out)
        self.assertIn("/two/raw/*.csv", run.out)

    def test_a_switch_takes_one_or_zero(self):
        self.work(self.pipeline, env={"FOREBAY_DRY_RUN": "0"})
        self.assertTrue(os.path.exists(self.path("store/out/a.csv")))
        run = self.work(self.pipeline, env={"FOREBAY_DRY_RUN": "maybe"},
                        status=2)
        self.assertIn("FOREBAY_DRY_RUN takes 1 or 0", run.err)

    def test_a_wrong_twin_is_called_by_its_name(self):
        run = self.forebay("history", env={"FOREBAY_LIMIT": "ten"}, status=2)
        self.assertIn("FOREBAY_LIMIT", run.err)

    def test_values_stand_behind_an_equals_sign_too(self):
        self.forebay("run", "--state=" + self.state, "--dry-run", "--",
                     self.pipeline)


class Values(Shop):
    """--set over the environment over vars."""

    def description(self, *arguments, env=None):
        run = self.forebay("show", self.pipeline, *arguments, env=env)
        return re.search(r"(?m)^description: *(.*?) *(#.*)?$", run.out)[1]

    def test_vars_give_a_value(self):
        self.assertIn("from vars", self.description())

    def test_the_environment_wins_over_vars(self):
        self.assertIn("of env", self.description(env={"NOTE": "of env"}))

    def test_set_wins_over_both(self):
        self.assertIn("of set", self.description(
            "--set", "NOTE=of set", env={"NOTE": "of env"}))

    def test_the_last_set_wins(self):
        self.assertIn("two", self.description("--set", "NOTE=one",
                                              "--set", "NOTE=two"))

    def test_a_default_stands_in_for_what_is_empty(self):
        self.assertIn("none", self.description("--set", "NOTE="))


class Show(Shop):
    def shown(self, path, **more):
        return self.forebay("show", path, **more).out

    @staticmethod
    def without_comments(text):
        return [line for line in
                (re.sub(r"(^|\s)#.*$", "", line).rstrip()
                 for line in text.splitlines()) if line]

    def assert_the_same(self, one, two):
        # Whether `inputs` is written or follows from the order decides where
        # it is listed, and nothing else.
        self.assertEqual(sorted(self.without_comments(one)),
                         sorted(self.without_comments(two)))

    def test_what_is_shown_is_a_pipeline_that_means_the_same(self):
        first = self.shown(self.pipeline)
        again = self.write("again.yaml", first)
        self.forebay("check", "--no-env", again)
        self.assert_the_same(self.shown(again), first)

    def test_so_it_is_for_the_shipped_pipelines(self):
        shutil.copytree(os.path.join(TOP, "schemas"), self.path("schemas"))
        for name in ("orders-filter", "upload-cp932"):
            first = self.shown(os.path.join(TOP, "pipelines",
                                            name + ".yaml"))
            again = self.write("pipelines/" + name + ".yaml", first)
            self.forebay("check", "--no-env", again)
            self.assert_the_same(self.shown(again), first)

    def test_each_value_says_where_it_came_from(self):
        text = self.shown(self.pipeline)
        self.assertRegex(text, r"(?m)uri: .*/raw/\*\.csv.*#.*STORE")
        self.assertRegex(text, r"(?m)description: .*#.*NOTE.*vars")
        self.assertRegex(text, r"(?m)charset: .*#.*default")

    def test_secrets_are_masked(self):
        secret = self.write("secret", "canary-4711\n")
        os.chmod(secret, 0o600)
        self.write("shop.yaml", PIPELINE.replace(
            "${NOTE:-none}", "it is ${file:%s}" % secret).replace(
                "vars:\n  NOTE: from vars\n", ""))
        run = self.forebay("show", self.pipeline)
        self.assertNotIn("canary", run.out + run.err)
        self.assertIn("it is ****", run.out)

    def test_no_secret_is_in_anything_that_a_run_writes(self):
        secret = self.write("secret", "canary-4711\n")
        os.chmod(secret, 0o600)
        self.write("shop.yaml", PIPELINE.replace(
            "${NOTE:-none}", "it is ${file:%s}" % secret).replace(
                "vars:\n  NOTE: from vars\n", ""))
        run = self.work(self.pipeline)
        self.assertNotIn("canary", run.out + run.err)
        os.unlink(secret)
        for name in self.files():
            self.assertNotIn(b"canary", self.read(name), name)

    def test_problems_go_to_stderr_and_are_78(self):
        self.write("shop.yaml", PIPELINE.replace("where:", "wheer:"))
        run = self.forebay("show", self.pipeline, status=78)
        self.assertIn("'where'", run.err)


class Check(Shop):
    def test_it_says_ok_for_each_file_on_stdout(self):
        other = self.write("other.yaml", PIPELINE)
        run = self.forebay("check", self.pipeline, other)
        self.assertEqual(run.out, "%s: ok\n%s: ok\n" % (self.pipeline, other))

    def test_one_bad_file_does_not_hide_another(self):
        bad = self.write("bad.yaml", PIPELINE.replace("where:", "wheer:"))
        worse = self.write("worse.yaml", "pipeline: x\n")
        run = self.forebay("check", bad, self.pipeline, worse, status=78)
        self.assertIn(bad + ":", run.err)
        self.assertIn(worse, run.err)
        self.assertEqual(run.out, self.pipeline + ": ok\n")

    def test_it_looks_at_the_world_unless_told_not_to(self):
        self.write("store/bad", "a file where a folder must be")
        run = self.forebay("check", self.pipeline, status=78)
        self.assertIn(self.pipeline + ":13:", run.err)
        self.forebay("check", "--no-env", self.pipeline)

    def test_it_changes_nothing(self):
        self.forebay("check", self.pipeline)
        self.assertEqual(self.files(), ["shop.yaml", "store/raw/a.csv"])


class Streams(Shop):
    def test_stdout_is_data_and_stderr_is_talk(self):
        run = self.work(self.pipeline)
        self.assertTrue(run.out.startswith("shop: success\n"), run.out)
        self.assertIn("run-finished", run.err)
        self.assertNotIn("run-finished", run.out)

    def test_every_line_of_a_json_log_is_an_object(self):
        run = self.work(self.pipeline, "--log-format", "json")
        events = [json.loads(line) for line in run.err.splitlines()]
        self.assertGreaterEqual(len(events), 2)
        finished, = [e for e in events if e.get("event") == "run-finished"]
        self.assertEqual(finished["pipeline"], "shop")
        self.assertEqual(finished["state"], "done")
        self.assertEqual(finished["trigger"], self.store + "/raw/a.csv")

    def test_no_name_can_break_a_line_of_the_log(self):
        self.write("store/raw/b\"\\x.csv", "x\n1\n")
        run = self.work(self.pipeline, "--log-format", "json")
        for line in run.err.splitlines():
            json.loads(line)

    def test_there_is_no_progress_line_without_a_terminal(self):
        run = self.work(self.pipeline)
        self.assertNotIn("\r", run.err)
        self.assertNotIn("\x1b", run.err)

    def test_a_full_disk_behind_stdout_is_an_error(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run(
                [forebay.PROGRAM, "show", self.pipeline], stdout=full,
                stderr=subprocess.PIPE, env=self.environment())
        self.assertEqual(done.returncode, 73)
        self.assertIn(b"No space left", done.stderr)

    def test_a_report_that_cannot_be_written_is_an_error(self):
        run = self.forebay("run", self.pipeline, "--state", self.state,
                           "--report", "/nonexistent/report.json", status=73)
        self.assertIn("/nonexistent", run.err)

    def test_several_pipelines_are_one_report(self):
        other = self.write("other.yaml",
                           PIPELINE.replace("pipeline: shop",
                                            "pipeline: other")
                           .replace("/out/", "/out2/")
                           .replace("/bad/", "/bad2/"))
        run = self.work(self.pipeline, other)
        self.assertEqual([r["pipeline"] for r in run.runs()],
                         ["shop", "other"])

    def test_a_bad_pipeline_does_not_stop_the_next(self):
        bad = self.write("bad.yaml", "pipeline: x\n")
        run = self.work(bad, self.pipeline, status=78)
        self.assertEqual(len(run.runs()), 1)

    def test_a_terminal_sees_a_report_and_no_log(self):
        output = subprocess.run(
            ["script", "-qec", "%s run %s --state %s" % (
                forebay.PROGRAM, self.pipeline, self.state), "/dev/null"],
            capture_output=True, text=True, env=self.environment(),
            stdin=subprocess.DEVNULL).stdout
        self.assertIn("shop: success", output)
        self.assertNotIn("run-finished", output)


class Plugins(Shop):
    def test_the_list_has_one_line_for_each_and_names_its_kind(self):
        run = self.forebay("plugins")
        for name in ("file", "validate", "filter", "select", "derive",
                     "dedupe", "log", "example"):
            self.assertRegex(run.out, r"(?m)^%s\b" % name)

    def test_the_schema_for_editors_is_json(self):
        run = self.forebay("plugins", "--format", "jsonschema")
        schema = json.loads(run.out)
        self.assertIn("2020-12", schema["$schema"])

    def test_a_misspelt_plugin_gets_a_suggestion(self):
        run = self.forebay("plugins", "fitler", status=2)
        self.assertIn("did you mean 'filter'?", run.err)

    def test_a_folder_that_is_not_there_is_an_error(self):
        run = self.forebay("plugins", "--plugins", "/nonexistent", status=78)
        self.assertIn("/nonexistent", run.err)
