"""The goals, and whether a run of the benchmark reached them. A goal that is
not reached fails nothing: what to make of it is for people to say.
"""

from setting import MIB

AT_LEAST, LESS, AT_MOST = "at least", "less than", "at most"


class Goal:
    """`figure` gives the number that is judged, or None: not measured."""

    def __init__(self, text, how, bound, figure, unit="x"):
        self.text = text
        self.how = how
        self.bound = bound
        self.figure = figure
        self.unit = unit

    def judge(self, results):
        figure = self.figure(results)
        reached = None if figure is None else (
            figure >= self.bound if self.how == AT_LEAST else
            figure < self.bound if self.how == LESS else
            figure <= self.bound)
        return {"goal": self.text, "bound": "%s %g%s" % (
            self.how, self.bound, spaced(self.unit)), "figure": figure,
            "unit": self.unit, "reached": reached}


def spaced(unit):
    return unit if unit == "x" else " " + unit


def row_of(results, workload, name):
    for row in results.get(workload, {}).get("rows", ()):
        if row["name"] == name and "missing" not in row:
            return row
    return None


def times(workload, *names, key="wall"):
    """How many times forebay's time the fastest of these peers takes."""
    def figure(results):
        rows = [row_of(results, workload, name) for name in names]
        found = [row["ratio"][key] for row in rows if row]
        return min(found) if found else None
    return figure


def part(workload, name, key="wall"):
    """How many times the peer's time forebay takes."""
    def figure(results):
        ratio = times(workload, name, key=key)(results)
        return None if ratio is None else 1 / ratio
    return figure


def two_jobs(results):
    """--jobs 1 against as many as there are cores, which must be two."""
    if results.get("machine", {}).get("cores") != 2:
        return None
    return times("compute", "forebay --jobs 1")(results)


def figure_of(workload, name):
    def figure(results):
        return results.get(workload, {}).get("figures", {}).get(name)
    return figure


def peak(*workloads):
    """The highest peak of forebay, in whatever variant."""
    def figure(results):
        found = [row["rss"] / MIB for name in workloads
                 for row in results.get(name, {}).get("rows", ())
                 if row.get("ours") and "rss" in row]
        return max(found) if found else None
    return figure


GOALS = (
    Goal("orders filter against DuckDB", AT_LEAST, 5,
         times("filter", "DuckDB", "DuckDB, any order")),
    Goal("orders filter against Polars", AT_LEAST, 4,
         times("filter", "Polars")),
    Goal("orders filter against Miller", AT_LEAST, 20,
         times("filter", "Miller")),
    Goal("orders filter against the python Lambda", AT_LEAST, 75,
         times("filter", "python Lambda")),
    Goal("orders filter, times of cp", AT_MOST, 2, part("filter", "cp")),
    Goal("CP932 filter, times of iconv", LESS, 1, part("cp932", "iconv")),
    Goal("validate against DuckDB", AT_LEAST, 3,
         times("validate", "DuckDB, two COPYs", "DuckDB, one COPY")),
    Goal("a table and five queries against DuckDB", AT_LEAST, 1,
         times("queries", "DuckDB, a table", "DuckDB, a view")),
    Goal("peak memory, all workloads on files", LESS, 64, peak(
        "filter", "cp932", "quoted", "wide", "validate", "compute",
        "memory"), "MiB"),
    Goal("peak memory, s3 to s3", LESS, 64, peak("s3"), "MiB"),
    Goal("two jobs against one", AT_LEAST, 1.6, two_jobs),
    Goal("start-up, CPU", LESS, 10, figure_of("startup", "CPU ms"), "ms"),
    Goal("small trigger files", AT_LEAST, 1000,
         figure_of("triggers", "runs a second"), "a second"),
    Goal("serve, requests that failed", AT_MOST, 0,
         figure_of("serve", "errors"), "of all"),
    Goal("serve, growth of memory under 200 clients", LESS, 1,
         figure_of("serve", "growth MiB"), "MiB"),
    Goal("s3 to s3, CPU of aws s3 cp", AT_MOST, 0.5,
         part("s3", "aws s3 cp", "cpu")),
    Goal("s3 to s3, CPU of rclone", AT_MOST, 0.5,
         part("s3", "rclone", "cpu")),
)


def judge(results):
    return [goal.judge(results) for goal in GOALS]
