"""Who may know whom: the rules of the house that no compiler checks.

The table below is the drawing of the house in docs/architecture.md, as a
test. To let a room use another one, change the table and that page, and say
why in the commit; a room never uses one that stands above it.
"""

import os
import re
import subprocess
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("FOREBAY_BUILD", os.path.join(TOP, "build"))

# From the ground up. A room may use itself, and what stands here.
ROOMS = {
    "util": [],
    "batch": ["util"],
    "codec": ["util", "batch"],
    "expr": ["util", "batch"],
    "ledger": ["util"],
    "registry": ["util"],
    "config": ["util", "batch", "codec", "expr", "registry"],
    "step": ["util", "batch", "codec", "expr", "registry", "config"],
    "table": ["util", "batch", "codec", "config", "step"],
    "trigger": ["util", "ledger", "registry", "config", "step"],
    "run": ["util", "batch", "codec", "expr", "ledger", "registry",
            "config", "step", "table", "trigger"],
    "serve": ["util", "ledger", "registry", "config", "step", "trigger"],
    "cmd": ["util", "batch", "codec", "expr", "ledger", "registry",
            "config", "step", "table", "trigger", "run", "serve"],
    "main.c": ["util", "cmd"],
}

# Code that several plugins compile in; a plugin's own folder is nobody else's.
SHARED = ["aws", "shared"]

# In plugins only: a network or an engine in the host is a fault in every run.
# What serve needs is loaded when it starts.
NOT_IN_THE_HOST = ["libcurl", "libssl", "libcrypto", "libduckdb",
                   "libmicrohttpd", "libgnutls"]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def sources(folder):
    for parent, _, names in os.walk(os.path.join(TOP, folder)):
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                yield os.path.relpath(os.path.join(parent, name), TOP)


def includes(path):
    """Yields (line, quote, name) for each #include of a file."""
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        text = file.read()
    for match in INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield line, match.group(1), match.group(2)


def is_ours(name):
    """Whether a name in an #include means a header of the host."""
    return os.path.exists(os.path.join(TOP, "host", name))


class Rooms(unittest.TestCase):
    def test_every_folder_of_the_host_is_a_room_of_the_table(self):
        found = {path.split("/")[1] for path in sources("host")}
        self.assertEqual(found - set(ROOMS) - {"include"}, set())

    def test_a_room_uses_only_rooms_below_it(self):
        broken = []
        for path in sources("host"):
            room = path.split("/")[1]
            if room == "include":
                continue
            for line, _, name in includes(path):
                other = name.split("/")[0]
                if other in ROOMS and other not in ROOMS[room] + [room]:
                    broken.append("%s:%d: %s must not know %s" %
                                  (path, line, room, name))
        self.assertEqual(broken, [])

    def test_no_two_rooms_use_each_other(self):
        names = list(ROOMS)
        for room, allowed in ROOMS.items():
            for other in allowed:
                self.assertLess(names.index(other), names.index(room),
                                "%s stands above %s" % (other, room))

    def test_host_headers_are_named_from_the_top(self):
        broken = ["%s:%d: %s" % (path, line, name)
                  for path in sources("host")
                  for line, quote, name in includes(path)
                  if quote == '"' and not is_ours(name)
                  and name != "forebay/plugin.h"]
        self.assertEqual(broken, [])

    def test_a_source_file_includes_its_own_header_first(self):
        broken = []
        for path in sources("host"):
            header = path[:-2] + ".h"
            if path.endswith(".c") and os.path.exists(
                    os.path.join(TOP, header)):
                names = [name for _, _, name in includes(path)]
                if names[:1] != [header[len("host/"):]]:
                    broken.append(path)
        self.assertEqual(broken, [])

    def test_the_public_header_needs_nothing_of_the_host(self):
        broken = [name for path in sources("host/include")
                  for _, quote, name in includes(path)
                  if quote == '"' or is_ours(name)]
        self.assertEqual(broken, [])


class Plugins(unittest.TestCase):
    def test_a_plugin_includes_one_header_of_the_host(self):
        broken = []
        for path in sources("plugins"):
            folder = os.path.dirname(path)
            for line, quote, name in includes(path):
                if name == "forebay/plugin.h":
                    continue
                beside = os.path.exists(os.path.join(TOP, folder, name))
                if quote == '"' and beside and "/" not in name:
                    continue
                if quote == '"' and self.is_shared(name):
                    continue
                if quote == '"' or is_ours(name) or ".." in name:
                    broken.append("%s:%d: %s" % (path, line, name))
        self.assertEqual(broken, [])

    @staticmethod
    def is_shared(name):
        return name.split("/")[0] in SHARED and os.path.exists(
            os.path.join(TOP, "plugins", name))

    def test_the_tests_of_plugins_do_not_compile_a_plugin_in(self):
        broken = ["%s:%d: %s" % (path, line, name)
                  for path in sources("tests/plugin")
                  for line, _, name in includes(path)
                  if name.endswith(".c")]
        self.assertEqual(broken, [])


class Program(unittest.TestCase):
    def test_the_host_links_no_network_no_cryptography_no_engine(self):
        shown = subprocess.run(
            ["ldd", os.path.join(BUILD, "forebay")], check=True,
            capture_output=True, text=True).stdout
        self.assertIn("libyaml", shown)  # that it shows anything at all
        for library in NOT_IN_THE_HOST:
            self.assertNotIn(library, shown)

    def test_only_the_owner_can_write_to_the_plugins(self):
        folder = os.path.join(BUILD, "plugins")
        for path in [BUILD, folder] + [os.path.join(folder, name)
                                       for name in os.listdir(folder)]:
            self.assertEqual(os.stat(path).st_mode & 0o022, 0, path)

    def test_a_plugin_exports_its_list_in_both_forms_and_nothing_else(self):
        folder = os.path.join(BUILD, "plugins")
        for name in sorted(os.listdir(folder)):
            if not name.endswith(".so"):
                continue  # the folder of an engine that a plugin loads
            shown = subprocess.run(
                ["nm", "-D", "--defined-only", "--format=posix",
                 os.path.join(folder, name)],
                check=True, capture_output=True, text=True).stdout
            symbols = [line.split()[0] for line in shown.splitlines()]
            # The sanitizers and gcov export markers of their own.
            symbols = [s for s in symbols if not s.startswith("_")]
            self.assertEqual(sorted(symbols),
                             ["forebay_plugins", "forebay_provides"], name)


if __name__ == "__main__":
    unittest.main()
