"""Whoever copies from the documentation gets what works.

Every YAML block of the README, of docs/ and of the plugins' pages is checked:
a block with `pipeline:` as it stands, a schema through a source that names
it, a part of a pipeline inside the smallest pipeline around it.
"""

import glob
import json
import os
import re
import shutil
import unittest

import forebay
from forebay import TOP

BLOCK = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```", re.M | re.S)
# What a step alone is shown by, and the transform it then belongs to.
ALONE = {"where": "filter", "set": "derive", "keep": "select",
         "drop": "select", "rename": "select", "order": "select",
         "key": "dedupe"}
SECTIONS = ("vars", "settings", "window", "trigger", "tables", "sources",
            "transforms", "sinks", "notifiers")


def pages():
    return sorted(glob.glob(os.path.join(TOP, "README.md"))
                  + glob.glob(os.path.join(TOP, "docs", "*.md"))
                  + glob.glob(os.path.join(TOP, "plugins", "*", "*.md")))


def blocks():
    """("docs/x.md:12", text) for each YAML block."""
    for page in pages():
        with open(page, encoding="utf-8") as file:
            text = file.read()
        for match in BLOCK.finditer(text):
            indent, language, body = match.groups()
            if language not in ("yaml", "yml"):
                continue
            line = text.count("\n", 0, match.start()) + 2
            yield ("%s:%d" % (os.path.relpath(page, TOP), line),
                   re.sub("(?m)^" + indent, "", body))


def keys_of(schema):
    """The keys that a map, or each value of a map of maps, may have."""
    inner = schema.get("additionalProperties")
    if "properties" not in schema and isinstance(inner, dict):
        return keys_of(inner)
    return set(schema.get("properties", ()))


def keys(text):
    return re.findall(r"(?m)^([A-Za-z_]\w*):", text)


def surround(text):
    """A part of a pipeline, made whole."""
    given = keys(text)
    whole = "pipeline: from-the-documentation\n"
    if "vars" not in given:
        names = sorted(set(re.findall(r"\$\{([A-Za-z_]\w*)\}", text)))
        if names:
            whole += "vars:\n" + "".join("  %s: 'var/x'\n" % name
                                         for name in names)
    if "sources" not in given:
        whole += "sources: {upload: {uri: in.csv, on_reject: drop}}\n"
    whole += text
    if "sinks" not in given:
        whole += "\nsinks: {out: {uri: out.csv}}\n"
    return whole


class Shipped(forebay.Case):
    def test_every_shipped_pipeline_passes_check(self):
        found = sorted(glob.glob(os.path.join(TOP, "pipelines", "*.yaml")))
        self.assertGreaterEqual(len(found), 2)
        for path in found:
            with self.subTest(os.path.basename(path)):
                run = self.forebay("check", "--no-env", path,
                                   env={"STORE": None})
                self.assertEqual(run.out, path + ": ok\n")

    def test_every_shipped_schema_is_used_or_passes_check_alone(self):
        found = sorted(glob.glob(os.path.join(TOP, "schemas", "*.yaml")))
        self.assertGreaterEqual(len(found), 2)
        for path in found:
            with self.subTest(os.path.basename(path)):
                pipeline = self.write(
                    "p.yaml", "pipeline: p\nsources: {a: {uri: in.csv, "
                    "on_reject: fail, schema: %s}}\n"
                    "sinks: {z: {uri: out.csv}}\n" % path)
                self.forebay("check", "--no-env", pipeline)


class Blocks(forebay.Case):
    def setUp(self):
        super().setUp()
        shutil.copytree(os.path.join(TOP, "schemas"), self.path("schemas"))
        # In docs a schema may be named as if it lay beside the pipeline.
        shutil.copytree(os.path.join(TOP, "schemas"), self.path("pipelines"))

    def pipeline_of(self, text):
        given = keys(text)
        if "pipeline" in given:
            return text
        if "fields" in given:
            self.write("pipelines/of-docs.yaml", text)
            return surround("sources: {a: {uri: in.csv, on_reject: fail, "
                            "schema: of-docs.yaml}}\n")
        if given and given[0] in ALONE:
            return surround("transforms:\n  shown:\n    type: %s\n%s" % (
                ALONE[given[0]], re.sub("(?m)^", "    ", text)))
        if given and set(given) <= set(SECTIONS):
            return surround(text)
        return None

    def test_every_block_of_the_documentation_passes_check(self):
        found = list(blocks())
        self.assertGreater(len(found), 3)
        for place, text in found:
            with self.subTest(place):
                whole = self.pipeline_of(text)
                self.assertIsNotNone(
                    whole, "neither pipeline nor schema nor part:\n" + text)
                path = self.write("pipelines/shown.yaml", whole)
                run = self.forebay("check", "--no-env", path, status=None,
                                   env={"STORE": None})
                self.assertEqual(run.status, 0, "%s\n%s" % (whole, run))

    def test_the_readme_shows_a_pipeline(self):
        self.assertTrue(any(
            place.startswith("README.md:") and "pipeline" in keys(text)
            for place, text in blocks()))


class Keys(forebay.Case):
    def test_every_key_of_the_host_is_listed(self):
        schema = json.loads(self.forebay("plugins", "--format",
                                         "jsonschema").out)
        with open(os.path.join(TOP, "docs", "pipeline.md"),
                  encoding="utf-8") as file:
            listed = set(re.findall(r"(?m)^\| `(\w+)` \|", file.read()))
        groups = dict(schema["$defs"], pipeline=schema)
        groups.update({key: value for key, value
                       in schema["properties"].items()
                       if key in ("window", "trigger", "tables")})
        for name in ("pipeline", "window", "trigger", "tables", "source",
                     "transform", "sink", "notifier", "dialect"):
            found = keys_of(groups[name])
            with self.subTest(name):
                self.assertGreater(len(found), 1)
                self.assertLessEqual(found, listed)


class Links(unittest.TestCase):
    def test_every_page_that_is_linked_exists(self):
        for page in pages():
            with open(page, encoding="utf-8") as file:
                text = file.read()
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
                with self.subTest(page=os.path.relpath(page, TOP),
                                  target=target):
                    self.assertTrue(os.path.exists(os.path.join(
                        os.path.dirname(page), target)))
