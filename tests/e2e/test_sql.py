"""The transform `sql`: a query over the rows of the steps that it reads."""

import os
import re
import unittest

import forebay
from engines import duckdb

PIPELINE = """\
pipeline: joined
sources:
%(sources)s
transforms:
%(transforms)s
sinks:
  out: {uri: %(dir)s/out.csv, inputs: [%(last)s]}
"""

ORDERS = "fields:\n- {name: Who, type: integer}\n- {name: Amount, " \
    "type: number}\n- {name: Day, type: date}\n"
PEOPLE = "fields:\n- {name: Id, type: integer}\n- {name: Name}\n"


@duckdb()
class Sql(forebay.Case):
    def setUp(self):
        super().setUp()
        self.write("orders.yaml", ORDERS)
        self.write("people.yaml", PEOPLE)
        self.write("orders.csv", "Who,Amount,Day\n1,2.5,2025-01-01\n"
                   "2,3,2025-01-02\n1,4,\n")
        self.write("people.csv", "Id,Name\n1,Ann\n2,Bo\n")

    def pipeline(self, transforms, last="both", reject=", on_reject: fail"):
        sources = ["  %s: {uri: %s/%s.csv, schema: %s.yaml%s}" % (
            name, self.dir, name, name, reject)
                   for name in ("orders", "people")
                   if re.search(r"inputs: \[.*\b%s\b" % name, transforms)]
        return self.write("joined.yaml", PIPELINE % {
            "dir": self.dir, "last": last, "sources": "\n".join(sources),
            "transforms": "\n".join("  " + line
                                    for line in transforms.splitlines())})

    def one(self, path):
        """A query's rows are not its input's: they need not balance."""
        return self.work(path).runs()[0]

    def query(self, text, inputs="orders, people"):
        return self.pipeline("both:\n  type: sql\n  inputs: [%s]\n"
                             "  query: >-\n    %s\n" % (inputs, text))

    def test_joins_its_inputs(self):
        report = self.one(self.query(
            "SELECT p.Name, SUM(CAST(Amount AS DECIMAL(18, 2))) AS total "
            "FROM orders o JOIN people p ON o.Who = p.Id "
            "GROUP BY p.Name ORDER BY p.Name"))
        self.assertEqual(self.read("out.csv"),
                         b"Name,total\nAnn,6.50\nBo,3.00\n")
        self.assertEqual(report["rows"]["read"], 5)
        self.assertEqual(report["rows"]["written"], 2)

    def test_keeps_names_types_missing_values_and_order(self):
        self.one(self.query("SELECT *, typeof(Day) AS t FROM orders",
                            inputs="orders"))
        self.assertEqual(self.read("out.csv"),
                         b"Who,Amount,Day,t\n1,2.5,2025-01-01,DATE\n"
                         b"2,3,2025-01-02,DATE\n1,4,,DATE\n")

    def test_keeps_the_order_of_many_rows(self):
        rows = "".join("%d,%d,\n" % (i % 7, i) for i in range(100000))
        self.write("orders.csv", "Who,Amount,Day\n" + rows)
        self.one(self.query("SELECT Who, CAST(Amount AS INTEGER) AS Amount, "
                            "Day FROM orders", inputs="orders"))
        self.assertEqual(self.read("out.csv").decode(),
                         "Who,Amount,Day\n" + rows)

    def test_may_give_its_rows_to_other_steps(self):
        self.one(self.pipeline(
            "sums: {type: sql, inputs: [orders], query: "
            "'SELECT Who, SUM(Amount) AS s FROM orders GROUP BY Who'}\n"
            "many: {type: filter, where: s > 5}\n"
            "both: {type: sql, inputs: [many, people], query: "
            "'SELECT Name FROM many, people WHERE Who = Id'}\n"))
        self.assertEqual(self.read("out.csv"), b"Name\nAnn\n")

    def test_sees_rejected_rows_by_their_name(self):
        self.write("orders.csv", "Who,Amount,Day\n1,2\n1,2,2025-01-01\n")
        self.one(self.pipeline(
            "both: {type: sql, inputs: [orders.rejected, orders], query: "
            "'SELECT (SELECT count(*) FROM orders.rejected) AS bad, "
            "count(*) AS good FROM orders'}\n", reject=""))
        self.assertEqual(self.read("out.csv"), b"bad,good\n1,1\n")

    def test_has_the_date_of_the_run_and_the_functions_of_trino(self):
        self.work(self.query("SELECT date_format(CURRENT_DATE, '%Y/%m') AS m "
                             "FROM people LIMIT 1"), "--as-of", "2001-02-03")
        self.assertEqual(self.read("out.csv"), b"m\n2001/02\n")

    def test_gives_a_header_when_there_is_no_row(self):
        self.write("orders.csv", "Who,Amount,Day\n")
        self.one(self.query("SELECT Who FROM orders", inputs="orders"))
        self.assertEqual(self.read("out.csv"), b"Who\n")

    def test_is_checked_before_there_is_data(self):
        path = self.query("SELECT Nane FROM people", inputs="people")
        run = self.forebay("check", "--no-env", path, status=78)
        self.assertRegex(run.out + run.err,
                         r"joined\.yaml:9:7: .*line 1, column 8.*Nane")
        after = self.pipeline(
            "sums: {type: sql, inputs: [people], query: "
            "'SELECT Name FROM people'}\n"
            "both: {type: filter, where: nope > 5}\n")
        self.forebay("check", "--no-env", after, status=78)

    def test_reads_nothing_but_its_inputs(self):
        for query in ("SELECT * FROM ''%s''" % self.path("people.csv"),
                      "SELECT * FROM read_csv(''%s'')" %
                      self.path("people.csv"), "SELECT * FROM orders.x",
                      "COPY people TO ''%s''" % self.path("out.csv")):
            with self.subTest(query):
                run = self.work(self.pipeline(
                    "both: {type: sql, inputs: [people], query: '%s'}\n"
                    % query), status=None)
                self.assertNotEqual(run.status, 0)
                self.assertFalse(os.path.exists(self.path("out.csv")))

    def test_fails_on_a_cell_that_is_not_of_its_type(self):
        self.write("orders.csv", "Who,Amount,Day\n1,2,2025-01-01\n1,x,\n")
        run = self.work(self.query("SELECT * FROM orders", inputs="orders"),
                        status=65)
        self.assertIn("line 3: column 'Amount': 'x' is not a number",
                      run.out + run.err)

    def test_stays_within_its_memory(self):
        rows = "".join("%d,%d,\n" % (i, i) for i in range(400000))
        self.write("orders.csv", "Who,Amount,Day\n" + rows)
        path = self.pipeline(
            "both:\n  type: sql\n  inputs: [orders]\n  memory_limit: 48MiB\n"
            "  threads: 1\n  query: SELECT count(*) AS n FROM (SELECT DISTINCT "
            "Who, repeat('x', 100) || Who AS t FROM orders)\n")
        self.one(path)
        self.assertEqual(self.read("out.csv"), b"n\n400000\n")


if __name__ == "__main__":
    unittest.main()
