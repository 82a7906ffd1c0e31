"""The sink `glue`: tables and partitions in the catalogue once their files are
there, against the emulator moto behind the strict front.
"""

import json
import os
import signal
import subprocess
import unittest

import aws_services
import test_athena
from forebay import PROGRAM, TIMEOUT, TOP

FILTER = os.path.join(TOP, "pipelines", "orders-filter.yaml")
SCHEMA = """
fields:
  - {name: id, type: integer}
  - {name: name, type: string}
"""
PIPELINE = """
pipeline: register
trigger: {uri: "${STORE}/raw/*.csv"}
tables:
  DATABASE.items:
    location: ${STORE}/${FOLDER:-items}/
    schema: items.schema.yaml
    MORE
sources:
  upload: {uri: "${trigger.uri}", schema: items.schema.yaml, on_reject: fail}
sinks:
  catalogue: {type: glue, table: DATABASE.items, inputs: upload, WITH}
  files: {uri: "${STORE}/${FOLDER:-items}/PATH${trigger.name}", inputs: upload}
"""

setUpModule = aws_services.start


class Glue(aws_services.Case):
    versioned = True

    def setUp(self):
        super().setUp()
        self.database = self.bucket.replace("-", "_")
        self.write("items.schema.yaml", SCHEMA)
        self.say()

    def say(self, more="", path="", options="line_breaks: refuse",
            schema=SCHEMA):
        """The pipeline; the sink that registers stands before the one that
        writes, and must come after it all the same."""
        self.write("items.schema.yaml", schema)
        self.pipeline = self.write(
            "register.yaml", PIPELINE.replace("DATABASE", self.database)
            .replace("MORE", more).replace("PATH", path)
            .replace("WITH", options))

    def edit(self, old, new):
        text = self.read("register.yaml").decode()
        self.assertEqual(text.count(old), 1)
        self.write("register.yaml", text.replace(old, new))

    def say_days(self):
        self.say("partitions: {dt: date}", "dt=${run.date}/")

    def ask(self, operation, **body):
        """What Glue says, behind the front's back."""
        return json.loads(self.services.call(
            "glue", "POST", "/", json.dumps(
                dict(body, DatabaseName=self.database)).encode(),
            {"x-amz-target": "AWSGlue." + operation,
             "content-type": "application/x-amz-json-1.1"}) or b"{}")

    def table(self, name="items__text"):
        return self.ask("GetTable", Name=name)["Table"]

    def partitions(self):
        """{value: location}"""
        return {partition["Values"][0]:
                partition["StorageDescriptor"]["Location"]
                for partition in self.ask(
                    "GetPartitions", TableName="items__text")["Partitions"]}

    def story(self):
        """What was done, in order: puts below items/, calls to Glue."""
        done = []
        for request in self.front.requests:
            target = request.headers.get("x-amz-target", "")
            if target.startswith("AWSGlue."):
                done.append(target.partition(".")[2])
            elif request.method == "PUT" and "/items/" in request.path:
                done.append("PUT")
        return done

    def changes(self):
        return [name for name in self.story()
                if not name.startswith(("Get", "BatchGet"))]

    def facts(self, report):
        return {step["step"]: step["facts"]
                for step in report["steps"]}["catalogue"]

    def run_it(self, text=b"id,name\n1,a\n", name="a.csv", **more):
        self.put("raw/" + name, text)
        return self.one(self.pipeline, **more)

    # --- what becomes of a run that goes well ---

    def test_a_table_is_made_once_its_files_are_there(self):
        report = self.run_it()
        self.assertEqual(self.facts(report),
                         {self.database + ".items": "created"})
        self.assertEqual(self.changes(), [
            "PUT", "CreateDatabase", "CreateTable", "CreateTable"])
        texts, view = self.table(), self.table("items")
        self.assertEqual(texts["StorageDescriptor"]["Location"],
                         "s3://%s/items/" % self.bucket)
        self.assertEqual(view["TableType"], "VIRTUAL_VIEW")
        self.assertEqual([(c["Name"], c["Type"]) for c in
                          view["StorageDescriptor"]["Columns"]],
                         [("id", "bigint"), ("name", "string")])
        self.assertEqual([o["step"] for o in report["outputs"]], ["files"])
        self.assertEqual(report["rows"]["written"], 1)

    def test_the_next_run_finds_nothing_to_change(self):
        self.run_it()
        self.front.forget()
        report = self.run_it(b"id,name\n2,b\n", "b.csv")
        self.assertEqual(self.facts(report),
                         {self.database + ".items": "unchanged"})
        self.assertEqual(self.changes(), ["PUT"])

    def test_a_partition_is_added_for_each_new_folder(self):
        self.say_days()
        self.put("raw/a.csv", b"id,name\n1,a\n")
        self.one(self.pipeline, "--as-of", "2025-05-09")
        self.assertEqual(list(self.partitions().values()), [
            "s3://%s/items/dt=2025-05-09/" % self.bucket])
        self.put("raw/b.csv", b"id,name\n2,b\n")
        report = self.one(self.pipeline, "--as-of", "2025-05-10")
        self.assertEqual(set(self.partitions()),
                         {"2025-05-09", "2025-05-10"})
        self.assertEqual(
            self.facts(report)[self.database + ".items"],
            "unchanged; partitions: 1 added, 0 updated, 1 unchanged")

    def test_a_partition_that_lies_elsewhere_is_updated(self):
        self.say_days()
        self.put("raw/a.csv", b"id,name\n1,a\n")
        self.one(self.pipeline, "--as-of", "2025-05-09")
        found = self.ask("GetPartitions", TableName="items__text")[
            "Partitions"][0]
        storage = dict(found["StorageDescriptor"],
                       Location="s3://%s/old/dt=2025-05-09/" % self.bucket)
        self.ask("UpdatePartition", TableName="items__text",
                 PartitionValueList=["2025-05-09"], PartitionInput={
                     "Values": ["2025-05-09"], "StorageDescriptor": storage,
                     "Parameters": {"theirs": "1"}})
        self.put("raw/b.csv", b"id,name\n2,b\n")
        report = self.one(self.pipeline, "--as-of", "2025-05-09")
        self.assertEqual(self.partitions(), {
            "2025-05-09": "s3://%s/items/dt=2025-05-09/" % self.bucket})
        self.assertEqual(self.ask(
            "GetPartitions", TableName="items__text")["Partitions"][0][
                "Parameters"], {"theirs": "1"})
        self.assertEqual(
            self.facts(report)[self.database + ".items"],
            "unchanged; partitions: 0 added, 1 updated, 0 unchanged")

    def test_another_location_updates_the_table(self):
        self.run_it()
        report = self.run_it(b"id,name\n2,b\n", "b.csv",
                             env={"FOLDER": "things"})
        self.assertEqual(self.facts(report),
                         {self.database + ".items": "updated"})
        self.assertEqual(self.table()["StorageDescriptor"]["Location"],
                         "s3://%s/things/" % self.bucket)

    def test_a_wider_schema_updates_the_table(self):
        self.run_it()
        self.say(schema=SCHEMA + "  - {name: price, type: number}\n")
        report = self.run_it(b"id,name,price\n1,a,2.5\n")
        self.assertEqual(self.facts(report),
                         {self.database + ".items": "updated"})
        self.assertEqual([c["Name"] for c in self.table("items")[
            "StorageDescriptor"]["Columns"]], ["id", "name", "price"])

    def test_columns_stand_in_the_order_of_the_files(self):
        self.run_it(b"name,id\na,1\n")
        self.assertEqual([c["Name"] for c in self.table()[
            "StorageDescriptor"]["Columns"]], ["name", "id"])

    def test_columns_that_only_the_files_tell(self):
        self.edit("schema: items.schema.yaml\n    ", "schema: infer\n    ")
        report = self.run_it(b"id,name\n1,2025-05-09\n")
        self.assertEqual(self.facts(report),
                         {self.database + ".items": "created"})
        self.assertEqual([c["Type"] for c in self.table("items")[
            "StorageDescriptor"]["Columns"]], ["bigint", "date"])

    def test_parquet_needs_no_view(self):
        self.say(more="format: parquet", path="${trigger.stem}.parquet")
        self.edit("${trigger.stem}.parquet${trigger.name}\"",
                  "${trigger.stem}.parquet\", format: parquet")
        self.run_it()
        table = self.table("items")
        self.assertEqual(table["TableType"], "EXTERNAL_TABLE")
        self.assertEqual([c["Type"] for c in
                          table["StorageDescriptor"]["Columns"]],
                         ["bigint", "string"])

    # --- what is told before anything is written ---

    def refuse(self, why, status, **more):
        said = self.run_it(status=status, **more)["said"]
        self.assertIn(why, said)
        self.assertEqual(self.changes(), [])
        return said

    def test_a_column_that_the_table_lacks(self):
        self.write("more.schema.yaml",
                   SCHEMA + "  - {name: price, type: number}\n")
        self.edit("schema: items.schema.yaml, on_",
                  "schema: more.schema.yaml, on_")
        checked = self.forebay("check", "--no-env", self.pipeline, status=78)
        self.assertIn("'upload' gives a column 'price' that the table "
                      "'%s.items' does not have" % self.database, checked.err)

    def test_a_column_that_the_input_lacks(self):
        self.write("less.schema.yaml", SCHEMA.replace(
            "  - {name: name, type: string}\n", ""))
        self.edit("schema: items.schema.yaml, on_",
                  "schema: less.schema.yaml, on_")
        checked = self.forebay("check", "--no-env", self.pipeline, status=78)
        self.assertIn("has a column 'name' that 'upload' does not give",
                      checked.err)

    def test_a_table_that_no_sink_writes(self):
        self.edit("{uri: \"${STORE}/${FOLDER:-items}/",
                  "{uri: \"${STORE}/other/")
        checked = self.forebay("check", "--no-env", self.pipeline, status=78)
        self.assertIn("no sink of this pipeline writes below", checked.err)

    def test_a_line_break_in_a_cell(self):
        self.refuse("line 3, column 'name' holds a line break", 65,
                    text=b'id,name\n1,a\n2,"b\nc"\n')

    def test_a_line_break_that_is_allowed(self):
        self.say(options="line_breaks: allow")
        self.run_it(b'id,name\n1,a\n2,"b\nc"\n')
        self.assertEqual(self.changes().count("CreateTable"), 2)

    def test_a_file_whose_columns_stand_otherwise(self):
        self.put("items/old.csv", b"name,id\na,1\n")
        self.refuse("another order than those of the files that are there",
                    78)

    def test_a_file_with_another_header(self):
        self.put("items/old.csv", b"id,price\n1,1\n")
        self.refuse("names what is no column: 'price'", 78)

    def test_a_file_that_this_run_replaces_may_be_wrong(self):
        self.put("items/a.csv", b"id,price\n1,1\n")
        self.assertEqual(self.run_it()["outcome"], "success")

    def test_a_table_of_somebody_else(self):
        self.services.call(
            "glue", "POST", "/", json.dumps(
                {"DatabaseInput": {"Name": self.database}}).encode(),
            {"x-amz-target": "AWSGlue.CreateDatabase",
             "content-type": "application/x-amz-json-1.1"})
        self.ask("CreateTable", TableInput={
            "Name": "items", "TableType": "EXTERNAL_TABLE"})
        self.refuse("made by somebody else", 78)

    # --- what becomes of a run that does not ---

    def test_a_kill_before_the_table_is_made_is_made_good(self):
        process = None

        def kill(request):
            if request.headers.get("x-amz-target", "").endswith(
                    ".CreateTable"):
                process.send_signal(signal.SIGKILL)

        self.put("raw/a.csv", b"id,name\n1,a\n")
        self.front.before = kill
        process = subprocess.Popen(
            [PROGRAM, "run", self.pipeline, "--state", self.state,
             "--ignore-window"], env=self.environment(), cwd=TOP,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.kill)
        self.assertEqual(process.wait(TIMEOUT), -signal.SIGKILL)
        self.front.before = None
        self.assertEqual(self.get("items/a.csv"), b"id,name\n1,a\n")
        report = self.one(self.pipeline)
        self.assertEqual(report["outcome"], "success")
        self.assertEqual(self.table("items")["Name"], "items")
        self.assertEqual([key for key in self.services.versions(self.bucket)
                          if key.startswith("items/")], ["items/a.csv"])

    def test_a_refusal_fails_the_run_and_tells_what_is_published(self):
        self.strict = False
        key = self.front.keys[aws_services.KEY]
        self.addCleanup(self.front.keys.__setitem__, aws_services.KEY, key)

        def lock(request):
            if request.headers.get("x-amz-target", "").endswith(
                    ".CreateTable"):
                self.front.keys.pop(aws_services.KEY, None)

        self.front.before = lock
        report = self.run_it(status=77)
        self.front.before = None
        self.front.keys[aws_services.KEY] = key
        self.assertEqual(report["outcome"], "failure")
        self.assertIn("published 's3://%s/items/a.csv', but the table "
                      "'%s.items' is not registered" % (
                          self.bucket, self.database), report["said"])
        self.assertEqual(self.get("items/a.csv"), b"id,name\n1,a\n")
        self.assertEqual([o["step"] for o in report["outputs"]], ["files"])
        report = self.run_it(b"id,name\n2,b\n", "b.csv")
        self.assertEqual(self.facts(report),
                         {self.database + ".items": "created"})

    def test_a_service_that_is_away_is_asked_again_by_the_next_run(self):
        def away(request):
            if request.headers.get("x-amz-target", "").endswith(
                    ".CreateTable"):
                for number in range(1, 9):
                    self.front.fault(number, 503)

        self.front.before = away
        self.run_it(status=69, env={"AWS_MAX_ATTEMPTS": "1"})
        self.front.forget()
        report = self.one(self.pipeline)
        self.assertEqual(report["outcome"], "success")
        self.assertEqual(self.changes(), ["CreateTable"])

    # --- beside others ---

    def test_on_a_laptop_it_registers_nothing_and_says_so(self):
        self.write("store/raw/a.csv", b"id,name\n1,a\n")
        env = {"STORE": self.store}
        checked = self.forebay("check", self.pipeline, "--state", self.state,
                               env=env)
        self.assertIn("will not be registered", checked.err)
        report = self.one(self.pipeline, env=env)
        self.assertEqual(self.facts(report), {
            self.database + ".items": "not registered: '%s/items/' lies "
            "outside of S3" % self.store})
        self.assertIn("not registered", report["printed"])
        self.assertEqual(self.front.requests, [])

    def test_check_asks_the_catalogue_and_changes_nothing(self):
        self.forebay("check", self.pipeline, "--state", self.state)
        self.assertIn("GetTable", self.story())
        self.assertEqual(self.changes(), [])


class Together(test_athena.Athena):
    """A query finds nothing to do after the sink."""

    def test_a_query_has_nothing_left_to_change(self):
        with open(FILTER, encoding="utf-8") as file:
            text = file.read()
        text = text.replace("../schemas/", os.path.join(TOP, "schemas") + "/")
        text = text.replace("sources:", (
            "tables: {orders_db.processed: {location: \"${STORE}/processed/\","
            " schema: %s}}\nsources:" % os.path.join(
                TOP, "schemas", "orders.yaml")), 1)
        text = text.replace("notifiers:", (
            "  catalogue: {type: glue, table: orders_db.processed, "
            "inputs: current}\nnotifiers:"))
        self.one(self.write("filter.yaml", text), *test_athena.AS_OF)
        self.right_results()
        self.front.forget()
        self.one(test_athena.ENRICH, *test_athena.AS_OF)
        self.assertEqual(len(self.calls("GetTable")), 2)
        self.assertEqual(self.calls("CreateTable"), [])
        self.assertEqual(self.calls("UpdateTable"), [])


# Only that one: the others are run where they stand.
for inherited in [name for name in dir(test_athena.Athena)
                  if name.startswith("test_")]:
    setattr(Together, inherited, None)


if __name__ == "__main__":
    unittest.main()
