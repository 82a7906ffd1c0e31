"""How fast, and how small: `make bench`. Never part of `make check`.

    bench.py [--quick] [--only NAME]     NAME: filter memory triggers startup
                                         s3

Each workload runs several times, the candidates in turn (A B A B), and the
medians are printed, with each candidate's ratio to forebay. What is not
installed is said to be so. All numbers also go to BUILD/bench/results.json.
Exits with 1 when a candidate fails, when candidates that do the same work
disagree, or when the memory workload takes more than its bound.

docs/performance.md says how to read what comes out.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("FOREBAY_BUILD",
                                       os.path.join(TOP, "build")))
FOREBAY = os.path.join(BUILD, "forebay")
FOLDER = os.path.join(BUILD, "bench")
WORK = os.path.join(FOLDER, "work")
PEERS = os.path.join(HERE, "peers.py")
PIPELINE = os.path.join(TOP, "pipelines", "orders-filter.yaml")
DUCKDB = os.environ.get("FOREBAY_DUCKDB",
                        os.path.join(TOP, "build", "deps", "libduckdb.so"))
AS_OF = "2025-05-10"

MIB = 1 << 20
GIB = 1 << 30
MEMORY_BOUND = 96 * MIB

AWK = """NR == 1 { print; next }
{ s = tolower($4); gsub(/^ +| +$/, "", s)
  if ((s != "pending" && s != "cancelled") || $5 > "2025-04-10") print }"""
MILLER = ('(strip(tolower($Status)) != "pending" && '
          'strip(tolower($Status)) != "cancelled") || '
          '$OrderDate > "2025-04-10"')


class Failed(Exception):
    """A workload that cannot give a number worth printing."""


# --- measuring ------------------------------------------------------------

def measure(command, env=None):
    """Run to the end: wall seconds, CPU seconds, peak bytes of memory.

    wait4 counts the peak from before exec, when the child still was a copy
    of this process: nothing smaller than `floor` can be seen.
    """
    with open(os.path.join(WORK, "output"), "w+b") as output:
        began = time.monotonic()
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            cwd=TOP, env=dict(os.environ, **(env or {})))
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            output.seek(0)
            text = output.read(4000).decode("utf-8", "replace")
            raise Failed("%s: exit status %d\n%s" % (
                " ".join(command[:3]), child.returncode, text))
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime,
            "rss": usage.ru_maxrss * 1024}


def fresh(*parts):
    """An empty folder below the work folder."""
    path = os.path.join(WORK, *parts)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def forebay(store):
    """The command and environment of one run over all that lies in raw/."""
    state = fresh("state")
    return ([FOREBAY, "run", PIPELINE, "--ignore-window", "--as-of", AS_OF,
             "--state", state],
            {"STORE": store, "NOTIFY": "log:"})


def store_with(source):
    """A store whose raw/ holds a link to the file."""
    store = fresh("store")
    os.mkdir(os.path.join(store, "raw"))
    os.link(source, os.path.join(store, "raw", "orders.csv"))
    return store


def lines_of(path):
    with open(path, "rb") as file:
        return sum(block.count(b"\n")
                   for block in iter(lambda: file.read(MIB), b""))


def medians(samples):
    return {key: statistics.median(s[key] for s in samples)
            for key in samples[0]}


# --- data -----------------------------------------------------------------

def orders(rows):
    """A file of so many orders, made once."""
    path = os.path.join(FOLDER, "orders-%d.csv" % rows)
    if not os.path.exists(path):
        say("making %s" % os.path.relpath(path, TOP))
        subprocess.run([sys.executable, PEERS, "orders", str(rows),
                        path + ".new"], check=True)
        os.rename(path + ".new", path)
    return path


def need_disk(size):
    free = shutil.disk_usage(FOLDER).free
    if free < size:
        raise Failed("needs %.1f GiB of disk, there are %.1f" % (
            size / GIB, free / GIB))


def large(path, size):
    """The rows of one file again and again, until it is large enough."""
    with open(orders(300000), "rb") as file:
        header, rows = file.readline(), file.read()
    with open(path, "wb") as file:
        file.write(header)
        while file.tell() < size:
            file.write(rows)


# --- workloads ------------------------------------------------------------

def run_forebay(source):
    store = store_with(source)
    command, env = forebay(store)
    sample = measure(command, env)
    return sample, os.path.join(store, "processed", "filtered_orders.csv")


def run_peer(command):
    out = os.path.join(fresh("peer"), "out.csv")

    def run(source):
        return measure([word.replace("{in}", source).replace("{out}", out)
                        for word in command]), out
    return run


def peers():
    """(name, a function that runs it or None, whether it filters)."""
    def shell(text, *more):
        return run_peer(["/bin/sh", "-c", text, "sh", *more])

    mlr = shutil.which("mlr")
    return [
        ("cp", run_peer(["cp", "{in}", "{out}"]), False),
        ("mawk (no quoting)", shutil.which("mawk") and shell(
            'exec mawk -F, "$1" "$2" >"$3"', AWK, "{in}", "{out}"), True),
        ("python csv", run_peer([sys.executable, PEERS, "csv", "{in}",
                                 "{out}"]), True),
        ("miller", mlr and shell(
            'exec mlr --csv filter "$1" "$2" >"$3"', MILLER, "{in}",
            "{out}"), True),
        ("duckdb", os.path.exists(DUCKDB) and run_peer(
            [sys.executable, PEERS, "duckdb", DUCKDB, "{in}", "{out}"]),
         True),
    ]


def bench_filter(quick):
    rows, rounds = (300000, 3) if quick else (3000000, 5)
    source = orders(rows)
    candidates = [("forebay", run_forebay, True)] + peers()
    present = [c for c in candidates if c[1]]
    samples = {name: [] for name, _, _ in present}
    kept = {}
    for number in range(rounds):
        for name, run, filters in present:
            sample, out = run(source)
            samples[name].append(sample)
            if filters and number == 0:
                kept[name] = lines_of(out)
            os.unlink(out)
    if len(set(kept.values())) > 1:
        raise Failed("they do not keep the same rows: %s" % kept)
    found = {name: medians(list_) for name, list_ in samples.items()}
    print_peers("orders-filter on %s rows, %.0f MiB, median of %d" % (
        "{:,}".format(rows), os.path.getsize(source) / MIB, rounds),
        [name for name, _, _ in candidates], found)
    return {"rows": rows, "bytes": os.path.getsize(source),
            "rounds": rounds, "samples": samples}


def bench_memory(quick):
    size = GIB // 4 if quick else 2 * GIB
    source = os.path.join(FOLDER, "large.csv")
    need_disk(size * 5 // 2)
    try:
        # In a child, for what it reads would raise the floor of measure().
        subprocess.run([sys.executable, os.path.abspath(__file__),
                        "--make-large", source, str(size)], check=True)
        sample, _ = run_forebay(source)
        size = os.path.getsize(source)
    finally:
        shutil.rmtree(os.path.join(WORK, "store"), ignore_errors=True)
        if os.path.exists(source):
            os.unlink(source)
    within = sample["rss"] < MEMORY_BOUND
    title("memory: a CSV of %.2f GiB through orders-filter" % (size / GIB))
    say("  peak %.1f MiB, the bound is %d MiB: %s   (%.1f s, %.0f MiB/s)" % (
        sample["rss"] / MIB, MEMORY_BOUND // MIB,
        "ok" if within else "TOO MUCH", sample["wall"],
        size / MIB / sample["wall"]))
    if not within:
        raise Failed("the memory bound does not hold")
    return {"bytes": size, "bound": MEMORY_BOUND, "samples": [sample]}


def bench_triggers(quick):
    count, rounds = (100, 3) if quick else (1000, 3)
    with open(orders(200), "rb") as file:
        text = b"".join(file.readline() for _ in range(21))
    samples = []
    for _ in range(rounds):
        store = fresh("store")
        os.mkdir(os.path.join(store, "raw"))
        for number in range(count):
            with open(os.path.join(store, "raw", "%05d.csv" % number),
                      "wb") as file:
                file.write(text)
        command, env = forebay(store)
        samples.append(measure(command, env))
        made = len(os.listdir(os.path.join(store, "processed")))
        if made != count:
            raise Failed("%d of %d files were processed" % (made, count))
    middle = medians(samples)
    title("triggers: %d files of 20 rows in one invocation, median of %d" % (
        count, rounds))
    say("  %.0f runs a second, %.2f ms of CPU a run, peak %.1f MiB" % (
        count / middle["wall"], 1000 * middle["cpu"] / count,
        middle["rss"] / MIB))
    return {"files": count, "samples": samples}


def bench_startup(quick):
    rounds = 5 if quick else 20
    source = orders(200)
    samples = [run_forebay(source)[0] for _ in range(rounds)]
    middle = medians(samples)
    title("start-up: one run over 200 rows, median of %d" % rounds)
    say("  %.1f ms of CPU, %.1f ms in all, peak %.1f MiB" % (
        1000 * middle["cpu"], 1000 * middle["wall"], middle["rss"] / MIB))
    return {"samples": samples}


COPY = """\
pipeline: copy
vars: {STORE: "s3://bench"}
trigger: {uri: "${STORE}/raw/*.csv"}
sources: {upload: {uri: "${trigger.uri}", on_reject: fail}}
sinks: {out: {uri: "${STORE}/out"}}
"""
KEYS = {"AWS_ACCESS_KEY_ID": "AKIABENCHBENCHBENCH0",
        "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true", "no_proxy": "*"}


class Store:
    """The server of store.py, with a file in it, for the time of a `with`."""

    def __init__(self, source):
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "store.py"), source,
             "raw/large.csv"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.url = "http://127.0.0.1:%d" % int(
            self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def take(self, key):
        """The digest of an object, which is removed unless it is the input.
        """
        url = "%s/bench/%s" % (self.url, key)
        with urllib.request.urlopen(url + "?sha256") as answer:
            digest = answer.read().decode()
        if not key.startswith("raw/"):
            urllib.request.urlopen(urllib.request.Request(
                url, method="DELETE")).close()
        return digest


def copiers(url):
    """(name, command or None, environment): what takes an object out of the
    store and puts it back. Both others would let the store itself copy. The
    pipeline on files shows what reading and writing CSV takes of it."""
    pipeline = os.path.join(WORK, "copy.yaml")
    with open(pipeline, "w", encoding="utf-8") as file:
        file.write(COPY)
    env = dict(KEYS, AWS_ENDPOINT_URL=url)
    remote = {"RCLONE_CONFIG_B_" + name: value for name, value in (
        ("TYPE", "s3"), ("PROVIDER", "Other"), ("ENV_AUTH", "true"),
        ("REGION", "us-east-1"), ("ENDPOINT", url))}
    command = [FOREBAY, "run", pipeline, "--ignore-window", "--state",
               fresh("state")]
    return [
        ("forebay", command, env),
        ("forebay on files", command, {"STORE": os.path.join(WORK, "store")}),
        ("aws s3 cp", shutil.which("aws") and [
            "/bin/sh", "-c", "aws s3 cp --quiet s3://bench/raw/large.csv - |"
            " exec aws s3 cp --quiet - s3://bench/out"], env),
        ("rclone copy", shutil.which("rclone") and [
            "rclone", "copyto", "--disable", "copy", "--config", "",
            "B:bench/raw/large.csv", "B:bench/out"],
         dict(env, AWS_CA_BUNDLE="", **remote)),  # 1.60 stumbles over it
    ]


def bench_s3(quick):
    size, rounds = (64 * MIB, 3) if quick else (512 * MIB, 3)
    source = os.path.join(FOLDER, "large.csv")
    need_disk(3 * size)
    samples, digests = {}, set()
    try:
        subprocess.run([sys.executable, os.path.abspath(__file__),
                        "--make-large", source, str(size)], check=True)
        size = os.path.getsize(source)
        os.mkdir(os.path.join(fresh("store"), "raw"))
        os.link(source, os.path.join(WORK, "store", "raw", "large.csv"))
        with Store(source) as store:
            digests.add(store.take("raw/large.csv"))
            for _ in range(rounds):
                for name, command, env in copiers(store.url):
                    if command:
                        samples.setdefault(name, []).append(
                            measure(command, env))
                        if "STORE" not in env:
                            digests.add(store.take("out"))
    finally:
        shutil.rmtree(os.path.join(WORK, "store"), ignore_errors=True)
        if os.path.exists(source):
            os.unlink(source)
    if len(digests) > 1:
        raise Failed("they do not write the same bytes")
    found = {name: medians(list_) for name, list_ in samples.items()}
    print_peers("s3 to s3, one object of %.0f MiB, median of %d" % (
        size / MIB, rounds), [c[0] for c in copiers("")], found)
    for name, middle in found.items():
        say("  %-18s %8.0f MiB/s %8.2f CPU s per GiB" % (
            name, size / MIB / middle["wall"], middle["cpu"] / size * GIB))
    say("  S3 itself takes %.2f CPU s per GiB of forebay's" % (
        (found["forebay"]["cpu"] - found["forebay on files"]["cpu"])
        / size * GIB))
    return {"bytes": size, "samples": samples}


WORKLOADS = {"filter": bench_filter, "memory": bench_memory,
             "triggers": bench_triggers, "startup": bench_startup,
             "s3": bench_s3}


# --- telling --------------------------------------------------------------

def say(text):
    print(text, flush=True)


def title(text):
    say("\n" + text)


def print_peers(text, names, found):
    base = found["forebay"]
    title(text)
    say("  %-18s %8s %8s %9s   %s" % (
        "", "wall s", "CPU s", "peak MiB", "wall and CPU, forebay = 1"))
    for name in names:
        if name not in found:
            say("  %-18s not installed" % name)
            continue
        one = found[name]
        say("  %-18s %8.2f %8.2f %9.1f   %5.2f %5.2f" % (
            name, one["wall"], one["cpu"], one["rss"] / MIB,
            one["wall"] / base["wall"], one["cpu"] / base["cpu"]))


def machine():
    model = platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {"cpu": model, "cores": os.cpu_count(),
            "kernel": platform.release(),
            "python": platform.python_version()}


def arguments_of(argv):
    parser = argparse.ArgumentParser(
        description="Measure forebay beside its peers.")
    parser.add_argument("--quick", action="store_true",
                        help="less data and fewer rounds")
    parser.add_argument("--only", choices=sorted(WORKLOADS),
                        help="this workload alone")
    parser.add_argument("--make-large", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def main(argv):
    arguments = arguments_of(argv)
    if arguments.make_large:
        large(arguments.make_large[0], int(arguments.make_large[1]))
        return 0
    if not os.path.exists(FOREBAY):
        sys.exit("bench: there is no '%s'\nhint: 'make bench' builds it" %
                 FOREBAY)
    os.makedirs(WORK, exist_ok=True)
    about = machine()
    say("%s, %d cores, Linux %s" % (
        about["cpu"], about["cores"], about["kernel"]))
    results, failed = {"machine": about, "quick": arguments.quick}, False
    for name, workload in WORKLOADS.items():
        if arguments.only not in (None, name):
            continue
        try:
            results[name] = workload(arguments.quick)
        except Failed as why:
            say("\n%s: FAILED: %s" % (name, why))
            results[name], failed = {"failed": str(why)}, True
    about["floor"] = measure(["true"])["rss"]
    say("\na peak of memory below %.1f MiB cannot be seen" % (
        about["floor"] / MIB))
    shutil.rmtree(WORK)
    with open(os.path.join(FOLDER, "results.json"), "w",
              encoding="utf-8") as file:
        json.dump(results, file, indent=1)
        file.write("\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
