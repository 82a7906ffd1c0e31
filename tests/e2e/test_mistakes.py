"""What people mistype in pipelines and schemas, one mistake at a time.

Each mistake is an edit of a pipeline that is right: OLD becomes NEW, and the
mark in NEW stands right before the place that the error must name; without a
mark it must name the file as a whole. There must be one error, at that place,
with a hint; `check` and `run` must say the same, and `run` must do nothing.
"""

import os
import re

import forebay

MARK = "⟦"

PIPELINE = """\
pipeline: shop
description: Orders of one shop.
vars:
  STORE: var/store
window: {days: mon-fri, hours: "09:00-18:00", timezone: Asia/Tokyo}
trigger:
  uri: ${STORE}/raw/*.csv
  wait: 15m
sources:
  upload:
    uri: ${trigger.uri}
    charset: cp932
    schema: orders.yaml
transforms:
  valid: {type: validate}
  current:
    type: filter
    where: Status = 'shipped' OR OrderDate > CURRENT_DATE - INTERVAL '30' DAY
sinks:
  processed:
    uri: ${STORE}/processed/${trigger.name}
  refused:
    uri: ${STORE}/refused/${trigger.name}
    inputs: [upload.rejected, valid.rejected]
    layout: return
notifiers:
  ops: {uri: "log:", on: [success, failure]}
"""

SCHEMA = """\
fields:
  - name: OrderID
    type: string
    constraints: {required: true, pattern: "O[0-9]{4,}"}
  - name: Amount
    type: number
    constraints: {minimum: 0}
  - name: Status
    type: string
    aliases: [State]
  - name: OrderDate
    type: date
missingValues: [""]
primaryKey: OrderID
"""

WHERE = "Status = 'shipped' OR OrderDate > CURRENT_DATE - INTERVAL '30' DAY"

# title, OLD, NEW, what the message says, what the hint says
TEXT = [
    ("a tab indents a line",
     "    uri: ${trigger.uri}", "⟦\turi: ${trigger.uri}",
     "tab", "spaces"),
    ("a key is indented less than its neighbours",
     "    where: Status", "   ⟦where: Status",
     "indentation", "same column"),
    ("a key is indented deeper than its neighbours",
     "    type: filter\n    where:", "    type: filter\n      ⟦where:",
     "deeper", "quote|under"),
    ("the colon behind a step is missing",
     "  upload:", "  ⟦upload",
     "':' is missing", "key: value"),
    ("the colon behind an option is missing",
     "    layout: return", "    ⟦layout return",
     "':' is missing", "key: value"),
    ("the space behind a colon is missing",
     "  wait: 15m", "  wait⟦:15m",
     "space is missing", "key: value"),
    ("a quote is not closed",
     "uri: ${STORE}/processed/${trigger.name}",
     'uri: ⟦"${STORE}/processed/${trigger.name}',
     "quote", "close"),
    ("a bracket is not closed",
     "[upload.rejected, valid.rejected]", "⟦[upload.rejected, valid.rejected",
     r"'\[' .*not closed|missing", "close|,"),
    ("a comma is missing in a list",
     "{type: validate}", '{type: "validate" ⟦on_reject: drop}',
     "',' or '}' is missing", ", "),
    ("a variable between braces is not quoted",
     'ops: {uri: "log:",', "ops: {uri: ⟦${STORE},",
     "stands in quotes", "quotes"),
    ("a text begins with a star",
     "uri: ${STORE}/raw/*.csv", "uri: ⟦*.csv",
     r"anchor|cannot begin|\*", "quotes"),
    ("a second colon stands in a value",
     "Orders of one shop.", "Orders⟦: one shop.",
     "': '", "quotes"),
    ("a key stands there twice",
     "    charset: cp932\n", "    charset: cp932\n    ⟦charset: utf-8\n",
     "second time.*line 12", "keep one"),
    ("a tag is used",
     "wait: 15m", "wait: ⟦!!python/name:os.system 15m",
     "tag", "."),
    ("a merge key is used",
     "    charset: cp932\n", "    charset: cp932\n    ⟦<<: {header: none}\n",
     "merge key", "."),
    ("two documents stand in one file",
     "notifiers:\n", "⟦---\nnotifiers:\n",
     "second document", "one document"),
    ("an alias has no anchor",
     "wait: 15m", "wait: ⟦*time",
     "anchor '&time'", "."),
    ("the file is empty",
     PIPELINE, "", "empty", "pipeline"),
    ("the file holds comments alone",
     PIPELINE, "# to be written\n", "empty", "pipeline"),
    ("the file is a list",
     PIPELINE, "⟦- pipeline: shop\n", "map|list", "."),
    ("a list stands where steps by name should",
     "  valid: {type: validate}\n  current:\n    type: filter\n    where: "
     + WHERE,
     "  ⟦- type: validate\n  - type: filter\n    where: " + WHERE,
     "map|list", "."),
    ("a text stands where a map should",
     "{type: validate}", "⟦validate", "map", "."),
    ("an option has no value",
     "    charset: cp932", "    ⟦charset:", "no value", "take it out"),
    ("a list stands where one value should",
     "wait: 15m", "wait: ⟦[15m]", "a single value|list", "."),
]

KEYS = [
    ("a section is misspelt",
     "\nnotifiers:\n", "\n⟦notifier:\n", "'notifier'", "'notifiers'"),
    ("the sources are misspelt",
     "\nsources:\n", "\n⟦source:\n", "'source'", "'sources'"),
    ("the transforms are misspelt",
     "\ntransforms:\n", "\n⟦transfroms:\n", "'transfroms'", "'transforms'"),
    ("an option of a source is misspelt",
     "    charset: cp932", "    ⟦chraset: cp932", "'chraset'", "'charset'"),
    ("an option of a plugin is misspelt",
     "    where: Status", "    ⟦wheer: Status", "'wheer'", "'where'"),
    ("an option of the trigger is misspelt",
     "  wait: 15m", "  ⟦wiat: 15m", "'wiat'", "'wait'"),
    ("an option of the window is misspelt",
     "timezone: Asia", "⟦time_zone: Asia", "'time_zone'", "'timezone'"),
    ("an option is written in capitals",
     "    layout: return", "    ⟦Layout: return", "'Layout'", "'layout'"),
    ("an option of a filter stands in a sink",
     "    layout: return", "    layout: return\n    ⟦where: Status = 'x'",
     "'where'", "filter|transform"),
    ("a schema stands in a transform",
     "    type: filter\n", "    type: filter\n    ⟦schema: orders.yaml\n",
     "'schema'", "source"),
    ("a layout stands in a source",
     "    charset: cp932\n", "    charset: cp932\n    ⟦layout: return\n",
     "'layout'", "sink"),
    ("a delimiter stands outside of the dialect",
     "    charset: cp932\n", '    charset: cp932\n    ⟦delimiter: ";"\n',
     "'delimiter'", "dialect"),
    ("an option of the dialect is written with underscores",
     "    charset: cp932\n",
     "    charset: cp932\n    dialect: {⟦quote_char: \"'\"}\n",
     "'quote_char'", "'quoteChar'"),
    ("the name of the pipeline is missing",
     "pipeline: shop\n", "", "'pipeline'", "."),
    ("the name of the pipeline has a space",
     "pipeline: shop", "pipeline: ⟦my shop", "'my shop'", "letters"),
    ("the name of a step has a space",
     "  ops:", "  ⟦my ops:", "'my ops'", "letters"),
    ("a filter has no condition",
     "  current:\n    type: filter\n    where: " + WHERE,
     "  ⟦current:\n    type: filter", "'where'", "."),
    ("a dedupe has no key",
     "  current:\n    type: filter\n    where: " + WHERE,
     "  ⟦current:\n    type: dedupe",
     "'key'", "key"),
    ("a transform has no type",
     "  valid: {type: validate}", "  ⟦valid: {columns: [Amount]}",
     "'type'", "."),
    ("a sink has neither uri nor type",
     "  processed:\n    uri: ${STORE}/processed/${trigger.name}",
     "  ⟦processed:\n    when_empty: skip", "uri", "uri|type"),
]

VALUES = [
    ("a type is misspelt",
     "type: filter", "type: ⟦fliter", "'fliter'", "'filter'"),
    ("a source is named as a transform",
     "{type: validate}", "{type: ⟦file}", "'file'", "source|sink"),
    ("a scheme is unknown",
     "uri: ${STORE}/processed", "uri: ⟦ftp://host/processed",
     "ftp", "file|plugin"),
    ("a notifier's scheme stands in a sink",
     "uri: ${STORE}/processed/${trigger.name}", 'uri: ⟦"log:"',
     "log", "notifier"),
    ("a file is to be notified",
     'uri: "log:"', 'uri: ⟦"/var/log/x"', "notifier", "."),
    ("a log is to be a file",
     'uri: "log:"', 'uri: ⟦"log:/var/log/x"', "after 'log:'", "log goes"),
    ("a duration is in words",
     "wait: 15m", "wait: ⟦15 minutes", "duration.*'15 minutes'", "no space|m"),
    ("a duration has no unit",
     "wait: 15m", "wait: ⟦15", "duration.*'15'", "s, m"),
    ("a yes is written for true",
     "    charset: cp932\n",
     "    charset: cp932\n    dialect: {doubleQuote: ⟦yes}\n",
     "true or false", "write true"),
    ("a charset is misspelt",
     "charset: cp932", "charset: ⟦cp923", "'cp923'", "'cp932'"),
    ("a format does not exist",
     "    charset: cp932\n", "    charset: cp932\n    format: ⟦cvs\n",
     "'cvs'", "'csv'"),
    ("a layout is misspelt",
     "layout: return", "layout: ⟦retrun", "'retrun'", "'return'"),
    ("an outcome is misspelt",
     "[success, failure]", "[⟦sucess, failure]", "'sucess'", "'success'"),
    ("a header is said to be yes",
     "    charset: cp932\n", "    charset: cp932\n    header: ⟦yes\n",
     "'yes'", "."),
    ("a delimiter has two characters",
     "    charset: cp932\n",
     "    charset: cp932\n    dialect: {delimiter: ⟦\";;\"}\n",
     "delimiter ';;'", "."),
    ("a tab is written with single quotes",
     "    charset: cp932\n",
     "    charset: cp932\n    dialect: {delimiter: ⟦'\\t'}\n",
     "delimiter", "double quotes"),
    ("delimiter and quote are the same",
     "    charset: cp932\n",
     "    charset: cp932\n"
     "    dialect: {delimiter: \";\", quoteChar: ⟦\";\"}\n",
     "same character", "."),
    ("the hours have no minutes",
     '"09:00-18:00"', '⟦"9-18"', "'9-18'", "09:00-18:00"),
    ("a day does not exist",
     "days: mon-fri", "days: ⟦mon-fry", "'fry'", "'fri'"),
    ("a time zone is misspelt",
     "Asia/Tokyo", "⟦Asia/Tokio", "Asia/Tokio", "Asia/Tokyo"),
    ("the file of holidays is not there",
     "timezone: Asia/Tokyo}", "timezone: Asia/Tokyo, holidays: ⟦off.txt}",
     r"off\.txt", "."),
    ("a number of attempts is a word",
     "wait: 15m", "wait: 15m\n  attempts: ⟦five",
     "whole number", "."),
    ("a number of attempts is out of range",
     "wait: 15m", "wait: 15m\n  attempts: ⟦0", "at least 1", "."),
    ("settings are for a plugin that is not there",
     "trigger:\n", "settings: {⟦flie: {on_success: keep}}\ntrigger:\n",
     "'flie'", "'file'"),
    ("settings hold an option that no step has",
     "trigger:\n", "settings: {file: {⟦on_sucess: keep}}\ntrigger:\n",
     "'on_sucess'", "'on_success'"),
]

NAMES = [
    ("a variable is misspelt",
     "uri: ${STORE}/refused", "uri: ⟦${STROE}/refused",
     "'STROE' is not set", "'STORE'"),
    ("a variable is set nowhere",
     "uri: ${STORE}/refused", "uri: ⟦${FOREBAY_TEST_NOWHERE}/refused",
     "'FOREBAY_TEST_NOWHERE' is not set", "--set"),
    ("a variable is demanded with words of its own",
     "uri: ${STORE}/refused",
     "uri: x/⟦${FOREBAY_TEST_NOWHERE:?the folder for refused files}",
     "not set: the folder for refused files", "--set"),
    ("a variable is not closed",
     "uri: ${STORE}/refused/${trigger.name}", "uri: ⟦${STORE/refused",
     "not closed", r"\$\{NAME\}"),
    ("a variable has no braces",
     "uri: ${STORE}/refused", "uri: ⟦$STORE/refused",
     "braces", r"\$\$"),
    ("a name of the trigger is misspelt",
     "refused/${trigger.name}", "refused/⟦${trigger.nmae}",
     r"trigger\.nmae", r"trigger\.name"),
    ("a variable is used nowhere",
     "  STORE: var/store\n", "  STORE: var/store\n  ⟦NOTIFY: 'log:'\n",
     "'NOTIFY' is never used", "use it"),
    ("step.input stands in a source",
     "    uri: ${trigger.uri}", "    uri: ⟦${step.input}/x",
     r"step\.input", "."),
    ("a file of a secret is not there",
     "Orders of one shop.", "⟦${file:/nonexistent/secret}",
     "/nonexistent/secret", "."),
]

GRAPH = [
    ("a step in inputs is misspelt",
     "[upload.rejected,", "[⟦uplaod.rejected,", "uplaod",
     r"'upload\.rejected'"),
    ("an output in inputs is misspelt",
     "valid.rejected]", "⟦valid.rejects]", "rejects", r"valid\.rejected"),
    ("rows are read where rejected rows are meant",
     "[upload.rejected, valid.rejected]", "[upload.rejected, ⟦valid]",
     "valid", r"valid\.rejected"),
    ("a step that cannot reject is asked for rejected rows",
     "valid.rejected]", "valid.rejected, ⟦current.rejected]",
     "'current'", "."),
    ("nobody reads what a step rejects",
     PIPELINE,
     PIPELINE.replace("  valid:", "  ⟦valid:")
     .replace(", valid.rejected]", "]"),
     "'valid' rejects", r"valid\.rejected.*on_reject"),
    ("steps read each other",
     "  valid: {type: validate}",
     "  valid: {type: validate, inputs: [upload, ⟦current]}",
     "valid.*current|current.*valid", "."),
    ("a step reads itself",
     "  valid: {type: validate}",
     "  valid: {type: validate, inputs: [upload, ⟦valid]}",
     "valid", "."),
    ("a sink is read",
     "valid.rejected]", "valid.rejected, ⟦processed]", "'processed'", "."),
    ("a step is read twice",
     "valid.rejected]", "valid.rejected, ⟦valid.rejected]",
     r"valid\.rejected", "."),
    ("a sink has the name of a transform",
     "  refused:\n", "  ⟦current:\n", "'current'", "name|line"),
    ("nobody reads a transform",
     PIPELINE,
     PIPELINE.replace("  current:", "  ⟦current:")
     .replace("  processed:\n", "  processed:\n    inputs: [valid]\n"),
     "'current'", "inputs"),
    ("two sinks write the same file",
     "uri: ${STORE}/refused/${trigger.name}",
     "uri: ⟦${STORE}/processed/${trigger.name}", "processed", "."),
    ("a sink writes what the trigger waits for",
     "uri: ${STORE}/processed/${trigger.name}",
     "uri: ⟦${STORE}/raw/filtered.csv", "trigger|upload", "."),
    ("there are no sources",
     PIPELINE, "⟦pipeline: shop\nsinks:\n  out: {uri: x.csv}\n",
     "source", "sources"),
    ("there are no sinks",
     PIPELINE, "⟦" + PIPELINE[:PIPELINE.index("sinks:")],
     "sink", "sinks"),
    ("a trigger has neither uri nor after",
     "trigger:\n  uri: ${STORE}/raw/*.csv\n  wait: 15m\nsources:\n"
     "  upload:\n    uri: ${trigger.uri}\n",
     "⟦trigger:\n  wait: 15m\nsources:\n"
     "  upload:\n    uri: ${STORE}/raw/x.csv\n", "trigger", "uri|after"),
]

EXPRESSIONS = [
    ("a column is misspelt",
     "where: Status", "where: ⟦Statsu", "Statsu", "Status"),
    ("equality is written as in C",
     "Status = 's", "Status ⟦== 's", "'=='", "="),
    ("and is written as in C",
     "' OR OrderDate", "' ⟦&& OrderDate", "'&&'", "AND"),
    ("a quote is not closed in an expression",
     "    where: " + WHERE,
     "    where: Status = 'pending' OR Status = ⟦'shipped",
     "does not end", "'"),
    ("a text stands in double quotes",
     "'shipped' OR", '⟦"shipped" OR', "shipped", "single|'shipped'"),
    ("a parenthesis is not closed",
     "where: Status =", "where: ⟦(Status =", "not closed", r"\)"),
    ("a parenthesis is closed that was not open",
     "'shipped' OR", "'shipped'⟦) OR", r"'\)'", "."),
    ("a date is compared with a number",
     "OrderDate > CURRENT_DATE - INTERVAL '30' DAY",
     "⟦OrderDate > 30", "date", "."),
    ("a number is compared with text",
     "where: Status = 'shipped'", "where: Amount = ⟦'high'",
     "number|high", "."),
    ("a function does not exist",
     "where: Status", "where: ⟦lowercase(Status)", "lowercase", "lower"),
    ("a function gets too many values",
     "where: Status", "where: ⟦lower(Status, 1)", "lower", "."),
    ("a condition is a text",
     "where: " + WHERE, "where: ⟦Status", "condition|boolean", "compare|="),
    ("an interval has no unit",
     "INTERVAL '30' DAY", "⟦INTERVAL '30'", "INTERVAL '30'", "DAY"),
    ("a date does not exist",
     "CURRENT_DATE - INTERVAL '30' DAY", "⟦DATE '2025-02-30'",
     "2025-02-30", "."),
    ("an operator is full-width",
     "Status = 's", "Status ⟦＝ 's", "＝", "half-width|ASCII"),
    ("a condition ends too early",
     WHERE, "Status =⟦", "ends", "."),
    ("a keyword is misspelt",
     "'shipped' OR Order", "'shipped' ⟦ORR Order", "ORR", "OR"),
    ("a column that select keeps does not exist",
     "    type: filter\n    where: " + WHERE,
     "    type: select\n    keep: [OrderID, ⟦Amuont]",
     "Amuont", "Amount"),
    ("a column that dedupe compares does not exist",
     "    type: filter\n    where: " + WHERE,
     "    type: dedupe\n    key: [⟦OrderId2]", "OrderId2", "OrderID"),
    ("an expression of derive is wrong",
     "    type: filter\n    where: " + WHERE,
     "    type: derive\n    set:\n      Net: ⟦Amuont * 2",
     "Amuont", "Amount"),
    ("a mistake stands in the second line of an expression",
     "where: " + WHERE,
     "where: Status = 'shipped'\n           OR ⟦Sttus = 'x'",
     "Sttus", "Status"),
    ("a mistake stands behind a quote of YAML",
     "where: " + WHERE, "where: 'Status = ''a'' OR ⟦Sttus = ''b'''",
     "Sttus", "Status"),
    ("a mistake stands in a block of text",
     "where: " + WHERE,
     "where: |\n      Status = 'a' OR\n        ⟦Sttus = 'b'",
     "Sttus", "Status"),
]

SCHEMAS = [
    ("a type is misspelt",
     "type: date", "type: ⟦dat", "'dat'", "'date'"),
    ("a type of SQL is written",
     "type: string\n    aliases", "type: ⟦varchar\n    aliases",
     "'varchar'", "string"),
    ("a property of a field is misspelt",
     "    constraints: {minimum", "    ⟦constraint: {minimum",
     "'constraint'", "'constraints'"),
    ("a constraint is misspelt",
     "{minimum: 0}", "{⟦min: 0}", "'min'", "'minimum'|minimum"),
    ("a pattern is not closed",
     '"O[0-9]{4,}"', '⟦"O[0-9"', "pattern", "."),
    ("a bound is no number",
     "minimum: 0", "minimum: ⟦zero", "'zero'", "."),
    ("a bound is a list",
     "minimum: 0", "minimum: ⟦[0]", "minimum", "."),
    ("required is yes",
     "required: true", "required: ⟦yes", "true or false", "true"),
    ("a field has no name",
     "  - name: Amount\n    type: number", "  - ⟦type: number",
     "name", "."),
    ("two fields have the same name",
     "name: OrderDate", "name: ⟦Status", "'Status'", "."),
    ("the primary key is no field",
     "primaryKey: OrderID", "primaryKey: ⟦OrderNo", "'OrderNo'", "."),
    ("the fields are missing",
     SCHEMA, "⟦missingValues: [\"\"]\n", "fields", "fields"),
    ("a key of the schema is misspelt",
     "missingValues:", "⟦missing_values:", "'missing_values'",
     "'missingValues'"),
]


def place_of(text):
    """(line, column) of the mark, counted from 1 in characters; or None."""
    at = text.find(MARK)
    if at < 0:
        return None
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


def edit(text, old, new):
    assert text.count(old) == 1, (text.count(old), old)
    return text.replace(old, new)


class Seeded(forebay.Case):
    """The table's machine; the tests are made of the tables below."""

    def setUp(self):
        super().setUp()
        self.pipeline = self.write("shop.yaml", PIPELINE)
        self.schema = self.write("orders.yaml", SCHEMA)

    def problems(self, run):
        """[(place, message, hint)]; the place is (file, line, column)."""
        found = []
        for line in run.err.splitlines():
            match = re.match(r"(%s/[^:]+):(?:(\d+):(\d+):)? (.*)"
                             % re.escape(self.dir), line)
            if match:
                name, row, column, message = match.groups()
                found.append(((name, int(row or 0), int(column or 0)),
                              message, ""))
            elif line.startswith("    hint: ") and found:
                found[-1] = found[-1][:2] + (line[len("    hint: "):],)
            elif not line.startswith("forebay: "):
                self.fail("not a problem: %s\n%s" % (line, run))
        return found

    def judge(self):
        """The problems that check finds and run finds too."""
        checked = self.forebay("check", "--no-env", self.pipeline, status=78)
        self.assertEqual(checked.out, "")
        found = self.problems(checked)
        ran = self.work(self.pipeline, status=78)
        self.assertEqual(self.problems(ran), found)
        self.assertEqual(ran.runs(), [])
        self.assertEqual(self.files("store"), [])
        return found

    def expect_one(self, path, text, says, hint):
        """Writes the text without its mark, and looks at what is said."""
        where = place_of(text) or (0, 0)
        self.write(os.path.basename(path), text.replace(MARK, ""))
        found = self.judge()
        shown = "\n".join("%s: %s (%s)" % p for p in found)
        self.assertEqual(len(found), 1, shown)
        place, message, told = found[0]
        self.assertEqual(place, (path,) + where, shown)
        self.assertRegex(message, says)
        self.assertRegex(told, hint, shown)


def add_tests(name, mistakes, file, original):
    """A class with one test for each line of a table."""
    methods = {}
    for title, old, new, says, hint in mistakes:
        def test(self, old=old, new=new, says=says, hint=hint):
            self.expect_one(getattr(self, file), edit(original, old, new),
                            says, hint)
        key = "test_" + re.sub(r"\W+", "_", title)
        assert key not in methods, title
        methods[key] = test
    globals()[name] = type(name, (Seeded,), methods)


add_tests("Text", TEXT, "pipeline", PIPELINE)
add_tests("Keys", KEYS, "pipeline", PIPELINE)
add_tests("Values", VALUES, "pipeline", PIPELINE)
add_tests("Names", NAMES, "pipeline", PIPELINE)
add_tests("Graph", GRAPH, "pipeline", PIPELINE)
add_tests("Expressions", EXPRESSIONS, "pipeline", PIPELINE)
add_tests("Schemas", SCHEMAS, "schema", SCHEMA)


class Whole(Seeded):
    def test_without_a_mistake_there_is_no_problem(self):
        run = self.forebay("check", "--no-env", self.pipeline)
        self.assertEqual(run.out, "%s: ok\n" % self.pipeline)
        self.assertEqual(run.err, "")

    def test_the_tables_hold_more_than_forty_mistakes(self):
        self.assertGreaterEqual(
            sum(len(table) for table in (TEXT, KEYS, VALUES, NAMES, GRAPH,
                                         EXPRESSIONS, SCHEMAS)), 40)

    def test_independent_mistakes_are_told_in_one_go_in_order(self):
        text = PIPELINE
        for old, new in (("days: mon-fri", "days: ⟦mon-fry"),
                         ("charset: cp932", "charset: ⟦cp923"),
                         ("layout: return", "layout: ⟦retrun")):
            text = edit(text, old, new)
        parts = text.split(MARK)
        places = [place_of("".join(parts[:i]) + MARK + "".join(parts[i:]))
                  for i in (1, 2, 3)]
        self.write("shop.yaml", text.replace(MARK, ""))
        found = self.judge()
        self.assertEqual([place[1:] for place, _, _ in found], places)

    def test_a_mistake_in_each_of_two_files_is_told_with_its_file(self):
        self.write("shop.yaml", edit(PIPELINE, "mon-fri", "mon-fry"))
        self.write("orders.yaml", edit(SCHEMA, "type: date", "type: dat"))
        self.assertEqual({place[0] for place, _, _ in self.judge()},
                         {self.pipeline, self.schema})

    def test_a_schema_that_is_not_there_is_told_where_it_is_named(self):
        self.expect_one(self.pipeline,
                        edit(PIPELINE, "orders.yaml", "⟦order.yaml"),
                        r"order\.yaml", ".")

    def test_a_pipeline_that_is_not_there_is_told_by_its_name(self):
        os.unlink(self.pipeline)
        (place, message, hint), = self.judge()
        self.assertEqual(place, (self.pipeline, 0, 0))
        self.assertIn("No such file", message)
        self.assertNotEqual(hint, "")

    def test_a_million_laughs_are_refused_quickly(self):
        lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
        for one, two in zip("abcdefghi", "bcdefghij"):
            lines.append("%s: &%s [%s]" % (two, two, ", ".join(
                ["*" + one] * 10)))
        self.write("shop.yaml", "\n".join(lines) + "\n")
        found = self.judge()
        self.assertEqual(len(found), 1, found)
        self.assertRegex(found[0][1], "100000|nodes|alias")

    def test_ten_thousand_levels_are_refused(self):
        self.write("shop.yaml", "pipeline: " + "[" * 10000 + "\n")
        found = self.judge()
        self.assertEqual(len(found), 1, found)
        self.assertRegex(found[0][1], "deep")

    def test_a_pipeline_that_everybody_may_write_is_refused(self):
        os.chmod(self.pipeline, 0o666)
        (place, message, hint), = self.judge()
        self.assertEqual(place, (self.pipeline, 0, 0))
        self.assertIn("everybody may write", message)
        self.assertIn("chmod", hint)

    def test_bytes_that_are_no_utf8_are_refused_with_their_place(self):
        with open(self.pipeline, "wb") as file:
            file.write(PIPELINE.replace("one shop", "表")
                       .encode("cp932"))
        (place, message, hint), = self.judge()
        self.assertEqual(place, (self.pipeline, 2, 24))
        self.assertIn("UTF-8", message)
        self.assertIn("UTF-8", hint)

    def test_a_misspelt_set_has_no_effect_and_is_told(self):
        run = self.forebay("check", "--no-env", self.pipeline, "--set",
                           "STROE=/x", status=78)
        (place, message, hint), = self.problems(run)
        self.assertIn("--set STROE has no effect", message)
        self.assertIn("STORE", hint)

    def test_a_value_cannot_change_the_structure(self):
        run = self.forebay("check", "--no-env", self.pipeline, "--set",
                           "STORE=x, type: dedupe}\nsinks: {")
        self.assertEqual(run.err, "")

    def test_a_mistake_in_a_substituted_value_is_told_at_its_variable(self):
        text = edit(PIPELINE, "wait: 15m", "wait: ⟦${WAIT}")
        text = edit(text, "  STORE: var", "  WAIT: soon\n  STORE: var")
        self.expect_one(self.pipeline, text, "duration.*'soon'", ".")
