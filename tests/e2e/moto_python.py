"""Which python has the emulator that tests/requirements.txt pins. Run as a
program it prints that python, or says what is missing and exits with 1; so
set-up and the tests never disagree.
"""

import os
import shutil
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
REQUIREMENTS = os.path.join(TOP, "tests", "requirements.txt")
DEPS = os.path.abspath(os.environ.get("FOREBAY_DEPS")
                       or os.path.join(TOP, "build", "deps"))
PROBE = """
from importlib import metadata, util
if util.find_spec("flask") and util.find_spec("flask_cors"):
    print(metadata.version("moto"))
"""


def pinned():
    with open(REQUIREMENTS, encoding="utf-8") as file:
        for line in file:
            name, _, version = line.partition("==")
            if name == "moto[server]":
                return version.strip()
    raise RuntimeError("%s does not pin moto[server]" % REQUIREMENTS)


def environment():
    """Of this process, without what would change how python imports."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "AWS_"))}


def candidates():
    yield os.path.join(DEPS, "venv", "bin", "python")
    for folder in os.get_exec_path():
        yield os.path.join(folder, "python3")
    yield "/usr/bin/python3"


def version_of(python):
    done = subprocess.run([python, "-c", PROBE], capture_output=True,
                          text=True, env=environment(), check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def find():
    """The path of a python, or None."""
    wanted = pinned()
    for python in dict.fromkeys(candidates()):
        if shutil.which(python) and version_of(python) == wanted:
            return python
    return None


def main():
    python = find()
    if python is None:
        sys.exit("no python3 has moto[server] %s" % pinned())
    print(python)


if __name__ == "__main__":
    main()
