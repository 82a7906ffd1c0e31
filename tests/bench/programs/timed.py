"""Runs a command and says what it took: wall seconds, CPU seconds and peak
bytes as three lines, into the descriptor that the first argument names.

wait4 counts a child's peak from before exec, when it still was a copy of its
parent. So the parent is this, which imports next to nothing, instead of
bench.py. Exits as the command did.

    timed.py DESCRIPTOR COMMAND...
"""

import os
import sys
import time


def main(descriptor, *command):
    began = time.monotonic()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    wall = time.monotonic() - began
    with open(int(descriptor), "w", encoding="ascii") as answer:
        answer.write("%.6f\n%.6f\n%d\n" % (
            wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024))
    sys.exit(os.waitstatus_to_exitcode(status) & 0xff)


if __name__ == "__main__":
    main(*sys.argv[1:])
