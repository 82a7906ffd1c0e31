/*
 * The end of a run that went well: who finishes, in which order, and what a
 * failure leaves unfinished.
 */
#include "unit/main.h"

#include "run/graph.h"
#include "util/error.h"

static char story[256];
static const char *failing; /* the id of the step whose finish fails */

static int
finish(void *self, struct fb_step *step, struct fb_error *err)
{
    size_t used = strlen(story);

    (void)self;
    snprintf(story + used, sizeof(story) - used, "%s, ", fb_step_id(step));
    if (failing != NULL && strcmp(failing, fb_step_id(step)) == 0)
        return fb_fail(err, FB_E_OUTPUT, "it broke");
    return 0;
}

static int
read_nothing(void *self, struct fb_step *step, struct fb_batch **batch,
             struct fb_error *err)
{
    (void)self, (void)step, (void)err;
    *batch = NULL;
    return 0;
}

static int
take(void *self, struct fb_step *step, struct fb_batch *batch,
     struct fb_error *err)
{
    (void)self, (void)step, (void)batch, (void)err;
    return 0;
}

static int
name_column(void *self, struct fb_step *step, struct fb_error *err)
{
    (void)self;
    return fb_output_column(step, "n", FB_C_STRING, FB_NEW, NULL, err);
}

static const struct fb_plugin source = {
    FB_PLUGIN_HEAD,       .kind = FB_SOURCE,   .name = "source",
    .instance_size = 1,   .bind = name_column, .finish = finish,
    .read = read_nothing,
};
static const struct fb_plugin quiet_source = {
    FB_PLUGIN_HEAD,     .kind = FB_SOURCE,   .name = "quiet",
    .instance_size = 1, .bind = name_column, .read = read_nothing,
};
static const struct fb_plugin transform = {
    FB_PLUGIN_HEAD,     .kind = FB_TRANSFORM, .name = "transform",
    .instance_size = 1, .finish = finish,     .process = take,
};
static const struct fb_plugin sink = {
    FB_PLUGIN_HEAD,     .kind = FB_SINK,  .name = "sink",
    .instance_size = 1, .finish = finish, .write = take,
};

/* What the others made, each with a "+" when it is visible. */
static int
finish_last(void *self, struct fb_step *step, struct fb_error *fault)
{
    if (finish(self, step, fault) != 0)
        return -1;
    for (uint32_t i = 0; i < fb_target_count(step); i++) {
        const struct fb_target *target = fb_target_at(step, i);
        size_t used = strlen(story);

        snprintf(story + used, sizeof(story) - used, "%s at %s%s; ",
                 target->step, target->uri, target->visible ? " +" : "");
    }
    return 0;
}

static const struct fb_plugin last_sink = {
    FB_PLUGIN_HEAD,     .kind = FB_SINK,       .name = "last",
    .instance_size = 1, .finish = finish_last, .write = take,
    .flags = FB_LAST,
};

/* The first sinks stand before the second source and the transform. */
static unsigned char nothing[1];
static struct step_input of_a = {.step = 0}, of_b = {.step = 3},
                         of_t = {.step = 4};
enum { LAST = 1, X = 2, Y = 5 };
static struct pipeline_step steps[] = {
    {.id = "a", .kind = FB_SOURCE, .plugin = &source},
    {.id = "last", .kind = FB_SINK, .plugin = &last_sink, .inputs = &of_a},
    {.id = "x", .kind = FB_SINK, .plugin = &sink, .inputs = &of_a},
    {.id = "b", .kind = FB_SOURCE, .plugin = &quiet_source},
    {.id = "t", .kind = FB_TRANSFORM, .plugin = &transform, .inputs = &of_b},
    {.id = "y", .kind = FB_SINK, .plugin = &sink, .inputs = &of_t},
};
static const struct pipeline pipeline = {
    .name = "test", .steps = steps, .step_count = 6};
static volatile sig_atomic_t cancelled;
static const struct step_context context = {
    .pipeline = "test", .run_id = "0", .cancelled = &cancelled};
static struct graph *graph;
static struct fb_error err;

static void
setup(void)
{
    story[0] = '\0';
    failing = NULL;
    error_clear(&err);
    for (uint32_t i = 0; i < pipeline.step_count; i++) {
        steps[i].label = steps[i].id;
        steps[i].title = steps[i].id;
        steps[i].instance = nothing;
        steps[i].input_count = steps[i].inputs != NULL ? 1 : 0;
        steps[i].when_empty = EMPTY_WRITE;
    }
    steps[X].uri = "mem:x";
    steps[Y].uri = "mem:y";
    graph = graph_new(&pipeline, &context);
    ck_assert_int_eq(graph_open(graph, &err), 0);
}

static void
teardown(void)
{
    graph_free(graph);
    graph = NULL;
}

START_TEST(sources_and_transforms_finish_before_the_first_sink)
{
    ck_assert_int_eq(graph_finish(graph, &err), 0);
    ck_assert_str_eq(story, "a, t, x, y, last, x at mem:x +; y at mem:y +; ");
}
END_TEST

START_TEST(no_sink_finishes_when_a_transform_fails_to)
{
    failing = "t";
    ck_assert_int_eq(graph_finish(graph, &err), -1);
    ck_assert_str_eq(story, "a, t, ");
    ck_assert_str_eq(err.message, "step 't': it broke");
}
END_TEST

START_TEST(sinks_finish_in_the_order_of_the_graph_until_one_fails)
{
    failing = "x";
    ck_assert_int_eq(graph_finish(graph, &err), -1);
    ck_assert_str_eq(story, "a, t, x, ");
}
END_TEST

START_TEST(a_sink_that_skips_emptiness_is_not_finished)
{
    steps[X].when_empty = EMPTY_SKIP;
    ck_assert_int_eq(graph_finish(graph, &err), 0);
    ck_assert_str_eq(story, "a, t, y, last, x at mem:x; y at mem:y +; ");
}
END_TEST

START_TEST(who_comes_last_does_not_finish_after_a_failure)
{
    failing = "y";
    ck_assert_int_eq(graph_finish(graph, &err), -1);
    ck_assert_str_eq(story, "a, t, x, y, ");
}
END_TEST

START_TEST(who_comes_last_may_skip_emptiness_too)
{
    steps[LAST].when_empty = EMPTY_SKIP;
    ck_assert_int_eq(graph_finish(graph, &err), 0);
    ck_assert_str_eq(story, "a, t, x, y, ");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("finish");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, sources_and_transforms_finish_before_the_first_sink);
    tcase_add_test(tcase, no_sink_finishes_when_a_transform_fails_to);
    tcase_add_test(tcase,
                   sinks_finish_in_the_order_of_the_graph_until_one_fails);
    tcase_add_test(tcase, a_sink_that_skips_emptiness_is_not_finished);
    tcase_add_test(tcase, who_comes_last_does_not_finish_after_a_failure);
    tcase_add_test(tcase, who_comes_last_may_skip_emptiness_too);
    suite_add_tcase(suite, tcase);
    return suite;
}
