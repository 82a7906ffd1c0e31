/*
 * The texts of numbers, dates and times as CAST(x AS VARCHAR) gives them,
 * beside what printf makes of them digit by digit. That they are DuckDB's is
 * test_expr_duckdb.c.
 */
#include "unit/main.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "expr/datetime.h"
#include "expr/decimal.h"
#include "unit/test_expr_generator.h"
#include "util/clock.h"

#define ROUNDS 20000

START_TEST(integers_are_written_with_all_their_digits)
{
    static const int64_t values[] = {
        0, 1, -1, 9, 10, -10, 99, INT64_MAX, INT64_MIN, 1000, INT32_MIN, 42};
    char text[NUMBER_TEXT_MAX], expected[NUMBER_TEXT_MAX];

    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        snprintf(expected, sizeof(expected), "%" PRId64, values[i]);
        ck_assert_uint_eq(integer_print(values[i], text), strlen(expected));
        ck_assert_str_eq(text, expected);
    }
}
END_TEST

static void
test_decimal(int128 value, int width, int scale, const char *expected)
{
    char text[NUMBER_TEXT_MAX];

    ck_assert_uint_eq(decimal_print(value, width, scale, text),
                      strlen(expected));
    ck_assert_str_eq(text, expected);
}

START_TEST(decimals_are_written_with_all_digits_of_their_scale)
{
    test_decimal(0, 1, 0, "0");
    test_decimal(0, 4, 2, "0.00");
    test_decimal(0, 2, 2, ".00");
    test_decimal(-5, 2, 2, "-.05");
    test_decimal(-5, 3, 2, "-0.05");
    test_decimal(12345, 9, 2, "123.45");
    test_decimal(12345, 9, 0, "12345");
    test_decimal(INT64_MAX, 38, 3, "9223372036854775.807");
    test_decimal((int128)INT64_MAX + 1, 38, 3, "9223372036854775.808");
    test_decimal(decimal_power(37), 38, 38,
                 ".10000000000000000000000000000000000000");
    test_decimal(1 - decimal_power(38), 38, 19,
                 "-9999999999999999999.9999999999999999999");
}
END_TEST

/* The fewest digits that read back the same, by trying. */
static int
fewest_digits(double value)
{
    char text[64];

    for (int digits = 1; digits < 17; digits++) {
        snprintf(text, sizeof(text), "%.*e", digits - 1, value);
        if (strtod(text, NULL) == value)
            return digits;
    }
    return 17;
}

static int
digits_of(const char *text)
{
    int count = 0, zeros = 0;

    for (; *text != '\0' && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (count == 0 && *text == '0'))
            continue;
        zeros = *text == '0' ? zeros + 1 : 0;
        count++;
    }
    return count - zeros;
}

static void
test_double(double value)
{
    char text[NUMBER_TEXT_MAX];
    double size = fabs(value);

    ck_assert_uint_eq(double_print(value, text), strlen(text));
    ck_assert_msg(strtod(text, NULL) == value, "%.17g gives %s", value, text);
    ck_assert_msg(digits_of(text) <= fewest_digits(value), "%.17g gives %s",
                  value, text);
    ck_assert_msg((strchr(text, 'e') != NULL) == (size < 1e-4 || size >= 1e16),
                  "%.17g gives %s", value, text);
    ck_assert_msg(strpbrk(text, ".e") != NULL, "%.17g gives %s", value, text);
}

START_TEST(doubles_have_the_fewest_digits_that_read_back)
{
    struct generator g = {5, arena_new()};

    for (int i = 0; i < ROUNDS; i++) {
        double power = pow(10, gen_below(&g, 22));
        double few = (double)(int64_t)(gen_next(&g) % 10000000) / power;
        double many = (double)(int64_t)(gen_next(&g) >> 11) / power;

        if (few != 0)
            test_double(few);
        if (many != 0)
            test_double(-many);
        /* The neighbours of a number of few digits have many. */
        if (few != 0)
            test_double(nextafter(few, i % 2 == 0 ? 0 : DBL_MAX));
    }
    for (int e = -30; e <= 30; e++) {
        test_double(pow(10, e));
        test_double(nextafter(pow(10, e), 0));
        test_double(nextafter(pow(10, e), DBL_MAX));
        test_double(ldexp(1, e * 2));
    }
    arena_free(g.arena);
}
END_TEST

START_TEST(zeros_keep_their_sign)
{
    char text[NUMBER_TEXT_MAX];

    double_print(0.0, text);
    ck_assert_str_eq(text, "0.0");
    double_print(-0.0, text);
    ck_assert_str_eq(text, "-0.0");
}
END_TEST

START_TEST(dates_are_written_with_four_digits_of_the_year)
{
    char text[DATETIME_TEXT_MAX], expected[DATETIME_TEXT_MAX];

    for (int64_t days = -720000; days <= 2940000; days += 371) {
        int year, month, day;

        clock_civil_from_days(days, &year, &month, &day);
        snprintf(expected, sizeof(expected), "%04d-%02d-%02d%s",
                 year > 0 ? year : 1 - year, month, day,
                 year > 0 ? "" : " (BC)");
        ck_assert_uint_eq(date_print(days, text), strlen(expected));
        ck_assert_str_eq(text, expected);
    }
}
END_TEST

START_TEST(times_have_a_fraction_only_when_there_is_one)
{
    char text[DATETIME_TEXT_MAX];

    ck_assert_uint_eq(time_print(0, text), 8);
    ck_assert_str_eq(text, "00:00:00");
    time_print(DAY_US, text);
    ck_assert_str_eq(text, "24:00:00");
    time_print(INT64_C(45296500000), text);
    ck_assert_str_eq(text, "12:34:56.5");
    time_print(DAY_US - 1, text);
    ck_assert_str_eq(text, "23:59:59.999999");
    ck_assert_uint_eq(timestamp_print(-1, text), 26);
    ck_assert_str_eq(text, "1969-12-31 23:59:59.999999");
    timestamp_print(0, text);
    ck_assert_str_eq(text, "1970-01-01 00:00:00");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("expr_print");
    TCase *tcase = tcase_create("expr_print");

    tcase_add_test(tcase, integers_are_written_with_all_their_digits);
    tcase_add_test(tcase, decimals_are_written_with_all_digits_of_their_scale);
    tcase_add_test(tcase, doubles_have_the_fewest_digits_that_read_back);
    tcase_add_test(tcase, zeros_keep_their_sign);
    tcase_add_test(tcase, dates_are_written_with_four_digits_of_the_year);
    tcase_add_test(tcase, times_have_a_fraction_only_when_there_is_one);
    suite_add_tcase(suite, tcase);
    return suite;
}
