/*
 * When memory is short: whatever allocation fails on the way of rows from
 * bytes to bytes, the call fails with FB_E_LIMIT, what was allocated is freed
 * (the address sanitizer looks), and no row is judged by it.
 */
#include "unit/codec_kit.h"

#include "unit/test_expr.h"
#include "util/mem.h"

#define ALLOCATIONS_MAX 2000

/* Large enough for several pieces and for every buffer to grow. */
static void
make_rows(struct buf *text, const char *row, size_t rows)
{
    struct fb_error err = FB_ERROR_INIT;

    buf_init(text, (size_t)1 << 24);
    ck_assert_int_eq(buf_puts(text, "id,name\n", &err), 0);
    for (size_t i = 0; i < rows; i++)
        ck_assert_int_eq(buf_printf(text, &err, "%zu,%s\n", i, row), 0);
}

static struct format
format_of(const char *charset, int compression)
{
    struct format format = kit_format();

    format.charset = charset;
    format.compression = compression;
    return format;
}

/* Fails the first allocation, the second, ... until none is left; the bytes
 * that come out then are `want`, and those before are nothing to rely on. */
static void
fail_each(const struct buf *in, const struct format *from,
          const struct format *to, enum layout layout, kit_change change,
          unsigned long at_least)
{
    unsigned long n = 0;
    struct buf want, out;
    struct fb_error err = FB_ERROR_INIT;
    int status = -1;

    buf_init(&want, (size_t)1 << 26);
    ck_assert_msg(kit_copy(in->data, in->size, from, to, layout, change, &want,
                           &err) == 0,
                  "%s", err.message);
    while (status != 0) {
        err = (struct fb_error)FB_ERROR_INIT;
        buf_init(&out, (size_t)1 << 26);
        mem_fail_at(++n);
        status =
            kit_copy(in->data, in->size, from, to, layout, change, &out, &err);
        mem_fail_at(0);
        ck_assert_msg(status == 0 || err.code == FB_E_LIMIT,
                      "allocation %lu: %s", n, err.message);
        /* Never other rows: a part of the right ones, or all. */
        ck_assert_uint_le(out.size, want.size);
        if (to->compression == COMPRESSION_AUTO && out.size > 0)
            ck_assert_int_eq(memcmp(out.data, want.data, out.size), 0);
        ck_assert(status != 0 || out.size == want.size);
        buf_release(&out);
        ck_assert_uint_lt(n, ALLOCATIONS_MAX);
    }
    ck_assert_uint_gt(n, at_least);
    buf_release(&want);
}

/* What is new in the first column are the old cells: so rows are written from
 * cells. */
static void
touch(struct batch *batch)
{
    const struct columns *columns = batch_columns(batch);
    const uint32_t from[] = {FB_NEW, 1};
    struct fb_error err = FB_ERROR_INIT;

    ck_assert_uint_eq(columns->count, 2);
    batch_set(batch, 0, batch_cells(batch, 0));
    ck_assert_int_eq(batch_reshape(batch, columns, from, &err), 0);
}

START_TEST(fails_cleanly_on_regular_text)
{
    struct format f = format_of("utf-8", COMPRESSION_AUTO);
    struct buf in;

    make_rows(&in, "a name of some length", 20000);
    fail_each(&in, &f, &f, LAYOUT_TABLE, NULL, 3);
    fail_each(&in, &f, &f, LAYOUT_TABLE, touch, 3);
    buf_release(&in);
}
END_TEST

START_TEST(fails_cleanly_on_text_that_a_lane_must_read)
{
    struct format f = format_of("utf-8", COMPRESSION_AUTO);
    struct buf in;

    make_rows(&in, "5\" of \"it\"", 2000);
    fail_each(&in, &f, &f, LAYOUT_TABLE, touch, 5);
    buf_release(&in);
}
END_TEST

START_TEST(fails_cleanly_on_rows_that_are_returned)
{
    struct format f = format_of("utf-8", COMPRESSION_AUTO);
    struct buf in;

    make_rows(&in, "one,too,many", 2000);
    fail_each(&in, &f, &f, LAYOUT_RETURN, NULL, 5);
    buf_release(&in);
}
END_TEST

START_TEST(fails_cleanly_between_charsets)
{
    const struct format utf8 = format_of("utf-8", COMPRESSION_AUTO);
    const struct format cp932 = format_of("cp932", COMPRESSION_AUTO);
    const struct format utf16 = format_of("utf-16le", COMPRESSION_AUTO);
    struct fb_error err = FB_ERROR_INIT;
    struct buf in, wide;

    make_rows(&in, "\x95\x5c\x83\x5c", 5000);
    fail_each(&in, &cp932, &utf8, LAYOUT_TABLE, NULL, 5);
    fail_each(&in, &cp932, &cp932, LAYOUT_TABLE, touch, 5);
    buf_init(&wide, (size_t)1 << 24);
    ck_assert_int_eq(kit_copy(in.data, in.size, &cp932, &utf16, LAYOUT_TABLE,
                              NULL, &wide, &err),
                     0);
    fail_each(&wide, &utf16, &utf8, LAYOUT_TABLE, NULL, 5);
    buf_release(&wide);
    buf_release(&in);
}
END_TEST

START_TEST(fails_cleanly_on_compressed_text)
{
    const struct format plain = format_of("utf-8", COMPRESSION_AUTO);
    const struct format gzip = format_of("utf-8", COMPRESSION_GZIP);
    struct fb_error err = FB_ERROR_INIT;
    struct buf in, small;

    make_rows(&in, "a name of some length", 5000);
    buf_init(&small, (size_t)1 << 24);
    ck_assert_int_eq(kit_copy(in.data, in.size, &plain, &gzip, LAYOUT_TABLE,
                              NULL, &small, &err),
                     0);
    fail_each(&small, &gzip, &plain, LAYOUT_TABLE, NULL, 3);
    fail_each(&in, &plain, &gzip, LAYOUT_TABLE, NULL, 3);
    buf_release(&small);
    buf_release(&in);
}
END_TEST

/* Not even when it is longer than any number has digits. */
START_TEST(takes_no_number_for_something_else)
{
    struct arena *arena = arena_new();
    char *zeros = arena_alloc(arena, 601);
    const char *text;

    memset(zeros, '0', 600);
    zeros[600] = '\0';
    text = arena_printf(arena, "CAST('0.%s1' AS DOUBLE) = 0", zeros);
    mem_fail_at(1);
    ck_assert_str_eq(test_value(arena, text, NULL), "true");
    mem_fail_at(0);
    arena_free(arena);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("memory");
    TCase *all = tcase_create("all");

    tcase_set_timeout(all, 60);
    tcase_add_test(all, fails_cleanly_on_regular_text);
    tcase_add_test(all, fails_cleanly_on_text_that_a_lane_must_read);
    tcase_add_test(all, fails_cleanly_on_rows_that_are_returned);
    tcase_add_test(all, fails_cleanly_between_charsets);
    tcase_add_test(all, fails_cleanly_on_compressed_text);
    tcase_add_test(all, takes_no_number_for_something_else);
    suite_add_tcase(suite, all);
    return suite;
}
