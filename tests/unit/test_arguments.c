/*
 * Flags, their twins in the environment, and what is said of a wrong one.
 */
#include "unit/main.h"

#include <stdlib.h>

#include "cmd/arguments.h"
#include "cmd/command.h"
#include "util/error.h"
#include "util/mem.h"

static const struct flag flags[] = {
    {"as-of", FLAG_TEXT, FLAG_FIELD(as_of), "DATE", "a date", NULL},
    {"limit", FLAG_NUMBER, FLAG_FIELD(limit), "N", "a number", NULL},
    {"strict", FLAG_BOOL, FLAG_FIELD(strict), NULL, "a switch", NULL},
    {NULL, 0, 0, NULL, NULL, NULL},
};

static struct arguments arguments;
static struct fb_error err;

static int
parse(int argc, const char **argv)
{
    error_clear(&err);
    return arguments_parse(&arguments, flags, argc, (char **)(void *)argv,
                           &err);
}

#define PARSE(...)                                          \
    parse((int)ARRAY_SIZE(((const char *[]){__VA_ARGS__})), \
          (const char *[]){__VA_ARGS__})

static void
setup(void)
{
    unsetenv("FOREBAY_AS_OF");
    unsetenv("FOREBAY_STRICT");
    unsetenv("FOREBAY_SET");
}

static void
teardown(void)
{
    arguments_release(&arguments);
}

START_TEST(takes_a_value_behind_a_space_or_an_equals_sign)
{
    ck_assert_int_eq(PARSE("--as-of", "2025-05-10", "--limit=7", "a.yaml"), 0);
    ck_assert_str_eq(arguments.as_of, "2025-05-10");
    ck_assert_int_eq(arguments.limit, 7);
    ck_assert_int_eq(arguments.operand_count, 1);
    ck_assert_str_eq(arguments.operands[0], "a.yaml");
}
END_TEST

START_TEST(suggests_the_nearest_flag)
{
    ck_assert_int_eq(PARSE("--strct"), -1);
    ck_assert_int_eq(err.code, FB_E_USAGE);
    ck_assert_str_eq(err.hint, "did you mean '--strict'?");
}
END_TEST

START_TEST(refuses_a_flag_without_its_value)
{
    ck_assert_int_eq(PARSE("--as-of"), -1);
    ck_assert_str_eq(err.message, "--as-of needs a value: --as-of DATE");
}
END_TEST

START_TEST(refuses_a_value_for_a_switch)
{
    ck_assert_int_eq(PARSE("--strict=yes"), -1);
    ck_assert_str_eq(err.message, "--strict takes no value");
}
END_TEST

START_TEST(refuses_text_where_a_number_belongs)
{
    ck_assert_int_eq(PARSE("--limit", "ten"), -1);
    ck_assert_str_eq(err.message, "--limit takes a number, not 'ten'");
}
END_TEST

START_TEST(reads_a_flag_from_its_twin_in_the_environment)
{
    setenv("FOREBAY_AS_OF", "2024-02-29", 1);
    setenv("FOREBAY_STRICT", "1", 1);
    ck_assert_int_eq(PARSE("a.yaml"), 0);
    ck_assert_str_eq(arguments.as_of, "2024-02-29");
    ck_assert(arguments.strict);
}
END_TEST

START_TEST(lets_the_command_line_win_over_the_environment)
{
    setenv("FOREBAY_AS_OF", "2024-02-29", 1);
    ck_assert_int_eq(PARSE("--as-of", "2025-01-01"), 0);
    ck_assert_str_eq(arguments.as_of, "2025-01-01");
}
END_TEST

START_TEST(refuses_a_twin_that_is_neither_on_nor_off)
{
    setenv("FOREBAY_STRICT", "maybe", 1);
    ck_assert_int_eq(PARSE("a.yaml"), -1);
    ck_assert_str_eq(err.message, "FOREBAY_STRICT takes 1 or 0, not 'maybe'");
}
END_TEST

START_TEST(collects_settings_from_both_the_command_line_last)
{
    setenv("FOREBAY_SET", "STORE=a\nNOTIFY=log:", 1);
    ck_assert_int_eq(PARSE("--set", "STORE=b=c"), 0);
    ck_assert_uint_eq(arguments.setting_count, 3);
    ck_assert_str_eq(arguments.settings[2].name, "STORE");
    ck_assert_str_eq(arguments.settings[2].value, "b=c");
}
END_TEST

START_TEST(refuses_a_setting_without_a_name)
{
    ck_assert_int_eq(PARSE("--set", "=x"), -1);
    ck_assert_str_eq(err.message, "--set takes NAME=VALUE, not '=x'");
}
END_TEST

START_TEST(takes_all_behind_two_dashes_as_operands)
{
    ck_assert_int_eq(PARSE("--", "--strict"), 0);
    ck_assert(!arguments.strict);
    ck_assert_str_eq(arguments.operands[0], "--strict");
}
END_TEST

START_TEST(refuses_single_dashes)
{
    ck_assert_int_eq(PARSE("-x"), -1);
    ck_assert_str_eq(err.message,
                     "flags begin with two dashes; there is no '-x'");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("arguments");
    TCase *tests = tcase_create("arguments");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, takes_a_value_behind_a_space_or_an_equals_sign);
    tcase_add_test(tests, suggests_the_nearest_flag);
    tcase_add_test(tests, refuses_a_flag_without_its_value);
    tcase_add_test(tests, refuses_a_value_for_a_switch);
    tcase_add_test(tests, refuses_text_where_a_number_belongs);
    tcase_add_test(tests, reads_a_flag_from_its_twin_in_the_environment);
    tcase_add_test(tests, lets_the_command_line_win_over_the_environment);
    tcase_add_test(tests, refuses_a_twin_that_is_neither_on_nor_off);
    tcase_add_test(tests, collects_settings_from_both_the_command_line_last);
    tcase_add_test(tests, refuses_a_setting_without_a_name);
    tcase_add_test(tests, takes_all_behind_two_dashes_as_operands);
    tcase_add_test(tests, refuses_single_dashes);
    suite_add_tcase(suite, tests);
    return suite;
}
