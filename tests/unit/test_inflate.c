/*
 * codec/inflate.h and codec/deflate.h: compressed bytes in and out.
 */
#include "codec/inflate.h"

#include <zlib.h>
#include <zstd.h>

#include "codec/deflate.h"
#include "unit/codec_kit.h"
#include "util/limits.h"

/* Everything; 0 or -1 with *err. */
static int
inflate_all(const void *bytes, size_t size, size_t step,
            enum compression compression, struct buf *out, struct fb_error *err)
{
    struct kit_bytes input = {bytes, size, 0, step};
    struct byte_input from = {kit_read_bytes, &input};
    struct inflate *inflate = NULL;
    unsigned char piece[1000];
    size_t got = 1;
    int status = inflate_open(&from, compression, &inflate, err);

    while (status == 0 && got > 0) {
        status = inflate_read(inflate, piece, sizeof(piece), &got, err);
        if (status == 0)
            status = buf_append(out, piece, got, err);
    }
    if (status == 0)
        ck_assert_uint_eq(inflate_taken(inflate), size);
    inflate_free(inflate);
    return status;
}

static void
expect_text(const struct buf *bytes, enum compression compression,
            const char *text)
{
    struct fb_error err = FB_ERROR_INIT;
    struct buf out;

    for (size_t step = 0; step < 8; step++) {
        buf_init(&out, MIB);
        ck_assert_msg(inflate_all(bytes->data, bytes->size, step, compression,
                                  &out, &err) == 0,
                      "%s", err.message);
        ck_assert_str_eq(buf_text(&out), text);
        buf_release(&out);
    }
}

static void
expect_failure(const struct buf *bytes, enum compression compression,
               enum fb_code code, const char *part)
{
    struct fb_error err = FB_ERROR_INIT;
    struct buf out;

    buf_init(&out, 256 * MIB);
    ck_assert_int_eq(
        inflate_all(bytes->data, bytes->size, 0, compression, &out, &err), -1);
    ck_assert_int_eq(err.code, code);
    ck_assert_msg(strstr(err.message, part) != NULL, "%s", err.message);
    buf_release(&out);
}

static void
append_compressed(struct buf *out, enum compression kind, const void *text,
                  size_t size)
{
    struct byte_output to = {kit_write_bytes, out};
    struct fb_error err = FB_ERROR_INIT;
    struct deflate *deflate;

    ck_assert_int_eq(deflate_open(&to, kind, &deflate, &err), 0);
    ck_assert_int_eq(deflate_write(deflate, text, size, &err), 0);
    ck_assert_int_eq(deflate_finish(deflate, &err), 0);
    deflate_free(deflate);
}

static const enum compression kinds[] = {COMPRESSION_GZIP, COMPRESSION_ZSTD};

START_TEST(tells_compression_by_the_first_bytes)
{
    struct buf bytes;

    buf_init(&bytes, MIB);
    append_compressed(&bytes, kinds[_i], "a,b\n1,2\n", 8);
    expect_text(&bytes, COMPRESSION_AUTO, "a,b\n1,2\n");
    expect_text(&bytes, kinds[_i], "a,b\n1,2\n");
    buf_release(&bytes);
}
END_TEST

START_TEST(passes_on_what_is_not_compressed)
{
    struct buf bytes = {.data = (unsigned char *)(uintptr_t) "\x1f\x8b\x07x",
                        .size = 4};

    expect_text(&bytes, COMPRESSION_AUTO, "\x1f\x8b\x07x");
    bytes.size = 0;
    expect_text(&bytes, COMPRESSION_AUTO, "");
    expect_text(&bytes, COMPRESSION_NONE, "");
}
END_TEST

START_TEST(does_not_look_when_told_that_there_is_none)
{
    struct fb_error err;
    struct buf bytes, out;

    buf_init(&bytes, MIB);
    buf_init(&out, MIB);
    append_compressed(&bytes, kinds[_i], "x", 1);
    ck_assert_int_eq(
        inflate_all(bytes.data, bytes.size, 0, COMPRESSION_NONE, &out, &err),
        0);
    ck_assert_uint_eq(out.size, bytes.size);
    buf_release(&bytes);
    buf_release(&out);
}
END_TEST

START_TEST(refuses_what_is_not_what_was_demanded)
{
    struct buf bytes = {.data = (unsigned char *)(uintptr_t) "a,b\n",
                        .size = 4};

    expect_failure(&bytes, kinds[_i], FB_E_INPUT,
                   _i == 0 ? "is not gzip data" : "is not zstd data");
    bytes.size = 0;
    expect_failure(&bytes, kinds[_i], FB_E_INPUT, "is not");
}
END_TEST

START_TEST(joins_members)
{
    struct buf bytes;

    buf_init(&bytes, MIB);
    append_compressed(&bytes, kinds[_i], "one\n", 4);
    append_compressed(&bytes, kinds[_i], "", 0);
    append_compressed(&bytes, kinds[_i], "two\n", 4);
    expect_text(&bytes, COMPRESSION_AUTO, "one\ntwo\n");
    buf_release(&bytes);
}
END_TEST

START_TEST(refuses_a_member_that_is_cut_off_anywhere)
{
    struct buf bytes;
    size_t whole;

    buf_init(&bytes, MIB);
    append_compressed(&bytes, kinds[_i], "some text, some more text\n", 26);
    whole = bytes.size;
    for (bytes.size = 4; bytes.size < whole; bytes.size++)
        expect_failure(&bytes, COMPRESSION_AUTO, FB_E_INPUT, "it is cut off");
    buf_release(&bytes);
}
END_TEST

START_TEST(refuses_damaged_bytes)
{
    struct buf bytes;

    buf_init(&bytes, MIB);
    append_compressed(&bytes, kinds[_i], "some text, some more text\n", 26);
    bytes.data[bytes.size - 3] ^= 0x55; /* a part of the checksum */
    expect_failure(&bytes, COMPRESSION_AUTO, FB_E_INPUT, "is damaged near");
    buf_release(&bytes);
}
END_TEST

START_TEST(refuses_what_follows_but_zeros)
{
    struct fb_error err;
    struct buf bytes;

    buf_init(&bytes, MIB);
    append_compressed(&bytes, kinds[_i], "x\n", 2);
    ck_assert_int_eq(buf_append(&bytes, "\0\0\0\0\0", 5, &err), 0);
    expect_text(&bytes, COMPRESSION_AUTO, "x\n");
    ck_assert_int_eq(buf_puts(&bytes, "junk", &err), 0);
    expect_failure(&bytes, COMPRESSION_AUTO, FB_E_INPUT, "is damaged near");
    buf_release(&bytes);
}
END_TEST

START_TEST(refuses_a_bomb)
{
    size_t size = 200 * MIB;
    struct buf bytes;
    void *zeros = calloc(size, 1);

    /* Deflate alone cannot pass the bound: it makes 1032 of 1 at most. */
    ck_assert_ptr_nonnull(zeros);
    buf_init(&bytes, MIB);
    append_compressed(&bytes, COMPRESSION_ZSTD, zeros, size);
    expect_failure(&bytes, COMPRESSION_AUTO, FB_E_LIMIT,
                   "it looks like a decompression bomb");
    buf_release(&bytes);
    free(zeros);
}
END_TEST

START_TEST(writes_gzip_that_depends_on_the_text_alone)
{
    struct buf bytes;

    buf_init(&bytes, MIB);
    append_compressed(&bytes, COMPRESSION_GZIP, "x", 1);
    /* magic, deflate; no flags (no name), no time, no level, Unix */
    ck_assert_mem_eq(bytes.data, "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
    buf_release(&bytes);
}
END_TEST

START_TEST(chooses_compression_by_the_end_of_a_name)
{
    ck_assert_int_eq(deflate_kind(COMPRESSION_AUTO, "a.csv.gz"),
                     COMPRESSION_GZIP);
    ck_assert_int_eq(deflate_kind(COMPRESSION_AUTO, "s3://b/a.csv.zst"),
                     COMPRESSION_ZSTD);
    ck_assert_int_eq(deflate_kind(COMPRESSION_AUTO, "a.csv"), COMPRESSION_NONE);
    ck_assert_int_eq(deflate_kind(COMPRESSION_NONE, "a.gz"), COMPRESSION_NONE);
}
END_TEST

START_TEST(brings_large_texts_back)
{
    size_t size = 3 * MIB;
    unsigned char *text = malloc(size);
    struct fb_error err = FB_ERROR_INIT;
    struct buf bytes, out;
    uint32_t state = 1;

    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525 + 1013904223;
        text[i] = (unsigned char)(state >> (i % 3 == 0 ? 24 : 30));
    }
    buf_init(&bytes, 8 * MIB);
    buf_init(&out, 8 * MIB);
    append_compressed(&bytes, kinds[_i], text, size);
    ck_assert_int_eq(
        inflate_all(bytes.data, bytes.size, 4097, COMPRESSION_AUTO, &out, &err),
        0);
    ck_assert_uint_eq(out.size, size);
    ck_assert(memcmp(out.data, text, size) == 0);
    buf_release(&bytes);
    buf_release(&out);
    free(text);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("inflate");
    TCase *in = tcase_create("in");
    TCase *out = tcase_create("out");
    int count = (int)(sizeof(kinds) / sizeof(kinds[0]));

    tcase_set_timeout(in, 60);
    tcase_add_loop_test(in, tells_compression_by_the_first_bytes, 0, count);
    tcase_add_test(in, passes_on_what_is_not_compressed);
    tcase_add_loop_test(in, does_not_look_when_told_that_there_is_none, 0,
                        count);
    tcase_add_loop_test(in, refuses_what_is_not_what_was_demanded, 0, count);
    tcase_add_loop_test(in, joins_members, 0, count);
    tcase_add_loop_test(in, refuses_a_member_that_is_cut_off_anywhere, 0,
                        count);
    tcase_add_loop_test(in, refuses_damaged_bytes, 0, count);
    tcase_add_loop_test(in, refuses_what_follows_but_zeros, 0, count);
    tcase_add_test(in, refuses_a_bomb);
    tcase_add_loop_test(in, brings_large_texts_back, 0, count);
    suite_add_tcase(suite, in);
    tcase_add_test(out, writes_gzip_that_depends_on_the_text_alone);
    tcase_add_test(out, chooses_compression_by_the_end_of_a_name);
    suite_add_tcase(suite, out);
    return suite;
}
