"""Shapes of pipelines and of files: several sources, sinks and transforms;
charsets, dialects, compression. Every run's rows must balance.
"""

import gzip
import os
import shutil
import subprocess
import unittest

import forebay

HEADER = "OrderID,Customer,Amount\n"


def rows(*numbers, customer="Ann"):
    return "".join("O%04d,%s,%d.50\n" % (n, customer, n) for n in numbers)


class Pipeline(forebay.Case):
    """Pipelines written as text, with no trigger: one run an invocation."""

    def run_text(self, text, *arguments, **more):
        path = self.write("shop.yaml", "pipeline: shop\n" + text)
        return self.one(path, *arguments, **more)

    def fail_text(self, text, *arguments, status, **more):
        path = self.write("shop.yaml", "pipeline: shop\n" + text)
        run = self.work(path, *arguments, status=status, **more)
        self.assertEqual(run.runs()[0]["outcome"], "failure", str(run))
        return run.runs()[0]

    def copy(self, content, source="", sink="", name="in.csv",
             out="out.csv"):
        """Through a source and a sink with these options; the bytes."""
        self.write("store/" + name, content)
        report = self.run_text("""\
sources: {a: {uri: "${STORE}/%s", on_reject: fail%s}}
sinks: {z: {uri: "${STORE}/%s"%s}}
""" % (name, source and ", " + source, out, sink and ", " + sink))
        self.report = report
        return self.read("store/" + out)


class Graph(Pipeline):
    def test_one_source_goes_through_two_filters_to_two_sinks(self):
        self.write("store/in.csv", HEADER + rows(*range(1, 11)))
        report = self.run_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail}}
transforms:
  low: {type: filter, inputs: [a], where: "CAST(Amount AS DOUBLE) < 4"}
  high: {type: filter, inputs: [a], where: "CAST(Amount AS DOUBLE) > 8"}
sinks:
  one: {inputs: [low], uri: "${STORE}/low.csv"}
  two: {inputs: [high], uri: "${STORE}/high.csv"}
""")
        self.assertEqual(self.read("store/low.csv").decode(),
                         HEADER + rows(1, 2, 3))
        self.assertEqual(self.read("store/high.csv").decode(),
                         HEADER + rows(8, 9, 10))
        self.assertEqual(report["rows"], {"read": 10, "written": 6,
                                          "filtered": 14, "rejected": 0})

    def test_one_step_feeds_a_sink_and_a_filter(self):
        self.write("store/in.csv", HEADER + rows(1, 2, 3))
        self.run_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail}}
transforms: {f: {type: filter, where: "OrderID = 'O0002'"}}
sinks:
  all: {inputs: [a], uri: "${STORE}/all.csv"}
  some: {inputs: [f], uri: "${STORE}/some.csv"}
""")
        self.assertEqual(self.read("store/all.csv").decode(),
                         HEADER + rows(1, 2, 3))
        self.assertEqual(self.read("store/some.csv").decode(),
                         HEADER + rows(2))

    def test_two_sources_go_into_one_sink_one_after_the_other(self):
        self.write("store/a.csv", HEADER + rows(1, 2))
        self.write("store/b.csv", HEADER + rows(3, customer="Bob"))
        report = self.run_text("""\
sources:
  a: {uri: "${STORE}/a.csv", on_reject: fail}
  b: {uri: "${STORE}/b.csv", on_reject: fail}
sinks: {z: {inputs: [a, b], uri: "${STORE}/all.csv"}}
""")
        self.assertEqual(self.read("store/all.csv").decode(),
                         HEADER + rows(1, 2) + rows(3, customer="Bob"))
        self.assertEqual(report["rows"]["read"], 3)
        self.assertEqual(len(report["inputs"]), 2)

    def test_two_sources_with_other_columns_cannot_share_a_sink(self):
        self.write("store/a.csv", HEADER + rows(1))
        self.write("store/b.csv", "Other,Name\n1,2\n")
        path = self.write("shop.yaml", """\
pipeline: shop
sources:
  a: {uri: "${STORE}/a.csv", on_reject: fail}
  b: {uri: "${STORE}/b.csv", on_reject: fail}
sinks: {z: {inputs: [a, b], uri: "${STORE}/all.csv"}}
""")
        run = self.work(path, status=None)
        self.assertNotEqual(run.status, 0, str(run))
        self.assertEqual(self.files("store"), ["a.csv", "b.csv"])

    def test_a_sink_for_each_input_is_named_after_it(self):
        self.write("store/a.csv", HEADER + rows(1))
        self.write("store/b.csv", HEADER + rows(2))
        report = self.run_text("""\
sources:
  a: {uri: "${STORE}/a.csv", on_reject: fail}
  b: {uri: "${STORE}/b.csv", on_reject: fail}
sinks: {z: {inputs: [a, b], uri: "${STORE}/out/${step.input}.csv"}}
""")
        self.assertEqual(self.files("store/out"), ["a.csv", "b.csv"])
        self.assertEqual(self.read("store/out/b.csv").decode(),
                         HEADER + rows(2))
        self.assertEqual([o["step"] for o in report["outputs"]],
                         ["z[a]", "z[b]"])

    def test_names_of_the_run_stand_in_uris(self):
        self.write("store/in.csv", HEADER + rows(1))
        report = self.run_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail}}
sinks: {z: {uri: "${STORE}/${run.date}/${step.id}-${run.id}.csv"}}
""", "--as-of", "2025-05-10")
        self.assertEqual(self.files("store/2025-05-10"),
                         ["z-%s.csv" % report["run"]])

    def test_all_outputs_stay_away_when_one_step_fails(self):
        self.write("store/in.csv", HEADER + rows(1) + "O0002,short\n")
        report = self.fail_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail}}
sinks:
  one: {inputs: [a], uri: "${STORE}/one.csv"}
  two: {inputs: [a], uri: "${STORE}/two.csv"}
""", status=65)
        self.assertRegex(report["error"]["message"], "'a' rejected line 3")
        self.assertEqual(self.files("store"), ["in.csv"])


class Transforms(Pipeline):
    IN = ('sources: {a: {uri: "${STORE}/in.csv", on_reject: fail}}\n'
          'transforms: {t: {%s}}\n'
          'sinks: {z: {uri: "${STORE}/out.csv"}}\n')

    def through(self, content, step):
        self.write("store/in.csv", content)
        self.report = self.run_text(self.IN % step)
        return self.read("store/out.csv").decode("utf-8")

    def test_select_keeps_in_the_order_named(self):
        self.assertEqual(
            self.through(HEADER + rows(1, 2),
                         "type: select, keep: [Amount, OrderID]"),
            "Amount,OrderID\n1.50,O0001\n2.50,O0002\n")

    def test_select_drops(self):
        self.assertEqual(
            self.through(HEADER + rows(1), "type: select, drop: [Customer]"),
            "OrderID,Amount\nO0001,1.50\n")

    def test_select_renames_and_leaves_the_rows_as_they_came(self):
        self.assertEqual(
            self.through(HEADER + 'O1,"Ann",1.50\n',
                         "type: select, rename: {Customer: Name}"),
            'OrderID,Name,Amount\nO1,"Ann",1.50\n')

    def test_derive_adds_and_replaces(self):
        self.assertEqual(
            self.through(HEADER + 'O1,ann,1.50\n',
                         "type: derive, set: {Customer: upper(Customer), "
                         "Twice: CAST(Amount AS DOUBLE) * 2}"),
            "OrderID,Customer,Amount,Twice\nO1,ANN,1.50,3.0\n")

    def test_derived_cells_are_quoted_when_they_must_be(self):
        text = self.through(
            HEADER + "O1,ann,1.50\n",
            "type: derive, set: {Customer: \"Customer || ', \\\"x\\\"'\"}")
        self.assertEqual(text, HEADER + 'O1,"ann, ""x""",1.50\n')

    def test_dedupe_keeps_the_first(self):
        self.assertEqual(
            self.through(HEADER + "A,x,1\nB,y,2\nA,z,3\n",
                         "type: dedupe, key: [OrderID]"),
            HEADER + "A,x,1\nB,y,2\n")
        self.assertEqual(self.report["rows"]["filtered"], 1)

    def test_dedupe_keeps_the_last(self):
        self.assertEqual(
            self.through(HEADER + "A,x,1\nB,y,2\nA,z,3\n",
                         "type: dedupe, key: [OrderID], keep: last"),
            HEADER + "B,y,2\nA,z,3\n")

    def test_a_chain_of_all_of_them_balances(self):
        self.write("store/in.csv",
                   HEADER + rows(*range(1, 101)) + rows(*range(50, 60)))
        report = self.run_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail}}
transforms:
  once: {type: dedupe, key: [OrderID]}
  more: {type: derive, set: {Half: "CAST(Amount AS DOUBLE) / 2"}}
  some: {type: filter, where: "Half >= 25"}
  less: {type: select, keep: [OrderID, Half]}
sinks: {z: {uri: "${STORE}/out.csv"}}
""")
        self.assertEqual(report["rows"], {"read": 110, "written": 51,
                                          "filtered": 59, "rejected": 0})
        self.assertEqual(self.read("store/out.csv").decode().splitlines()[:2],
                         ["OrderID,Half", "O0050,25.25"])


class Rejects(Pipeline):
    BAD = HEADER + rows(1) + "O0002,short\n" + rows(3)

    def test_on_reject_drop_counts_and_forgets(self):
        self.write("store/in.csv", self.BAD)
        report = self.run_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: drop}}
sinks: {z: {uri: "${STORE}/out.csv"}}
""")
        self.assertEqual(report["rows"], {"read": 3, "written": 2,
                                          "filtered": 0, "rejected": 1})
        self.assertEqual(self.read("store/out.csv").decode(),
                         HEADER + rows(1, 3))

    def test_on_reject_fail_leaves_nothing(self):
        self.write("store/in.csv", self.BAD)
        report = self.fail_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail}}
sinks: {z: {uri: "${STORE}/out.csv"}}
""", status=65)
        self.assertRegex(report["error"]["message"], "line 3")
        self.assertEqual(self.files("store"), ["in.csv"])

    def test_rejects_as_a_table_have_their_reasons_as_columns(self):
        self.write("store/in.csv", self.BAD)
        self.run_text("""\
sources: {a: {uri: "${STORE}/in.csv"}}
sinks:
  z: {inputs: [a], uri: "${STORE}/out.csv"}
  bad: {inputs: [a.rejected], uri: "${STORE}/bad.csv"}
""")
        lines = self.read("store/bad.csv").decode().splitlines()
        self.assertEqual(lines[0],
                         "_line,_column,_code,_message,_record")
        self.assertRegex(lines[1],
                         r'^3,Amount,missing-cell,.*,"?O0002,short"?$')

    def test_when_empty_decides_about_a_header_alone(self):
        self.write("store/in.csv", HEADER + rows(1))
        self.run_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail}}
transforms: {f: {type: filter, where: "OrderID = 'none'"}}
sinks:
  one: {inputs: [f], uri: "${STORE}/one.csv"}
  two: {inputs: [f], uri: "${STORE}/two.csv", when_empty: skip}
""")
        self.assertEqual(self.files("store"), ["in.csv", "one.csv"])
        self.assertEqual(self.read("store/one.csv").decode(), HEADER)


class Charsets(Pipeline):
    TEXT = "名前,値\n表ソ能,1\nｱｲｳ①髙,2\n"

    def test_text_of_many_charsets_becomes_utf8(self):
        for name in ("cp932", "euc-jp", "utf-16", "utf-16le", "utf-16be",
                     "iso-2022-jp", "gb18030", "utf-8"):
            text = self.TEXT
            if name in ("euc-jp", "iso-2022-jp"):
                text = text.replace("ｱｲｳ①髙", "高")
            with self.subTest(charset=name):
                self.assertEqual(
                    self.copy(text.encode(name), "charset: " + name),
                    text.encode("utf-8"))

    def test_utf8_becomes_text_of_many_charsets(self):
        for name in ("cp932", "utf-16le", "gb18030", "utf-16"):
            with self.subTest(charset=name):
                got = self.copy(self.TEXT.encode("utf-8"), "",
                                "charset: " + name)
                self.assertEqual(got.decode(name), self.TEXT)

    def test_utf16_says_its_byte_order(self):
        got = self.copy(b"a\n1\n", "", "charset: utf-16")
        self.assertIn(got[:2], (b"\xff\xfe", b"\xfe\xff"))

    def test_undeclared_utf16_is_named(self):
        self.write("store/in.csv", self.TEXT.encode("utf-16"))
        report = self.fail_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail}}
sinks: {z: {uri: "${STORE}/out.csv"}}
""", status=65)
        self.assertRegex(report["error"]["message"]
                         + (report["error"]["hint"] or ""), "(?i)utf-16")

    def test_bad_bytes_are_replaced_when_told_so(self):
        self.assertEqual(
            self.copy(b"a\n\x81\x20x\n", "charset: cp932, "
                      "on_bad_char: replace").decode("utf-8"),
            "a\n\ufffd x\n")


class Dialects(Pipeline):
    def test_tab_separated_text_in_and_out(self):
        self.assertEqual(
            self.copy("a\tb\n1,5\tx\n", "format: tsv"),
            b'a,b\n"1,5",x\n')
        self.assertEqual(
            self.copy('a,b\n"1\t5",x\n', "", "format: tsv"),
            b'a\tb\n"1\t5"\tx\n')

    def test_a_semicolon_in_and_a_comma_out(self):
        self.assertEqual(
            self.copy("a;b\n1,5;x\n", 'dialect: {delimiter: ";"}'),
            b'a,b\n"1,5",x\n')

    def test_the_same_dialect_on_both_sides_keeps_the_bytes(self):
        content = b"a;b\r\n'1;5';x\r\n'it''s';\r\n"
        dialect = "dialect: {delimiter: \";\", quoteChar: \"'\"}"
        self.assertEqual(self.copy(content, dialect, dialect), content)

    def test_an_escape_character(self):
        self.assertEqual(
            self.copy('a,b\n1\\,5,x\n',
                      "dialect: {escapeChar: \"\\\\\", quoteChar: \"\"}"),
            b'a,b\n"1,5",x\n')

    def test_comments_are_no_records(self):
        self.assertEqual(
            self.copy("# made by hand\na,b\n1,2\n# more\n3,4\n",
                      'dialect: {commentChar: "#"}'),
            b"a,b\n1,2\n3,4\n")

    def test_initial_spaces_are_no_part_of_a_cell_when_told_so(self):
        self.write("store/in.csv", "a, b\n1, x\n")
        self.run_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail,
              dialect: {skipInitialSpace: true}}}
transforms: {f: {type: filter, where: "b = 'x'"}}
sinks: {z: {uri: "${STORE}/out.csv"}}
""")
        self.assertEqual(len(self.read("store/out.csv").splitlines()), 2)

    def test_a_null_sequence_is_a_missing_value(self):
        self.write("store/in.csv", "a,b\n1,NULL\n2,x\n3,\n")
        self.run_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail,
              dialect: {nullSequence: "NULL"}}}
transforms: {f: {type: filter, where: "b IS NULL"}}
sinks: {z: {uri: "${STORE}/out.csv"}}
""")
        self.assertEqual(self.read("store/out.csv"), b"a,b\n1,NULL\n3,\n")

    def test_a_line_terminator_ends_every_record_of_the_output(self):
        self.assertEqual(
            self.copy("a,b\n1,2\r\n3,4", "",
                      'dialect: {lineTerminator: "\\r\\n"}'),
            b"a,b\r\n1,2\r\n3,4\r\n")

    def test_without_a_header_columns_are_numbered(self):
        self.write("store/in.csv", "1,x\n2,y\n")
        self.run_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail, header: none}}
transforms: {f: {type: filter, where: "column_2 = 'y'"}}
sinks: {z: {uri: "${STORE}/out.csv", header: none}}
""")
        self.assertEqual(self.read("store/out.csv"), b"2,y\n")

    def test_without_a_header_columns_are_the_schemas(self):
        self.write("s.yaml", "fields:\n  - {name: n, type: integer}\n"
                   "  - {name: t, type: string}\n")
        self.write("store/in.csv", "1,x\n2,y\n")
        self.run_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail, header: none,
              schema: s.yaml}}
transforms: {f: {type: filter, where: n > 1}}
sinks: {z: {uri: "${STORE}/out.csv"}}
""")
        self.assertEqual(self.read("store/out.csv"), b"n,t\n2,y\n")

    def test_the_lane_can_be_demanded_and_changes_nothing(self):
        content = b'a,b\n"1,\n5",x\r\n 2 ,"q""q"\n'
        one = self.copy(content)
        self.write("store/in.csv", content)
        self.one(self.path("shop.yaml"), env={"FOREBAY_CSV": "libcsv"})
        self.assertEqual(self.read("store/out.csv"), one)
        self.assertEqual(one, content)


class Compression(Pipeline):
    TEXT = (HEADER + rows(*range(1, 2000))).encode("utf-8")

    def test_gzip_is_known_by_its_first_bytes_whatever_the_name(self):
        self.assertEqual(self.copy(gzip.compress(self.TEXT)), self.TEXT)

    def test_several_members_are_one_text(self):
        half = self.TEXT.index(b"O1000")
        self.assertEqual(
            self.copy(gzip.compress(self.TEXT[:half])
                      + gzip.compress(self.TEXT[half:])), self.TEXT)

    def test_the_end_of_a_name_compresses(self):
        got = self.copy(self.TEXT, out="out.csv.gz")
        self.assertLess(len(got), len(self.TEXT) / 2)
        self.assertEqual(gzip.decompress(got), self.TEXT)

    def test_compressed_output_is_the_same_every_time(self):
        one = self.copy(self.TEXT, out="out.csv.gz")
        self.assertEqual(self.copy(self.TEXT, out="out.csv.gz"), one)

    @unittest.skipUnless(shutil.which("zstd"), "no zstd program to compare")
    def test_zstd_in_and_out(self):
        packed = subprocess.run(["zstd", "-q", "-c"], input=self.TEXT,
                                check=True, capture_output=True).stdout
        self.assertEqual(self.copy(packed), self.TEXT)
        got = self.copy(self.TEXT, out="out.csv.zst")
        self.assertEqual(
            subprocess.run(["zstd", "-q", "-d", "-c"], input=got, check=True,
                           capture_output=True).stdout, self.TEXT)

    def test_zstd_that_we_write_we_also_read(self):
        got = self.copy(self.TEXT, "", "compression: zstd")
        self.assertEqual(got[:4], b"\x28\xb5\x2f\xfd")
        self.assertEqual(self.copy(got), self.TEXT)

    def test_what_is_cut_off_is_an_error_and_leaves_nothing(self):
        for cut in (5, 20, -9, -1):
            with self.subTest(cut=cut):
                self.write("store/in.csv", gzip.compress(self.TEXT)[:cut])
                self.fail_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail}}
sinks: {z: {uri: "${STORE}/out.csv"}}
""", status=65)
                self.assertEqual(self.files("store"), ["in.csv"])

    def test_what_follows_the_end_is_an_error(self):
        self.write("store/in.csv", gzip.compress(self.TEXT) + b"trailing")
        self.fail_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail}}
sinks: {z: {uri: "${STORE}/out.csv"}}
""", status=65)

    def test_demanded_compression_that_is_not_there_is_an_error(self):
        self.write("store/in.csv", self.TEXT)
        self.fail_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail,
              compression: gzip}}
sinks: {z: {uri: "${STORE}/out.csv"}}
""", status=65)

    def test_bytes_read_are_those_of_the_file(self):
        packed = gzip.compress(self.TEXT)
        self.copy(packed)
        self.assertEqual(self.report["bytes"]["read"], len(packed))


class Large(Pipeline):
    """More than one batch: what is true of small files is true of large."""

    def test_rows_of_many_batches_arrive_in_order(self):
        text = HEADER + rows(*range(1, 200001))
        self.assertGreater(len(text), 3 * 1024 * 1024)
        self.assertEqual(self.copy(text), text.encode("utf-8"))

    def test_rejects_of_two_steps_come_back_in_line_order(self):
        self.write("s.yaml", "fields:\n  - {name: OrderID}\n"
                   "  - {name: Customer}\n  - {name: Amount, type: number}\n")
        lines = rows(*range(1, 100001)).splitlines(True)
        bad = list(range(10, 100000, 997))
        for i, at in enumerate(bad):
            lines[at] = "short\n" if i % 2 else "O,x,many\n"
        self.write("store/in.csv", HEADER + "".join(lines))
        report = self.run_text("""\
sources: {a: {uri: "${STORE}/in.csv", schema: s.yaml}}
transforms: {v: {type: validate}}
sinks:
  z: {uri: "${STORE}/out.csv"}
  bad: {inputs: [a.rejected, v.rejected], layout: return,
        uri: "${STORE}/bad.csv"}
""")
        self.assertEqual(report["rows"]["rejected"], len(bad))
        back = self.read("store/bad.csv").decode().splitlines()[1:]
        self.assertEqual([int(line.split(",")[0]) for line in back],
                         [at + 2 for at in bad])
        for at in bad:
            lines[at] = ""
        self.assertEqual(self.read("store/out.csv").decode(),
                         HEADER + "".join(lines))

    def test_a_pipe_is_no_file(self):
        os.mkfifo(self.path("store/in.csv"))
        self.fail_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail}}
sinks: {z: {uri: "${STORE}/out.csv"}}
""", status=None)
