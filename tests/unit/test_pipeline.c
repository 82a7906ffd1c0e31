/*
 * config/pipeline.c, steps.c, choose.c and document.c: what a pipeline file
 * means.  Which step reads which is tests/unit/test_topology.c's.
 */
#include "config/pipeline.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "support/folder.h"
#include "support/pipeline_kit.h"
#include "unit/main.h"
#include "util/mem.h"

#define SOURCE "sources: {a: {uri: in.csv, on_reject: fail}}\n"
#define SINK "sinks: {z: {uri: out.csv}}\n"
#define REST SOURCE SINK

static struct kit
build(const char *text)
{
    struct kit kit = kit_build(text);

    ck_assert_msg(kit.pipeline != NULL, "%s", kit_told(kit.problems));
    return kit;
}

/* --- the orders pipeline of the first page --- */

static const char orders[] =
    "pipeline: orders-filter\n"
    "description: Drop old orders.\n"
    "vars:\n"
    "  STORE: var/store\n"
    "  NOTIFY: \"log:\"\n"
    "window: {days: mon-fri, hours: \"09:00-18:00\", timezone: Asia/Tokyo}\n"
    "trigger:\n"
    "  uri: ${STORE}/raw/*.csv\n"
    "sources:\n"
    "  upload:\n"
    "    uri: ${trigger.uri}\n"
    "transforms:\n"
    "  valid:   {type: validate}\n"
    "  current:\n"
    "    type: filter\n"
    "    where: lower(Status) NOT IN ('pending')\n"
    "           OR OrderDate > CURRENT_DATE\n"
    "sinks:\n"
    "  processed: {uri: \"${STORE}/processed/filtered_${trigger.name}\"}\n"
    "  refused:   {uri: \"${STORE}/refused/${trigger.name}\", "
    "inputs: [upload.rejected, valid.rejected], layout: return}\n"
    "notifiers:\n"
    "  ops: {uri: \"${NOTIFY}\", on: [success, failure]}\n";

START_TEST(reads_the_orders_pipeline)
{
    struct kit kit = build(orders);
    const struct pipeline *pipeline = kit.pipeline;
    const struct pipeline_step *steps = pipeline->steps;

    ck_assert_str_eq(pipeline->name, "orders-filter");
    ck_assert_str_eq(pipeline->description, "Drop old orders.");
    ck_assert_str_eq(pipeline->path, "p.yaml");
    ck_assert_uint_eq(pipeline->step_count, 6);
    ck_assert_str_eq(steps[0].uri, "var/store/raw/*.csv");
    ck_assert_str_eq(steps[0].format.format, "csv");
    ck_assert_str_eq(steps[0].format.charset, "utf-8");
    ck_assert_str_eq(steps[2].plugin->name, "filter");
    ck_assert_uint_eq(steps[2].inputs[0].step, 1);
    ck_assert_str_eq(steps[3].uri, "var/store/processed/filtered_*.csv");
    ck_assert_int_eq(steps[3].layout, LAYOUT_TABLE);
    ck_assert_int_eq(steps[3].when_empty, EMPTY_WRITE);
    ck_assert_int_eq(steps[4].layout, LAYOUT_RETURN);
    ck_assert_int_eq(steps[4].when_empty, EMPTY_SKIP);
    ck_assert_uint_eq(steps[4].input_count, 2);
    ck_assert(steps[4].inputs[1].rejected);
    ck_assert_uint_eq(steps[5].notify_on, NOTIFY_SUCCESS | NOTIFY_FAILURE);
    kit_release(&kit);
}
END_TEST

START_TEST(reads_its_window_and_its_trigger)
{
    struct kit kit = build(orders);
    const struct window_config *window = &kit.pipeline->window;
    const struct trigger_config *trigger = &kit.pipeline->trigger;

    ck_assert(window->given);
    ck_assert_uint_eq(window->place.line, 6);
    ck_assert_str_eq(window->days.items[0], "mon-fri");
    ck_assert_str_eq(window->hours.items[0], "09:00-18:00");
    ck_assert_str_eq(window->timezone, "Asia/Tokyo");
    ck_assert(trigger->given);
    ck_assert_str_eq(trigger->uri, "var/store/raw/*.csv");
    ck_assert_str_eq(trigger->plugin->name, "file");
    ck_assert_ptr_nonnull(trigger->instance);
    ck_assert(!trigger->portable_names);
    ck_assert_int_eq(trigger->wait_ms, 3600000);
    ck_assert_int_eq(trigger->attempts, 5);
    kit_release(&kit);
}
END_TEST

START_TEST(follows_the_object_of_the_trigger)
{
    const struct setting setting = {"STORE", "/data"};
    const struct scope scope = {.settings = &setting,
                                .setting_count = 1,
                                .trigger_uri = "/data/raw/x y.csv"};
    struct kit kit = kit_build_in(orders, &scope);

    ck_assert_ptr_nonnull(kit.pipeline);
    ck_assert_str_eq(kit.pipeline->steps[0].uri, "/data/raw/x y.csv");
    ck_assert_str_eq(kit.pipeline->steps[3].uri,
                     "/data/processed/filtered_x y.csv");
    ck_assert_str_eq(kit.pipeline->trigger.uri, "/data/raw/*.csv");
    kit_release(&kit);
}
END_TEST

START_TEST(takes_any_name_of_an_object)
{
    const struct scope scope = {.trigger_uri = "raw/a'b\n\"{x}: ${Y}.csv"};
    struct kit kit = kit_build_in(orders, &scope);

    ck_assert_msg(kit.pipeline != NULL, "%s", kit_told(kit.problems));
    ck_assert_str_eq(kit.pipeline->steps[0].uri, scope.trigger_uri);
    kit_release(&kit);
}
END_TEST

/* A thousand runs of one invocation work by one schema. */
START_TEST(reads_a_schema_once_for_a_document)
{
    const char *text = "pipeline: p\n"
                       "sources: {a: {uri: a.csv, schema: s.yaml, "
                       "on_reject: fail}}\n"
                       "sinks: {z: {uri: z.csv}}\n";
    const struct scope scope = {.settings = NULL};
    struct registry *registry = kit_registry();
    struct problems *problems = problems_new();
    struct pipeline *first, *second;
    struct document *document;
    struct folder folder;

    folder_make(&folder);
    folder_write(&folder, "s.yaml", "fields: [{name: a}]\n");
    document = document_of_text(folder_path(&folder, "p.yaml"), text,
                                strlen(text), problems);
    first = pipeline_build(document, &scope, registry, problems);
    folder_write(&folder, "s.yaml", "fields: [{name: b}]\n");
    second = pipeline_build(document, &scope, registry, problems);
    ck_assert_msg(first != NULL && second != NULL, "%s", kit_told(problems));
    ck_assert_ptr_eq(first->steps[0].schema, second->steps[0].schema);
    ck_assert_str_eq(second->steps[0].schema->columns.items[0].name, "a");
    ck_assert_str_eq(first->digest, second->digest);
    pipeline_free(first);
    pipeline_free(second);
    document_free(document);
    problems_free(problems);
    registry_free(registry);
    folder_remove(&folder);
}
END_TEST

START_TEST(has_a_digest_of_its_text)
{
    struct kit one = build("pipeline: p\n" REST);
    struct kit two = build("pipeline: p\n" REST);
    struct kit other = build("pipeline: p\n#\n" REST);

    ck_assert_uint_eq(strlen(one.pipeline->digest), 64);
    ck_assert_str_eq(one.pipeline->digest, two.pipeline->digest);
    ck_assert_str_ne(one.pipeline->digest, other.pipeline->digest);
    kit_release(&one);
    kit_release(&two);
    kit_release(&other);
}
END_TEST

/* --- the top level --- */

START_TEST(needs_a_name_that_is_one)
{
    kit_wrong(REST, 0, 0, "a pipeline needs 'pipeline'", "letters");
    kit_wrong("pipeline: a b\n" REST, 1, 11, "'a b' cannot be the name",
              "letters");
    kit_wrong("pipeline:\n" REST, 1, 1, "'pipeline' has no value", "");
}
END_TEST

START_TEST(refuses_a_file_that_is_no_map)
{
    kit_wrong("- a\n", 1, 1, "a pipeline is a map, not a list", "pipeline:");
}
END_TEST

START_TEST(tells_a_misspelled_section_once)
{
    kit_wrong("pipeline: p\nsource: {a: {uri: x}}\n" SINK, 2, 1,
              "has no option 'source'", "'sources'");
    kit_wrong("pipeline: p\n" SOURCE "sink: {z: {uri: y}}\n", 3, 1,
              "has no option 'sink'", "'sinks'");
}
END_TEST

START_TEST(refuses_sections_that_are_no_map)
{
    kit_wrong("pipeline: p\nsources: [a]\n" SINK, 2, 10,
              "'sources' is a map of steps, but here stands a list", "");
    kit_wrong("pipeline: p\nvars: x\n" REST, 2, 7, "'vars' is a map", "");
    kit_wrong("pipeline: p\nwindow:\n" REST, 2, 1, "'window' is a map", "");
}
END_TEST

START_TEST(refuses_steps_that_are_no_map)
{
    kit_wrong("pipeline: p\n" SOURCE "transforms: {v: validate}\n" SINK, 3, 17,
              "a step is a map", "write v: {type: ...}");
    kit_wrong("pipeline: p\nsources:\n  a:\n" SINK, 3, 3, "a step is a map",
              "write a: {uri: ...}");
}
END_TEST

START_TEST(tells_a_mistake_in_vars_once)
{
    kit_wrong("pipeline: p\nvars: {A: \"${FOREBAY_T_UNSET}\"}\n"
              "sources: {a: {uri: \"${A}/x\", on_reject: fail}}\n"
              "sinks: {z: {uri: \"${A}/y\"}}\n",
              2, 12, "'FOREBAY_T_UNSET' is not set", "--set");
}
END_TEST

START_TEST(tells_all_mistakes_in_one_go)
{
    struct kit kit = kit_build(
        "pipeline: a b\nvars: {U: x}\nwindow: {dys: mon}\n"
        "trigger: {uri: x/*.csv, wait: soon}\n"
        "sources: {a: {uri: in.csv, charset: utf-9, on_reject: fail}}\n"
        "transforms: {f: {type: filter}}\n"
        "sinks: {z: {uri: out.csv, layuot: table}}\n"
        "notifiers: {n: {uri: 'foo:'}}\n");

    ck_assert_msg(problems_count(kit.problems) == 8, "%s",
                  kit_told(kit.problems));
    kit_release(&kit);
}
END_TEST

START_TEST(is_not_built_either_when_its_problems_are_known)
{
    static const struct scope scope;
    struct kit kit = kit_build("pipeline: p\n" SOURCE);

    ck_assert_ptr_null(kit.pipeline);
    ck_assert_ptr_null(
        pipeline_build(kit.document, &scope, kit.registry, kit.problems));
    ck_assert_uint_eq(problems_count(kit.problems), 1);
    kit_release(&kit);
}
END_TEST

/* --- window and trigger --- */

START_TEST(reads_holidays_beside_the_pipeline)
{
    struct kit kit = kit_build("pipeline: p\nwindow: {holidays: h.csv}\n" REST);

    ck_assert_ptr_nonnull(kit.pipeline);
    ck_assert_str_eq(kit.pipeline->window.holidays, "./h.csv");
    ck_assert_str_eq(kit.pipeline->window.timezone, "local");
    kit_release(&kit);
}
END_TEST

START_TEST(gives_the_window_of_a_pipeline_that_is_wrong)
{
    static const struct scope scope;
    struct kit kit = kit_build("pipeline: p\nwindow: {days: mon}\n" SOURCE
                               "sinks: {z: {uri: \"${FOREBAY_T_UNSET}\"}}\n");
    struct arena *arena = arena_new();
    struct window_config window;

    ck_assert_ptr_null(kit.pipeline);
    ck_assert(
        pipeline_window(kit.document, &scope, kit.registry, arena, &window));
    ck_assert_str_eq(window.days.items[0], "mon");
    ck_assert_uint_eq(option_place(window.places, "days", 0, 0).column, 16);
    ck_assert_uint_eq(problems_count(kit.problems), 1);
    arena_free(arena);
    kit_release(&kit);
}
END_TEST

START_TEST(reads_a_trigger_after_another_pipeline)
{
    struct kit kit = build("pipeline: p\ntrigger: {after: other}\n" REST);

    ck_assert_str_eq(kit.pipeline->trigger.after, "other");
    ck_assert_ptr_null(kit.pipeline->trigger.uri);
    ck_assert_ptr_null(kit.pipeline->trigger.plugin);
    kit_release(&kit);
}
END_TEST

START_TEST(reads_the_options_of_a_trigger)
{
    struct kit kit = build("pipeline: p\ntrigger: {uri: x/*.trg, names: "
                           "portable, wait: 10m, attempts: 2}\n" REST);

    ck_assert(kit.pipeline->trigger.portable_names);
    ck_assert_int_eq(kit.pipeline->trigger.wait_ms, 600000);
    ck_assert_int_eq(kit.pipeline->trigger.attempts, 2);
    kit_release(&kit);
}
END_TEST

START_TEST(reads_a_trigger_that_announces_objects_of_another_store)
{
    struct kit kit = build("pipeline: p\n"
                           "trigger: {uri: 'queue://q', match: raw/*.csv}\n"
                           "sources: {a: {uri: \"${trigger.uri}\", on_reject: "
                           "fail}}\n"
                           "sinks: {z: {uri: \"out/${trigger.name}\"}}\n");
    const struct trigger_config *trigger = &kit.pipeline->trigger;

    ck_assert_str_eq(trigger->plugin->name, "queue");
    ck_assert_str_eq(trigger->uri, "queue://q");
    ck_assert_str_eq(trigger->match, "raw/*.csv");
    ck_assert_str_eq(trigger_pattern(trigger), "raw/*.csv");
    ck_assert_str_eq(trigger->objects.plugin->name, "file");
    ck_assert_str_eq(trigger->objects.uri, "raw/*.csv");
    ck_assert_ptr_nonnull(trigger->objects.instance);
    ck_assert_str_eq(kit.pipeline->steps[0].uri, "raw/*.csv");
    ck_assert_str_eq(kit.pipeline->steps[1].uri, "out/*.csv");
    kit_release(&kit);
}
END_TEST

START_TEST(needs_to_know_which_announced_objects_may_start_a_run)
{
    kit_wrong("pipeline: p\ntrigger: {uri: 'queue://q'}\n" REST, 2, 16,
              "does not say which objects", "match: PATTERN");
    kit_wrong("pipeline: p\ntrigger: {uri: raw/*, match: raw/*}\n" REST, 2, 30,
              "the file trigger lists its own", "take it out");
    kit_wrong("pipeline: p\ntrigger: {after: q, match: raw/*}\n" REST, 2, 28,
              "'match' is for triggers that announce", "take it out");
    kit_wrong("pipeline: p\ntrigger: {uri: 'queue://q', match: 'foo:x'}\n" REST,
              2, 36, "no source plugin knows the scheme 'foo'", "file");
    kit_wrong("pipeline: p\n"
              "trigger: {uri: 'queue://q', match: 'queue://r'}\n" REST,
              2, 36, "its objects cannot be announced", "name objects");
}
END_TEST

START_TEST(refuses_to_write_where_announced_objects_lie)
{
    kit_wrong("pipeline: p\ntrigger: {uri: 'queue://q', match: raw/*.csv}\n"
              "sources: {a: {uri: in.csv, on_reject: fail}}\n"
              "sinks: {z: {uri: raw/b.csv}}\n",
              4, 18, "would be a new trigger", "");
}
END_TEST

START_TEST(refuses_to_read_from_what_only_announces)
{
    kit_wrong("pipeline: p\n"
              "sources: {a: {uri: 'queue://q', on_reject: fail}}\n" SINK,
              2, 20, "announces objects and cannot read them", "trigger:");
}
END_TEST

START_TEST(refuses_triggers_that_say_nothing_or_too_much)
{
    kit_wrong("pipeline: p\ntrigger: {wait: 1h}\n" REST, 2, 1,
              "neither 'uri' nor 'after'", "uri: PATTERN");
    kit_wrong("pipeline: p\ntrigger: {uri: x/*, after: q}\n" REST, 2, 28,
              "either 'uri' or 'after'", "out");
    kit_wrong("pipeline: p\ntrigger: {after: a b}\n" REST, 2, 18,
              "'a b' cannot be the name", "");
    kit_wrong("pipeline: p\ntrigger: {uri: 'foo:x'}\n" REST, 2, 16,
              "no source plugin knows the scheme 'foo'", "file");
}
END_TEST

START_TEST(tells_a_mistake_in_the_trigger_once)
{
    kit_wrong("pipeline: p\ntrigger: {uir: x/*}\n"
              "sources: {a: {uri: \"${trigger.uri}\", on_reject: fail}}\n" SINK,
              2, 11, "has no option 'uir'", "'uri'");
}
END_TEST

START_TEST(needs_a_trigger_for_its_names)
{
    kit_wrong("pipeline: p\n"
              "sources: {a: {uri: \"${trigger.uri}\", on_reject: fail}}\n" SINK,
              2, 21, "need a trigger", "uri");
    kit_wrong("pipeline: p\ntrigger: {after: q}\n"
              "sources: {a: {uri: \"${trigger.uri}\", on_reject: fail}}\n" SINK,
              3, 21, "need a trigger", "uri");
}
END_TEST

/* --- which plugin --- */

START_TEST(refuses_plugins_that_are_not_there)
{
    kit_wrong("pipeline: p\n" SOURCE "transforms: {f: {type: validte}}\n" SINK,
              3, 24, "there is no transform 'validte'", "'validate'");
    kit_wrong("pipeline: p\n" SOURCE "transforms: {f: {type: db}}\n" SINK, 3,
              24, "there is no transform 'db'",
              "it is a source: move 'f' to sources:");
    kit_wrong("pipeline: p\n" SOURCE "sinks: {z: {uri: 's3://b/k'}}\n", 3, 18,
              "no sink plugin knows the scheme 's3'", "file");
    kit_wrong("pipeline: p\n" SOURCE "sinks: {z: {uri: 'log:'}}\n", 3, 18,
              "the scheme 'log'", "move 'z' to notifiers:");
    kit_wrong("pipeline: p\n" SOURCE "sinks: {z: {when_empty: skip}}\n", 3, 9,
              "neither 'uri' nor 'type'", "uri");
    kit_wrong("pipeline: p\n" SOURCE "sinks: {z: {type: file}}\n", 3, 9,
              "the file sink needs a 'uri'", "uri");
    kit_wrong("pipeline: p\n" SOURCE
              "sinks: {z: {type: file, uri: 's3://b/k'}}\n",
              3, 30, "'s3' is not one of the file sink", "take 'type' out");
}
END_TEST

START_TEST(takes_a_type_with_a_uri_of_its_own)
{
    kit_right("pipeline: p\n" SOURCE
              "sinks: {z: {type: file, uri: out.csv}}\n");
    kit_right("pipeline: p\n" SOURCE
              "sinks: {z: {type: dash, uri: 's3://b/x.html'}}\n");
}
END_TEST

START_TEST(takes_formats_for_steps_of_bytes_alone)
{
    struct kit kit = build("pipeline: p\nsources: {a: {uri: in.csv, charset: "
                           "cp932, dialect: {delimiter: ';'}, on_reject: "
                           "fail}}\n" SINK);

    ck_assert_str_eq(kit.pipeline->steps[0].format.charset, "cp932");
    ck_assert_str_eq(kit.pipeline->steps[0].format.dialect.delimiter, ";");
    kit_release(&kit);
    kit_wrong("pipeline: p\nsources: {a: {type: db, query: q, charset: "
              "cp932}}\n" SINK,
              2, 35, "'charset' is an option of sources and sinks of bytes",
              "");
    kit_wrong(
        "pipeline: p\nsources: {a: {type: db, query: q, dialect: {}}}\n" SINK,
        2, 35, "'dialect' is an option of sources and sinks of bytes", "");
    kit_wrong("pipeline: p\n" SOURCE
              "sinks: {z: {uri: o.csv, dialect: {quotechar: x}}}\n",
              3, 35, "'dialect' has no option 'quotechar'", "'quoteChar'");
    kit_wrong("pipeline: p\n" SOURCE
              "sinks: {z: {uri: o.csv, dialect: {delimiter: xx}}}\n",
              3, 46, "delimiter", "");
    kit_wrong("pipeline: p\n" SOURCE "sinks: {z: {uri: o.csv, dialect: ';'}}\n",
              3, 34, "'dialect' is a map", "delimiter");
}
END_TEST

START_TEST(lets_sources_alone_reject_rows_for_their_characters)
{
    kit_right("pipeline: p\nsources: {a: {uri: in.csv, on_bad_char: "
              "reject_row, on_reject: fail}}\n" SINK);
    kit_right("pipeline: p\n" SOURCE
              "sinks: {z: {uri: o.csv, on_bad_char: replace}}\n");
    kit_wrong("pipeline: p\n" SOURCE
              "sinks: {z: {uri: o.csv, on_bad_char: reject_row}}\n",
              3, 38, "a sink cannot reject rows", "replace");
}
END_TEST

START_TEST(reads_when_a_notifier_tells)
{
    struct kit kit = build("pipeline: p\n" REST
                           "notifiers: {m: {type: log}, n: {uri: 'log:', on: "
                           "failure}}\n");

    ck_assert_uint_eq(kit.pipeline->steps[2].notify_on,
                      NOTIFY_SUCCESS | NOTIFY_FAILURE);
    ck_assert_uint_eq(kit.pipeline->steps[3].notify_on, NOTIFY_FAILURE);
    kit_release(&kit);
    kit_wrong("pipeline: p\n" REST "notifiers: {n: {type: log, on: []}}\n", 4,
              32, "would never tell anybody", "success");
    kit_wrong("pipeline: p\n" REST
              "notifiers: {n: {type: log, on: [sucess]}}\n",
              4, 33, "'sucess' is none of", "'success'");
}
END_TEST

START_TEST(never_shows_a_secret_of_a_uri)
{
    struct kit kit = kit_build("pipeline: p\n" SOURCE
                               "sinks: {z: {uri: 'foo://u:hush@h/x'}}\n");

    ck_assert_uint_eq(problems_count(kit.problems), 1);
    ck_assert_ptr_null(strstr(kit_told(kit.problems), "hush"));
    kit_release(&kit);
}
END_TEST

/* --- files --- */

static struct folder folder;

static struct document *
open_with_mode(mode_t mode, struct problems *problems)
{
    folder_write(&folder, "p.yaml", "pipeline: p\n");
    ck_assert_int_eq(chmod(folder_path(&folder, "p.yaml"), mode), 0);
    return document_open(folder_path(&folder, "p.yaml"), problems);
}

static void
refuses_mode(mode_t mode, const char *message)
{
    struct problems *problems = problems_new();

    ck_assert_ptr_null(open_with_mode(mode, problems));
    kit_expect(problems, 0, 0, message, "chmod");
    problems_free(problems);
}

static void
takes_mode(mode_t mode)
{
    struct problems *problems = problems_new();
    struct document *document = open_with_mode(mode, problems);

    ck_assert_msg(document != NULL, "%s", kit_told(problems));
    document_free(document);
    problems_free(problems);
}

START_TEST(refuses_files_that_others_may_write)
{
    folder_make(&folder);
    unsetenv("STATE_DIRECTORY");
    refuses_mode(0646, "everybody may write");
    takes_mode(0664);
    setenv("STATE_DIRECTORY", "/var/lib/forebay", 1);
    refuses_mode(0664, "its group may write");
    takes_mode(0644);
    folder_remove(&folder);
}
END_TEST

START_TEST(refuses_what_is_no_file)
{
    struct problems *problems = problems_new();

    ck_assert_ptr_null(document_open("/nonexistent.yaml", problems));
    kit_expect(problems, 0, 0, "No such file", "path");
    problems_free(problems);
    problems = problems_new();
    ck_assert_ptr_null(document_open("/", problems));
    kit_expect(problems, 0, 0, "no regular file", "");
    problems_free(problems);
}
END_TEST

START_TEST(takes_a_byte_order_mark)
{
    kit_right("\xEF\xBB\xBFpipeline: p\n" REST);
}
END_TEST

/* --- tables --- */

#define TABLES(text_) "pipeline: p\ntables:\n" text_ REST

START_TEST(reads_a_table_with_a_location_and_partitions)
{
    struct kit kit =
        build(TABLES("  db.orders: {location: var/x, charset: cp932, "
                     "partitions: {dt: date, shop: string}}\n"));
    const struct table_config *table = kit.pipeline->tables;

    ck_assert_uint_eq(kit.pipeline->table_count, 1);
    ck_assert_str_eq(table->name, "db.orders");
    ck_assert_str_eq(table->database, "db");
    ck_assert_str_eq(table->table, "orders");
    ck_assert_str_eq(table->location, "var/x/");
    ck_assert_str_eq(table->source.uri, "var/x/**");
    ck_assert_str_eq(table->source.plugin->name, "file");
    ck_assert_str_eq(table->source.format.charset, "cp932");
    ck_assert_ptr_null(table->source.schema);
    ck_assert_int_eq(table->infer_rows, 100000);
    ck_assert_uint_eq(table->partition_count, 2);
    ck_assert_str_eq(table->partitions[0].name, "dt");
    ck_assert_int_eq(table->partitions[0].type, FB_C_DATE);
    kit_release(&kit);
}
END_TEST

START_TEST(puts_a_table_without_a_dot_into_the_default_database)
{
    struct kit kit = build(TABLES("  orders: {location: var/x/}\n"));

    ck_assert_str_eq(kit.pipeline->tables[0].database, "default");
    ck_assert_str_eq(kit.pipeline->tables[0].table, "orders");
    ck_assert_str_eq(kit.pipeline->tables[0].location, "var/x/");
    kit_release(&kit);
}
END_TEST

START_TEST(refuses_tables_that_cannot_be)
{
    kit_wrong(TABLES("  1a: {location: x}\n"), 3, 3,
              "'1a' cannot be the name of a table", "letters, digits and _");
    kit_wrong(TABLES("  a.b: {location: x}\n  A.B: {location: y}\n"), 4, 3,
              "the table 'a.b' is declared in line 3 already", "another name");
    kit_wrong(TABLES("  a: {location: \"x/*.csv\"}\n"), 3, 17,
              "the location of a table is no pattern: 'x/*.csv'",
              "name the folder alone");
    kit_wrong(TABLES("  a: {schema: infer}\n"), 3, 3,
              "the table 'a' needs 'location'", "");
    kit_wrong(TABLES("  a: {location: x, partitions: {dt: dates}}\n"), 3, 37,
              "'dates' is no type of a column", "string, integer");
    kit_wrong(TABLES("  a: {location: x, charst: cp932}\n"), 3, 20, "'charst'",
              "did you mean 'charset'?");
    kit_wrong(TABLES("  a: x\n"), 3, 3, "a table is a map of its options",
              "write {location: FOLDER, schema: FILE}");
    kit_wrong("pipeline: p\ntables: x\n" REST, 2, 9,
              "'tables' is a map, but here stands", "write tables:");
}
END_TEST

START_TEST(refuses_a_format_that_nobody_knows)
{
    kit_wrong("pipeline: p\nsources: {a: {uri: in.csv, format: tsw, "
              "on_reject: fail}}\n" SINK,
              2, 36, "there is no format 'tsw'", "did you mean 'tsv'?");
}
END_TEST

static void
expect_coded(const char *sink)
{
    AUTO_FREE char *text =
        mem_printf("pipeline: p\n" SOURCE "sinks: {z: %s}\n", sink);
    struct kit kit = build(text);
    const struct pipeline_step *step = &kit.pipeline->steps[1];

    ck_assert_str_eq(step->plugin->name, "file");
    ck_assert_str_eq(step->codec->name, "page");
    ck_assert_str_eq(step->format.format, "page");
    ck_assert_str_eq(((const struct kit_page *)step->codec_instance)->ink,
                     "red");
    ck_assert_ptr_eq(pipeline_step_worker(step), step->codec);
    kit_release(&kit);
}

START_TEST(codes_rows_by_format_or_type_and_moves_them_by_the_uri)
{
    expect_coded("{uri: out.html, format: page, ink: red}");
    expect_coded("{uri: out.html, type: page, ink: red}");
}
END_TEST

START_TEST(refuses_what_a_codec_has_no_use_for)
{
    kit_wrong("pipeline: p\n" SOURCE
              "sinks: {z: {uri: o, type: page, charset: cp932}}\n",
              3, 33, "'charset' is an option of text", "take it out");
    kit_wrong("pipeline: p\n" SOURCE
              "sinks: {z: {uri: o, type: page, format: csv}}\n",
              3, 33, "'type' says already that it is page", "take it out");
    kit_wrong("pipeline: p\n" SOURCE
              "sinks: {z: {uri: o, format: page, inc: red}}\n",
              3, 35, "'inc'", "did you mean 'ink'?");
    kit_wrong("pipeline: p\n" SOURCE "sinks: {z: {uri: o, ink: red}}\n", 3, 21,
              "'ink'", "");
}
END_TEST

START_TEST(needs_what_a_codec_requires_in_steps_and_tables)
{
    kit_right("pipeline: p\ntables: {t: {location: x, format: cells, key: k}}\n"
              "sources: {a: {uri: i, format: cells, key: k}}\n" SINK);
    kit_right("pipeline: p\nsettings: {cells: {key: k}}\n"
              "tables: {t: {location: x, format: cells}}\n" REST);
    kit_wrong("pipeline: p\nsources: {a: {uri: i, format: cells}}\n" SINK, 2,
              11, "'key'", "What opens them.");
    kit_wrong("pipeline: p\ntables: {t: {location: x, format: cells}}\n" REST,
              2, 10, "'key'", "What opens them.");
}
END_TEST

START_TEST(gives_steps_a_title_for_people)
{
    struct kit kit = build("pipeline: p\nsources: {a: {uri: in.csv, title: "
                           "Orders, on_reject: fail}}\n" SINK);

    ck_assert_str_eq(kit.pipeline->steps[0].title, "Orders");
    ck_assert_str_eq(kit.pipeline->steps[1].title, "z");
    kit_release(&kit);
}
END_TEST

START_TEST(reads_a_schema_beside_the_pipeline_once)
{
    struct problems *problems = problems_new();
    struct registry *registry = kit_registry();
    static const struct scope scope;
    struct document *document;
    struct pipeline *pipeline;

    folder_make(&folder);
    folder_write(&folder, "s/s.yaml", "fields: [{name: a, type: dat}]\n");
    folder_write(&folder, "p/p.yaml",
                 "pipeline: p\nsources:\n"
                 "  a: {uri: a.csv, schema: ../s/s.yaml, on_reject: fail}\n"
                 "  b: {uri: b.csv, schema: ../s/s.yaml, on_reject: fail}\n"
                 "sinks: {z: {uri: z.csv, inputs: [a, b]}}\n");
    document = document_open(folder_path(&folder, "p/p.yaml"), problems);
    pipeline = pipeline_build(document, &scope, registry, problems);
    ck_assert_ptr_null(pipeline);
    kit_expect(problems, 1, 26, "there is no type 'dat'", "'date'");
    problems_free(problems);

    problems = problems_new();
    folder_write(&folder, "s/s.yaml", "fields: [{name: a, type: date}]\n");
    pipeline = pipeline_build(document, &scope, registry, problems);
    ck_assert_msg(pipeline != NULL, "%s", kit_told(problems));
    ck_assert_ptr_eq(pipeline->steps[0].schema, pipeline->steps[1].schema);
    ck_assert_str_eq(pipeline->steps[0].schema->columns.items[0].name, "a");
    pipeline_free(pipeline);
    document_free(document);
    registry_free(registry);
    problems_free(problems);
    folder_remove(&folder);
}
END_TEST

static void
add_top(Suite *suite)
{
    TCase *top = tcase_create("top");

    tcase_add_test(top, reads_the_orders_pipeline);
    tcase_add_test(top, reads_its_window_and_its_trigger);
    tcase_add_test(top, follows_the_object_of_the_trigger);
    tcase_add_test(top, takes_any_name_of_an_object);
    tcase_add_test(top, reads_a_schema_once_for_a_document);
    tcase_add_test(top, has_a_digest_of_its_text);
    tcase_add_test(top, needs_a_name_that_is_one);
    tcase_add_test(top, refuses_a_file_that_is_no_map);
    tcase_add_test(top, tells_a_misspelled_section_once);
    tcase_add_test(top, refuses_sections_that_are_no_map);
    tcase_add_test(top, refuses_steps_that_are_no_map);
    tcase_add_test(top, tells_a_mistake_in_vars_once);
    tcase_add_test(top, tells_all_mistakes_in_one_go);
    tcase_add_test(top, is_not_built_either_when_its_problems_are_known);
    suite_add_tcase(suite, top);
}

static void
add_trigger(Suite *suite)
{
    TCase *trigger = tcase_create("trigger");

    tcase_add_test(trigger, reads_holidays_beside_the_pipeline);
    tcase_add_test(trigger, gives_the_window_of_a_pipeline_that_is_wrong);
    tcase_add_test(trigger, reads_a_trigger_after_another_pipeline);
    tcase_add_test(trigger, reads_the_options_of_a_trigger);
    tcase_add_test(trigger,
                   reads_a_trigger_that_announces_objects_of_another_store);
    tcase_add_test(trigger,
                   needs_to_know_which_announced_objects_may_start_a_run);
    tcase_add_test(trigger, refuses_to_write_where_announced_objects_lie);
    tcase_add_test(trigger, refuses_to_read_from_what_only_announces);
    tcase_add_test(trigger, refuses_triggers_that_say_nothing_or_too_much);
    tcase_add_test(trigger, tells_a_mistake_in_the_trigger_once);
    tcase_add_test(trigger, needs_a_trigger_for_its_names);
    suite_add_tcase(suite, trigger);
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("pipeline");
    TCase *steps = tcase_create("steps"), *files = tcase_create("files");

    add_top(suite);
    add_trigger(suite);
    tcase_add_test(steps, refuses_plugins_that_are_not_there);
    tcase_add_test(steps, takes_a_type_with_a_uri_of_its_own);
    tcase_add_test(steps, takes_formats_for_steps_of_bytes_alone);
    tcase_add_test(steps, lets_sources_alone_reject_rows_for_their_characters);
    tcase_add_test(steps, reads_when_a_notifier_tells);
    tcase_add_test(steps, never_shows_a_secret_of_a_uri);
    suite_add_tcase(suite, steps);
    tcase_add_test(files, refuses_files_that_others_may_write);
    tcase_add_test(files, refuses_what_is_no_file);
    tcase_add_test(files, takes_a_byte_order_mark);
    tcase_add_test(files, reads_a_table_with_a_location_and_partitions);
    tcase_add_test(files, puts_a_table_without_a_dot_into_the_default_database);
    tcase_add_test(files, refuses_tables_that_cannot_be);
    tcase_add_test(files, refuses_a_format_that_nobody_knows);
    tcase_add_test(files,
                   codes_rows_by_format_or_type_and_moves_them_by_the_uri);
    tcase_add_test(files, refuses_what_a_codec_has_no_use_for);
    tcase_add_test(files, needs_what_a_codec_requires_in_steps_and_tables);
    tcase_add_test(files, gives_steps_a_title_for_people);
    tcase_add_test(files, reads_a_schema_beside_the_pipeline_once);
    suite_add_tcase(suite, files);
    return suite;
}
