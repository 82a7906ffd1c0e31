"""The demo shows what the README says it shows."""

import os
import re
import subprocess
import unittest

import forebay
from engines import duckdb
from forebay import BUILD, TOP


class Demo(forebay.Case):
    def build(self, *names):
        """A folder that has of the build what is named."""
        for name in names:
            os.symlink(os.path.join(BUILD, name), self.path(name))
        return self.dir

    def demo(self, build):
        done = subprocess.run(
            [os.path.join(TOP, "scripts", "demo.sh"), build], cwd=TOP,
            capture_output=True, text=True, timeout=forebay.TIMEOUT,
            env=self.environment({"STORE": None}))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout.replace(build + "/", "build/")

    def shown(self):
        with open(os.path.join(TOP, "README.md"), encoding="utf-8") as file:
            return re.search(r"`make demo` ends .*?\n```\n(.*?)^```",
                             file.read(), re.M | re.S).group(1)

    @duckdb()
    def test_it_shows_what_the_readme_shows(self):
        out = self.demo(self.build("forebay", "plugins")).splitlines()
        at = 0
        for line in self.shown().splitlines():
            self.assertIn(line, out[at:])
            at = out.index(line, at) + 1

    @duckdb()
    def test_it_shows_all_five_results(self):
        out = self.demo(self.build("forebay", "plugins"))
        shown = re.findall(r"^\$ head -n 4 build/demo/store/enriched/(\w+)"
                           r"\.csv\n(?:.+\n){4}", out, re.M)
        self.assertEqual(len(set(shown)), 5, out)

    @duckdb()
    def test_it_ends_by_naming_the_page(self):
        out = self.demo(self.build("forebay", "plugins"))
        page = "demo/store/enriched/dashboard.html"
        self.assertEqual(out.splitlines()[-1], "  build/" + page)
        self.assertIn(b"<h1>Orders</h1>", self.read(page))

    def test_without_an_engine_it_filters_and_says_so(self):
        out = self.demo(self.build("forebay"))
        self.assertIn("orders-filter: success\n", out)
        self.assertNotIn("orders-enrichment: ", out.split("demo:")[0])
        self.assertIn("demo: orders-enrichment was left out", out)


if __name__ == "__main__":
    unittest.main()
