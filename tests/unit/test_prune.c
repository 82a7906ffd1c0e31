/*
 * What a ledger forgets, and what it must not: that a generation was handled.
 */
#include "ledger/prune.h"

#include <check.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/look.h"
#include "support/folder.h"
#include "unit/main.h"
#include "util/limits.h"

#define OLD_MS 1000
#define NEW_MS 9000
#define BEFORE_MS 5000

static struct folder folder;
static const char *state;
static struct ledger *ledger;
static struct arena *arena;
static struct fb_error err;

static void
set_up(void)
{
    memset(&err, 0, sizeof(err));
    umask(022);
    folder_make(&folder);
    arena = arena_new();
    state = arena_strdup(arena, folder_path(&folder, "state"));
    ck_assert_msg(ledger_open(state, &ledger, &err) == 0, "%s", err.message);
}

static void
tear_down(void)
{
    ledger_close(ledger);
    arena_free(arena);
    folder_remove(&folder);
}

struct made { /* a run to make */
    const char *id, *pipeline, *trigger;
    enum run_state state;
    int64_t ms;
    const char *report;
};

static void
make(struct made made)
{
    const char *report = made.report != NULL ? made.report : "{\"a\": 1}";
    const char *trigger = made.trigger;
    struct ledger_object object = {
        .step = "s", .uri = "in/data.csv", .generation = made.id};
    struct ledger_message message = {.notifier = "ops", .payload = report};
    struct ledger_run run = {.run_id = made.id,
                             .pipeline = made.pipeline,
                             .digest = "d",
                             .trigger = trigger,
                             .generation = trigger != NULL ? "g" : NULL,
                             .started_ms = made.ms,
                             .ended_ms = made.ms,
                             .summary = "3 rows",
                             .report = report};

    ck_assert_int_eq(ledger_begin(ledger, &run, &err), 0);
    if (made.state == RUN_STARTED)
        return;
    run.state = made.state;
    ck_assert_msg(ledger_end(ledger, &run, &object, 1, &object, 1, &message, 1,
                             &err) == 0,
                  "%s", err.message);
}

/* Of a pipeline: its messages are delivered. */
static void
deliver(const char *pipeline)
{
    struct ledger_message *messages;
    size_t count;

    ck_assert_int_eq(
        ledger_outbox(ledger, arena, pipeline, &messages, &count, &err), 0);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(ledger_delivered(ledger, messages[i].id, &err), 0);
}

static struct ledger_pruned
prune(const char *pipeline)
{
    struct ledger_pruned pruned;

    ck_assert_msg(ledger_prune(ledger, pipeline, BEFORE_MS, &pruned, &err) == 0,
                  "%s", err.message);
    return pruned;
}

static struct ledger_run
find(const char *id)
{
    struct ledger_run run;

    ck_assert_int_eq(ledger_find(ledger, arena, id, &run, &err), 0);
    return run;
}

static size_t
output_count(const char *id)
{
    struct ledger_object *outputs;
    size_t count;

    ck_assert_int_eq(ledger_outputs(ledger, arena, id, &outputs, &count, &err),
                     0);
    return count;
}

static size_t
message_count(const char *id)
{
    struct ledger_delivery *deliveries;
    size_t count;

    ck_assert_int_eq(
        ledger_deliveries(ledger, arena, id, &deliveries, &count, &err), 0);
    return count;
}

START_TEST(forgets_report_outputs_and_messages_of_an_old_run)
{
    make((struct made){"r1", "p", "raw/a.csv", RUN_DONE, OLD_MS, NULL});
    make((struct made){"r2", "p", "raw/b.csv", RUN_FAILED, OLD_MS, NULL});
    deliver("p");
    ck_assert_int_eq(prune(NULL).reports, 2);
    ck_assert_ptr_null(find("r1").report);
    ck_assert_ptr_null(find("r2").report);
    ck_assert_uint_eq(output_count("r1"), 0);
    ck_assert_uint_eq(message_count("r1"), 0);
    ck_assert_int_eq(prune(NULL).reports, 0);
}
END_TEST

START_TEST(remembers_that_a_generation_was_handled)
{
    bool found;

    make((struct made){"r1", "p", "raw/a.csv", RUN_DONE, OLD_MS, NULL});
    make((struct made){"r2", "p", "raw/b.csv", RUN_FAILED, OLD_MS, NULL});
    deliver("p");
    ck_assert_int_eq(ledger_settled(ledger, "r1", &err), 0);
    ck_assert_int_eq(prune(NULL).runs, 0);
    ck_assert_int_eq(find("r1").state, RUN_DONE);
    ck_assert(find("r1").settled);
    ck_assert_str_eq(find("r1").generation, "g");
    ck_assert_str_eq(find("r1").summary, "3 rows");
    ck_assert_int_eq(find("r2").state, RUN_FAILED);
    ck_assert_int_eq(
        ledger_has_input(ledger, "p", "in/data.csv", "r1", &found, &err), 0);
    ck_assert(found);
}
END_TEST

START_TEST(leaves_what_is_not_over_alone)
{
    make((struct made){"r1", "p", "raw/a.csv", RUN_STARTED, OLD_MS, NULL});
    make((struct made){"r2", "p", "raw/b.csv", RUN_RETRY, OLD_MS, NULL});
    make((struct made){"r3", "p", "raw/c.csv", RUN_MISTAKE, OLD_MS, NULL});
    make((struct made){"r4", "once", NULL, RUN_STARTED, OLD_MS, NULL});
    deliver("p");
    ck_assert_int_eq(prune(NULL).reports, 0);
    ck_assert_ptr_nonnull(find("r2").report);
    ck_assert_ptr_nonnull(find("r3").report);
    ck_assert_uint_eq(message_count("r3"), 1);
    ck_assert_int_eq(find("r4").state, RUN_STARTED);
}
END_TEST

START_TEST(leaves_what_is_young_alone)
{
    make((struct made){"r1", "p", "raw/a.csv", RUN_DONE, NEW_MS, NULL});
    make((struct made){"r2", "once", NULL, RUN_FAILED, NEW_MS, NULL});
    deliver("p");
    deliver("once");
    ck_assert_int_eq(prune(NULL).reports, 0);
    ck_assert_str_eq(find("r1").report, "{\"a\": 1}");
    ck_assert_int_eq(find("r2").state, RUN_FAILED);
}
END_TEST

START_TEST(forgets_nothing_that_must_still_be_told)
{
    make((struct made){"r1", "p", "raw/a.csv", RUN_DONE, OLD_MS, NULL});
    make((struct made){"r2", "once", NULL, RUN_FAILED, OLD_MS, NULL});
    ck_assert_int_eq(prune(NULL).reports, 0);
    ck_assert_uint_eq(message_count("r1"), 1);
    ck_assert_uint_eq(message_count("r2"), 1);
    ck_assert_uint_eq(output_count("r1"), 1);
}
END_TEST

START_TEST(forgets_old_runs_without_a_trigger_but_the_newest_success)
{
    make((struct made){"r1", "once", NULL, RUN_DONE, OLD_MS, NULL});
    make((struct made){"r2", "once", NULL, RUN_DONE, OLD_MS, NULL});
    make((struct made){"r3", "once", NULL, RUN_RETRY, OLD_MS, NULL});
    make((struct made){"r4", "once", NULL, RUN_MISTAKE, OLD_MS, NULL});
    deliver("once");
    ck_assert_int_eq(prune(NULL).runs, 3);
    ck_assert_int_eq(find("r1").state, RUN_NONE);
    ck_assert_int_eq(find("r2").state, RUN_DONE);
    ck_assert_int_eq(find("r3").state, RUN_NONE);
    ck_assert_int_eq(find("r4").state, RUN_NONE);
}
END_TEST

START_TEST(remembers_the_runs_that_another_pipeline_follows)
{
    make((struct made){"r1", "first", NULL, RUN_DONE, OLD_MS, NULL});
    make((struct made){"r2", "first", NULL, RUN_DONE, OLD_MS, NULL});
    make((struct made){"r3", "then", "pipeline:first", RUN_DONE, OLD_MS, NULL});
    deliver("first");
    deliver("then");
    ck_assert_int_eq(prune(NULL).runs, 0);
    ck_assert_int_eq(find("r1").state, RUN_DONE);
    ck_assert_int_eq(find("r3").state, RUN_DONE);
}
END_TEST

START_TEST(can_be_told_of_one_pipeline)
{
    make((struct made){"r1", "p", "raw/a.csv", RUN_DONE, OLD_MS, NULL});
    make((struct made){"r2", "q", "raw/a.csv", RUN_DONE, OLD_MS, NULL});
    deliver("p");
    deliver("q");
    ck_assert_int_eq(prune("q").reports, 1);
    ck_assert_ptr_nonnull(find("r1").report);
    ck_assert_ptr_null(find("r2").report);
}
END_TEST

/* The log goes into the file when the last one leaves. */
static off_t
file_size(void)
{
    char *path = arena_printf(arena, "%s/ledger.sqlite", state);
    struct stat st;

    ledger_close(ledger);
    ck_assert_int_eq(ledger_open(state, &ledger, &err), 0);
    ck_assert_int_eq(stat(path, &st), 0);
    return st.st_size;
}

START_TEST(takes_less_than_a_kibibyte_for_a_run_that_is_old)
{
    char id[16], report[2501];
    off_t before, after;

    memset(report, ' ', sizeof(report) - 1);
    report[sizeof(report) - 1] = '\0';
    for (int i = 0; i < 300; i++) {
        snprintf(id, sizeof(id), "r%d", i);
        make((struct made){id, "p", "raw/a.csv", RUN_DONE, OLD_MS, report});
    }
    deliver("p");
    before = file_size();
    ck_assert_int_eq(prune(NULL).reports, 300);
    after = file_size();
    ck_assert_int_gt(before, 1500 * KIB);
    ck_assert_int_lt(after, 100 * KIB + 300 * KIB / 2);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("prune");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_set_timeout(all, 60);
    tcase_add_test(all, forgets_report_outputs_and_messages_of_an_old_run);
    tcase_add_test(all, remembers_that_a_generation_was_handled);
    tcase_add_test(all, leaves_what_is_not_over_alone);
    tcase_add_test(all, leaves_what_is_young_alone);
    tcase_add_test(all, forgets_nothing_that_must_still_be_told);
    tcase_add_test(all,
                   forgets_old_runs_without_a_trigger_but_the_newest_success);
    tcase_add_test(all, remembers_the_runs_that_another_pipeline_follows);
    tcase_add_test(all, can_be_told_of_one_pipeline);
    tcase_add_test(all, takes_less_than_a_kibibyte_for_a_run_that_is_old);
    suite_add_tcase(suite, all);
    return suite;
}
