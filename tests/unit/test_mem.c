/*
 * util/mem.h: the door to the heap.
 */
#include "util/mem.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit/main.h"

START_TEST(gives_a_pointer_even_for_no_bytes)
{
    AUTO_FREE void *a = mem_alloc(0), *b = mem_zalloc(0);
    AUTO_FREE void *c = mem_array(0, 8), *d = mem_regrow(NULL, 0, 8);

    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_nonnull(b);
    ck_assert_ptr_nonnull(c);
    ck_assert_ptr_nonnull(d);
}
END_TEST

START_TEST(zeroes_arrays)
{
    AUTO_FREE unsigned char *bytes = mem_array(100, 10);

    for (size_t i = 0; i < 1000; i++)
        ck_assert_int_eq(bytes[i], 0);
}
END_TEST

START_TEST(copies_the_part_of_a_text_that_was_named)
{
    AUTO_FREE char *part = mem_dup_nul("orders.csv", 6);
    AUTO_FREE char *none = mem_dup_nul(NULL, 0);

    ck_assert_str_eq(part, "orders");
    ck_assert_str_eq(none, "");
}
END_TEST

START_TEST(prints_into_new_memory)
{
    AUTO_FREE char *text = mem_printf("%s-%05d", "run", 42);

    ck_assert_str_eq(text, "run-00042");
}
END_TEST

START_TEST(keeps_the_items_of_a_regrown_array)
{
    AUTO_FREE int *items = mem_array(2, sizeof(*items));

    items[1] = 7;
    items = mem_regrow(items, 1000, sizeof(*items));
    ck_assert_int_eq(items[1], 7);
}
END_TEST

START_TEST(detects_products_that_do_not_fit)
{
    size_t product = 0;

    ck_assert(!mem_mul_overflows(6, 7, &product));
    ck_assert_uint_eq(product, 42);
    ck_assert(mem_mul_overflows(SIZE_MAX / 2, 3, &product));
}
END_TEST

START_TEST(ends_the_process_when_an_array_cannot_fit)
{
    free(mem_regrow(NULL, SIZE_MAX / 2, 3));
}
END_TEST

START_TEST(fails_exactly_the_allocation_that_was_asked_for)
{
    AUTO_FREE void *a = NULL, *b = NULL;

    mem_fail_at(2);
    a = mem_try_realloc(NULL, 10);
    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_null(mem_try_realloc(NULL, 10));
    b = mem_try_realloc(NULL, 10);
    ck_assert_ptr_nonnull(b);
}
END_TEST

START_TEST(fails_nothing_once_it_is_told_to_stop)
{
    AUTO_FREE void *a = NULL;

    mem_fail_at(1);
    mem_fail_at(0);
    a = mem_try_realloc(NULL, 10);
    ck_assert_ptr_nonnull(a);
}
END_TEST

START_TEST(closes_a_descriptor_once)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), copy = fd;

    ck_assert_int_ge(fd, 0);
    mem_close_fd(&fd);
    ck_assert_int_eq(fd, -1);
    ck_assert_int_eq(fcntl(copy, F_GETFD), -1);
    mem_close_fd(&fd);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("mem");
    TCase *tc = tcase_create("mem");

    tcase_add_test(tc, gives_a_pointer_even_for_no_bytes);
    tcase_add_test(tc, zeroes_arrays);
    tcase_add_test(tc, copies_the_part_of_a_text_that_was_named);
    tcase_add_test(tc, prints_into_new_memory);
    tcase_add_test(tc, keeps_the_items_of_a_regrown_array);
    tcase_add_test(tc, detects_products_that_do_not_fit);
    tcase_add_test_raise_signal(tc, ends_the_process_when_an_array_cannot_fit,
                                SIGABRT);
    tcase_add_test(tc, fails_exactly_the_allocation_that_was_asked_for);
    tcase_add_test(tc, fails_nothing_once_it_is_told_to_stop);
    tcase_add_test(tc, closes_a_descriptor_once);
    suite_add_tcase(suite, tc);
    return suite;
}
