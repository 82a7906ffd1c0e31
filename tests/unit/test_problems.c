/*
 * config/problems.c: order, duplicates, bounds and how problems are printed.
 */
#include "config/problems.h"

#include <stdlib.h>

#include "unit/main.h"
#include "util/error.h"
#include "util/limits.h"

static struct place
at(const char *file, uint32_t line, uint32_t column)
{
    return (struct place){.file = file, .line = line, .column = column};
}

static char *
printed(struct problems *problems)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    problems_print(problems, out);
    fclose(out);
    return text;
}

START_TEST(prints_place_message_and_hint)
{
    struct problems *problems = problems_new();
    char *text;

    problems_add(problems, at("a.yaml", 3, 7), "write b", "there is no '%s'",
                 "a");
    text = printed(problems);
    ck_assert_str_eq(text, "a.yaml:3:7: there is no 'a'\n"
                           "    hint: write b\n");
    free(text);
    problems_free(problems);
}
END_TEST

START_TEST(prints_a_problem_of_the_whole_file_without_a_line)
{
    struct problems *problems = problems_new();
    char *text;

    problems_add(problems, at("a.yaml", 0, 0), NULL, "the file is empty");
    text = printed(problems);
    ck_assert_str_eq(text, "a.yaml: the file is empty\n");
    free(text);
    problems_free(problems);
}
END_TEST

START_TEST(sorts_by_file_line_and_column)
{
    struct problems *problems = problems_new();
    char *text;

    problems_add(problems, at("b", 1, 1), NULL, "5");
    problems_add(problems, at("a", 2, 1), NULL, "4");
    problems_add(problems, at("a", 1, 9), NULL, "2");
    problems_add(problems, at("a", 1, 10), NULL, "3");
    problems_add(problems, at("a", 0, 0), NULL, "1");
    text = printed(problems);
    ck_assert_str_eq(text, "a: 1\na:1:9: 2\na:1:10: 3\na:2:1: 4\nb:1:1: 5\n");
    free(text);
    problems_free(problems);
}
END_TEST

START_TEST(keeps_the_order_of_adding_at_one_place)
{
    struct problems *problems = problems_new();

    problems_add(problems, at("a", 1, 1), NULL, "z");
    problems_add(problems, at("a", 1, 1), NULL, "y");
    ck_assert_str_eq(problems_at(problems, 0)->message, "z");
    ck_assert_str_eq(problems_at(problems, 1)->message, "y");
    problems_free(problems);
}
END_TEST

START_TEST(keeps_the_same_message_at_one_place_once)
{
    struct problems *problems = problems_new();

    problems_add(problems, at("a", 1, 1), NULL, "same");
    problems_add(problems, at("a", 1, 1), NULL, "same");
    problems_add(problems, at("a", 1, 2), NULL, "same");
    ck_assert_uint_eq(problems_count(problems), 2);
    problems_free(problems);
}
END_TEST

START_TEST(counts_what_is_beyond_the_maximum)
{
    struct problems *problems = problems_new();
    char *text;

    for (uint32_t i = 0; i < PROBLEMS_MAX + 5; i++)
        problems_add(problems, at("a", i + 1, 1), NULL, "wrong");
    ck_assert_uint_eq(problems_count(problems), PROBLEMS_MAX + 5);
    text = printed(problems);
    ck_assert_ptr_nonnull(strstr(text, "\n... and 5 more\n"));
    free(text);
    problems_free(problems);
}
END_TEST

START_TEST(lets_no_control_character_reach_the_terminal)
{
    struct problems *problems = problems_new();

    problems_add(problems, at("a", 1, 1), "\x1b[2J", "a\nb\x1b[31m");
    ck_assert_str_eq(problems_at(problems, 0)->message, "a\\nb\\x1b[31m");
    ck_assert_str_eq(problems_at(problems, 0)->hint, "\\x1b[2J");
    problems_free(problems);
}
END_TEST

START_TEST(takes_message_and_hint_of_an_error)
{
    struct problems *problems = problems_new();
    struct fb_error err = FB_ERROR_INIT;

    fb_fail(&err, FB_E_CONFIG, "cannot do it");
    problems_add_error(problems, at("a", 1, 1), &err);
    fb_hint(&err, "do something else");
    problems_add_error(problems, at("a", 2, 1), &err);
    ck_assert_str_eq(problems_at(problems, 0)->message, "cannot do it");
    ck_assert_ptr_null(problems_at(problems, 0)->hint);
    ck_assert_str_eq(problems_at(problems, 1)->hint, "do something else");
    problems_free(problems);
}
END_TEST

START_TEST(outlives_the_texts_it_was_given)
{
    struct problems *problems = problems_new();
    char file[] = "a.yaml", hint[] = "hint";

    problems_add(problems, at(file, 1, 1), hint, "message");
    file[0] = hint[0] = 'x';
    ck_assert_str_eq(problems_at(problems, 0)->place.file, "a.yaml");
    ck_assert_str_eq(problems_at(problems, 0)->hint, "hint");
    problems_free(problems);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("problems");
    TCase *tests = tcase_create("problems");

    tcase_add_test(tests, prints_place_message_and_hint);
    tcase_add_test(tests, prints_a_problem_of_the_whole_file_without_a_line);
    tcase_add_test(tests, sorts_by_file_line_and_column);
    tcase_add_test(tests, keeps_the_order_of_adding_at_one_place);
    tcase_add_test(tests, keeps_the_same_message_at_one_place_once);
    tcase_add_test(tests, counts_what_is_beyond_the_maximum);
    tcase_add_test(tests, lets_no_control_character_reach_the_terminal);
    tcase_add_test(tests, takes_message_and_hint_of_an_error);
    tcase_add_test(tests, outlives_the_texts_it_was_given);
    suite_add_tcase(suite, tests);
    return suite;
}
