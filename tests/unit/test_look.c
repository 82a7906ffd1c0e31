/*
 * Looking at a ledger: what serve asks, and that looking needs no right to
 * write and leaves nothing behind.
 */
#define _GNU_SOURCE /* nftw */
#include "ledger/look.h"

#include <check.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/main.h"
#include "util/mem.h"

static char *state;
static struct ledger *ledger, *reader;
static struct arena *arena;
static struct fb_error err;

static void
set_up(void)
{
    char name[] = "/tmp/forebay-look-XXXXXX";

    umask(022);
    ck_assert_ptr_nonnull(mkdtemp(name));
    state = realpath(name, NULL);
    arena = arena_new();
    memset(&err, 0, sizeof(err));
    ck_assert_msg(ledger_open(state, &ledger, &err) == 0, "%s", err.message);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static void
tear_down(void)
{
    ledger_close(reader);
    ledger_close(ledger);
    reader = ledger = NULL;
    nftw(state, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    arena_free(arena);
    free(state);
}

static char *
in_state(const char *name)
{
    return arena_printf(arena, "%s/%s", state, name);
}

static void
run(const char *id, const char *pipeline, int64_t started_ms,
    enum run_state end)
{
    const struct ledger_object output = {
        .step = "out", .uri = id, .rows = 3, .bytes = 9};
    const struct ledger_message message = {.notifier = "ops", .payload = "{}"};
    struct ledger_run r = {.run_id = id,
                           .pipeline = pipeline,
                           .started_ms = started_ms,
                           .ended_ms = started_ms + 1,
                           .state = end};

    ck_assert_int_eq(ledger_begin(ledger, &r, &err), 0);
    if (end == RUN_STARTED)
        return;
    ck_assert_msg(
        ledger_end(ledger, &r, NULL, 0, &output, 1, &message, 1, &err) == 0,
        "%s", err.message);
}

static void
look(void)
{
    ck_assert_msg(ledger_open_reader(state, &reader, &err) == 0, "%s",
                  err.message);
}

START_TEST(a_reader_sees_what_is_written_after_it_opened)
{
    struct ledger_run found;

    look();
    run("r1", "orders", 1000, RUN_DONE);
    ck_assert_int_eq(ledger_find(reader, arena, "r1", &found, &err), 0);
    ck_assert_int_eq(found.state, RUN_DONE);
    run("r2", "orders", 2000, RUN_FAILED);
    ck_assert_int_eq(ledger_find(reader, arena, "r2", &found, &err), 0);
    ck_assert_int_eq(found.state, RUN_FAILED);
}
END_TEST

/* As a user who may read and nothing else; root's rights are given away. */
START_TEST(a_reader_without_the_right_to_write_reads_a_ledger_at_rest)
{
    struct ledger_run found;

    run("r1", "orders", 1000, RUN_DONE);
    ledger_close(ledger);
    ledger = NULL;
    ck_assert_int_eq(chmod(in_state("ledger.sqlite"), 0444), 0);
    ck_assert_int_eq(chmod(in_state("ledger.sqlite-wal"), 0444), 0);
    ck_assert_int_eq(chmod(in_state("ledger.sqlite-shm"), 0444), 0);
    ck_assert_int_eq(chmod(state, 0555), 0);
    if (geteuid() == 0)
        ck_assert_int_eq(seteuid(65534), 0);
    look();
    ck_assert_msg(ledger_find(reader, arena, "r1", &found, &err) == 0, "%s",
                  err.message);
    ck_assert_int_eq(found.state, RUN_DONE);
    ledger_close(reader);
    reader = NULL;
    ck_assert(seteuid(getuid()) == 0);
    ck_assert_int_eq(chmod(state, 0755), 0);
}
END_TEST

START_TEST(the_log_that_stays_is_empty)
{
    struct stat st;

    run("r1", "orders", 1000, RUN_DONE);
    ledger_close(ledger);
    ledger = NULL;
    ck_assert_int_eq(stat(in_state("ledger.sqlite-wal"), &st), 0);
    ck_assert_int_eq(st.st_size, 0);
}
END_TEST

START_TEST(a_reader_makes_no_ledger)
{
    char *nowhere = in_state("nowhere");

    ck_assert_int_eq(ledger_open_reader(nowhere, &reader, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.hint, "first run"));
    ck_assert_int_eq(mkdir(nowhere, 0700), 0);
    ck_assert_int_eq(ledger_open_reader(nowhere, &reader, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.hint, "first run"));
    ck_assert_int_eq(rmdir(nowhere), 0);
}
END_TEST

START_TEST(a_reader_refuses_a_ledger_that_others_may_write_to)
{
    ck_assert_int_eq(chmod(in_state("ledger.sqlite"), 0666), 0);
    ck_assert_int_eq(ledger_open_reader(state, &reader, &err), -1);
    ck_assert_int_eq(err.code, FB_E_PERMISSION);
}
END_TEST

START_TEST(a_folder_that_lets_its_group_in_lets_it_read_the_ledger)
{
    struct stat st;
    char *shared = in_state("shared");

    ledger_close(ledger);
    ck_assert_int_eq(mkdir(shared, 0750), 0);
    umask(077);
    ck_assert_int_eq(ledger_open(shared, &ledger, &err), 0);
    ck_assert_int_eq(stat(in_state("shared/ledger.sqlite"), &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0640);
    ck_assert_int_eq(stat(in_state("shared/ledger.sqlite-wal"), &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0640);
}
END_TEST

START_TEST(notices_that_the_file_was_replaced)
{
    look();
    ck_assert(ledger_is_current(reader));
    ck_assert_int_eq(rename(in_state("ledger.sqlite"), in_state("ledger.old")),
                     0);
    ck_assert(!ledger_is_current(reader));
}
END_TEST

START_TEST(lists_the_outputs_of_a_run)
{
    struct ledger_object *outputs;
    size_t count;

    run("r1", "orders", 1000, RUN_DONE);
    look();
    ck_assert_int_eq(
        ledger_outputs(reader, arena, "r1", &outputs, &count, &err), 0);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(outputs[0].uri, "r1");
    ck_assert_uint_eq(outputs[0].rows, 3);
    ck_assert_int_eq(
        ledger_outputs(reader, arena, "r2", &outputs, &count, &err), 0);
    ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(tells_how_the_messages_of_a_run_fared)
{
    struct ledger_delivery *d;
    struct ledger_message *messages;
    size_t count;

    run("r1", "orders", 1000, RUN_DONE);
    ck_assert_int_eq(
        ledger_outbox(ledger, arena, "orders", &messages, &count, &err), 0);
    ck_assert_int_eq(
        ledger_undelivered(ledger, messages[0].id, "no route", 5, &err), 0);
    look();
    ck_assert_int_eq(ledger_deliveries(reader, arena, "r1", &d, &count, &err),
                     0);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(d[0].notifier, "ops");
    ck_assert_int_eq(d[0].state, DELIVERY_WAITING);
    ck_assert_int_eq(d[0].attempts, 1);
    ck_assert_str_eq(d[0].why, "no route");
    ck_assert_int_eq(ledger_delivered(ledger, messages[0].id, &err), 0);
    ck_assert_int_eq(ledger_deliveries(reader, arena, "r1", &d, &count, &err),
                     0);
    ck_assert_int_eq(d[0].state, DELIVERY_DONE);
    ck_assert_ptr_null(d[0].why);
}
END_TEST

START_TEST(counts_runs_by_pipeline_and_state)
{
    struct ledger_tally *t;
    size_t count;

    run("r1", "orders", 1000, RUN_DONE);
    run("r2", "orders", 1000, RUN_DONE);
    run("r3", "orders", 1000, RUN_FAILED);
    run("r4", "stock", 1000, RUN_DONE);
    look();
    ck_assert_int_eq(ledger_tally(reader, arena, &t, &count, &err), 0);
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(t[0].pipeline, "orders");
    ck_assert_int_eq(t[0].state, RUN_DONE);
    ck_assert_int_eq(t[0].count, 2);
    ck_assert_int_eq(ledger_waiting(reader, arena, &t, &count, &err), 0);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(t[0].count, 3);
}
END_TEST

START_TEST(knows_since_when_work_is_open)
{
    int64_t since;

    run("r1", "orders", 1000, RUN_DONE);
    run("r2", "orders", 3000, RUN_STARTED);
    run("r3", "orders", 2000, RUN_RETRY);
    look();
    ck_assert_int_eq(ledger_open_since(reader, "orders", &since, &err), 0);
    ck_assert_int_eq(since, 2000);
    ck_assert_int_eq(ledger_open_since(reader, "stock", &since, &err), 0);
    ck_assert_int_eq(since, 0);
}
END_TEST

START_TEST(history_can_be_bounded_by_time_and_by_place)
{
    struct ledger_query query = {.pipeline = "orders", .since_ms = 2000};
    struct ledger_run *runs;
    size_t count;

    run("r1", "orders", 1000, RUN_DONE);
    run("r2", "orders", 2000, RUN_DONE);
    run("r3", "orders", 3000, RUN_DONE);
    look();
    ck_assert_int_eq(ledger_history(reader, arena, &query, &runs, &count, &err),
                     0);
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(runs[1].run_id, "r2");
    query = (struct ledger_query){.before = runs[1].seq};
    ck_assert_int_eq(ledger_history(reader, arena, &query, &runs, &count, &err),
                     0);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(runs[0].run_id, "r1");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("look");
    TCase *tc = tcase_create("look");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, a_reader_sees_what_is_written_after_it_opened);
    tcase_add_test(tc,
                   a_reader_without_the_right_to_write_reads_a_ledger_at_rest);
    tcase_add_test(tc, the_log_that_stays_is_empty);
    tcase_add_test(tc, a_reader_makes_no_ledger);
    tcase_add_test(tc, a_reader_refuses_a_ledger_that_others_may_write_to);
    tcase_add_test(tc, a_folder_that_lets_its_group_in_lets_it_read_the_ledger);
    tcase_add_test(tc, notices_that_the_file_was_replaced);
    tcase_add_test(tc, lists_the_outputs_of_a_run);
    tcase_add_test(tc, tells_how_the_messages_of_a_run_fared);
    tcase_add_test(tc, counts_runs_by_pipeline_and_state);
    tcase_add_test(tc, knows_since_when_work_is_open);
    tcase_add_test(tc, history_can_be_bounded_by_time_and_by_place);
    suite_add_tcase(suite, tc);
    return suite;
}
