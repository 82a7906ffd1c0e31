/*
 * codec/reader.h: text that is cut into pieces reads as text that libcsv reads
 * line by line, wherever the cuts fall.
 */
#include "codec/reader.h"

#include <stdlib.h>

#include "unit/codec_kit.h"
#include "unit/twin_kit.h"
#include "util/limits.h"
#include "util/mem.h"

static void
same(const struct twin *want, const struct twin_case *of)
{
    struct twin got = twin_of_fastest(of);

    ck_assert_msg(twin_alike(&got, want),
                  "pieces of %zu bytes, reads of %zu, charset %s: '%.*s'\n"
                  "read as\n%.*s%.*s\ninstead of\n%.*s%.*s",
                  of->piece_size, of->step, of->format->charset, (int)of->size,
                  (const char *)of->bytes, (int)got.rows.size,
                  (char *)got.rows.data, (int)got.error.size,
                  (char *)got.error.data, (int)want->rows.size,
                  (char *)want->rows.data, (int)want->error.size,
                  (char *)want->error.data);
    twin_release(&got);
}

/* Pieces of every size, and of the usual one in small reads. */
static void
cut_everywhere(const void *bytes, size_t size, const struct format *format)
{
    struct twin_case of = {.format = format, .bytes = bytes, .size = size};
    struct twin want = twin_of_libcsv(&of);

    for (of.piece_size = 0; of.piece_size < size + 2; of.piece_size++)
        same(&want, &of);
    for (of.step = 1; of.step < 8; of.step++) {
        of.piece_size = 0;
        same(&want, &of);
        of.piece_size = 16;
        same(&want, &of);
    }
    twin_release(&want);
}

static void
cut_in_every_way(const void *bytes, size_t size, const char *charset)
{
    struct format format = kit_format();

    format.charset = charset;
    for (int bad = BAD_CHAR_FAIL; bad <= BAD_CHAR_REPLACE; bad++)
        for (int header = HEADER_REQUIRED; header <= HEADER_NONE; header++) {
            format.on_bad_char = bad;
            format.header = header;
            cut_everywhere(bytes, size, &format);
        }
}

static const char *const texts[] = {
    "",
    "\n\r\n",
    "a,b",
    "a,b\n",
    "a,b\n1,2",
    "a\n1\n\n2\n\"\"\n3",
    "a,b\n1,2\n3,4\n",
    "a,b\r\n1,2\r\n3,4\r\n",
    "a,b\r\n1,2\n3,4\r\n\r\n\n5,6",
    "\n\na,b\n\n1,2\n\n\n3,4\n\n",
    "a,b\n\"1\",\"x,y\"\n\"\",\"\"\n\"q\"\"q\",\"\"\"\"\n",
    "a,b\n\"l1\nl2\",2\n3,\"l1\r\nl2\r\n\r\nl5\"\r\n5,6\n",
    "a,b\n1\n2,3\n4,5,6\n,\n,,\n7,8\n",
    "a,b\n1,2\nx\"y,3\n4,5\n\"z\"z,6\n7,8\n",
    "a,b\n1,2\n\"x\n3,4\n5,6\n",
    "a,b\n\"x\ny\nz",
    "a,b\n1,\"x\" \n2, \"x\"\n3,4\n",
    "a,b\r1,2\r3,4\r",
    "a,b\n1,2\r3,4\n5,6\r",
    "a,b\n1,2\n3,\"4\"\r",
    "\xef\xbb\xbf\x61,b\n1,2\n",
    "a,b\n1,\x01\n2,\t\n\x1f,3\n4,5\n",
    "\xe3\x81\x82,b\n\xe3\x81\x84,\"\xe3\x81\x86\n\"\n1,\xc3\xa9\n2,3",
    "a,b\n1,\xe3\x81\n2,\xff\n\xc3\xa9,4\n\xed\xa0\x80,5\n6,7\n",
    "a,b\n\"1\xff\n\xff,2\",3\n4,\xff\n5,6",
    "\"a\",\"b\nc\"\n1,2\n3,4",
    "\"a,b\n1,2\n3,4",
};

START_TEST(reads_the_same_wherever_it_is_cut)
{
    cut_in_every_way(texts[_i], strlen(texts[_i]), "utf-8");
}
END_TEST

START_TEST(reads_the_same_wherever_a_byte_is_zero)
{
    static const char text[] = "a,b\n1,\0\n\0,2\n3,4\n";

    cut_in_every_way(text, sizeof(text) - 1, "utf-8");
}
END_TEST

/* Second bytes that look like a backslash, a bar, a brace; kana of half
 * width; lead bytes without a second one. */
static const char *const cp932_texts[] = {
    "\x94\x5c,b\n\x95\x5c,\"\x83\x7c\n\"\n\xb1\xb2,\x83\x7b\r\n1,2\n3,4",
    "a,b\n\x95\x5c,\x95\n1,\x95,2\n\x81\x22,3\n\xfd,4\n5,\xb1\n",
    "a|b\n\x83\x7c|2\n3|4\n",
    "a,b\n1,\\\n2,~\n",
};

START_TEST(reads_the_same_in_other_charsets)
{
    static const char *const charsets[] = {
        "cp932",   "shift_jis",   "euc-jp",    "windows-1252", "iso-8859-1",
        "gb18030", "iso-2022-jp", "armscii-8", "windows-1258",
    };

    struct format format = kit_format();

    cut_in_every_way(cp932_texts[_i], strlen(cp932_texts[_i]), "cp932");
    format.on_bad_char = BAD_CHAR_REJECT_ROW;
    for (size_t i = 0; i < ARRAY_SIZE(charsets); i++) {
        format.charset = charsets[i];
        cut_everywhere(cp932_texts[_i], strlen(cp932_texts[_i]), &format);
    }
}
END_TEST

START_TEST(reads_the_same_in_other_dialects)
{
    static const char text[] = "a;b\n1;'x;\n''y'\n\"2\";3\n#4;\\n\n5; 6\n7'8;9";
    static const char *const delimiters[] = {";", "\t", "|", "\x02"};
    struct format format = kit_format();

    for (size_t i = 0; i < ARRAY_SIZE(delimiters); i++) {
        format.dialect.delimiter = delimiters[i];
        cut_everywhere(text, sizeof(text) - 1, &format);
        format.dialect.quote_char = "'";
        cut_everywhere(text, sizeof(text) - 1, &format);
        format.dialect.comment_char = "#";
        cut_everywhere(text, sizeof(text) - 1, &format);
        format.dialect.comment_char = NULL;
    }
}
END_TEST

/* --- generated texts ---------------------------------------------------- */

static uint32_t
next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static void
put(struct buf *out, const char *text)
{
    struct fb_error err;

    ck_assert_int_eq(buf_puts(out, text, &err), 0);
}

/* Mostly whole rows of three cells, with something wrong now and then. */
static void
generate(uint32_t seed, struct buf *out)
{
    static const char *const cells[] = {
        "a", "", "bb", "\"\"", "\"c,\"", "\"d\n\"", "\"e\"\"\"", "\xc3\xa9",
    };
    static const char *const odd[] = {
        "\"", "x\"y", "\"x\"y", "\n", "\r", ",", "\x01", "\xff", "\"\r\"", "f",
    };
    uint32_t state = seed, rows = 1 + next_random(&state) % 12;
    uint32_t oddity = next_random(&state) % 40 + 3;

    buf_clear(out);
    put(out, "a,b,c\n");
    for (uint32_t r = 0; r < rows; r++) {
        for (uint32_t c = 0; c < 3; c++) {
            put(out, cells[next_random(&state) % ARRAY_SIZE(cells)]);
            if (next_random(&state) % oddity == 0)
                put(out, odd[next_random(&state) % ARRAY_SIZE(odd)]);
            if (c < 2)
                put(out, ",");
        }
        if (r + 1 < rows || next_random(&state) % 2)
            put(out, next_random(&state) % 4 ? "\n" : "\r\n");
    }
}

START_TEST(reads_generated_texts_the_same)
{
    struct format format = kit_format();
    struct buf text;

    buf_init(&text, 4096);
    format.on_bad_char = BAD_CHAR_REJECT_ROW;
    for (uint32_t seed = 0; seed < 400; seed++) {
        struct twin_case of = {.format = &format};
        struct twin want;

        generate(seed + 1000 * (uint32_t)_i, &text);
        of.bytes = text.data;
        of.size = text.size;
        want = twin_of_libcsv(&of);
        for (size_t piece = 1; piece < text.size + 2; piece += 1 + piece / 3) {
            of.piece_size = piece;
            same(&want, &of);
        }
        twin_release(&want);
    }
    buf_release(&text);
}
END_TEST

/* --- long records ------------------------------------------------------- */

/* Rows around a quoted cell of `size` bytes, whose quote may stay open. */
static void
write_long(struct buf *text, size_t size, bool closed)
{
    struct fb_error err;

    buf_clear(text);
    put(text, "a,b\n1,2\n3,\"");
    ck_assert_int_eq(buf_reserve(text, size, &err), 0);
    memset(text->data + text->size, 'x', size);
    for (size_t i = 0; i < size; i += 1000)
        text->data[text->size + i] = '\n';
    text->size += size;
    put(text, closed ? "\"\n" : "\n");
    put(text, "5,6\n7\n8,9\n");
}

START_TEST(reads_long_records_the_same)
{
    static const size_t sizes[] = {100,
                                   PIECE_SIZE - 20,
                                   PIECE_SIZE - 12,
                                   PIECE_SIZE + 1,
                                   3 * PIECE_SIZE,
                                   RECORD_MAX / 4 + 1,
                                   RECORD_MAX - 10,
                                   RECORD_MAX + 10};
    struct format format = kit_format();
    struct buf text;

    buf_init(&text, 2 * RECORD_MAX);
    for (int closed = 0; closed < 2; closed++) {
        struct twin_case of = {.format = &format};
        struct twin want;

        write_long(&text, sizes[_i], closed);
        of.bytes = text.data;
        of.size = text.size;
        want = twin_of_libcsv(&of);
        same(&want, &of);
        twin_release(&want);
    }
    buf_release(&text);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("pieces");
    TCase *cuts = tcase_create("cuts");

    tcase_set_timeout(cuts, 120);
    tcase_add_loop_test(cuts, reads_the_same_wherever_it_is_cut, 0,
                        ARRAY_SIZE(texts));
    tcase_add_test(cuts, reads_the_same_wherever_a_byte_is_zero);
    tcase_add_loop_test(cuts, reads_the_same_in_other_charsets, 0,
                        ARRAY_SIZE(cp932_texts));
    tcase_add_test(cuts, reads_the_same_in_other_dialects);
    tcase_add_loop_test(cuts, reads_generated_texts_the_same, 0, 4);
    tcase_add_loop_test(cuts, reads_long_records_the_same, 0, 8);
    suite_add_tcase(suite, cuts);
    return suite;
}
