/*
 * The plugin `validate`: which rows it rejects, by which code, and what it
 * tells the person who made them.
 */
#include "support/fake_host.h"
#include "unit/main.h"

static struct fake *fake;
static struct fake_batch *batch;

static void
setup(void)
{
    fake = fake_new("validate", FB_TRANSFORM);
}

static void
teardown(void)
{
    fake_free(fake);
}

/* One column of these cells through the plugin, which must accept its life. */
static void
judge(uint32_t rows, const char *const *cells)
{
    ck_assert_msg(fake_begin(fake) == 0, "%s", fake->err.message);
    batch = fake_batch(fake, rows, cells);
    ck_assert_msg(fake_process(fake, batch) == 0, "%s", fake->err.message);
    fake_close(fake);
}

static void
assert_rejected(uint32_t index, uint32_t row, const char *code,
                const char *message)
{
    ck_assert_uint_lt(index, batch->reject_count);
    ck_assert_uint_eq(batch->rejects[index].row, row);
    ck_assert_str_eq(batch->rejects[index].code, code);
    ck_assert_str_eq(batch->rejects[index].message, message);
}

#define JUDGE(...)                                                \
    judge(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), \
          (const char *[]){__VA_ARGS__})

START_TEST(a_number_that_is_none_is_a_type_error)
{
    fake_column(fake, "Amount", FB_C_NUMBER);
    JUDGE("1.5", "abc", "-2e3");
    ck_assert_uint_eq(batch->reject_count, 1);
    assert_rejected(0, 1, "type-error", "\"abc\" is not a number");
}
END_TEST

START_TEST(types_say_what_they_expect)
{
    fake_column(fake, "i", FB_C_INTEGER);
    JUDGE("1.5");
    assert_rejected(0, 0, "type-error", "\"1.5\" is not an integer");
}
END_TEST

START_TEST(dates_say_what_they_look_like)
{
    fake_column(fake, "d", FB_C_DATE);
    JUDGE("01/02/2025", "2025-02-30", "2025-02-28");
    ck_assert_uint_eq(batch->reject_count, 2);
    assert_rejected(0, 0, "type-error",
                    "\"01/02/2025\" is not a date (YYYY-MM-DD)");
}
END_TEST

START_TEST(dates_of_another_form_say_that_form)
{
    fake_column(fake, "d", FB_C_DATE)->format = "%d/%m/%Y";
    JUDGE("01/02/2025", "2025-02-01");
    ck_assert_uint_eq(batch->reject_count, 1);
    assert_rejected(0, 1, "type-error",
                    "\"2025-02-01\" is not a date (%d/%m/%Y)");
}
END_TEST

START_TEST(a_missing_value_is_wrong_only_where_required)
{
    fake_column(fake, "a", FB_C_INTEGER);
    fake_column(fake, "b", FB_C_STRING)->constraints.required = true;
    ck_assert_int_eq(fake_begin(fake), 0);
    batch = fake_batch(fake, 2, (const char *[]){NULL, "x", "1", NULL});
    ck_assert_int_eq(fake_process(fake, batch), 0);
    ck_assert_uint_eq(batch->reject_count, 1);
    assert_rejected(0, 1, "constraint-error", "a value is required");
    ck_assert_uint_eq(batch->rejects[0].column, 1);
    fake_close(fake);
}
END_TEST

START_TEST(an_enum_lists_what_is_allowed)
{
    static const char *const items[] = {"shipped", "confirmed", "pending"};
    struct fb_column *column = fake_column(fake, "Status", FB_C_STRING);

    column->constraints.enumeration = (struct fb_list){3, items};
    JUDGE("pending", "gold", "shipped", "Shipped");
    ck_assert_uint_eq(batch->reject_count, 2);
    assert_rejected(0, 1, "constraint-error",
                    "\"gold\" is not one of shipped, confirmed, pending");
}
END_TEST

START_TEST(an_enum_of_numbers_compares_numbers)
{
    static const char *const items[] = {"10", "2", "0"};
    struct fb_column *column = fake_column(fake, "n", FB_C_NUMBER);

    column->constraints.enumeration = (struct fb_list){3, items};
    JUDGE("2.0", "1e1", "-0", "3");
    ck_assert_uint_eq(batch->reject_count, 1);
    ck_assert_uint_eq(batch->rejects[0].row, 3);
}
END_TEST

START_TEST(a_long_enum_is_cut)
{
    static const char *const items[] = {"a", "b", "c", "d", "e", "f", "g"};
    struct fb_column *column = fake_column(fake, "s", FB_C_STRING);

    column->constraints.enumeration = (struct fb_list){7, items};
    JUDGE("g", "x");
    assert_rejected(0, 1, "constraint-error",
                    "\"x\" is not one of a, b, c, d, e, f, ...");
}
END_TEST

START_TEST(numbers_stay_in_their_range)
{
    struct fb_column *column = fake_column(fake, "n", FB_C_NUMBER);

    column->constraints.minimum = "0";
    column->constraints.maximum = "99.5";
    JUDGE("-1", "0", "99.5", "100", "NaN");
    ck_assert_uint_eq(batch->reject_count, 3);
    assert_rejected(0, 0, "constraint-error",
                    "\"-1\" is less than the minimum 0");
    assert_rejected(1, 3, "constraint-error",
                    "\"100\" is more than the maximum 99.5");
    ck_assert_uint_eq(batch->rejects[2].row, 4);
}
END_TEST

START_TEST(not_a_number_is_beyond_every_bound)
{
    fake_column(fake, "n", FB_C_NUMBER)->constraints.minimum = "0";
    JUDGE("NaN", "INF");
    ck_assert_uint_eq(batch->reject_count, 1);
    ck_assert_uint_eq(batch->rejects[0].row, 0);
}
END_TEST

START_TEST(the_range_of_dates_is_in_the_columns_notation)
{
    struct fb_column *column = fake_column(fake, "d", FB_C_DATE);

    column->format = "%d/%m/%Y";
    column->constraints.minimum = "31/12/2024";
    JUDGE("01/01/2025", "01/01/2024");
    ck_assert_uint_eq(batch->reject_count, 1);
    ck_assert_uint_eq(batch->rejects[0].row, 1);
}
END_TEST

START_TEST(lengths_count_characters_not_bytes)
{
    struct fb_column *column = fake_column(fake, "s", FB_C_STRING);

    column->constraints.min_length = 2;
    column->constraints.max_length = 3;
    JUDGE("表", "表能", "表能ソ", "表能ソ髙");
    ck_assert_uint_eq(batch->reject_count, 2);
    assert_rejected(0, 0, "constraint-error",
                    "\"表\" has 1 characters, at least 2 are needed");
    assert_rejected(1, 3, "constraint-error",
                    "\"表能ソ髙\" has 4 characters, at most 3 are allowed");
}
END_TEST

START_TEST(a_pattern_must_match_the_whole_cell)
{
    fake_column(fake, "s", FB_C_STRING)->constraints.pattern = "[A-Z]{2}|x";
    JUDGE("AB", "ABC", "x", "AB\n", "");
    ck_assert_uint_eq(batch->reject_count, 3);
    assert_rejected(0, 1, "constraint-error",
                    "\"ABC\" does not match the pattern [A-Z]{2}|x");
    assert_rejected(1, 3, "constraint-error",
                    "\"AB\\n\" does not match the pattern [A-Z]{2}|x");
}
END_TEST

START_TEST(a_dollar_does_not_pass_a_line_end)
{
    fake_column(fake, "s", FB_C_STRING)->constraints.pattern = "^a.?$";
    JUDGE("a\n", "a");
    ck_assert_uint_eq(batch->reject_count, 1);
}
END_TEST

START_TEST(a_pattern_knows_the_letters_of_all_scripts)
{
    fake_column(fake, "s", FB_C_STRING)->constraints.pattern = "\\w+";
    JUDGE("髙橋", "!");
    ck_assert_uint_eq(batch->reject_count, 1);
    ck_assert_uint_eq(batch->rejects[0].row, 1);
}
END_TEST

START_TEST(a_pattern_without_end_is_given_up)
{
    fake_column(fake, "s", FB_C_STRING)->constraints.pattern = "(a+)+b";
    JUDGE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", "aab");
    ck_assert_uint_eq(batch->reject_count, 1);
    ck_assert_str_eq(batch->rejects[0].code, "constraint-error");
}
END_TEST

START_TEST(a_row_leaves_once_by_its_first_wrong_column)
{
    fake_column(fake, "a", FB_C_INTEGER);
    fake_column(fake, "b", FB_C_INTEGER);
    ck_assert_int_eq(fake_begin(fake), 0);
    batch = fake_batch(fake, 2, (const char *[]){"x", "y", "1", "z"});
    ck_assert_int_eq(fake_process(fake, batch), 0);
    ck_assert_uint_eq(batch->reject_count, 2);
    ck_assert_uint_eq(batch->rejects[0].column, 0);
    ck_assert_uint_eq(batch->rejects[1].column, 1);
    fake_close(fake);
}
END_TEST

START_TEST(only_the_named_columns_are_checked)
{
    static const char *const named[] = {"b", NULL};

    fake_column(fake, "a", FB_C_INTEGER);
    fake_column(fake, "b", FB_C_INTEGER);
    fake_option_list(fake, "columns", named);
    ck_assert_int_eq(fake_begin(fake), 0);
    batch = fake_batch(fake, 2, (const char *[]){"x", "1", "1", "y"});
    ck_assert_int_eq(fake_process(fake, batch), 0);
    ck_assert_uint_eq(batch->reject_count, 1);
    ck_assert_uint_eq(batch->rejects[0].row, 1);
    fake_close(fake);
}
END_TEST

START_TEST(a_repeated_value_names_the_line_of_the_first)
{
    fake_column(fake, "id", FB_C_INTEGER)->constraints.unique = true;
    JUDGE("7", "8", "07", NULL, NULL);
    ck_assert_uint_eq(batch->reject_count, 1);
    assert_rejected(0, 2, "unique-error", "the value already stands on line 2");
}
END_TEST

START_TEST(values_are_unique_over_all_batches)
{
    fake_column(fake, "id", FB_C_STRING)->constraints.unique = true;
    ck_assert_int_eq(fake_begin(fake), 0);
    batch = fake_batch(fake, 1, (const char *[]){"a"});
    ck_assert_int_eq(fake_process(fake, batch), 0);
    batch = fake_batch(fake, 2, (const char *[]){"b", "a"});
    ck_assert_int_eq(fake_process(fake, batch), 0);
    ck_assert_uint_eq(batch->reject_count, 1);
    assert_rejected(0, 1, "unique-error", "\"a\" already stands on line 2");
    fake_close(fake);
}
END_TEST

START_TEST(a_rejected_row_takes_no_value_from_a_good_one)
{
    fake_column(fake, "id", FB_C_STRING)->constraints.unique = true;
    fake_column(fake, "n", FB_C_INTEGER);
    ck_assert_int_eq(fake_begin(fake), 0);
    batch = fake_batch(fake, 2, (const char *[]){"a", "bad", "a", "1"});
    ck_assert_int_eq(fake_process(fake, batch), 0);
    ck_assert_uint_eq(batch->reject_count, 1);
    ck_assert_uint_eq(batch->rejects[0].row, 0);
    fake_close(fake);
}
END_TEST

START_TEST(too_many_unique_values_are_a_clear_error)
{
    static const char *cells[64];
    static char text[64 * 64][16];

    fake_column(fake, "id", FB_C_STRING)->constraints.unique = true;
    fake_option(fake, "unique_memory", "64KiB");
    ck_assert_int_eq(fake_begin(fake), 0);
    for (int i = 0; i < 64 && fake->err.code == FB_E_NONE; i++) {
        for (int j = 0; j < 64; j++) {
            snprintf(text[i * 64 + j], sizeof(text[0]), "%d", i * 64 + j);
            cells[j] = text[i * 64 + j];
        }
        (void)fake_process(fake, fake_batch(fake, 64, cells));
    }
    ck_assert_int_eq(fake->err.code, FB_E_LIMIT);
    ck_assert_ptr_nonnull(strstr(fake->err.message, "'id'"));
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "unique_memory"));
    fake_close(fake);
}
END_TEST

START_TEST(long_and_strange_values_are_cut_and_escaped)
{
    fake_column(fake, "n", FB_C_NUMBER);
    JUDGE("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddX", "a\x1b[0m\t\"q\"");
    assert_rejected(0, 0, "type-error",
                    "\"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd\"... is not "
                    "a number");
    assert_rejected(1, 1, "type-error",
                    "\"a\\x1b[0m\\t\\\"q\\\"\" is not a number");
}
END_TEST

START_TEST(nothing_to_check_is_an_error)
{
    fake_column(fake, "a", FB_C_STRING);
    ck_assert_int_eq(fake_bind(fake), -1);
    ck_assert_int_eq(fake->err.code, FB_E_CONFIG);
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "schema"));
}
END_TEST

START_TEST(an_unknown_column_is_refused_with_its_place)
{
    static const char *const named[] = {"a", "nowhere", NULL};

    fake_column(fake, "a", FB_C_INTEGER);
    fake_option_list(fake, "columns", named);
    ck_assert_int_eq(fake_bind(fake), -1);
    ck_assert_str_eq(fake->refused_option, "columns");
    ck_assert_uint_eq(fake->refused_index, 1);
}
END_TEST

START_TEST(a_broken_pattern_is_found_at_bind)
{
    fake_column(fake, "s", FB_C_STRING)->constraints.pattern = "a(b";
    ck_assert_int_eq(fake_bind(fake), -1);
    ck_assert_int_eq(fake->err.code, FB_E_CONFIG);
    ck_assert_ptr_nonnull(strstr(fake->err.message, "column 's'"));
    ck_assert_ptr_nonnull(strstr(fake->err.message, "a(b"));
}
END_TEST

START_TEST(a_minimum_of_the_wrong_type_is_found_at_bind)
{
    fake_column(fake, "d", FB_C_DATE)->constraints.minimum = "soon";
    ck_assert_int_eq(fake_bind(fake), -1);
    ck_assert_str_eq(fake->err.message, "the minimum 'soon' of column 'd' in "
                                        "the schema is not a date");
}
END_TEST

START_TEST(text_has_no_minimum)
{
    fake_column(fake, "s", FB_C_STRING)->constraints.minimum = "a";
    ck_assert_int_eq(fake_bind(fake), -1);
    ck_assert_ptr_nonnull(strstr(fake->err.message, "no order"));
}
END_TEST

START_TEST(bind_can_be_called_again)
{
    fake_column(fake, "s", FB_C_STRING)->constraints.pattern = "a";
    ck_assert_int_eq(fake_bind(fake), 0);
    JUDGE("a", "b");
    ck_assert_uint_eq(batch->reject_count, 1);
}
END_TEST

static TCase *
judging(void)
{
    TCase *tc = tcase_create("judging");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_number_that_is_none_is_a_type_error);
    tcase_add_test(tc, types_say_what_they_expect);
    tcase_add_test(tc, dates_say_what_they_look_like);
    tcase_add_test(tc, dates_of_another_form_say_that_form);
    tcase_add_test(tc, a_missing_value_is_wrong_only_where_required);
    tcase_add_test(tc, an_enum_lists_what_is_allowed);
    tcase_add_test(tc, an_enum_of_numbers_compares_numbers);
    tcase_add_test(tc, a_long_enum_is_cut);
    tcase_add_test(tc, numbers_stay_in_their_range);
    tcase_add_test(tc, not_a_number_is_beyond_every_bound);
    tcase_add_test(tc, the_range_of_dates_is_in_the_columns_notation);
    tcase_add_test(tc, lengths_count_characters_not_bytes);
    tcase_add_test(tc, a_pattern_must_match_the_whole_cell);
    tcase_add_test(tc, a_dollar_does_not_pass_a_line_end);
    tcase_add_test(tc, a_pattern_knows_the_letters_of_all_scripts);
    tcase_add_test(tc, a_pattern_without_end_is_given_up);
    tcase_add_test(tc, a_row_leaves_once_by_its_first_wrong_column);
    tcase_add_test(tc, only_the_named_columns_are_checked);
    tcase_add_test(tc, long_and_strange_values_are_cut_and_escaped);
    return tc;
}

static TCase *
uniqueness(void)
{
    TCase *tc = tcase_create("uniqueness");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_repeated_value_names_the_line_of_the_first);
    tcase_add_test(tc, values_are_unique_over_all_batches);
    tcase_add_test(tc, a_rejected_row_takes_no_value_from_a_good_one);
    tcase_add_test(tc, too_many_unique_values_are_a_clear_error);
    return tc;
}

static TCase *
binding(void)
{
    TCase *tc = tcase_create("binding");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, nothing_to_check_is_an_error);
    tcase_add_test(tc, an_unknown_column_is_refused_with_its_place);
    tcase_add_test(tc, a_broken_pattern_is_found_at_bind);
    tcase_add_test(tc, a_minimum_of_the_wrong_type_is_found_at_bind);
    tcase_add_test(tc, text_has_no_minimum);
    tcase_add_test(tc, bind_can_be_called_again);
    return tc;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("validate");

    suite_add_tcase(suite, judging());
    suite_add_tcase(suite, uniqueness());
    suite_add_tcase(suite, binding());
    return suite;
}
