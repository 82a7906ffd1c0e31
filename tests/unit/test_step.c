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

/* --- broken promises ------------------------------------------------------ */

static int
read_too_much(void *self, struct fb_step *pub, unsigned char *bytes,
              size_t size, size_t *got, struct fb_error *err)
{
    (void)self;
    (void)pub;
    (void)bytes;
    (void)err;
    *got = size + 1;
    return 0;
}

static const struct fb_plugin boaster = {
    FB_PLUGIN_HEAD,     .kind = FB_SOURCE,           .name = "boaster",
    .instance_size = 1, .read_bytes = read_too_much,
};

static struct step *
step_with(const struct fb_plugin *of)
{
    static struct pipeline_step config;
    static const struct step_context context = {.pipeline = "test"};

    config = (struct pipeline_step){
        .id = "s", .label = "s", .plugin = of, .instance = &instance};
    return step_new(&config, &context);
}

START_TEST(a_plugin_cannot_read_more_than_there_is_room_for)
{
    struct step *boasting = step_with(&boaster);
    struct fb_error err = {0};
    unsigned char bytes[8];
    size_t got;

    ck_assert_int_eq(
        step_read_bytes(boasting, bytes, sizeof(bytes), &got, &err), -1);
    ck_assert_int_eq(err.code, FB_E_BUG);
    ck_assert_str_eq(err.message, "step 's': plugin 'boaster' says it read 9 "
                                  "bytes into room for 8");
    step_free(boasting);
}
END_TEST

static int
emit_silently(void *self, struct fb_step *pub, struct fb_batch *batch,
              struct fb_error *err)
{
    (void)self;
    return fb_emit(pub, batch, err);
}

static const struct fb_plugin smuggler = {
    FB_PLUGIN_HEAD,     .kind = FB_TRANSFORM,     .name = "smuggler",
    .instance_size = 1, .process = emit_silently,
};

static int
drop_batch(void *arg, struct batch *batch, struct fb_error *err)
{
    (void)arg;
    (void)err;
    batch_free(batch);
    return 0;
}

START_TEST(a_plugin_cannot_give_its_batch_over_and_keep_it)
{
    struct step *smuggling = step_with(&smuggler);
    struct fb_cell cell = {(const unsigned char *)"1", 1, 0};
    const struct fb_cell *cells = &cell;
    struct fb_error err = {0};
    struct place place;

    ck_assert_int_eq(step_bind(smuggling, &columns, &place, &err), 0);
    step_on_emit(smuggling, drop_batch, NULL);
    ck_assert_int_eq(step_process(smuggling,
                                  batch_of_cells(&columns, 1, &cells, NULL, 0,
                                                 &step_services),
                                  &err),
                     -1);
    ck_assert_int_eq(err.code, FB_E_BUG);
    ck_assert_ptr_nonnull(strstr(err.message, "plugin 'smuggler' gave its "
                                              "batch over"));
    step_free(smuggling);
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
    tcase = tcase_create("promises");
    tcase_add_test(tcase, a_plugin_cannot_read_more_than_there_is_room_for);
    tcase_add_test(tcase, a_plugin_cannot_give_its_batch_over_and_keep_it);
    suite_add_tcase(suite, tcase);
    return suite;
}
