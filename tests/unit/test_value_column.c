/*
 * The fast ways of reading values against the general one: number_parse and
 * moment_parse say what a text means, and everything faster must agree with
 * them wherever it has an opinion.  What those two mean is test_value.c's
 * business; number_parse is held against strtod here, which is exact.
 */
#include "batch/value_column.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "batch/moment.h"
#include "batch/moment_iso.h"
#include "batch/number.h"
#include "batch/number_fast.h"
#include "batch/value.h"
#include "unit/main.h"
#include "util/mem.h"

/* A generator of its own, so that a failure can be repeated. */
static uint64_t seed;

static void
setup(void)
{
    seed = 42;
}

static uint32_t
any_below(uint32_t bound)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % bound);
}

/* ----------------------------------------------------- one text, all ways ---
 */

static bool
same_double(double a, double b)
{
    return signbit(a) == signbit(b) && (a == b || (isnan(a) && isnan(b)));
}

/* What the general code says, without any short cut. */
static void
read_slowly(const struct fb_column *column, const unsigned char *text,
            uint32_t length, struct fb_value *value)
{
    bool ok;

    *value = (struct fb_value){.state = FB_V_BAD};
    if (column->type == FB_C_INTEGER)
        ok = number_parse_integer(text, length, column->group_char,
                                  &value->as.i);
    else if (column->type == FB_C_NUMBER)
        ok = number_parse(text, length, column->decimal_char,
                          column->group_char, &value->as.d);
    else
        ok = moment_parse(column->type, column->format, text, length,
                          &value->as.i);
    if (ok)
        value->state = FB_V_OK;
}

static void
agree(const struct fb_column *column, const unsigned char *text,
      uint32_t length, const struct fb_value *want, const struct fb_value *got)
{
    bool same = want->state == got->state && got->len == 0;

    if (same && want->state == FB_V_OK)
        same = column->type == FB_C_NUMBER ? same_double(want->as.d, got->as.d)
                                           : want->as.i == got->as.i;
    /* An assertion that holds is written down, too: millions take a while. */
    if (!same)
        ck_abort_msg("'%.*s' of type %d: state %u not %u, %lld not %lld",
                     (int)length, (const char *)text, (int)column->type,
                     got->state, want->state, (long long)got->as.i,
                     (long long)want->as.i);
}

/* The text stands in memory of just its size, so that a sanitizer sees who
 * reads beyond it. */
static void
hold_against(const struct fb_column *column, const void *bytes, size_t length)
{
    static const uint64_t selection = 1;
    AUTO_FREE unsigned char *text = mem_alloc(length);
    struct fb_cell cell = {.ptr = text, .len = (uint32_t)length};
    struct fb_value want, got;

    memcpy(text, bytes, length);
    read_slowly(column, text, cell.len, &want);
    memset(&got, 0xa5, sizeof(got));
    value_parse_column(column, &cell, 1, &selection, &got);
    agree(column, text, cell.len, &want, &got);
    value_parse(column, text, cell.len, &got);
    agree(column, text, cell.len, &want, &got);
}

static const struct fb_column columns[] = {
    {.type = FB_C_INTEGER},
    {.type = FB_C_INTEGER, .group_char = ","},
    {.type = FB_C_INTEGER, .group_char = "\xc2\xa0"},
    {.type = FB_C_NUMBER},
    {.type = FB_C_NUMBER, .decimal_char = "."},
    {.type = FB_C_NUMBER, .decimal_char = ","},
    {.type = FB_C_NUMBER, .group_char = ","},
    {.type = FB_C_NUMBER, .decimal_char = ",", .group_char = "."},
    {.type = FB_C_NUMBER, .decimal_char = ",", .group_char = " "},
    {.type = FB_C_NUMBER, .decimal_char = ":", .group_char = "T"},
    {.type = FB_C_DATE},
    {.type = FB_C_DATE, .format = "default"},
    {.type = FB_C_DATE, .format = "any"},
    {.type = FB_C_DATE, .format = "%Y-%m-%d"},
    {.type = FB_C_DATETIME},
    {.type = FB_C_DATETIME, .format = "any"},
    {.type = FB_C_TIME},
    {.type = FB_C_TIME, .format = "any"},
};

static void
hold_all_against(const void *bytes, size_t length)
{
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
        hold_against(&columns[i], bytes, length);
}

/* ------------------------------------------------------------- the tests ---
 */

START_TEST(texts_of_few_characters_mean_the_same_in_every_way)
{
    static const char letters[] = "0123456789019.,-+eE:TZ/ \xc2\xa0";
    char text[24];

    for (int i = 0; i < 20000; i++) {
        size_t length = any_below(sizeof(text));

        for (size_t at = 0; at < length; at++)
            text[at] = letters[any_below(sizeof(letters) - 1)];
        hold_all_against(text, length);
    }
}
END_TEST

START_TEST(digits_around_a_point_mean_the_same_in_every_way)
{
    char text[48];

    for (int i = 0; i < 20000; i++) {
        size_t length = 0;
        uint32_t digits = any_below(22), point = any_below(24);

        if (any_below(4) == 0)
            text[length++] = any_below(2) ? '-' : '+';
        for (uint32_t d = 0; d < digits; d++) {
            if (d == point)
                text[length++] = any_below(8) ? '.' : ',';
            text[length++] = (char)('0' + any_below(any_below(3) ? 10 : 1));
        }
        hold_all_against(text, length);
    }
}
END_TEST

START_TEST(the_edges_of_numbers_mean_the_same_in_every_way)
{
    static const char *const texts[] = {
        "",
        "0",
        "-0",
        "+0",
        "-0.0",
        ".",
        "-",
        "+.",
        "-.5",
        "5.",
        "00000000",
        "000000001",
        "99999999",
        "-99999999",
        "99999999.9",
        "9999999.9",
        ".0000001",
        ".00000001",
        "1234567.",
        "12345678.",
        "1.2.3",
        "..1",
        "1-",
        "1e5",
        "1E-5",
        "999999999999999999",
        "9999999999999999999",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "9007199254740992.5",
        "90071992547409.93",
        "900719925474099.3",
        "0.9007199254740993",
        "0.1",
        "0.30000000000000004",
        "0.000000000000000001",
        "123456789012345678",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "1e309",
        "-1e309",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1e22",
        "1e23",
        "8.5e22",
        "NaN",
        "INF",
        "-INF",
        "+INF",
        "1,234,567.25",
        "1.234.567,25",
        "1 234,5",
        "1,,2",
        ",1",
        "1,",
        "1,234,",
        "1.5,000",
        "123,456,789,012,345,678",
    };

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        hold_all_against(texts[i], strlen(texts[i]));
}
END_TEST

START_TEST(numbers_are_those_of_strtod)
{
    const struct fb_column number = {.type = FB_C_NUMBER};
    static const uint64_t selection = 1;
    char text[64];

    for (int i = 0; i < 50000; i++) {
        uint64_t digits =
            (uint64_t)any_below(UINT32_MAX) << 31 | any_below(UINT32_MAX);
        int fraction = (int)any_below(20);
        struct fb_cell cell = {.ptr = (const unsigned char *)text};
        struct fb_value value;

        digits >>= any_below(60);
        /* Next to halfway between two doubles, every other time. */
        if (i % 2)
            digits = (UINT64_C(1) << 53) + digits % 4096;
        cell.len = (uint32_t)snprintf(text, sizeof(text), "%0*llu",
                                      fraction + 1, (unsigned long long)digits);
        memmove(text + cell.len - (uint32_t)fraction + 1,
                text + cell.len - (uint32_t)fraction, (size_t)fraction + 1);
        text[cell.len - (uint32_t)fraction] = '.';
        cell.len++;
        value_parse_column(&number, &cell, 1, &selection, &value);
        ck_assert_msg(value.state == FB_V_OK &&
                          same_double(value.as.d, strtod(text, NULL)),
                      "'%s' became %a", text, value.as.d);
    }
}
END_TEST

static void
put_digits(unsigned char *text, int count, int number)
{
    for (; count > 0; number /= 10)
        text[--count] = (unsigned char)('0' + number % 10);
}

START_TEST(every_year_has_the_same_days_in_every_way)
{
    static const int days[] = {0, 1, 28, 29, 30, 31, 32};
    const struct fb_column date = {.type = FB_C_DATE};
    unsigned char text[] = "YYYY-MM-DD";

    for (int year = 0; year <= 9999; year++)
        for (int month = 0; month <= 13; month++)
            for (size_t d = 0; d < ARRAY_SIZE(days); d++) {
                struct fb_value want, got;

                put_digits(text, 4, year);
                put_digits(text + 5, 2, month);
                put_digits(text + 8, 2, days[d]);
                read_slowly(&date, text, 10, &want);
                got = (struct fb_value){.state = FB_V_BAD};
                if (moment_iso_date(text, 10, &got.as.i))
                    got.state = FB_V_OK;
                agree(&date, text, 10, &want, &got);
            }
}
END_TEST

START_TEST(one_wrong_byte_in_a_moment_means_the_same_in_every_way)
{
    static const char *const texts[] = {
        "2024-02-29",
        "0001-01-01",
        "9999-12-31",
        "2100-02-28",
        "2000-02-29",
        "23:59:59",
        "00:00:00.5",
        "12:34:56.123456",
        "2025-02-10T09:05:00",
        "2025-02-10T09:05:00Z",
        "2025-02-10T23:59:59.999999Z",
        "2025-02-10T09:05:00+09:00",
        "2025-02-10T09:05:00.25-23:59",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59.999999-00:01",
    };

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        size_t length = strlen(texts[i]);
        unsigned char text[48];

        for (size_t cut = 0; cut <= length; cut++)
            hold_all_against(texts[i], cut);
        for (size_t at = 0; at < length; at++)
            for (int byte = 0; byte < 256; byte += 1 + (int)(at % 4)) {
                memcpy(text, texts[i], length);
                text[at] = (unsigned char)byte;
                hold_all_against(text, length);
            }
        memcpy(text, texts[i], length);
        text[length] = '0';
        hold_all_against(text, length + 1);
    }
}
END_TEST

START_TEST(times_beyond_the_clock_mean_the_same_in_every_way)
{
    char text[48];

    for (int i = 0; i < 5000; i++) {
        int length = snprintf(
            text, sizeof(text), "%04u-%02u-%02uT%02u:%02u:%02u.%u%c%02u:%02u",
            any_below(3) ? 2000 + any_below(30) : any_below(10000),
            any_below(14), any_below(33), any_below(26), any_below(62),
            any_below(62), any_below(10000000), any_below(2) ? '+' : '-',
            any_below(26), any_below(62));

        hold_all_against(text, (size_t)length);
        hold_all_against(text, 19);
        hold_all_against(text + 11, 8);
        hold_all_against(text + 11, 15);
    }
}
END_TEST

/* Without this the tests above would pass with no fast way at all. */
START_TEST(what_cells_usually_hold_is_read_fast)
{
    int64_t i;
    double d;

#define FAST(read_, text_, value_) \
    ck_assert(read_((const unsigned char *)(text_), sizeof(text_) - 1, value_))
    FAST(number_fast_integer, "7", &i);
    FAST(number_fast_integer, "-1234", &i);
    FAST(number_fast_integer, "12345678", &i);
    FAST(number_fast, "478.60", &d);
    FAST(number_fast, "-.5", &d);
    FAST(number_fast, "12345.67", &d);
    FAST(moment_iso_date, "2025-02-10", &i);
    FAST(moment_iso_time, "09:05:00", &i);
    FAST(moment_iso_datetime, "2025-02-10T09:05:00Z", &i);
    FAST(moment_iso_datetime, "2025-02-10T09:05:00.123+09:00", &i);
#undef FAST
    ck_assert(number_parse_short((const unsigned char *)"1.234.567,25", 12, ',',
                                 '.', &d));
    ck_assert(number_parse_short_integer((const unsigned char *)"123,456,789",
                                         11, ',', &i));
}
END_TEST

/* ------------------------------------------------------------ the column ---
 */

#define ROWS_MAX 200

START_TEST(rows_that_are_out_or_missing_are_null)
{
    static const char *const texts[] = {"12", "x", "-7"};
    const struct fb_column integer = {.type = FB_C_INTEGER};
    struct fb_cell cells[ROWS_MAX];
    struct fb_value values[ROWS_MAX + 1];
    uint64_t selection[FB_WORDS(ROWS_MAX)] = {0};

    for (uint32_t row = 0; row < ROWS_MAX; row++) {
        const char *text = texts[row % 3];

        cells[row] = (struct fb_cell){.ptr = (const unsigned char *)text,
                                      .len = (uint32_t)strlen(text),
                                      .flags = row % 5 ? 0 : FB_CELL_NULL};
        if (row % 7 != 2)
            fb_bit_set(selection, row);
    }
    for (uint32_t rows = 0; rows <= ROWS_MAX; rows++) {
        memset(values, 0xa5, sizeof(values));
        value_parse_column(&integer, cells, rows, selection, values);
        for (uint32_t row = 0; row < rows; row++) {
            uint32_t want = row % 7 == 2 || row % 5 == 0 ? FB_V_NULL
                            : row % 3 == 1               ? FB_V_BAD
                                                         : FB_V_OK;

            ck_assert_uint_eq(values[row].state, want);
            ck_assert_uint_eq(values[row].len, 0);
            ck_assert_int_eq(values[row].as.i, want != FB_V_OK ? 0
                                               : row % 3 == 0  ? 12
                                                               : -7);
        }
        ck_assert_uint_eq(values[rows].state, 0xa5a5a5a5);
    }
}
END_TEST

START_TEST(a_text_is_its_own_value)
{
    const struct fb_column string = {.type = FB_C_STRING};
    const struct fb_cell cells[] = {
        {.ptr = (const unsigned char *)"abc", .len = 3},
        {.ptr = (const unsigned char *)"", .len = 0}};
    static const uint64_t selection = 3;
    struct fb_value values[2];

    value_parse_column(&string, cells, 2, &selection, values);
    for (int i = 0; i < 2; i++) {
        ck_assert_uint_eq(values[i].state, FB_V_OK);
        ck_assert_ptr_eq(values[i].as.s, cells[i].ptr);
        ck_assert_uint_eq(values[i].len, cells[i].len);
    }
}
END_TEST

START_TEST(booleans_are_the_words_of_the_column)
{
    static const char *const yes[] = {"ja", "", "j"}, *const no[] = {"nein"};
    const struct fb_column boolean = {
        .type = FB_C_BOOLEAN, .true_values = {3, yes}, .false_values = {1, no}};
    static const char *const texts[] = {"ja", "nein", "", "j", "true", "jaj"};
    static const struct {
        uint32_t state;
        bool value;
    } want[] = {{FB_V_OK, true}, {FB_V_OK, false},  {FB_V_OK, true},
                {FB_V_OK, true}, {FB_V_BAD, false}, {FB_V_BAD, false}};
    static const uint64_t selection = 0x3f;
    struct fb_cell cells[ARRAY_SIZE(texts)];
    struct fb_value values[ARRAY_SIZE(texts)];

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        cells[i] = (struct fb_cell){.ptr = (const unsigned char *)texts[i],
                                    .len = (uint32_t)strlen(texts[i])};
    value_parse_column(&boolean, cells, ARRAY_SIZE(texts), &selection, values);
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        ck_assert_uint_eq(values[i].state, want[i].state);
        ck_assert(values[i].as.b == want[i].value);
    }
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("value_column");
    TCase *ways = tcase_create("ways"), *whole = tcase_create("columns");

    tcase_add_checked_fixture(ways, setup, NULL);
    tcase_set_timeout(ways, 120);
    tcase_add_test(ways, texts_of_few_characters_mean_the_same_in_every_way);
    tcase_add_test(ways, digits_around_a_point_mean_the_same_in_every_way);
    tcase_add_test(ways, the_edges_of_numbers_mean_the_same_in_every_way);
    tcase_add_test(ways, numbers_are_those_of_strtod);
    tcase_add_test(ways, every_year_has_the_same_days_in_every_way);
    tcase_add_test(ways,
                   one_wrong_byte_in_a_moment_means_the_same_in_every_way);
    tcase_add_test(ways, times_beyond_the_clock_mean_the_same_in_every_way);
    tcase_add_test(ways, what_cells_usually_hold_is_read_fast);
    suite_add_tcase(suite, ways);
    tcase_add_test(whole, rows_that_are_out_or_missing_are_null);
    tcase_add_test(whole, a_text_is_its_own_value);
    tcase_add_test(whole, booleans_are_the_words_of_the_column);
    suite_add_tcase(suite, whole);
    return suite;
}
