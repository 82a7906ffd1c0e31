#!/usr/bin/python3
"""Prints how many lines of each host and plugin file the tests ran.

It reads what a --coverage build left in the folder it is given; it runs no
test itself.
"""

import collections
import json
import os
import subprocess
import sys


def data_files(build):
    for parent, _, names in os.walk(os.path.join(build, "obj")):
        for name in names:
            if name.endswith(".gcda"):
                yield os.path.abspath(os.path.join(parent, name))


def read(path, lines):
    """Adds the line counts of one object to lines[file][number]."""
    shown = subprocess.run(
        ["gcov", "--json-format", "--stdout", path], check=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    for text in shown.splitlines():
        for entry in json.loads(text)["files"]:
            name = os.path.relpath(entry["file"])
            if not name.startswith(("host/", "plugins/")):
                continue
            for line in entry["lines"]:
                number = line["line_number"]
                lines[name][number] = max(lines[name].get(number, 0),
                                          line["count"])


def main():
    lines = collections.defaultdict(dict)
    for path in data_files(sys.argv[1]):
        read(path, lines)
    if not lines:
        sys.exit("coverage: '%s' holds no data of a test run" % sys.argv[1])
    total = run = 0
    for name in sorted(lines):
        counts = lines[name].values()
        hit = sum(1 for count in counts if count)
        total += len(counts)
        run += hit
        print("%6.1f %%  %5d of %5d  %s" %
              (100 * hit / len(counts), hit, len(counts), name))
    print("%6.1f %%  %5d of %5d  in all" % (100 * run / total, run, total))


if __name__ == "__main__":
    main()
