/*
 * Every code of the published tables for Shift-JIS and EUC-JP against what
 * our decoder says.  iconv is the authority; where a table differs, the
 * difference stands here with its reason, and how many codes it covers.
 */
#define _GNU_SOURCE 1 /* strsep */
#include <check.h>

#include "codec/charset.h"
#include "unit/corpora.h"
#include "unit/main.h"
#include "util/error.h"

struct codes {
    struct charset charset;
    struct decoder *decoder;
    struct encoder *encoder;
    struct buf text, bytes;
};

static void
codes_open(struct codes *c, const char *name)
{
    struct fb_error err = FB_ERROR_INIT;

    ck_assert_int_eq(charset_find(name, &c->charset, &err), 0);
    ck_assert_int_eq(decoder_open(&c->charset, &c->decoder, &err), 0);
    ck_assert_int_eq(encoder_open(&c->charset, &c->encoder, &err), 0);
    buf_init(&c->text, 1000);
    buf_init(&c->bytes, 1000);
}

static void
codes_close(struct codes *c)
{
    decoder_close(c->decoder);
    encoder_close(c->encoder);
    buf_release(&c->text);
    buf_release(&c->bytes);
}

/* Whether the bytes are characters; their text is in c->text. */
static bool
decodes(struct codes *c, const unsigned char *bytes, size_t size)
{
    struct fb_error err;
    struct charset_bad bad;

    buf_clear(&c->text);
    ck_assert_int_eq(
        decoder_feed(c->decoder, bytes, size, &c->text, &bad, &err), 0);
    return bad.length == 0;
}

static bool
encodes(struct codes *c, const void *text, size_t size)
{
    struct fb_error err;
    size_t where;

    buf_clear(&c->bytes);
    return encoder_feed(c->encoder, text, size, false, &c->bytes, &where,
                        &err) == 0;
}

static size_t
code_bytes(unsigned code, unsigned char *bytes)
{
    size_t size = 0;

    for (int shift = 16; shift >= 0; shift -= 8)
        if (code >> shift != 0 || shift == 0)
            bytes[size++] = (unsigned char)(code >> shift);
    return size;
}

static size_t
utf8_of(unsigned c, unsigned char *text)
{
    if (c < 0x80) {
        text[0] = (unsigned char)c;
        return 1;
    }
    if (c < 0x800) {
        text[0] = (unsigned char)(0xc0 | c >> 6);
        text[1] = (unsigned char)(0x80 | (c & 0x3f));
        return 2;
    }
    text[0] = (unsigned char)(0xe0 | c >> 12);
    text[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
    text[2] = (unsigned char)(0x80 | (c & 0x3f));
    return 3;
}

static bool
is_text(const struct codes *c, unsigned character)
{
    unsigned char want[4];
    size_t size = utf8_of(character, want);

    return c->text.size == size && memcmp(c->text.data, want, size) == 0;
}

/* Reasoned differences: why a code may not be what a table says. */

/* C1 80 and Apple's A0 FD FE FF: Microsoft's converter maps them so that
 * nothing is ever refused; no character stands behind them. */
static bool
is_filler(unsigned code)
{
    return code == 0x80 || code == 0xa0 || (code >= 0xfd && code <= 0xff);
}

/* Microsoft's user-defined area; JIS X 0208 has none. */
static bool
is_user_defined(unsigned code)
{
    return code >= 0xf040 && code <= 0xf9fc;
}

/* What Microsoft's EUC-JP and JIS's see differently (wave dash, parallel,
 * minus, cent, pound, not), and rows 13 and 89-92 (NEC), which JIS lacks. */
static bool
is_microsofts_eucjp(unsigned code)
{
    return code == 0xa1c1 || code == 0xa1c2 || code == 0xa1dd ||
           code == 0xa1f1 || code == 0xa1f2 || code == 0xa2cc ||
           code >> 8 == 0xad || (code >= 0xf9a1 && code <= 0xfcfe);
}

/* eucJP-ms puts the user-defined area where NEC's rows 85-94 are. */
static bool
is_eucjp_ms(unsigned code)
{
    return code >= 0xf5a1;
}

static bool
is_none(unsigned code)
{
    (void)code;
    return false;
}

typedef bool (*excuse)(unsigned code);

/* Lines of "0x8140 0x3000 ..." (0) or "<U3000> \x81\x40 |0" (1). */
struct table {
    const char *path;
    const char *charset;
    bool ucm;
    unsigned codes;
    excuse excuse;
    unsigned excused;
};

static const struct table tables[] = {
    {"sjis-mapping-tables/unicode-org/CP932.TXT", "cp932", false, 7915, is_none,
     0},
    {"sjis-mapping-tables/libiconv/CP932.TXT", "cp932", false, 9795, is_none,
     0},
    {"sjis-mapping-tables/libiconv/SHIFT_JIS.TXT", "shift_jis", false, 8950,
     is_user_defined, 1880},
    {"sjis-mapping-tables/icu/windows-932-2000.ucm", "cp932", true, 9800,
     is_filler, 5},
    {"sjis-mapping-tables/icu/java-MS932-1.3_P.ucm", "cp932", true, 9397,
     is_none, 0},
};

/* Hex digits behind `prefix`; *at moves behind them. */
static bool
take_hex(const char **at, const char *prefix, unsigned *value)
{
    size_t length = strlen(prefix);
    char *end;

    if (strncmp(*at, prefix, length) != 0)
        return false;
    *value = (unsigned)strtoul(*at + length, &end, 16);
    if (end == *at + length)
        return false;
    *at = end;
    return true;
}

static bool
parse_ucm(const char *line, unsigned *code, unsigned *character)
{
    unsigned byte;

    *code = 0;
    if (!take_hex(&line, "<U", character) || strncmp(line, "> ", 2) != 0)
        return false;
    for (line += 2; take_hex(&line, "\\x", &byte);)
        *code = *code << 8 | byte;
    /* |1 is for encoding only, |2 substitutes */
    return strncmp(line, " |0", 3) == 0 || strncmp(line, " |3", 3) == 0;
}

static bool
parse_line(const struct table *table, const char *line, unsigned *code,
           unsigned *character)
{
    if (table->ucm)
        return parse_ucm(line, code, character);
    if (!take_hex(&line, "0x", code))
        return false;
    line += strspn(line, " \t");
    return take_hex(&line, "0x", character);
}

static void
check_code(struct codes *c, const struct table *table, unsigned code,
           unsigned character, unsigned *excused)
{
    unsigned char bytes[4], text[4];
    size_t size = code_bytes(code, bytes), length = utf8_of(character, text);

    if (!decodes(c, bytes, size) || !is_text(c, character)) {
        ck_assert_msg(table->excuse(code), "%s: %X is not U+%04X", table->path,
                      code, character);
        ++*excused;
        return;
    }
    /* Duplicates encode to another code, which must mean the same. */
    ck_assert_msg(encodes(c, text, length), "%s: U+%04X does not encode",
                  table->path, character);
    ck_assert(decodes(c, c->bytes.data, c->bytes.size));
    ck_assert_msg(is_text(c, character), "%s: U+%04X does not come back",
                  table->path, character);
}

START_TEST(agrees_with_every_code_of_the_mapping_tables)
{
    const struct table *table = &tables[_i];
    const char *folder = corpora_folder();
    unsigned code = 0, character = 0, codes = 0, excused = 0;
    struct codes c;
    struct buf file;
    char *rest, *line;

    if (folder == NULL)
        return;
    file = corpora_read(folder, table->path);
    codes_open(&c, table->charset);
    rest = (char *)file.data;
    while ((line = strsep(&rest, "\n")) != NULL)
        if (parse_line(table, line, &code, &character)) {
            check_code(&c, table, code, character, &excused);
            codes++;
        }
    ck_assert_uint_eq(codes, table->codes);
    ck_assert_uint_eq(excused, table->excused);
    codes_close(&c);
    buf_release(&file);
}
END_TEST

/* Pairs of files, line by line: bytes, and their text with U+FFFD. */
struct lines_pair {
    const char *bytes, *text;
    const char *charset;
    excuse excuse;
    unsigned compared, excused;
};

static const struct lines_pair pairs[] = {
    {"sjis-encoding_rs/shift_jis_in.txt",
     "sjis-encoding_rs/shift_jis_in_ref.txt", "cp932", is_none, 11280, 0},
    {"sjis-encoding_rs/jis0208_in.txt", "sjis-encoding_rs/jis0208_in_ref.txt",
     "euc-jp", is_microsofts_eucjp, 8836, 463},
    {"sjis-encoding_rs/jis0208_in.txt", "sjis-encoding_rs/jis0208_in_ref.txt",
     "euc-jp-ms", is_eucjp_ms, 8836, 940},
};

/* Two-byte codes; the head of these files is a licence. */
static bool
compare_code(struct codes *c, const struct lines_pair *pair, const char *bytes,
             const char *text)
{
    unsigned code =
        (unsigned)(unsigned char)bytes[0] << 8 | (unsigned char)bytes[1];
    bool good = decodes(c, (const unsigned char *)bytes, 2);
    bool wanted = strstr(text, "\xef\xbf\xbd") == NULL;

    if (good == wanted && (!good || strcmp(buf_text(&c->text), text) == 0))
        return true;
    ck_assert_msg(pair->excuse(code), "%s: %X is '%s', not '%s'", pair->bytes,
                  code, good ? buf_text(&c->text) : "bad", text);
    return false;
}

START_TEST(agrees_with_every_pair_of_the_whatwg_tests)
{
    const struct lines_pair *pair = &pairs[_i];
    const char *folder = corpora_folder();
    unsigned compared = 0, excused = 0;
    struct buf bytes, text;
    char *b, *t, *bytes_line, *text_line;
    struct codes c;

    if (folder == NULL)
        return;
    bytes = corpora_read(folder, pair->bytes);
    text = corpora_read(folder, pair->text);
    codes_open(&c, pair->charset);
    b = (char *)bytes.data;
    t = (char *)text.data;
    while ((bytes_line = strsep(&b, "\n")) != NULL &&
           (text_line = strsep(&t, "\n")) != NULL)
        if (strlen(bytes_line) == 2) {
            compared++;
            excused += !compare_code(&c, pair, bytes_line, text_line);
        }
    ck_assert_uint_eq(compared, pair->compared);
    ck_assert_uint_eq(excused, pair->excused);
    codes_close(&c);
    buf_release(&bytes);
    buf_release(&text);
}
END_TEST

/* Of two codes for a character WHATWG's encoder takes IBM's, as we do. */
START_TEST(encodes_as_the_whatwg_tests_do)
{
    const char *folder = corpora_folder();
    unsigned compared = 0, differ = 0, lacking = 0;
    struct buf bytes, text;
    char *b, *t, *want, *line;
    struct codes c;

    if (folder == NULL)
        return;
    text = corpora_read(folder, "sjis-encoding_rs/shift_jis_out.txt");
    bytes = corpora_read(folder, "sjis-encoding_rs/shift_jis_out_ref.txt");
    codes_open(&c, "cp932");
    t = (char *)text.data;
    b = (char *)bytes.data;
    while ((line = strsep(&t, "\n")) != NULL &&
           (want = strsep(&b, "\n")) != NULL) {
        if ((unsigned char)line[0] < 0x80)
            continue; /* the licence */
        compared++;
        if (!encodes(&c, line, strlen(line)))
            lacking++;
        else if (strcmp(buf_text(&c.bytes), want) != 0)
            differ++;
    }
    ck_assert_uint_eq(compared, 7350);
    ck_assert_uint_eq(differ, 0);
    ck_assert_uint_eq(lacking, 0);
    codes_close(&c);
    buf_release(&bytes);
    buf_release(&text);
}
END_TEST

START_TEST(reads_the_characters_of_eucjp_as_perl_does)
{
    static const char *const names[][2] = {
        {"sjis-mapping-tables/p5-encode-eucjp/jisx0201.enc",
         "sjis-mapping-tables/p5-encode-eucjp/jisx0201.utf"},
        {"sjis-mapping-tables/p5-encode-eucjp/jisx0208.enc",
         "sjis-mapping-tables/p5-encode-eucjp/jisx0208.utf"},
    };
    const char *folder = corpora_folder();
    struct buf bytes, text;
    struct codes c;

    if (folder == NULL)
        return;
    bytes = corpora_read(folder, names[_i][0]);
    text = corpora_read(folder, names[_i][1]);
    codes_open(&c, "euc-jp");
    buf_release(&c.text);
    buf_init(&c.text, (size_t)1 << 20);
    ck_assert(decodes(&c, bytes.data, bytes.size));
    ck_assert_uint_eq(c.text.size, text.size);
    ck_assert(memcmp(c.text.data, text.data, text.size) == 0);
    codes_close(&c);
    buf_release(&bytes);
    buf_release(&text);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("charset corpora");
    TCase *all = tcase_create("all");

    tcase_set_timeout(all, 60);
    tcase_add_loop_test(all, agrees_with_every_code_of_the_mapping_tables, 0,
                        (int)ARRAY_SIZE(tables));
    tcase_add_loop_test(all, agrees_with_every_pair_of_the_whatwg_tests, 0,
                        (int)ARRAY_SIZE(pairs));
    tcase_add_test(all, encodes_as_the_whatwg_tests_do);
    tcase_add_loop_test(all, reads_the_characters_of_eucjp_as_perl_does, 0, 2);
    suite_add_tcase(suite, all);
    return suite;
}
