/*
 * Names and types: what is resolved, what is folded, what is refused with
 * which words.
 */
#include "unit/test_expr.h"

static void
expect_type(const char *text, enum fb_column_type expected)
{
    struct arena *arena = arena_new();
    struct fb_error err = FB_ERROR_INIT;
    struct expr_place place;
    struct fb_expr *expr;
    enum fb_column_type type;

    ck_assert_msg(expr_parse(arena, text, &expr, &place, &err) == 0 &&
                      expr_bind(expr, &test_columns, &test_clock, &type, &place,
                                &err) == 0,
                  "%s: %s", text, err.message);
    ck_assert_msg(type == expected, "%s is %s", text, column_type_name(type));
    arena_free(arena);
}

START_TEST(results_have_the_type_of_a_column)
{
    expect_type("Name", FB_C_STRING);
    expect_type("Count + 1", FB_C_INTEGER);
    expect_type("Count * 1.5", FB_C_NUMBER);
    expect_type("Amount > 1", FB_C_BOOLEAN);
    expect_type("OrderDate", FB_C_DATE);
    expect_type("OrderDate + INTERVAL '1' DAY", FB_C_DATETIME);
    expect_type("Opens", FB_C_TIME);
    expect_type("NULL", FB_C_STRING);
}
END_TEST

START_TEST(names_ignore_case_unless_quoted)
{
    test_same("COUNT", "42");
    test_same("\"Count\"", "42");
    test_refused("\"COUNT\" = 1", "there is no column 'COUNT'", "\"COUNT\"",
                 "'Count'");
}
END_TEST

START_TEST(columns_may_be_named_in_any_script)
{
    test_same("\xe6\xb3\xa8\xe6\x96\x87", "\xe8\xa1\xa8");
}
END_TEST

START_TEST(an_unknown_column_gets_the_nearest_one)
{
    test_refused("lower(Name) = 'x' AND OrderDat > CURRENT_DATE",
                 "there is no column 'OrderDat'", "OrderDat",
                 "did you mean 'OrderDate'?");
}
END_TEST

START_TEST(double_quotes_around_a_string_are_explained)
{
    test_refused("Name = \"pending\"", "there is no column 'pending'",
                 "\"pending\"", "single quotes: 'pending'");
}
END_TEST

START_TEST(an_unknown_function_gets_the_nearest_one)
{
    test_refused("lowr(Name) = 'x'", "there is no function 'lowr'", "lowr",
                 "did you mean 'lower'?");
    test_refused("IFNULL(Name, 'x')", "there is no function", "IFNULL",
                 "COALESCE");
    test_refused("sum(Count) > 1", "there is no function", "sum", "many rows");
    test_refused("CURRENT_DATE() > OrderDate", "there is no function",
                 "CURRENT_DATE", "without parentheses");
}
END_TEST

START_TEST(a_wrong_number_of_arguments_is_counted)
{
    test_refused("lower(Name, Name)", "lower takes 1 argument, and here are 2",
                 "lower(Name, Name)", NULL);
    test_refused("substr(Name)", "substr takes 2 or 3 arguments",
                 "substr(Name)", NULL);
    test_refused("coalesce()", "at least 1", "coalesce()", NULL);
}
END_TEST

START_TEST(types_that_do_not_compare_are_named)
{
    test_refused("Amount > CURRENT_DATE",
                 "cannot compare number 'Amount' with a date",
                 "Amount > CURRENT_DATE", NULL);
    test_refused("Name > 5", "cannot compare string 'Name' with an integer",
                 "Name > 5", "CAST(Name AS DOUBLE)");
    test_refused("OrderDate = Name",
                 "cannot compare date 'OrderDate' with string 'Name'",
                 "OrderDate = Name", "CAST(Name AS DATE)");
    test_refused("Paid = 1", "cannot compare boolean 'Paid'", "Paid = 1", NULL);
    test_refused("Name IN ('a', 2)", "cannot compare string 'Name'",
                 "Name IN ('a', 2)", NULL);
}
END_TEST

START_TEST(a_string_literal_takes_the_type_it_is_compared_with)
{
    test_same("OrderDate = '2025-02-10'", "true");
    test_same("Count = '42'", "true");
    test_same("Paid = 'true'", "true");
    test_same("Seen > '2025-02-10'", "true");
    test_same("Opens = '09:30:00'", "true");
    test_same("OrderDate BETWEEN '2025-02-01' AND '2025-02-28'", "true");
    test_same("OrderDate IN ('2025-02-10')", "true");
}
END_TEST

START_TEST(a_bad_literal_is_shown_where_it_stands)
{
    test_refused("OrderDate > '2025-02-30'", "'2025-02-30' is not a date",
                 "'2025-02-30'", "'2025-02-01'");
    test_refused("OrderDate > DATE 'soon'", "'soon' is not a date",
                 "DATE 'soon'", NULL);
    test_refused("Count IN (1, 'x')", "'x' is not an integer", "'x'", NULL);
    test_refused("Seen > '2025-02-10 10:00:00+09:00'", "is not a datetime",
                 "'2025-02-10 10:00:00+09:00'", "UTC");
    test_refused("OrderDate = '2025-02-10 10:00:00'", "is not a date",
                 "'2025-02-10 10:00:00'", NULL);
}
END_TEST

START_TEST(conditions_must_be_boolean)
{
    test_refused("Count AND Paid", "AND needs a condition", "Count", "<> 0");
    test_refused("NOT Name", "NOT needs a condition", "Name", "= 'yes'");
    test_refused("CASE WHEN Count THEN 1 END", "WHEN needs a condition",
                 "Count", NULL);
}
END_TEST

START_TEST(arithmetic_on_other_things_is_refused)
{
    test_refused("Name + 1", "cannot add string 'Name' and an integer",
                 "Name + 1", "CAST(Name AS DOUBLE)");
    test_refused("Name + Name", "cannot add", "Name + Name", "||");
    test_refused("Seen - OrderDate", "cannot subtract", "Seen - OrderDate",
                 "date_diff");
    test_refused("OrderDate + Amount", "cannot add", "OrderDate + Amount",
                 "INTERVAL");
    test_refused("-Name", "no negative of string 'Name'", "-Name", NULL);
}
END_TEST

START_TEST(branches_of_different_types_are_refused)
{
    test_refused("CASE WHEN Paid THEN Count ELSE Name END",
                 "cannot mix integer 'Count' and string 'Name'",
                 "CASE WHEN Paid THEN Count ELSE Name END", "CAST");
    test_refused("COALESCE(OrderDate, Count)", "cannot mix date",
                 "COALESCE(OrderDate, Count)", NULL);
}
END_TEST

START_TEST(arguments_of_the_wrong_type_are_refused)
{
    test_refused("lower(Count)", "lower needs a string, and this is integer",
                 "Count", "CAST(Count AS VARCHAR)");
    test_refused("Count LIKE '4%'", "LIKE needs strings", "Count", "VARCHAR");
    test_refused("year(Name)", "year needs a date", "Name", "CAST(Name AS DA");
    test_refused("date_trunc('moth', OrderDate)", "'moth' is no unit", "'moth'",
                 "month");
    test_refused("substr(Name, 1.5)", "needs an integer", "1.5", NULL);
}
END_TEST

START_TEST(types_of_other_databases_get_the_nearest_one)
{
    test_refused("CAST(Count AS SMALLINT)", "there is no type 'SMALLINT'",
                 "CAST(Count AS SMALLINT)", "INTEGER");
    test_refused("CAST(Count AS INTEGR)", "there is no type 'INTEGR'",
                 "CAST(Count AS INTEGR)", "integer");
    test_refused("CAST(Count AS DECIMAL(50,2))", "no type 'DECIMAL'",
                 "CAST(Count AS DECIMAL(50,2))", NULL);
    test_refused("CAST(OrderDate AS INTEGER)",
                 "cannot cast date 'OrderDate' to INTEGER",
                 "CAST(OrderDate AS INTEGER)", NULL);
}
END_TEST

START_TEST(a_constant_that_fails_for_every_row_fails_before_the_run)
{
    test_refused("Count > 2147483647 + 1", "out of range of INTEGER",
                 "2147483647 + 1", "BIGINT");
    test_refused("Count = CAST('x' AS INTEGER)", "cannot cast 'x'",
                 "CAST('x' AS INTEGER)", NULL);
    test_refused("Count = 99999999999999999999", "out of range of BIGINT",
                 "99999999999999999999", ".0");
}
END_TEST

START_TEST(an_interval_is_no_result)
{
    test_refused("INTERVAL '1' DAY", "the result is an interval",
                 "INTERVAL '1' DAY", "date");
    test_refused("INTERVAL '1' DAY = INTERVAL '24' HOUR",
                 "cannot compare intervals", "INTERVAL '1' DAY", NULL);
}
END_TEST

START_TEST(an_ambiguous_name_asks_for_quotes)
{
    static const struct fb_column items[] = {
        {.name = "ID", .type = FB_C_STRING},
        {.name = "id", .type = FB_C_STRING}};
    static const struct columns twins = {2, items, {1, test_missing}};
    struct arena *arena = arena_new();
    struct fb_error err = FB_ERROR_INIT;
    struct expr_place place;
    struct fb_expr *expr;
    enum fb_column_type type;

    ck_assert_int_eq(expr_parse(arena, "Id = 'x'", &expr, &place, &err), 0);
    ck_assert_int_eq(expr_bind(expr, &twins, &test_clock, &type, &place, &err),
                     -1);
    ck_assert_ptr_nonnull(strstr(err.message, "ambiguous"));
    ck_assert_int_eq(expr_parse(arena, "\"id\" = 'x'", &expr, &place, &err), 0);
    ck_assert_int_eq(expr_bind(expr, &twins, &test_clock, &type, &place, &err),
                     0);
    arena_free(arena);
}
END_TEST

START_TEST(a_simple_case_within_itself_cannot_explode)
{
    struct arena *arena = arena_new();
    const char *text = "Count";

    for (int i = 0; i < 12; i++)
        text = arena_printf(arena,
                            "CASE %s WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 3 THEN "
                            "3 WHEN 4 THEN 4 END",
                            text);
    ck_assert_ptr_nonnull(
        strstr(test_value(arena, text, NULL), "has more than"));
    arena_free(arena);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("expr_bind");
    TCase *tcase = tcase_create("expr_bind");

    tcase_add_test(tcase, results_have_the_type_of_a_column);
    tcase_add_test(tcase, names_ignore_case_unless_quoted);
    tcase_add_test(tcase, columns_may_be_named_in_any_script);
    tcase_add_test(tcase, an_unknown_column_gets_the_nearest_one);
    tcase_add_test(tcase, double_quotes_around_a_string_are_explained);
    tcase_add_test(tcase, an_unknown_function_gets_the_nearest_one);
    tcase_add_test(tcase, a_wrong_number_of_arguments_is_counted);
    tcase_add_test(tcase, types_that_do_not_compare_are_named);
    tcase_add_test(tcase, a_string_literal_takes_the_type_it_is_compared_with);
    tcase_add_test(tcase, a_bad_literal_is_shown_where_it_stands);
    tcase_add_test(tcase, conditions_must_be_boolean);
    tcase_add_test(tcase, arithmetic_on_other_things_is_refused);
    tcase_add_test(tcase, branches_of_different_types_are_refused);
    tcase_add_test(tcase, arguments_of_the_wrong_type_are_refused);
    tcase_add_test(tcase, types_of_other_databases_get_the_nearest_one);
    tcase_add_test(tcase,
                   a_constant_that_fails_for_every_row_fails_before_the_run);
    tcase_add_test(tcase, an_interval_is_no_result);
    tcase_add_test(tcase, an_ambiguous_name_asks_for_quotes);
    tcase_add_test(tcase, a_simple_case_within_itself_cannot_explode);
    suite_add_tcase(suite, tcase);
    return suite;
}
