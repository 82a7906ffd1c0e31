/*
 * util/buf.h: bytes that grow up to a declared maximum.
 */
#include "util/buf.h"

#include <stdlib.h>

#include "unit/main.h"
#include "util/error.h"
#include "util/mem.h"

static struct fb_error err;

START_TEST(is_empty_text_before_anything_was_added)
{
    AUTO_BUF struct buf buf;

    buf_init(&buf, 10);
    ck_assert_str_eq(buf_text(&buf), "");
    ck_assert_uint_eq(buf.size, 0);
}
END_TEST

START_TEST(keeps_a_nul_behind_the_content)
{
    AUTO_BUF struct buf buf;

    buf_init(&buf, 1000);
    for (int i = 0; i < 200; i++) {
        ck_assert_int_eq(buf_append(&buf, "x", 1, &err), 0);
        ck_assert_int_eq(buf.data[buf.size], 0);
    }
    ck_assert_uint_eq(strlen(buf_text(&buf)), 200);
}
END_TEST

START_TEST(prints_behind_the_content)
{
    AUTO_BUF struct buf buf;

    buf_init(&buf, 1000);
    ck_assert_int_eq(buf_puts(&buf, "a=", &err), 0);
    ck_assert_int_eq(buf_printf(&buf, &err, "%0100d", 7), 0);
    ck_assert_uint_eq(buf.size, 102);
    ck_assert_str_eq(buf_text(&buf) + 100, "07");
}
END_TEST

START_TEST(keeps_its_content_when_a_large_block_grows)
{
    AUTO_BUF struct buf buf;

    buf_init(&buf, 1 << 22);
    ck_assert_int_eq(buf_puts(&buf, "content", &err), 0);
    ck_assert_int_eq(buf_reserve(&buf, 1 << 18, &err), 0);
    ck_assert_int_eq(buf_reserve(&buf, 1 << 20, &err), 0);
    ck_assert_str_eq(buf_text(&buf), "content");
    ck_assert_uint_eq(buf.size, 7);
    ck_assert_uint_gt(buf.capacity, 1 << 20);
}
END_TEST

START_TEST(takes_exactly_its_maximum)
{
    AUTO_BUF struct buf buf;

    buf_init(&buf, 100);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(buf_append(&buf, "x", 1, &err), 0);
    ck_assert_uint_eq(buf.size, 100);
    ck_assert_int_eq(buf_append(&buf, "x", 1, &err), -1);
    ck_assert_int_eq(err.code, FB_E_LIMIT);
    ck_assert_uint_eq(buf.size, 100);
}
END_TEST

START_TEST(allocates_no_more_than_its_maximum_and_a_nul)
{
    AUTO_BUF struct buf buf;

    buf_init(&buf, 100);
    ck_assert_int_eq(buf_printf(&buf, &err, "%090d", 0), 0);
    ck_assert_uint_le(buf.capacity, 101);
}
END_TEST

START_TEST(refuses_a_size_that_would_overflow)
{
    AUTO_BUF struct buf buf;

    buf_init(&buf, 100);
    ck_assert_int_eq(buf_puts(&buf, "abc", &err), 0);
    ck_assert_int_eq(buf_reserve(&buf, SIZE_MAX, &err), -1);
    ck_assert_int_eq(err.code, FB_E_LIMIT);
    ck_assert_str_eq(buf_text(&buf), "abc");
}
END_TEST

START_TEST(removes_from_the_front)
{
    AUTO_BUF struct buf buf;

    buf_init(&buf, 100);
    buf_consume(&buf, 0);
    ck_assert_int_eq(buf_puts(&buf, "header\nrow", &err), 0);
    buf_consume(&buf, 7);
    ck_assert_str_eq(buf_text(&buf), "row");
    buf_consume(&buf, 3);
    ck_assert_str_eq(buf_text(&buf), "");
}
END_TEST

START_TEST(can_be_filled_again_after_clear_and_release)
{
    AUTO_BUF struct buf buf;

    buf_init(&buf, 100);
    ck_assert_int_eq(buf_puts(&buf, "one", &err), 0);
    buf_clear(&buf);
    ck_assert_str_eq(buf_text(&buf), "");
    ck_assert_int_eq(buf_puts(&buf, "two", &err), 0);
    buf_release(&buf);
    ck_assert_str_eq(buf_text(&buf), "");
    ck_assert_int_eq(buf_puts(&buf, "three", &err), 0);
    ck_assert_str_eq(buf_text(&buf), "three");
}
END_TEST

/* Grows through several reallocations; stops at the first failure. */
static int
fill(struct buf *buf)
{
    for (int i = 0; i < 100; i++) {
        if (buf_printf(buf, &err, "row %06d\n", i) != 0)
            return -1;
    }
    return 0;
}

START_TEST(stays_as_it_was_whichever_allocation_fails)
{
    unsigned long n = 0, failures = 0;
    int rc;

    do {
        AUTO_BUF struct buf buf;

        buf_init(&buf, 10000);
        mem_fail_at(++n);
        rc = fill(&buf);
        mem_fail_at(0);
        if (rc != 0) {
            failures++;
            ck_assert_int_eq(err.code, FB_E_LIMIT);
            ck_assert_uint_eq(buf.size % 11, 0);
            ck_assert_uint_eq(strlen(buf_text(&buf)), buf.size);
            ck_assert_int_eq(fill(&buf), 0);
        }
    } while (rc != 0);
    ck_assert_uint_ge(failures, 3);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("buf");
    TCase *tc = tcase_create("buf");

    tcase_add_test(tc, is_empty_text_before_anything_was_added);
    tcase_add_test(tc, keeps_a_nul_behind_the_content);
    tcase_add_test(tc, prints_behind_the_content);
    tcase_add_test(tc, keeps_its_content_when_a_large_block_grows);
    tcase_add_test(tc, takes_exactly_its_maximum);
    tcase_add_test(tc, allocates_no_more_than_its_maximum_and_a_nul);
    tcase_add_test(tc, refuses_a_size_that_would_overflow);
    tcase_add_test(tc, removes_from_the_front);
    tcase_add_test(tc, can_be_filled_again_after_clear_and_release);
    tcase_add_test(tc, stays_as_it_was_whichever_allocation_fails);
    suite_add_tcase(suite, tc);
    return suite;
}
