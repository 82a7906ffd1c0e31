/*
 * codec/charset.c: what iconv says about a charset, and decoding.  Encoding
 * stands in charset_encode.c, guessing in charset_guess.c.
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

        if (answer.why != 0 || answer.size == 0)
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

struct decoder {
    const struct charset *charset;
    iconv_t cd;
    bool flushes; /* has no shift state that must outlive a piece */
};

int
decoder_open(const struct charset *charset, struct decoder **decoder,
             struct fb_error *err)
{
    static const unsigned char escape[] = "\x1b";
    iconv_t cd = iconv_open("UTF-8", charset->name);
    struct decoder *d;

    if (cd == (iconv_t)-1)
        return fb_fail(err, FB_E_CONFIG, "cannot decode charset '%s': %s",
                       charset->name, strerror(errno));
    d = mem_zalloc(sizeof(*d));
    d->charset = charset;
    d->cd = cd;
    d->flushes =
        charset->newline_size > 1 || charset_ask(cd, escape, 1).size == 1;
    *decoder = d;
    return 0;
}

void
decoder_close(struct decoder *decoder)
{
    if (decoder == NULL)
        return;
    iconv_close(decoder->cd);
    free(decoder);
}

static size_t
ascii_prefix(const unsigned char *bytes, size_t size)
{
    size_t i = 0;

    for (; i + 8 <= size; i += 8) {
        uint64_t word;

        memcpy(&word, bytes + i, 8);
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (i < size && bytes[i] < 0x80)
        i++;
    return i;
}

/* U+FFFD for one unit of bytes that are no character. */
static int
replace_unit(size_t offset, const unsigned char *bytes, size_t length,
             struct buf *out, struct charset_bad *bad, struct fb_error *err)
{
    if (bad->length == 0) {
        bad->offset = offset;
        bad->length = length;
        memcpy(bad->bytes, bytes,
               length < sizeof(bad->bytes) ? length : sizeof(bad->bytes));
    }
    return buf_append(out, "\xef\xbf\xbd", 3, err);
}

static int
feed_utf8(const unsigned char *bytes, size_t size, struct buf *out,
          struct charset_bad *bad, struct fb_error *err)
{
    size_t at = 0, valid;

    while (!text_is_utf8(bytes + at, size - at, &valid)) {
        if (buf_append(out, bytes + at, valid, err) != 0 ||
            replace_unit(at + valid, bytes + at + valid, 1, out, bad, err) != 0)
            return -1;
        at += valid + 1;
    }
    return buf_append(out, bytes + at, size - at, err);
}

/* A character that iconv held back, waiting for a combining one. */
static int
flush(struct decoder *decoder, struct buf *out, struct fb_error *err)
{
    char *to;
    size_t room = 16;

    if (buf_reserve(out, room, err) != 0)
        return -1;
    to = (char *)out->data + out->size;
    (void)iconv(decoder->cd, NULL, NULL, &to, &room);
    out->size += 16 - room;
    return 0;
}

/* One call of iconv; its errno in *why, 0 when all was taken. */
static int
decode_some(struct decoder *decoder, char **in, size_t *left, struct buf *out,
            int *why, struct fb_error *err)
{
    size_t room, before;
    char *to;

    if (buf_reserve(out, *left * 2 + 16, err) != 0)
        return -1;
    before = room = out->capacity - out->size - 1;
    to = (char *)out->data + out->size;
    *why = 0;
    if (iconv(decoder->cd, in, left, &to, &room) == (size_t)-1)
        *why = errno;
    out->size += before - room;
    return 0;
}

static int
feed_iconv(struct decoder *decoder, const unsigned char *bytes, size_t size,
           struct buf *out, struct charset_bad *bad, struct fb_error *err)
{
    char *in = (char *)(uintptr_t)bytes; /* iconv does not write there */
    size_t left = size;
    int why;

    while (left > 0) {
        if (decode_some(decoder, &in, &left, out, &why, err) != 0)
            return -1;
        if (why == EILSEQ || why == EINVAL) {
            size_t unit = decoder->charset->newline_size;

            /* EINVAL: a character that the end of the piece cuts off. */
            unit = why == EINVAL || unit > left ? left : unit;
            if (replace_unit(size - left, bytes + (size - left), unit, out, bad,
                             err) != 0)
                return -1;
            in += unit;
            left -= unit;
        }
    }
    return decoder->flushes ? flush(decoder, out, err) : 0;
}

int
decoder_feed(struct decoder *decoder, const unsigned char *bytes, size_t size,
             struct buf *out, struct charset_bad *bad, struct fb_error *err)
{
    const struct charset *charset = decoder->charset;
    size_t ascii;

    *bad = (struct charset_bad){.length = 0};
    if (charset->ascii_plain) {
        ascii = ascii_prefix(bytes, size);
        if (ascii == size)
            return buf_append(out, bytes, size, err);
    }
    if (charset->is_utf8)
        return feed_utf8(bytes, size, out, bad, err);
    if (feed_iconv(decoder, bytes, size, out, bad, err) != 0)
        return -1;
    if (out->data != NULL)
        out->data[out->size] = '\0';
    return 0;
}
