/*
 * util/error.h: what the host adds to an error and reads out of its code.
 */
#include "util/error.h"

#include <errno.h>

#include "unit/main.h"

START_TEST(puts_context_before_the_message)
{
    struct fb_error err = FB_ERROR_INIT;

    fb_fail(&err, FB_E_INPUT, "no such column '%s'", "Amount");
    fb_hint(&err, "did you mean 'amount'?");
    ck_assert_int_eq(error_context(&err, "step '%s'", "current"), -1);
    ck_assert_str_eq(err.message, "step 'current': no such column 'Amount'");
    ck_assert_str_eq(err.hint, "did you mean 'amount'?");
    ck_assert_int_eq(err.code, FB_E_INPUT);
}
END_TEST

START_TEST(keeps_the_cause_behind_a_context_that_is_too_long)
{
    struct fb_error err = FB_ERROR_INIT;
    char path[2 * FB_MESSAGE_MAX];

    memset(path, 'x', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    fb_fail(&err, FB_E_OUTPUT, "disk full");
    (void)error_context(&err, "cannot write '%s'", path);
    ck_assert_ptr_nonnull(strstr(err.message, "xxx...: disk full"));
}
END_TEST

START_TEST(cuts_a_message_that_does_not_fit)
{
    struct fb_error err = FB_ERROR_INIT;
    char cause[2 * FB_MESSAGE_MAX];

    memset(cause, 'x', sizeof(cause));
    cause[sizeof(cause) - 1] = '\0';
    fb_fail(&err, FB_E_FAILED, "%s", cause);
    (void)error_context(&err, "step 'a'");
    ck_assert_uint_eq(strlen(err.message), FB_MESSAGE_MAX - 1);
    ck_assert_int_eq(strncmp(err.message, "step 'a': xxx", 13), 0);
}
END_TEST

START_TEST(forgets_an_error_that_is_cleared)
{
    struct fb_error err = FB_ERROR_INIT;

    fb_fail(&err, FB_E_BUSY, "locked");
    fb_hint(&err, "wait");
    error_clear(&err);
    ck_assert_int_eq(err.code, FB_E_NONE);
    ck_assert_str_eq(err.message, "");
    ck_assert_str_eq(err.hint, "");
}
END_TEST

START_TEST(exits_with_the_documented_status)
{
    ck_assert_int_eq(error_exit_status(FB_E_NONE), 0);
    ck_assert_int_eq(error_exit_status(FB_E_FAILED), 1);
    ck_assert_int_eq(error_exit_status(FB_E_USAGE), 2);
    ck_assert_int_eq(error_exit_status(FB_E_INPUT), 65);
    ck_assert_int_eq(error_exit_status(FB_E_UNAVAILABLE), 69);
    ck_assert_int_eq(error_exit_status(FB_E_OUTPUT), 73);
    ck_assert_int_eq(error_exit_status(FB_E_BUSY), 75);
    ck_assert_int_eq(error_exit_status(FB_E_PERMISSION), 77);
    ck_assert_int_eq(error_exit_status(FB_E_CONFIG), 78);
}
END_TEST

START_TEST(takes_a_code_it_does_not_know_for_a_bug)
{
    enum fb_code unknown = (enum fb_code)(FB_E_LIMIT + 1);

    ck_assert_int_eq(error_exit_status(unknown), 70);
    ck_assert_str_eq(error_word(unknown), "internal-error");
    ck_assert(!error_is_transient(unknown));
}
END_TEST

START_TEST(retries_what_may_succeed_later)
{
    ck_assert(error_is_transient(FB_E_UNAVAILABLE));
    ck_assert(error_is_transient(FB_E_BUSY));
    ck_assert(!error_is_transient(FB_E_CONFIG));
    ck_assert(!error_is_transient(FB_E_PERMISSION));
    ck_assert(!error_is_transient(FB_E_NONE));
}
END_TEST

START_TEST(classifies_errno_by_what_was_being_done)
{
    ck_assert_int_eq(error_code_of_errno(EACCES, false), FB_E_PERMISSION);
    ck_assert_int_eq(error_code_of_errno(EACCES, true), FB_E_PERMISSION);
    ck_assert_int_eq(error_code_of_errno(ENOENT, false), FB_E_MISSING);
    ck_assert_int_eq(error_code_of_errno(ENOENT, true), FB_E_OUTPUT);
    ck_assert_int_eq(error_code_of_errno(ENOSPC, true), FB_E_OUTPUT);
    ck_assert_int_eq(error_code_of_errno(EIO, false), FB_E_UNAVAILABLE);
    ck_assert_int_eq(error_code_of_errno(EISDIR, false), FB_E_INPUT);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("error");
    TCase *tc = tcase_create("error");

    tcase_add_test(tc, puts_context_before_the_message);
    tcase_add_test(tc, keeps_the_cause_behind_a_context_that_is_too_long);
    tcase_add_test(tc, cuts_a_message_that_does_not_fit);
    tcase_add_test(tc, forgets_an_error_that_is_cleared);
    tcase_add_test(tc, exits_with_the_documented_status);
    tcase_add_test(tc, takes_a_code_it_does_not_know_for_a_bug);
    tcase_add_test(tc, retries_what_may_succeed_later);
    tcase_add_test(tc, classifies_errno_by_what_was_being_done);
    suite_add_tcase(suite, tc);
    return suite;
}
