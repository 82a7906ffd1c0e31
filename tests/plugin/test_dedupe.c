/*
 * The plugin `dedupe`: which of the rows with one key goes on.
 */
#include "support/fake_host.h"
#include "unit/main.h"

static struct fake *fake;

static void
setup(void)
{
    static const char *const key[] = {"a", NULL};

    fake = fake_new("dedupe", FB_TRANSFORM);
    fake_option_list(fake, "key", key);
}

static void
teardown(void)
{
    fake_free(fake);
}

/* Process a batch; the rows that are still in, as bits. */
static uint64_t
keep(uint32_t rows, const char *const *cells)
{
    struct fake_batch *batch = fake_batch(fake, rows, cells);

    ck_assert_int_eq(fake_process(fake, batch), 0);
    return batch->selection[0];
}

#define CELLS(...) ((const char *[]){__VA_ARGS__})

START_TEST(the_first_row_of_a_key_goes_on)
{
    fake_column(fake, "a", FB_C_STRING);
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_uint_eq(keep(4, CELLS("x", "y", "x", "z")), 0xb);
    ck_assert_uint_eq(keep(3, CELLS("z", "new", "y")), 0x2);
    fake_close(fake);
}
END_TEST

START_TEST(a_key_of_two_columns_is_not_their_text_joined)
{
    static const char *const key[] = {"a", "b", NULL};

    fake_column(fake, "a", FB_C_STRING);
    fake_column(fake, "b", FB_C_STRING);
    fake_option_list(fake, "key", key);
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_uint_eq(keep(3, CELLS("ab", "", "a", "b", "ab", "")), 0x3);
    fake_close(fake);
}
END_TEST

START_TEST(numbers_are_the_same_by_value)
{
    fake_column(fake, "a", FB_C_NUMBER);
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_uint_eq(keep(5, CELLS("1", "1.0", "0", "-0", "1.5")), 0x15);
    fake_close(fake);
}
END_TEST

START_TEST(missing_values_are_the_same_and_differ_from_all_others)
{
    fake_column(fake, "a", FB_C_INTEGER);
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_uint_eq(keep(3, CELLS(NULL, "0", NULL)), 0x3);
    fake_close(fake);
}
END_TEST

START_TEST(cells_of_the_wrong_type_are_compared_as_text)
{
    fake_column(fake, "a", FB_C_INTEGER);
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_uint_eq(keep(4, CELLS("x", "y", "x", "1")), 0xb);
    fake_close(fake);
}
END_TEST

START_TEST(rows_that_are_no_longer_in_do_not_count)
{
    struct fake_batch *batch;

    fake_column(fake, "a", FB_C_STRING);
    ck_assert_int_eq(fake_begin(fake), 0);
    batch = fake_batch(fake, 3, CELLS("x", "x", "x"));
    fb_bit_clear(batch->selection, 0);
    ck_assert_int_eq(fake_process(fake, batch), 0);
    ck_assert_uint_eq(batch->selection[0], 0x2);
    fake_close(fake);
}
END_TEST

START_TEST(the_last_row_of_a_key_goes_on_when_told)
{
    struct fake_batch *one, *two;

    fake_column(fake, "a", FB_C_STRING);
    fake_option(fake, "keep", "last");
    ck_assert_int_eq(fake_begin(fake), 0);
    one = fake_batch(fake, 3, CELLS("x", "y", "x"));
    two = fake_batch(fake, 2, CELLS("z", "y"));
    ck_assert_int_eq(fake_process(fake, one), FB_HOLD);
    ck_assert_int_eq(fake_process(fake, two), FB_HOLD);
    ck_assert(!one->emitted);
    ck_assert_int_eq(fake->plugin->flush(fake->self, &fake->step, &fake->err),
                     0);
    ck_assert(one->emitted);
    ck_assert(two->emitted);
    ck_assert_uint_eq(one->selection[0], 0x4);
    ck_assert_uint_eq(two->selection[0], 0x3);
    fake_close(fake);
}
END_TEST

START_TEST(thousands_of_keys_are_told_apart)
{
    static char text[4096][16];
    const char *cells[64];

    fake_column(fake, "a", FB_C_STRING);
    ck_assert_int_eq(fake_begin(fake), 0);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 64; i++) {
            for (int j = 0; j < 64; j++) {
                snprintf(text[i * 64 + j], sizeof(text[0]), "%d", i * 64 + j);
                cells[j] = text[i * 64 + j];
            }
            ck_assert_uint_eq(keep(64, cells), round == 0 ? UINT64_MAX : 0);
        }
    fake_close(fake);
}
END_TEST

START_TEST(too_many_keys_are_a_clear_error)
{
    static char text[256 * 64][16];
    const char *cells[64];

    fake_column(fake, "a", FB_C_STRING);
    fake_option(fake, "memory", "256KiB");
    ck_assert_int_eq(fake_begin(fake), 0);
    for (int i = 0; i < 256 && fake->err.code == FB_E_NONE; i++) {
        for (int j = 0; j < 64; j++) {
            snprintf(text[i * 64 + j], sizeof(text[0]), "%d", i * 64 + j);
            cells[j] = text[i * 64 + j];
        }
        (void)fake_process(fake, fake_batch(fake, 64, cells));
    }
    ck_assert_int_eq(fake->err.code, FB_E_LIMIT);
    ck_assert_ptr_nonnull(strstr(fake->err.message, "262144 bytes"));
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "'memory'"));
    fake_close(fake);
}
END_TEST

START_TEST(an_unknown_column_is_refused_with_its_place)
{
    static const char *const key[] = {"a", "nowhere", NULL};

    fake_column(fake, "a", FB_C_STRING);
    fake_option_list(fake, "key", key);
    ck_assert_int_eq(fake_bind(fake), -1);
    ck_assert_str_eq(fake->refused_option, "key");
    ck_assert_uint_eq(fake->refused_index, 1);
}
END_TEST

START_TEST(an_empty_key_is_refused)
{
    static const char *const key[] = {NULL};

    fake_option_list(fake, "key", key);
    ck_assert_int_eq(fake_bind(fake), -1);
    ck_assert_str_eq(fake->refused_option, "key");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("dedupe");
    TCase *tc = tcase_create("all");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, the_first_row_of_a_key_goes_on);
    tcase_add_test(tc, a_key_of_two_columns_is_not_their_text_joined);
    tcase_add_test(tc, numbers_are_the_same_by_value);
    tcase_add_test(tc, missing_values_are_the_same_and_differ_from_all_others);
    tcase_add_test(tc, cells_of_the_wrong_type_are_compared_as_text);
    tcase_add_test(tc, rows_that_are_no_longer_in_do_not_count);
    tcase_add_test(tc, the_last_row_of_a_key_goes_on_when_told);
    tcase_add_test(tc, thousands_of_keys_are_told_apart);
    tcase_add_test(tc, too_many_keys_are_a_clear_error);
    tcase_add_test(tc, an_unknown_column_is_refused_with_its_place);
    tcase_add_test(tc, an_empty_key_is_refused);
    suite_add_tcase(suite, tc);
    return suite;
}
