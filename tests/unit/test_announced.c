/*
 * Triggers that a queue announces and a store keeps: what is due of them, with
 * two source plugins that say what the test says, and a real ledger.
 */
#define _GNU_SOURCE /* nftw */
#include "trigger/announced.h"

#include <check.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "unit/main.h"
#include "util/mem.h"
#include "util/text.h"

#define NOW INT64_C(1746800000000) /* 2025-05-09T14:13:20Z */
#define MINUTE INT64_C(60000)
#define MANY 8

/* --- a queue and a store --- */

static struct fb_object queue[MANY], store[MANY];
static size_t queued, stored, asked;
static bool store_fails;
static const char *forbidden; /* a pattern that the store's check refuses */

static int
queue_discover(void *self, struct fb_step *step, fb_found_fn found, void *arg,
               struct fb_error *err)
{
    (void)self, (void)err;
    ck_assert_str_eq(fb_uri(step), "queue://q");
    for (size_t i = 0; i < queued; i++)
        ck_assert_int_eq(found(arg, &queue[i]), 0);
    return 0;
}

static int
store_check(void *self, struct fb_step *step, struct fb_error *err)
{
    (void)self;
    if (forbidden != NULL && strcmp(fb_uri(step), forbidden) == 0)
        return fb_fail(err, FB_E_CONFIG, "this names a folder");
    return 0;
}

static int
store_discover(void *self, struct fb_step *step, fb_found_fn found, void *arg,
               struct fb_error *err)
{
    (void)self;
    asked++;
    if (store_fails)
        return fb_fail(err, FB_E_UNAVAILABLE, "the store is away");
    for (size_t i = 0; i < stored; i++)
        if (text_glob(fb_uri(step), store[i].uri))
            ck_assert_int_eq(found(arg, &store[i]), 0);
    return 0;
}

static int
settle(void *self, struct fb_step *step, const struct fb_object *object,
       bool success, struct fb_error *err)
{
    (void)self, (void)step, (void)object, (void)success, (void)err;
    return 0;
}

static const struct fb_plugin queue_plugin = {
    FB_PLUGIN_HEAD,           .kind = FB_SOURCE,          .name = "queue",
    .flags = FB_LISTS_OTHERS, .discover = queue_discover, .settle = settle,
};

static const struct fb_plugin store_plugin = {
    FB_PLUGIN_HEAD,       .kind = FB_SOURCE,          .name = "store",
    .check = store_check, .discover = store_discover,
};

static void
announce(const char *uri, const char *token)
{
    ck_assert_uint_lt(queued, MANY);
    queue[queued++] = (struct fb_object){
        .uri = uri, .generation = "event", .modified_ms = NOW, .token = token};
}

static void
put(const char *uri, const char *generation)
{
    ck_assert_uint_lt(stored, MANY);
    store[stored++] = (struct fb_object){
        .uri = uri, .generation = generation, .size = 7, .modified_ms = NOW};
}

/* --- a pipeline and a ledger --- */

static char *folder;
static struct arena *arena;
static struct ledger *ledger;
static struct pipeline pipeline;
static struct pipeline_step step;
static int instance;
static struct fb_error err;
static struct due *dues;
static size_t due_count;

static void
set_up(void)
{
    char name[] = "/tmp/forebay-announced-XXXXXX";

    umask(022);
    queued = stored = asked = 0;
    store_fails = false;
    forbidden = NULL;
    ck_assert_ptr_nonnull(mkdtemp(name));
    folder = mem_strdup(name);
    arena = arena_new();
    ck_assert_msg(ledger_open(folder, &ledger, &err) == 0, "%s", err.message);
    step = (struct pipeline_step){.id = "trigger",
                                  .label = "trigger",
                                  .kind = FB_SOURCE,
                                  .plugin = &store_plugin,
                                  .instance = &instance,
                                  .uri = "store:/raw/*.csv"};
    pipeline = (struct pipeline){.name = "orders", .digest = "as it was"};
    pipeline.trigger = (struct trigger_config){.given = true,
                                               .uri = "queue://q",
                                               .match = "store:/raw/*.csv",
                                               .plugin = &queue_plugin,
                                               .instance = &instance,
                                               .objects = step,
                                               .wait_ms = 10 * MINUTE,
                                               .attempts = 3};
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
    arena_free(arena);
}

static int
list_at(int64_t now_ms, const char *only)
{
    const struct due_request request = {.pipeline = &pipeline,
                                        .ledger = ledger,
                                        .now_ms = now_ms,
                                        .only = only};

    memset(&err, 0, sizeof(err));
    return due_list(&request, arena, &dues, &due_count, &err);
}

static void
list(size_t expected)
{
    ck_assert_msg(list_at(NOW, NULL) == 0, "%s", err.message);
    ck_assert_uint_eq(due_count, expected);
}

static void
expect(size_t index, enum due_verdict verdict, const char *uri, const char *why)
{
    ck_assert_uint_lt(index, due_count);
    ck_assert_msg(dues[index].verdict == verdict, "%s: %d, %s",
                  dues[index].object.uri, (int)dues[index].verdict,
                  dues[index].why);
    ck_assert_str_eq(dues[index].object.uri, uri);
    ck_assert_msg(strstr(dues[index].why, why) != NULL, "%s", dues[index].why);
}

static void
ran(const char *uri, const char *generation, enum run_state state,
    int64_t started_ms)
{
    char id[33];
    struct ledger_run run = {.run_id = id,
                             .pipeline = "orders",
                             .digest = "as it was",
                             .trigger = uri,
                             .generation = generation,
                             .started_ms = started_ms};

    due_run_id("orders", uri, generation, id);
    ck_assert_msg(ledger_begin(ledger, &run, &err) == 0, "%s", err.message);
    if (state == RUN_STARTED)
        return;
    run.state = state;
    run.ended_ms = NOW;
    run.summary = "so it went";
    ck_assert_msg(ledger_end(ledger, &run, NULL, 0, NULL, 0, NULL, 0, &err) ==
                      0,
                  "%s", err.message);
}

/* --- what the store says counts --- */

START_TEST(runs_the_generation_that_the_store_has)
{
    char id[33];

    announce("store:/raw/a.csv", "t1");
    put("store:/raw/a.csv", "g2");
    put("store:/raw/b.csv", "g1");
    list(1);
    expect(0, DUE_RUN, "store:/raw/a.csv", "new");
    ck_assert_str_eq(dues[0].object.generation, "g2");
    ck_assert_uint_eq(dues[0].object.size, 7);
    ck_assert_str_eq(dues[0].object.token, "t1");
    due_run_id("orders", "store:/raw/a.csv", "g2", id);
    ck_assert_str_eq(dues[0].run_id, id);
}
END_TEST

START_TEST(takes_wildcards_in_a_name_for_what_they_are)
{
    announce("store:/raw/[a]*?.csv", "t1");
    put("store:/raw/a1x.csv", "g1");
    put("store:/raw/[a]*?.csv", "g2");
    list(1);
    expect(0, DUE_RUN, "store:/raw/[a]*?.csv", "new");
    ck_assert_str_eq(dues[0].object.generation, "g2");
}
END_TEST

START_TEST(asks_through_the_source_that_reads_the_trigger)
{
    pipeline.steps = &step;
    pipeline.step_count = 1;
    ck_assert_ptr_eq(announced_store(&pipeline), &step);
    step.uri = "store:/other.csv";
    ck_assert_ptr_eq(announced_store(&pipeline), &pipeline.trigger.objects);
}
END_TEST

START_TEST(waits_for_an_object_that_is_not_there_yet_and_then_tells)
{
    announce("store:/raw/a.csv", "t1");
    list(1);
    expect(0, DUE_WAIT, "store:/raw/a.csv", "waits until 2025-05-09T14:23:20Z");
    ck_assert_int_eq(list_at(NOW + 10 * MINUTE, NULL), 0);
    expect(0, DUE_GONE, "store:/raw/a.csv", "announced, but was not there");
    ran("store:/raw/a.csv", "event", RUN_FAILED, NOW);
    ck_assert_int_eq(list_at(NOW + 10 * MINUTE, NULL), 0);
    expect(0, DUE_SETTLE, "store:/raw/a.csv", "failed");
    ck_assert(dues[0].failed);
}
END_TEST

START_TEST(passes_on_that_the_store_is_away)
{
    announce("store:/raw/a.csv", "t1");
    store_fails = true;
    ck_assert_int_eq(list_at(NOW, NULL), -1);
    ck_assert_int_eq(err.code, FB_E_UNAVAILABLE);
}
END_TEST

/* --- what is only acknowledged --- */

START_TEST(ignores_what_does_not_match_without_asking_for_it)
{
    announce("store:/processed/a.csv", "t1");
    list(1);
    expect(0, DUE_IGNORE, "store:/processed/a.csv",
           "does not match 'store:/raw/*.csv'");
    ck_assert_uint_eq(asked, 0);
}
END_TEST

START_TEST(ignores_what_can_be_no_object)
{
    announce("store:/raw/x.csv", "t1");
    forbidden = "store:/raw/x.csv";
    list(1);
    expect(0, DUE_IGNORE, "store:/raw/x.csv", "this names a folder");
}
END_TEST

START_TEST(takes_a_refused_pattern_for_a_mistake_in_the_pipeline)
{
    announce("store:/raw/x.csv", "t1");
    forbidden = "store:/raw/*.csv";
    ck_assert_int_eq(list_at(NOW, NULL), -1);
    ck_assert_int_eq(err.code, FB_E_CONFIG);
}
END_TEST

START_TEST(acknowledges_again_what_was_done_or_given_up)
{
    announce("store:/raw/a.csv", "t1");
    announce("store:/raw/b.csv", "t2");
    put("store:/raw/a.csv", "g1");
    put("store:/raw/b.csv", "g1");
    ran("store:/raw/a.csv", "g1", RUN_DONE, NOW);
    ran("store:/raw/b.csv", "g1", RUN_FAILED, NOW);
    list(2);
    expect(0, DUE_SETTLE, "store:/raw/a.csv", "done");
    ck_assert(!dues[0].failed);
    expect(1, DUE_SETTLE, "store:/raw/b.csv", "failed");
    ck_assert(dues[1].failed);
}
END_TEST

START_TEST(keeps_the_announcement_of_what_failed_by_the_pipeline)
{
    announce("store:/raw/a.csv", "t1");
    put("store:/raw/a.csv", "g1");
    ran("store:/raw/a.csv", "g1", RUN_MISTAKE, NOW);
    list(1);
    expect(0, DUE_FAILED, "store:/raw/a.csv", "a changed pipeline");
    pipeline.digest = "changed";
    list(1);
    expect(0, DUE_RUN, "store:/raw/a.csv", "changed since");
}
END_TEST

START_TEST(refuses_a_bad_name_without_asking_for_it)
{
    announce("store:/raw/a\nb.csv", "t1");
    list(1);
    expect(0, DUE_BAD_NAME, "store:/raw/a\nb.csv", "control");
    ck_assert_uint_eq(asked, 0);
}
END_TEST

/* --- what was announced together --- */

START_TEST(groups_what_has_one_token)
{
    announce("store:/raw/a.csv", "t1");
    announce("store:/raw/b.csv", "t2");
    announce("store:/raw/c.csv", "t1");
    announce("store:/raw/d.csv", NULL);
    list(4);
    ck_assert_ptr_nonnull(dues[0].group);
    ck_assert_ptr_eq(dues[0].group, dues[2].group);
    ck_assert_uint_eq(dues[0].group->open, 2);
    ck_assert_uint_eq(dues[1].group->open, 1);
    ck_assert_ptr_null(dues[3].group);
}
END_TEST

/* --- what is not announced at the moment --- */

START_TEST(leaves_an_unfinished_run_to_its_announcement_for_a_while)
{
    put("store:/raw/a.csv", "g1");
    ran("store:/raw/a.csv", "g1", RUN_STARTED, NOW - MINUTE);
    list(0);
}
END_TEST

START_TEST(tries_an_unfinished_run_again_when_its_announcement_is_lost)
{
    put("store:/raw/a.csv", "g1");
    ran("store:/raw/a.csv", "g1", RUN_STARTED, NOW - 11 * MINUTE);
    list(1);
    expect(0, DUE_RUN, "store:/raw/a.csv", "crashed before");
    ck_assert_ptr_null(dues[0].object.token);
}
END_TEST

START_TEST(tells_of_an_unfinished_run_whose_object_is_gone)
{
    ran("store:/raw/a.csv", "g1", RUN_RETRY, NOW - 11 * MINUTE);
    list(1);
    expect(0, DUE_GONE, "store:/raw/a.csv", "trigger is gone");
}
END_TEST

START_TEST(closes_an_unfinished_run_whose_object_was_replaced)
{
    put("store:/raw/a.csv", "g2");
    ran("store:/raw/a.csv", "g1", RUN_RETRY, NOW - 11 * MINUTE);
    list(1);
    expect(0, DUE_SUPERSEDED, "store:/raw/a.csv", "newer upload");
}
END_TEST

START_TEST(chooses_one_of_what_is_announced)
{
    announce("store:/raw/a.csv", "t1");
    announce("store:/raw/b.csv", "t2");
    put("store:/raw/a.csv", "g1");
    put("store:/raw/b.csv", "g1");
    ck_assert_int_eq(list_at(NOW, "store:/raw/b.csv"), 0);
    ck_assert_uint_eq(due_count, 1);
    expect(0, DUE_RUN, "store:/raw/b.csv", "new");
    ck_assert_int_eq(list_at(NOW, "store:/x.csv"), -1);
    ck_assert_int_eq(err.code, FB_E_USAGE);
    ck_assert_msg(strstr(err.hint, "store:/raw/*.csv") != NULL, "%s", err.hint);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("announced");
    TCase *tests = tcase_create("announced");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, runs_the_generation_that_the_store_has);
    tcase_add_test(tests, takes_wildcards_in_a_name_for_what_they_are);
    tcase_add_test(tests, asks_through_the_source_that_reads_the_trigger);
    tcase_add_test(tests,
                   waits_for_an_object_that_is_not_there_yet_and_then_tells);
    tcase_add_test(tests, passes_on_that_the_store_is_away);
    tcase_add_test(tests, ignores_what_does_not_match_without_asking_for_it);
    tcase_add_test(tests, ignores_what_can_be_no_object);
    tcase_add_test(tests,
                   takes_a_refused_pattern_for_a_mistake_in_the_pipeline);
    tcase_add_test(tests, acknowledges_again_what_was_done_or_given_up);
    tcase_add_test(tests,
                   keeps_the_announcement_of_what_failed_by_the_pipeline);
    tcase_add_test(tests, refuses_a_bad_name_without_asking_for_it);
    tcase_add_test(tests, groups_what_has_one_token);
    tcase_add_test(tests,
                   leaves_an_unfinished_run_to_its_announcement_for_a_while);
    tcase_add_test(tests,
                   tries_an_unfinished_run_again_when_its_announcement_is_lost);
    tcase_add_test(tests, tells_of_an_unfinished_run_whose_object_is_gone);
    tcase_add_test(tests, closes_an_unfinished_run_whose_object_was_replaced);
    tcase_add_test(tests, chooses_one_of_what_is_announced);
    suite_add_tcase(suite, tests);
    return suite;
}
