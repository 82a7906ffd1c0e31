/*
 * The plugins that choose and make columns: `select`, `derive`, `example`.
 */
#include "support/fake_host.h"
#include "unit/main.h"

static struct fake *fake;

static void
load(const char *name)
{
    fake = fake_new(name, FB_TRANSFORM);
    fake_column(fake, "id", FB_C_INTEGER);
    fake_column(fake, "name", FB_C_STRING);
    fake_column(fake, "card", FB_C_STRING);
}

static void
load_select(void)
{
    load("select");
}

static void
load_derive(void)
{
    load("derive");
}

static void
load_example(void)
{
    load("example");
    fake_option(fake, "column", "card");
}

static void
teardown(void)
{
    fake_free(fake);
}

/* "name<2 id<0": what leaves, and from which column. */
static const char *
outputs(void)
{
    static char text[512];
    size_t used = 0;

    text[0] = '\0';
    for (uint32_t i = 0; i < fake->output_count; i++) {
        const struct fake_output *o = &fake->outputs[i];

        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s<",
                                 i > 0 ? " " : "", o->name);
        if (o->from == FB_NEW)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "new");
        else
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%u",
                                     o->from);
    }
    return text;
}

static const char *const card_id[] = {"card", "id", NULL};
static const char *const all[] = {"id", "name", "card", NULL};

START_TEST(keep_orders_columns)
{
    fake_option_list(fake, "keep", card_id);
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_str_eq(outputs(), "card<2 id<0");
}
END_TEST

START_TEST(drop_keeps_the_order_of_the_input)
{
    fake_option_list(fake, "drop", card_id + 1);
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_str_eq(outputs(), "name<1 card<2");
}
END_TEST

START_TEST(rename_alone_keeps_every_column)
{
    const struct fb_pair pairs[] = {{"name", "customer", NULL}};

    fake_option_map(fake, "rename", pairs, 1);
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_str_eq(outputs(), "id<0 customer<1 card<2");
}
END_TEST

START_TEST(two_columns_can_swap_names)
{
    const struct fb_pair pairs[] = {{"name", "card", NULL},
                                    {"card", "name", NULL}};

    fake_option_map(fake, "rename", pairs, 2);
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_str_eq(outputs(), "id<0 card<1 name<2");
}
END_TEST

START_TEST(keep_and_drop_cannot_stand_together)
{
    fake_option_list(fake, "keep", card_id);
    fake_option_list(fake, "drop", card_id);
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, "drop");
}
END_TEST

START_TEST(select_without_options_is_refused)
{
    ck_assert_int_eq(fake_check(fake), -1);
}
END_TEST

START_TEST(dropping_every_column_is_refused)
{
    fake_option_list(fake, "drop", all);
    ck_assert_int_eq(fake_bind(fake), -1);
    ck_assert_str_eq(fake->refused_option, "drop");
}
END_TEST

START_TEST(an_unknown_column_is_refused_with_its_place)
{
    static const char *const names[] = {"id", "nowhere", NULL};

    fake_option_list(fake, "keep", names);
    ck_assert_int_eq(fake_bind(fake), -1);
    ck_assert_str_eq(fake->refused_option, "keep");
    ck_assert_uint_eq(fake->refused_index, 1);
}
END_TEST

START_TEST(a_column_kept_twice_is_refused)
{
    static const char *const names[] = {"id", "name", "id", NULL};

    fake_option_list(fake, "keep", names);
    ck_assert_int_eq(fake_bind(fake), -1);
    ck_assert_uint_eq(fake->refused_index, 2);
}
END_TEST

START_TEST(a_new_name_that_another_column_has_is_refused)
{
    const struct fb_pair pairs[] = {{"name", "card", NULL}};

    fake_option_map(fake, "rename", pairs, 1);
    ck_assert_int_eq(fake_bind(fake), -1);
    ck_assert_str_eq(fake->refused_option, "rename");
}
END_TEST

START_TEST(a_new_name_of_a_column_that_was_dropped_is_free)
{
    const struct fb_pair pairs[] = {{"name", "card", NULL}};

    fake_option_map(fake, "rename", pairs, 1);
    fake_option_list(fake, "drop", (const char *[]){"card", NULL});
    ck_assert_int_eq(fake_bind(fake), 0);
    ck_assert_str_eq(outputs(), "id<0 card<1");
}
END_TEST

START_TEST(renaming_a_column_that_does_not_leave_is_refused)
{
    const struct fb_pair pairs[] = {{"name", "customer", NULL}};

    fake_option_map(fake, "rename", pairs, 1);
    fake_option_list(fake, "keep", card_id);
    ck_assert_int_eq(fake_bind(fake), -1);
    ck_assert_str_eq(fake->refused_option, "rename");
}
END_TEST

/* --- derive: what expressions mean is tested with the real host --- */

static struct fb_expr *
an_expression(void)
{
    return (struct fb_expr *)fake; /* only ever handed back to the host */
}

START_TEST(a_new_column_comes_last_and_a_known_one_stays_in_its_place)
{
    const struct fb_pair pairs[] = {{"total", "1", an_expression()},
                                    {"name", "2", an_expression()}};

    fake->expr_type = FB_C_NUMBER;
    fake_option_map(fake, "set", pairs, 2);
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_str_eq(outputs(), "id<0 name<new card<2 total<new");
    ck_assert_int_eq(fake->outputs[3].type, FB_C_NUMBER);
    ck_assert_int_eq(fake->outputs[1].type, FB_C_NUMBER);
    ck_assert_int_eq(fake->outputs[0].type, 0);
}
END_TEST

START_TEST(a_name_that_differs_only_in_case_is_refused)
{
    const struct fb_pair pairs[] = {{"x", "1", an_expression()},
                                    {"Name", "1", an_expression()}};

    fake->expr_type = FB_C_NUMBER;
    fake_option_map(fake, "set", pairs, 2);
    ck_assert_int_eq(fake_bind(fake), -1);
    ck_assert_str_eq(fake->refused_option, "set");
    ck_assert_uint_eq(fake->refused_index, 1);
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "'name'"));
}
END_TEST

START_TEST(an_empty_set_is_refused)
{
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, "set");
}
END_TEST

/* --- example --- */

static const char *
masked(const char *card)
{
    static char text[256];
    struct fake_batch *batch =
        fake_batch(fake, 1, (const char *[]){"1", "n", card});

    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_int_eq(fake_process(fake, batch), 0);
    ck_assert_ptr_nonnull(batch->set[2]);
    snprintf(text, sizeof(text), "%.*s", (int)batch->set[2][0].len,
             (const char *)batch->set[2][0].ptr);
    return text;
}

START_TEST(the_example_masks_all_but_the_last_characters)
{
    ck_assert_str_eq(masked("4242424242424242"), "************4242");
    ck_assert_str_eq(outputs(), "id<0 name<1 card<new");
}
END_TEST

START_TEST(the_example_counts_characters_not_bytes)
{
    fake_option(fake, "keep", "2");
    ck_assert_str_eq(masked("髙橋次郎"), "**次郎");
}
END_TEST

START_TEST(the_example_leaves_short_texts_alone)
{
    ck_assert_str_eq(masked("4242"), "4242");
    ck_assert_str_eq(masked(""), "");
}
END_TEST

START_TEST(the_example_can_mask_all)
{
    fake_option(fake, "keep", "0");
    ck_assert_str_eq(masked("abc"), "***");
}
END_TEST

static TCase *
selecting(void)
{
    TCase *tc = tcase_create("select");

    tcase_add_checked_fixture(tc, load_select, teardown);
    tcase_add_test(tc, keep_orders_columns);
    tcase_add_test(tc, drop_keeps_the_order_of_the_input);
    tcase_add_test(tc, rename_alone_keeps_every_column);
    tcase_add_test(tc, two_columns_can_swap_names);
    tcase_add_test(tc, keep_and_drop_cannot_stand_together);
    tcase_add_test(tc, select_without_options_is_refused);
    tcase_add_test(tc, dropping_every_column_is_refused);
    tcase_add_test(tc, an_unknown_column_is_refused_with_its_place);
    tcase_add_test(tc, a_column_kept_twice_is_refused);
    tcase_add_test(tc, a_new_name_that_another_column_has_is_refused);
    tcase_add_test(tc, a_new_name_of_a_column_that_was_dropped_is_free);
    tcase_add_test(tc, renaming_a_column_that_does_not_leave_is_refused);
    return tc;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("columns");
    TCase *derive = tcase_create("derive"), *example = tcase_create("example");

    suite_add_tcase(suite, selecting());
    tcase_add_checked_fixture(derive, load_derive, teardown);
    tcase_add_test(derive,
                   a_new_column_comes_last_and_a_known_one_stays_in_its_place);
    tcase_add_test(derive, a_name_that_differs_only_in_case_is_refused);
    tcase_add_test(derive, an_empty_set_is_refused);
    suite_add_tcase(suite, derive);
    tcase_add_checked_fixture(example, load_example, teardown);
    tcase_add_test(example, the_example_masks_all_but_the_last_characters);
    tcase_add_test(example, the_example_counts_characters_not_bytes);
    tcase_add_test(example, the_example_leaves_short_texts_alone);
    tcase_add_test(example, the_example_can_mask_all);
    suite_add_tcase(suite, example);
    return suite;
}
