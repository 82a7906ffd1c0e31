"""`forebay guess`: what it finds, says and prints, and that the schema that it
prints means what it says.
"""

import gzip
import os
import re
import time
import unittest

import fake_s3
import forebay
from engines import duckdb
from forebay import TOP

ORDERS = "OrderID,Customer,Amount,Status,OrderDate\n" + "".join(
    "O%04d,%s,%d.50,%s,2025-02-%02d\n" % (
        i, ("Alice", "Bob")[i % 2], 10 * i, ("shipped", "pending")[i % 2],
        1 + i % 28) for i in range(200))

# For each type a condition that has no meaning for any other.
MEANING = {
    "string": "length({0}) > 0",
    "integer": "{0} + 1 > 0",
    "number": "{0} + 1 > 0",
    "boolean": "NOT {0}",
    "date": "{0} > DATE '2025-01-01'",
    "datetime": "{0} > TIMESTAMP '2025-01-01 00:00:00'",
}


class Guess(forebay.Case):
    def guess(self, content, *flags, name="in.csv", **more):
        if isinstance(content, str):
            content = content.encode()
        return self.forebay("guess", self.write(name, content), *flags,
                            **more)

    def types(self, run):
        return re.findall(r"^    type: (\w+)", run.out, re.M)

    def names(self, run):
        return re.findall(r"^  - name: (.*)$", run.out, re.M)

    def found(self, run, what):
        return re.search(r"^# %s: (.*?) \(" % what, run.out, re.M).group(1)

    def refused(self, content, *flags, status=65):
        run = self.guess(content, *flags, status=status)
        self.assertEqual(run.out, "")
        return run.err


class Types(Guess):
    def test_orders_are_what_they_are(self):
        run = self.guess(ORDERS)
        self.assertEqual(self.names(run), ["OrderID", "Customer", "Amount",
                                           "Status", "OrderDate"])
        self.assertEqual(self.types(run), ["string", "string", "number",
                                           "string", "date"])
        self.assertIn("# Rows: all 200.\n", run.out)
        self.assertNotIn("A source of it needs", run.out)

    def test_every_type_has_its_reason(self):
        run = self.guess("a,b,c,d\n1,2,,x\n2,2.5,,\n")
        self.assertRegex(run.out, "integer +# each of 2 values is a whole n")
        self.assertRegex(run.out, "number +# each of 2 values is a number\n")
        self.assertRegex(run.out, "string +# there is no value .* 2 are miss")
        self.assertRegex(run.out, "string +# values such as 'x' .* 1 is miss")

    def test_a_value_that_spoils_a_type_is_named_with_its_line(self):
        run = self.guess("a\n1\n2\nthree\n")
        self.assertRegex(run.out, r"string +# 'three' on line 4 of '.*in.csv' "
                         "is no integer")

    def test_the_schema_means_what_was_said(self):
        run = self.guess("t,i,r,b,d,m\nx,1,1.5,true,2025-02-01,"
                         "2025-02-01T10:00:00Z\n")
        self.write("s.yaml", run.out)
        types = dict(zip(self.names(run), self.types(run)))
        self.assertEqual(list(types.values()), list(MEANING))
        for column, type_ in types.items():
            for other, meaning in MEANING.items():
                path = self.write(
                    "p.yaml", "pipeline: p\nsources: {a: {uri: in.csv, "
                    "on_reject: fail, schema: s.yaml}}\ntransforms: {f: "
                    "{type: filter, where: \"%s\"}}\n"
                    "sinks: {z: {uri: out.csv}}\n" % meaning.format(column))
                alike = {type_, other} in ({"integer", "number"},
                                           {"date", "datetime"})
                with self.subTest(column, other=other):
                    self.forebay("check", "--no-env", path,
                                 status=0 if other == type_ or alike else 78)

    def test_a_format_is_printed_with_the_type(self):
        run = self.guess("d\n2025/02/01\n20250202\n")
        self.assertRegex(run.out, "type: date .*\n    format: any\n")

    def test_names_that_yaml_takes_for_something_else_are_quoted(self):
        run = self.guess("no,a: b,注文,\"say \"\"x\"\"\"\n1,2,3,4\n")
        self.assertEqual(self.names(run), ['"no"', '"a: b"', '"注文"',
                                           '"say \\"x\\""'])
        self.write("s.yaml", run.out)
        path = self.write("p.yaml", "pipeline: p\nsources: {a: {uri: \"%s\", "
                          "schema: s.yaml}}\ntransforms: {v: {type: validate}}"
                          "\nsinks: {z: {uri: \"${STORE}/z.csv\"}, r: {uri: "
                          "\"${STORE}/r.csv\", inputs: [a.rejected, "
                          "v.rejected]}}\n" % self.path("in.csv"))
        self.assertEqual(self.one(path)["rows"]["written"], 1)

    def test_rows_bounds_what_is_looked_at_and_is_said(self):
        text = "a\n" + "1\n" * 50 + "x\n"
        run = self.guess(text, "--rows", "50")
        self.assertEqual(self.types(run), ["integer"])
        self.assertIn("# Rows: the first 50; --rows 0 looks at all.", run.out)
        for rows in ("51", "0"):
            self.assertEqual(self.types(self.guess(text, "--rows", rows)),
                             ["string"])

    def test_records_that_are_no_rows_are_counted(self):
        run = self.guess("a,b\n1,2\n3\n4,5\n")
        self.assertIn("# Refused: 1 records", run.out)
        self.assertEqual(self.types(run), ["integer", "integer"])


class Shown(Guess):
    def test_the_documentation_shows_what_is_printed(self):
        run = self.forebay("guess", "pipelines/samples/prices.csv")
        with open(os.path.join(TOP, "docs", "schema.md"),
                  encoding="utf-8") as file:
            shown = re.search(r"^\$ forebay guess .*\n((?s:.*?))^```",
                              file.read(), re.M).group(1)
        for part in shown.split("...\n"):
            self.assertIn(part, run.out)


class Charset(Guess):
    TEXT = "商品,単価\n髙島屋カード,12\nソート,15\n"

    def assert_charset(self, content, charset):
        run = self.guess(content)
        self.assertEqual(self.found(run, "Charset"), charset)
        self.assertEqual(self.names(run), ['"商品"', '"単価"'])
        self.assertEqual(self.types(run), ["string", "integer"])
        return run

    def test_utf_8(self):
        self.assert_charset(self.TEXT.encode(), "utf-8")
        self.assert_charset(b"\xef\xbb\xbf" + self.TEXT.encode(), "utf-8")

    def test_cp932(self):
        run = self.assert_charset(self.TEXT.encode("cp932"), "cp932")
        self.assertIn("#     charset: cp932\n", run.out)

    def test_euc_jp(self):
        text = self.TEXT.replace("髙", "高")
        self.assert_charset(text.encode("euc-jp"), "euc-jp")
        self.assert_charset(text.encode("iso-2022-jp"), "iso-2022-jp")

    def test_utf_16_with_a_mark_and_without(self):
        for name, mark in (("utf-16le", b"\xff\xfe"), ("utf-16be",
                                                      b"\xfe\xff")):
            self.assert_charset(mark + self.TEXT.encode(name), name)
            self.assert_charset(self.TEXT.encode(name), name)

    def test_single_bytes_cannot_be_told_apart(self):
        text = "name,town\nJosé ,Orléans\nZoë,Nîmes\n".encode("latin-1")
        error = self.refused(text)
        self.assertIn("cannot tell the charset of", error)
        self.assertIn("hint: if it is text at all, say which: --charset "
                      "windows-1252", error)
        run = self.guess(text, "--charset", "windows-1252")
        self.assertIn("# Charset: windows-1252 (as told)\n", run.out)

    def test_a_character_beyond_what_is_guessed_by_is_told(self):
        text = b"a,b\n" + b"1,2\n" * (5 << 18) + self.TEXT.encode("cp932")
        error = self.refused(text, "--rows", "0")
        self.assertIn("no character of charset 'utf-8'", error)
        self.assertIn("cp932", error)

    def test_what_is_cut_within_a_character_is_guessed_all_the_same(self):
        text = "列\n" + "あいうえお\n" * (5 << 16)
        for name in ("utf-8", "cp932"):
            run = self.guess(text.encode(name), "--rows", "10")
            self.assertEqual(self.found(run, "Charset"), name)

    def test_no_text_is_refused(self):
        self.assertIn("cannot tell the charset",
                      self.refused(bytes(range(256)) * 9))
        self.assertIn("is empty", self.refused(b""))

    def test_a_charset_that_nobody_knows_is_refused(self):
        error = self.refused("a\n", "--charset", "utf-9", status=2)
        self.assertIn("did you mean 'utf-8'?", error)


class Layout(Guess):
    def test_each_delimiter_is_found(self):
        for sign, shown in ((",", ","), ("\t", "\\t"), (";", ";"),
                            ("|", "|")):
            text = "a,b;c|d\te\n1,2;3|4\t5\n"
            for other in ",;|\t":
                if other != sign:
                    text = text.replace(other, "_")
            run = self.guess(text.replace(sign, sign) * 1)
            self.assertEqual(self.found(run, "Delimiter"), shown)
            self.assertEqual(len(self.names(run)), 2)

    def test_commas_in_values_do_not_mislead(self):
        run = self.guess("name;price\n\"a;b\";1,50\nc;2,75\n")
        self.assertEqual(self.found(run, "Delimiter"), ";")
        self.assertIn("#     dialect: {delimiter: \";\"}\n", run.out)

    def test_a_tab_is_printed_so_that_it_is_read_back(self):
        run = self.guess("a\tb\n1\t2\n")
        self.assertIn('#     dialect: {delimiter: "\\t"}\n', run.out)

    def test_a_delimiter_can_be_told(self):
        run = self.guess("a;b,c\n1;2,3\n", "--delimiter", ",")
        self.assertEqual(self.names(run), ['"a;b"', "c"])
        run = self.guess("a\tb,c\n1\t2,3\n", "--delimiter", "tab")
        self.assertEqual(self.names(run), ["a", '"b,c"'])
        self.assertIn("is not one ASCII character",
                      self.refused("a\n", "--delimiter", "::", status=2))

    def test_one_column_needs_no_delimiter(self):
        run = self.guess("word\nx\ny\n")
        self.assertEqual(self.names(run), ["word"])
        self.assertIn("no comma, tab, semicolon or pipe", run.out)

    def test_a_first_record_with_values_is_no_header(self):
        run = self.guess("x,1,2025-02-01\ny,2,2025-02-02\n")
        self.assertEqual(self.found(run, "Header"), "none")
        self.assertEqual(self.names(run), ["column_1", "column_2",
                                           "column_3"])
        self.assertEqual(self.types(run), ["string", "integer", "date"])
        self.assertIn("#     header: none\n", run.out)

    def test_codes_of_digits_are_values_too(self):
        run = self.guess("007,x\n008,y\n")
        self.assertEqual(self.found(run, "Header"), "none")

    def test_a_header_can_be_told(self):
        run = self.guess("2024,2025\n1,2\n", "--header", "required")
        self.assertEqual(self.names(run), ['"2024"', '"2025"'])
        run = self.guess("a,b\nc,d\n", "--header", "none")
        self.assertEqual(self.names(run), ["column_1", "column_2"])

    def test_a_header_without_rows_is_enough(self):
        run = self.guess("a,b\n")
        self.assertEqual(self.types(run), ["string", "string"])
        self.assertIn("# Rows: there are none yet.", run.out)

    def test_compressed_files_are_looked_into(self):
        run = self.guess(gzip.compress(ORDERS.encode()), name="in.csv.gz")
        self.assertEqual(self.types(run)[2], "number")


class Stores(Guess):
    def test_a_folder_is_all_that_lies_below_it(self):
        self.write("d/a.csv", "x,y\n1,1\n")
        self.write("d/k=1/b.csv", "y,x\n2.5,2\n")
        self.write("d/_log", "nothing")
        run = self.forebay("guess", self.path("d") + "/")
        self.assertEqual(self.types(run), ["integer", "number"])
        self.assertIn("# Objects: 2; the first is '%s'.\n"
                      % self.path("d/a.csv"), run.out)

    def test_a_folder_of_two_kinds_is_told(self):
        self.write("d/a.csv", "x\n1\n")
        self.write("d/b.csv", "z\n1\n")
        run = self.forebay("guess", self.path("d") + "/", status=65)
        self.assertIn("b.csv' lacks the column 'x'", run.err)

    @duckdb()
    def test_a_format_with_types_says_them_itself(self):
        self.write("in.csv", ORDERS)
        self.write("s.yaml", self.guess(ORDERS).out)
        path = self.write(
            "p.yaml", "pipeline: p\nsources: {a: {uri: \"%s\", on_reject: "
            "fail, schema: s.yaml}}\nsinks: {z: {uri: \"${STORE}/z.parquet\", "
            "format: parquet}}\n" % self.path("in.csv"))
        self.one(path)
        run = self.forebay("guess", self.path("store/z.parquet"))
        self.assertEqual(self.types(run), ["string", "string", "number",
                                           "string", "date"])
        self.assertIn("# A source of it needs format: parquet, and no schema",
                      run.out)
        self.assertNotIn("Charset", run.out)

    def test_what_is_not_there_is_told(self):
        run = self.forebay("guess", self.path("none.csv"), status=65)
        self.assertRegex(run.err, r"^forebay: cannot open '.*none\.csv'")
        self.write("d/.hidden", "x")
        run = self.forebay("guess", self.path("d") + "/", status=65)
        self.assertIn("there is no object below", run.err)

    def test_a_store_that_nobody_knows_is_told(self):
        run = self.forebay("guess", "foo://x/y.csv", status=2)
        self.assertIn("no source plugin knows the scheme", run.err)
        run = self.forebay("guess", "sqs://queue", status=2)
        self.assertIn("the sqs source reads no bytes", run.err)

    def test_objects_in_s3(self):
        s3 = fake_s3.Store()
        server = fake_s3.Server(s3)
        self.addCleanup(server.stop)
        s3.put("raw/a.csv", ORDERS.encode(), now=time.time() - 60)
        s3.put("raw/b.csv", ORDERS.encode(), now=time.time() - 60)
        for uri, rows in (("s3://bucket/raw/a.csv", 200),
                          ("s3://bucket/raw/", 400)):
            run = self.forebay("guess", uri, env=server.environment())
            self.assertEqual(self.types(run), ["string", "string", "number",
                                               "string", "date"])
            self.assertIn("# Rows: all %d.\n" % rows, run.out)


if __name__ == "__main__":
    unittest.main()
