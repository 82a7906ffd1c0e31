/*
 * What is due, with a source plugin that lists what the test says and a real
 * ledger.
 */
#define _GNU_SOURCE /* nftw */
#include "trigger/due.h"

#include <check.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/main.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

#define NOW INT64_C(1746800000000) /* 2025-05-09T14:13:20Z */
#define MINUTE INT64_C(60000)

/* --- a store --- */

static struct fb_object *objects;
static size_t object_count;
static bool store_fails;
static const char *missing;  /* a pattern whose folder does not exist */
static size_t store_repeats; /* list everything so many times more */

static int
fake_discover(void *self, struct fb_step *step, fb_found_fn found, void *arg,
              struct fb_error *err)
{
    (void)self;
    if (store_fails)
        return fb_fail(err, FB_E_UNAVAILABLE, "the store is away");
    if (missing != NULL && strcmp(missing, fb_uri(step)) == 0)
        return fb_fail(err, FB_E_MISSING, "no such folder");
    for (size_t n = 0; n <= store_repeats; n++) {
        for (size_t i = 0; i < object_count; i++) {
            if (text_glob(fb_uri(step), objects[i].uri) &&
                found(arg, &objects[i]) != 0)
                return 0;
        }
    }
    return 0;
}

static int
fake_settle(void *self, struct fb_step *step, const struct fb_object *object,
            bool success, struct fb_error *err)
{
    (void)self, (void)step, (void)object, (void)success, (void)err;
    return 0;
}

static int
fake_read_bytes(void *self, struct fb_step *step, unsigned char *bytes,
                size_t size, size_t *got, struct fb_error *err)
{
    (void)self, (void)step, (void)bytes, (void)size, (void)got, (void)err;
    return -1;
}

static struct fb_plugin plugin;

static void
put(const char *uri, const char *generation, int64_t modified_ms)
{
    objects = mem_regrow(objects, object_count + 1, sizeof(*objects));
    objects[object_count++] = (struct fb_object){
        .uri = uri, .generation = generation, .modified_ms = modified_ms};
}

/* --- a pipeline and a ledger --- */

static char *folder;
static struct arena *arena;
static struct ledger *ledger;
static struct pipeline pipeline;
static struct pipeline_step step;
static int instance;
static struct fb_error err;

static void
set_up(void)
{
    char name[] = "/tmp/forebay-due-XXXXXX";

    umask(022);
    store_fails = false;
    store_repeats = 0;
    missing = NULL;
    ck_assert_ptr_nonnull(mkdtemp(name));
    folder = mem_strdup(name);
    arena = arena_new();
    ck_assert_msg(ledger_open(folder, &ledger, &err) == 0, "%s", err.message);
    plugin = (struct fb_plugin){.abi = FB_ABI,
                                .size = sizeof(plugin),
                                .kind = FB_SOURCE,
                                .name = "fake",
                                .instance_size = sizeof(instance),
                                .discover = fake_discover,
                                .read_bytes = fake_read_bytes};
    pipeline = (struct pipeline){.name = "orders", .digest = "d1"};
    pipeline.trigger = (struct trigger_config){.given = true,
                                               .uri = "raw/*.csv",
                                               .plugin = &plugin,
                                               .instance = &instance,
                                               .wait_ms = 10 * MINUTE,
                                               .attempts = 3};
    step = (struct pipeline_step){.id = "upload",
                                  .label = "upload",
                                  .kind = FB_SOURCE,
                                  .plugin = &plugin,
                                  .instance = &instance,
                                  .uri = "raw/*.csv"};
    pipeline.steps = &step;
    pipeline.step_count = 1;
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
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(folder);
    free(objects);
    objects = NULL;
    object_count = 0;
    arena_free(arena);
}

/* Triggers in in/X.trg announce in/X.csv. */
static void
announce(void)
{
    pipeline.trigger.uri = "in/*.trg";
    step.uri = "in/*.csv";
}

static struct due *dues;
static size_t due_count;

static int
list_only(const char *only)
{
    const struct due_request request = {
        .pipeline = &pipeline, .ledger = ledger, .now_ms = NOW, .only = only};

    memset(&err, 0, sizeof(err));
    return due_list(&request, arena, &dues, &due_count, &err);
}

static void
list(size_t expected)
{
    ck_assert_msg(list_only(NULL) == 0, "%s", err.message);
    ck_assert_uint_eq(due_count, expected);
}

static void
expect(size_t index, enum due_verdict verdict, const char *uri, const char *why)
{
    ck_assert_uint_lt(index, due_count);
    ck_assert_msg(dues[index].verdict == verdict, "%s: %s",
                  dues[index].object.uri, dues[index].why);
    ck_assert_str_eq(dues[index].object.uri, uri);
    ck_assert_msg(strstr(dues[index].why, why) != NULL, "%s", dues[index].why);
}

/* Runs of any pipeline, as the run room records them. */
static void
begin(const char *of, const char *uri, const char *generation)
{
    char id[33];
    struct ledger_run run = {.run_id = id,
                             .pipeline = of,
                             .trigger = uri,
                             .generation = generation,
                             .digest = "d1",
                             .started_ms = NOW};

    due_run_id(of, uri, generation, id);
    ck_assert_msg(ledger_begin(ledger, &run, &err) == 0, "%s", err.message);
}

static void
finish(const char *of, const char *uri, const char *generation,
       enum run_state state, const char *input, const char *input_generation)
{
    const struct ledger_object object = {
        .step = "upload", .uri = input, .generation = input_generation};
    char id[33];
    struct ledger_run run = {.run_id = id,
                             .pipeline = of,
                             .state = state,
                             .ended_ms = NOW,
                             .summary = "so it went"};

    begin(of, uri, generation);
    due_run_id(of, uri, generation, id);
    ck_assert_msg(ledger_end(ledger, &run, &object, input != NULL ? 1 : 0, NULL,
                             0, NULL, 0, &err) == 0,
                  "%s", err.message);
}

static void
ran(const char *uri, const char *generation, enum run_state state)
{
    finish("orders", uri, generation, state, NULL, NULL);
}

/* --- ids --- */

START_TEST(gives_the_same_id_to_every_attempt_at_a_generation)
{
    char a[33], b[33];

    due_run_id("orders", "raw/a.csv", "g1", a);
    due_run_id("orders", "raw/a.csv", "g1", b);
    ck_assert_str_eq(a, b);
    ck_assert_uint_eq(strlen(a), 32);
    /* printf 'orders\0raw/a.csv\0g1' | sha256sum */
    ck_assert_str_eq(a, "4fc9d2748eda6d63882d2d9adde57e0e");
}
END_TEST

START_TEST(gives_other_ids_to_other_pipelines_objects_and_generations)
{
    char a[33], b[33];

    due_run_id("orders", "raw/a.csv", "g1", a);
    due_run_id("orders", "raw/a.csv", "g2", b);
    ck_assert_str_ne(a, b);
    due_run_id("order", "sraw/a.csv", "g1", b);
    ck_assert_str_ne(a, b);
    due_run_id("orders", "raw/a.csvg", "1", b);
    ck_assert_str_ne(a, b);
}
END_TEST

/* --- verdicts --- */

START_TEST(starts_a_run_for_a_new_object)
{
    char id[33];

    put("raw/a.csv", "g1", NOW);
    list(1);
    expect(0, DUE_RUN, "raw/a.csv", "new");
    due_run_id("orders", "raw/a.csv", "g1", id);
    ck_assert_str_eq(dues[0].run_id, id);
    ck_assert_str_eq(dues[0].object.generation, "g1");
    ck_assert_int_eq(dues[0].attempts, 0);
}
END_TEST

START_TEST(finds_nothing_due_where_nothing_is)
{
    put("raw/a.txt", "g1", NOW);
    list(0);
}
END_TEST

START_TEST(does_not_run_a_done_generation_again)
{
    put("raw/a.csv", "g1", NOW);
    ran("raw/a.csv", "g1", RUN_DONE);
    list(1);
    expect(0, DUE_DONE, "raw/a.csv", "done 2025-05-09T14:13:20Z in run ");
}
END_TEST

START_TEST(runs_a_changed_file_again)
{
    put("raw/a.csv", "g2", NOW);
    ran("raw/a.csv", "g1", RUN_DONE);
    list(1);
    expect(0, DUE_RUN, "raw/a.csv", "new");
}
END_TEST

START_TEST(runs_again_what_crashed)
{
    put("raw/a.csv", "g1", NOW);
    begin("orders", "raw/a.csv", "g1");
    list(1);
    expect(0, DUE_RUN, "raw/a.csv", "crashed before, attempt 2");
    ck_assert_int_eq(dues[0].attempts, 1);
}
END_TEST

START_TEST(gives_up_on_what_crashed_at_every_attempt)
{
    put("raw/a.csv", "g1", NOW);
    begin("orders", "raw/a.csv", "g1");
    begin("orders", "raw/a.csv", "g1");
    begin("orders", "raw/a.csv", "g1");
    list(1);
    expect(0, DUE_CRASHED, "raw/a.csv", "crashed at each of 3 attempts");
}
END_TEST

START_TEST(tries_again_what_may_pass)
{
    put("raw/a.csv", "g1", NOW);
    ran("raw/a.csv", "g1", RUN_RETRY);
    list(1);
    expect(0, DUE_RUN, "raw/a.csv", "attempt 2 of 3");
}
END_TEST

START_TEST(tries_again_what_was_stopped_at_its_last_attempt)
{
    put("raw/a.csv", "g1", NOW);
    ran("raw/a.csv", "g1", RUN_RETRY);
    ran("raw/a.csv", "g1", RUN_RETRY);
    ran("raw/a.csv", "g1", RUN_RETRY);
    list(1);
    expect(0, DUE_RUN, "raw/a.csv", "attempt 4 of 3");
}
END_TEST

START_TEST(tries_a_mistake_again_only_with_another_pipeline)
{
    put("raw/a.csv", "g1", NOW);
    ran("raw/a.csv", "g1", RUN_MISTAKE);
    list(1);
    expect(0, DUE_FAILED, "raw/a.csv", "a changed pipeline runs it again");
    pipeline.digest = "d2";
    list(1);
    expect(0, DUE_RUN, "raw/a.csv", "the pipeline was changed");
}
END_TEST

START_TEST(leaves_alone_what_failed_for_good)
{
    put("raw/a.csv", "g1", NOW);
    ran("raw/a.csv", "g1", RUN_FAILED);
    list(1);
    expect(0, DUE_FAILED, "raw/a.csv", "so it went");
}
END_TEST

START_TEST(cleans_up_the_trigger_of_a_done_run_once)
{
    char id[33];

    plugin.settle = fake_settle;
    put("raw/a.csv", "g1", NOW);
    ran("raw/a.csv", "g1", RUN_DONE);
    list(1);
    expect(0, DUE_SETTLE, "raw/a.csv", "not cleaned up");
    due_run_id("orders", "raw/a.csv", "g1", id);
    ck_assert_int_eq(ledger_settled(ledger, id, &err), 0);
    list(1);
    expect(0, DUE_DONE, "raw/a.csv", "done");
}
END_TEST

START_TEST(lists_the_oldest_first_and_then_by_name)
{
    put("raw/b.csv", "g", NOW - 1);
    put("raw/a.csv", "g", NOW);
    put("raw/d.csv", "g", NOW - 1);
    put("raw/c.csv", "g", NOW - 1);
    list(4);
    expect(0, DUE_RUN, "raw/b.csv", "");
    expect(1, DUE_RUN, "raw/c.csv", "");
    expect(2, DUE_RUN, "raw/d.csv", "");
    expect(3, DUE_RUN, "raw/a.csv", "");
}
END_TEST

START_TEST(takes_an_object_once_that_was_listed_twice)
{
    put("raw/a.csv", "g1", NOW - 5);
    put("raw/a.csv", "g2", NOW);
    put("raw/a.csv", "g1", NOW - 5);
    list(1);
    ck_assert_str_eq(dues[0].object.generation, "g2");
}
END_TEST

START_TEST(refuses_a_name_that_is_not_portable)
{
    pipeline.trigger.portable_names = true;
    put("raw/a b.csv", "g1", NOW);
    list(1);
    expect(0, DUE_BAD_NAME, "raw/a b.csv", "'a b.csv'");
    ran("raw/a b.csv", "g1", RUN_FAILED);
    list(1);
    expect(0, DUE_FAILED, "raw/a b.csv", "so it went");
}
END_TEST

START_TEST(refuses_a_name_with_a_line_end_always)
{
    put("raw/a\nb.csv", "g1", NOW);
    list(1);
    expect(0, DUE_BAD_NAME, "raw/a\nb.csv", "control character");
}
END_TEST

START_TEST(passes_on_what_the_store_says_went_wrong)
{
    store_fails = true;
    ck_assert_int_eq(list_only(NULL), -1);
    ck_assert_int_eq(err.code, FB_E_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(err.message, "the store is away"));
}
END_TEST

START_TEST(refuses_more_objects_than_it_may_remember)
{
    put("raw/a.csv", "g1", NOW);
    store_repeats = DISCOVER_MAX;
    ck_assert_int_eq(list_only(NULL), -1);
    ck_assert_int_eq(err.code, FB_E_LIMIT);
}
END_TEST

START_TEST(refuses_an_object_without_a_generation)
{
    put("raw/a.csv", NULL, NOW);
    ck_assert_int_eq(list_only(NULL), -1);
    ck_assert_int_eq(err.code, FB_E_BUG);
    ck_assert_ptr_nonnull(strstr(err.message, "fake"));
}
END_TEST

START_TEST(tells_when_the_trigger_of_a_crashed_run_is_gone)
{
    put("raw/a.csv", "g2", NOW); /* replaced meanwhile */
    begin("orders", "raw/a.csv", "g1");
    ran("raw/b.csv", "g1", RUN_RETRY);
    begin("other", "raw/c.csv", "g1");
    list(1); /* the store may have been away for a moment */
    pipeline.trigger.wait_ms = 0;
    list(3);
    expect(0, DUE_SUPERSEDED, "raw/a.csv", "a newer upload");
    ck_assert_str_eq(dues[0].object.generation, "g1");
    expect(1, DUE_RUN, "raw/a.csv", "new");
    expect(2, DUE_GONE, "raw/b.csv", "failed before");
    ran("raw/a.csv", "g1", RUN_FAILED);
    ran("raw/b.csv", "g1", RUN_FAILED);
    list(1);
}
END_TEST

START_TEST(does_not_miss_the_trigger_of_a_crashed_run_that_is_there)
{
    pipeline.trigger.wait_ms = 0;
    put("raw/a.csv", "g1", NOW);
    begin("orders", "raw/a.csv", "g1");
    list(1);
    expect(0, DUE_RUN, "raw/a.csv", "crashed before");
}
END_TEST

/* --- trigger files --- */

START_TEST(runs_a_trigger_whose_data_is_there)
{
    announce();
    put("in/a.trg", "g1", NOW);
    put("in/a.csv", "d1", NOW - 5);
    list(1);
    expect(0, DUE_RUN, "in/a.trg", "new");
}
END_TEST

START_TEST(waits_for_data_and_then_tells)
{
    announce();
    put("in/a.trg", "g1", NOW - 10 * MINUTE + 1);
    list(1);
    expect(0, DUE_WAIT, "in/a.trg",
           "waits for 'in/a.csv' until 2025-05-09T14:13:20Z");
    objects[0].modified_ms = NOW - 10 * MINUTE;
    list(1);
    expect(0, DUE_NO_DATA, "in/a.trg", "'in/a.csv' did not come");
    ran("in/a.trg", "g1", RUN_FAILED);
    list(1);
    expect(0, DUE_FAILED, "in/a.trg", "");
}
END_TEST

START_TEST(waits_for_its_own_data_not_for_that_of_another)
{
    announce();
    put("in/a.trg", "g1", NOW);
    put("in/b.csv", "d1", NOW);
    list(1);
    expect(0, DUE_WAIT, "in/a.trg", "in/a.csv");
}
END_TEST

START_TEST(tells_of_data_that_nobody_announced_once)
{
    announce();
    put("in/a.csv", "d1", NOW - 10 * MINUTE + 1);
    list(0);
    objects[0].modified_ms = NOW - 10 * MINUTE;
    list(1);
    expect(0, DUE_NO_TRIGGER, "in/a.csv", "no trigger came for it");
    ran("in/a.csv", "d1", RUN_FAILED);
    list(1);
    expect(0, DUE_FAILED, "in/a.csv", "so it went");
}
END_TEST

START_TEST(does_not_miss_the_trigger_of_data_that_was_read)
{
    announce();
    put("in/a.csv", "d1", NOW - 20 * MINUTE);
    finish("orders", "in/a.trg", "g1", RUN_DONE, "in/a.csv", "d1");
    list(0);
    objects[0].generation = "d2"; /* new data under the old name */
    list(1);
    expect(0, DUE_NO_TRIGGER, "in/a.csv", "");
}
END_TEST

START_TEST(counts_a_trigger_that_is_done_or_refused_as_one)
{
    announce();
    put("in/a.trg", "g1", NOW - 20 * MINUTE);
    put("in/a.csv", "d1", NOW - 20 * MINUTE);
    put("in/\x7f.trg", "g1", NOW - 20 * MINUTE);
    put("in/\x7f.csv", "d1", NOW - 20 * MINUTE);
    ran("in/a.trg", "g1", RUN_FAILED);
    list(2);
    expect(0, DUE_FAILED, "in/a.trg", "");
    expect(1, DUE_BAD_NAME, "in/\x7f.trg", "");
}
END_TEST

START_TEST(waits_until_all_announced_sources_are_there)
{
    struct pipeline_step two[2];

    announce();
    two[0] = two[1] = step;
    two[1].uri = "meta/*.json";
    pipeline.steps = two;
    pipeline.step_count = 2;
    put("in/a.trg", "g1", NOW);
    put("in/a.csv", "d1", NOW);
    list(1);
    expect(0, DUE_WAIT, "in/a.trg", "meta/a.json");
    put("meta/a.json", "m1", NOW);
    list(1);
    expect(0, DUE_RUN, "in/a.trg", "");
}
END_TEST

START_TEST(waits_for_data_whose_folder_is_not_there_yet)
{
    announce();
    step.uri = missing = "data/*.csv";
    put("in/a.trg", "g1", NOW);
    list(1);
    expect(0, DUE_WAIT, "in/a.trg", "data/a.csv");
}
END_TEST

START_TEST(fails_when_the_triggers_folder_is_not_there)
{
    missing = "raw/*.csv";
    ck_assert_int_eq(list_only(NULL), -1);
    ck_assert_int_eq(err.code, FB_E_MISSING);
}
END_TEST

START_TEST(does_not_wait_for_a_side_table)
{
    announce();
    step.uri = "ref/customers.csv";
    put("in/a.trg", "g1", NOW);
    list(1);
    expect(0, DUE_RUN, "in/a.trg", "");
}
END_TEST

/* --- one of them --- */

START_TEST(restricts_itself_to_one_trigger)
{
    put("raw/a.csv", "g1", NOW);
    put("raw/b.csv", "g1", NOW);
    ck_assert_int_eq(list_only("./raw/b.csv"), 0);
    ck_assert_uint_eq(due_count, 1);
    expect(0, DUE_RUN, "raw/b.csv", "new");
}
END_TEST

START_TEST(refuses_a_trigger_that_does_not_match_naming_the_pattern)
{
    put("raw/a.csv", "g1", NOW);
    ck_assert_int_eq(list_only("raw/a.txt"), -1);
    ck_assert_int_eq(err.code, FB_E_USAGE);
    ck_assert_ptr_nonnull(strstr(err.hint, "raw/*.csv"));
}
END_TEST

START_TEST(says_that_a_matching_trigger_does_not_exist)
{
    put("raw/a.csv", "g1", NOW);
    ck_assert_int_eq(list_only("raw/b.csv"), -1);
    ck_assert_int_eq(err.code, FB_E_MISSING);
}
END_TEST

START_TEST(refuses_to_choose_where_there_is_no_trigger)
{
    pipeline.trigger = (struct trigger_config){.given = false};
    ck_assert_int_eq(list_only("raw/b.csv"), -1);
    ck_assert_int_eq(err.code, FB_E_USAGE);
    pipeline.trigger = (struct trigger_config){.given = true, .after = "x"};
    ck_assert_int_eq(list_only("raw/b.csv"), -1);
    ck_assert_ptr_nonnull(strstr(err.message, "runs after 'x'"));
}
END_TEST

/* --- no objects --- */

START_TEST(runs_once_per_invocation_without_a_trigger)
{
    const char *first;

    pipeline.trigger = (struct trigger_config){.given = false};
    list(1);
    ck_assert_int_eq(dues[0].verdict, DUE_RUN);
    ck_assert_ptr_null(dues[0].object.uri);
    first = dues[0].run_id;
    ck_assert_uint_eq(strlen(first), 32);
    list(1);
    ck_assert_str_ne(dues[0].run_id, first);
}
END_TEST

static const char *
upstream_id(const char *uri)
{
    char *id = arena_alloc(arena, 33);

    due_run_id("filter", uri, "g", id);
    return id;
}

static void
upstream_ran(const char *uri, enum run_state state)
{
    finish("filter", uri, "g", state, NULL, NULL);
}

static void
follow(void)
{
    pipeline.trigger = (struct trigger_config){
        .given = true, .after = "filter", .attempts = 3};
}

static void
expect_after(size_t index, enum due_verdict verdict, const char *uri)
{
    expect(index, verdict, "pipeline:filter", "");
    ck_assert_str_eq(dues[index].object.generation, upstream_id(uri));
}

START_TEST(follows_nothing_before_another_succeeds)
{
    follow();
    upstream_ran("a", RUN_FAILED);
    begin("filter", "b", "g");
    list(0);
}
END_TEST

START_TEST(follows_only_the_newest_success_when_it_is_new)
{
    follow();
    upstream_ran("a", RUN_DONE);
    upstream_ran("b", RUN_DONE);
    list(1);
    expect_after(0, DUE_RUN, "b");
}
END_TEST

START_TEST(follows_each_new_success_oldest_first)
{
    follow();
    upstream_ran("a", RUN_DONE);
    ran("pipeline:filter", upstream_id("a"), RUN_DONE);
    upstream_ran("b", RUN_DONE);
    upstream_ran("c", RUN_DONE);
    list(3);
    expect_after(0, DUE_DONE, "a");
    expect_after(1, DUE_RUN, "b");
    expect_after(2, DUE_RUN, "c");
}
END_TEST

START_TEST(retries_an_older_success_before_newer_ones)
{
    follow();
    upstream_ran("a", RUN_DONE);
    ran("pipeline:filter", upstream_id("a"), RUN_RETRY);
    upstream_ran("b", RUN_DONE);
    ran("pipeline:filter", upstream_id("b"), RUN_DONE);
    upstream_ran("c", RUN_DONE);
    list(3);
    expect_after(0, DUE_RUN, "a");
    expect_after(1, DUE_DONE, "b");
    expect_after(2, DUE_RUN, "c");
}
END_TEST

START_TEST(gives_a_crashed_follower_once)
{
    follow();
    upstream_ran("a", RUN_DONE);
    begin("orders", "pipeline:filter", upstream_id("a"));
    list(1);
    expect_after(0, DUE_RUN, "a");
    ck_assert_int_eq(dues[0].attempts, 1);
}
END_TEST

START_TEST(follows_many_successes_that_came_meanwhile)
{
    follow();
    upstream_ran("first", RUN_DONE);
    ran("pipeline:filter", upstream_id("first"), RUN_DONE);
    for (int i = 0; i < 50; i++)
        upstream_ran(arena_printf(arena, "u%d", i), RUN_DONE);
    list(51);
    expect_after(0, DUE_DONE, "first");
    expect_after(1, DUE_RUN, "u0");
    expect_after(50, DUE_RUN, "u49");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("due");
    TCase *due = tcase_create("due");

    tcase_add_checked_fixture(due, set_up, tear_down);
    tcase_set_timeout(due, 60); /* one lists a million objects */
    tcase_add_test(due, gives_the_same_id_to_every_attempt_at_a_generation);
    tcase_add_test(due,
                   gives_other_ids_to_other_pipelines_objects_and_generations);
    tcase_add_test(due, starts_a_run_for_a_new_object);
    tcase_add_test(due, finds_nothing_due_where_nothing_is);
    tcase_add_test(due, does_not_run_a_done_generation_again);
    tcase_add_test(due, runs_a_changed_file_again);
    tcase_add_test(due, runs_again_what_crashed);
    tcase_add_test(due, gives_up_on_what_crashed_at_every_attempt);
    tcase_add_test(due, tries_again_what_may_pass);
    tcase_add_test(due, tries_again_what_was_stopped_at_its_last_attempt);
    tcase_add_test(due, tries_a_mistake_again_only_with_another_pipeline);
    tcase_add_test(due, leaves_alone_what_failed_for_good);
    tcase_add_test(due, cleans_up_the_trigger_of_a_done_run_once);
    tcase_add_test(due, lists_the_oldest_first_and_then_by_name);
    tcase_add_test(due, takes_an_object_once_that_was_listed_twice);
    tcase_add_test(due, refuses_a_name_that_is_not_portable);
    tcase_add_test(due, refuses_a_name_with_a_line_end_always);
    tcase_add_test(due, passes_on_what_the_store_says_went_wrong);
    tcase_add_test(due, refuses_more_objects_than_it_may_remember);
    tcase_add_test(due, refuses_an_object_without_a_generation);
    tcase_add_test(due, tells_when_the_trigger_of_a_crashed_run_is_gone);
    tcase_add_test(due,
                   does_not_miss_the_trigger_of_a_crashed_run_that_is_there);
    tcase_add_test(due, runs_a_trigger_whose_data_is_there);
    tcase_add_test(due, waits_for_data_and_then_tells);
    tcase_add_test(due, waits_for_its_own_data_not_for_that_of_another);
    tcase_add_test(due, tells_of_data_that_nobody_announced_once);
    tcase_add_test(due, does_not_miss_the_trigger_of_data_that_was_read);
    tcase_add_test(due, counts_a_trigger_that_is_done_or_refused_as_one);
    tcase_add_test(due, waits_until_all_announced_sources_are_there);
    tcase_add_test(due, waits_for_data_whose_folder_is_not_there_yet);
    tcase_add_test(due, fails_when_the_triggers_folder_is_not_there);
    tcase_add_test(due, does_not_wait_for_a_side_table);
    tcase_add_test(due, restricts_itself_to_one_trigger);
    tcase_add_test(due,
                   refuses_a_trigger_that_does_not_match_naming_the_pattern);
    tcase_add_test(due, says_that_a_matching_trigger_does_not_exist);
    tcase_add_test(due, refuses_to_choose_where_there_is_no_trigger);
    tcase_add_test(due, runs_once_per_invocation_without_a_trigger);
    tcase_add_test(due, follows_nothing_before_another_succeeds);
    tcase_add_test(due, follows_only_the_newest_success_when_it_is_new);
    tcase_add_test(due, follows_each_new_success_oldest_first);
    tcase_add_test(due, retries_an_older_success_before_newer_ones);
    tcase_add_test(due, gives_a_crashed_follower_once);
    tcase_add_test(due, follows_many_successes_that_came_meanwhile);
    suite_add_tcase(suite, due);
    return suite;
}
