"""Several threads on one run: --jobs changes nothing that anybody can see.

Every pipeline here runs with one thread and with more; outputs, reports and
errors must be the same to the byte.
"""

import gzip
import os
import random
import shutil
import signal
import subprocess
import time
import unittest

import forebay
from forebay import TOP

JOBS = ("1", "2", "3", "8")
ROWS = 30000  # several pieces of input
HEADER = "OrderID,Customer,Amount,Status,OrderDate\n"
CUSTOMERS = ("Alice", "Bob", '"Smith, Jo"', '"a ""b"" c"', "山田太郎",
             '"two\nlines"')
STATUSES = ("shipped", "pending", " Cancelled ", "delivered")
WRONG = ("O1,only two\n", "X12345,Alice,1.00,shipped,2025-05-01\n",
         "O0001,Alice,a lot,shipped,2025-05-01\n", 'O0001,a"b,1,x,2025-01-01\n',
         "O0001,Alice,1.00,shipped,2025-02-30\n", "\n")


def orders(rows=ROWS, seed=1, customers=CUSTOMERS, wrong=0.01):
    """Rows of every kind, the same for the same seed."""
    dice = random.Random(seed)
    lines = [HEADER]
    for number in range(rows):
        if dice.random() < wrong:
            lines.append(dice.choice(WRONG))
        lines.append("O%05d,%s,%d.%02d,%s,2025-%02d-%02d\n" % (
            number, dice.choice(customers), dice.randrange(500),
            dice.randrange(100), dice.choice(STATUSES),
            dice.randrange(1, 13), dice.randrange(1, 29)))
    return "".join(lines)


def lasting(report):
    """A report without what differs from one run to the next."""
    kept = {name: value for name, value in report.items()
            if name not in ("run", "started", "ended", "seconds", "printed",
                            "said", "trigger")}
    for kind in ("inputs", "outputs"):
        kept[kind] = [{k: v for k, v in one.items() if k != "generation"}
                      for one in kept[kind]]
    return kept


class Jobs(forebay.Case):
    def outcome(self, pipeline, jobs, status):
        """Everything that a run from scratch leaves behind."""
        for made in ("store/out", "store/processed", "store/refused", "state"):
            shutil.rmtree(self.path(made), ignore_errors=True)
        run = self.work(pipeline, "--as-of", "2025-05-10", "--jobs", jobs,
                        status=status)
        report = run.runs()[0]
        if report["outcome"] == "success":
            self.assert_balanced(report)
        files = {name: self.read("store/" + name)
                 for name in self.files("store")}
        return lasting(report), files

    def same(self, pipeline, status=0):
        """With any number of jobs; the report and the files."""
        report, files = self.outcome(pipeline, JOBS[0], status)
        for jobs in JOBS[1:]:
            other, others = self.outcome(pipeline, jobs, status)
            self.assertEqual(other, report, jobs)
            self.assertEqual(sorted(others), sorted(files), jobs)
            for name, content in files.items():
                self.assertTrue(others[name] == content,
                                "%s differs with %s jobs" % (name, jobs))
        return report, files

    def same_text(self, text, status=0):
        return self.same(self.write("p.yaml", "pipeline: p\n" + text), status)


class Same(Jobs):
    def test_the_orders_job(self):
        self.write("store/raw/orders.csv", orders())
        report, files = self.same(
            os.path.join(TOP, "pipelines", "orders-filter.yaml"))
        self.assertEqual(report["outcome"], "success")
        self.assertGreater(report["rows"]["rejected"], 100)
        self.assertGreater(report["rows"]["filtered"], 1000)
        self.assertIn("processed/filtered_orders.csv", files)

    def test_rows_that_take_many_ways(self):
        self.write("store/in.csv", orders())
        report, _ = self.same_text("""\
sources:
  a: {uri: "${STORE}/in.csv", schema: %s/schemas/orders.yaml}
transforms:
  valid: {type: validate, inputs: [a]}
  once: {type: dedupe, key: [Customer, Amount], inputs: [valid]}
  more:
    type: derive
    inputs: [once]
    set: {Twice: "Amount * 2", Name: "upper(Customer)"}
  few: {type: select, keep: [Name, OrderID, Twice], inputs: [more]}
  cheap: {type: filter, where: "Amount < 100", inputs: [valid]}
sinks:
  raw: {uri: "${STORE}/out/raw.csv.gz", inputs: [a]}
  few_out: {uri: "${STORE}/out/few.csv", inputs: [few]}
  more_out:
    uri: ${STORE}/out/more.csv
    inputs: [more]
    dialect: {delimiter: ";"}
  cheap_out: {uri: "${STORE}/out/cheap.csv.zst", inputs: [cheap]}
  back:
    uri: ${STORE}/out/back.csv
    inputs: [a.rejected, valid.rejected]
    layout: return
  why: {uri: "${STORE}/out/why.csv", inputs: [valid.rejected]}
""" % TOP)
        rows = {step["step"]: step["rows"] for step in report["steps"]}
        self.assertGreater(rows["once"]["filtered"], 100)
        self.assertEqual(rows["back"]["in"],
                         rows["a"]["rejected"] + rows["valid"]["rejected"])

    def test_cp932_in_and_out_compressed(self):
        text = orders(customers=("山田太郎", "ｱｲｳ", '"表、ソ, 十"', "Bob"))
        self.write("store/in.csv.gz",
                   gzip.compress(text.encode("cp932"), mtime=0))
        _, files = self.same_text("""\
sources: {a: {uri: "${STORE}/in.csv.gz", charset: cp932}}
transforms: {t: {type: derive, set: {Half: "length(Customer)"}}}
sinks:
  z: {uri: "${STORE}/out/z.csv", charset: cp932}
  as_it_came: {uri: "${STORE}/out/y.csv", inputs: [a], charset: cp932}
  utf16: {uri: "${STORE}/out/x.csv", inputs: [a], charset: utf-16le}
  back:
    {uri: "${STORE}/out/back.csv", inputs: [a.rejected], layout: return}
""")
        self.assertIn("山田太郎,".encode("cp932"), files["out/z.csv"])

    def test_several_sources_one_after_the_other(self):
        self.write("store/a.csv", orders(seed=2, wrong=0))
        self.write("store/b.csv", orders(seed=3, wrong=0))
        _, files = self.same_text("""\
sources:
  a: {uri: "${STORE}/a.csv", on_reject: fail}
  b: {uri: "${STORE}/b.csv", on_reject: fail}
sinks: {z: {inputs: [a, b], uri: "${STORE}/out/z.csv"}}
""")
        self.assertEqual(files["out/z.csv"],
                         files["a.csv"] + files["b.csv"][len(HEADER):])

    def test_unique_values_are_those_of_the_first_row(self):
        lines = ["id\n"] + ["%d\n" % (n % 20000) for n in range(200000)]
        self.write("store/in.csv", "".join(lines))
        self.write("s.yaml", "fields:\n- {name: id, type: integer, "
                   "constraints: {unique: true}}\n")
        report, files = self.same_text("""\
sources: {a: {uri: "${STORE}/in.csv", schema: s.yaml, on_reject: fail}}
transforms: {v: {type: validate}}
sinks:
  z: {uri: "${STORE}/out/z.csv"}
  back: {uri: "${STORE}/out/back.csv", inputs: [v.rejected]}
""")
        self.assertEqual(files["out/z.csv"], "".join(lines[:20001]).encode())


class Failing(Jobs):
    def test_a_character_that_the_charset_lacks(self):
        text = orders(wrong=0).splitlines(True)
        text[25000] = "O1,Müller,1.00,shipped,2025-05-01\n"
        self.write("store/in.csv", "".join(text))
        report, files = self.same_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail}}
sinks: {z: {uri: "${STORE}/out/z.csv", charset: cp932}}
""", status=65)
        self.assertIn("column 'Customer'", report["error"]["message"])
        self.assertEqual(list(files), ["in.csv"])

    def test_bytes_that_are_no_characters(self):
        text = orders(wrong=0).encode()
        half = len(text) // 2
        self.write("store/in.csv", text[:half] + b"\xff\xfe" + text[half:])
        report, _ = self.same_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail}}
transforms: {t: {type: filter, where: "Status = 'shipped'"}}
sinks: {z: {uri: "${STORE}/out/z.csv"}}
""", status=65)
        self.assertIn("byte FF", report["error"]["message"])

    def test_an_expression_that_cannot_be_evaluated(self):
        text = orders(wrong=0).splitlines(True)
        text[20000] = "O1,Alice,much,shipped,2025-05-01\n"
        text[28000] = text[20000]
        self.write("store/in.csv", "".join(text))
        report, _ = self.same_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail}}
transforms: {t: {type: derive, set: {N: "CAST(Amount AS DOUBLE)"}}}
sinks: {z: {uri: "${STORE}/out/z.csv"}}
""", status=65)
        self.assertIn("much", report["error"]["message"])

    def test_the_first_reject_when_none_is_allowed(self):
        self.write("store/in.csv", orders(wrong=0) + "O1,short\n"
                   + orders(wrong=0.5)[len(HEADER):])
        report, _ = self.same_text("""\
sources: {a: {uri: "${STORE}/in.csv", on_reject: fail}}
sinks: {z: {uri: "${STORE}/out/z.csv"}}
""", status=65)
        self.assertIn("'a' rejected line", report["error"]["message"])

    def test_input_that_is_cut_short(self):
        whole = gzip.compress(orders().encode(), mtime=0)
        self.write("store/in.csv.gz", whole[:len(whole) * 2 // 3])
        self.same_text("""\
sources: {a: {uri: "${STORE}/in.csv.gz", on_reject: drop}}
sinks: {z: {uri: "${STORE}/out/z.csv"}}
""", status=65)


class Stopping(Jobs):
    def test_a_signal_ends_a_run_with_many_threads(self):
        rows = orders(100000, wrong=0)[len(HEADER):]
        self.write("store/in.csv", HEADER + 40 * rows)
        pipeline = self.write("p.yaml", """\
pipeline: p
sources: {a: {uri: "${STORE}/in.csv", on_reject: drop}}
transforms: {t: {type: derive, set: {U: "upper(Customer)"}}}
sinks: {z: {uri: "${STORE}/out/z.csv.gz"}}
""")
        run = subprocess.Popen(
            [forebay.PROGRAM, "run", pipeline, "--jobs", "8",
             "--ignore-window", "--state", self.state],
            env=self.environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(run.kill)
        deadline = time.monotonic() + 30
        while (not os.path.isdir(self.path("store/out"))
               and time.monotonic() < deadline):
            time.sleep(0.005)
        run.send_signal(signal.SIGTERM)
        _, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 75, err)
        self.assertEqual(self.files("store/out"), [])


class Asking(Jobs):
    def setUp(self):
        super().setUp()
        self.write("store/in.csv", orders(10))
        self.pipeline = self.write("p.yaml", """\
pipeline: p
sources: {a: {uri: "${STORE}/in.csv", on_reject: drop}}
sinks: {z: {uri: "${STORE}/out/z.csv"}}
""")

    def test_a_number_that_makes_no_sense_is_a_usage_error(self):
        for jobs in ("0", "257", "-1", "many", "1.5", ""):
            run = self.work(self.pipeline, "--jobs", jobs, status=2)
            self.assertIn("--jobs takes a number", run.err)
        run = self.work(self.pipeline, env={"FOREBAY_JOBS": "0"}, status=2)
        self.assertIn("from 1 to 256, not '0'", run.err)
        self.assertFalse(os.path.exists(self.path("store/out")))

    def test_the_environment_may_say_it(self):
        self.work(self.pipeline, env={"FOREBAY_JOBS": "3"})
        self.assertEqual(self.files("store/out"), ["z.csv"])


if __name__ == "__main__":
    unittest.main()
