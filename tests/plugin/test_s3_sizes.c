/*
 * The sizes of the parts of uploads, up to objects that no test could send.
 */
#include "s3/sizes.h"
#include "unit/main.h"

#define FIRST ((size_t)5 << 20)

START_TEST(a_part_grows_after_each_thousand)
{
    ck_assert_uint_eq(sizes_part(FIRST, 1), FIRST);
    ck_assert_uint_eq(sizes_part(FIRST, 1000), FIRST);
    ck_assert_uint_eq(sizes_part(FIRST, 1001), 2 * FIRST);
    ck_assert_uint_eq(sizes_part(FIRST, 2000), 2 * FIRST);
    ck_assert_uint_eq(sizes_part(FIRST, 2001), 4 * FIRST);
}
END_TEST

START_TEST(no_part_is_larger_than_its_limit)
{
    ck_assert_uint_eq(sizes_part(FIRST, S3_PARTS_MAX), SIZES_PART_MAX);
    ck_assert_uint_eq(sizes_part(SIZES_PART_MAX, 1), SIZES_PART_MAX);
    ck_assert_uint_eq(sizes_part(SIZES_PART_MAX, 5000), SIZES_PART_MAX);
}
END_TEST

START_TEST(ten_thousand_parts_hold_two_terabytes)
{
    uint64_t sum = 0;

    for (int number = 1; number <= S3_PARTS_MAX; number++)
        sum += sizes_part(FIRST, number);
    ck_assert_uint_gt(sum, UINT64_C(2200000000000));
}
END_TEST

/* From just too large for one CopyObject to the largest object there is. */
START_TEST(a_copy_never_takes_more_parts_than_there_may_be)
{
    const uint64_t largest = UINT64_C(53687091200000); /* 48.8 TiB */

    for (uint64_t size = (uint64_t)S3_COPY_MAX + 1; size <= largest;
         size += size / 7 + 1) {
        uint64_t part = sizes_copied_part(size);

        ck_assert_uint_ge(part, (uint64_t)S3_PART_MIN);
        ck_assert_uint_le(part, (uint64_t)S3_COPY_MAX);
        ck_assert_uint_le((size + part - 1) / part, S3_PARTS_MAX);
    }
    ck_assert_uint_eq(sizes_copied_part(largest), (uint64_t)S3_COPY_MAX);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("s3_sizes");
    TCase *tests = tcase_create("sizes");

    tcase_add_test(tests, a_part_grows_after_each_thousand);
    tcase_add_test(tests, no_part_is_larger_than_its_limit);
    tcase_add_test(tests, ten_thousand_parts_hold_two_terabytes);
    tcase_add_test(tests, a_copy_never_takes_more_parts_than_there_may_be);
    suite_add_tcase(suite, tests);
    return suite;
}
