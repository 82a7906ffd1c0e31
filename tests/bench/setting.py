"""Where things are: the program that is measured, the folders to work in, the
peers that are installed. What is measured stands in workloads.py.

FOREBAY_BUILD names the build folder. The data lies in memory (/dev/shm) when
there is room, else in the build folder: it is programs that are compared, not
disks. FOREBAY_BENCH_DIR puts it elsewhere.
"""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PROGRAMS = os.path.join(HERE, "programs")
PIPELINES = os.path.join(HERE, "pipelines")
SHIPPED = os.path.join(TOP, "pipelines", "orders-filter.yaml")
DOCS = os.path.join(TOP, "docs")
AS_OF = "2025-05-10"

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
SHARED_MEMORY = "/dev/shm"
NEEDED = 5 * GIB  # of the largest workload, and as much memory besides


class Failed(Exception):
    """A workload that cannot give a number worth printing."""


def say(text=""):
    print(text, flush=True)


def available_memory():
    with open("/proc/meminfo", encoding="ascii") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * KIB
    return 0


def work_folder(build):
    """The folder for data and outputs; the disk is the last resort."""
    asked = os.environ.get("FOREBAY_BENCH_DIR")
    if asked:
        return os.path.abspath(asked)
    if os.access(SHARED_MEMORY, os.W_OK) \
            and shutil.disk_usage(SHARED_MEMORY).free > NEEDED \
            and available_memory() > 2 * NEEDED:
        return os.path.join(SHARED_MEMORY, "forebay-bench-%d" % os.getuid())
    return os.path.join(build, "bench")


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def filesystem_of(path):
    """The type of the file system that holds a path, as the kernel says."""
    best, kind = "", "unknown"
    with open("/proc/self/mounts", encoding="utf-8") as file:
        for line in file:
            point, name = line.split()[1:3]
            if len(point) >= len(best) and (
                    path + "/").startswith(point.rstrip("/") + "/"):
                best, kind = point, name
    return kind


class Setting:
    """What every workload is given."""

    def __init__(self, quick=False):
        self.quick = quick
        self.build = os.path.abspath(os.environ.get(
            "FOREBAY_BUILD", os.path.join(TOP, "build")))
        self.program = os.path.join(self.build, "forebay")
        self.folder = os.path.join(self.build, "bench")
        self.data = work_folder(self.build)
        self.work = os.path.join(self.data, "work")
        deps = os.environ.get("FOREBAY_DEPS",
                              os.path.join(TOP, "build", "deps"))
        self.duckdb = os.environ.get(
            "FOREBAY_DUCKDB", os.path.join(deps, "libduckdb.so"))
        self.polars_for_node = os.path.join(
            deps, "polars", "node_modules", "nodejs-polars")
        self._has_jobs = None

    def fresh(self, *parts):
        """An empty folder below the work folder."""
        path = os.path.join(self.work, *parts)
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        return path

    def borrows_memory(self):
        """Whether the data lies where it takes memory from everybody."""
        return os.path.dirname(self.data) == SHARED_MEMORY \
            and "FOREBAY_BENCH_DIR" not in os.environ

    def need_room(self, size):
        free = shutil.disk_usage(self.data).free
        if free < size:
            raise Failed("needs %.1f GiB in '%s', there are %.1f" % (
                size / GIB, self.data, free / GIB))

    def made(self, kind, count):
        """A file of data.py, made once."""
        path = os.path.join(self.data, "%s-%d.csv" % (kind, count))
        if not os.path.exists(path):
            say("making %s" % path)
            subprocess.run([sys.executable, os.path.join(HERE, "data.py"),
                            kind, str(count), path], check=True)
        return path

    def has_jobs(self):
        """Whether the program knows `--jobs`."""
        if self._has_jobs is None:
            said = subprocess.run([self.program, "run", "--help"],
                                  capture_output=True, check=True).stdout
            self._has_jobs = b"--jobs" in said
        return self._has_jobs

    def has_duckdb(self):
        return os.path.exists(self.duckdb)

    def polars(self):
        """The words that start a program of Polars, or None."""
        if importlib.util.find_spec("polars"):
            return [sys.executable, os.path.join(PROGRAMS,
                                                 "polars_filter.py")]
        if shutil.which("node") and os.path.isdir(self.polars_for_node):
            return ["node", os.path.join(PROGRAMS, "polars_filter.js"),
                    self.polars_for_node]
        return None

    def about(self):
        return {"cpu": processor(), "cores": os.cpu_count(),
                "kernel": platform.release(),
                "python": platform.python_version(),
                "load": os.getloadavg()[0],
                "folder": filesystem_of(self.data)}
