/*
 * Sources that have something to wait for: all begin before the first waits,
 * and what only the end of waiting tells, the columns, reaches who reads.
 */
#include "unit/main.h"

#include "run/graph.h"
#include "util/error.h"

struct query {
    const char *name;
};

static char story[256];
static bool fails;

static void
tell(const char *what, const char *who)
{
    size_t used = strlen(story);

    snprintf(story + used, sizeof(story) - used, "%s %s, ", what, who);
}

static int
query_open(void *self, struct fb_step *step, struct fb_error *err)
{
    (void)step;
    (void)err;
    tell("begin", ((struct query *)self)->name);
    return 0;
}

static int
query_ready(void *self, struct fb_step *step, struct fb_error *err)
{
    tell("wait", ((struct query *)self)->name);
    if (fails)
        return fb_fail(err, FB_E_UNAVAILABLE, "it does not answer");
    return fb_output_column(step, "total", FB_C_NUMBER, FB_NEW, NULL, err);
}

static int
query_read(void *self, struct fb_step *step, struct fb_batch **batch,
           struct fb_error *err)
{
    (void)self;
    (void)step;
    (void)err;
    *batch = NULL;
    return 0;
}

static void
query_close(void *self, struct fb_step *step)
{
    (void)step;
    tell("close", ((struct query *)self)->name);
}

static const struct fb_plugin query_source = {
    FB_PLUGIN_HEAD,     .kind = FB_SOURCE,
    .name = "query",    .instance_size = sizeof(struct query),
    .open = query_open, .ready = query_ready,
    .read = query_read, .close = query_close,
};

static int
sink_open(void *self, struct fb_step *step, struct fb_error *err)
{
    (void)self;
    (void)err;
    ck_assert_uint_eq(fb_column_count(step), 1);
    ck_assert_str_eq(fb_column(step, 0)->name, "total");
    ck_assert_int_eq(fb_column(step, 0)->type, FB_C_NUMBER);
    tell("open", fb_step_id(step));
    return 0;
}

static int
sink_write(void *self, struct fb_step *step, struct fb_batch *batch,
           struct fb_error *err)
{
    (void)self;
    (void)step;
    (void)batch;
    (void)err;
    return 0;
}

static int
sink_finish(void *self, struct fb_step *step, struct fb_error *err)
{
    (void)self;
    (void)step;
    (void)err;
    return 0;
}

static const struct fb_plugin sink = {
    FB_PLUGIN_HEAD,        .kind = FB_SINK,   .name = "sink",
    .instance_size = 1,    .open = sink_open, .write = sink_write,
    .finish = sink_finish,
};

/* Each reader stands beside its source, not behind all of them. */
static struct query first = {"a"}, second = {"b"};
static unsigned char nothing[1];
static struct step_input of_first = {.step = 0}, of_second = {.step = 2};
static struct pipeline_step steps[] = {
    {.id = "a",
     .label = "a",
     .kind = FB_SOURCE,
     .plugin = &query_source,
     .instance = &first},
    {.id = "x",
     .label = "x",
     .kind = FB_SINK,
     .plugin = &sink,
     .instance = nothing,
     .inputs = &of_first,
     .input_count = 1},
    {.id = "b",
     .label = "b",
     .kind = FB_SOURCE,
     .plugin = &query_source,
     .instance = &second},
    {.id = "y",
     .label = "y",
     .kind = FB_SINK,
     .plugin = &sink,
     .instance = nothing,
     .inputs = &of_second,
     .input_count = 1},
};
static const struct pipeline pipeline = {
    .name = "test", .steps = steps, .step_count = 4};
static volatile sig_atomic_t cancelled;
static const struct step_context context = {
    .pipeline = "test", .run_id = "0", .cancelled = &cancelled};
static struct graph *graph;
static struct fb_error err;

static void
setup(void)
{
    story[0] = '\0';
    fails = false;
    error_clear(&err);
    graph = graph_new(&pipeline, &context);
}

static void
teardown(void)
{
    graph_free(graph);
    graph = NULL;
}

START_TEST(every_source_begins_before_the_first_is_waited_for)
{
    ck_assert_int_eq(graph_open(graph, &err), 0);
    ck_assert_str_eq(story, "begin a, begin b, wait a, wait b, open x, "
                            "open y, ");
}
END_TEST

START_TEST(what_cannot_become_ready_ends_the_run)
{
    fails = true;
    ck_assert_int_eq(graph_open(graph, &err), -1);
    ck_assert_str_eq(err.message, "step 'a': it does not answer");
    teardown();
    ck_assert_str_eq(story, "begin a, begin b, wait a, close a, close b, ");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("ready");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, every_source_begins_before_the_first_is_waited_for);
    tcase_add_test(tcase, what_cannot_become_ready_ends_the_run);
    suite_add_tcase(suite, tcase);
    return suite;
}
