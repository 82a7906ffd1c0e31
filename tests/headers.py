"""Every header compiles alone; the public one also as other dialects.

A header that needs another one included before it works by accident. The
authors of plugins may write C11 or C++17 and ask for every warning.
"""

import concurrent.futures
import os
import shlex
import subprocess
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CC = shlex.split(os.environ.get("CC") or "cc")
CXX = shlex.split(os.environ.get("CXX") or "g++")
PUBLIC = "host/include/forebay/plugin.h"
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def headers():
    for folder in ("host", "plugins", "tests"):
        for parent, _, names in os.walk(os.path.join(TOP, folder)):
            for name in sorted(names):
                if name.endswith(".h"):
                    yield os.path.relpath(os.path.join(parent, name), TOP)


def complaints(command, path):
    """What the compiler says about a file that includes only this header."""
    text = '#include "%s"\n' % os.path.join(TOP, path)
    # Twice: a header without a guard fails here, not in somebody's build.
    done = subprocess.run(command + ["-fsyntax-only", "-"], cwd=TOP,
                          input=text * 2, capture_output=True, text=True)
    return done.stderr if done.returncode else ""


class Headers(unittest.TestCase):
    def test_every_header_compiles_alone(self):
        command = CC + ["-std=gnu17", "-x", "c", "-Ihost/include", "-Itests",
                        "-Wall", "-Wextra", "-Wstrict-prototypes", "-Werror"]

        def compile_one(path):
            plugin = path.startswith("plugins/")
            return complaints(
                command + ["-Iplugins" if plugin else "-Ihost"], path)

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            said = list(pool.map(compile_one, headers()))
        self.assertGreater(len(said), 0)
        self.assertEqual("".join(said), "")

    def test_the_public_header_is_c11(self):
        said = complaints(CC + ["-std=c11", "-x", "c"] + STRICT, PUBLIC)
        self.assertEqual(said, "")

    def test_the_public_header_is_cpp17(self):
        said = complaints(CXX + ["-std=c++17", "-x", "c++"] + STRICT, PUBLIC)
        self.assertEqual(said, "")


if __name__ == "__main__":
    unittest.main()
