/*
 * codec/charset.h: what iconv knows, asked in the right way.
 */
#include "codec/charset.h"

#include "unit/main.h"
#include "util/error.h"
#include "util/mem.h"

static struct charset
find(const char *name)
{
    struct fb_error err = FB_ERROR_INIT;
    struct charset charset;

    ck_assert_msg(charset_find(name, &charset, &err) == 0, "%s", err.message);
    return charset;
}

static void
expect_decoded(const char *name, const char *bytes, size_t size,
               const char *text, size_t bad_offset, size_t bad_length)
{
    struct charset charset = find(name);
    struct fb_error err = FB_ERROR_INIT;
    struct decoder *decoder;
    struct charset_bad bad;
    struct buf out;

    buf_init(&out, 1000);
    ck_assert_int_eq(decoder_open(&charset, &decoder, &err), 0);
    ck_assert_int_eq(decoder_feed(decoder, (const unsigned char *)bytes, size,
                                  &out, &bad, &err),
                     0);
    ck_assert_str_eq(buf_text(&out), text);
    ck_assert_uint_eq(bad.length, bad_length);
    if (bad_length > 0)
        ck_assert_uint_eq(bad.offset, bad_offset);
    decoder_close(decoder);
    buf_release(&out);
}

/* The bytes in hex; or the message when replace is false and it fails. */
static void
expect_encoded(const char *name, const char *text, bool replace,
               const char *bytes, size_t size, const char *message)
{
    struct charset charset = find(name);
    struct fb_error err = FB_ERROR_INIT;
    struct encoder *encoder;
    struct buf out;
    size_t where = 0;
    int status;

    buf_init(&out, 1000);
    ck_assert_int_eq(encoder_open(&charset, &encoder, &err), 0);
    status = encoder_feed(encoder, (const unsigned char *)text, strlen(text),
                          replace, &out, &where, &err);
    if (message != NULL) {
        ck_assert_int_eq(status, -1);
        ck_assert_str_eq(err.message, message);
        ck_assert_uint_eq(where, size);
    } else {
        ck_assert_int_eq(status, 0);
        ck_assert_uint_eq(out.size, size);
        ck_assert_mem_eq(out.data, bytes, size);
    }
    encoder_close(encoder);
    buf_release(&out);
}

static bool
is_structural(const char *name)
{
    struct charset charset = find(name);

    return charset_ascii_structural(&charset);
}

START_TEST(knows_which_bytes_mean_ascii)
{
    ck_assert(find("utf-8").ascii_plain && is_structural("utf-8"));
    ck_assert(find("cp932").ascii_plain && !is_structural("cp932"));
    ck_assert(find("euc-jp").ascii_plain && is_structural("euc-jp"));
    ck_assert(is_structural("iso-8859-1") && is_structural("utf-16"));
    ck_assert(!find("shift_jis").ascii_plain); /* 5C is a yen sign */
    ck_assert(!find("iso-2022-jp").ascii_plain);
    ck_assert(!find("utf-16").ascii_plain);
}
END_TEST

START_TEST(knows_where_a_byte_means_the_same_whatever_stands_before)
{
    ck_assert(find("utf-8").stateless && find("cp932").stateless);
    ck_assert(find("shift_jis").stateless && find("gb18030").stateless);
    ck_assert(!find("iso-2022-jp").stateless && !find("utf-16").stateless);
    ck_assert(!find("utf-7").stateless);
}
END_TEST

/* The ASCII bytes that charset_stands_alone says yes to, as a set. */
static void
expect_alone(const char *name, const char *from, const char *to)
{
    struct charset charset = find(name);

    for (unsigned byte = 0; byte <= 0xff; byte++) {
        bool want = false;

        for (size_t i = 0; from[i] != '\0'; i++)
            want |= byte < 0x80 && byte >= (unsigned char)from[i] &&
                    byte <= (unsigned char)to[i];
        want |= from[0] != '\0' && byte == 0;
        ck_assert_msg(charset_stands_alone(&charset, (unsigned char)byte) ==
                          want,
                      "%s: %02X", name, byte);
    }
}

START_TEST(knows_which_bytes_are_never_part_of_a_longer_character)
{
    expect_alone("utf-8", "\x01", "\x7f");
    expect_alone("cp932", "\x01\x7f", "\x3f\x7f");
    expect_alone("shift_jis", "\x01\x7f", "\x3f\x7f");
    expect_alone("euc-jp", "\x01", "\x7f");
    expect_alone("euc-kr", "\x01", "\x7f");
    expect_alone("gbk", "\x01\x7f", "\x3f\x7f");
    expect_alone("gb18030", "\x01\x3a\x7f", "\x2f\x3f\x7f");
    expect_alone("big5", "\x01\x7f", "\x3f\x7f");
    expect_alone("windows-1252", "\x01", "\x7f");
    expect_alone("utf-16le", "", "");
    expect_alone("iso-2022-jp", "", "");
    expect_alone("utf-7", "", "");
}
END_TEST

START_TEST(finds_line_ends_of_one_two_and_four_bytes)
{
    ck_assert_uint_eq(find("cp932").newline_size, 1);
    ck_assert_uint_eq(find("utf-16").newline_size, 2);
    ck_assert_mem_eq(find("utf-16be").newline, "\0\n", 2);
    ck_assert_mem_eq(find("utf-16").carriage_return, "\r\0", 2);
    ck_assert_uint_eq(find("utf-32").newline_size, 4);
    ck_assert_mem_eq(find("utf-32be").newline, "\0\0\0\n", 4);
}
END_TEST

START_TEST(suggests_the_nearest_name)
{
    struct fb_error err = FB_ERROR_INIT;
    struct charset charset;

    ck_assert_int_eq(charset_find("cp923x", &charset, &err), -1);
    ck_assert_int_eq(err.code, FB_E_CONFIG);
    ck_assert_str_eq(err.message, "iconv knows no charset 'cp923x'");
    ck_assert_int_eq(charset_find("shift-jiss", &charset, &err), -1);
    ck_assert_str_eq(err.hint, "did you mean 'shift_jis'?");
}
END_TEST

START_TEST(refuses_names_that_mean_something_else_to_iconv)
{
    struct fb_error err = FB_ERROR_INIT;
    struct charset charset;

    ck_assert_int_eq(charset_find("", &charset, &err), -1);
    ck_assert_int_eq(charset_find("ascii//TRANSLIT", &charset, &err), -1);
}
END_TEST

START_TEST(tells_byte_order_marks)
{
    const char *name;

    ck_assert_uint_eq(
        charset_bom((const unsigned char *)"\xef\xbb\xbf", 3, &name), 3);
    ck_assert_str_eq(name, "UTF-8");
    ck_assert_uint_eq(
        charset_bom((const unsigned char *)"\xff\xfe\0\0", 4, &name), 4);
    ck_assert_str_eq(name, "UTF-32LE");
    ck_assert_uint_eq(charset_bom((const unsigned char *)"\xef\xbb", 2, &name),
                      0);
    ck_assert_ptr_null(name);
}
END_TEST

START_TEST(lets_a_mark_decide_the_order_of_utf_16)
{
    struct charset charset = find("utf-16");
    struct fb_error err = FB_ERROR_INIT;
    size_t length;

    ck_assert_str_eq(charset.name, "UTF-16LE");
    ck_assert_int_eq(charset_use_bom(&charset,
                                     (const unsigned char *)"\xfe\xff\0a", 4,
                                     &length, &err),
                     0);
    ck_assert_str_eq(charset.name, "UTF-16BE");
    ck_assert(charset.bom_decides);
    charset = find("utf-16le");
    ck_assert_int_eq(charset_use_bom(&charset,
                                     (const unsigned char *)"\xfe\xff\0a", 4,
                                     &length, &err),
                     -1);
    ck_assert_str_eq(err.message, "begins with the byte order mark of "
                                  "UTF-16BE, but charset 'utf-16le' was "
                                  "declared");
    ck_assert_str_eq(err.hint, "charset: utf-16");
    /* A NUL behind the mark of UTF-16 is no mark of UTF-32. */
    ck_assert_int_eq(charset_use_bom(&charset,
                                     (const unsigned char *)"\xff\xfe\0\0", 4,
                                     &length, &err),
                     0);
    ck_assert_uint_eq(length, 2);
}
END_TEST

START_TEST(knows_the_common_aliases)
{
    ck_assert(charset_same("CP932", "Windows-31J"));
    ck_assert(charset_same("utf8", "UTF-8"));
    ck_assert(charset_same("x-anything", "X-ANYTHING"));
    ck_assert(!charset_same("cp932", "shift_jis"));
}
END_TEST

START_TEST(decodes_whole_pieces)
{
    expect_decoded("cp932", "a\x95\x5c\xb1\x87\x40", 6, "a表ｱ①", 0, 0);
    expect_decoded("euc-jp", "\xa4\xa2\x8e\xb1", 4, "あｱ", 0, 0);
    expect_decoded("shift_jis", "\x5c", 1, "¥", 0, 0);
    expect_decoded("utf-16be", "\x30\x42\xd8\x3d\xde\x00", 6, "あ😀", 0, 0);
    expect_decoded("iso-2022-jp", "\x1b$B$\"\x1b(B", 8, "あ", 0, 0);
}
END_TEST

START_TEST(gives_back_what_iconv_holds_for_a_combining_character)
{
    /* か may become か゚: iconv waits for what follows. */
    expect_decoded("euc-jisx0213", "\xa4\xab", 2, "か", 0, 0);
}
END_TEST

START_TEST(describes_the_first_bytes_that_do_not_decode)
{
    expect_decoded("utf-8", "ab\xff\xfe", 4, "ab\xef\xbf\xbd\xef\xbf\xbd", 2,
                   1);
    expect_decoded("cp932", "a\x95", 2, "a\xef\xbf\xbd", 1, 1);
    expect_decoded("cp932", "\x81 x", 3, "\xef\xbf\xbd x", 0, 1);
    expect_decoded("utf-16le", "a\0\0\xd8", 4, "a\xef\xbf\xbd", 2, 2);
    expect_decoded("utf-16le", "a\0b", 3, "a\xef\xbf\xbd", 2, 1);
}
END_TEST

START_TEST(tells_of_bad_bytes_that_iconv_took_before_it_refused_them)
{
    expect_decoded("cp949", "a\xa2\xe8", 3, "a\xef\xbf\xbd", 2, 1);
}
END_TEST

START_TEST(refuses_utf_8_that_other_readers_would_take_for_something)
{
    /* An overlong slash, a surrogate, beyond U+10FFFF. */
    expect_decoded("utf-8", "\xc0\xaf", 2, "\xef\xbf\xbd\xef\xbf\xbd", 0, 1);
    expect_decoded("utf-8", "\xed\xa0\x80", 3,
                   "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 0, 1);
    expect_decoded("utf-8", "\xf4\x90\x80\x80", 4,
                   "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 0, 1);
}
END_TEST

START_TEST(encodes_and_names_what_a_charset_lacks)
{
    expect_encoded("cp932", "表ｱ①髙", false, "\x95\x5c\xb1\x87\x40\xfb\xfc", 7,
                   NULL);
    expect_encoded("cp932", "a😀b", true, "a?b", 3, NULL);
    expect_encoded("cp932", "ab😀", false, NULL, 2,
                   "charset 'cp932' has no character U+1F600 (😀)");
    expect_encoded("iso-8859-1", "\xc2\x9f\xe2\x80\x8b", false, NULL, 2,
                   "charset 'iso-8859-1' has no character U+200B "
                   "(\xe2\x80\x8b)");
    expect_encoded("utf-16", "a", false, "a\0", 2, NULL);
}
END_TEST

START_TEST(ends_every_piece_in_the_initial_shift_state)
{
    expect_encoded("iso-2022-jp", "あ", false, "\x1b$B$\"\x1b(B", 8, NULL);
}
END_TEST

static const char *
cause(const char *declared, const char *bytes, size_t size)
{
    struct charset charset = find(declared);

    return charset_likely_cause(&charset, (const unsigned char *)bytes, size);
}

START_TEST(guesses_what_the_bytes_really_are)
{
    ck_assert_str_eq(cause("utf-8", "\x95\x5c\x82\xa0", 4),
                     "looks like Shift-JIS from Windows (charset: cp932)");
    ck_assert_str_eq(cause("utf-8", "\xa4\xa2\xa4\xa4", 4),
                     "looks like EUC-JP (charset: euc-jp)");
    ck_assert_str_eq(cause("utf-8", "caf\xe9,x", 6),
                     "looks like a single-byte charset (charset: "
                     "windows-1252 or its kin)");
    ck_assert_str_eq(cause("utf-8", "abc\xe3\x81", 5),
                     "a character of several bytes is cut off at the end of "
                     "the line");
    ck_assert_str_eq(cause("cp932", "表示", strlen("表示")),
                     "looks like UTF-8 (charset: utf-8)");
    ck_assert_str_eq(cause("shift_jis", "\x87\x40", 2),
                     "looks like Microsoft's form of Shift-JIS (charset: "
                     "cp932)");
    ck_assert_str_eq(cause("utf-8", "a\0b\0\xff\0", 6),
                     "looks like UTF-16, little endian (charset: utf-16le)");
    ck_assert_str_eq(cause("cp932", "abc\x95", 4),
                     "a character of several bytes may be cut off at the end "
                     "of the line");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("charset");
    TCase *facts = tcase_create("facts");
    TCase *codes = tcase_create("codes");

    tcase_add_test(facts, knows_which_bytes_mean_ascii);
    tcase_add_test(facts,
                   knows_where_a_byte_means_the_same_whatever_stands_before);
    tcase_add_test(facts,
                   knows_which_bytes_are_never_part_of_a_longer_character);
    tcase_add_test(facts, finds_line_ends_of_one_two_and_four_bytes);
    tcase_add_test(facts, suggests_the_nearest_name);
    tcase_add_test(facts, refuses_names_that_mean_something_else_to_iconv);
    tcase_add_test(facts, tells_byte_order_marks);
    tcase_add_test(facts, lets_a_mark_decide_the_order_of_utf_16);
    tcase_add_test(facts, knows_the_common_aliases);
    suite_add_tcase(suite, facts);
    tcase_add_test(codes, decodes_whole_pieces);
    tcase_add_test(codes,
                   gives_back_what_iconv_holds_for_a_combining_character);
    tcase_add_test(codes, describes_the_first_bytes_that_do_not_decode);
    tcase_add_test(codes,
                   tells_of_bad_bytes_that_iconv_took_before_it_refused_them);
    tcase_add_test(codes,
                   refuses_utf_8_that_other_readers_would_take_for_something);
    tcase_add_test(codes, encodes_and_names_what_a_charset_lacks);
    tcase_add_test(codes, ends_every_piece_in_the_initial_shift_state);
    tcase_add_test(codes, guesses_what_the_bytes_really_are);
    suite_add_tcase(suite, codes);
    return suite;
}
