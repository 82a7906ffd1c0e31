"""Who takes part: forebay in its variants, and its peers, each with the
fastest settings that are ordinary and write the same. docs/performance.md
says what they are.
"""

import os
import shutil
import sys

from measure import Candidate
from setting import AS_OF, PIPELINES, PROGRAMS

COLUMNS = ("OrderID", "Customer", "Amount", "Status", "OrderDate")

AWK = """NR == 1 { print; next }
{ s = tolower($4); gsub(/^ +| +$/, "", s)
  if ((s != "pending" && s != "cancelled") || $5 > "2025-04-10") print }"""
MILLER = ('(strip(tolower($Status)) != "pending" && '
          'strip(tolower($Status)) != "cancelled") || '
          '$OrderDate > "2025-04-10"')
# Dates of this form sort as text, and text is what DuckDB reads fastest.
WHERE = ("lower(trim(Status)) NOT IN ('pending', 'cancelled') "
         "OR OrderDate > '2025-04-10'")
REASON = """CASE
WHEN OrderID IS NULL THEN 'OrderID: a value is required'
WHEN NOT regexp_full_match(OrderID, 'O[0-9]{4,}') THEN 'OrderID: pattern'
WHEN Customer IS NULL THEN 'Customer: a value is required'
WHEN length(Customer) > 100 THEN 'Customer: too long'
WHEN Amount IS NULL THEN 'Amount: a value is required'
WHEN TRY_CAST(Amount AS DOUBLE) IS NULL THEN 'Amount: not a number'
WHEN TRY_CAST(Amount AS DOUBLE) < 0 THEN 'Amount: less than 0'
WHEN Status IS NULL THEN 'Status: a value is required'
WHEN OrderDate IS NULL THEN 'OrderDate: a value is required'
WHEN TRY_CAST(OrderDate AS DATE) IS NULL THEN 'OrderDate: not a date' END"""


# --- forebay ---------------------------------------------------------------

def forebay(name="forebay", pipeline="filter.yaml", env=None, flags=(),
            output="out/kept.csv", refused=False, **more):
    """A run of a pipeline over one file that lies in raw/."""
    def start(setting, source):
        store = setting.fresh("store")
        os.mkdir(os.path.join(store, "raw"))
        os.link(source, os.path.join(store, "raw", "orders.csv"))
        outputs = {"kept": os.path.join(store, output)}
        if refused:
            outputs["refused"] = os.path.join(store, "out", "refused.csv")
        return command(setting, pipeline, *flags), dict(
            env or {}, STORE=store, NOTIFY="log:"), outputs

    return Candidate(name, start, same=("kept",) + (
        ("refused",) if refused else ()), ours=True, **more)


def command(setting, pipeline, *flags):
    return [setting.program, "run", os.path.join(PIPELINES, pipeline),
            "--ignore-window", "--as-of", AS_OF, "--state",
            setting.fresh("state"), *flags]


def lanes(setting, **about):
    """forebay as it comes, then with one job, then without its fast lane."""
    one = None if setting.has_jobs() else "knows no --jobs"
    return [forebay(**about),
            forebay("forebay --jobs 1", flags=("--jobs", "1"), missing=one,
                    **about),
            forebay("forebay, libcsv lane", env={"FOREBAY_CSV": "libcsv"},
                    **about)]


# --- its peers -------------------------------------------------------------

def peer(name, words, same=("kept",), counted=(), outputs=None, note="",
         missing=None):
    """A command; {in}, {out} and {dir} stand for paths."""
    def start(setting, source):
        folder = setting.fresh("peer")
        paths = {what: os.path.join(folder, path) for what, path in (
            outputs or {"kept": "out.csv"}).items()}
        return [word.replace("{in}", source).replace(
            "{out}", paths["kept"]).replace("{dir}", folder)
            for word in words], {}, paths

    return Candidate(name, start, same, counted, note, missing)


def shell(text, *more):
    return ["/bin/sh", "-c", text, "sh", *more]


def script(name, *more):
    return [sys.executable, os.path.join(PROGRAMS, name), *more]


def unless(found):
    return None if found else "not installed"


def cp():
    return peer("cp", ["cp", "{in}", "{out}"], same=(),
                note="reads and writes the whole file, looks at nothing")


def iconv():
    return peer("iconv", ["iconv", "-f", "CP932", "-t", "UTF-8", "{in}",
                          "-o", "{out}"], same=(),
                note="converts all rows, filters none",
                missing=unless(shutil.which("iconv")))


def mawk():
    return peer("mawk", shell('exec mawk -F, "$1" "$2" >"$3"', AWK, "{in}",
                              "{out}"), same=(),
                note="knows no quotes: its result is wrong",
                missing=unless(shutil.which("mawk")))


def miller():
    return peer("Miller", shell('exec mlr --csv filter "$1" "$2" >"$3"',
                                MILLER, "{in}", "{out}"),
                missing=unless(shutil.which("mlr")))


def python_csv(charset="utf-8"):
    return peer("python csv", script("csv_filter.py", charset, "{in}",
                                     "{out}"))


def python_lambda():
    return peer("python Lambda", script("orders_lambda.py", "{in}", "{out}"),
                note="DictReader, strptime and StringIO over the whole body")


def polars(setting):
    words = setting.polars()
    return peer("Polars", (words or []) + ["{in}", "{out}"],
                missing=unless(words))


def duckdb_reads(columns=COLUMNS, source="{in}"):
    """All columns as text, and nothing to be found out by sniffing."""
    return ("read_csv('%s', header = true, delim = ',', quote = '\"', "
            "auto_detect = false, columns = {%s})" % (
                source, ", ".join("'%s': 'VARCHAR'" % c for c in columns)))


def duckdb_filters(columns=COLUMNS, source="{in}"):
    return "COPY (SELECT * FROM %s WHERE %s) TO '{out}' (FORMAT csv, HEADER)" \
        % (duckdb_reads(columns, source), WHERE)


def duckdb(setting, *statements, name="DuckDB", **more):
    return peer(name, script("duckdb_query.py", setting.duckdb, *statements),
                missing=unless(setting.has_duckdb()), **more)


def duckdb_unordered(setting):
    return duckdb(setting, "SET preserve_insertion_order = false",
                  duckdb_filters(), name="DuckDB, any order", same=(),
                  counted=("kept",), note="may write rows in another order")


def duckdb_behind_iconv(setting):
    words = script("duckdb_query.py", setting.duckdb,
                   duckdb_filters(source="/dev/stdin"))
    return peer("iconv | DuckDB", shell(
        'iconv -f CP932 -t UTF-8 "$1" | (shift; exec "$@")', "{in}", *words),
        note="DuckDB reads no CP932 without an extension",
        missing=unless(setting.has_duckdb() and shutil.which("iconv")))


def duckdb_validates(setting):
    """Twice: two statements, and one that parts its rows into two files."""
    judged = "(SELECT *, %s AS reason FROM %s)" % (REASON, duckdb_reads())
    copy = "COPY (SELECT %s FROM " + judged + \
        " WHERE reason IS %s) TO '%s' (FORMAT csv, HEADER)"
    paths = {"kept": "out.csv", "refused": "refused.csv"}
    parted = {"kept": "verdict=good/data_0.csv",
              "refused": "verdict=bad/data_0.csv"}
    return [
        duckdb(setting, copy % ("* EXCLUDE reason", "NULL", "{out}"),
               copy % ("reason, * EXCLUDE reason", "NOT NULL",
                       "{dir}/refused.csv"),
               name="DuckDB, two COPYs", counted=("refused",),
               outputs=paths),
        duckdb(setting, "COPY (SELECT *, CASE WHEN reason IS NULL THEN "
               "'good' ELSE 'bad' END AS verdict FROM " + judged +
               ") TO '{dir}' (FORMAT csv, HEADER, PARTITION_BY (verdict), "
               "OVERWRITE_OR_IGNORE)", name="DuckDB, one COPY",
               same=(), counted=("kept", "refused"), outputs=parted,
               note="parts its rows; the good ones have a column more")]
