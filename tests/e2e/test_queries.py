"""docs/queries.md tells the truth about DuckDB: each expression in its tables
gives what stands beside it, and that is what Trino's documentation says.
"""

import csv
import io
import os
import re
import unittest

import forebay
from engines import duckdb
from forebay import TOP

PAGE = os.path.join(TOP, "docs", "queries.md")
ROW = re.compile(r"^\| `(.*?)` \| (.*?) ?\|")


def expressions():
    """[(line, expression, result)] of all tables."""
    found = []
    with open(PAGE, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            match = ROW.match(line)
            if match:
                found.append((number, match.group(1).replace("\\|", "|"),
                              match.group(2).strip()))
    return found


@duckdb()
class Portable(forebay.Case):
    def answers(self, rows):
        columns = ",\n".join("(%s) AS c%d" % (expression, number)
                             for number, expression, _ in rows)
        self.write("ask.yaml", (
            "pipeline: ask\nsources:\n  answer:\n    type: duckdb\n"
            "    query: |\n      SELECT %s\n"
            "sinks:\n  out: {uri: %s}\n") % (
                columns.replace("\n", "\n      ").replace("$", "$$"),
                self.path("out.csv")))
        self.one(self.path("ask.yaml"))
        text = self.read("out.csv").decode("utf-8")
        return list(csv.reader(io.StringIO(text)))[1]

    def test_the_page_has_tables(self):
        self.assertGreater(len(expressions()), 100)

    def test_every_expression_gives_what_the_page_says(self):
        rows = expressions()
        self.assertEqual(len(self.answers(rows)), len(rows))
        for (number, expression, want), got in zip(rows, self.answers(rows)):
            with self.subTest("line %d: %s" % (number, expression)):
                self.assertEqual(got, want)


if __name__ == "__main__":
    unittest.main()
