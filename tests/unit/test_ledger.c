/*
 * The ledger: what is written is there after a restart or not at all, and
 * only in a folder that can be trusted.
 */
#define _GNU_SOURCE /* nftw */
#include "ledger/ledger.h"

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/look.h"
#include "unit/main.h"
#include "util/mem.h"

static char *base, *state;
static struct ledger *ledger;
static struct arena *arena;
static struct fb_error err;

/* SQLite's calls come here. */
static unsigned syncs;

int
fdatasync(int fildes)
{
    syncs++;
    return (int)syscall(SYS_fdatasync, fildes);
}

static void
open_again(void)
{
    ledger_close(ledger);
    ledger = NULL;
    memset(&err, 0, sizeof(err));
    ck_assert_msg(ledger_open(state, &ledger, &err) == 0, "%s", err.message);
}

static void
set_up(void)
{
    char name[] = "/tmp/forebay-ledger-XXXXXX";

    umask(022);
    ck_assert_ptr_nonnull(mkdtemp(name));
    base = realpath(name, NULL);
    state = mem_printf("%s/state", base);
    arena = arena_new();
    open_again();
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
    ledger_close(ledger);
    ledger = NULL;
    nftw(base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    arena_free(arena);
    free(state);
    free(base);
}

static char *
in_state(const char *name)
{
    return arena_printf(arena, "%s/%s", state, name);
}

static struct ledger_run
sample(const char *run_id)
{
    return (struct ledger_run){.run_id = run_id,
                               .pipeline = "orders",
                               .digest = "d1",
                               .trigger = "raw/a.csv",
                               .generation = "g1",
                               .started_ms = 1000};
}

static void
begin(const char *run_id)
{
    struct ledger_run run = sample(run_id);

    ck_assert_msg(ledger_begin(ledger, &run, &err) == 0, "%s", err.message);
}

static void
end(const char *run_id, enum run_state run_state)
{
    struct ledger_run run = sample(run_id);

    run.state = run_state;
    run.ended_ms = 2000;
    run.summary = "3 rows";
    run.report = "{}";
    ck_assert_msg(ledger_end(ledger, &run, NULL, 0, NULL, 0, NULL, 0, &err) ==
                      0,
                  "%s", err.message);
}

static struct ledger_run
find(const char *run_id)
{
    struct ledger_run run;

    ck_assert_msg(ledger_find(ledger, arena, run_id, &run, &err) == 0, "%s",
                  err.message);
    return run;
}

static void
sql(const char *text)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(in_state("ledger.sqlite"), &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK, "%s",
                  sqlite3_errmsg(db));
    sqlite3_close(db);
}

static enum fb_code
refusal(void)
{
    struct ledger *refused = NULL;

    memset(&err, 0, sizeof(err));
    ck_assert_int_eq(ledger_open(state, &refused, &err), -1);
    ck_assert_ptr_null(refused);
    return err.code;
}

/* --- runs --- */

START_TEST(does_not_know_a_run_that_never_began)
{
    ck_assert_int_eq(find("nobody").state, RUN_NONE);
}
END_TEST

START_TEST(remembers_a_begun_run_over_a_restart)
{
    struct ledger_run run;

    begin("r1");
    open_again();
    run = find("r1");
    ck_assert_int_eq(run.state, RUN_STARTED);
    ck_assert_int_eq(run.attempts, 1);
    ck_assert_int_eq(run.started_ms, 1000);
    ck_assert_int_eq(run.ended_ms, 0);
    ck_assert_str_eq(run.pipeline, "orders");
    ck_assert_str_eq(run.digest, "d1");
    ck_assert_str_eq(run.trigger, "raw/a.csv");
    ck_assert_str_eq(run.generation, "g1");
    ck_assert_ptr_null(run.report);
}
END_TEST

START_TEST(remembers_a_run_without_a_trigger)
{
    struct ledger_run run = sample("r1");

    run.trigger = run.generation = NULL;
    ck_assert_int_eq(ledger_begin(ledger, &run, &err), 0);
    run = find("r1");
    ck_assert_ptr_null(run.trigger);
    ck_assert_ptr_null(run.generation);
}
END_TEST

START_TEST(counts_attempts_of_a_run_that_crashed)
{
    begin("r1");
    begin("r1");
    ck_assert_int_eq(find("r1").attempts, 2);
}
END_TEST

START_TEST(begins_a_run_again_that_may_be_retried)
{
    begin("r1");
    end("r1", RUN_RETRY);
    begin("r1");
    ck_assert_int_eq(find("r1").state, RUN_STARTED);
    ck_assert_int_eq(find("r1").attempts, 2);
    ck_assert_int_eq(find("r1").ended_ms, 0);
}
END_TEST

START_TEST(refuses_to_begin_a_run_that_is_done)
{
    struct ledger_run run = sample("r1");

    begin("r1");
    end("r1", RUN_DONE);
    ck_assert_int_eq(ledger_begin(ledger, &run, &err), -1);
    ck_assert_int_eq(err.code, FB_E_BUG);
    ck_assert_int_eq(find("r1").state, RUN_DONE);
}
END_TEST

START_TEST(refuses_to_end_a_run_that_did_not_begin)
{
    struct ledger_run run = sample("r1");

    run.state = RUN_DONE;
    ck_assert_int_eq(ledger_end(ledger, &run, NULL, 0, NULL, 0, NULL, 0, &err),
                     -1);
    ck_assert_int_eq(err.code, FB_E_BUG);
    ck_assert_int_eq(find("r1").state, RUN_NONE);
}
END_TEST

START_TEST(keeps_summary_and_report_of_a_done_run)
{
    begin("r1");
    end("r1", RUN_DONE);
    open_again();
    ck_assert_int_eq(find("r1").state, RUN_DONE);
    ck_assert_int_eq(find("r1").ended_ms, 2000);
    ck_assert_str_eq(find("r1").summary, "3 rows");
    ck_assert_str_eq(find("r1").report, "{}");
    ck_assert(!find("r1").settled);
}
END_TEST

START_TEST(marks_a_trigger_as_settled)
{
    begin("r1");
    end("r1", RUN_DONE);
    ck_assert_int_eq(ledger_settled(ledger, "r1", &err), 0);
    ck_assert(find("r1").settled);
}
END_TEST

START_TEST(refuses_to_settle_a_run_it_does_not_know)
{
    ck_assert_int_eq(ledger_settled(ledger, "r1", &err), -1);
    ck_assert_int_eq(err.code, FB_E_BUG);
}
END_TEST

START_TEST(settles_together_with_the_end)
{
    struct ledger_run run = sample("r1");

    begin("r1");
    run.state = RUN_DONE;
    run.settled = true;
    ck_assert_int_eq(ledger_end(ledger, &run, NULL, 0, NULL, 0, NULL, 0, &err),
                     0);
    ck_assert(find("r1").settled);
}
END_TEST

START_TEST(lets_a_failed_run_be_tried_again)
{
    static const enum run_state states[] = {RUN_FAILED, RUN_MISTAKE};

    for (size_t i = 0; i < 2; i++) {
        begin("r1");
        begin("r1");
        end("r1", states[i]);
        ck_assert_int_eq(ledger_retry(ledger, "r1", &err), 0);
        open_again();
        ck_assert_int_eq(find("r1").state, RUN_RETRY);
        ck_assert_int_eq(find("r1").attempts, 1);
    }
}
END_TEST

START_TEST(tries_nothing_again_but_what_failed)
{
    begin("r1");
    ck_assert_int_eq(ledger_retry(ledger, "r1", &err), -1);
    ck_assert_int_eq(err.code, FB_E_USAGE);
    end("r1", RUN_DONE);
    ck_assert_int_eq(ledger_retry(ledger, "r1", &err), -1);
    ck_assert_int_eq(find("r1").state, RUN_DONE);
    ck_assert_int_eq(ledger_retry(ledger, "r2", &err), -1);
}
END_TEST

START_TEST(finds_a_run_by_the_beginning_of_its_id)
{
    const char *id;

    begin("abc1");
    begin("abd");
    begin("abd2");
    ck_assert_int_eq(ledger_find_short(ledger, arena, "abc", &id, &err), 0);
    ck_assert_str_eq(id, "abc1");
    /* A whole id is meant even when others begin so. */
    ck_assert_int_eq(ledger_find_short(ledger, arena, "abd", &id, &err), 0);
    ck_assert_str_eq(id, "abd");
    ck_assert_int_eq(ledger_find_short(ledger, arena, "ab", &id, &err), -1);
    ck_assert_int_eq(err.code, FB_E_USAGE);
    ck_assert_int_eq(ledger_find_short(ledger, arena, "ab*", &id, &err), -1);
    ck_assert_int_eq(ledger_find_short(ledger, arena, "abb", &id, &err), -1);
    ck_assert_ptr_null(id);
}
END_TEST

START_TEST(keeps_names_that_are_no_utf8)
{
    struct ledger_run run = sample("r1");

    run.trigger = "raw/\x83\x5c'\xff.csv";
    ck_assert_int_eq(ledger_begin(ledger, &run, &err), 0);
    ck_assert_str_eq(find("r1").trigger, run.trigger);
}
END_TEST

/* --- inputs and messages --- */

static void
end_with(const char *run_id, enum run_state run_state, const char *uri)
{
    const struct ledger_object input = {
        .step = "upload", .uri = uri, .generation = "g1", .rows = 3};
    const struct ledger_message message = {.notifier = "ops",
                                           .uri = "log:",
                                           .config = "orders.yaml",
                                           .payload = "{\"a\":1}"};
    struct ledger_run run = sample(run_id);

    run.state = run_state;
    ck_assert_msg(
        ledger_end(ledger, &run, &input, 1, &input, 1, &message, 1, &err) == 0,
        "%s", err.message);
}

static bool
has_input(const char *pipeline, const char *uri, const char *generation)
{
    bool found;

    ck_assert_int_eq(
        ledger_has_input(ledger, pipeline, uri, generation, &found, &err), 0);
    return found;
}

START_TEST(knows_which_generation_of_an_input_was_read)
{
    begin("r1");
    end_with("r1", RUN_DONE, "in/a.csv");
    ck_assert(has_input("orders", "in/a.csv", "g1"));
    ck_assert(!has_input("orders", "in/a.csv", "g2"));
    ck_assert(!has_input("orders", "in/b.csv", "g1"));
    ck_assert(!has_input("other", "in/a.csv", "g1"));
}
END_TEST

START_TEST(does_not_count_an_input_of_a_run_that_will_be_retried)
{
    begin("r1");
    end_with("r1", RUN_RETRY, "in/a.csv");
    ck_assert(!has_input("orders", "in/a.csv", "g1"));
}
END_TEST

START_TEST(replaces_the_inputs_of_an_earlier_attempt)
{
    begin("r1");
    end_with("r1", RUN_RETRY, "in/a.csv");
    begin("r1");
    end_with("r1", RUN_DONE, "in/b.csv");
    ck_assert(!has_input("orders", "in/a.csv", "g1"));
    ck_assert(has_input("orders", "in/b.csv", "g1"));
}
END_TEST

static size_t
waiting(struct ledger_message **messages)
{
    size_t count;

    ck_assert_int_eq(
        ledger_outbox(ledger, arena, "orders", messages, &count, &err), 0);
    return count;
}

START_TEST(keeps_a_message_until_it_is_delivered)
{
    struct ledger_message *messages;

    begin("r1");
    end_with("r1", RUN_DONE, "in/a.csv");
    open_again();
    ck_assert_uint_eq(waiting(&messages), 1);
    ck_assert_str_eq(messages[0].run_id, "r1");
    ck_assert_str_eq(messages[0].pipeline, "orders");
    ck_assert_str_eq(messages[0].notifier, "ops");
    ck_assert_str_eq(messages[0].uri, "log:");
    ck_assert_str_eq(messages[0].config, "orders.yaml");
    ck_assert_str_eq(messages[0].payload, "{\"a\":1}");
    ck_assert_int_eq(messages[0].attempts, 0);
    ck_assert_int_eq(ledger_delivered(ledger, messages[0].id, &err), 0);
    ck_assert_uint_eq(waiting(&messages), 0);
}
END_TEST

START_TEST(delivers_messages_in_the_order_of_their_runs)
{
    struct ledger_message *messages;

    begin("r2");
    end_with("r2", RUN_FAILED, "in/a.csv");
    begin("r1");
    end_with("r1", RUN_DONE, "in/a.csv");
    ck_assert_uint_eq(waiting(&messages), 2);
    ck_assert_str_eq(messages[0].run_id, "r2");
    ck_assert_str_eq(messages[1].run_id, "r1");
}
END_TEST

START_TEST(waits_for_the_disk_when_a_run_begins_and_ends)
{
    unsigned before = syncs;

    begin("r1");
    ck_assert_uint_gt(syncs, before);
    before = syncs;
    end("r1", RUN_DONE);
    ck_assert_uint_gt(syncs, before);
}
END_TEST

START_TEST(leaves_delivery_and_settlement_to_the_sync_that_follows)
{
    struct ledger_message *messages;
    unsigned before;

    begin("r1");
    end_with("r1", RUN_DONE, "in/a.csv");
    ck_assert_uint_eq(waiting(&messages), 1);
    before = syncs;
    ck_assert_int_eq(ledger_delivered(ledger, messages[0].id, &err), 0);
    ck_assert_int_eq(ledger_settled(ledger, "r1", &err), 0);
    ck_assert_uint_eq(syncs, before);
    begin("r2");
    ck_assert_uint_gt(syncs, before);
    open_again();
    ck_assert_uint_eq(waiting(&messages), 0);
    ck_assert(find("r1").settled);
}
END_TEST

START_TEST(gives_a_message_up_after_its_last_attempt)
{
    struct ledger_message *messages;

    begin("r1");
    end_with("r1", RUN_DONE, "in/a.csv");
    ck_assert_uint_eq(waiting(&messages), 1);
    ck_assert_int_eq(
        ledger_undelivered(ledger, messages[0].id, "refused", 2, &err), 0);
    ck_assert_uint_eq(waiting(&messages), 1);
    ck_assert_int_eq(messages[0].attempts, 1);
    ck_assert_int_eq(
        ledger_undelivered(ledger, messages[0].id, "refused", 2, &err), 0);
    ck_assert_uint_eq(waiting(&messages), 0);
}
END_TEST

START_TEST(refuses_to_deliver_a_message_twice)
{
    struct ledger_message *messages;

    begin("r1");
    end_with("r1", RUN_DONE, "in/a.csv");
    ck_assert_uint_eq(waiting(&messages), 1);
    ck_assert_int_eq(ledger_delivered(ledger, messages[0].id, &err), 0);
    ck_assert_int_eq(ledger_delivered(ledger, messages[0].id, &err), -1);
    ck_assert_int_eq(err.code, FB_E_BUG);
}
END_TEST

START_TEST(ends_a_run_wholly_or_not_at_all)
{
    const struct ledger_object output = {.step = "out", .uri = "b"};
    struct ledger_run run = sample("r1");

    begin("r1");
    /* The last thing an end writes is what fails. */
    sql("CREATE TRIGGER deny BEFORE INSERT ON outputs BEGIN"
        " SELECT raise(ABORT, 'denied'); END");
    run.state = RUN_DONE;
    ck_assert_int_eq(
        ledger_end(ledger, &run, &output, 1, &output, 1, NULL, 0, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.message, "denied"));
    ck_assert_int_eq(find("r1").state, RUN_STARTED);
    ck_assert(!has_input("orders", "b", NULL));
    sql("DROP TRIGGER deny");
    ck_assert_int_eq(
        ledger_end(ledger, &run, &output, 1, &output, 1, NULL, 0, &err), 0);
    ck_assert(has_input("orders", "b", NULL));
}
END_TEST

/* --- history --- */

static size_t
history(const struct ledger_query query, struct ledger_run **runs)
{
    size_t count;

    ck_assert_msg(ledger_history(ledger, arena, &query, runs, &count, &err) ==
                      0,
                  "%s", err.message);
    return count;
}

START_TEST(orders_runs_by_their_sequence_not_by_the_clock)
{
    struct ledger_run early = sample("r1"), late = sample("r2"), *runs;

    early.started_ms = 9000;
    late.started_ms = 1; /* the clock was put back */
    ck_assert_int_eq(ledger_begin(ledger, &early, &err), 0);
    ck_assert_int_eq(ledger_begin(ledger, &late, &err), 0);
    ck_assert_uint_eq(history((struct ledger_query){.limit = 10}, &runs), 2);
    ck_assert_str_eq(runs[0].run_id, "r2");
    ck_assert_str_eq(runs[1].run_id, "r1");
}
END_TEST

START_TEST(puts_a_run_that_is_tried_again_first)
{
    struct ledger_run *runs;

    begin("r1");
    end("r1", RUN_RETRY);
    begin("r2");
    begin("r1");
    ck_assert_uint_eq(history((struct ledger_query){.limit = 10}, &runs), 2);
    ck_assert_str_eq(runs[0].run_id, "r1");
}
END_TEST

START_TEST(selects_history_by_pipeline_and_state)
{
    struct ledger_run other = sample("r3"), *runs;

    begin("r1");
    begin("r2");
    end("r2", RUN_DONE);
    other.pipeline = "other";
    ck_assert_int_eq(ledger_begin(ledger, &other, &err), 0);
    ck_assert_uint_eq(
        history((struct ledger_query){.pipeline = "orders"}, &runs), 2);
    ck_assert_uint_eq(
        history((struct ledger_query){.state = RUN_STARTED}, &runs), 2);
    ck_assert_uint_eq(history((struct ledger_query){.pipeline = "orders",
                                                    .state = RUN_STARTED},
                              &runs),
                      1);
    ck_assert_str_eq(runs[0].run_id, "r1");
}
END_TEST

START_TEST(stops_history_at_its_limit)
{
    struct ledger_run *runs;

    begin("r1");
    begin("r2");
    begin("r3");
    ck_assert_uint_eq(history((struct ledger_query){.limit = 2}, &runs), 2);
    ck_assert_str_eq(runs[1].run_id, "r2");
}
END_TEST

START_TEST(leaves_reports_out_of_a_brief_history)
{
    struct ledger_run *runs;

    begin("r1");
    end("r1", RUN_DONE);
    history((struct ledger_query){.brief = true}, &runs);
    ck_assert_ptr_null(runs[0].report);
    ck_assert_str_eq(runs[0].summary, "3 rows");
    history((struct ledger_query){.brief = false}, &runs);
    ck_assert_str_eq(runs[0].report, "{}");
}
END_TEST

/* --- the folder and the file --- */

START_TEST(makes_a_folder_for_its_owner_alone)
{
    struct stat st;

    ck_assert_int_eq(stat(state, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0700);
    ck_assert_int_eq(stat(in_state("ledger.sqlite"), &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
}
END_TEST

START_TEST(refuses_a_folder_that_others_may_write_to)
{
    chmod(state, 0770);
    ck_assert_int_eq(refusal(), FB_E_PERMISSION);
    ck_assert_ptr_nonnull(strstr(err.message, "0770"));
    ck_assert_ptr_nonnull(strstr(err.hint, "0700"));
}
END_TEST

START_TEST(refuses_a_folder_of_another_user)
{
    if (geteuid() != 0)
        return;
    ck_assert_int_eq(chown(state, 65534, 65534), 0);
    ck_assert_int_eq(refusal(), FB_E_PERMISSION);
    ck_assert_ptr_nonnull(strstr(err.message, "65534"));
}
END_TEST

START_TEST(refuses_a_folder_that_is_a_file)
{
    int fd = open(in_state("file"), O_WRONLY | O_CREAT, 0600);

    close(fd);
    free(state);
    state = mem_printf("%s/state/file", base);
    ck_assert_int_eq(refusal(), FB_E_OUTPUT);
}
END_TEST

START_TEST(accepts_a_folder_behind_a_symbolic_link)
{
    char *link = arena_printf(arena, "%s/link", base);

    ck_assert_int_eq(symlink(state, link), 0);
    free(state);
    state = mem_strdup(link);
    open_again();
}
END_TEST

START_TEST(refuses_a_ledger_that_is_a_symbolic_link)
{
    ledger_close(ledger);
    ledger = NULL;
    ck_assert_int_eq(rename(in_state("ledger.sqlite"), in_state("elsewhere")),
                     0);
    ck_assert_int_eq(symlink("elsewhere", in_state("ledger.sqlite")), 0);
    ck_assert_int_eq(refusal(), FB_E_PERMISSION);
    ck_assert_ptr_nonnull(strstr(err.message, "ledger.sqlite"));
}
END_TEST

START_TEST(refuses_a_ledger_that_is_a_fifo)
{
    ledger_close(ledger);
    ledger = NULL;
    unlink(in_state("ledger.sqlite"));
    ck_assert_int_eq(mkfifo(in_state("ledger.sqlite"), 0600), 0);
    ck_assert_int_eq(refusal(), FB_E_PERMISSION);
}
END_TEST

START_TEST(refuses_a_ledger_that_others_may_write_to)
{
    chmod(in_state("ledger.sqlite"), 0666);
    ck_assert_int_eq(refusal(), FB_E_PERMISSION);
    ck_assert_ptr_nonnull(strstr(err.message, "0666"));
}
END_TEST

/* The text of a note, or NULL. */
static const char *
note(const char *run_id, const char *step, const char *key)
{
    const char *text;

    ck_assert_msg(
        ledger_note_get(ledger, arena, run_id, step, key, &text, &err) == 0,
        "%s", err.message);
    return text;
}

static void
put_note(const char *run_id, const char *step, const char *key,
         const char *text)
{
    ck_assert_msg(ledger_note_put(ledger, run_id, step, key, text, &err) == 0,
                  "%s", err.message);
}

START_TEST(keeps_notes_over_attempts_at_a_run)
{
    begin("r1");
    begin("r2");
    put_note("r1", "a", "query", "q-1");
    put_note("r1", "a", "query", "q-2");
    put_note("r1", "b", "query", "q-3");
    open_again();
    ck_assert_str_eq(note("r1", "a", "query"), "q-2");
    ck_assert_str_eq(note("r1", "b", "query"), "q-3");
    ck_assert_ptr_null(note("r1", "a", "other"));
    ck_assert_ptr_null(note("r2", "a", "query"));
    end("r1", RUN_RETRY);
    begin("r1");
    ck_assert_str_eq(note("r1", "a", "query"), "q-2");
}
END_TEST

START_TEST(syncs_a_note_before_it_says_so)
{
    unsigned before;

    begin("r1");
    before = syncs;
    put_note("r1", "a", "query", "q-1");
    ck_assert_uint_gt(syncs, before);
}
END_TEST

START_TEST(forgets_the_notes_of_a_run_that_is_over)
{
    begin("r1");
    put_note("r1", "a", "query", "q-1");
    end("r1", RUN_DONE);
    ck_assert_ptr_null(note("r1", "a", "query"));
    begin("r2");
    put_note("r2", "a", "query", "q-1");
    end("r2", RUN_FAILED);
    ck_assert_ptr_null(note("r2", "a", "query"));
}
END_TEST

START_TEST(brings_a_ledger_of_the_first_version_up_to_date)
{
    begin("r1");
    ledger_close(ledger);
    ledger = NULL;
    sql("DROP TABLE notes");
    sql("PRAGMA user_version = 1");
    open_again();
    ck_assert_int_eq(find("r1").state, RUN_STARTED);
    put_note("r1", "a", "query", "q-1");
    ck_assert_str_eq(note("r1", "a", "query"), "q-1");
}
END_TEST

START_TEST(refuses_a_ledger_of_a_newer_version_naming_both)
{
    ledger_close(ledger);
    ledger = NULL;
    sql("PRAGMA user_version = 47");
    ck_assert_int_eq(refusal(), FB_E_FAILED);
    ck_assert_ptr_nonnull(strstr(err.message, "version 47"));
    ck_assert_ptr_nonnull(strstr(err.message, "up to 2"));
}
END_TEST

START_TEST(refuses_a_database_of_another_program)
{
    ledger_close(ledger);
    ledger = NULL;
    unlink(in_state("ledger.sqlite"));
    sql("CREATE TABLE theirs (x)");
    ck_assert_int_eq(refusal(), FB_E_FAILED);
    ck_assert_ptr_nonnull(strstr(err.message, "some other program"));
}
END_TEST

START_TEST(refuses_a_file_that_is_no_database_with_a_hint)
{
    int fd;

    ledger_close(ledger);
    ledger = NULL;
    fd = open(in_state("ledger.sqlite"), O_WRONLY | O_TRUNC);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(write(fd, "this is no database, it is prose ", 32),
                         32);
    close(fd);
    ck_assert_int_eq(refusal(), FB_E_FAILED);
    ck_assert_ptr_nonnull(strstr(err.message, "ledger.sqlite"));
    ck_assert_ptr_nonnull(strstr(err.hint, ".recover"));
}
END_TEST

/* What kill -9 leaves: the log is not merged, nobody closed the file. */
static void
crash_after_two_begins(void)
{
    pid_t pid;

    ledger_close(ledger);
    ledger = NULL;
    pid = fork();
    if (pid == 0) {
        struct ledger_run one = sample("r1"), two = sample("r2");

        if (ledger_open(state, &ledger, &err) != 0 ||
            ledger_begin(ledger, &one, &err) != 0 ||
            ledger_begin(ledger, &two, &err) != 0)
            _exit(1);
        kill(getpid(), SIGKILL);
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFSIGNALED(status));
}

START_TEST(keeps_what_was_recorded_before_a_kill)
{
    crash_after_two_begins();
    open_again();
    ck_assert_int_eq(find("r1").state, RUN_STARTED);
    ck_assert_int_eq(find("r2").state, RUN_STARTED);
}
END_TEST

START_TEST(opens_a_new_folder_in_several_processes_at_once)
{
    enum { PROCESSES = 8 };
    int go[2], status;
    char byte;

    free(state);
    state = mem_printf("%s/new/state", base);
    ck_assert_int_eq(pipe(go), 0);
    for (int i = 0; i < PROCESSES; i++) {
        struct ledger_run run = sample(arena_printf(arena, "r%d", i));

        if (fork() != 0)
            continue;
        close(go[1]);
        if (read(go[0], &byte, 1) != 0 ||
            ledger_open(state, &ledger, &err) != 0 ||
            ledger_begin(ledger, &run, &err) != 0)
            fprintf(stderr, "%s\n", err.message);
        _exit(err.code != FB_E_NONE);
    }
    close(go[0]);
    close(go[1]); /* all wait for the end of this */
    for (int i = 0; i < PROCESSES; i++) {
        ck_assert_int_gt(wait(&status), 0);
        ck_assert_int_eq(status, 0);
    }
    open_again();
    for (int i = 0; i < PROCESSES; i++)
        ck_assert_int_eq(find(arena_printf(arena, "r%d", i)).state,
                         RUN_STARTED);
}
END_TEST

/* The power went while the last record was written: any part of it may be
 * there, or zeros in its place. */
START_TEST(drops_a_torn_last_record_and_keeps_the_others)
{
    char *wal = in_state("ledger.sqlite-wal");
    struct stat st;

    crash_after_two_begins();
    ck_assert_int_eq(stat(wal, &st), 0);
    ck_assert_int_gt(st.st_size, 4096);
    ck_assert_int_eq(truncate(wal, st.st_size - (_i % 2 != 0 ? 2001 : 1)), 0);
    if (_i >= 2)
        ck_assert_int_eq(truncate(wal, st.st_size), 0);
    open_again();
    ck_assert_int_eq(find("r1").state, RUN_STARTED);
    ck_assert_int_eq(find("r2").state, RUN_NONE);
    begin("r2");
    ck_assert_int_eq(find("r2").attempts, 1);
}
END_TEST

START_TEST(reports_a_full_disk_as_output_that_cannot_be_written)
{
    struct ledger_run run = sample("r1");
    const struct rlimit small = {.rlim_cur = 300000, .rlim_max = 300000};
    char *report = arena_alloc(arena, 1000001);

    memset(report, 'x', 1000000);
    report[1000000] = '\0';
    begin("r1");
    run.state = RUN_DONE;
    run.report = report;
    /* The limit stands in for the disk; its signal would kill us. */
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    ck_assert_int_eq(ledger_end(ledger, &run, NULL, 0, NULL, 0, NULL, 0, &err),
                     -1);
    ck_assert_int_eq(err.code, FB_E_OUTPUT);
    ck_assert_int_eq(find("r1").state, RUN_STARTED);
}
END_TEST

/* --- locks --- */

START_TEST(lets_one_process_run_a_pipeline_and_names_it)
{
    int first, second;

    ck_assert_int_eq(ledger_lock(ledger, "orders", &first, &err), 0);
    ck_assert_int_eq(ledger_lock(ledger, "orders", &second, &err), -1);
    ck_assert_int_eq(err.code, FB_E_BUSY);
    ck_assert_ptr_nonnull(strstr(
        err.message, arena_printf(arena, "process %d since 2", (int)getpid())));
    ck_assert_int_eq(second, -1);
    close(first);
}
END_TEST

START_TEST(lets_go_of_a_lock_when_it_is_closed)
{
    int fd;

    ck_assert_int_eq(ledger_lock(ledger, "orders", &fd, &err), 0);
    close(fd);
    ck_assert_int_eq(ledger_lock(ledger, "orders", &fd, &err), 0);
    close(fd);
}
END_TEST

START_TEST(locks_pipelines_apart)
{
    int first, second;

    ck_assert_int_eq(ledger_lock(ledger, "a", &first, &err), 0);
    ck_assert_int_eq(ledger_lock(ledger, "b", &second, &err), 0);
    close(first);
    close(second);
}
END_TEST

START_TEST(takes_a_lock_whose_file_names_a_process_that_is_gone)
{
    int fd;

    ck_assert_int_eq(ledger_lock(ledger, "orders", &fd, &err), 0);
    ck_assert_int_eq(ftruncate(fd, 0), 0);
    ck_assert_int_eq(pwrite(fd, "1 2025-01-01T00:00:00Z\n", 23, 0), 23);
    close(fd);
    ck_assert_int_eq(ledger_lock(ledger, "orders", &fd, &err), 0);
    close(fd);
}
END_TEST

START_TEST(does_not_repeat_rubbish_from_a_lock_file)
{
    int fd, second;

    ck_assert_int_eq(ledger_lock(ledger, "orders", &fd, &err), 0);
    ck_assert_int_eq(pwrite(fd, "\x1b[31m 12 evil\n", 14, 0), 14);
    ck_assert_int_eq(ledger_lock(ledger, "orders", &second, &err), -1);
    ck_assert_int_eq(err.code, FB_E_BUSY);
    ck_assert_ptr_null(strchr(err.message, '\x1b'));
    close(fd);
}
END_TEST

START_TEST(refuses_a_lock_that_is_a_symbolic_link)
{
    int fd;

    ck_assert_int_eq(mkdir(in_state("locks"), 0700), 0);
    ck_assert_int_eq(symlink("../victim", in_state("locks/orders.lock")), 0);
    ck_assert_int_eq(ledger_lock(ledger, "orders", &fd, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.message, "orders.lock"));
    ck_assert_int_eq(access(in_state("victim"), F_OK), -1);
}
END_TEST

START_TEST(refuses_a_lock_that_is_a_fifo)
{
    int fd;

    ck_assert_int_eq(mkdir(in_state("locks"), 0700), 0);
    ck_assert_int_eq(mkfifo(in_state("locks/orders.lock"), 0600), 0);
    ck_assert_int_eq(ledger_lock(ledger, "orders", &fd, &err), -1);
    ck_assert_int_eq(err.code, FB_E_PERMISSION);
}
END_TEST

START_TEST(has_a_folder_for_the_temporary_files_of_each_pipeline)
{
    ck_assert_str_eq(ledger_temp_folder(ledger, arena, "orders"),
                     in_state("tmp/orders"));
    ck_assert_str_eq(ledger_temp_folder(ledger, arena, ".."),
                     in_state("tmp/%2E."));
    ck_assert_str_eq(ledger_temp_folder(ledger, arena, "a/b"),
                     in_state("tmp/a%2Fb"));
}
END_TEST

START_TEST(keeps_the_lock_of_a_hostile_name_in_its_folder)
{
    int fd;

    ck_assert_int_eq(ledger_lock(ledger, "../../x", &fd, &err), 0);
    close(fd);
    ck_assert_int_eq(access(in_state("locks/%2E./..%2Fx.lock"), F_OK), -1);
    ck_assert_int_eq(access(in_state("locks/%2E.%2F..%2Fx.lock"), F_OK), 0);
}
END_TEST

/* --- which folder --- */

static const char *
chosen(const char *flag)
{
    const char *folder;

    ck_assert_msg(ledger_folder(arena, flag, &folder, &err) == 0, "%s",
                  err.message);
    return folder;
}

START_TEST(chooses_the_folder_by_flag_then_systemd_then_xdg)
{
    setenv("STATE_DIRECTORY", "/var/lib/forebay:/var/lib/other", 1);
    setenv("XDG_STATE_HOME", "/xdg", 1);
    setenv("HOME", "/home/me", 1);
    ck_assert_str_eq(chosen("here"), "here");
    ck_assert_str_eq(chosen(NULL), "/var/lib/forebay");
    unsetenv("STATE_DIRECTORY");
    ck_assert_str_eq(chosen(NULL), "/xdg/forebay");
    setenv("XDG_STATE_HOME", "relative", 1);
    ck_assert_str_eq(chosen(NULL), "/home/me/.local/state/forebay");
}
END_TEST

START_TEST(refuses_an_empty_state_flag)
{
    const char *folder;

    ck_assert_int_eq(ledger_folder(arena, "", &folder, &err), -1);
    ck_assert_int_eq(err.code, FB_E_USAGE);
}
END_TEST

static TCase *
runs_case(void)
{
    TCase *runs = tcase_create("runs");

    tcase_add_checked_fixture(runs, set_up, tear_down);
    tcase_set_timeout(runs, 60); /* fsync may be slow */
    tcase_add_test(runs, does_not_know_a_run_that_never_began);
    tcase_add_test(runs, remembers_a_begun_run_over_a_restart);
    tcase_add_test(runs, remembers_a_run_without_a_trigger);
    tcase_add_test(runs, counts_attempts_of_a_run_that_crashed);
    tcase_add_test(runs, begins_a_run_again_that_may_be_retried);
    tcase_add_test(runs, refuses_to_begin_a_run_that_is_done);
    tcase_add_test(runs, refuses_to_end_a_run_that_did_not_begin);
    tcase_add_test(runs, keeps_summary_and_report_of_a_done_run);
    tcase_add_test(runs, marks_a_trigger_as_settled);
    tcase_add_test(runs, refuses_to_settle_a_run_it_does_not_know);
    tcase_add_test(runs, settles_together_with_the_end);
    tcase_add_test(runs, lets_a_failed_run_be_tried_again);
    tcase_add_test(runs, tries_nothing_again_but_what_failed);
    tcase_add_test(runs, finds_a_run_by_the_beginning_of_its_id);
    tcase_add_test(runs, keeps_names_that_are_no_utf8);
    tcase_add_test(runs, knows_which_generation_of_an_input_was_read);
    tcase_add_test(runs, does_not_count_an_input_of_a_run_that_will_be_retried);
    tcase_add_test(runs, replaces_the_inputs_of_an_earlier_attempt);
    tcase_add_test(runs, keeps_a_message_until_it_is_delivered);
    tcase_add_test(runs, delivers_messages_in_the_order_of_their_runs);
    tcase_add_test(runs, waits_for_the_disk_when_a_run_begins_and_ends);
    tcase_add_test(runs,
                   leaves_delivery_and_settlement_to_the_sync_that_follows);
    tcase_add_test(runs, gives_a_message_up_after_its_last_attempt);
    tcase_add_test(runs, refuses_to_deliver_a_message_twice);
    tcase_add_test(runs, ends_a_run_wholly_or_not_at_all);
    tcase_add_test(runs, orders_runs_by_their_sequence_not_by_the_clock);
    tcase_add_test(runs, puts_a_run_that_is_tried_again_first);
    tcase_add_test(runs, selects_history_by_pipeline_and_state);
    tcase_add_test(runs, stops_history_at_its_limit);
    tcase_add_test(runs, leaves_reports_out_of_a_brief_history);
    return runs;
}

static TCase *
folder_case(void)
{
    TCase *folder = tcase_create("folder");

    tcase_add_checked_fixture(folder, set_up, tear_down);
    tcase_set_timeout(folder, 60); /* fsync may be slow */
    tcase_add_test(folder, makes_a_folder_for_its_owner_alone);
    tcase_add_test(folder, refuses_a_folder_that_others_may_write_to);
    tcase_add_test(folder, refuses_a_folder_of_another_user);
    tcase_add_test(folder, refuses_a_folder_that_is_a_file);
    tcase_add_test(folder, accepts_a_folder_behind_a_symbolic_link);
    tcase_add_test(folder, refuses_a_ledger_that_is_a_symbolic_link);
    tcase_add_test(folder, refuses_a_ledger_that_is_a_fifo);
    tcase_add_test(folder, refuses_a_ledger_that_others_may_write_to);
    tcase_add_test(folder, keeps_notes_over_attempts_at_a_run);
    tcase_add_test(folder, syncs_a_note_before_it_says_so);
    tcase_add_test(folder, forgets_the_notes_of_a_run_that_is_over);
    tcase_add_test(folder, brings_a_ledger_of_the_first_version_up_to_date);
    tcase_add_test(folder, refuses_a_ledger_of_a_newer_version_naming_both);
    tcase_add_test(folder, refuses_a_database_of_another_program);
    tcase_add_test(folder, refuses_a_file_that_is_no_database_with_a_hint);
    tcase_add_test(folder, keeps_what_was_recorded_before_a_kill);
    tcase_add_test(folder, opens_a_new_folder_in_several_processes_at_once);
    tcase_add_loop_test(folder, drops_a_torn_last_record_and_keeps_the_others,
                        0, 4);
    tcase_add_test(folder,
                   reports_a_full_disk_as_output_that_cannot_be_written);
    return folder;
}

static TCase *
locks_case(void)
{
    TCase *locks = tcase_create("locks");

    tcase_add_checked_fixture(locks, set_up, tear_down);
    tcase_set_timeout(locks, 60); /* fsync may be slow */
    tcase_add_test(locks, lets_one_process_run_a_pipeline_and_names_it);
    tcase_add_test(locks, lets_go_of_a_lock_when_it_is_closed);
    tcase_add_test(locks, locks_pipelines_apart);
    tcase_add_test(locks, takes_a_lock_whose_file_names_a_process_that_is_gone);
    tcase_add_test(locks, does_not_repeat_rubbish_from_a_lock_file);
    tcase_add_test(locks,
                   has_a_folder_for_the_temporary_files_of_each_pipeline);
    tcase_add_test(locks, refuses_a_lock_that_is_a_symbolic_link);
    tcase_add_test(locks, refuses_a_lock_that_is_a_fifo);
    tcase_add_test(locks, keeps_the_lock_of_a_hostile_name_in_its_folder);
    tcase_add_test(locks, chooses_the_folder_by_flag_then_systemd_then_xdg);
    tcase_add_test(locks, refuses_an_empty_state_flag);
    return locks;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("ledger");

    suite_add_tcase(suite, runs_case());
    suite_add_tcase(suite, folder_case());
    suite_add_tcase(suite, locks_case());
    return suite;
}
