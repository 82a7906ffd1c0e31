/*
 * registry/registry.h: where to look for plugins, and which one is meant.
 * What is loaded and what is refused: test_load.c, test_authorise.c.
 */
#include "registry/registry.h"

#include <signal.h>
#include <stdlib.h>

#include "registry/search.h"
#include "unit/main.h"
#include "util/arena.h"
#include "util/mem.h"

static struct registry *registry;

/* --- where to look --- */

static struct arena *arena;
static const char *const *folders;
static size_t folder_count;
static struct fb_error folder_err;

static void
setup_folders(void)
{
    arena = arena_new();
    ck_assert_int_eq(unsetenv("FOREBAY_PLUGINS"), 0);
}

static void
teardown_folders(void)
{
    arena_free(arena);
}

static int
find_folders(const char *flag)
{
    return search_folders(arena, flag, &folders, &folder_count, &folder_err);
}

START_TEST(takes_the_flag_over_the_environment)
{
    ck_assert_int_eq(setenv("FOREBAY_PLUGINS", "/c", 1), 0);
    ck_assert_int_eq(find_folders("/a:b/c"), 0);
    ck_assert_uint_eq(folder_count, 2);
    ck_assert_str_eq(folders[0], "/a");
    ck_assert_str_eq(folders[1], "b/c");
}
END_TEST

START_TEST(takes_the_environment_over_the_place_of_the_program)
{
    ck_assert_int_eq(setenv("FOREBAY_PLUGINS", "/c", 1), 0);
    ck_assert_int_eq(find_folders(NULL), 0);
    ck_assert_uint_eq(folder_count, 1);
    ck_assert_str_eq(folders[0], "/c");
}
END_TEST

START_TEST(looks_in_one_absolute_folder_by_default)
{
    ck_assert_int_eq(setenv("FOREBAY_PLUGINS", "", 1), 0);
    ck_assert_int_eq(find_folders(NULL), 0);
    ck_assert_uint_eq(folder_count, 1);
    ck_assert_int_eq(folders[0][0], '/');
}
END_TEST

START_TEST(does_not_take_an_empty_name_for_the_working_directory)
{
    static const char *const lists[] = {"", ":", "/a:", ":/a", "/a::/b"};

    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        ck_assert_int_eq(find_folders(lists[i]), -1);
        ck_assert_int_eq(folder_err.code, FB_E_CONFIG);
    }
}
END_TEST

/* --- asking --- */

static int
read_nothing(void *self, struct fb_step *step, unsigned char *bytes,
             size_t size, size_t *got, struct fb_error *err)
{
    (void)self, (void)step, (void)bytes, (void)size, (void)err;
    *got = 0;
    return 0;
}

#define SOURCE(name_, ...)                                                     \
    {                                                                          \
        FB_PLUGIN_HEAD, .kind = FB_SOURCE, .name = name_, .summary = "Reads.", \
                        .read_bytes = read_nothing,                            \
                        .schemes = (const char *const[])                       \
        {                                                                      \
            __VA_ARGS__, NULL                                                  \
        }                                                                      \
    }

static const struct fb_plugin file_source = SOURCE("file", "file");
static const struct fb_plugin web_source = SOURCE("web", "http", "https");
static const struct fb_plugin arn_source = SOURCE("arn", "arn");
static const struct fb_plugin sns_source = SOURCE("sns", "arn:*:sns");
static const struct fb_plugin china_source =
    SOURCE("china", "arn:aws-cn:sns", "arn:*:s3");

static void
setup_built_in(void)
{
    static const struct fb_plugin *const plugins[] = {
        &file_source, &web_source, &arn_source, &sns_source, &china_source};

    registry = registry_of(plugins, ARRAY_SIZE(plugins));
}

static void
teardown_built_in(void)
{
    registry_free(registry);
}

static const char *
source_of(const char *uri)
{
    const struct fb_plugin *plugin = registry_by_uri(registry, FB_SOURCE, uri);

    return plugin == NULL ? "none" : plugin->name;
}

START_TEST(finds_a_plugin_by_kind_and_name)
{
    ck_assert_str_eq(registry_by_name(registry, FB_SOURCE, "web")->name, "web");
    ck_assert_ptr_null(registry_by_name(registry, FB_SINK, "web"));
    ck_assert_ptr_null(registry_by_name(registry, FB_SOURCE, "we"));
    ck_assert_str_eq(registry_path(registry, 0), "built in");
}
END_TEST

START_TEST(finds_a_plugin_by_the_scheme_in_any_case)
{
    ck_assert_str_eq(source_of("https://example.org/a:b"), "web");
    ck_assert_str_eq(source_of("HTTP:x"), "web");
    ck_assert_str_eq(source_of("s3://bucket/key"), "none");
    ck_assert_ptr_null(registry_by_uri(registry, FB_SINK, "http://x"));
}
END_TEST

START_TEST(takes_what_has_no_scheme_for_a_path)
{
    static const char *const paths[] = {"file:/a",
                                        "a.csv",
                                        "/a:b",
                                        "./a:b",
                                        "a/b:c",
                                        "",
                                        ":a",
                                        "1:30.csv",
                                        "two words: a.csv",
                                        "http",
                                        "var/store/raw/*.csv"};

    for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
        ck_assert_str_eq(source_of(paths[i]), "file");
}
END_TEST

START_TEST(takes_the_scheme_with_the_most_parts)
{
    ck_assert_str_eq(source_of("arn:aws:sns:eu-west-1:1:topic"), "sns");
    ck_assert_str_eq(source_of("arn:aws:sqs:eu-west-1:1:queue"), "arn");
    ck_assert_str_eq(source_of("arn:aws:s3:::bucket"), "china");
}
END_TEST

START_TEST(takes_the_scheme_with_fewer_stars_among_equals)
{
    ck_assert_str_eq(source_of("arn:aws-cn:sns:cn-north-1:1:topic"), "china");
}
END_TEST

START_TEST(takes_no_empty_part_for_a_star)
{
    ck_assert_str_eq(source_of("arn::sns:x"), "arn");
}
END_TEST

START_TEST(asks_for_whole_parts)
{
    ck_assert_str_eq(source_of("arn:aws:snsx:eu"), "arn");
    ck_assert_str_eq(source_of("arn:aws:sns"), "arn");
    ck_assert_str_eq(source_of("arnx:aws"), "none");
}
END_TEST

START_TEST(suggests_the_nearest_name_of_the_kind)
{
    ck_assert_str_eq(registry_nearest(registry, FB_SOURCE, "flie"), "file");
    ck_assert_ptr_null(registry_nearest(registry, FB_SINK, "flie"));
}
END_TEST

START_TEST(has_a_word_for_each_kind)
{
    ck_assert_str_eq(registry_kind_name(FB_SOURCE), "source");
    ck_assert_str_eq(registry_kind_name(FB_TRANSFORM), "transform");
    ck_assert_str_eq(registry_kind_name(FB_SINK), "sink");
    ck_assert_str_eq(registry_kind_name(FB_NOTIFIER), "notifier");
}
END_TEST

START_TEST(takes_an_invalid_built_in_for_a_bug)
{
    static const struct fb_plugin bad = {FB_PLUGIN_HEAD, .kind = FB_SINK};
    static const struct fb_plugin *const plugins[] = {&bad};

    registry_free(registry_of(plugins, 1));
}
END_TEST

static TCase *
folders_case(void)
{
    TCase *tc = tcase_create("folders");

    tcase_add_checked_fixture(tc, setup_folders, teardown_folders);
    tcase_add_test(tc, takes_the_flag_over_the_environment);
    tcase_add_test(tc, takes_the_environment_over_the_place_of_the_program);
    tcase_add_test(tc, looks_in_one_absolute_folder_by_default);
    tcase_add_test(tc, does_not_take_an_empty_name_for_the_working_directory);
    return tc;
}

static TCase *
asking_case(void)
{
    TCase *tc = tcase_create("asking");

    tcase_add_checked_fixture(tc, setup_built_in, teardown_built_in);
    tcase_add_test(tc, finds_a_plugin_by_kind_and_name);
    tcase_add_test(tc, finds_a_plugin_by_the_scheme_in_any_case);
    tcase_add_test(tc, takes_what_has_no_scheme_for_a_path);
    tcase_add_test(tc, takes_the_scheme_with_the_most_parts);
    tcase_add_test(tc, takes_the_scheme_with_fewer_stars_among_equals);
    tcase_add_test(tc, takes_no_empty_part_for_a_star);
    tcase_add_test(tc, asks_for_whole_parts);
    tcase_add_test(tc, suggests_the_nearest_name_of_the_kind);
    tcase_add_test(tc, has_a_word_for_each_kind);
    tcase_add_test_raise_signal(tc, takes_an_invalid_built_in_for_a_bug,
                                SIGABRT);
    return tc;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("registry");

    suite_add_tcase(suite, folders_case());
    suite_add_tcase(suite, asking_case());
    return suite;
}
