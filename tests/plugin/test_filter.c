/*
 * The plugin `filter`: what it does with the answer; what the answer is, the
 * host decides.
 */
#include "support/fake_host.h"
#include "unit/main.h"

static struct fake *fake;

static void
setup(void)
{
    fake = fake_new("filter", FB_TRANSFORM);
    fake_column(fake, "a", FB_C_STRING);
    fake_option_expr(fake, "where");
}

static void
teardown(void)
{
    fake_free(fake);
}

START_TEST(keeps_the_rows_for_which_the_condition_is_true)
{
    struct fake_batch *batch =
        fake_batch(fake, 3, (const char *[]){"x", "y", "z"});

    fake->expr_type = FB_C_BOOLEAN;
    fake->expr_truth = 0x5;
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_int_eq(fake_process(fake, batch), 0);
    ck_assert_uint_eq(batch->selection[0], 0x5);
}
END_TEST

START_TEST(a_condition_that_is_no_condition_is_refused)
{
    fake->expr_type = FB_C_NUMBER;
    ck_assert_int_eq(fake_bind(fake), -1);
    ck_assert_str_eq(fake->refused_option, "where");
    ck_assert_int_eq(fake->err.code, FB_E_CONFIG);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("filter");
    TCase *tc = tcase_create("all");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, keeps_the_rows_for_which_the_condition_is_true);
    tcase_add_test(tc, a_condition_that_is_no_condition_is_refused);
    suite_add_tcase(suite, tc);
    return suite;
}
