/*
 * Evaluating expressions: values, NULLs, which rows are looked at, and the
 * errors of rows. That results equal DuckDB's is test_expr_duckdb.c.
 */
#include "unit/test_expr.h"

#include <stdlib.h>

START_TEST(and_or_and_not_are_three_valued)
{
    test_same("NULL AND FALSE", "false");
    test_same("NULL AND TRUE", "NULL");
    test_same("NULL OR TRUE", "true");
    test_same("NULL OR FALSE", "NULL");
    test_same("NOT CAST(NULL AS BOOLEAN)", "NULL");
}
END_TEST

START_TEST(a_null_in_a_list_makes_a_miss_unknown)
{
    test_same("Count IN (42, NULL)", "true");
    test_same("Count IN (1, NULL)", "NULL");
    test_same("Count NOT IN (1, NULL)", "NULL");
    test_same("Count NOT IN (1, 2)", "true");
    test_same("NULL IN (1, 2)", "NULL");
}
END_TEST

START_TEST(a_list_may_hold_columns_beside_constants)
{
    test_same("Name IN ('Bob', lower(Name))", "false");
    test_same("Name IN ('Bob', Name)", "true");
    test_same("42 IN (Count)", "true");
    test_same("Amount IN (1, 478.6)", "true");
}
END_TEST

START_TEST(decimal_literals_are_exact)
{
    test_same("0.1 + 0.2 = 0.3", "true");
    test_same("0.1 + 0.2", "0.3");
    test_same("1.50", "1.50");
    test_same("CAST(0.1 AS DOUBLE) + CAST(0.2 AS DOUBLE) = 0.3", "false");
}
END_TEST

START_TEST(division_gives_a_double_and_never_fails)
{
    test_same("7 / 2", "3.5");
    test_same("1 / 0", "INF");
    test_same("7 % 2", "1");
    test_same("7 % 0", "NULL");
}
END_TEST

START_TEST(integers_overflow_with_an_error)
{
    test_same("Count + 9223372036854775807",
              "line 1: 42 + 9223372036854775807 is out of range of BIGINT");
    test_same("9223372036854775807 + 1",
              "9223372036854775807 + 1 is out of range of BIGINT");
    test_same("-9223372036854775808", "-9223372036854775808");
}
END_TEST

START_TEST(numbers_have_the_shortest_text_that_reads_back)
{
    test_same("1e15", "1000000000000000.0");
    test_same("1e16", "1e+16");
    test_same("1e-4", "0.0001");
    test_same("1e-5", "1e-05");
    test_same("5e-324", "5e-324");
    test_same("0.1e0 + 0.2e0", "0.30000000000000004");
    test_same("Amount + 0", "478.6");
}
END_TEST

START_TEST(a_column_by_itself_keeps_its_text)
{
    test_same("Amount", "478.60");
}
END_TEST

START_TEST(a_date_minus_an_interval_is_a_datetime)
{
    struct arena *arena = arena_new();
    enum fb_column_type type = 0;
    const char *value =
        test_value(arena, "OrderDate - INTERVAL '30' DAY", &type);

    ck_assert_str_eq(value, "2025-01-11T00:00:00Z");
    ck_assert_int_eq(type, FB_C_DATETIME);
    arena_free(arena);
}
END_TEST

START_TEST(months_end_where_the_month_ends)
{
    test_same("CAST(DATE '2025-01-31' + INTERVAL '1' MONTH AS DATE)",
              "2025-02-28");
    test_same("CAST(DATE '2024-02-29' + INTERVAL '1' YEAR AS DATE)",
              "2025-02-28");
    test_same("CAST(DATE '2025-03-31' - INTERVAL '1' MONTH AS DATE)",
              "2025-02-28");
}
END_TEST

START_TEST(current_date_is_the_date_of_the_run)
{
    test_same("CURRENT_DATE", "2025-05-10");
    test_same("CURRENT_DATE - OrderDate", "89");
    test_same("CURRENT_TIMESTAMP", "2025-05-10T01:02:03Z");
}
END_TEST

START_TEST(text_functions_count_characters)
{
    test_same("length('\xe8\xa1\xa8\xe8\x83\xbd')", "2");
    test_same("substr('\xe8\xa1\xa8\xe8\x83\xbdx', 2, 1)", "\xe8\x83\xbd");
    test_same("strpos('\xe8\xa1\xa8\xe8\x83\xbd', '\xe8\x83\xbd')", "2");
    test_same("upper('\xc3\xa4')", "\xc3\x84");
    test_same("trim('\xe3\x80\x80 a ')", "a");
}
END_TEST

START_TEST(like_matches_many_percent_signs_in_linear_time)
{
    struct arena *arena = arena_new();
    char many[20001], pattern[10001];
    const char *text;

    memset(many, 'a', sizeof(many) - 1);
    many[sizeof(many) - 1] = '\0';
    for (size_t i = 0; i < sizeof(pattern) - 1; i++)
        pattern[i] = i % 2 == 0 ? '%' : 'a';
    pattern[sizeof(pattern) - 1] = '\0';
    text = arena_printf(arena, "'%s' LIKE '%s%%b'", many, pattern);
    test_same(text, "false");
    arena_free(arena);
}
END_TEST

START_TEST(like_takes_an_escape)
{
    test_same("'a%b' LIKE 'a!%b' ESCAPE '!'", "true");
    test_same("'axb' LIKE 'a!%b' ESCAPE '!'", "false");
    test_same("'\xe8\xa1\xa8' LIKE '_'", "true");
    test_same("'a' NOT LIKE 'b%'", "true");
    test_same("'a' LIKE 'a' ESCAPE 'xy'", "ESCAPE 'xy' is not one ASCII "
                                          "character");
}
END_TEST

START_TEST(a_branch_not_taken_cannot_fail)
{
    test_same("CASE WHEN Count = 42 THEN 1 ELSE CAST(Name AS INTEGER) END",
              "1");
    test_same("Count = 42 OR CAST(Name AS INTEGER) = 1", "true");
    test_same("Count <> 42 AND CAST(Name AS INTEGER) = 1", "false");
    test_same("COALESCE(Count, CAST(Name AS INTEGER))", "42");
    test_same("CASE WHEN Count = 0 THEN CAST('x' AS INTEGER) ELSE 2 END", "2");
}
END_TEST

START_TEST(a_cast_that_fails_names_line_and_value)
{
    test_same("CAST(Name AS INTEGER)",
              "line 1: cannot cast 'Alice' to INTEGER");
    test_same("TRY_CAST(Name AS INTEGER)", "NULL");
}
END_TEST

START_TEST(an_offset_is_refused_and_not_dropped)
{
    test_same("CAST('2025-02-03 10:11:12Z' AS TIMESTAMP)",
              "2025-02-03T10:11:12Z");
    test_same("TRY_CAST('2025-02-03 10:11:12+09:00' AS TIMESTAMP)", "NULL");
}
END_TEST

START_TEST(a_result_beyond_the_calendar_is_refused)
{
    test_same("CAST(OrderDate + INTERVAL '9000' YEAR AS DATE)",
              "line 1: the result is beyond the years 0001 to 9999");
}
END_TEST

/* Rows whose Count is their number, in more than one chunk. */
static struct batch *
numbered_rows(struct arena *arena, uint32_t rows)
{
    const char **texts =
        arena_array(arena, (size_t)rows * TEST_COLUMNS, sizeof(*texts));

    for (uint32_t r = 0; r < rows; r++) {
        memcpy(texts + (size_t)r * TEST_COLUMNS, test_row, sizeof(test_row));
        texts[(size_t)r * TEST_COLUMNS + 1] = arena_printf(arena, "%u", r);
    }
    return test_rows(texts, rows);
}

static void
test_truth(struct arena *arena, struct batch *batch, const char *text,
           uint64_t *truth)
{
    struct fb_error err = FB_ERROR_INIT;
    struct expr_place place;
    struct fb_expr *expr;
    enum fb_column_type type;

    ck_assert_int_eq(expr_parse(arena, text, &expr, &place, &err), 0);
    ck_assert_int_eq(
        expr_bind(expr, &test_columns, &test_clock, &type, &place, &err), 0);
    ck_assert_int_eq(type, FB_C_BOOLEAN);
    ck_assert_msg(expr_test(expr, batch, truth, &err) == 0, "%s", err.message);
}

START_TEST(every_row_of_a_large_batch_is_tested)
{
    struct arena *arena = arena_new();
    const uint32_t rows = 5000;
    struct batch *batch = numbered_rows(arena, rows);
    uint64_t truth[FB_WORDS(5000)];

    test_truth(arena, batch, "Count % 7 IN (1, 3) AND NOT Count < 100", truth);
    for (uint32_t r = 0; r < rows; r++)
        ck_assert_int_eq(fb_bit(truth, r),
                         r >= 100 && (r % 7 == 1 || r % 7 == 3));
    batch_free(batch);
    arena_free(arena);
}
END_TEST

START_TEST(rows_that_are_not_selected_are_not_evaluated)
{
    struct arena *arena = arena_new();
    struct batch *batch = numbered_rows(arena, 200);
    uint64_t keep[FB_WORDS(200)] = {0}, truth[FB_WORDS(200)];

    fb_bit_set(keep, 150);
    batch_filter(batch, keep);
    test_truth(arena, batch,
               "CASE WHEN Count = 150 THEN TRUE ELSE CAST(Name AS INTEGER) "
               "= 0 END",
               truth);
    for (uint32_t r = 0; r < 200; r++)
        ck_assert_int_eq(fb_bit(truth, r), r == 150);
    batch_free(batch);
    arena_free(arena);
}
END_TEST

START_TEST(a_cell_not_of_its_type_fails_with_line_and_hint)
{
    struct arena *arena = arena_new();
    struct fb_error err = FB_ERROR_INIT;
    struct expr_place place;
    struct fb_expr *expr;
    enum fb_column_type type;
    uint64_t truth[1];
    const char *row[TEST_COLUMNS];
    struct batch *batch;

    memcpy(row, test_row, sizeof(row));
    row[2] = "abc";
    batch = test_rows(row, 1);
    ck_assert_int_eq(expr_parse(arena, "Amount > 100", &expr, &place, &err), 0);
    ck_assert_int_eq(
        expr_bind(expr, &test_columns, &test_clock, &type, &place, &err), 0);
    ck_assert_int_eq(expr_test(expr, batch, truth, &err), -1);
    ck_assert_int_eq(err.code, FB_E_INPUT);
    ck_assert_ptr_nonnull(strstr(
        err.message, "line 1: cannot read 'abc' in column 'Amount' as a num"));
    ck_assert_ptr_nonnull(strstr(err.hint, "validate"));
    batch_free(batch);
    arena_free(arena);
}
END_TEST

START_TEST(an_expression_can_be_bound_again_to_other_columns)
{
    static const struct fb_column items[] = {
        {.name = "x", .type = FB_C_STRING},
        {.name = "count", .type = FB_C_STRING}};
    static const struct columns others = {2, items, {1, test_missing}};
    struct arena *arena = arena_new();
    struct fb_error err = FB_ERROR_INIT;
    struct expr_place place;
    struct fb_expr *expr;
    enum fb_column_type type;

    ck_assert_int_eq(expr_parse(arena, "Count", &expr, &place, &err), 0);
    ck_assert_int_eq(
        expr_bind(expr, &test_columns, &test_clock, &type, &place, &err), 0);
    ck_assert_int_eq(type, FB_C_INTEGER);
    ck_assert_int_eq(expr_bind(expr, &others, &test_clock, &type, &place, &err),
                     0);
    ck_assert_int_eq(type, FB_C_STRING);
    arena_free(arena);
}
END_TEST

START_TEST(texts_that_grow_without_end_are_an_error)
{
    struct arena *arena = arena_new();
    const char *text = "Name";
    char many[1001];

    memset(many, 'A', sizeof(many) - 1);
    many[sizeof(many) - 1] = '\0';
    for (int i = 0; i < 3; i++)
        text = arena_printf(arena, "replace(%s, 'A', '%s')", text, many);
    ck_assert_ptr_nonnull(
        strstr(test_value(arena, text, NULL), "makes texts of more than"));
    arena_free(arena);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("expr_eval");
    TCase *tcase = tcase_create("expr_eval");

    tcase_set_timeout(tcase, 30); /* long texts, under a sanitizer */
    tcase_add_test(tcase, and_or_and_not_are_three_valued);
    tcase_add_test(tcase, a_null_in_a_list_makes_a_miss_unknown);
    tcase_add_test(tcase, a_list_may_hold_columns_beside_constants);
    tcase_add_test(tcase, decimal_literals_are_exact);
    tcase_add_test(tcase, division_gives_a_double_and_never_fails);
    tcase_add_test(tcase, integers_overflow_with_an_error);
    tcase_add_test(tcase, numbers_have_the_shortest_text_that_reads_back);
    tcase_add_test(tcase, a_column_by_itself_keeps_its_text);
    tcase_add_test(tcase, a_date_minus_an_interval_is_a_datetime);
    tcase_add_test(tcase, months_end_where_the_month_ends);
    tcase_add_test(tcase, current_date_is_the_date_of_the_run);
    tcase_add_test(tcase, text_functions_count_characters);
    tcase_add_test(tcase, like_matches_many_percent_signs_in_linear_time);
    tcase_add_test(tcase, like_takes_an_escape);
    tcase_add_test(tcase, a_branch_not_taken_cannot_fail);
    tcase_add_test(tcase, a_cast_that_fails_names_line_and_value);
    tcase_add_test(tcase, an_offset_is_refused_and_not_dropped);
    tcase_add_test(tcase, a_result_beyond_the_calendar_is_refused);
    tcase_add_test(tcase, every_row_of_a_large_batch_is_tested);
    tcase_add_test(tcase, rows_that_are_not_selected_are_not_evaluated);
    tcase_add_test(tcase, a_cell_not_of_its_type_fails_with_line_and_hint);
    tcase_add_test(tcase, an_expression_can_be_bound_again_to_other_columns);
    tcase_add_test(tcase, texts_that_grow_without_end_are_an_error);
    suite_add_tcase(suite, tcase);
    return suite;
}
