/*
 * The tables of codec/charset_table.c against iconv itself, which decoders and
 * encoders without their table are: same text, same bytes, same faults.
 */
#include <check.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

#include "codec/charset_parts.h"
#include "unit/main.h"
#include "util/error.h"
#include "util/mem.h"

/* Among them some whose characters wait for what follows, that shift, whose
 * ASCII is not ASCII, and that are not tabled at all. */
static const char *const names[] = {
    "cp932",        "euc-jp",     "shift_jis",      "gbk",
    "big5",         "euc-kr",     "iso-8859-1",     "iso-8859-15",
    "windows-1252", "gb18030",    "euc-jp-ms",      "euc-jisx0213",
    "euc-tw",       "big5-hkscs", "shift_jisx0213", "cp949",
    "johab",        "cp1255",     "cp1258",         "tcvn",
    "tscii",        "koi8-r",     "ibm037",         "ibm939",
    "iso-2022-jp",  "iso_6937",   "us-ascii",       "utf-16le",
};

/* Two of each: with the table and without. */
struct pair {
    struct charset charset;
    struct decoder *decoders[2];
    struct encoder *encoders[2];
    struct buf out[2];
};

static void
pair_open(struct pair *p, const char *name)
{
    struct fb_error err = FB_ERROR_INIT;

    ck_assert_msg(charset_find(name, &p->charset, &err) == 0, "%s",
                  err.message);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(decoder_open(&p->charset, &p->decoders[i], &err), 0);
        ck_assert_int_eq(encoder_open(&p->charset, &p->encoders[i], &err), 0);
        buf_init(&p->out[i], (size_t)1 << 22);
    }
    decoder_drop_table(p->decoders[1]);
    encoder_drop_table(p->encoders[1]);
}

static void
pair_close(struct pair *p)
{
    for (int i = 0; i < 2; i++) {
        decoder_close(p->decoders[i]);
        encoder_close(p->encoders[i]);
        buf_release(&p->out[i]);
    }
}

static void
expect_same_out(const struct pair *p, const unsigned char *bytes, size_t size)
{
    if (p->out[0].size == p->out[1].size &&
        (p->out[0].size == 0 ||
         memcmp(p->out[0].data, p->out[1].data, p->out[0].size) == 0))
        return;
    ck_abort_msg("%s: %02X %02X %02X ... (%zu bytes) becomes '%s', not '%s'",
                 p->charset.name, bytes[0], size > 1 ? bytes[1] : 0,
                 size > 2 ? bytes[2] : 0, size, buf_text(&p->out[0]),
                 buf_text(&p->out[1]));
}

/* ck_assert tells its runner of every success, which here takes minutes. */
static void
require(bool truth, const struct pair *p, const unsigned char *bytes,
        size_t size)
{
    if (!truth)
        ck_abort_msg("%s: not alike: %02X %02X %02X (%zu bytes)",
                     p->charset.name, bytes[0], size > 1 ? bytes[1] : 0,
                     size > 2 ? bytes[2] : 0, size);
}

static void
expect_same_decoded(struct pair *p, const unsigned char *bytes, size_t size)
{
    struct charset_bad bad[2];
    struct fb_error err;

    for (int i = 0; i < 2; i++) {
        buf_clear(&p->out[i]);
        require(decoder_feed(p->decoders[i], bytes, size, &p->out[i], &bad[i],
                             &err) == 0,
                p, bytes, size);
    }
    expect_same_out(p, bytes, size);
    require(bad[0].length == bad[1].length &&
                (bad[0].length == 0 ||
                 (bad[0].offset == bad[1].offset &&
                  memcmp(bad[0].bytes, bad[1].bytes, 8) == 0)),
            p, bytes, size);
}

static void
expect_same_encoded(struct pair *p, const unsigned char *text, size_t size,
                    bool replace)
{
    struct fb_error errors[2] = {FB_ERROR_INIT, FB_ERROR_INIT};
    size_t where[2] = {0, 0};
    int status[2];

    for (int i = 0; i < 2; i++) {
        buf_clear(&p->out[i]);
        status[i] = encoder_feed(p->encoders[i], text, size, replace,
                                 &p->out[i], &where[i], &errors[i]);
    }
    require(status[0] == status[1], p, text, size);
    if (status[0] == 0)
        expect_same_out(p, text, size);
    else
        require(where[0] == where[1] &&
                    strcmp(errors[0].message, errors[1].message) == 0,
                p, text, size);
}

/* --- decoding ----------------------------------------------------------- */

START_TEST(decodes_every_byte_and_every_pair_of_bytes)
{
    static const struct {
        unsigned char bytes[3];
        size_t size;
    } behind[] = {{"", 0}, {"a", 1}, {"\n", 1}, {"\x8e", 1}, {"\xa4\xa2", 2}};
    unsigned char bytes[8];
    struct pair p;

    pair_open(&p, names[_i]);
    for (unsigned code = 0; code < 0x10000 * ARRAY_SIZE(behind); code++) {
        size_t end = code >> 16;

        bytes[0] = (unsigned char)(code >> 8);
        bytes[1] = (unsigned char)code;
        memcpy(bytes + 2, behind[end].bytes, 3);
        expect_same_decoded(&p, bytes, 2 + behind[end].size);
        if (bytes[0] == 0) /* the byte alone */
            expect_same_decoded(&p, bytes + 1, 1 + behind[end].size);
    }
    pair_close(&p);
}
END_TEST

/* What begins longer characters, with all that may follow. */
START_TEST(decodes_characters_of_three_and_four_bytes)
{
    static const unsigned char starts[][2] = {{0x8f, 0}, {0x8e, 0xa2}};
    unsigned char bytes[8] = {0};
    struct pair p;

    pair_open(&p, names[_i]);
    for (unsigned code = 0; code < 0x10000; code++)
        for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
            size_t used = starts[i][1] == 0 ? 1 : 2;

            memcpy(bytes, starts[i], used);
            bytes[used] = (unsigned char)(code >> 8);
            bytes[used + 1] = (unsigned char)code;
            bytes[used + 2] = ',';
            expect_same_decoded(&p, bytes, used + 3);
            expect_same_decoded(&p, bytes, used + 2);
        }
    for (unsigned code = 0; code < 0x10000; code++) { /* GB18030 */
        bytes[0] = (unsigned char)(0x81 + code % 5 * 0x1f);
        bytes[1] = (unsigned char)(0x2f + code % 12);
        bytes[2] = (unsigned char)(code >> 8);
        bytes[3] = (unsigned char)code;
        bytes[4] = 'a';
        expect_same_decoded(&p, bytes, 4 + code % 2);
    }
    pair_close(&p);
}
END_TEST

/* All at once, so that characters lie across the table's blocks. */
START_TEST(decodes_a_large_piece_with_good_and_bad_bytes)
{
    struct fb_error err;
    struct pair p;
    struct buf piece;

    pair_open(&p, names[_i]);
    buf_init(&piece, (size_t)1 << 20);
    for (unsigned code = 0; code < 0x10000; code++) {
        unsigned char bytes[3] = {(unsigned char)(code >> 8),
                                  (unsigned char)code, ','};

        /* One byte too many now and then. */
        require(buf_append(&piece, bytes, 2 + (code % 7 == 0), &err) == 0, &p,
                bytes, 3);
    }
    expect_same_decoded(&p, piece.data, piece.size);
    expect_same_decoded(&p, piece.data + 1, piece.size - 1);
    buf_release(&piece);
    pair_close(&p);
}
END_TEST

/* A text of many kinds of characters, in the charset's bytes; what it lacks
 * is a question mark. */
static void
mixed_text(struct pair *p, struct buf *bytes)
{
    static const char text[] =
        "id,name\r\n1,\"表示 ｱｲｳ ソ能\"\n2,Größe naïve €5,\n"
        "3,ひらがなカタカナ漢字①②髙﨑\n4,한국어 조선,中文简体繁體\n"
        "5,かき\xe3\x82\x9aく\xe3\x82\x9a Êàệ,שָׁלוֹם Привет\n"
        "6,plain ASCII in a run that is longer than any register has bytes\n"
        "7,~\\|^ 丂丄丅鰻黑黒😀𠀋\xef\xbd\x9e,end";
    struct fb_error err;
    size_t where;

    buf_init(bytes, 10000);
    ck_assert_int_eq(encoder_feed(p->encoders[1], (const unsigned char *)text,
                                  strlen(text), true, bytes, &where, &err),
                     0);
}

START_TEST(decodes_a_mixed_text_split_anywhere)
{
    struct buf bytes;
    struct pair p;

    pair_open(&p, names[_i]);
    mixed_text(&p, &bytes);
    ck_assert_uint_gt(bytes.size, 150);
    for (size_t from = 0; from < bytes.size; from++)
        for (size_t to = from; to <= bytes.size; to++)
            expect_same_decoded(&p, bytes.data + from, to - from);
    buf_release(&bytes);
    pair_close(&p);
}
END_TEST

START_TEST(decodes_on_after_what_it_decoded_before)
{
    struct buf bytes;
    struct pair p;

    pair_open(&p, names[_i]);
    mixed_text(&p, &bytes);
    for (size_t cut = 0; cut <= bytes.size; cut++) {
        expect_same_decoded(&p, bytes.data, cut);
        expect_same_decoded(&p, bytes.data + cut, bytes.size - cut);
    }
    buf_release(&bytes);
    pair_close(&p);
}
END_TEST

START_TEST(appends_within_a_buffer_that_just_holds_the_text)
{
    static const unsigned char bytes[] = "a\xb1\xb2\x95\x5c";
    struct fb_error err;
    struct charset_bad bad;
    struct buf out;
    struct pair p;

    pair_open(&p, "cp932");
    buf_init(&out, 26); /* iconv's way wants twice the bytes and 16 */
    ck_assert_int_eq(decoder_feed(p.decoders[0], bytes, 5, &out, &bad, &err),
                     0);
    ck_assert_str_eq(buf_text(&out), "aｱｲ表");
    buf_release(&out);
    buf_init(&out, 9);
    ck_assert_int_eq(decoder_feed(p.decoders[0], bytes, 5, &out, &bad, &err),
                     -1);
    ck_assert_int_eq(err.code, FB_E_LIMIT);
    buf_release(&out);
    pair_close(&p);
}
END_TEST

/* --- encoding ----------------------------------------------------------- */

static size_t
utf8_of(unsigned c, unsigned char *text)
{
    size_t length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char firsts[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = length - 1; i > 0; i--) {
        text[i] = (unsigned char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    text[0] = (unsigned char)(firsts[length] | c);
    return length;
}

/* Surrogates too, which are no characters. */
START_TEST(encodes_every_character)
{
    static const char *const behind[] = {"", "a", "\xe3\x82\x9a", "\xcc\x80"};
    unsigned char text[16];
    struct pair p;

    pair_open(&p, names[_i]);
    for (unsigned code = 0; code < 0x110000; code += code < 0x10000 ? 1 : 97) {
        size_t size = utf8_of(code, text);
        const char *end = behind[code % 4];

        memcpy(text + size, end, strlen(end));
        expect_same_encoded(&p, text, size, false);
        expect_same_encoded(&p, text, size + strlen(end), true);
    }
    pair_close(&p);
}
END_TEST

START_TEST(encodes_bytes_that_are_no_utf_8_as_iconv_does)
{
    unsigned char text[8];
    struct pair p;

    pair_open(&p, names[_i]);
    for (unsigned code = 0; code < 0x20000; code++) {
        text[0] = (unsigned char)(code >> 8);
        text[1] = (unsigned char)code;
        memcpy(text + 2,
               "\x80"
               "\x80"
               "ab",
               4);
        expect_same_encoded(&p, text + (code >> 16), 6 - (code >> 16), true);
        expect_same_encoded(&p, text, 2 + code % 5, code % 3 == 0);
    }
    pair_close(&p);
}
END_TEST

START_TEST(encodes_a_mixed_text_split_anywhere)
{
    struct buf bytes, text;
    struct charset_bad bad;
    struct fb_error err;
    struct pair p;

    pair_open(&p, names[_i]);
    mixed_text(&p, &bytes);
    buf_init(&text, 10000);
    ck_assert_int_eq(
        decoder_feed(p.decoders[1], bytes.data, bytes.size, &text, &bad, &err),
        0);
    for (size_t from = 0; from < text.size; from++)
        for (size_t to = from; to <= text.size; to++)
            expect_same_encoded(&p, text.data + from, to - from,
                                (from + to) % 2 == 0);
    buf_release(&bytes);
    buf_release(&text);
    pair_close(&p);
}
END_TEST

START_TEST(encodes_a_large_piece)
{
    unsigned char text[4];
    struct fb_error err;
    struct buf piece;
    struct pair p;

    pair_open(&p, names[_i]);
    buf_init(&piece, (size_t)1 << 20);
    for (unsigned code = 0; code < 0x10000; code += 11)
        ck_assert_int_eq(buf_append(&piece, text, utf8_of(code, text), &err),
                         0);
    expect_same_encoded(&p, piece.data, piece.size, true);
    pair_close(&p);
    buf_release(&piece);
}
END_TEST

/* --- which bytes stand alone -------------------------------------------- */

/* Whether a character begins with these bytes and holds `byte` behind them,
 * by trying every byte in every place. */
static bool
holds(iconv_t cd, unsigned char *bytes, size_t size, unsigned char byte)
{
    struct answer answer;

    for (unsigned next = 0; next <= 0xff; next++) {
        bytes[size] = (unsigned char)next;
        answer = charset_ask(cd, bytes, size + 1);
        if (answer.why == 0 && memchr(bytes + 1, byte, size) != NULL)
            return true;
        if (answer.why == EINVAL && size < 3 &&
            (size < 2 || bytes[0] % 16 == 0) &&
            holds(cd, bytes, size + 1, byte))
            return true;
    }
    return false;
}

START_TEST(says_of_no_byte_that_it_stands_alone_when_it_is_part_of_another)
{
    static const unsigned char asked[] = "\n\r,\t\";|\\09:@az~";
    unsigned char bytes[8];
    struct pair p;
    iconv_t cd;

    pair_open(&p, names[_i]);
    cd = iconv_open("UTF-8", p.charset.name);
    ck_assert(cd != (iconv_t)-1);
    for (size_t i = 0; i < sizeof(asked); i++) {
        if (!charset_stands_alone(&p.charset, asked[i]))
            continue;
        for (unsigned lead = 0x80; lead <= 0xff; lead++) {
            bytes[0] = (unsigned char)lead;
            require(charset_ask(cd, bytes, 1).why != EINVAL ||
                        !holds(cd, bytes, 1, asked[i]),
                    &p, asked + i, 1);
        }
    }
    iconv_close(cd);
    pair_close(&p);
}
END_TEST

static void
add(Suite *suite, const char *name, const TTest *test)
{
    TCase *loop = tcase_create(name);

    tcase_set_timeout(loop, 60);
    tcase_add_loop_test(loop, test, 0, (int)ARRAY_SIZE(names));
    suite_add_tcase(suite, loop);
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("charset tables");
    TCase *room = tcase_create("room");

    add(suite, "pairs", decodes_every_byte_and_every_pair_of_bytes);
    add(suite, "long", decodes_characters_of_three_and_four_bytes);
    add(suite, "piece", decodes_a_large_piece_with_good_and_bad_bytes);
    add(suite, "split", decodes_a_mixed_text_split_anywhere);
    add(suite, "on", decodes_on_after_what_it_decoded_before);
    add(suite, "characters", encodes_every_character);
    add(suite, "no utf-8", encodes_bytes_that_are_no_utf_8_as_iconv_does);
    add(suite, "split text", encodes_a_mixed_text_split_anywhere);
    add(suite, "text", encodes_a_large_piece);
    add(suite, "alone",
        says_of_no_byte_that_it_stands_alone_when_it_is_part_of_another);
    tcase_add_test(room, appends_within_a_buffer_that_just_holds_the_text);
    suite_add_tcase(suite, room);
    return suite;
}
