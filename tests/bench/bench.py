"""How fast, and how small: `make bench`. Never part of `make check`.

    bench.py [--quick] [--only NAME]...

Each workload (workloads.py) runs several times, the candidates (peers.py) in
turn, and the medians are printed, with each candidate's ratio to forebay, then
the goals (goals.py) and whether they are reached. What is not installed is
said to be so. Everything, with the single samples, goes to
BUILD/bench/results.json; a whole run that is not --quick also writes
docs/performance.{json,svg} and the figures in docs/performance.md.

Exits with 1 when a candidate fails or when candidates that do the same work
disagree. A goal that is not reached fails nothing.
"""

import argparse
import os
import shutil
import sys

import chart
import goals
import report
import workloads
from s3 import s3
from serve import serve
from setting import MIB, Failed, Setting, say
from measure import measure

WORKLOADS = {
    "filter": workloads.filter_utf8, "cp932": workloads.filter_cp932,
    "quoted": workloads.filter_quoted, "wide": workloads.filter_wide,
    "validate": workloads.validate, "queries": workloads.ask,
    "compute": workloads.compute,
    "memory": workloads.memory, "triggers": workloads.triggers,
    "startup": workloads.startup, "disk": workloads.disk,
    "disk-triggers": workloads.triggers_on_disk, "s3": s3,
    "serve": serve}
BUSY = 0.5  # load; more than this is not a quiet machine


def arguments_of(argv):
    parser = argparse.ArgumentParser(
        description="Measure forebay beside its peers.")
    parser.add_argument("--quick", action="store_true",
                        help="a tenth of the data and fewer rounds")
    parser.add_argument("--only", choices=sorted(WORKLOADS), action="append",
                        help="this workload alone; may be repeated")
    return parser.parse_args(argv)


def run(setting, names):
    """The records by name, and whether one of them failed."""
    records, failed = {}, False
    for name in names:
        try:
            records[name] = WORKLOADS[name](setting)
            report.tell(records[name])
        except Failed as why:
            say("\n%s: FAILED: %s" % (name, why))
            records[name], failed = {"failed": str(why)}, True
    return records, failed


def main(argv):
    arguments = arguments_of(argv)
    setting = Setting(arguments.quick)
    if not os.path.exists(setting.program):
        sys.exit("bench: there is no '%s'\nhint: 'make bench' builds it" %
                 setting.program)
    os.makedirs(setting.work, exist_ok=True)
    os.makedirs(setting.folder, exist_ok=True)
    about = setting.about()
    say("%s, %d cores, Linux %s, data in %s (%s)" % (
        about["cpu"], about["cores"], about["kernel"], setting.data,
        about["folder"]))
    if about["load"] > BUSY:
        say("others are busy here (load %.1f): trust CPU and ratios more than "
            "seconds" % about["load"])
    records, failed = run(setting, [
        name for name in WORKLOADS
        if not arguments.only or name in arguments.only])
    about["floor"] = measure(setting, ["true"])["rss"]
    say("\na peak of memory below %.1f MiB cannot be seen" % (
        about["floor"] / MIB))
    results = {"machine": about, "quick": arguments.quick,
               "goals": goals.judge(dict(records, machine=about)),
               "workloads": records}
    report.tell_goals(goal for goal in results["goals"]
                      if not arguments.only or goal["figure"] is not None)
    shutil.rmtree(setting.data if setting.borrows_memory() else setting.work)
    report.write_json(results, os.path.join(setting.folder, "results.json"))
    if not failed and not arguments.quick and not arguments.only:
        report.write_docs(results, chart.draw)
        say("\nwritten: docs/performance.md, .json and .svg")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
