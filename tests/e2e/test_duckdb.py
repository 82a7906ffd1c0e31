"""Queries over declared tables with the DuckDB engine: what tables look like,
what a query may not do, and what people are told when it goes wrong.
"""

import csv
import glob
import io
import os
import signal
import subprocess
import time
import unittest

import forebay
from engines import duckdb

PIPELINE = """\
pipeline: ask
tables:
  shop.sales: {location: %(location)s, %(table)s}
sources:
  answer:
    type: duckdb
    query: |
      %(query)s
sinks:
  out: {uri: %(out)s}
"""

SCHEMA = """\
fields:
  - {name: Id, type: integer}
  - {name: Name, type: string}
  - {name: Price, type: number}
  - {name: Paid, type: boolean}
  - {name: Day, type: date}
  - {name: At, type: datetime}
  - {name: Hour, type: time}
missingValues: ["", "-"]
"""

ROWS = """\
Id,Name,Price,Paid,Day,At,Hour
1,a,0.5,true,2024-02-29,2024-02-29T23:59:59.5Z,09:05:00
2,a text longer than twelve bytes,-3,false,-,,
3,"",-,,2025-01-01,2025-01-01T00:00:00+09:00,23:59:59
"""


class Asked(forebay.Case):
    """A table shop.sales, and a query over it."""

    def setUp(self):
        super().setUp()
        self.write("sales.yaml", SCHEMA)
        self.write("sales/1.csv", ROWS)

    def pipeline(self, query, table="schema: sales.yaml"):
        return self.write("ask.yaml", PIPELINE % {
            "location": self.path("sales"), "table": table,
            "query": query.replace("\n", "\n      "),
            "out": self.path("out.csv")})

    def ask(self, query, **more):
        """The rows that a query gives, with the header."""
        self.one(self.pipeline(query, **more))
        return list(csv.reader(io.StringIO(
            self.read("out.csv").decode("utf-8"))))

    def refused(self, query, *words, status=78, **more):
        """The query fails at once, and says these words."""
        run = self.work(self.pipeline(query, **more), status=status)
        told = run.out + run.err
        for word in words:
            self.assertIn(word, told)
        self.assertFalse(os.path.exists(self.path("out.csv")))
        return run


@duckdb()
class Tables(Asked):
    def test_have_names_in_lower_case_and_the_types_of_the_schema(self):
        types = ", ".join('typeof("%s") AS "%s"' % (c, c) for c in (
            "id", "name", "price", "paid", "day", "at", "hour"))
        self.assertEqual(
            self.ask("SELECT %s FROM shop.sales LIMIT 1" % types)[1],
            ["BIGINT", "VARCHAR", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP",
             "TIME"])
        self.assertEqual(self.ask("SELECT * FROM Shop.SALES WHERE ID = 1"),
                         [["id", "name", "price", "paid", "day", "at",
                           "hour"],
                          ["1", "a", "0.5", "true", "2024-02-29",
                           "2024-02-29T23:59:59.500000Z", "09:05:00"]])

    def test_tell_missing_values_from_empty_texts(self):
        self.assertEqual(
            self.ask("SELECT count(name) AS n, count(price) AS p, "
                     "count(day) AS d, count(paid) AS b FROM shop.sales"),
            [["n", "p", "d", "b"], ["2", "2", "2", "2"]])

    def test_are_counted_without_reading_a_column(self):
        self.assertEqual(self.ask("SELECT count(*) AS n FROM shop.sales"),
                         [["n"], ["3"]])

    def test_are_all_files_of_the_folder(self):
        self.write("sales/2.csv", ROWS)
        self.write("sales/deeper/3.csv", ROWS)
        self.write("sales/_none.csv", "x\n1\n")
        self.assertEqual(
            self.ask("SELECT count(*) AS n, sum(id) AS s FROM shop.sales"),
            [["n", "s"], ["9", "18"]])

    def test_can_have_no_file_at_all(self):
        os.unlink(self.path("sales/1.csv"))
        self.assertEqual(self.ask("SELECT id FROM shop.sales"), [["id"]])

    def test_are_no_file_but_a_folder(self):
        pipeline = self.pipeline("SELECT id FROM shop.sales")
        self.write("ask.yaml", self.read("ask.yaml").decode().replace(
            self.path("sales"), self.path("sales/1.csv")))
        why = "table 'shop.sales': cannot list '%s': it is a file" % (
            self.path("sales/1.csv"))
        for command in ("check", "run"):
            run = self.forebay(command, pipeline, status=78)
            self.assertIn(why, run.out + run.err)
            self.assertIn("the 'location' of a table is a folder",
                          run.out + run.err)

    def test_are_read_in_their_charset_and_dialect(self):
        self.write("sales/1.csv", "商品;数\n表;1\nソ;2\n".encode("cp932"))
        self.assertEqual(
            self.ask("SELECT 商品 AS s, 数 + 1 AS n FROM shop.sales "
                     "ORDER BY n",
                     table="charset: cp932, dialect: {delimiter: ';'}"),
            [["s", "n"], ["表", "2"], ["ソ", "3"]])

    def test_may_stand_several_times_in_a_query(self):
        self.write("sales/1.csv", "Id,Name,Price,Paid,Day,At,Hour\n" + "".join(
            "%d,n%d,%d,,,,\n" % (i, i, i) for i in range(1, 5001)))
        self.assertEqual(
            self.ask("SELECT count(*) AS n FROM shop.sales a\n"
                     "JOIN shop.sales b ON a.id = b.id + 1\n"
                     "WHERE b.price < 4000"),
            [["n"], ["3999"]])

    def test_without_a_database_are_found_by_their_name(self):
        pipeline = self.pipeline("SELECT count(*) AS n FROM sales")
        self.write("ask.yaml", self.read("ask.yaml").decode().replace(
            "shop.sales:", "sales:"))
        self.one(pipeline)
        self.assertEqual(self.read("out.csv"), b"n\n3\n")

    def test_with_a_bad_cell_fail_naming_line_column_and_text(self):
        self.write("sales/1.csv", ROWS.replace("-3", "three"))
        self.refused("SELECT sum(price) AS s FROM shop.sales",
                     "table 'shop.sales': '%s': line 3: column 'Price': "
                     "'three' is not a number" % self.path("sales/1.csv"),
                     "hint", status=65)

    def test_do_not_mind_a_bad_cell_in_a_column_that_nobody_asks_for(self):
        self.write("sales/1.csv", ROWS.replace("-3", "three"))
        self.assertEqual(self.ask("SELECT max(id) AS m FROM shop.sales"),
                         [["m"], ["3"]])


@duckdb()
class Queries(Asked):
    def test_give_every_type_that_a_batch_knows(self):
        self.assertEqual(
            self.ask("SELECT true AS b, 7 AS i, 0.10 AS d, 1e300 AS n,\n"
                     "'x' AS s, DATE '2024-02-29' AS t, TIME '01:02:03' AS h,\n"
                     "TIMESTAMP '2024-02-29 01:02:03' AS m, NULL AS z")[1],
            ["true", "7", "0.10", "1e+300", "x", "2024-02-29", "01:02:03",
             "2024-02-29T01:02:03Z", ""])

    def test_give_more_rows_than_a_chunk_holds(self):
        rows = self.ask("SELECT r AS n FROM range(10000) t(r) ORDER BY r")
        self.assertEqual([row[0] for row in rows[1:]],
                         [str(n) for n in range(10000)])

    def test_have_the_date_of_the_run(self):
        self.work(self.pipeline("SELECT CURRENT_DATE AS d"),
                  "--as-of", "2001-02-03")
        self.assertEqual(self.read("out.csv"), b"d\n2001-02-03\n")

    def test_can_go_on_into_transforms(self):
        pipeline = self.pipeline("SELECT id, name FROM shop.sales")
        text = self.read("ask.yaml").decode()
        self.write("ask.yaml", text.replace(
            "sinks:", "transforms:\n  few: {type: filter, where: id > 1}\n"
            "sinks:"))
        self.one(pipeline)
        self.assertEqual(self.read("out.csv").count(b"\n"), 3)

    def test_that_are_wrong_are_found_by_check_with_their_place(self):
        run = self.forebay("check", "--no-env", self.pipeline(
            "SELECT id,\n       nane\nFROM shop.sales"), status=78)
        self.assertRegex(run.out + run.err, r"ask\.yaml:8:7: .*"
                         r"line 2, column 8: .*\"nane\"")
        self.refused("SELECT nope FROM shop.sales", "line 1, column 8")

    def test_over_tables_that_must_be_looked_at_are_checked_for_syntax(self):
        table = "format: csv"
        wrong = self.pipeline("SELEC id FROM shop.sales", table=table)
        self.forebay("check", "--no-env", wrong, status=78)
        right = self.pipeline("SELECT id FROM shop.sales", table=table)
        self.forebay("check", "--no-env", right)
        self.refused("SELECT nope FROM shop.sales", "line 1, column 8",
                     table=table)

    def test_need_the_names_of_tables(self):
        self.refused("SELECT 1 AS x FROM shop.sails", "sails")

    def test_are_one_select(self):
        for query in ("SELECT 1 AS a; SELECT 2 AS b", "CREATE TABLE t(a INT)",
                      "DROP VIEW shop.sales", "SET threads = 1",
                      "INSERT INTO shop.sales VALUES (1)", "PRAGMA threads=1", "PRAGMA version",
                      "SHOW TABLES", "/* x */ DESCRIBE shop.sales",
                      "ATTACH '/tmp/x.db'", "INSTALL httpfs", "LOAD httpfs",
                      "COPY shop.sales TO '/tmp/x.csv'", "CHECKPOINT",
                      "EXPLAIN SELECT 1", "CALL pragma_version()",
                      "SELECT ? AS x", "-- nothing"):
            with self.subTest(query):
                self.refused(query, "query")

    def test_reach_no_file(self):
        secret = self.write("secret.csv", "password\nhunter2\n")
        for query in ("SELECT * FROM '%s'", "SELECT * FROM read_csv('%s')",
                      "SELECT * FROM read_text('%s')",
                      "SELECT * FROM read_blob('%s')",
                      "SELECT * FROM read_json('%s')",
                      "SELECT * FROM read_parquet('%s')",
                      "SELECT * FROM parquet_metadata('%s')",
                      "SELECT * FROM sniff_csv('%s')",
                      "SELECT * FROM query('FROM ''%s''')",
                      "SELECT * FROM glob('%s')"):
            with self.subTest(query):
                run = self.work(self.pipeline(query % secret), status=None)
                self.assertNotEqual(run.status, 0)
                self.assertFalse(os.path.exists(self.path("out.csv")))
                self.assertNotIn("hunter2", run.out + run.err)

    def test_do_not_touch_the_engine_that_all_share(self):
        for query in ("SELECT * FROM enable_logging(storage='stdout')",
                      "SELECT * FROM \"Enable_Profiling\" (format='json')",
                      "SELECT * FROM query('SELECT 1')",
                      "SELECT write_log('x') AS x"):
            with self.subTest(query):
                self.refused(query, "cannot be used in a query",
                             "line 1, column ")
        self.assertEqual(self.ask("-- one\nSELECT 'query (''a'')' AS query, 1 AS n "
                                  "-- x\n")[0], ["query", "n"])

    def test_with_a_result_of_no_known_type_say_which_column(self):
        self.refused("SELECT [1, 2] AS pair", "column 1 of the result, 'pair'",
                     "CAST")

    def test_with_two_columns_of_a_name_are_refused(self):
        self.refused("SELECT 1 AS x, 2 AS X", "has the name of another one")

    def test_that_fail_while_they_run_say_so(self):
        self.refused("SELECT CAST(name AS INTEGER) AS n FROM shop.sales",
                     "the query failed: could not convert string 'a'",
                     status=65)

    def test_stay_within_their_memory_with_the_help_of_the_disk(self):
        pipeline = self.pipeline(
            "SELECT count(*) AS n, sum(length(s)) AS l FROM\n"
            "(SELECT DISTINCT repeat('x', 50) || r AS s\n"
            "FROM range(1000000) t(r))")
        text = self.read("ask.yaml").decode()
        self.write("ask.yaml", text + "settings:\n"
                   "  duckdb: {memory_limit: 64MiB, threads: 2}\n")
        self.one(pipeline, env={"TMPDIR": self.dir})
        self.assertEqual(self.read("out.csv"), b"n,l\n1000000,55888890\n")
        left = [name for name in self.files() if "duckdb" in name]
        self.assertEqual(left, [])

    def test_without_a_library_say_how_to_get_one(self):
        pipeline = self.pipeline("SELECT 1 AS x")
        text = self.read("ask.yaml").decode()
        self.write("ask.yaml", text + "settings:\n"
                   "  duckdb: {library: /nowhere/libduckdb.so}\n")
        run = self.work(pipeline, status=69)
        self.assertIn("/nowhere/libduckdb.so", run.out + run.err)
        self.assertIn("settings: {duckdb: {library:", run.out + run.err)
        self.forebay("check", "--no-env", pipeline)
        self.forebay("check", pipeline, status=78)

    def test_do_not_load_a_library_that_others_may_write(self):
        library = self.write("libduckdb.so", "")
        os.chmod(library, 0o666)
        pipeline = self.pipeline("SELECT 1 AS x")
        text = self.read("ask.yaml").decode()
        self.write("ask.yaml", text + "settings:\n"
                   "  duckdb: {library: %s}\n" % library)
        run = self.work(pipeline, status=69)
        self.assertIn("nobody else may write", run.out + run.err)

    def test_run_by_themselves_once_the_library_is_there(self):
        library = self.path("lib/libduckdb.so")
        pipeline = self.pipeline("SELECT 1 AS x")
        text = self.read("ask.yaml").decode()
        self.write("ask.yaml", text + "trigger: {uri: %s}\n"
                   "settings: {duckdb: {library: %s}}\n" % (
                       self.path("in/*.csv"), library))
        self.write("in/a.csv", "n\n1\n", age=60)
        self.write("in/b.csv", "n\n1\n", age=60)
        run = self.work(pipeline, status=69)
        self.assertIn(library, run.out + run.err)
        self.assertEqual([r["state"] for r in self.history()],
                         ["retry", "retry"])
        os.mkdir(self.path("lib"))
        os.symlink(os.environ["FOREBAY_DUCKDB"], library)
        self.work(pipeline)
        self.assertEqual([r["state"] for r in self.history()],
                         ["done", "done"])
        self.assertEqual(self.read("out.csv"), b"x\n1\n")

    def start_endless(self):
        """A run whose query goes on until somebody stops it."""
        pipeline = self.pipeline(
            "SELECT count(*) AS n FROM range(1000000000) a(x)\n"
            "JOIN range(1000000000) b(y) ON mod(x * y, 7) = 3")
        return subprocess.Popen(
            [forebay.PROGRAM, "run", pipeline, "--state", self.state],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=self.environment())

    def temporary(self):
        """The folders of engines in the state folder."""
        return glob.glob(self.path("state/tmp/*/duckdb-*"))

    def test_leave_nothing_behind_when_they_are_killed(self):
        process = self.start_endless()
        end = time.monotonic() + forebay.TIMEOUT
        while not self.temporary() and time.monotonic() < end:
            time.sleep(0.02)
        ours = self.temporary()
        self.assertEqual(len(ours), 1)
        self.write("state/tmp/ask/core", "of a crash")
        other = self.write("other.yaml", "pipeline: other\n"
                           "sources: {a: {type: duckdb, query: SELECT 1 AS n}}\n"
                           "sinks: {z: {uri: %s}}\n" % self.path("other.csv"))
        self.one(other)
        self.assertEqual(self.temporary(), ours)  # it is in use
        process.kill()
        process.communicate()
        self.assertEqual(self.temporary(), ours)
        self.assertEqual(self.ask("SELECT 1 AS n"), [["n"], ["1"]])
        self.assertEqual(os.listdir(self.path("state/tmp/ask")), [])

    def test_stop_soon_when_they_are_told_to(self):
        process = self.start_endless()
        time.sleep(2)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        told, _ = process.communicate(timeout=60)
        self.assertLess(time.monotonic() - started, 20)
        self.assertEqual(process.returncode, 75, told)


if __name__ == "__main__":
    unittest.main()
