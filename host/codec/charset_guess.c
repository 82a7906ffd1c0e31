/*
 * codec/charset_guess.c: why bytes may not be what was declared.  A guess for a
 * message; nothing is decided by it.
 */
#include "codec/charset.h"

#include "util/mem.h"
#include "util/text.h"

#define AROUND_MAX ((size_t)64 * 1024)

static bool
decodes_as(const char *name, const unsigned char *bytes, size_t size)
{
    struct fb_error err = {.code = FB_E_NONE};
    /* Facts that decoding needs; finding all would cost more per bad row. */
    struct charset charset = {.name = name, .newline_size = 1};
    struct charset_bad bad = {.length = 1};
    struct decoder *decoder;
    struct buf out;

    if (decoder_open(&charset, &decoder, &err) != 0)
        return false;
    buf_init(&out, size * 4 + 64);
    if (decoder_feed(decoder, bytes, size, &out, &bad, &err) != 0)
        bad.length = 1;
    buf_release(&out);
    decoder_close(decoder);
    return bad.length == 0;
}

/* How the bytes beyond ASCII stand: alone or in company. */
struct high {
    size_t count;
    size_t pairs;   /* high bytes directly behind a high byte */
    size_t euc_odd; /* runs of EUC bytes (A1..FE) of odd length */
    size_t low;     /* 80..A0 and FF, which EUC-JP has only as 8E and 8F */
    size_t nul_even, nul_odd;
};

static struct high
look(const unsigned char *bytes, size_t size)
{
    struct high high = {.count = 0};
    size_t run = 0;

    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == 0)
            *(i % 2 == 0 ? &high.nul_even : &high.nul_odd) += 1;
        if (bytes[i] >= 0x80) {
            high.count++;
            high.pairs += i > 0 && bytes[i - 1] >= 0x80;
            if (bytes[i] <= 0xa0 || bytes[i] == 0xff)
                high.low += bytes[i] != 0x8e && bytes[i] != 0x8f;
        }
        if (bytes[i] >= 0xa1) {
            run++;
        } else {
            high.euc_odd += run % 2;
            run = 0;
        }
    }
    high.euc_odd += run % 2;
    return high;
}

/* A piece of UTF-8 whose last character lacks its end. */
static bool
is_cut_utf8(const unsigned char *bytes, size_t size)
{
    size_t bad;

    return !text_is_utf8(bytes, size, &bad) && size - bad < 4 &&
           bytes[bad] >= 0xc2 && bytes[bad] <= 0xf4 &&
           (size - bad == 1 || (bytes[size - 1] & 0xc0) == 0x80);
}

static const char *
cause_of_utf8(const unsigned char *bytes, size_t size, struct high high)
{
    size_t bad;

    if (is_cut_utf8(bytes, size))
        return "a character of several bytes is cut off at the end of the "
               "line";
    if (!text_is_utf8(bytes, size, &bad) && bytes[bad] >= 0xed &&
        size - bad >= 3 && bytes[bad] == 0xed && bytes[bad + 1] >= 0xa0)
        return "looks like CESU-8 or WTF-8: UTF-16 surrogates written as "
               "UTF-8";
    if (high.low == 0 && high.euc_odd == 0 && high.pairs > 0 &&
        decodes_as("EUC-JP", bytes, size))
        return "looks like EUC-JP (charset: euc-jp)";
    if (high.pairs > 0 && decodes_as("CP932", bytes, size))
        return "looks like Shift-JIS from Windows (charset: cp932)";
    if (high.pairs * 4 < high.count || high.pairs == 0)
        return "looks like a single-byte charset (charset: windows-1252 or "
               "its kin)";
    return NULL;
}

const char *
charset_likely_cause(const struct charset *declared,
                     const unsigned char *around, size_t size)
{
    struct high high;

    if (size > AROUND_MAX)
        size = AROUND_MAX;
    high = look(around, size);
    if (declared->newline_size == 1 && size >= 4) {
        if (high.nul_odd * 3 > size)
            return "looks like UTF-16, little endian (charset: utf-16le)";
        if (high.nul_even * 3 > size)
            return "looks like UTF-16, big endian (charset: utf-16be)";
    }
    if (declared->newline_size > 1 && high.nul_even + high.nul_odd == 0)
        return text_is_utf8(around, size, NULL)
                   ? "looks like UTF-8 (charset: utf-8)"
                   : NULL;
    if (declared->is_utf8)
        return cause_of_utf8(around, size, high);
    if (high.count > 0 && text_is_utf8(around, size, NULL))
        return "looks like UTF-8 (charset: utf-8)";
    if (charset_same(declared->name, "shift_jis") &&
        decodes_as("CP932", around, size))
        return "looks like Microsoft's form of Shift-JIS (charset: cp932)";
    if (!charset_same(declared->name, "cp932") && high.pairs > 0 &&
        decodes_as("CP932", around, size))
        return "looks like Shift-JIS from Windows (charset: cp932)";
    if (!charset_same(declared->name, "euc-jp") && high.low == 0 &&
        high.pairs > 0 && decodes_as("EUC-JP", around, size))
        return "looks like EUC-JP (charset: euc-jp)";
    if (size > 0 && around[size - 1] >= 0x80)
        return "a character of several bytes may be cut off at the end of "
               "the line";
    return NULL;
}
