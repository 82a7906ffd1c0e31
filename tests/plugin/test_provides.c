/*
 * What the shipped plugins say of themselves in words (FB_PROVIDES) against
 * what their descriptors say.
 */
#include <stdlib.h>

#include "registry/registry.h"
#include "unit/main.h"
#include "util/mem.h"

static struct registry *registry;

static void
setup(void)
{
    const char *build = getenv("BUILD");
    char *folder = mem_printf("%s/plugins", build ? build : "build");
    const char *folders = folder;
    struct fb_error err;

    ck_assert_msg(registry_open(&folders, 1, &registry, &err) == 0, "%s",
                  err.message);
    free(folder);
}

static void
teardown(void)
{
    registry_free(registry);
}

START_TEST(no_shipped_plugin_is_loaded_before_it_is_asked_for)
{
    ck_assert_uint_gt(registry_count(registry), 0);
    for (size_t i = 0; i < registry_count(registry); i++)
        ck_assert_msg(registry_at(registry, i)->summary == NULL,
                      "'%s' has no FB_PROVIDES", registry_path(registry, i));
}
END_TEST

START_TEST(each_shipped_plugin_is_what_it_says)
{
    size_t count = registry_count(registry);

    registry_load(registry, NULL);
    if (registry_refused_count(registry) > 0)
        ck_abort_msg("%s: %s", registry_refused(registry, 0)->path,
                     registry_refused(registry, 0)->reason);
    ck_assert_uint_eq(registry_count(registry), count);
    for (size_t i = 0; i < count; i++)
        ck_assert_ptr_nonnull(registry_at(registry, i)->summary);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("provides");
    TCase *tc = tcase_create("shipped");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, no_shipped_plugin_is_loaded_before_it_is_asked_for);
    tcase_add_test(tc, each_shipped_plugin_is_what_it_says);
    suite_add_tcase(suite, tc);
    return suite;
}
