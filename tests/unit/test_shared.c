/*
 * What the steps of a run share: made once, whichever threads ask for it, and
 * dropped in the reverse of the order in which it was made.
 */
#include "unit/main.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "step/internal.h"
#include "util/error.h"
#include "util/mem.h"

static struct step_shared *shared;
static struct step_context context;
static struct step *step;
static char story[64];
static atomic_int made;
static atomic_int failures; /* that are still to come */
static unsigned char instance[1];

static const struct fb_plugin plugin = {FB_PLUGIN_HEAD, .kind = FB_SOURCE,
                                        .name = "p", .instance_size = 1};
static const struct fb_plugin stranger = {FB_PLUGIN_HEAD, .kind = FB_SOURCE,
                                          .name = "q", .instance_size = 1};

static struct step *
step_with(const struct fb_plugin *of)
{
    static struct pipeline_step configs[2];
    struct pipeline_step *config = &configs[of == &stranger];

    *config = (struct pipeline_step){.id = "s",
                                     .label = "s",
                                     .kind = FB_SOURCE,
                                     .plugin = of,
                                     .instance = instance};
    return step_new(config, &context);
}

static void
setup(void)
{
    story[0] = '\0';
    made = 0;
    failures = 0;
    shared = step_shared_new();
    context =
        (struct step_context){.pipeline = "p", .run_id = "1", .shared = shared};
    step = step_with(&plugin);
}

static void
teardown(void)
{
    step_free(step);
    step_shared_free(shared);
    shared = NULL;
}

static void
drop(void *object)
{
    size_t used = strlen(story);

    snprintf(story + used, sizeof(story) - used, "%s", (const char *)object);
}

static int
make_a(struct fb_step *pub, void **object, struct fb_error *err)
{
    (void)pub, (void)err;
    *object = (void *)(uintptr_t) "a";
    return 0;
}

/* It needs another one, which must outlive it. */
static int
make_b(struct fb_step *pub, void **object, struct fb_error *err)
{
    void *a;

    *object = (void *)(uintptr_t) "b";
    return fb_shared(pub, "a", make_a, drop, &a, err);
}

/* As slow as a connection. */
static int
make_slowly(struct fb_step *pub, void **object, struct fb_error *err)
{
    const struct timespec moment = {.tv_nsec = 20000000};

    (void)pub;
    nanosleep(&moment, NULL);
    if (atomic_fetch_sub(&failures, 1) > 0)
        return fb_fail(err, FB_E_UNAVAILABLE, "not now");
    *object = &made;
    made++;
    return 0;
}

START_TEST(drops_what_was_made_last_first)
{
    struct fb_error err = FB_ERROR_INIT;
    void *object;

    ck_assert_int_eq(fb_shared(&step->pub, "b", make_b, drop, &object, &err),
                     0);
    ck_assert_str_eq(object, "b");
    step_shared_free(shared);
    shared = NULL;
    ck_assert_str_eq(story, "ba");
}
END_TEST

START_TEST(keeps_the_objects_of_plugins_apart)
{
    struct fb_error err = FB_ERROR_INIT;
    struct step *other = step_with(&stranger);
    void *object;

    ck_assert_int_eq(
        fb_shared(&step->pub, "k", make_slowly, NULL, &object, &err), 0);
    ck_assert_int_eq(
        fb_shared(&other->pub, "k", make_slowly, NULL, &object, &err), 0);
    ck_assert_int_eq(made, 2);
    step_free(other);
}
END_TEST

START_TEST(a_failure_is_not_kept)
{
    struct fb_error err = FB_ERROR_INIT;
    void *object;

    failures = 1;
    ck_assert_int_eq(
        fb_shared(&step->pub, "k", make_slowly, NULL, &object, &err), -1);
    ck_assert_str_eq(err.message, "not now");
    ck_assert_int_eq(
        fb_shared(&step->pub, "k", make_slowly, NULL, &object, &err), 0);
    ck_assert_ptr_eq(object, &made);
}
END_TEST

static void *
ask(void *arg)
{
    struct fb_error err = FB_ERROR_INIT;
    void *object = NULL;

    (void)arg;
    return fb_shared(&step->pub, "k", make_slowly, NULL, &object, &err) == 0
               ? object
               : NULL;
}

/* How many of four threads got the object. */
static int
ask_at_once(void)
{
    pthread_t threads[4];
    int count = 0;

    for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask, NULL), 0);
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
        void *object;

        pthread_join(threads[i], &object);
        count += object == &made;
    }
    return count;
}

START_TEST(threads_that_ask_at_once_get_the_same)
{
    ck_assert_int_eq(ask_at_once(), 4);
    ck_assert_int_eq(made, 1);
}
END_TEST

START_TEST(threads_that_waited_for_a_failure_try_themselves)
{
    failures = 2;
    ck_assert_int_eq(ask_at_once(), 2);
    ck_assert_int_eq(made, 1);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("shared");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, drops_what_was_made_last_first);
    tcase_add_test(tcase, keeps_the_objects_of_plugins_apart);
    tcase_add_test(tcase, a_failure_is_not_kept);
    tcase_add_test(tcase, threads_that_ask_at_once_get_the_same);
    tcase_add_test(tcase, threads_that_waited_for_a_failure_try_themselves);
    suite_add_tcase(suite, tcase);
    return suite;
}
