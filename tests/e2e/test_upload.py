"""The price lists that shops upload: a trigger file announces the data.

The data is code page 932, as Excel in Japan writes it. What must come out is
worked out here with python's own codec.
"""

import csv
import os
import re
import time

import forebay
from forebay import TOP

PIPELINE = os.path.join(TOP, "pipelines", "upload-cp932.yaml")
SAMPLE = os.path.join(TOP, "pipelines", "samples", "prices.csv")
HEADER = "商品コード,商品名,単価,数量,入荷日\r\n"
GOOD = "AB-001,表ソ能髙①ｱｲｳ,\"1,280\",3,2025/04/01\r\n"


def is_valid(cells):
    """What schemas/uploads.yaml says, in other words."""
    if len(cells) != 5:
        return False
    code, name, price, quantity, date = cells
    return (re.fullmatch("[A-Z]{2}-[0-9]{3}", code) is not None
            and 0 < len(name) <= 40
            and re.fullmatch(r"[0-9,]+(\.[0-9]+)?", price) is not None
            and re.fullmatch(r"[0-9]+", quantity) is not None
            and int(quantity) <= 100000
            and re.fullmatch(r"\d{4}/\d\d/\d\d", date) is not None)


class Upload(forebay.Case):
    def upload(self, content, name="prices", trigger=True, age=60):
        """Data and, unless told otherwise, its trigger."""
        if content is not None:
            if isinstance(content, str):
                content = content.encode("cp932")
            self.write("store/in/%s.csv" % name, content, age=age)
        if trigger:
            self.write("store/in/%s.trg" % name, b"", age=age)

    def uploads(self, *arguments, **more):
        return self.work(PIPELINE, *arguments, **more)


class Sample(Upload):
    def setUp(self):
        super().setUp()
        with open(SAMPLE, "rb") as file:
            self.content = file.read()
        self.upload(self.content)
        lines = self.content.splitlines(True)
        self.header = lines[0]
        self.valid, self.refused = [], []
        for number, line in enumerate(lines[1:], 2):
            cells = next(csv.reader([line.decode("cp932")]))
            if is_valid(cells):
                self.valid.append(line)
            else:
                self.refused.append((number, line))

    def test_the_sample_has_rows_of_both_kinds_and_the_hard_characters(self):
        self.assertGreater(len(self.valid), 100)
        self.assertEqual(len(self.refused), 3)
        text = self.content.decode("cp932")
        for character in "表ソ能髙①":
            self.assertIn(character, text)
        self.assertRegex(text, "[ｦ-ﾟ]")

    def test_converted_is_utf8_of_exactly_the_valid_rows(self):
        report = self.one(PIPELINE)
        expected = (self.header + b"".join(self.valid)).decode("cp932")
        self.assertEqual(self.read("store/converted/prices.csv"),
                         expected.encode("utf-8"))
        self.assertEqual(report["rows"], {
            "read": len(self.valid) + 3, "written": len(self.valid),
            "filtered": 0, "rejected": 3})

    def test_with_charset_cp932_the_very_bytes_of_these_rows_come_back(self):
        self.one(PIPELINE, "--set", "CHARSET=cp932")
        self.assertEqual(self.read("store/converted/prices.csv"),
                         self.header + b"".join(self.valid))

    def test_the_option_may_come_from_the_environment(self):
        self.one(PIPELINE, env={"CHARSET": "cp932"})
        self.assertEqual(self.read("store/converted/prices.csv"),
                         self.header + b"".join(self.valid))

    def test_refused_rows_return_in_the_uploaders_charset_and_line_ends(self):
        self.one(PIPELINE)
        content = self.read("store/refused/prices.csv")
        lines = content.splitlines(True)
        self.assertEqual(lines[0],
                         b"_line,_column,_code,_message," + self.header)
        self.assertEqual(len(lines) - 1, len(self.refused))
        for line, (number, original) in zip(lines[1:], self.refused):
            self.assertTrue(line.startswith(b"%d," % number), line)
            self.assertTrue(line.endswith(b"," + original), line)
        self.assertEqual(content.count(b"\n"), content.count(b"\r\n"))
        columns = [next(csv.reader([line.decode("cp932")]))[1]
                   for line in lines[1:]]
        self.assertEqual(columns, ["単価", "数量", "商品コード"])

    def test_refused_rows_return_in_cp932_whatever_converted_is(self):
        self.one(PIPELINE)
        one = self.read("store/refused/prices.csv")
        time.sleep(0.02)
        self.upload(self.content, age=50)
        self.one(PIPELINE, "--set", "CHARSET=cp932")
        self.assertEqual(self.read("store/refused/prices.csv"), one)

    def test_a_trigger_that_was_handled_is_not_handled_again(self):
        self.one(PIPELINE)
        self.assertRegex(self.uploads().idle()[0], "nothing due .1 done")

    def test_new_data_waits_for_a_new_trigger(self):
        self.one(PIPELINE)
        self.upload(HEADER + GOOD, trigger=False, age=5)
        self.assertRegex(self.uploads().idle()[0], "nothing due .1 done")
        self.upload(None, age=1)
        self.assertEqual(self.one(PIPELINE)["rows"]["read"], 1)

    def test_the_report_calls_the_trigger_by_its_name(self):
        self.assertEqual(self.one(PIPELINE)["trigger"],
                         self.store + "/in/prices.trg")


class Characters(Upload):
    def test_every_hard_character_arrives(self):
        rows = "".join("AB-%03d,%s,10,1,2025/04/01\r\n" % (i, c) for i, c in
                       enumerate(["表", "ソ", "能", "ｱｲｳｴｵ", "①", "髙", "﨑",
                                  "～", "－", "Ⅹ", "㈱", "　x　", "ｿ"]))
        self.upload(HEADER + rows)
        self.one(PIPELINE)
        self.assertEqual(
            self.read("store/converted/prices.csv").decode("utf-8"),
            HEADER + rows)

    def test_bytes_that_are_no_character_refuse_the_row_with_their_place(
            self):
        bad = b"AB-002,x\x81\x20y,10,1,2025/04/01\r\n"
        content = (HEADER + GOOD).encode("cp932")
        offset = len(content) + len(b"AB-002,x")
        self.upload(content + bad + GOOD.encode("cp932")
                    .replace(b"AB-001", b"AB-003"))
        report = self.one(PIPELINE)
        self.assertEqual(report["rows"]["rejected"], 1)
        self.assertEqual(report["rows"]["written"], 2)
        reject = report["rejects"][0]
        self.assertEqual((reject["line"], reject["column"]), (3, "商品名"))
        self.assertIn("81", reject["message"])
        self.assertIn(str(offset), reject["message"])
        refused = self.read("store/refused/prices.csv").splitlines(True)
        self.assertTrue(refused[1].endswith(b"," + bad), refused[1])
        self.assertTrue(refused[1].startswith(
            b"3," + "商品名".encode("cp932") + b",encoding-error,"),
            refused[1])

    def test_utf8_by_mistake_is_told_as_the_likely_cause(self):
        self.upload((HEADER + GOOD).encode("utf-8"))
        error = self.uploads(status=65).runs()[0]["error"]
        self.assertRegex(error["message"] + (error["hint"] or ""),
                         "(?i)utf-8")

    def test_a_character_that_the_target_lacks_is_an_error_with_its_place(
            self):
        self.upload(HEADER + GOOD)
        run = self.uploads("--set", "CHARSET=iso-8859-1", status=65)
        self.assertRegex(run.runs()[0]["error"]["message"],
                         r"U\+[0-9A-F]{4}")
        self.assertEqual(self.files("store/converted")
                         if os.path.isdir(self.path("store/converted"))
                         else [], [])

    def test_headers_bind_in_half_width_and_full_width(self):
        header = "ＣＯＤＥ,商品名,単価,数量,入荷日\r\n"
        self.upload(header + GOOD)
        self.assertEqual(self.one(PIPELINE)["rows"]["written"], 1)


class Names(Upload):
    def test_names_that_are_not_portable_are_refused_and_told(self):
        for name in ("a b", "価格表", "a+b", "x(1)", "p'q"):
            with self.subTest(name=name):
                self.setUp()
                self.upload(HEADER + GOOD, name)
                run = self.uploads(status=65)
                report = run.runs()[0]
                self.assertEqual(report["outcome"], "failure")
                self.assertIn("A-Z a-z 0-9 . _ -",
                              report["error"]["message"])
                self.assertNotEqual(report["error"]["hint"] or "", "")
                # Told: by the log notifier, which is the pipeline's.
                self.assertIn("upload-cp932: failure", run.err)
                self.assertEqual(self.files("store"), sorted(
                    ["in/%s.csv" % name, "in/%s.trg" % name]))
                again = self.uploads()
                self.assertEqual(again.runs(), [], str(again))

    def test_a_good_name_beside_a_bad_one_is_done(self):
        self.upload(HEADER + GOOD, "a b")
        self.upload(HEADER + GOOD, "a-b_c.1")
        run = self.uploads(status=65)
        self.assertEqual(sorted(r["outcome"] for r in run.runs()),
                         ["failure", "success"])
        self.assertEqual(self.files("store/converted"), ["a-b_c.1.csv"])


class Waiting(Upload):
    """wait: 15m in the pipeline. The clock is moved, not the files: how long
    a file has lain there is not what its date says, but when it came."""

    def later(self, minutes, **more):
        """A run that many minutes after now, by the clock of the run."""
        moment = time.gmtime(time.time() + minutes * 60)
        return self.uploads(env={"FOREBAY_NOW": time.strftime(
            "%Y-%m-%dT%H:%M:%SZ", moment)}, **more)

    def test_a_trigger_waits_for_its_data_for_a_while(self):
        self.upload(None)
        run = self.later(14)
        self.assertRegex(run.idle()[0], "1 waiting for data")
        self.assertIn("waits", self.uploads("--dry-run").out)
        self.upload(HEADER + GOOD, trigger=False)
        self.assertEqual(self.one(PIPELINE)["rows"]["written"], 1)

    def test_a_trigger_whose_data_never_came_is_told_once(self):
        self.upload(None)
        run = self.later(16, status=65)
        report = run.runs()[0]
        self.assertEqual(report["outcome"], "failure")
        self.assertRegex(report["error"]["message"],
                         r"prices\.trg.*prices\.csv.* did not come")
        self.assertIn("upload-cp932: failure", run.err)
        again = self.later(17)
        self.assertEqual(again.runs(), [], str(again))
        self.assertNotIn("upload-cp932: failure", again.err)

    def test_a_new_trigger_after_that_runs(self):
        self.upload(None)
        self.later(16, status=65)
        self.upload(HEADER + GOOD, age=1)
        self.assertEqual(self.later(17).runs()[0]["rows"]["written"], 1)

    def test_data_without_a_trigger_is_left_alone_for_a_while(self):
        self.upload(HEADER + GOOD, trigger=False)
        self.assertEqual(self.later(14).runs(), [])
        self.assertEqual(self.files("store"), ["in/prices.csv"])

    def test_data_that_no_trigger_announced_is_told_once(self):
        self.upload(HEADER + GOOD, trigger=False)
        run = self.later(16, status=65)
        report = run.runs()[0]
        self.assertEqual(report["outcome"], "failure")
        self.assertRegex(report["error"]["message"],
                         r"prices\.csv.*no trigger came")
        self.assertEqual(self.files("store"), ["in/prices.csv"])
        again = self.later(17)
        self.assertEqual(again.runs(), [], str(again))

    def test_data_that_was_done_is_not_said_to_lack_a_trigger(self):
        self.upload(HEADER + GOOD)
        self.one(PIPELINE)
        os.unlink(self.path("store/in/prices.trg"))
        self.assertEqual(self.later(16).runs(), [])

    def test_an_old_date_of_a_file_does_not_mean_that_it_waited(self):
        self.upload(None, age=86400)
        self.assertRegex(self.uploads().idle()[0], "1 waiting for data")
