"""The shipped enrichment in the cloud: the very file that runs on DuckDB, with
ENGINE=athena, against the emulator moto behind the strict front.

Moto runs no SQL: it answers with results that the tests queue. What is shown
here is what Athena and Glue are asked, and what becomes of their answers.
"""

import base64
import csv
import io
import json
import os
import signal
import subprocess
import unittest
import urllib.request

import aws_services
import test_enrichment
from forebay import PROGRAM, TIMEOUT, TOP

FILTER = os.path.join(TOP, "pipelines", "orders-filter.yaml")
ENRICH = os.path.join(TOP, "pipelines", "orders-enrichment.yaml")
SAMPLE = os.path.join(TOP, "pipelines", "samples", "orders.csv")
AS_OF = ["--as-of", "2025-05-10"]

TYPES = {
    "total_sales_by_customer": ["varchar", "decimal"],
    "monthly_orders_and_revenue": ["varchar", "bigint", "decimal"],
    "order_status": ["varchar", "bigint", "decimal"],
    "average_order_value": ["varchar", "bigint", "double"],
    "top_orders_february_2025": ["varchar", "varchar", "decimal", "varchar",
                                 "date"],
}

setUpModule = aws_services.start


def queries():
    """{step: query}, in the order of the pipeline, as YAML's '|' means."""
    found, step, lines = {}, None, None
    with open(ENRICH, encoding="utf-8") as file:
        for line in file.read().split("sources:\n")[1].split("\n"):
            if lines is not None and (line.startswith("      ") or not line):
                lines.append(line[6:])
                continue
            if lines is not None:
                found[step] = "\n".join(lines).rstrip("\n") + "\n"
                lines = None
            if line.startswith("  ") and line[2] != " " and line[-1] == ":":
                step = line.strip(" :")
            elif line == "    query: |":
                lines = []
    return found


def column(name, kind):
    return {"Name": name, "Label": name, "Type": kind, "Precision": 38,
            "Scale": 2, "CatalogName": "hive", "SchemaName": "",
            "TableName": "", "Nullable": "UNKNOWN", "CaseSensitive": False}


class Athena(aws_services.Case):
    def setUp(self):
        super().setUp()
        for _ in TYPES:  # what an earlier test left queued
            self.services.call(
                "athena", "POST", "/", b'{"QueryString": "SELECT 1"}',
                {"x-amz-target": "AmazonAthena.StartQueryExecution",
                 "content-type": "application/x-amz-json-1.1"})
        with open(SAMPLE, "rb") as file:
            self.put("raw/orders.csv", file.read())

    def environment(self, env=None):
        return super().environment({"ENGINE": "athena", **(env or {})})

    def moto(self, path, body):
        urllib.request.urlopen(urllib.request.Request(
            "http://127.0.0.1:%d/moto-api/%s" % (
                self.services.moto.port, path), json.dumps(body).encode(),
            {"content-type": "application/json"})).close()

    def results(self, results):
        """What the next queries will answer: [(columns, rows)]."""
        self.moto("static/athena/query-results", {
            "account_id": "123456789012", "region": aws_services.REGION,
            "results": [{
                "column_info": columns,
                "rows": [{"Data": [
                    {} if cell is None else {"VarCharValue": cell}
                    for cell in row]} for row in rows]}
                for columns, rows in results]})

    def right_results(self, **other):
        """{query: rows with their header}, which are also queued."""
        made = test_enrichment.answers(csv.DictReader(io.StringIO(
            self.get("processed/filtered_orders.csv").decode())))
        made.update(other)
        self.results([
            ([column(*one) for one in zip(made[step][0], TYPES[step])],
             made[step]) for step in queries()])
        return made

    def filter(self):
        self.one(FILTER, *AS_OF)

    def calls(self, operation):
        """The bodies of these calls."""
        return [json.loads(request.body) for request in self.front.requests
                if request.headers.get("x-amz-target", "").endswith(
                    "." + operation)]

    def table(self, name):
        return json.loads(self.services.call(
            "glue", "POST", "/", json.dumps(
                {"DatabaseName": "orders_db", "Name": name}).encode(),
            {"x-amz-target": "AWSGlue.GetTable",
             "content-type": "application/x-amz-json-1.1"}))["Table"]

    def rows_of(self, step):
        return list(csv.reader(io.StringIO(
            self.get("enriched/%s.csv" % step).decode())))

    def test_the_shipped_pipeline(self):
        self.filter()
        wanted = self.right_results()
        report = self.one(ENRICH, *AS_OF)
        self.assertEqual(report["outcome"], "success")
        for step, rows in wanted.items():
            with self.subTest(step):
                self.assertEqual(self.rows_of(step), rows)
        self.assertEqual([key for key in self.keys()
                          if key.startswith("enriched/")],
                         sorted(["enriched/dashboard.html"] + [
                             "enriched/%s.csv" % step for step in wanted]))

    def test_the_query_is_sent_word_for_word(self):
        self.filter()
        self.right_results()
        self.one(ENRICH, *AS_OF)
        self.assertEqual(
            [call["QueryString"] for call in
             self.calls("StartQueryExecution")], list(queries().values()))

    def test_all_queries_are_begun_before_one_is_waited_for(self):
        self.filter()
        self.right_results()
        self.one(ENRICH, *AS_OF)
        order = [request.headers["x-amz-target"].partition(".")[2]
                 for request in self.front.requests
                 if request.service == "athena"]
        # The first look may come while the last are being begun.
        self.assertLess(order.index("GetQueryResults"), len(order))
        self.assertGreater(order.index("GetQueryResults"),
                           max(i for i, name in enumerate(order)
                               if name == "StartQueryExecution"))

    def test_what_is_in_glue_then(self):
        self.filter()
        self.right_results()
        self.one(ENRICH, *AS_OF)
        texts, view = self.table("processed__text"), self.table("processed")
        storage = texts["StorageDescriptor"]
        self.assertEqual(texts["TableType"], "EXTERNAL_TABLE")
        self.assertEqual(texts["PartitionKeys"], [])
        self.assertEqual(texts["Parameters"]["skip.header.line.count"], "1")
        self.assertEqual(storage["Location"],
                         "s3://%s/processed/" % self.bucket)
        self.assertEqual(
            [(c["Name"], c["Type"]) for c in storage["Columns"]],
            [(name, "string") for name in
             ("orderid", "customer", "amount", "status", "orderdate")])
        self.assertEqual(view["TableType"], "VIRTUAL_VIEW")
        self.assertEqual(
            [c["Type"] for c in view["StorageDescriptor"]["Columns"]],
            ["string", "string", "double", "string", "date"])
        text = view["ViewOriginalText"].removeprefix("/* Presto View: ")
        inner = json.loads(base64.b64decode(text.removesuffix(" */")))
        self.assertIn('FROM "orders_db"."processed__text"',
                      inner["originalSql"])

    def test_the_next_run_changes_nothing_there(self):
        self.filter()
        self.right_results()
        self.one(ENRICH, *AS_OF)
        with open(SAMPLE, "rb") as file:
            self.put("raw/orders.csv", file.read().replace(b"Alice", b"Eve"))
        self.filter()
        self.right_results()
        self.front.forget()
        self.one(ENRICH, *AS_OF)
        self.assertEqual(len(self.calls("GetTable")), 2)
        self.assertEqual(self.calls("CreateTable"), [])
        self.assertEqual(self.calls("UpdateTable"), [])

    def test_the_report_says_what_was_scanned_and_what_it_cost(self):
        self.filter()
        self.right_results()
        report = self.one(ENRICH, *AS_OF)
        facts = {step["step"]: step["facts"] for step in report["steps"]
                 if step["kind"] == "source"}
        self.assertEqual(set(facts), set(TYPES))
        for step in facts.values():
            self.assertEqual(step["scanned"], "0 bytes")
            self.assertEqual(step["cost"], "0.000000 (at 5.00 for 1 TiB)")
            self.assertRegex(step["query"], r"^[0-9a-f-]{36}$")

    def test_an_empty_result_keeps_its_header(self):
        self.filter()
        self.results([([column(*one) for one in zip(
            ["a%d" % i for i in range(len(kinds))], kinds)],
            [["a%d" % i for i in range(len(kinds))]])
            for kinds in TYPES.values()])
        self.one(ENRICH, *AS_OF)
        self.assertEqual(self.get("enriched/order_status.csv"), b"a0,a1,a2\n")

    def test_null_and_the_empty_text_stay_apart(self):
        self.filter()
        self.right_results(total_sales_by_customer=[
            ["customer", "total_amount"], ["", "1.00"], [None, None]])
        self.one(ENRICH, *AS_OF)
        self.assertEqual(self.get("enriched/total_sales_by_customer.csv"),
                         b'customer,total_amount\n"",1.00\n,\n')

    def test_a_kill_while_it_waits_begins_no_query_twice(self):
        self.filter()
        wanted = self.right_results()
        process = None

        def kill(request):
            if request.headers.get("x-amz-target", "").endswith(
                    ".GetQueryExecution"):
                process.send_signal(signal.SIGKILL)

        self.front.forget()
        self.front.before = kill
        process = subprocess.Popen(
            [PROGRAM, "run", ENRICH, "--state", self.state,
             "--ignore-window", *AS_OF], env=self.environment(), cwd=TOP,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.kill)
        self.assertEqual(process.wait(TIMEOUT), -signal.SIGKILL)
        self.front.before = None
        started = self.calls("StartQueryExecution")
        self.assertGreater(len(started), 0)
        report = self.one(ENRICH, *AS_OF)
        self.assertEqual(report["outcome"], "success")
        tokens = [call["ClientRequestToken"] for call in
                  self.calls("StartQueryExecution")]
        self.assertEqual(len(tokens), len(TYPES))
        self.assertEqual(len(set(tokens)), len(TYPES))
        for step, rows in wanted.items():
            self.assertEqual(self.rows_of(step), rows)

    def test_a_signal_stops_the_queries(self):
        self.filter()
        self.right_results()
        process = None

        def stop(request):
            if request.headers.get("x-amz-target", "").endswith(
                    ".GetQueryExecution"):
                self.front.before = None
                process.send_signal(signal.SIGTERM)

        self.front.before = stop
        process = subprocess.Popen(
            [PROGRAM, "run", ENRICH, "--state", self.state,
             "--ignore-window", *AS_OF], env=self.environment(), cwd=TOP,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.kill)
        self.assertEqual(process.wait(TIMEOUT), 75)
        stopped = {call["QueryExecutionId"]
                   for call in self.calls("StopQueryExecution")}
        self.assertEqual(len(stopped),
                         len(self.calls("StartQueryExecution")))

    def test_check_looks_at_the_workgroup(self):
        run = self.forebay("check", ENRICH, "--state", self.state)
        self.assertEqual(run.status, 0)
        self.assertEqual(len(self.calls("GetWorkGroup")), len(TYPES))
        self.assertEqual(self.calls("StartQueryExecution"), [])


if __name__ == "__main__":
    unittest.main()
