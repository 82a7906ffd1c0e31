/*
 * Moving rows through a graph of plugins made for the purpose, among them
 * some that break their promises.
 */
#include "unit/main.h"

#include <stdlib.h>

#include "config/pipeline.h"
#include "run/pump.h"
#include "util/error.h"
#include "util/mem.h"

/* ------------------------------------------------- plugins of the test --- */

#define BATCHES UINT64_C(3)
#define ROWS 10

struct counter {
    uint32_t batches; /* given or seen */
    uint64_t rows;
    uint64_t rejects;
};

static const struct fb_column one_column[] = {
    {.name = "n", .type = FB_C_STRING}};
static const struct columns columns = {.count = 1, .items = one_column};

static int
source_bind(void *self, struct fb_step *step, struct fb_error *error)
{
    (void)self;
    return fb_output_column(step, "n", FB_C_STRING, FB_NEW, NULL, error);
}

static int
source_read(void *self, struct fb_step *step, struct fb_batch **batch,
            struct fb_error *error)
{
    struct counter *counter = self;
    struct arena *arena;
    struct fb_cell *cells;

    (void)step;
    (void)error;
    *batch = NULL;
    if (counter->batches == BATCHES)
        return 0;
    arena = arena_new();
    cells = arena_array(arena, ROWS, sizeof(*cells));
    for (uint32_t i = 0; i < ROWS; i++)
        cells[i] = (struct fb_cell){
            .ptr = (const unsigned char *)"0123456789" + i, .len = 1};
    *batch = batch_public(
        batch_of_cells(&columns, ROWS, (const struct fb_cell *[]){cells}, arena,
                       counter->batches++, &step_services));
    return 0;
}

static const struct fb_plugin source = {
    FB_PLUGIN_HEAD,      .kind = FB_SOURCE,
    .name = "numbers",   .instance_size = sizeof(struct counter),
    .bind = source_bind, .read = source_read,
};

/* Keeps even rows, rejects row 1, so that 10 = 5 + 4 + 1. */
static int
halve(void *self, struct fb_step *step, struct fb_batch *batch,
      struct fb_error *error)
{
    uint64_t even = 0x5555555555555555u;

    (void)self;
    (void)step;
    (void)error;
    fb_batch_reject(batch, 1, 0, "odd", "row %d is odd", 1);
    fb_batch_filter(batch, &even);
    return 0;
}

static const struct fb_plugin half = {
    FB_PLUGIN_HEAD, .kind = FB_TRANSFORM, .flags = FB_REJECTS,
    .name = "half", .instance_size = 1,   .process = halve,
};

static int
swallow(void *self, struct fb_step *step, struct fb_batch *batch,
        struct fb_error *error)
{
    (void)self;
    (void)step;
    (void)error;
    fb_batch_free(batch);
    return FB_HOLD;
}

/* Says that it holds its batches and lets them vanish. */
static const struct fb_plugin thief = {
    FB_PLUGIN_HEAD,     .kind = FB_TRANSFORM, .name = "thief",
    .instance_size = 1, .process = swallow,
};

static int
fail_silently(void *self, struct fb_step *step, struct fb_batch *batch,
              struct fb_error *error)
{
    (void)self;
    (void)step;
    (void)batch;
    (void)error;
    return -1;
}

static const struct fb_plugin mute = {
    FB_PLUGIN_HEAD,     .kind = FB_TRANSFORM,     .name = "mute",
    .instance_size = 1, .process = fail_silently,
};

static int
sink_write(void *self, struct fb_step *step, struct fb_batch *batch,
           struct fb_error *error)
{
    struct counter *counter = self;

    (void)step;
    (void)error;
    counter->batches++;
    for (uint32_t row = 0; row < fb_batch_rows(batch); row++)
        counter->rows += fb_bit(fb_batch_selection(batch), row);
    return 0;
}

static int
sink_finish(void *self, struct fb_step *step, struct fb_error *error)
{
    (void)self;
    (void)step;
    (void)error;
    return 0;
}

static const struct fb_plugin sink = {
    FB_PLUGIN_HEAD,      .kind = FB_SINK,
    .name = "count",     .instance_size = sizeof(struct counter),
    .write = sink_write, .finish = sink_finish,
};

/* ------------------------------------------------------------- a graph --- */

static struct counter numbers, rows_seen, rejects_seen;
static unsigned char nothing[1];
static volatile sig_atomic_t cancelled;
static struct step_input from_source = {.step = 0};
static struct step_input from_transform = {.step = 1};
static struct step_input from_rejected = {.step = 1, .rejected = true};
static struct pipeline_step steps[4];
static struct pipeline pipeline;
static struct step_context context;
static struct graph *graph;
static struct fb_error err;

static void
build(const struct fb_plugin *transform)
{
    steps[0] = (struct pipeline_step){.id = "in",
                                      .label = "in",
                                      .kind = FB_SOURCE,
                                      .plugin = &source,
                                      .instance = &numbers};
    steps[1] = (struct pipeline_step){.id = "work",
                                      .label = "work",
                                      .kind = FB_TRANSFORM,
                                      .plugin = transform,
                                      .instance = nothing,
                                      .inputs = &from_source,
                                      .input_count = 1};
    steps[2] = (struct pipeline_step){.id = "out",
                                      .label = "out",
                                      .kind = FB_SINK,
                                      .plugin = &sink,
                                      .instance = &rows_seen,
                                      .inputs = &from_transform,
                                      .input_count = 1,
                                      .when_empty = EMPTY_WRITE};
    steps[3] = (struct pipeline_step){.id = "back",
                                      .label = "back",
                                      .kind = FB_SINK,
                                      .plugin = &sink,
                                      .instance = &rejects_seen,
                                      .inputs = &from_rejected,
                                      .input_count = 1,
                                      .when_empty = EMPTY_WRITE};
    graph = graph_new(&pipeline, &context);
}

static int
pump(void)
{
    const struct pump p = {.graph = graph, .cancelled = &cancelled};

    if (graph_open(graph, &err) != 0)
        return -1;
    return pump_run(&p, &err);
}

static void
setup(void)
{
    numbers = rows_seen = rejects_seen = (struct counter){0};
    cancelled = 0;
    error_clear(&err);
    pipeline =
        (struct pipeline){.name = "test", .steps = steps, .step_count = 4};
    context = (struct step_context){
        .pipeline = "test", .run_id = "0", .cancelled = &cancelled};
}

static void
teardown(void)
{
    graph_free(graph);
    graph = NULL;
}

START_TEST(delivers_rows_and_rejects_each_to_its_reader)
{
    build(&half);
    ck_assert_int_eq(pump(), 0);
    ck_assert_uint_eq(rows_seen.rows, 5 * BATCHES);
    ck_assert_uint_eq(rejects_seen.rows, 1 * BATCHES);
}
END_TEST

START_TEST(counts_what_each_step_did)
{
    struct step_counts counts;

    build(&half);
    ck_assert_int_eq(pump(), 0);
    ck_assert_int_eq(pump_check_balance(graph, &err), 0);
    counts = graph->nodes[1].rows;
    ck_assert_uint_eq(counts.in, ROWS * BATCHES);
    ck_assert_uint_eq(counts.out, 5 * BATCHES);
    ck_assert_uint_eq(counts.filtered, 4 * BATCHES);
    ck_assert_uint_eq(counts.rejected, 1 * BATCHES);
}
END_TEST

START_TEST(names_a_step_that_makes_rows_vanish)
{
    build(&thief);
    ck_assert_int_eq(pump(), 0);
    ck_assert_int_eq(pump_check_balance(graph, &err), -1);
    ck_assert_int_eq(err.code, FB_E_BUG);
    ck_assert_ptr_nonnull(strstr(err.message, "'work'"));
}
END_TEST

START_TEST(names_a_plugin_that_fails_without_saying_why)
{
    build(&mute);
    ck_assert_int_eq(pump(), -1);
    ck_assert_int_eq(err.code, FB_E_BUG);
    ck_assert_ptr_nonnull(strstr(err.message, "plugin 'mute'"));
}
END_TEST

START_TEST(fails_at_the_first_reject_when_told_to)
{
    build(&half);
    steps[1].on_reject = ON_REJECT_FAIL;
    ck_assert_int_eq(pump(), -1);
    ck_assert_int_eq(err.code, FB_E_INPUT);
    ck_assert_uint_eq(rows_seen.rows, 0);
}
END_TEST

START_TEST(stops_before_the_next_batch_when_cancelled)
{
    build(&half);
    cancelled = SIGTERM;
    ck_assert_int_eq(pump(), -1);
    ck_assert_int_eq(err.code, FB_E_CANCELLED);
    ck_assert_uint_eq(numbers.batches, 0);
}
END_TEST

START_TEST(gives_every_reader_of_an_output_its_own_view)
{
    build(&half);
    graph_free(graph);
    steps[3].inputs = &from_transform;
    graph = graph_new(&pipeline, &context);
    ck_assert_int_eq(pump(), 0);
    ck_assert_uint_eq(rows_seen.rows, 5 * BATCHES);
    ck_assert_uint_eq(rejects_seen.rows, 5 * BATCHES);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("pump");
    TCase *tests = tcase_create("pump");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, delivers_rows_and_rejects_each_to_its_reader);
    tcase_add_test(tests, counts_what_each_step_did);
    tcase_add_test(tests, names_a_step_that_makes_rows_vanish);
    tcase_add_test(tests, names_a_plugin_that_fails_without_saying_why);
    tcase_add_test(tests, fails_at_the_first_reject_when_told_to);
    tcase_add_test(tests, stops_before_the_next_batch_when_cancelled);
    tcase_add_test(tests, gives_every_reader_of_an_output_its_own_view);
    suite_add_tcase(suite, tests);
    return suite;
}
