"""The format parquet: what leaves as parquet comes back the same."""

import os
import unittest

import forebay
from engines import duckdb

SCHEMA = """\
fields:
- {name: Id, type: integer}
- {name: Name, type: string}
- {name: Price, type: number}
- {name: Paid, type: boolean}
- {name: Day, type: date}
- {name: At, type: datetime}
- {name: Hour, type: time}
missingValues: ["-"]
"""
HEADER = "Id,Name,Price,Paid,Day,At,Hour\n"
ROWS = ("1,表 a,0.5,true,2024-02-29,2024-02-29T23:59:59.500000Z,09:05:00\n"
        "-9223372036854775808,\"a, \"\"text\"\" longer than twelve bytes\","
        "-1e+300,false,0001-01-01,1969-12-31T23:59:59Z,23:59:59.500000\n"
        "-,,-,-,-,-,-\n")

OUT = """\
pipeline: out
sources: {a: {uri: %(dir)s/in.csv, schema: all.yaml, on_reject: fail}}
sinks: {z: {uri: %(dir)s/t/x.parquet, format: parquet}}
"""
BACK = """\
pipeline: back
sources: {a: {uri: %(dir)s/t/x.parquet, format: parquet%(schema)s}}
sinks: {z: {uri: %(dir)s/back.csv, dialect: {nullSequence: "-"}}}
"""
TABLE = """\
pipeline: ask
tables: {t: {location: %(dir)s/t, format: parquet}}
sources:
  a:
    type: duckdb
    query: >-
      %(query)s
sinks: {z: {uri: %(dir)s/answer.csv}}
"""


@duckdb()
class Parquet(forebay.Case):
    def setUp(self):
        super().setUp()
        self.write("all.yaml", SCHEMA)
        self.write("in.csv", HEADER + ROWS)

    def run_text(self, text, **values):
        path = self.write("p.yaml", text % dict(values, dir=self.dir))
        return self.one(path)

    def write_parquet(self):
        os.makedirs(self.path("t"), exist_ok=True)
        report = self.run_text(OUT)
        with open(self.path("t/x.parquet"), "rb") as file:
            content = file.read()
        self.assertEqual((content[:4], content[-4:]), (b"PAR1", b"PAR1"))
        return report

    def ask(self, query):
        self.run_text(TABLE, query=query)
        return self.read("answer.csv").decode()

    def test_comes_back_as_it_left(self):
        report = self.write_parquet()
        self.assertEqual(report["rows"]["written"], 3)
        self.run_text(BACK, schema="")
        self.assertEqual(self.read("back.csv").decode(), HEADER + ROWS)

    def test_keeps_its_types(self):
        self.write_parquet()
        self.assertEqual(
            self.ask("SELECT typeof(id) AS i, typeof(name) AS s, "
                     "typeof(price) AS n, typeof(paid) AS b, "
                     "typeof(day) AS d, typeof(\"at\") AS t, "
                     "typeof(\"hour\") AS h FROM t LIMIT 1"),
            "i,s,n,b,d,t,h\n"
            "BIGINT,VARCHAR,DOUBLE,BOOLEAN,DATE,TIMESTAMP,TIME\n")
        self.assertEqual(
            self.ask("SELECT count(*) AS n, count(id) AS i, count(name) AS s, "
                     "count(day) AS d FROM t"), "n,i,s,d\n3,2,3,2\n")

    def test_can_be_a_table_without_rows(self):
        self.write("in.csv", HEADER)
        self.write_parquet()
        self.assertEqual(self.ask("SELECT id, day FROM t"), "id,day\n")
        self.run_text(BACK, schema="")
        self.assertEqual(self.read("back.csv").decode(), HEADER)

    def test_holds_many_rows_in_their_order(self):
        rows = "".join("%d,name %d,-,-,-,-,-\n" % (i, i)
                       for i in range(150000))
        self.write("in.csv", HEADER + rows)
        self.write_parquet()
        self.run_text(BACK, schema="")
        self.assertEqual(self.read("back.csv").decode(), HEADER + rows)

    def test_that_is_none_is_refused(self):
        self.write("t/x.parquet", "PAR1 but no more")
        path = self.write("p.yaml", BACK % {"dir": self.dir, "schema": ""})
        run = self.work(path, status=65)
        self.assertIn("it is no parquet file", run.out + run.err)
        self.assertFalse(os.path.exists(self.path("back.csv")))

    def test_is_not_written_with_a_cell_that_is_not_of_its_type(self):
        self.write("in.csv", HEADER + "one,,-,-,-,-,-\n")
        path = self.write("p.yaml", OUT % {"dir": self.dir})
        os.makedirs(self.path("t"))
        run = self.work(path, status=65)
        self.assertIn("line 2: column 'Id': 'one' is not an integer",
                      run.out + run.err)
        self.assertEqual(self.files("t"), [])

    def test_is_compressed_by_zstd(self):
        self.write_parquet()
        content = self.read("t/x.parquet")
        self.assertIn(b"\x28\xb5\x2f\xfd", content)  # a frame of zstd


if __name__ == "__main__":
    unittest.main()
