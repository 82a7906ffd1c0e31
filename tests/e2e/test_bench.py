"""What of the benchmark can be wrong without anybody seeing it: its data, its
ratios, its verdicts, its chart. Nothing is measured here: `make bench` does.
"""

import glob
import hashlib
import io
import json
import os
import sys
import unittest
import xml.etree.ElementTree as ElementTree

import forebay
from forebay import TOP

sys.path.insert(0, os.path.join(TOP, "tests", "bench"))

import chart  # noqa: E402  pylint: disable=wrong-import-position
import data  # noqa: E402  pylint: disable=wrong-import-position
import goals  # noqa: E402  pylint: disable=wrong-import-position
import measure  # noqa: E402  pylint: disable=wrong-import-position
import report  # noqa: E402  pylint: disable=wrong-import-position
import serve  # noqa: E402  pylint: disable=wrong-import-position
import setting  # noqa: E402  pylint: disable=wrong-import-position

# A change of the data makes older figures incomparable: mean it.
DIGESTS = {
    "orders": "871f07a3736277e8", "cp932": "48b77af3bb99ace7",
    "refusals": "9e09eef9ed81e02e", "quoted": "e285132efda89904",
    "wide": "f7a270036c69595f"}
SVG = "{http://www.w3.org/2000/svg}"


def made(kind, rows):
    file = io.BytesIO()
    data.write(kind, rows, file)
    return file.getvalue()


def sample(wall, cpu=1.0, rss=1 << 20):
    return {"wall": wall, "cpu": cpu, "rss": rss}


def row(name, wall, **more):
    return dict({"name": name, "ours": name.startswith("forebay"),
                 "wall": wall, "cpu": wall, "rss": 10 << 20,
                 "ratio": {"wall": wall, "cpu": wall, "rss": 1}}, **more)


def results(*rows, **workloads):
    return {"machine": {"cpu": "a <processor> & more", "cores": 2,
                        "kernel": "6", "folder": "tmpfs"},
            "goals": [], "workloads": dict(workloads, filter={
                "title": "orders & <more>", "rows": list(rows)})}


class Data(unittest.TestCase):

    def test_the_same_bytes_are_made_everywhere(self):
        digests = {kind: hashlib.sha256(made(kind, 5000)).hexdigest()[:16]
                   for kind in data.KINDS}
        self.assertEqual(digests, DIGESTS)

    def test_a_tenth_of_the_rows_has_quoted_cells(self):
        lines = made("orders", 20000).splitlines()[1:]
        quoted = sum(b'"' in line for line in lines)
        self.assertAlmostEqual(quoted / len(lines), 0.10, delta=0.01)

    def test_seven_of_ten_rows_stay(self):
        rows = [line.rsplit(b",", 2) for line in
                made("orders", 20000).splitlines()[1:]]
        kept = [r for r in rows if r[1].strip().lower() not in (
            b"pending", b"cancelled") or r[2] > b"2025-04-10"]
        self.assertAlmostEqual(len(kept) / len(rows), 0.7, delta=0.03)

    def test_the_japanese_rows_hold_bytes_that_look_like_ascii(self):
        text = made("cp932", 20000)
        text.decode("cp932")
        self.assertIn("表".encode("cp932"), text)
        self.assertIn(b"\\", text)
        self.assertIn(b"|", text)

    def test_a_wide_row_has_its_columns_where_its_header_says(self):
        lines = made("wide", 10).decode().splitlines()
        header = lines[0].split(",")
        self.assertEqual(len(header), data.WIDTH)
        self.assertEqual(header[data.WIDE_STATUS], "Status")
        self.assertEqual(header[data.WIDE_DATE], "OrderDate")

    def test_another_number_of_rows_begins_with_the_same_rows(self):
        self.assertTrue(made("orders", 12000).startswith(
            made("orders", 10000)))


class Serve(forebay.Case):

    def test_two_hundred_clients_for_a_moment_see_no_error(self):
        here = setting.Setting(quick=True)
        here.program = forebay.PROGRAM
        here.data = here.work = self.path("bench")
        os.mkdir(here.work)
        figures = serve.serve(here, seconds=1)["figures"]
        self.assertEqual(figures["errors"], 0)
        self.assertGreater(figures["requests a second"], 1)

    def test_what_fails_is_an_error(self):
        with self.assertRaises(setting.Failed):
            serve.look(Nobody(), [], 0.2)


class Nobody:
    """A server where nobody listens."""
    port = 9

    @staticmethod
    def memory():
        return 0


class Measuring(unittest.TestCase):

    def test_a_ratio_is_the_median_of_the_rounds_not_of_the_times(self):
        base = [sample(1), sample(10), sample(1)]
        own = [sample(2), sample(20), sample(6)]
        self.assertEqual(measure.ratios(own, base)["wall"], 2)

    def test_a_candidate_with_fewer_rounds_is_held_against_those(self):
        base = [sample(1), sample(1), sample(100)]
        self.assertEqual(measure.ratios([sample(3)], base)["wall"], 3)

    def test_a_slow_candidate_runs_fewer_rounds(self):
        self.assertTrue(measure.enough([sample(60)] * 3, 7))
        self.assertFalse(measure.enough([sample(60)] * 2, 7))
        self.assertFalse(measure.enough([sample(1)] * 6, 7))
        self.assertTrue(measure.enough([sample(60)], 1))

    def test_what_is_not_there_is_said_and_has_no_figures(self):
        there = measure.Candidate("forebay")
        gone = measure.Candidate("peer", missing="not installed")
        rows = measure.summary([there, gone], {"forebay": [sample(1)]})
        self.assertEqual(rows[1], {"name": "peer", "ours": False,
                                   "missing": "not installed"})


class Agreeing(forebay.Case):

    def agree(self, first, second, **more):
        agreement = measure.Agreement()
        for name, text in (("forebay", first), ("peer", second)):
            path = self.write(name + ".csv", text)
            candidate = measure.Candidate(name, **(more if name == "peer"
                                                   else {"same": ("kept",)}))
            agreement.check(candidate, {"kept": path}, lambda _, p: p)

    def test_other_quotes_are_the_same_rows(self):
        self.agree('a,b\n1,"x"\n', 'a,b\n1,x\n', same=("kept",))

    def test_our_own_outputs_must_be_the_same_bytes(self):
        with self.assertRaisesRegex(measure.Failed, "another 'kept'"):
            self.agree('a,b\n1,"x"\n', 'a,b\n1,x\n', same=("kept",),
                       ours=True)

    def test_another_cell_is_noticed(self):
        with self.assertRaisesRegex(measure.Failed, "another 'kept'"):
            self.agree("a,b\n1,x\n", "a,b\n1,y\n", same=("kept",))

    def test_another_number_of_rows_is_noticed(self):
        with self.assertRaisesRegex(measure.Failed, "1 lines"):
            self.agree("a,b\n1,x\n", "a,b\n", counted=("kept",))


class Goals(unittest.TestCase):

    def judged(self, text, **workloads):
        given = dict(workloads, machine={"cores": 2})
        return [goal for goal in goals.judge(given)
                if goal["goal"] == text][0]

    def test_the_fastest_variant_of_a_peer_is_the_one_that_counts(self):
        found = self.judged("orders filter against DuckDB", filter={"rows": [
            row("DuckDB", 5.5), row("DuckDB, any order", 4.9)]})
        self.assertEqual((found["figure"], found["reached"]), (4.9, False))

    def test_times_of_cp_is_the_other_way_round(self):
        found = self.judged("orders filter, times of cp", filter={"rows": [
            row("cp", 0.5)]})
        self.assertEqual((found["figure"], found["reached"]), (2, True))

    def test_a_peak_of_exactly_the_bound_is_too_much(self):
        found = self.judged(
            "peak memory, all workloads on files", memory={"rows": [
                row("forebay", 1, rss=64 << 20)]}, filter={"rows": [
                    row("DuckDB", 1, rss=1 << 30)]})
        self.assertEqual((found["figure"], found["reached"]), (64, False))

    def test_what_was_not_measured_is_neither_reached_nor_missed(self):
        found = self.judged("orders filter against Polars", filter={"rows": [
            {"name": "Polars", "missing": "not installed", "ours": False}]})
        self.assertIsNone(found["reached"])
        self.assertIsNone(found["figure"])

    def test_two_jobs_count_only_where_there_are_two_cores(self):
        rows = {"rows": [row("forebay --jobs 1", 1.7)]}
        self.assertTrue(self.judged("two jobs against one",
                                    compute=rows)["reached"])
        four = goals.judge({"compute": rows, "machine": {"cores": 4}})
        self.assertEqual([g["reached"] for g in four if
                          g["goal"] == "two jobs against one"], [None])


class Chart(unittest.TestCase):

    def drawn(self, *rows):
        return ElementTree.fromstring(chart.draw(results(*rows)))

    def test_names_are_text_not_markup(self):
        root = self.drawn(row("forebay", 1), row('<b>&"', 3))
        texts = [node.text for node in root.iter(SVG + "text")]
        self.assertIn('<b>&"', texts)
        self.assertIn("orders & <more>", texts)

    def test_says_all_its_figures_in_words_too(self):
        root = self.drawn(row("forebay", 1), row("peer", 12.34))
        self.assertIn("peer 12.3x (12.3 s)", root.find(SVG + "desc").text)
        self.assertEqual(root.get("role"), "img")

    def test_a_bar_begins_at_forebay(self):
        axis = chart.Axis([1, 0.5, 80], 100, 500)
        self.assertEqual((axis.first, axis.last), (0.5, 100))
        self.assertEqual(axis.at(0.5), 100)
        self.assertEqual(axis.at(100), 500)
        self.assertLess(axis.at(1), axis.at(2))

    def test_leaves_out_who_is_not_there(self):
        root = self.drawn(row("forebay", 1), row("peer", 2), {
            "name": "gone", "missing": "not installed", "ours": False})
        self.assertNotIn("gone", ElementTree.tostring(root, "unicode"))

    def test_one_alone_makes_an_empty_chart(self):
        self.drawn(row("forebay", 1))


class Page(unittest.TestCase):

    def test_figures_are_put_between_their_marks_and_nowhere_else(self):
        page = "a\n%s\nold\n%s\nb\n" % (report.BEGIN, report.END)
        made_page = report.put_between(page, "new")
        self.assertEqual(made_page, "a\n%s\n\nnew\n%s\nb\n" % (
            report.BEGIN, report.END))
        self.assertEqual(report.put_between(made_page, "new"), made_page)

    def test_a_page_without_marks_is_left_alone(self):
        with self.assertRaises(ValueError):
            report.put_between("a page", "new")

    def test_a_bar_in_a_name_does_not_end_its_cell(self):
        self.assertIn("| a \\| b |", report.table(["x"], [["a | b"]]))

    def test_the_documentation_shows_what_was_measured(self):
        docs = os.path.join(TOP, "docs")
        with open(os.path.join(docs, "performance.json"),
                  encoding="utf-8") as file:
            measured = json.load(file)
        with open(os.path.join(docs, "performance.md"),
                  encoding="utf-8") as file:
            page = file.read()
        with open(os.path.join(docs, "performance.svg"),
                  encoding="utf-8") as file:
            picture = file.read()
        self.assertEqual(page, report.put_between(
            page, report.markdown(measured)))
        self.assertEqual(picture, chart.draw(measured))


class Pipelines(forebay.Case):

    def test_every_pipeline_of_the_benchmark_is_right(self):
        found = glob.glob(os.path.join(TOP, "tests", "bench", "pipelines",
                                       "*.yaml"))
        self.assertTrue(found)
        self.forebay("check", "--no-env", *found)

if __name__ == "__main__":
    unittest.main()
