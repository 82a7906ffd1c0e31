/*
 * One step by itself: what an instance says of itself in bind.  How rows pass
 * through steps is test_pump.c's business.
 */
#include "step/step.h"

#include "unit/main.h"

struct picky {
    bool wants_order;
};

static int
picky_bind(void *self, struct fb_step *step, struct fb_error *err)
{
    const struct picky *picky = self;

    (void)err;
    if (picky->wants_order)
        fb_serial(step);
    return 0;
}

static int
pass_on(void *self, struct fb_step *step, struct fb_batch *batch,
        struct fb_error *err)
{
    (void)self;
    (void)step;
    (void)batch;
    (void)err;
    return 0;
}

static struct fb_plugin plugin = {
    FB_PLUGIN_HEAD,     .kind = FB_TRANSFORM,
    .name = "picky",    .instance_size = sizeof(struct picky),
    .bind = picky_bind, .process = pass_on,
};

static const struct fb_column one_column[] = {
    {.name = "n", .type = FB_C_STRING}};
static const struct columns columns = {.count = 1, .items = one_column};

static struct picky instance;
static struct step *step;

static void
make(uint32_t flags, bool wants_order)
{
    static struct pipeline_step config = {.id = "picky",
                                          .plugin = &plugin,
                                          .instance = &instance,
                                          .kind = FB_TRANSFORM};
    static const struct step_context context = {.pipeline = "test"};

    plugin.flags = flags;
    instance.wants_order = wants_order;
    step = step_new(&config, &context);
}

static void
bind(void)
{
    struct fb_error err = {0};
    struct place place;

    ck_assert_int_eq(step_bind(step, &columns, &place, &err), 0);
}

START_TEST(a_step_is_parallel_only_when_its_plugin_says_so)
{
    make(FB_PARALLEL, false);
    bind();
    ck_assert(step_is_parallel(step));
    step_free(step);
    make(FB_REJECTS, false);
    bind();
    ck_assert(!step_is_parallel(step));
    step_free(step);
}
END_TEST

START_TEST(an_instance_takes_back_that_its_plugin_is_parallel)
{
    make(FB_PARALLEL, true);
    bind();
    ck_assert(!step_is_parallel(step));
    step_free(step);
}
END_TEST

START_TEST(what_an_earlier_bind_said_does_not_stay)
{
    make(FB_PARALLEL, true);
    bind();
    instance.wants_order = false;
    bind();
    ck_assert(step_is_parallel(step));
    step_free(step);
}
END_TEST

START_TEST(an_older_host_is_not_asked_to_be_serial)
{
    struct fb_host older = step_services;
    struct fb_step fake = {.host = &older};

    older.size = offsetof(struct fb_host, serial);
    older.serial = NULL;
    fb_serial(&fake);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("step");
    TCase *tcase = tcase_create("parallel");

    tcase_add_test(tcase, a_step_is_parallel_only_when_its_plugin_says_so);
    tcase_add_test(tcase, an_instance_takes_back_that_its_plugin_is_parallel);
    tcase_add_test(tcase, what_an_earlier_bind_said_does_not_stay);
    tcase_add_test(tcase, an_older_host_is_not_asked_to_be_serial);
    suite_add_tcase(suite, tcase);
    return suite;
}
