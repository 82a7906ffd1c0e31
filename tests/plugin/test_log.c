/*
 * The plugin `log`: what the operator reads.
 */
#include "support/fake_host.h"
#include "unit/main.h"

static struct fake *fake;

static void
setup(void)
{
    fake = fake_new("log", FB_NOTIFIER);
    fake->uri = "log:";
}

static void
teardown(void)
{
    fake_free(fake);
}

static void
notify(const struct fb_report *report)
{
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_int_eq(
        fake->plugin->notify(fake->self, &fake->step, report, &fake->err), 0);
    fake_close(fake);
}

START_TEST(a_success_is_one_line)
{
    const struct fb_report report = {
        .size = sizeof(report),
        .outcome = "success",
        .subject = "orders: success",
        .text = "much\nmore\n",
    };

    notify(&report);
    ck_assert_int_eq(fake->log_count, 1);
    ck_assert_int_eq(fake->levels[0], FB_INFO);
    ck_assert_str_eq(fake->logs[0], "orders: success");
}
END_TEST

START_TEST(a_failure_says_why)
{
    const struct fb_report_error error = {.message = "cannot write 'x'"};
    const struct fb_report report = {
        .size = sizeof(report),
        .outcome = "failure",
        .subject = "orders: failure",
        .error_count = 1,
        .errors = &error,
    };

    notify(&report);
    ck_assert_int_eq(fake->log_count, 2);
    ck_assert_int_eq(fake->levels[0], FB_ERROR);
    ck_assert_int_eq(fake->levels[1], FB_ERROR);
    ck_assert_str_eq(fake->logs[1], "cannot write 'x'");
}
END_TEST

START_TEST(rejected_rows_of_a_success_are_warnings)
{
    const struct fb_report_error errors[] = {
        {.message = "\"x\" is not a number", .line = 17, .column = "Amount"},
        {.message = "too few cells", .line = 18},
    };
    const struct fb_report report = {
        .size = sizeof(report),
        .outcome = "success",
        .subject = "orders: success",
        .error_count = 2,
        .errors = errors,
    };

    notify(&report);
    ck_assert_int_eq(fake->log_count, 3);
    ck_assert_int_eq(fake->levels[1], FB_WARN);
    ck_assert_str_eq(fake->logs[1],
                     "line 17, column Amount: \"x\" is not a number");
    ck_assert_str_eq(fake->logs[2], "line 18: too few cells");
}
END_TEST

START_TEST(nothing_stands_after_the_colon)
{
    fake->uri = "log:/var/log/forebay.log";
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, "uri");
}
END_TEST

START_TEST(the_type_alone_will_do)
{
    fake->uri = NULL;
    ck_assert_int_eq(fake_check(fake), 0);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("log");
    TCase *tc = tcase_create("all");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_success_is_one_line);
    tcase_add_test(tc, a_failure_says_why);
    tcase_add_test(tc, rejected_rows_of_a_success_are_warnings);
    tcase_add_test(tc, nothing_stands_after_the_colon);
    tcase_add_test(tc, the_type_alone_will_do);
    suite_add_tcase(suite, tc);
    return suite;
}
