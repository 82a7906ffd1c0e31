/*
 * tests/unit/test_column.c: finding and naming columns.
 */
#include "batch/column.h"

#include "unit/main.h"

static struct arena *arena;

static void
setup(void)
{
    arena = arena_new();
}

static void
teardown(void)
{
    arena_free(arena);
}

static const struct columns *
columns_of(const char *const *names, uint32_t count)
{
    return columns_of_names(arena, names, count);
}

static const char *const orders[] = {"OrderID", "Customer", "Amount"};

START_TEST(makes_string_columns_of_copied_names)
{
    char name[] = "OrderID";
    const char *const names[] = {name};
    const struct columns *c = columns_of(names, 1);

    name[0] = 'X';
    ck_assert_uint_eq(c->count, 1);
    ck_assert_str_eq(c->items[0].name, "OrderID");
    ck_assert_int_eq(c->items[0].type, FB_C_STRING);
}
END_TEST

START_TEST(leaves_untyped_columns_without_constraints)
{
    const struct fb_column *c = &columns_of(orders, 3)->items[1];

    ck_assert(!c->constraints.required && !c->constraints.unique);
    ck_assert_ptr_null(c->constraints.pattern);
    ck_assert_int_eq(c->constraints.min_length, -1);
    ck_assert_int_eq(c->constraints.max_length, -1);
}
END_TEST

START_TEST(takes_the_empty_text_as_missing_by_default)
{
    const struct columns *c = columns_of(orders, 3);

    ck_assert_uint_eq(c->missing.count, 1);
    ck_assert_str_eq(c->missing.items[0], "");
}
END_TEST

START_TEST(finds_a_column_by_its_exact_name)
{
    ck_assert_int_eq(columns_find(columns_of(orders, 3), "Amount"), 2);
}
END_TEST

START_TEST(finds_a_column_in_another_case)
{
    ck_assert_int_eq(columns_find(columns_of(orders, 3), "aMOUNT"), 2);
}
END_TEST

START_TEST(prefers_the_exact_name_to_one_in_another_case)
{
    const char *const names[] = {"ID", "Id", "id"};

    ck_assert_int_eq(columns_find(columns_of(names, 3), "id"), 2);
}
END_TEST

START_TEST(finds_none_when_case_alone_cannot_tell_columns_apart)
{
    const char *const names[] = {"ID", "Id", "iD"};

    ck_assert_int_eq(columns_find(columns_of(names, 3), "id"), -1);
}
END_TEST

START_TEST(finds_none_for_a_name_that_is_not_there)
{
    ck_assert_int_eq(columns_find(columns_of(orders, 3), "Amoun"), -1);
    ck_assert_int_eq(columns_find(columns_of(orders, 0), "Amount"), -1);
}
END_TEST

START_TEST(names_the_nearest_column)
{
    ck_assert_str_eq(columns_nearest(columns_of(orders, 3), "Custmer"),
                     "Customer");
    ck_assert_ptr_null(columns_nearest(columns_of(orders, 3), "zzzzzz"));
}
END_TEST

START_TEST(names_every_type_and_finds_it_again)
{
    for (int t = FB_C_STRING; t <= FB_C_TIME; t++) {
        const char *name = column_type_name((enum fb_column_type)t);

        ck_assert_int_eq(column_type_of_name(name), t);
    }
}
END_TEST

START_TEST(reads_any_as_a_string_and_knows_no_other_types)
{
    ck_assert_int_eq(column_type_of_name("any"), FB_C_STRING);
    ck_assert_int_eq(column_type_of_name("geopoint"), 0);
    ck_assert_int_eq(column_type_of_name("Integer"), 0);
    ck_assert_int_eq(column_type_of_name(""), 0);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("column");
    TCase *tc = tcase_create("column");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, makes_string_columns_of_copied_names);
    tcase_add_test(tc, leaves_untyped_columns_without_constraints);
    tcase_add_test(tc, takes_the_empty_text_as_missing_by_default);
    tcase_add_test(tc, finds_a_column_by_its_exact_name);
    tcase_add_test(tc, finds_a_column_in_another_case);
    tcase_add_test(tc, prefers_the_exact_name_to_one_in_another_case);
    tcase_add_test(tc, finds_none_when_case_alone_cannot_tell_columns_apart);
    tcase_add_test(tc, finds_none_for_a_name_that_is_not_there);
    tcase_add_test(tc, names_the_nearest_column);
    tcase_add_test(tc, names_every_type_and_finds_it_again);
    tcase_add_test(tc, reads_any_as_a_string_and_knows_no_other_types);
    suite_add_tcase(suite, tc);
    return suite;
}
