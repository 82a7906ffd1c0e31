/*
 * The plugin `validate` and the primary key of a schema: what is missing, what
 * is repeated, and when there is no key to check.
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

/* A column of a key of `size` columns; 0: of none. */
static struct fb_column *
column(const char *name, enum fb_column_type type, uint32_t size)
{
    struct fb_column *made = fake_column(fake, name, type);

    made->constraints.primary_key = size;
    return made;
}

static void
process(uint32_t rows, const char *const *cells)
{
    batch = fake_batch(fake, rows, cells);
    ck_assert_msg(fake_process(fake, batch) == 0, "%s", fake->err.message);
}

/* Rows, row by row, through the whole life of the plugin. */
static void
judge(uint32_t rows, const char *const *cells)
{
    ck_assert_msg(fake_begin(fake) == 0, "%s", fake->err.message);
    process(rows, cells);
    fake_close(fake);
}

#define JUDGE(columns_, ...)                                                 \
    judge(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *) / columns_, \
          (const char *[]){__VA_ARGS__})

static void
assert_only_reject(uint32_t row, uint32_t index, const char *code,
                   const char *message)
{
    ck_assert_uint_eq(batch->reject_count, 1);
    ck_assert_uint_eq(batch->rejects[0].row, row);
    ck_assert_uint_eq(batch->rejects[0].column, index);
    ck_assert_str_eq(batch->rejects[0].code, code);
    ck_assert_str_eq(batch->rejects[0].message, message);
}

/* --- what breaks a key --- */

START_TEST(a_repeated_key_names_its_value_and_the_first_line)
{
    column("OrderID", FB_C_STRING, 1);
    JUDGE(1, "O1", "O2", "O1");
    assert_only_reject(2, 0, "primary-key",
                       "the primary key (OrderID \"O1\") already stands on "
                       "line 2");
}
END_TEST

START_TEST(a_missing_key_is_rejected)
{
    column("OrderID", FB_C_STRING, 1);
    JUDGE(1, "O1", NULL);
    assert_only_reject(1, 0, "primary-key",
                       "a value is required in a column of the primary key");
}
END_TEST

START_TEST(any_part_of_a_key_that_is_missing_is_rejected)
{
    column("a", FB_C_STRING, 2);
    column("b", FB_C_STRING, 2);
    JUDGE(2, "x", "y", "x", NULL);
    assert_only_reject(1, 1, "primary-key",
                       "a value is required in a column of the primary key");
}
END_TEST

START_TEST(a_key_of_several_columns_repeats_only_as_a_whole)
{
    column("OrderID", FB_C_STRING, 2);
    column("Note", FB_C_STRING, 0);
    column("Line", FB_C_INTEGER, 2);
    JUDGE(3, "O1", "n", "1", "O1", "n", "2", "O2", "n", "1", "O1", "m", "2");
    assert_only_reject(3, FB_NEW, "primary-key",
                       "the primary key (OrderID \"O1\", Line \"2\") already "
                       "stands on line 3");
}
END_TEST

START_TEST(parts_of_a_key_do_not_run_into_each_other)
{
    column("a", FB_C_STRING, 2);
    column("b", FB_C_STRING, 2);
    JUDGE(2, "ab", "c", "a", "bc", "abc", "", "", "abc");
    ck_assert_uint_eq(batch->reject_count, 0);
}
END_TEST

START_TEST(keys_compare_values_and_not_texts)
{
    column("n", FB_C_NUMBER, 2);
    column("d", FB_C_DATE, 2);
    JUDGE(2, "1", "2025-02-01", "1.0", "2025-02-02", "1.00", "2025-02-01");
    assert_only_reject(2, FB_NEW, "primary-key",
                       "the primary key (n \"1.00\", d \"2025-02-01\") already "
                       "stands on line 2");
}
END_TEST

START_TEST(keys_are_remembered_over_all_batches)
{
    column("id", FB_C_INTEGER, 1);
    ck_assert_int_eq(fake_begin(fake), 0);
    process(1, (const char *[]){"7"});
    process(2, (const char *[]){"8", "07"});
    ck_assert_uint_eq(batch->reject_count, 1);
    ck_assert_uint_eq(batch->rejects[0].row, 1);
    fake_close(fake);
}
END_TEST

START_TEST(a_long_key_is_cut_between_its_columns)
{
    static char names[FAKE_COLUMNS_MAX][200];
    const char *message;
    size_t length;

    for (int i = 0; i < FAKE_COLUMNS_MAX; i++) {
        memset(names[i], 'a' + i, sizeof(names[i]) - 1);
        column(names[i], FB_C_STRING, FAKE_COLUMNS_MAX);
    }
    JUDGE(8, "1", "2", "3", "4", "5", "6", "7", "8", "1", "2", "3", "4", "5",
          "6", "7", "8");
    ck_assert_uint_eq(batch->reject_count, 1);
    message = batch->rejects[0].message;
    length = strlen(message);
    ck_assert_ptr_nonnull(strstr(message, " \"4\", ...) already"));
    ck_assert_str_eq(message + length - 9, "on line 2");
}
END_TEST

/* --- beside the other rules --- */

START_TEST(a_wrong_cell_is_told_before_a_broken_key)
{
    column("id", FB_C_STRING, 1);
    column("n", FB_C_INTEGER, 0);
    JUDGE(2, "a", "1", "a", "x");
    ck_assert_uint_eq(batch->reject_count, 1);
    ck_assert_str_eq(batch->rejects[0].code, "type-error");
}
END_TEST

START_TEST(a_row_rejected_for_another_reason_takes_no_key)
{
    column("id", FB_C_STRING, 1);
    column("n", FB_C_INTEGER, 0);
    JUDGE(2, "a", "x", "a", "1");
    ck_assert_uint_eq(batch->reject_count, 1);
    ck_assert_uint_eq(batch->rejects[0].row, 0);
}
END_TEST

START_TEST(a_row_that_repeats_a_key_takes_no_unique_value)
{
    column("id", FB_C_STRING, 1);
    column("mail", FB_C_STRING, 0)->constraints.unique = true;
    JUDGE(2, "a", "x", "a", "y", "b", "y");
    ck_assert_uint_eq(batch->reject_count, 1);
    ck_assert_str_eq(batch->rejects[0].code, "primary-key");
    ck_assert_uint_eq(batch->rejects[0].row, 1);
}
END_TEST

START_TEST(a_row_that_repeats_a_unique_value_takes_no_key)
{
    column("id", FB_C_STRING, 1);
    column("mail", FB_C_STRING, 0)->constraints.unique = true;
    JUDGE(2, "a", "x", "b", "x", "b", "y");
    ck_assert_uint_eq(batch->reject_count, 1);
    ck_assert_str_eq(batch->rejects[0].code, "unique-error");
    ck_assert_uint_eq(batch->rejects[0].row, 1);
}
END_TEST

START_TEST(a_key_that_is_unique_too_is_remembered_once)
{
    struct fb_column *id = column("id", FB_C_STRING, 1);
    static char text[64][1024];
    static const char *cells[64];

    /* 64 values of 800 bytes: once in 128 KiB, twice not. */
    id->constraints.unique = true;
    fake_option(fake, "unique_memory", "128KiB");
    for (int i = 0; i < 64; i++) {
        snprintf(text[i], sizeof(text[i]), "%0800d", i < 63 ? i : 0);
        cells[i] = text[i];
    }
    judge(64, cells);
    ck_assert_uint_eq(batch->reject_count, 1);
    ck_assert_str_eq(batch->rejects[0].code, "unique-error");
}
END_TEST

START_TEST(too_many_keys_are_a_clear_error)
{
    static const char *cells[64];
    static char text[64 * 64][16];

    column("id", FB_C_STRING, 1);
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
    ck_assert_ptr_nonnull(strstr(fake->err.message, "the primary key"));
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "unique_memory"));
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "primaryKey"));
    fake_close(fake);
}
END_TEST

/* --- which key --- */

START_TEST(a_key_is_checked_as_a_whole_when_one_of_its_columns_is_named)
{
    static const char *const named[] = {"b", NULL};

    column("a", FB_C_INTEGER, 2);
    column("b", FB_C_INTEGER, 2);
    fake_option_list(fake, "columns", named);
    JUDGE(2, "1", "1", "2", "1", "1", "1", NULL, "3");
    ck_assert_uint_eq(batch->reject_count, 2);
    ck_assert_uint_eq(batch->rejects[0].row, 2);
    ck_assert_str_eq(batch->rejects[0].code, "primary-key");
    ck_assert_uint_eq(batch->rejects[1].row, 3);
}
END_TEST

START_TEST(a_key_is_left_alone_when_none_of_its_columns_is_named)
{
    static const char *const named[] = {"n", NULL};

    column("id", FB_C_STRING, 1);
    column("n", FB_C_INTEGER, 0);
    fake_option_list(fake, "columns", named);
    JUDGE(2, "a", "1", "a", "2", NULL, "3");
    ck_assert_uint_eq(batch->reject_count, 0);
}
END_TEST

START_TEST(what_is_left_of_a_key_may_repeat_but_not_be_missing)
{
    column("a", FB_C_STRING, 2); /* the other one was dropped on the way */
    JUDGE(1, "x", "x", NULL);
    ck_assert_uint_eq(batch->reject_count, 1);
    ck_assert_uint_eq(batch->rejects[0].row, 2);
}
END_TEST

START_TEST(bind_forgets_the_key_it_found_before)
{
    static const char *const named[] = {"id", NULL};
    struct fb_column *id = column("id", FB_C_INTEGER, 1);

    fake_option_list(fake, "columns", named);
    ck_assert_int_eq(fake_bind(fake), 0);
    id->constraints.primary_key = 0;
    JUDGE(1, "1", "1", NULL);
    ck_assert_uint_eq(batch->reject_count, 0);
}
END_TEST

static TCase *
breaking(void)
{
    TCase *tc = tcase_create("breaking");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_repeated_key_names_its_value_and_the_first_line);
    tcase_add_test(tc, a_missing_key_is_rejected);
    tcase_add_test(tc, any_part_of_a_key_that_is_missing_is_rejected);
    tcase_add_test(tc, a_key_of_several_columns_repeats_only_as_a_whole);
    tcase_add_test(tc, parts_of_a_key_do_not_run_into_each_other);
    tcase_add_test(tc, keys_compare_values_and_not_texts);
    tcase_add_test(tc, keys_are_remembered_over_all_batches);
    tcase_add_test(tc, a_long_key_is_cut_between_its_columns);
    return tc;
}

static TCase *
other_rules(void)
{
    TCase *tc = tcase_create("other rules");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_wrong_cell_is_told_before_a_broken_key);
    tcase_add_test(tc, a_row_rejected_for_another_reason_takes_no_key);
    tcase_add_test(tc, a_row_that_repeats_a_key_takes_no_unique_value);
    tcase_add_test(tc, a_row_that_repeats_a_unique_value_takes_no_key);
    tcase_add_test(tc, a_key_that_is_unique_too_is_remembered_once);
    tcase_add_test(tc, too_many_keys_are_a_clear_error);
    return tc;
}

static TCase *
binding(void)
{
    TCase *tc = tcase_create("binding");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(
        tc, a_key_is_checked_as_a_whole_when_one_of_its_columns_is_named);
    tcase_add_test(tc, a_key_is_left_alone_when_none_of_its_columns_is_named);
    tcase_add_test(tc, what_is_left_of_a_key_may_repeat_but_not_be_missing);
    tcase_add_test(tc, bind_forgets_the_key_it_found_before);
    return tc;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("validate the primary key");

    suite_add_tcase(suite, breaking());
    suite_add_tcase(suite, other_rules());
    suite_add_tcase(suite, binding());
    return suite;
}
