/*
 * tests/unit/test_value.c: which texts are values of which types, and how
 * values are written.  The tables hold the edges; each row is one judgement.
 */
#include "batch/value.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "unit/main.h"
#include "util/clock.h"
#include "util/mem.h"

static struct fb_value
parse(const struct fb_column *column, const char *text)
{
    struct fb_value value;

    value_parse(column, (const unsigned char *)text, (uint32_t)strlen(text),
                &value);
    return value;
}

static const struct fb_column integer = {.type = FB_C_INTEGER};
static const struct fb_column number = {.type = FB_C_NUMBER};
static const struct fb_column boolean = {.type = FB_C_BOOLEAN};
static const struct fb_column date = {.type = FB_C_DATE};
static const struct fb_column datetime = {.type = FB_C_DATETIME};
static const struct fb_column time_of_day = {.type = FB_C_TIME};

static void
all_bad(const struct fb_column *column, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(parse(column, texts[i]).state == FB_V_BAD,
                      "'%s' was accepted", texts[i]);
}
#define ALL_BAD(column_, ...)                            \
    all_bad(column_, (const char *const[]){__VA_ARGS__}, \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void
is_int(const struct fb_column *column, const char *text, int64_t want)
{
    struct fb_value value = parse(column, text);

    ck_assert_msg(value.state == FB_V_OK, "'%s' was refused", text);
    ck_assert_msg(value.as.i == want, "'%s' became %lld, not %lld", text,
                  (long long)value.as.i, (long long)want);
}

static void
is_number(const struct fb_column *column, const char *text, double want)
{
    struct fb_value value = parse(column, text);

    ck_assert_msg(value.state == FB_V_OK, "'%s' was refused", text);
    ck_assert_msg(value.as.d == want && signbit(value.as.d) == signbit(want),
                  "'%s' became %a, not %a", text, value.as.d, want);
}

/* The canonical text of what a text means. */
static const char *
reprint(const struct fb_column *column, const char *text)
{
    static char out[VALUE_TEXT_MAX];
    struct fb_value value = parse(column, text);

    ck_assert_msg(value.state == FB_V_OK, "'%s' was refused", text);
    ck_assert_uint_eq(value_print(column->type, &value, out), strlen(out));
    return out;
}

START_TEST(reads_integers_up_to_their_very_ends)
{
    is_int(&integer, "0", 0);
    is_int(&integer, "-0", 0);
    is_int(&integer, "+7", 7);
    is_int(&integer, "007", 7);
    is_int(&integer, "9223372036854775807", INT64_MAX);
    is_int(&integer, "-9223372036854775808", INT64_MIN);
    is_int(&integer, "0000000000000000000000000000012", 12);
}
END_TEST

START_TEST(refuses_what_is_no_integer_of_64_bits)
{
    ALL_BAD(&integer, "", "-", "+", "9223372036854775808",
            "-9223372036854775809", "18446744073709551616", "1.0", "1e3",
            "1,000", "0x10", " 1", "1 ", "\t1", "--1", "+-1", "1-",
            "\xd9\xa3" /* Arabic three */, "\xef\xbc\x91" /* wide one */, "NaN",
            "1_000");
}
END_TEST

START_TEST(refuses_a_text_with_a_nul_inside)
{
    struct fb_value value;

    value_parse(&integer, (const unsigned char *)"1\0", 2, &value);
    ck_assert_uint_eq(value.state, FB_V_BAD);
    value_parse(&number, (const unsigned char *)"1\0", 2, &value);
    ck_assert_uint_eq(value.state, FB_V_BAD);
    value_parse(&date, (const unsigned char *)"2025-01-01\0", 11, &value);
    ck_assert_uint_eq(value.state, FB_V_BAD);
}
END_TEST

START_TEST(removes_the_group_character_between_digits_only)
{
    static const struct fb_column grouped = {.type = FB_C_INTEGER,
                                             .group_char = ","};

    is_int(&grouped, "1,000", 1000);
    is_int(&grouped, "-12,34,567", -1234567);
    ALL_BAD(&grouped, ",1", "1,", "1,,0", "-,1", ",");
}
END_TEST

START_TEST(takes_a_group_character_of_several_bytes)
{
    static const struct fb_column thin = {
        .type = FB_C_NUMBER, .decimal_char = ",", .group_char = "\xe2\x80\xaf"};

    is_number(&thin,
              "1\xe2\x80\xaf"
              "234,5",
              1234.5);
    is_number(&thin,
              "12345678901234567890\xe2\x80\xaf"
              "123,25",
              12345678901234567890123.25);
}
END_TEST

START_TEST(reads_numbers_exactly)
{
    is_number(&number, "478.60", 478.60);
    is_number(&number, "-0", -0.0);
    is_number(&number, "0.1", 0.1);
    is_number(&number, "+1.5e3", 1500);
    is_number(&number, "1E-7", 1e-7);
    is_number(&number, ".5", .5);
    is_number(&number, "5.", 5);
    is_number(&number, "00012.50", 12.5);
    is_number(&number, "9007199254740993", 9007199254740992.0);
    is_number(&number, "9007199254740992.9999999999999999", 0x1p53 + 0);
    is_number(&number, "1.7976931348623157e308", 0x1.fffffffffffffp1023);
    is_number(&number, "4.9e-324", 0x1p-1074);
    is_number(&number, "1e-400", 0);
    is_number(&number, "0e999999999999", 0);
    is_number(&number, "0.000000000000000000000000000001", 1e-30);
    is_number(&number, "123456789012345678901234567890", 0x1.8ee90ff6c373ep96);
}
END_TEST

START_TEST(refuses_numbers_that_are_none_or_do_not_fit)
{
    ALL_BAD(&number, "", "-", ".", "e5", "1e", "1e+", "1e400", "-1e400",
            "1.7976931348623159e308", "1,000", "1.2.3", "0x1p3", "0x10", "nan",
            "inf", "Infinity", "+INF", "-NaN", " 1", "1 ", "\xd9\xa3", "1e5.0",
            "--1", "$5", "5%", "1d", "1f", "\xef\xbc\x91");
}
END_TEST

START_TEST(reads_the_words_for_what_is_no_finite_number)
{
    ck_assert(isnan(parse(&number, "NaN").as.d));
    is_number(&number, "INF", (double)INFINITY);
    is_number(&number, "-INF", -(double)INFINITY);
}
END_TEST

START_TEST(reads_a_number_as_long_as_a_record)
{
    size_t length = 100000;
    AUTO_FREE char *text = mem_alloc(length + 1);

    memset(text, '0', length);
    text[0] = '1';
    text[1] = '.';
    text[length - 1] = '1';
    text[length] = '\0';
    is_number(&number, text, 1.0);
}
END_TEST

START_TEST(reads_what_it_prints_and_prints_the_shortest)
{
    static const struct {
        double value;
        const char *text;
    } table[] = {
        {0, "0"},
        {-0.0, "-0"},
        {478.6, "478.6"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {1e15, "1e+15"},
        {999999999999999, "999999999999999"},
        {-1e22, "-1e+22"},
        {1e-7, "1e-07"},
        {0x1p-1074, "5e-324"},
        {0x1.fffffffffffffp1023, "1.7976931348623157e+308"},
        {(double)INFINITY, "INF"},
        {-(double)INFINITY, "-INF"},
    };
    char text[VALUE_TEXT_MAX];

    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        struct fb_value value = {.state = FB_V_OK, .as.d = table[i].value};

        ck_assert_uint_eq(value_print(FB_C_NUMBER, &value, text), strlen(text));
        ck_assert_str_eq(text, table[i].text);
        is_number(&number, text, table[i].value);
    }
}
END_TEST

START_TEST(agrees_with_strtod_on_random_numbers)
{
    uint64_t seed = 42;
    char text[64];

    for (int i = 0; i < 20000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        snprintf(text, sizeof(text), "%llu.%02ue%d",
                 (unsigned long long)(seed >> (seed % 60)),
                 (unsigned)(seed >> 7) % 100, (int)(seed >> 20) % 40 - 20);
        is_number(&number, text, strtod(text, NULL));
    }
}
END_TEST

START_TEST(reads_and_prints_numbers_the_same_in_a_locale_with_a_comma)
{
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL &&
        setlocale(LC_ALL, "fr_FR.UTF-8") == NULL)
        return; /* no such locale here; nothing can go wrong then */
    is_number(&number, "12345678901234567890.5", 12345678901234567890.5);
    ck_assert_str_eq(reprint(&number, "0.1"), "0.1");
    setlocale(LC_ALL, "C");
}
END_TEST

START_TEST(reads_booleans_as_table_schema_spells_them)
{
    static const char *const yes[] = {"true", "True", "TRUE", "1"};
    static const char *const no[] = {"false", "False", "FALSE", "0"};

    for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
        ck_assert_uint_eq(parse(&boolean, yes[i]).state, FB_V_OK);
        ck_assert(parse(&boolean, yes[i]).as.b);
        ck_assert_uint_eq(parse(&boolean, no[i]).state, FB_V_OK);
        ck_assert(!parse(&boolean, no[i]).as.b);
    }
    ALL_BAD(&boolean, "", "yes", "tRUE", "t", "2", " true", "truee");
}
END_TEST

START_TEST(reads_booleans_as_the_column_spells_them)
{
    static const char *const yes[] = {"ja", "j"}, *const no[] = {"nein"};
    static const struct fb_column german = {
        .type = FB_C_BOOLEAN, .true_values = {2, yes}, .false_values = {1, no}};

    ck_assert(parse(&german, "j").as.b);
    ck_assert_uint_eq(parse(&german, "nein").state, FB_V_OK);
    ck_assert(!parse(&german, "nein").as.b);
    ALL_BAD(&german, "true", "false", "1", "ne");
}
END_TEST

START_TEST(reads_dates_of_the_whole_calendar)
{
    is_int(&date, "1970-01-01", 0);
    is_int(&date, "1969-12-31", -1);
    is_int(&date, "2025-02-10", 20129);
    is_int(&date, "2024-02-29", 19782);
    is_int(&date, "2000-02-29", 11016);
    is_int(&date, "0001-01-01", VALUE_DATE_MIN);
    is_int(&date, "9999-12-31", VALUE_DATE_MAX);
}
END_TEST

START_TEST(refuses_days_that_do_not_exist_and_other_notations)
{
    ALL_BAD(&date, "", "2025-02-29", "1900-02-29", "2025-04-31", "2025-00-10",
            "2025-13-01", "2025-01-00", "2025-01-32", "0000-01-01",
            "10000-01-01", "-001-01-01", "2025-1-1", "25-01-01", "2025/01/01",
            "20250101", "2025-01-01 ", " 2025-01-01", "2025-01-01T00:00:00",
            "01.02.2025", "2025-01", "2025-01-0a", "+025-01-01");
}
END_TEST

START_TEST(reads_dates_in_three_notations_when_any_will_do)
{
    static const struct fb_column any = {.type = FB_C_DATE, .format = "any"};

    is_int(&any, "2025-02-10", 20129);
    is_int(&any, "2025/02/10", 20129);
    is_int(&any, "20250210", 20129);
    ALL_BAD(&any, "2025-02/10", "2025/0210", "202502-10", "2025/2/10", "250210",
            "2025 02 10");
}
END_TEST

START_TEST(reads_dates_by_a_pattern)
{
    static const struct {
        const char *format, *text;
    } table[] = {
        {"%d.%m.%Y", "10.02.2025"},
        {"%d/%m/%y", "10/2/25"},
        {"%d %b %Y", "10 FEB 2025"},
        {"%B %d, %Y", "february 10, 2025"},
        {"%Y-%j", "2025-041"},
        {"%Y%m%d", "20250210"},
        {"%%%Y%m%d", "%20250210"},
        {"%Y\xe5\xb9\xb4%m\xe6\x9c\x88%d\xe6\x97\xa5", "2025\xe5\xb9\xb4"
                                                       "2\xe6\x9c\x88"
                                                       "10\xe6\x97\xa5"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        struct fb_column c = {.type = FB_C_DATE, .format = table[i].format};

        is_int(&c, table[i].text, 20129);
    }
}
END_TEST

START_TEST(refuses_dates_that_do_not_follow_the_pattern)
{
    static const struct fb_column dotted = {.type = FB_C_DATE,
                                            .format = "%d.%m.%Y"};
    static const struct fb_column ordinal = {.type = FB_C_DATE,
                                             .format = "%Y-%j"};

    ALL_BAD(&dotted, "", "10.02.25", "10.02.2025 ", "10-02-2025", "29.02.2025",
            "1 .02.2025", "010.02.2025");
    ALL_BAD(&ordinal, "2025-000", "2025-366", "2025-");
    is_int(&ordinal, "2024-366", 20088);
}
END_TEST

START_TEST(turns_years_of_two_digits_at_69)
{
    static const struct fb_column c = {.type = FB_C_DATE, .format = "%y%m%d"};

    ck_assert_str_eq(reprint(&c, "690101"), "1969-01-01");
    ck_assert_str_eq(reprint(&c, "680101"), "2068-01-01");
}
END_TEST

START_TEST(reads_datetimes_with_and_without_an_offset)
{
    is_int(&datetime, "1970-01-01T00:00:00", 0);
    is_int(&datetime, "1970-01-01T00:00:00Z", 0);
    is_int(&datetime, "1970-01-01T09:00:00+09:00", 0);
    is_int(&datetime, "1969-12-31T23:59:59.5-00:30", INT64_C(1799500000));
    is_int(&datetime, "1970-01-01T00:00:00.000001", 1);
    is_int(&datetime, "1969-12-31T23:59:59.999999Z", -1);
    is_int(&datetime, "9999-12-31T23:59:59.999999", VALUE_DATETIME_MAX);
    is_int(&datetime, "0001-01-01T00:00:00", VALUE_DATETIME_MIN);
}
END_TEST

START_TEST(refuses_moments_that_do_not_exist_and_other_notations)
{
    ALL_BAD(&datetime, "", "2025-01-01", "2025-01-01 00:00:00",
            "2025-01-01T24:00:00", "2025-01-01T00:60:00", "2025-01-01T00:00:60",
            "2025-01-01T00:00", "2025-01-01T0:00:00", "2025-01-01T00:00:00.",
            "2025-01-01T00:00:00.1234567", "2025-01-01T00:00:00z",
            "2025-01-01t00:00:00", "2025-01-01T00:00:00+0900",
            "2025-01-01T00:00:00+09", "2025-01-01T00:00:00+24:00",
            "2025-01-01T00:00:00+09:60", "2025-01-01T00:00:00 Z",
            "2025-02-29T00:00:00", "0001-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01", "2025-01-01T00:00:00ZZ");
}
END_TEST

START_TEST(reads_datetimes_with_a_space_when_any_will_do)
{
    static const struct fb_column any = {.type = FB_C_DATETIME,
                                         .format = "any"};

    is_int(&any, "1970-01-01 00:01", 60000000);
    is_int(&any, "1970/01/01 00:00:01Z", 1000000);
    is_int(&any, "1970-01-01T00:01+00:01", 0);
    ALL_BAD(&any, "1970-01-01", "1970-01-01  00:01", "1970-01-01 00",
            "1970-01-01 00:01:");
}
END_TEST

START_TEST(reads_datetimes_by_a_pattern)
{
    static const struct fb_column us = {.type = FB_C_DATETIME,
                                        .format = "%m/%d/%Y %I:%M:%S %p"};
    static const struct fb_column zone = {.type = FB_C_DATETIME,
                                          .format = "%Y-%m-%d %H:%M%z"};

    ck_assert_str_eq(reprint(&us, "02/10/2025 12:00:01 AM"),
                     "2025-02-10T00:00:01Z");
    ck_assert_str_eq(reprint(&us, "2/10/2025 1:05:00 pm"),
                     "2025-02-10T13:05:00Z");
    ck_assert_str_eq(reprint(&zone, "2025-02-10 09:00+0900"),
                     "2025-02-10T00:00:00Z");
    ck_assert_str_eq(reprint(&zone, "2025-02-10 09:00-01:30"),
                     "2025-02-10T10:30:00Z");
    ALL_BAD(&us, "02/10/2025 13:00:00 AM", "02/10/2025 0:00:00 AM",
            "02/10/2025 01:00:00", "02/10/2025 01:00:00 XM");
    ALL_BAD(&zone, "2025-02-10 09:00", "2025-02-10 09:00+9");
}
END_TEST

START_TEST(reads_times_of_day)
{
    static const struct fb_column any = {.type = FB_C_TIME, .format = "any"};

    is_int(&time_of_day, "00:00:00", 0);
    is_int(&time_of_day, "23:59:59.999999", INT64_C(86399999999));
    is_int(&any, "01:00", INT64_C(3600000000));
    ALL_BAD(&time_of_day, "", "24:00:00", "00:60:00", "00:00:60", "1:00:00",
            "01:00", "01:00:00Z", "01:00:00 ", "01:00:00.");
}
END_TEST

START_TEST(prints_values_in_their_canonical_text)
{
    ck_assert_str_eq(reprint(&integer, "+007"), "7");
    ck_assert_str_eq(reprint(&integer, "-9223372036854775808"),
                     "-9223372036854775808");
    ck_assert_str_eq(reprint(&boolean, "1"), "true");
    ck_assert_str_eq(reprint(&boolean, "FALSE"), "false");
    ck_assert_str_eq(reprint(&date, "0001-01-01"), "0001-01-01");
    ck_assert_str_eq(reprint(&datetime, "2025-02-10T09:05:00.25+09:00"),
                     "2025-02-10T00:05:00.250000Z");
    ck_assert_str_eq(reprint(&datetime, "1969-12-31T23:59:59"),
                     "1969-12-31T23:59:59Z");
    ck_assert_str_eq(reprint(&time_of_day, "09:05:00"), "09:05:00");
}
END_TEST

START_TEST(reads_every_day_that_it_prints)
{
    char text[VALUE_TEXT_MAX];

    for (int64_t day = VALUE_DATE_MIN; day <= VALUE_DATE_MAX; day += 13) {
        struct fb_value value = {.state = FB_V_OK, .as.i = day};

        ck_assert_uint_eq(value_print(FB_C_DATE, &value, text), 10);
        is_int(&date, text, day);
    }
}
END_TEST

START_TEST(gives_a_string_as_it_stands)
{
    static const struct fb_column string = {.type = FB_C_STRING};
    static const char text[] = " NULL ";
    struct fb_value value;

    value_parse(&string, (const unsigned char *)text, 6, &value);
    ck_assert_uint_eq(value.state, FB_V_OK);
    ck_assert_uint_eq(value.len, 6);
    ck_assert_ptr_eq(value.as.s, text);
}
END_TEST

static const char *
wrong(enum fb_column_type type, const char *format)
{
    const char *why = "not set";
    bool valid = value_format_is_valid(type, format, &why);

    ck_assert(valid == (why == NULL));
    return why;
}

START_TEST(accepts_formats_that_name_every_part_once)
{
    ck_assert_ptr_null(wrong(FB_C_DATE, NULL));
    ck_assert_ptr_null(wrong(FB_C_DATE, "any"));
    ck_assert_ptr_null(wrong(FB_C_DATE, "%d.%m.%y"));
    ck_assert_ptr_null(wrong(FB_C_DATE, "%Y %j%%"));
    ck_assert_ptr_null(wrong(FB_C_DATETIME, "%Y-%m-%d %I:%M %p %z"));
    ck_assert_ptr_null(wrong(FB_C_DATETIME, "%Y-%m-%d"));
    ck_assert_ptr_null(wrong(FB_C_TIME, "%H%M"));
    ck_assert_ptr_null(wrong(FB_C_STRING, "default"));
}
END_TEST

START_TEST(explains_formats_that_cannot_be_understood)
{
    ck_assert_ptr_nonnull(strstr(wrong(FB_C_DATE, "YYYY-MM-DD"), "%d.%m.%Y"));
    ck_assert_ptr_nonnull(strstr(wrong(FB_C_DATE, "%Y-%m"), "day"));
    ck_assert_ptr_nonnull(strstr(wrong(FB_C_DATE, "%Y-%m-%m"), "twice"));
    ck_assert_ptr_nonnull(strstr(wrong(FB_C_DATE, "%Y-%j-%d"), "twice"));
    ck_assert_ptr_nonnull(strstr(wrong(FB_C_DATE, "%Y-%m-%d %H"), "time"));
    ck_assert_ptr_nonnull(strstr(wrong(FB_C_DATE, "%Y-%m-%d %Q"), "known"));
    ck_assert_ptr_nonnull(strstr(wrong(FB_C_DATE, "%Y-%m-%d%"), "known"));
    ck_assert_ptr_nonnull(strstr(wrong(FB_C_TIME, "%M:%S"), "hour"));
    ck_assert_ptr_nonnull(strstr(wrong(FB_C_TIME, "%I:%M"), "%p"));
    ck_assert_ptr_nonnull(strstr(wrong(FB_C_TIME, "%H:%M %p"), "%p"));
    ck_assert_ptr_nonnull(strstr(wrong(FB_C_TIME, "%H:%M %z"), "zone"));
    ck_assert_ptr_nonnull(wrong(FB_C_STRING, "email"));
    ck_assert_ptr_nonnull(wrong(FB_C_INTEGER, "%d"));
}
END_TEST

START_TEST(says_what_a_text_should_look_like)
{
    struct fb_column c = {.type = FB_C_DATE};

    ck_assert_str_eq(value_expectation(&c), "a date (YYYY-MM-DD)");
    c.format = "%d.%m.%Y";
    ck_assert_str_eq(value_expectation(&c), "a date in the schema's format");
    for (int t = FB_C_STRING; t <= FB_C_TIME; t++) {
        c.type = (enum fb_column_type)t;
        ck_assert_uint_gt(strlen(value_expectation(&c)), 3);
    }
}
END_TEST

static TCase *
numbers(void)
{
    TCase *tc = tcase_create("numbers");

    tcase_add_test(tc, reads_integers_up_to_their_very_ends);
    tcase_add_test(tc, refuses_what_is_no_integer_of_64_bits);
    tcase_add_test(tc, refuses_a_text_with_a_nul_inside);
    tcase_add_test(tc, removes_the_group_character_between_digits_only);
    tcase_add_test(tc, takes_a_group_character_of_several_bytes);
    tcase_add_test(tc, reads_numbers_exactly);
    tcase_add_test(tc, refuses_numbers_that_are_none_or_do_not_fit);
    tcase_add_test(tc, reads_the_words_for_what_is_no_finite_number);
    tcase_add_test(tc, reads_a_number_as_long_as_a_record);
    tcase_add_test(tc, reads_what_it_prints_and_prints_the_shortest);
    tcase_add_test(tc, agrees_with_strtod_on_random_numbers);
    tcase_add_test(tc,
                   reads_and_prints_numbers_the_same_in_a_locale_with_a_comma);
    return tc;
}

static TCase *
moments(void)
{
    TCase *tc = tcase_create("moments");

    tcase_add_test(tc, reads_dates_of_the_whole_calendar);
    tcase_add_test(tc, refuses_days_that_do_not_exist_and_other_notations);
    tcase_add_test(tc, reads_dates_in_three_notations_when_any_will_do);
    tcase_add_test(tc, reads_dates_by_a_pattern);
    tcase_add_test(tc, refuses_dates_that_do_not_follow_the_pattern);
    tcase_add_test(tc, turns_years_of_two_digits_at_69);
    tcase_add_test(tc, reads_datetimes_with_and_without_an_offset);
    tcase_add_test(tc, refuses_moments_that_do_not_exist_and_other_notations);
    tcase_add_test(tc, reads_datetimes_with_a_space_when_any_will_do);
    tcase_add_test(tc, reads_datetimes_by_a_pattern);
    tcase_add_test(tc, reads_times_of_day);
    tcase_add_test(tc, reads_every_day_that_it_prints);
    return tc;
}

static TCase *
others(void)
{
    TCase *tc = tcase_create("others");

    tcase_add_test(tc, reads_booleans_as_table_schema_spells_them);
    tcase_add_test(tc, reads_booleans_as_the_column_spells_them);
    tcase_add_test(tc, prints_values_in_their_canonical_text);
    tcase_add_test(tc, gives_a_string_as_it_stands);
    tcase_add_test(tc, accepts_formats_that_name_every_part_once);
    tcase_add_test(tc, explains_formats_that_cannot_be_understood);
    tcase_add_test(tc, says_what_a_text_should_look_like);
    return tc;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("value");

    suite_add_tcase(suite, numbers());
    suite_add_tcase(suite, moments());
    suite_add_tcase(suite, others());
    return suite;
}
