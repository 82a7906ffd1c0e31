/*
 * codec/charset_guess.c: why bytes may not be what was declared, and what
 * bytes may be that nobody declared.  Guesses for people; no reader decides by
 * them.
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

/* --- bytes that nobody declared ------------------------------------------- */

struct sample {
    const unsigned char *bytes;
    size_t all;
    size_t size; /* of them, up to a line end, unless that is the whole text */
    struct high high;
    struct arena *arena;
    const char *why;
};

/* The name in the letters that pipelines are written in. */
static const char *
lower(struct arena *arena, const char *name)
{
    char *text = arena_strdup(arena, name);

    for (char *p = text; *p != '\0'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    return text;
}

/* Up to the last line feed of two bytes; all of it when there is none. */
static size_t
whole_units(const struct sample *sample, size_t zero)
{
    for (size_t end = sample->all & ~(size_t)1; end > 0; end -= 2)
        if (sample->bytes[end - 2 + zero] == 0 &&
            sample->bytes[end - 1 - zero] == '\n')
            return end;
    return sample->all;
}

/* UTF-16 without a mark: the zero bytes of ASCII all stand on one side. */
static const char *
guess_wide(struct sample *sample)
{
    size_t even = sample->high.nul_even, odd = sample->high.nul_odd;
    const char *name = odd > 0 ? "utf-16le" : "utf-16be";

    if ((even == 0) != (odd == 0) &&
        decodes_as(name, sample->bytes, whole_units(sample, odd > 0))) {
        sample->why = "its zero bytes stand as in UTF-16";
        return name;
    }
    sample->why = "it has zero bytes, and not as UTF-16 has them";
    return NULL;
}

static bool
has_escapes(const struct sample *sample)
{
    for (size_t i = 0; i + 2 < sample->size; i++)
        if (sample->bytes[i] == 0x1b &&
            (sample->bytes[i + 1] == '$' || sample->bytes[i + 1] == '('))
            return true;
    return false;
}

static const char *
guess_narrow(struct sample *sample)
{
    const struct high *high = &sample->high;
    const unsigned char *bytes = sample->bytes;
    size_t size = sample->size;

    if (high->low == 0 && high->euc_odd == 0 && high->pairs > 0 &&
        decodes_as("EUC-JP", bytes, size)) {
        sample->why = "it is no UTF-8, and every character is one of EUC-JP";
        return "euc-jp";
    }
    if (high->pairs > 0 && decodes_as("CP932", bytes, size)) {
        sample->why = "it is no UTF-8, and every character is one of CP932";
        return "cp932";
    }
    sample->why = arena_printf(
        sample->arena,
        "%zu bytes beyond ASCII are not UTF-8, CP932 or EUC-JP; charsets of "
        "single bytes cannot be told apart",
        high->count);
    return NULL;
}

static const char *
guess_unmarked(struct sample *sample)
{
    const struct high *high = &sample->high;

    if (high->nul_even + high->nul_odd > 0)
        return guess_wide(sample);
    if (high->count == 0 && has_escapes(sample) &&
        decodes_as("ISO-2022-JP", sample->bytes, sample->size)) {
        sample->why = "it has the escapes of ISO-2022-JP";
        return "iso-2022-jp";
    }
    if (!text_is_utf8(sample->bytes, sample->size, NULL))
        return guess_narrow(sample);
    sample->why = high->count == 0
                      ? "all of it is ASCII"
                      : "what is beyond ASCII is well-formed UTF-8";
    return "utf-8";
}

const char *
charset_guess(const unsigned char *bytes, size_t size, bool whole,
              struct arena *arena, const char **why)
{
    struct sample sample = {
        .bytes = bytes, .all = size, .size = size, .arena = arena};
    const char *announced, *name;

    if (charset_bom(bytes, size, &announced) > 0) {
        *why = "its byte order mark says so";
        return lower(arena, announced);
    }
    sample.high = look(bytes, size);
    /* What was cut need not end with a whole character.  A line does. */
    for (size_t end = size; !whole && end > 0; end--)
        if (bytes[end - 1] == '\n') {
            sample.size = end;
            break;
        }
    name = guess_unmarked(&sample);
    *why = sample.why;
    return name;
}
