/*
 * What the patterns of the plugin `file` match.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/fake_host.h"
#include "support/folder.h"
#include "unit/main.h"

static struct folder folder;
static struct fake *fake;

static void
setup(void)
{
    static const char *const names[] = {
        "a.csv",          "b.csv",       "a.txt",       ".hidden.csv",
        "sub/a.csv",      "sub/x/a.csv", "sub/x/y.csv", ".git/a.csv",
        "deep/a/b/a.csv", "注文.csv",    "x[1].csv",
    };

    folder_make(&folder);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        folder_write(&folder, names[i], "x");
    folder_write(&folder, ".a.csv.dead-1-0.forebay-tmp", "half");
    ck_assert_int_eq(chdir(folder.path), 0);
    fake = fake_new("file", FB_SOURCE);
}

static void
teardown(void)
{
    fake_free(fake);
    folder_remove(&folder);
}

struct found {
    int count;
    char uris[32][256];
};

static int
note(void *arg, const struct fb_object *object)
{
    struct found *found = arg;

    ck_assert_int_lt(found->count, 32);
    snprintf(found->uris[found->count++], sizeof(found->uris[0]), "%s",
             object->uri);
    return 0;
}

static int
compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* The uris found, sorted, with a space between them; "!" for an error. */
static const char *
match(const char *pattern)
{
    static char text[4096];
    struct found found = {0};
    size_t used = 0;

    fake->uri = pattern;
    fake->err.code = FB_E_NONE;
    if (fake_check(fake) != 0 ||
        fake->plugin->discover(fake->self, &fake->step, note, &found,
                               &fake->err) != 0)
        return "!";
    qsort(found.uris, (size_t)found.count, sizeof(found.uris[0]), compare);
    text[0] = '\0';
    for (int i = 0; i < found.count; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
                                 i > 0 ? " " : "", found.uris[i]);
    return text;
}

START_TEST(a_star_stays_in_its_folder_and_passes_hidden_files)
{
    ck_assert_str_eq(match("*.csv"), "a.csv b.csv x[1].csv 注文.csv");
    ck_assert_str_eq(match("sub/*"), "sub/a.csv");
    ck_assert_str_eq(match("*/a.csv"), "sub/a.csv");
}
END_TEST

START_TEST(a_question_mark_is_one_character)
{
    ck_assert_str_eq(match("?.csv"), "a.csv b.csv");
    ck_assert_str_eq(match("??.csv"), "注文.csv");
    ck_assert_str_eq(match("*???.csv"), "x[1].csv");
}
END_TEST

START_TEST(brackets_are_one_of_a_set)
{
    ck_assert_str_eq(match("[b-z].csv"), "b.csv");
    ck_assert_str_eq(match("[!b].csv"), "a.csv");
    ck_assert_str_eq(match("[^b].csv"), "a.csv");
    ck_assert_str_eq(match("x[[]1[]].csv"), "x[1].csv");
}
END_TEST

START_TEST(a_bracket_that_never_closes_stands_for_itself)
{
    ck_assert_str_eq(match("x[1*"), "x[1].csv");
}
END_TEST

START_TEST(two_stars_are_any_number_of_folders_each_file_once)
{
    ck_assert_str_eq(match("**/a.csv"),
                     "a.csv deep/a/b/a.csv sub/a.csv sub/x/a.csv");
    ck_assert_str_eq(match("sub/**/a.csv"), "sub/a.csv sub/x/a.csv");
    ck_assert_str_eq(match("sub/**"), "sub/a.csv sub/x/a.csv sub/x/y.csv");
    ck_assert_str_eq(match("**/a/**/a.csv"), "deep/a/b/a.csv");
    ck_assert_str_eq(match("**/**/y.csv"), "sub/x/y.csv");
}
END_TEST

START_TEST(two_stars_do_not_follow_links_to_folders)
{
    ck_assert_int_eq(symlink("..", "sub/loop"), 0);
    ck_assert_str_eq(match("sub/**/a.csv"), "sub/a.csv sub/x/a.csv");
}
END_TEST

START_TEST(links_match_only_where_they_are_followed)
{
    ck_assert_int_eq(symlink("a.txt", "link.csv"), 0);
    ck_assert_int_eq(symlink("sub", "way"), 0);
    ck_assert_str_eq(match("l*.csv"), "");
    ck_assert_str_eq(match("w*/a.csv"), "");
    ck_assert_ptr_nonnull(strstr(fake->logs[0], "symbolic link"));
    fake_option(fake, "links", "follow");
    ck_assert_str_eq(match("l*.csv"), "link.csv");
    ck_assert_str_eq(match("w*/a.csv"), "way/a.csv");
}
END_TEST

START_TEST(a_link_before_the_wildcard_is_the_operators_own)
{
    ck_assert_int_eq(symlink("sub", "way"), 0);
    ck_assert_str_eq(match("way/*.csv"), "way/a.csv");
}
END_TEST

START_TEST(dead_links_do_not_match)
{
    fake_option(fake, "links", "follow");
    ck_assert_int_eq(symlink("a.txt", "link.csv"), 0);
    ck_assert_int_eq(symlink("nowhere", "lost.csv"), 0);
    ck_assert_str_eq(match("l*.csv"), "link.csv");
}
END_TEST

START_TEST(fifos_and_folders_do_not_match)
{
    ck_assert_int_eq(mkfifo("fifo.csv", 0600), 0);
    ck_assert_int_eq(mkdir("folder.csv", 0700), 0);
    ck_assert_str_eq(match("f*.csv"), "");
}
END_TEST

START_TEST(hidden_files_match_a_pattern_that_says_so)
{
    ck_assert_str_eq(match(".h*"), ".hidden.csv");
}
END_TEST

START_TEST(our_temporary_files_never_match)
{
    ck_assert_str_eq(match(".a*"), "");
    ck_assert_str_eq(match("**/.a*"), "");
}
END_TEST

START_TEST(a_path_without_wildcards_is_that_file)
{
    ck_assert_str_eq(match("a.csv"), "a.csv");
    ck_assert_str_eq(match("sub/x/y.csv"), "sub/x/y.csv");
    ck_assert_str_eq(match("nowhere/c.csv"), "");
}
END_TEST

START_TEST(uris_are_written_as_the_pattern_is)
{
    char pattern[1024], expected[1024];

    ck_assert_str_eq(match("./b*.csv"), "./b.csv");
    ck_assert_str_eq(match("file:b*.csv"), "file:b.csv");
    snprintf(pattern, sizeof(pattern), "file://%s/b*", folder.path);
    snprintf(expected, sizeof(expected), "file://%s/b.csv", folder.path);
    ck_assert_str_eq(match(pattern), expected);
}
END_TEST

START_TEST(a_missing_folder_is_an_error)
{
    ck_assert_str_eq(match("nowhere/*.csv"), "!");
    ck_assert_int_eq(fake->err.code, FB_E_MISSING);
    ck_assert_ptr_nonnull(strstr(fake->err.message, "'nowhere'"));
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "'mkdir -p nowhere' makes"));
    ck_assert_str_eq(match("*/nowhere/*.csv"), "");
}
END_TEST

START_TEST(no_command_is_proposed_that_a_shell_would_take_apart)
{
    ck_assert_str_eq(match("no where/*.csv"), "!");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "make the folder"));
    ck_assert_str_eq(match("$(reboot)/*.csv"), "!");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "make the folder"));
    ck_assert_str_eq(match("-m/*.csv"), "!");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "make the folder"));
}
END_TEST

START_TEST(a_file_cannot_be_listed)
{
    ck_assert_str_eq(match("b.csv/**"), "!");
    ck_assert_int_eq(fake->err.code, FB_E_CONFIG);
    ck_assert_str_eq(fake->err.message,
                     "cannot list 'b.csv': it is a file, not a folder");
    ck_assert_str_eq(match("b.csv/c/*"), "!");
    ck_assert_int_eq(fake->err.code, FB_E_MISSING);
}
END_TEST

START_TEST(a_folder_is_not_a_pattern)
{
    ck_assert_str_eq(match("sub"), "!");
    ck_assert_str_eq(match("sub/"), "!");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "sub/*"));
}
END_TEST

START_TEST(young_files_are_left_alone)
{
    struct stat st;

    ck_assert_int_eq(stat("b.csv", &st), 0);
    fake_option(fake, "min_age", "30s");
    fake->now_ms = (int64_t)st.st_ctim.tv_sec * 1000 + 2000;
    ck_assert_str_eq(match("b*"), "");
    fake->now_ms += 60000;
    ck_assert_str_eq(match("b*"), "b.csv");
}
END_TEST

static int
stop(void *arg, const struct fb_object *object)
{
    (void)object;
    ++*(int *)arg;
    return 1;
}

START_TEST(stops_when_enough_was_found)
{
    int count = 0;

    fake->uri = "**/*.csv";
    ck_assert_int_eq(fake_check(fake), 0);
    ck_assert_int_eq(fake->plugin->discover(fake->self, &fake->step, stop,
                                            &count, &fake->err),
                     0);
    ck_assert_int_eq(count, 1);
}
END_TEST

START_TEST(stops_when_the_run_is_cancelled)
{
    fake->cancelled = true;
    ck_assert_str_eq(match("*.csv"), "!");
    ck_assert_int_eq(fake->err.code, FB_E_CANCELLED);
}
END_TEST

START_TEST(many_stars_take_no_exponential_time)
{
    char name[201];

    memset(name, 'a', 200);
    name[200] = '\0';
    folder_write(&folder, name, "x");
    ck_assert_str_eq(match("a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b"), "");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("file discover");
    TCase *tc = tcase_create("all");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_star_stays_in_its_folder_and_passes_hidden_files);
    tcase_add_test(tc, a_question_mark_is_one_character);
    tcase_add_test(tc, brackets_are_one_of_a_set);
    tcase_add_test(tc, a_bracket_that_never_closes_stands_for_itself);
    tcase_add_test(tc, two_stars_are_any_number_of_folders_each_file_once);
    tcase_add_test(tc, two_stars_do_not_follow_links_to_folders);
    tcase_add_test(tc, links_match_only_where_they_are_followed);
    tcase_add_test(tc, a_link_before_the_wildcard_is_the_operators_own);
    tcase_add_test(tc, dead_links_do_not_match);
    tcase_add_test(tc, fifos_and_folders_do_not_match);
    tcase_add_test(tc, hidden_files_match_a_pattern_that_says_so);
    tcase_add_test(tc, our_temporary_files_never_match);
    tcase_add_test(tc, a_path_without_wildcards_is_that_file);
    tcase_add_test(tc, uris_are_written_as_the_pattern_is);
    tcase_add_test(tc, a_missing_folder_is_an_error);
    tcase_add_test(tc, no_command_is_proposed_that_a_shell_would_take_apart);
    tcase_add_test(tc, a_file_cannot_be_listed);
    tcase_add_test(tc, a_folder_is_not_a_pattern);
    tcase_add_test(tc, young_files_are_left_alone);
    tcase_add_test(tc, stops_when_enough_was_found);
    tcase_add_test(tc, stops_when_the_run_is_cancelled);
    tcase_add_test(tc, many_stars_take_no_exponential_time);
    suite_add_tcase(suite, tc);
    return suite;
}
