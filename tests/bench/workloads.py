"""What is measured. Each workload is a function of a Setting that gives a
record: a title, sizes, and `rows`, one for each candidate (measure.summary),
or figures of its own. goals.py judges the records, report.py shows them.
"""

import os
import shutil

import peers
import queries
from data import wide_header
from measure import compete, measure, medians, summary
from setting import GIB, KIB, MIB, SHIPPED, Failed

FULL, QUICK = 3000000, 300000


def race(setting, title, kind, rows, candidates, rounds=7):
    source = setting.made(kind, rows)
    size = os.path.getsize(source)
    samples = compete(setting, candidates, source,
                      3 if setting.quick else rounds)
    return {"title": "%s: %s rows, %.0f MB" % (
        title, "{:,}".format(rows), size / 1e6), "bytes": size,
        "data": kind, "count": rows, "rows": summary(candidates, samples),
        "samples": samples}


def size_of(setting, full):
    return full // 10 if setting.quick else full


def filter_utf8(setting):
    return race(setting, "orders filter, UTF-8", "orders",
                size_of(setting, FULL), peers.lanes(setting) + [
        peers.forebay("forebay, shipped pipeline", pipeline=SHIPPED,
                      output="processed/filtered_orders.csv",
                      note="validates every row as well"),
        peers.cp(), peers.polars(setting),
        peers.duckdb(setting, peers.duckdb_filters()),
        peers.duckdb_unordered(setting), peers.mawk(), peers.python_csv(),
        peers.miller(), peers.python_lambda()])


def filter_cp932(setting):
    return race(setting, "orders filter, CP932 to UTF-8", "cp932",
                size_of(setting, FULL),
                peers.lanes(setting, pipeline="cp932.yaml") + [
        peers.cp(), peers.iconv(), peers.duckdb_behind_iconv(setting),
        peers.python_csv("cp932")])


def filter_quoted(setting):
    return race(setting, "orders filter, every cell quoted", "quoted",
                size_of(setting, FULL), peers.lanes(setting) + [
        peers.cp(), peers.polars(setting),
        peers.duckdb(setting, peers.duckdb_filters()), peers.python_csv(),
        peers.miller()], rounds=5)


def filter_wide(setting):
    columns = wide_header()
    return race(setting, "filter on 200 columns", "wide",
                size_of(setting, 130000),
                peers.lanes(setting, pipeline="wide.yaml") + [
        peers.cp(), peers.polars(setting),
        peers.duckdb(setting, peers.duckdb_filters(columns)),
        peers.python_csv(), peers.miller()], rounds=5)


def validate(setting):
    return race(setting, "validate, 1 % refused", "refusals",
                size_of(setting, FULL),
                peers.lanes(setting, pipeline="validate.yaml",
                            refused=True) + [
        peers.cp(), *peers.duckdb_validates(setting)])


def ask(setting):
    return race(setting, "a table and five queries", "orders",
                size_of(setting, FULL), [
        queries.forebay(),
        queries.duckdb(setting, "DuckDB, a table", "TABLE"),
        queries.duckdb(setting, "DuckDB, a view", "VIEW",
                       note="reads the file for every query")], rounds=5)


def compute(setting):
    """For --jobs: forebay alone, on work that is bound by the processor."""
    return race(setting, "validate, derive and filter", "refusals",
                size_of(setting, FULL),
                peers.lanes(setting, pipeline="compute.yaml", refused=True),
                rounds=5)


def on_disk(setting, workload):
    """A workload with its data and outputs in the build folder."""
    elsewhere = setting.data, setting.work
    setting.data = os.path.join(setting.folder, "disk")
    setting.work = os.path.join(setting.data, "work")
    try:
        os.makedirs(setting.work, exist_ok=True)
        setting.need_room(GIB)
        return workload(setting, " on a disk (%s)" %
                        setting.about()["folder"])
    finally:
        shutil.rmtree(setting.data)
        setting.data, setting.work = elsewhere


def disk(setting):
    """Where fsync costs what it costs."""
    def filters(setting, where):
        return race(setting, "orders filter" + where, "orders",
                    size_of(setting, FULL), [
            peers.forebay(note="each output with fsync"), peers.cp(),
            peers.peer("cp, then sync", peers.shell(
                'cp "$1" "$2" && exec sync "$2"', "{in}", "{out}"),
                same=())])

    return on_disk(setting, filters)


def triggers_on_disk(setting):
    return on_disk(setting, triggers)


def memory(setting):
    size = GIB // 4 if setting.quick else 2 * GIB
    setting.need_room(size * 2)
    source = setting.made("large", size)
    try:
        candidates = peers.lanes(setting) + [
            peers.forebay("forebay, shipped pipeline", pipeline=SHIPPED,
                          output="processed/filtered_orders.csv")]
        samples = compete(setting, candidates, source, 1)
        size = os.path.getsize(source)
    finally:
        os.unlink(source)
    return {"title": "memory: orders filter on %.2f GiB" % (size / GIB),
            "bytes": size, "data": "large",
            "rows": summary(candidates, samples), "samples": samples}


def small_files(setting, count):
    """A store with files of a KiB in raw/, its path, and what they hold."""
    with open(setting.made("orders", 3000), "rb") as file:
        text = file.readline()
        while len(text) < KIB:
            text += file.readline()
    store = setting.fresh("store")
    os.mkdir(os.path.join(store, "raw"))
    for number in range(count):
        with open(os.path.join(store, "raw", "%05d.csv" % number),
                  "wb") as file:
            file.write(text)
    return store, len(text)


def triggers(setting, where=""):
    """Many small files in one invocation: what a run costs but its rows."""
    count = 500 if setting.quick else 10000
    samples = []
    for _ in range(3):
        store, size = small_files(setting, count)
        samples.append(measure(setting, peers.command(setting, SHIPPED),
                               {"STORE": store, "NOTIFY": "log:"}))
        made = len(os.listdir(os.path.join(store, "processed")))
        if made != count:
            raise Failed("%d of %d files were processed" % (made, count))
    middle = medians(samples)
    return {"title": "triggers: %s files of %.1f KiB in one invocation%s" % (
        "{:,}".format(count), size / KIB, where), "count": count,
        "figures": {"runs a second": count / middle["wall"],
                    "CPU ms a run": 1000 * middle["cpu"] / count,
                    "peak MiB": middle["rss"] / MIB}, "samples": samples}


def startup(setting):
    """One small run in one invocation: what starting costs."""
    source = setting.made("orders", 200)
    candidates = [peers.forebay(
        "forebay", pipeline=SHIPPED,
        output="processed/filtered_orders.csv")]
    samples = compete(setting, candidates, source,
                      5 if setting.quick else 21)["forebay"]
    middle = medians(samples)
    return {"title": "start-up: one run over 200 rows",
            "figures": {"CPU ms": 1000 * middle["cpu"],
                        "wall ms": 1000 * middle["wall"],
                        "peak MiB": middle["rss"] / MIB},
            "samples": samples}
