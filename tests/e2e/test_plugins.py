"""Every plugin has a page, and the page's options are the plugin's own.

What the options do is shown by the plugin's tests.
"""

import glob
import os
import re
import subprocess
import unittest

from forebay import PROGRAM, TOP

OPTIONS = re.compile(r"<!-- options -->\n(.*)<!-- /options -->\n\Z", re.S)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def names():
    """Every plugin folder but those of shared code, which are no plugins."""
    folders = {os.path.basename(os.path.dirname(path))
               for path in glob.glob(os.path.join(TOP, "plugins", "*", "*.c"))}
    return sorted(folders - {"aws", "shared"})


def page_of(name):
    return os.path.join(TOP, "plugins", name, name + ".md")


class Pages(unittest.TestCase):
    def test_there_are_plugins(self):
        self.assertIn("file", names())

    def test_every_plugin_has_a_page(self):
        missing = [name for name in names()
                   if not os.path.exists(page_of(name))]
        self.assertEqual(missing, [])

    def test_every_page_shows_the_options_that_the_plugin_has(self):
        for name in names():
            with self.subTest(name):
                shown = subprocess.run(
                    [PROGRAM, "plugins", name, "--format", "markdown"],
                    check=True, capture_output=True, text=True).stdout
                found = OPTIONS.search(read(page_of(name)))
                self.assertIsNotNone(found, "no <!-- options --> markers")
                self.assertEqual(found.group(1), shown)

    def test_every_page_begins_with_the_name_and_shows_a_pipeline(self):
        for name in names():
            with self.subTest(name):
                text = read(page_of(name))
                self.assertTrue(text.startswith("# %s\n" % name))
                self.assertIn("```yaml\npipeline: ", text)


class Guide(unittest.TestCase):
    """The guide walks through the example: what it quotes must stand there."""

    def test_quoted_code_is_the_examples(self):
        guide = read(os.path.join(TOP, "docs", "plugin-guide.md"))
        source = read(os.path.join(TOP, "plugins", "example", "example.c"))
        blocks = re.findall(r"^```c\n(.*?)^```", guide, re.M | re.S)
        quoted = [block for block in blocks if "example" in block]
        self.assertGreaterEqual(len(quoted), 2)
        for block in quoted:
            self.assertIn(block, source)

    def test_every_option_macro_is_listed(self):
        guide = read(os.path.join(TOP, "docs", "plugin-guide.md"))
        header = read(os.path.join(TOP, "host", "include", "forebay",
                                   "plugin.h"))
        macros = re.findall(r"#define (FB_\w+)\(struct_, field_\)", header)
        self.assertGreater(len(macros), 5)
        for macro in macros:
            self.assertIn("`%s`" % macro, guide)


if __name__ == "__main__":
    unittest.main()
