/*
 * codec/charset.c: names of charsets and what iconv says about them.  Decoding
 * stands in charset_decode.c, encoding in charset_encode.c, guessing in
 * charset_guess.c.
 */
#include "codec/charset.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <strings.h>

#include "codec/charset_parts.h"
#include "util/mem.h"
#include "util/text.h"

/* To suggest a name; iconv itself cannot list what it knows. */
static const char *const common_names[] = {
    "utf-8",       "utf-16",       "utf-16le",     "utf-16be",     "utf-32",
    "cp932",       "windows-31j",  "shift_jis",    "sjis",         "euc-jp",
    "eucjp-ms",    "iso-2022-jp",  "us-ascii",     "ascii",        "iso-8859-1",
    "latin1",      "iso-8859-2",   "iso-8859-5",   "iso-8859-7",   "iso-8859-9",
    "iso-8859-15", "windows-1250", "windows-1251", "windows-1252", "cp1250",
    "cp1251",      "cp1252",       "gbk",          "gb18030",      "gb2312",
    "big5",        "big5-hkscs",   "euc-kr",       "cp949",        "koi8-r",
    "macintosh",
};

/* Names of one charset; what these lack costs time, not correctness. */
static const char *const aliases[][6] = {
    {"cp932", "windows-31j", "ms932", "sjis-open", "cswindows31j"},
    {"shift_jis", "shift-jis", "sjis", "ms_kanji", "csshiftjis"},
    {"utf-8", "utf8"},
    {"utf-16le", "utf16le"},
    {"utf-16be", "utf16be"},
    {"euc-jp", "eucjp", "ujis", "cseucpkdfmtjapanese"},
    {"iso-8859-1", "iso8859-1", "latin1", "l1", "cp819"},
    {"us-ascii", "ascii", "ansi_x3.4-1968", "646"},
    {"windows-1252", "cp1252", "ms-ansi"},
};

static bool
is_in(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count && list[i] != NULL; i++)
        if (strcasecmp(name, list[i]) == 0)
            return true;
    return false;
}

bool
charset_same(const char *a, const char *b)
{
    if (strcasecmp(a, b) == 0)
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
        if (is_in(a, aliases[i], ARRAY_SIZE(aliases[i])) &&
            is_in(b, aliases[i], ARRAY_SIZE(aliases[i])))
            return true;
    return false;
}

/* What bytes below 0x80 mean when they come first. */
static void
asks_ascii(struct charset *charset, iconv_t cd)
{
    charset->ascii_plain = charset->stateless = true;
    for (unsigned char c = 0; c < 0x80; c++) {
        struct answer answer = charset_ask(cd, &c, 1);

        if (answer.why != 0 || answer.size == 0 || answer.held)
            charset->stateless = false;
        if (answer.why != 0 || answer.size != 1 || answer.out[0] != c)
            charset->ascii_plain = false;
    }
}

static int
asks_newlines(struct charset *charset, iconv_t cd)
{
    struct answer lf = charset_ask(cd, (const unsigned char *)"\n", 1);
    struct answer cr = charset_ask(cd, (const unsigned char *)"\r", 1);

    if (lf.why != 0 || cr.why != 0 || lf.size != cr.size ||
        (lf.size != 1 && lf.size != 2 && lf.size != 4))
        return -1;
    charset->newline_size = lf.size;
    memcpy(charset->newline, lf.out, 4);
    memcpy(charset->carriage_return, cr.out, 4);
    return 0;
}

static int
unknown(const char *name, struct fb_error *err)
{
    const char *near =
        text_nearest(name, common_names, ARRAY_SIZE(common_names));

    fb_fail(err, FB_E_CONFIG, "iconv knows no charset '%s'", name);
    if (near != NULL)
        fb_hint(err, "did you mean '%s'?", near);
    return -1;
}

/* The generic names let iconv write and swallow marks, which is our work. */
static void
settle_name(const char *name, struct charset *charset)
{
    static const char *const utf16[] = {"utf-16", "utf16", "unicode"};
    static const char *const utf32[] = {"utf-32", "utf32"};

    charset->name = name;
    if (is_in(name, utf16, ARRAY_SIZE(utf16))) {
        charset->name = "UTF-16LE";
        charset->bom_decides = true;
    } else if (is_in(name, utf32, ARRAY_SIZE(utf32))) {
        charset->name = "UTF-32LE";
        charset->bom_decides = true;
    }
    charset->is_utf8 = charset_same(name, "utf-8");
}

int
charset_find(const char *name, struct charset *charset, struct fb_error *err)
{
    iconv_t in, out;
    int status;

    *charset = (struct charset){.name = name};
    /* "" is iconv's word for the locale's charset, and behind a slash stand
     * its ways of being lax. */
    if (name[0] == '\0' || strchr(name, '/') != NULL)
        return unknown(name, err);
    settle_name(name, charset);
    if (charset->is_utf8) { /* which we validate ourselves */
        *charset = (struct charset){.name = name,
                                    .is_utf8 = true,
                                    .newline_size = 1,
                                    .newline = "\n",
                                    .carriage_return = "\r",
                                    .ascii_plain = true,
                                    .stateless = true};
        return 0;
    }
    in = iconv_open("UTF-8", charset->name);
    if (in == (iconv_t)-1)
        return unknown(name, err);
    out = iconv_open(charset->name, "UTF-8");
    if (out == (iconv_t)-1) {
        iconv_close(in);
        return unknown(name, err);
    }
    status = asks_newlines(charset, out);
    if (status == 0 && charset->newline_size == 1)
        asks_ascii(charset, in);
    iconv_close(in);
    iconv_close(out);
    if (status != 0)
        return fb_fail(err, FB_E_CONFIG,
                       "cannot find line ends in charset '%s'", name);
    return 0;
}

static const struct {
    const char *name;
    size_t length;
    unsigned char bytes[4];
} marks[] = {
    /* UTF-32LE begins with UTF-16LE's mark: the longer one first. */
    {"UTF-32LE", 4, {0xff, 0xfe, 0x00, 0x00}},
    {"UTF-32BE", 4, {0x00, 0x00, 0xfe, 0xff}},
    {"UTF-8", 3, {0xef, 0xbb, 0xbf}},
    {"UTF-16LE", 2, {0xff, 0xfe}},
    {"UTF-16BE", 2, {0xfe, 0xff}},
    {"GB18030", 4, {0x84, 0x31, 0x95, 0x33}},
};

size_t
charset_bom(const unsigned char *bytes, size_t size, const char **announces)
{
    for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
        if (size >= marks[i].length &&
            memcmp(bytes, marks[i].bytes, marks[i].length) == 0) {
            *announces = marks[i].name;
            return marks[i].length;
        }
    *announces = NULL;
    return 0;
}

static bool
starts_with_nocase(const char *text, const char *prefix)
{
    return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

int
charset_use_bom(struct charset *charset, const unsigned char *bytes,
                size_t size, size_t *length, struct fb_error *err)
{
    const char *announces;
    struct charset found;

    *length = charset_bom(bytes, size, &announces);
    if (*length == 0)
        return 0;
    /* FF FE 00 00 may also be UTF-16 text that begins with a NUL. */
    if (starts_with_nocase(charset->name, "utf-16") &&
        starts_with_nocase(announces, "UTF-32LE")) {
        announces = "UTF-16LE";
        *length = 2;
    }
    if (charset_same(charset->name, announces))
        return 0;
    if (charset->bom_decides &&
        strncasecmp(charset->name, announces, strlen("UTF-16")) == 0) {
        if (charset_find(announces, &found, err) != 0)
            return -1;
        found.bom_decides = true;
        *charset = found;
        return 0;
    }
    fb_fail(err, FB_E_INPUT,
            "begins with the byte order mark of %s, but charset '%s' was "
            "declared",
            announces, charset->name);
    return fb_hint(err, "charset: %s",
                   starts_with_nocase(announces, "UTF-16")   ? "utf-16"
                   : starts_with_nocase(announces, "UTF-32") ? "utf-32"
                   : announces[0] == 'G'                     ? "gb18030"
                                                             : "utf-8");
}
