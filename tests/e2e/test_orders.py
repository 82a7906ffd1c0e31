"""The orders job on files, from raw/ to processed/, as its users run it.

What the pipeline must keep is worked out here a second time, with python's
own csv module and its own dates.
"""

import csv
import datetime
import io
import os
import re
import shutil
import time
import unittest

import forebay
from forebay import TOP

PIPELINE = os.path.join(TOP, "pipelines", "orders-filter.yaml")
SAMPLE = os.path.join(TOP, "pipelines", "samples", "orders.csv")
AS_OF = "2025-05-10"
HEADER = b"OrderID,Customer,Amount,Status,OrderDate\n"
HEAD_OF_REFUSED = b"_line,_column,_code,_message,"


def as_date(text):
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def cells_of(line):
    """The cells, or None for what strict CSV does not know."""
    try:
        rows = list(csv.reader([line.decode("utf-8")], strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def is_valid(cells):
    """What schemas/orders.yaml says, in other words."""
    if cells is None or len(cells) != 5:
        return False
    number, customer, amount, status, date = cells
    return (re.fullmatch(r"O[0-9]{4,}", number) is not None
            and 0 < len(customer) <= 100
            and re.fullmatch(r"[0-9]+(\.[0-9]+)?", amount) is not None
            and status != "" and as_date(date) is not None)


def is_kept(cells, as_of):
    status, date = cells[3].strip(" ").lower(), as_date(cells[4])
    oldest = datetime.date.fromisoformat(as_of) - datetime.timedelta(30)
    return status not in ("pending", "cancelled") or date > oldest


def judge(content, as_of):
    """(kept lines, lines dropped, [(line number, line)] refused)."""
    kept, dropped, refused = [], [], []
    for number, line in enumerate(content.splitlines(True)[1:], 2):
        cells = cells_of(line)
        if not is_valid(cells):
            refused.append((number, line))
            continue
        (kept if is_kept(cells, as_of) else dropped).append(line)
    return kept, dropped, refused


class Orders(forebay.Case):
    def upload(self, content, name="orders.csv"):
        return self.write("store/raw/" + name, content)

    def upload_sample(self):
        with open(SAMPLE, "rb") as file:
            content = file.read()
        self.upload(content)
        return content

    def orders(self, *arguments, **more):
        return self.work(PIPELINE, "--as-of", AS_OF, *arguments, **more)

    def order(self, *arguments, **more):
        return self.one(PIPELINE, "--as-of", AS_OF, *arguments, **more)


class Sample(Orders):
    def setUp(self):
        super().setUp()
        self.content = self.upload_sample()
        self.kept, self.dropped, self.refused = judge(self.content, AS_OF)

    def test_the_sample_has_rows_of_every_kind(self):
        self.assertGreater(len(self.kept), 100)
        self.assertGreater(len(self.dropped), 10)
        self.assertGreater(len(self.refused), 3)

    def test_the_output_is_the_header_and_every_kept_row_byte_for_byte(self):
        self.order()
        self.assertEqual(self.read("store/processed/filtered_orders.csv"),
                         HEADER + b"".join(self.kept))

    def test_refused_rows_come_back_with_reasons_and_their_own_bytes(self):
        self.order()
        lines = self.read("store/refused/orders.csv").splitlines(True)
        self.assertEqual(lines[0], HEAD_OF_REFUSED + HEADER)
        self.assertEqual(len(lines) - 1, len(self.refused))
        for line, (number, original) in zip(lines[1:], self.refused):
            self.assertTrue(line.startswith(b"%d," % number), line)
            # A row whose quoting is broken comes back as the text of one cell.
            cells = next(csv.reader([line.decode("utf-8")]))
            self.assertTrue(
                line.endswith(b"," + original)
                or (cells[2], cells[4:]) == (
                    "quote-error", [original.decode("utf-8").rstrip("\n")]),
                line)

    def test_each_refused_row_says_column_and_code(self):
        self.order()
        text = self.read("store/refused/orders.csv").decode("utf-8")
        found = {}
        for line in text.splitlines()[1:]:
            row = next(csv.reader([line]))
            found[int(row[0])] = (row[1], row[2])
            self.assertNotEqual(row[3], "", line)
        self.assertEqual(found[42], ("OrderDate", "type-error"))
        self.assertEqual(found[98], ("Amount", "type-error"))
        self.assertEqual(found[151], ("OrderDate", "missing-cell"))
        self.assertEqual(found[204], ("Customer", "quote-error"))

    def test_the_numbers_of_the_report_balance(self):
        report = self.order()
        self.assertEqual(report["rows"], {
            "read": len(self.content.splitlines()) - 1,
            "written": len(self.kept),
            "filtered": len(self.dropped),
            "rejected": len(self.refused)})
        self.assertEqual(report["bytes"]["read"], len(self.content))
        self.assertEqual(
            report["bytes"]["written"],
            sum(len(self.read("store/" + name))
                for name in self.files("store")
                if not name.startswith("raw/")))

    def test_the_report_names_trigger_inputs_outputs_and_first_rejects(self):
        report = self.order()
        self.assertEqual(report["pipeline"], "orders-filter")
        self.assertEqual(report["outcome"], "success")
        self.assertIsNone(report["error"])
        self.assertEqual(report["trigger"], self.store + "/raw/orders.csv")
        self.assertEqual([i["uri"] for i in report["inputs"]],
                         [self.store + "/raw/orders.csv"])
        self.assertEqual(
            {o["step"]: (o["uri"], o["rows"]) for o in report["outputs"]},
            {"processed": (self.store + "/processed/filtered_orders.csv",
                           len(self.kept)),
             "refused": (self.store + "/refused/orders.csv",
                         len(self.refused))})
        self.assertEqual([r["line"] for r in report["rejects"]],
                         sorted(r["line"] for r in report["rejects"]))
        self.assertEqual(report["rejects"][0]["column"], "OrderDate")

    def test_the_printed_report_says_the_same_numbers(self):
        printed = self.order()["printed"]
        self.assertIn("orders-filter: success\n", printed)
        self.assertIn("%d read = %d written + %d filtered + %d rejected" % (
            len(self.content.splitlines()) - 1, len(self.kept),
            len(self.dropped), len(self.refused)), printed)
        self.assertIn("line 98, Amount", printed)

    def test_no_temporary_file_is_left(self):
        self.order()
        self.assert_no_leftovers()
        self.assertEqual(self.files("store"), [
            "processed/filtered_orders.csv", "raw/orders.csv",
            "refused/orders.csv"])

    def test_the_upload_itself_is_left_alone(self):
        self.order()
        self.assertEqual(self.read("store/raw/orders.csv"), self.content)

    def test_another_date_keeps_other_rows(self):
        self.work(PIPELINE, "--as-of", "2025-02-15")
        kept, _, _ = judge(self.content, "2025-02-15")
        self.assertNotEqual(len(kept), len(self.kept))
        self.assertEqual(self.read("store/processed/filtered_orders.csv"),
                         HEADER + b"".join(kept))

    def test_without_as_of_the_date_is_that_of_the_windows_zone(self):
        # 15:30 UTC on the 9th is the 10th in Tokyo.
        self.one(PIPELINE, env={"FOREBAY_NOW": "2025-05-09T15:30:00Z"})
        self.assertEqual(self.read("store/processed/filtered_orders.csv"),
                         HEADER + b"".join(self.kept))

    def test_strict_makes_rejected_rows_an_exit_status(self):
        run = self.orders("--strict", status=3)
        self.assertEqual(run.runs()[0]["outcome"], "success")
        self.assertEqual(self.read("store/processed/filtered_orders.csv"),
                         HEADER + b"".join(self.kept))

    def test_strict_is_silent_about_good_files(self):
        os.unlink(self.path("store/raw/orders.csv"))
        self.upload(HEADER + b"O0001,Ann,1.00,shipped,2025-05-01\n")
        self.orders("--strict", status=0)
        # Nothing came back, so there is nothing to return.
        self.assertEqual(self.files("store"), [
            "processed/filtered_orders.csv", "raw/orders.csv"])


class Again(Orders):
    def test_a_second_run_has_nothing_to_do_and_says_so(self):
        self.upload_sample()
        self.order()
        before = os.stat(self.path("store/processed/filtered_orders.csv"))
        run = self.orders()
        self.assertEqual(run.runs(), [])
        self.assertRegex(run.idle()[0], r"^nothing due \(1 done before\b")
        self.assertIn("orders-filter: idle: nothing due", run.out)
        after = os.stat(self.path("store/processed/filtered_orders.csv"))
        self.assertEqual((before.st_ino, before.st_mtime_ns),
                         (after.st_ino, after.st_mtime_ns))

    def test_a_changed_file_runs_again(self):
        content = self.upload_sample()
        first = self.order()
        self.upload(content + b"O9001,New,1.00,shipped,2025-05-01\n")
        second = self.order()
        self.assertNotEqual(first["run"], second["run"])
        self.assertEqual(second["rows"]["written"],
                         first["rows"]["written"] + 1)
        self.assertTrue(self.read("store/processed/filtered_orders.csv")
                        .endswith(b"O9001,New,1.00,shipped,2025-05-01\n"))

    def test_the_same_bytes_dropped_again_are_a_new_order(self):
        content = self.upload_sample()
        first = self.order()
        time.sleep(0.02)
        self.upload(content)
        second = self.order()
        self.assertNotEqual(first["run"], second["run"])
        self.assertEqual(first["rows"], second["rows"])

    def test_each_of_several_files_is_one_run(self):
        row = b"O0001,Ann,1.00,shipped,2025-05-01\n"
        for name in ("a.csv", "b.csv", "c.csv"):
            self.upload(HEADER + row, name)
        self.upload(HEADER + row, "notes.txt")
        run = self.orders()
        self.assertEqual(sorted(os.path.basename(r["trigger"])
                                for r in run.runs()),
                         ["a.csv", "b.csv", "c.csv"])
        self.assertEqual(self.files("store/processed"), [
            "filtered_a.csv", "filtered_b.csv", "filtered_c.csv"])

    def test_one_bad_file_does_not_stop_the_others(self):
        good = HEADER + b"O0001,Ann,1.00,shipped,2025-05-01\n"
        self.upload(good, "a.csv")
        self.upload(b"Name,Colour\nx,y\n", "b.csv")
        self.upload(good, "c.csv")
        run = self.orders(status=65)
        self.assertEqual({os.path.basename(r["trigger"]): r["outcome"]
                          for r in run.runs()},
                         {"a.csv": "success", "b.csv": "failure",
                          "c.csv": "success"})
        again = self.orders()
        self.assertRegex(again.idle()[0], "2 done before, 1 failed before")

    def test_an_idle_store_is_no_error(self):
        os.makedirs(self.path("store/raw"))
        self.assertRegex(self.orders().idle()[0], "^nothing due")

    def test_one_trigger_can_be_chosen(self):
        row = b"O0001,Ann,1.00,shipped,2025-05-01\n"
        self.upload(HEADER + row, "a.csv")
        self.upload(HEADER + row, "b.csv")
        report = self.order("--trigger", self.store + "/raw/b.csv")
        self.assertEqual(report["trigger"], self.store + "/raw/b.csv")
        self.assertEqual(self.files("store/processed"), ["filtered_b.csv"])

    def test_a_folder_that_cannot_be_listed_names_its_pipeline(self):
        run = self.work(PIPELINE, status=65, env={
            "STORE": self.path("nowhere")})
        self.assertIn("forebay: pipeline 'orders-filter': step 'trigger': "
                      "cannot list '%s/raw'" % self.path("nowhere"), run.err)
        self.assertIn("hint: 'mkdir -p %s/raw' makes it" % self.path("nowhere"),
                      run.err)
        run = self.forebay("check", PIPELINE, status=78, env={
            "STORE": self.path("nowhere")})
        self.assertIn("hint: 'mkdir -p %s/raw' makes it" % self.path("nowhere"),
                      run.err)

    def test_a_trigger_that_is_not_there_is_an_error(self):
        self.upload_sample()
        run = self.orders("--trigger", self.store + "/raw/orderz.csv",
                          status=65)
        self.assertIn("orderz.csv", run.err)

    def test_what_is_no_trigger_of_the_pipeline_is_a_usage_error(self):
        self.upload_sample()
        run = self.orders("--trigger", self.store + "/other/x.csv", status=2)
        self.assertIn("is no trigger of pipeline 'orders-filter'", run.err)


class DryRun(Orders):
    def test_it_writes_nothing_and_says_what_would_run_and_why(self):
        self.upload_sample()
        run = self.orders("--dry-run")
        self.assertRegex(run.out, r"would run +\S+/raw/orders\.csv +\(new\)")
        self.assertEqual(self.files("store"), ["raw/orders.csv"])
        self.assertEqual(self.history(), [])
        self.order()

    def test_it_says_what_was_done_before(self):
        self.upload_sample()
        self.order()
        run = self.orders("--dry-run")
        self.assertRegex(run.out, r"done +\S+/raw/orders\.csv +\(done 20")

    def test_it_says_when_nothing_matches(self):
        os.makedirs(self.path("store/raw"))
        self.assertIn("nothing matches", self.orders("--dry-run").out)


class Hostile(Orders):
    def test_a_wrong_header_names_every_difference(self):
        self.upload(b"OrderId,Custmer,Amount,Status,OrderDate,Extra\n"
                    b"O0001,Ann,1,shipped,2025-05-01,x\n")
        run = self.orders(status=65)
        message = run.runs()[0]["error"]["message"]
        self.assertRegex(message, "missing column 'Customer'.*'Custmer'")
        self.assertIn("extra column 'Extra'", message)
        self.assertEqual(self.files("store"), ["raw/orders.csv"])

    def test_columns_bind_by_name_in_any_order_and_by_alias(self):
        self.upload("注文日,Status,顧客名,Amount,order id\n"
                    "2025-05-01,shipped,Ann,1.00,O0001\n")
        self.assertEqual(self.order()["rows"]["written"], 1)
        # What leaves has the names of the schema, in the uploader's order.
        self.assertEqual(
            self.read("store/processed/filtered_orders.csv"),
            b"OrderDate,Status,Customer,Amount,OrderID\n"
            b"2025-05-01,shipped,Ann,1.00,O0001\n")

    def test_a_workbook_is_told_from_text(self):
        for rest in (b"\x14\x00\x06\x00\x08", b"\xff\xfe,1\n"):
            self.write("store/raw/a.csv", b"PK\x03\x04" + rest)
            error = self.one(PIPELINE, status=65)["error"]
            self.assertIn("this is an Excel workbook", error["message"])
            self.assertEqual(error["hint"], "save it as CSV")

    def test_an_empty_file_has_no_header(self):
        self.upload(b"")
        run = self.orders(status=65)
        self.assertIn("header", run.runs()[0]["error"]["message"])

    def test_a_header_alone_gives_a_header_alone(self):
        self.upload(HEADER)
        self.assertEqual(self.order()["rows"]["read"], 0)
        self.assertEqual(self.read("store/processed/filtered_orders.csv"),
                         HEADER)

    def test_crlf_and_quotes_and_spaces_leave_as_they_came(self):
        content = (b"OrderID,Customer,Amount,Status,OrderDate\r\n"
                   b'O0001,"Ann ""A"" B, C",1.00, Shipped ,2025-05-01\r\n'
                   b'"O0002",Bob,"2.50",shipped,"2025-05-01"\r\n'
                   b'O0003,"two\r\nlines",478.60,shipped,2025-05-01\r\n')
        self.upload(content)
        self.assertEqual(self.order()["rows"]["written"], 3)
        self.assertEqual(self.read("store/processed/filtered_orders.csv"),
                         content)

    def test_a_last_line_without_its_end_is_a_row(self):
        self.upload(HEADER + b"O0001,Ann,1.00,shipped,2025-05-01")
        self.assertEqual(self.order()["rows"]["written"], 1)

    def test_a_utf8_mark_does_not_belong_to_the_first_name(self):
        self.upload(b"\xef\xbb\xbf" + HEADER
                    + b"O0001,Ann,1.00,shipped,2025-05-01\n")
        self.assertEqual(self.order()["rows"]["written"], 1)

    def test_bytes_that_are_no_utf8_fail_the_run_with_their_place(self):
        self.upload(HEADER + b"O0001,Ann,1.00,shipped,2025-05-01\n"
                    b"O0002,\x93\xfa\x96\x7b,1.00,shipped,2025-05-01\n")
        error = self.orders(status=65).runs()[0]["error"]
        self.assertRegex(error["message"],
                         r"line 3, column 'Customer', byte 81: .*93")
        self.assertIn("cp932", error["hint"])
        self.assertEqual(self.files("store"), ["raw/orders.csv"])

    def test_a_stray_quote_costs_one_row(self):
        self.upload(HEADER + b'O0001,Ann,1.00,shipped,2025-05-01\n'
                    b'O0002,"Bob,1.00,shipped,2025-05-01\n'
                    b'O0003,Cid,1.00,shipped,2025-05-01\n')
        report = self.order()
        self.assertEqual(report["rows"]["written"], 2)
        self.assertEqual(report["rows"]["rejected"], 1)
        # Its quoting is broken, so it comes back as the text of one cell.
        self.assertIn(b',"O0002,""Bob,1.00,',
                      self.read("store/refused/orders.csv"))

    def test_spreadsheet_formulas_are_not_touched(self):
        content = HEADER + b"O0001,=cmd()|x,1.00,shipped,2025-05-01\n"
        self.upload(content)
        self.order()
        self.assertEqual(self.read("store/processed/filtered_orders.csv"),
                         content)

    def test_names_with_odd_characters_are_just_names(self):
        row = b"O0001,Ann,1.00,shipped,2025-05-01\n"
        for name in ("a b.csv", "a+b.csv", "表.csv", "$(x)'.csv"):
            self.upload(HEADER + row, name)
        self.assertEqual(len(self.orders().runs()), 4)
        self.assertEqual(len(self.files("store/processed")), 4)


class Schemas(Orders):
    def test_a_schema_that_says_so_refuses_what_stands_there_twice(self):
        with open(os.path.join(TOP, "schemas", "orders.yaml"),
                  encoding="utf-8") as file:
            schema = file.read()
        self.assertEqual(schema.count("{required: true, pattern"), 1)
        self.write("schemas/orders.yaml", schema.replace(
            "{required: true, pattern",
            "{required: true, unique: true, pattern"))
        with open(PIPELINE, encoding="utf-8") as file:
            pipeline = self.write("pipelines/orders.yaml", file.read())
        self.upload_sample()
        report = self.one(pipeline, "--as-of", AS_OF)
        reject, = [r for r in report["rejects"] if r["line"] == 256]
        self.assertEqual(reject["column"], "OrderID")
        self.assertRegex(reject["message"], "O0003.* line 4")


class Quiet(Orders):
    """The same input gives the same bytes, whoever runs it and where."""

    def test_zone_locale_umask_and_folder_do_not_matter(self):
        content = self.upload_sample()
        self.order()
        first = self.read("store/processed/filtered_orders.csv")
        for env in ({"TZ": "America/Los_Angeles"}, {"LC_ALL": "de_DE.UTF-8"},
                    {"LC_ALL": "ja_JP.SJIS"}, {"FOREBAY_CSV": "libcsv"}):
            time.sleep(0.02)
            self.upload(content)
            self.order(env=env, cwd=self.dir)
            self.assertEqual(
                self.read("store/processed/filtered_orders.csv"), first, env)


@unittest.skipUnless(forebay.corpora(), "no folder of real files")
class RealFile(Orders):
    def setUp(self):
        super().setUp()
        source = os.path.join(forebay.corpora(), "orders-itcs6190")
        os.makedirs(self.path("store/raw"))
        shutil.copyfile(os.path.join(source, "orders.csv"),
                        self.path("store/raw/orders.csv"))

    def test_it_keeps_exactly_the_rows_that_the_rule_keeps(self):
        self.order(cwd=TOP)
        content = self.read("store/raw/orders.csv")
        reader = csv.DictReader(io.StringIO(content.decode("utf-8")))
        expected = [
            line for line, row in zip(content.splitlines(True)[1:], reader)
            if row["Status"] not in ("pending", "cancelled")
            or row["OrderDate"] > "2025-04-10"]
        self.assertLess(100, len(expected))
        self.assertLess(len(expected), 200)
        self.assertEqual(
            self.read("store/processed/filtered_orders.csv"),
            content.splitlines(True)[0] + b"".join(expected))

    def test_a_second_run_is_idle_and_a_changed_file_runs_again(self):
        self.order()
        self.assertRegex(self.orders().idle()[0], "nothing due")
        with open(self.path("store/raw/orders.csv"), "ab") as file:
            file.write(b"O9999,Bob,1.00,shipped,2025-05-01\r\n")
        self.assertEqual(self.order()["rows"]["read"], 201)
