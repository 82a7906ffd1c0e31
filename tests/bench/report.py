"""Showing what was measured: as text while it runs, as Markdown for
docs/performance.md, and as JSON without the single samples.
"""

import json
import os

from setting import DOCS, MIB, say

BEGIN = "<!-- figures: written by make bench -->"
END = "<!-- end of figures -->"
VERDICT = {True: "reached", False: "**not reached**", None: "not measured"}


def times(ratio):
    """A ratio with as many digits as it is worth."""
    return "%.0f" % ratio if ratio >= 19.95 else \
        "%.1f" % ratio if ratio >= 1.995 else "%.2f" % ratio


def number(value):
    return "{:,.0f}".format(value) if value >= 99.95 else \
        "%.1f" % value if value >= 9.995 else "%.2f" % value


def tell(record):
    """One workload, as text."""
    say("\n" + record["title"])
    if "figures" in record:
        say("  " + ", ".join("%s %s" % (number(value), name) for name, value
                             in record["figures"].items()))
    if "rows" not in record:
        return
    width = max(len(row["name"]) for row in record["rows"])
    say("  %-*s %8s %8s %9s   %s" % (
        width, "", "wall s", "CPU s", "peak MiB", "wall, CPU, forebay = 1"))
    for row in record["rows"]:
        if "missing" in row:
            say("  %-*s %s" % (width, row["name"], row["missing"]))
            continue
        say("  %-*s %8.3f %8.3f %9.1f   %6s %6s" % (
            width, row["name"], row["wall"], row["cpu"], row["rss"] / MIB,
            times(row["ratio"]["wall"]), times(row["ratio"]["cpu"])))


def tell_goals(goals):
    say("\nwhat shall be, and what is")
    for goal in goals:
        say("  %-40s %-22s %12s   %s" % (
            goal["goal"], goal["bound"], figure(goal),
            VERDICT[goal["reached"]].strip("*")))


def figure(goal):
    if goal["figure"] is None:
        return ""
    if goal["unit"] == "x":
        return times(goal["figure"]) + "x"
    return "%s %s" % (number(goal["figure"]), goal["unit"])


def table(head, rows):
    return "\n".join("| %s |" % " | ".join(
        cell.replace("|", "\\|") for cell in row) for row in
        [head, ["---"] * len(head)] + rows) + "\n"


def markdown_of(record):
    text = "### %s\n\n" % record["title"]
    if "figures" in record:
        return text + "%s.\n" % ", ".join(
            "%s %s" % (number(value), name)
            for name, value in record["figures"].items())
    notes = [row for row in record["rows"] if row.get("note")]
    text += table(["", "wall s", "CPU s", "peak MiB", "wall", "CPU"], [
        [row["name"], row["missing"], "", "", "", ""] if "missing" in row
        else [row["name"], "%.3f" % row["wall"], "%.3f" % row["cpu"],
              "%.0f" % (row["rss"] / MIB), times(row["ratio"]["wall"]),
              times(row["ratio"]["cpu"])] for row in record["rows"]])
    if notes:
        text += "\n%s.\n" % "; ".join(
            "%s: %s" % (row["name"], row["note"]) for row in notes)
    return text


def markdown(results):
    """Everything that docs/performance.md says in figures."""
    about = results["machine"]
    text = "%s, %d cores, Linux %s, files in %s. Medians; the last two " \
        "columns are ratios to forebay, its own line being 1.\n\n" % (
            about["cpu"], about["cores"], about["kernel"], about["folder"])
    text += table(["goal", "shall be", "is", ""], [
        [goal["goal"], goal["bound"], figure(goal), VERDICT[goal["reached"]]]
        for goal in results["goals"]])
    for record in results["workloads"].values():
        if "failed" not in record:
            text += "\n" + markdown_of(record)
    return text


def put_between(page, figures):
    """The page with its figures replaced."""
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError("the page has no place for figures")
    return "%s%s\n\n%s\n%s%s" % (before, BEGIN, figures, END, after)


def without_samples(results):
    return dict(results, workloads={
        name: {key: value for key, value in record.items()
               if key != "samples"}
        for name, record in results["workloads"].items()})


def rounded(value):
    """Four significant digits: the rest is noise, and noise in a diff."""
    if isinstance(value, float):
        return float("%.4g" % value)
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return value


def write_json(results, path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1, ensure_ascii=False)
        file.write("\n")


def write_docs(results, chart):
    """docs/performance.json, .svg and the figures in .md."""
    short = rounded(without_samples(results))
    write_json(short, os.path.join(DOCS, "performance.json"))
    with open(os.path.join(DOCS, "performance.svg"), "w",
              encoding="utf-8") as file:
        file.write(chart(short))
    path = os.path.join(DOCS, "performance.md")
    with open(path, encoding="utf-8") as file:
        page = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(put_between(page, markdown(short)))
