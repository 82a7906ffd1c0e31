/*
 * codec/charset_table.c: what iconv said about single characters, kept; and
 * runs of ASCII, which move as they are.  A table belongs to one descriptor
 * of a stateless charset, and holds only characters that mean the same
 * wherever they stand.  Whatever else comes it leaves to its caller.
 */
#include "codec/charset_parts.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "util/mem.h"

/*
 * A character that is known: up to three bytes, the first in the lowest bits,
 * and above them its kind, which is how many they are, or one of these.  A
 * fourth byte stands in the place of the kind, and is never one of these: it
 * is a high byte of UTF-8.
 */
enum {
    UNKNOWN = 0, /* nobody has asked iconv */
    SINGLE = 4,  /* added to the length: of one byte, whatever follows */
    ODD = 8,     /* to be left to iconv each time */
};

#define ODD_GLYPH ((uint32_t)ODD << 24)

static inline unsigned
kind_of(uint32_t glyph)
{
    return glyph >> 24;
}

static uint32_t
glyph_make(const unsigned char *bytes, size_t size)
{
    uint32_t glyph = 0;

    assert(size >= 1 && size <= 4);
    for (size_t i = 0; i < size; i++)
        glyph |= (uint32_t)bytes[i] << (8 * i);
    return size < 4 ? glyph | (uint32_t)size << 24 : glyph;
}

/* Writes four bytes, of which only the glyph's length means anything. */
static inline void
glyph_write(uint32_t glyph, unsigned char *to)
{
    glyph = htole32(glyph);
    memcpy(to, &glyph, sizeof(glyph));
}

int
charset_make_room(struct buf *out, size_t block, size_t likely)
{
    struct fb_error ignored;
    size_t need = TABLE_GROWTH * block + TABLE_SLACK;
    size_t room = out->max - out->size;

    assert(out->size <= out->max);
    if (out->capacity > need && out->capacity - need > out->size)
        return 0;
    if (need > room)
        return -1;
    return buf_reserve(out, likely > room - need ? need : need + likely,
                       &ignored);
}

/* --- ASCII -------------------------------------------------------------- */

#ifdef __SSE2__
#define WIDE 16

/* Copies WIDE bytes; how many of them before the first that is not ASCII. */
static inline unsigned
copy_wide(const unsigned char *bytes, unsigned char *to)
{
    /* NOLINTNEXTLINE(clang-diagnostic-cast-align): unaligned by design */
    __m128i chunk = _mm_loadu_si128((const __m128i *)(const void *)bytes);
    unsigned high = (unsigned)_mm_movemask_epi8(chunk);

    _mm_storeu_si128((__m128i *)(void *)to, chunk);
    return (unsigned)__builtin_ctz(high | 1U << WIDE);
}
#else
#define WIDE 8

static inline unsigned
copy_wide(const unsigned char *bytes, unsigned char *to)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    memcpy(to, &word, sizeof(word));
    word = le64toh(word) & UINT64_C(0x8080808080808080);
    return word == 0 ? WIDE : (unsigned)__builtin_ctzll(word) / 8;
}
#endif

static inline size_t
copy_ascii(const unsigned char *bytes, size_t size, unsigned char *to)
{
    size_t at = 0;

    while (size - at >= WIDE) {
        unsigned plain = copy_wide(bytes + at, to + at);

        at += plain;
        if (plain < WIDE)
            return at;
    }
    for (; at < size && bytes[at] < 0x80; at++)
        to[at] = bytes[at];
    return at;
}

/* --- decoding ----------------------------------------------------------- */

struct decode_table {
    iconv_t cd;
    bool ascii_plain;
    uint32_t low[0x80];        /* bytes that need not be ASCII */
    uint32_t pairs[0x80][256]; /* by a high byte and the one behind it */
};

/* One character of UTF-8, and nothing held back. */
static bool
is_one_character(const struct answer *answer)
{
    unsigned char first = answer->out[0];
    size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

    return answer->why == 0 && !answer->held && answer->size > 0 &&
           answer->size == length;
}

struct decode_table *
decode_table_new(const struct charset *charset, iconv_t cd)
{
    struct decode_table *table = mem_zalloc(sizeof(*table));

    assert(charset->stateless);
    table->cd = cd;
    table->ascii_plain = charset->ascii_plain;
    for (unsigned char c = 0; c < 0x80 && !table->ascii_plain; c++) {
        struct answer answer = charset_ask(cd, &c, 1);

        table->low[c] = is_one_character(&answer) && answer.size < 4
                            ? glyph_make(answer.out, answer.size)
                            : ODD_GLYPH;
    }
    return table;
}

/* Learn what stands behind these two bytes. */
__attribute__((noinline)) static void
learn_pair(struct decode_table *table, unsigned char first, unsigned char next)
{
    unsigned char pair[2] = {first, next};
    uint32_t *row = table->pairs[first & 0x7f];
    struct answer answer = charset_ask(table->cd, pair, 1);

    if (is_one_character(&answer) && answer.size < 4) {
        for (size_t i = 0; i < 256; i++)
            row[i] =
                glyph_make(answer.out, answer.size) + ((uint32_t)SINGLE << 24);
        return;
    }
    row[next] = ODD_GLYPH;
    if (answer.why != EINVAL)
        return;
    answer = charset_ask(table->cd, pair, 2);
    if (is_one_character(&answer))
        row[next] = glyph_make(answer.out, answer.size);
}

/* Where a run stands. */
struct place {
    const unsigned char *at, *until, *end;
    unsigned char *to;
};

/* A character that was not known yet, or has four bytes of UTF-8, or is the
 * last byte of all; false: ask iconv. */
static bool
decode_one(struct decode_table *table, struct place *p)
{
    bool last = p->at + 1 == p->end;
    unsigned char next = last ? 0 : p->at[1];
    uint32_t *glyph = &table->pairs[p->at[0] & 0x7f][next];
    unsigned kind;

    if (*glyph == UNKNOWN)
        learn_pair(table, p->at[0], next);
    kind = kind_of(*glyph);
    if (kind == ODD || (last && kind - SINGLE > 3))
        return false;
    glyph_write(*glyph, p->to);
    if (kind > SINGLE && kind < ODD) {
        p->to += kind - SINGLE;
        p->at += 1;
    } else {
        p->to += kind < SINGLE ? kind : 4;
        p->at += 2;
    }
    return true;
}

/* High characters that are known, up to something else. */
static inline void
decode_known(const struct decode_table *table, struct place *p)
{
    const unsigned char *at = p->at;
    unsigned char *to = p->to;
    /* Two bytes can be read at all places before this. */
    const unsigned char *until = p->until < p->end ? p->until : p->end - 1;

    while (at < until && at[0] >= 0x80) {
        uint32_t glyph = table->pairs[at[0] & 0x7f][at[1]];
        unsigned kind = kind_of(glyph);

        glyph_write(glyph, to);
        if (kind - 1 < 3) {
            to += kind;
            at += 2;
        } else if (kind - SINGLE - 1 < 3) {
            to += kind - SINGLE;
            at += 1;
        } else {
            break;
        }
    }
    p->at = at;
    p->to = to;
}

/* Bytes below 0x80; false: ask iconv. */
static inline bool
decode_low(const struct decode_table *table, struct place *p)
{
    if (table->ascii_plain) {
        size_t size = copy_ascii(p->at, (size_t)(p->until - p->at), p->to);

        p->at += size;
        p->to += size;
        return true;
    }
    for (; p->at < p->until && *p->at < 0x80; p->at++) {
        uint32_t glyph = table->low[*p->at];

        if (glyph == ODD_GLYPH)
            return false;
        glyph_write(glyph, p->to);
        p->to += kind_of(glyph);
    }
    return true;
}

size_t
decode_table_run(struct decode_table *table, const unsigned char *bytes,
                 size_t until, size_t size, unsigned char **to)
{
    struct place p = {bytes, bytes + until, bytes + size, *to};
    bool known = true;

    assert(until <= size);
    while (known && p.at < p.until) {
        if (*p.at < 0x80)
            known = decode_low(table, &p);
        decode_known(table, &p);
        if (known && p.at < p.until && *p.at >= 0x80)
            known = decode_one(table, &p);
    }
    *to = p.to;
    return (size_t)(p.at - bytes);
}

/* --- encoding ----------------------------------------------------------- */

struct encode_table {
    iconv_t cd;
    bool ascii_plain;       /* each encodes to itself */
    uint32_t glyphs[65536]; /* by code point */
};

static uint32_t
ask_glyph(struct encode_table *table, const unsigned char *text, size_t size)
{
    struct answer answer = charset_ask(table->cd, text, size);

    if (answer.why != 0 || answer.held || answer.size < 1 || answer.size > 3)
        return ODD_GLYPH;
    return glyph_make(answer.out, answer.size);
}

struct encode_table *
encode_table_new(iconv_t cd)
{
    struct encode_table *table = mem_zalloc(sizeof(*table));

    table->cd = cd;
    table->ascii_plain = true;
    for (unsigned char c = 0; c < 0x80; c++) {
        table->glyphs[c] = ask_glyph(table, &c, 1);
        if (table->glyphs[c] != glyph_make(&c, 1))
            table->ascii_plain = false;
    }
    return table;
}

/* The code point that the text begins with and its length; 0 when it is not
 * well-formed (RFC 3629) or longer than three bytes. */
static inline size_t
code_point(const unsigned char *text, size_t size, uint32_t *code)
{
    if (text[0] < 0x80) {
        *code = text[0];
        return 1;
    }
    if (size > 2 && (text[0] & 0xf0) == 0xe0 && (text[1] & 0xc0) == 0x80 &&
        (text[2] & 0xc0) == 0x80) {
        *code = (text[0] & 0x0fU) << 12 | (text[1] & 0x3fU) << 6 |
                (text[2] & 0x3fU);
        return *code >= 0x800 ? 3 : 0;
    }
    if (size > 1 && text[0] >= 0xc2 && text[0] < 0xe0 &&
        (text[1] & 0xc0) == 0x80) {
        *code = (text[0] & 0x1fU) << 6 | (text[1] & 0x3fU);
        return 2;
    }
    return 0;
}

size_t
encode_table_run(struct encode_table *table, const unsigned char *text,
                 size_t until, size_t size, unsigned char **to)
{
    unsigned char *out = *to;
    size_t at = 0;

    assert(until <= size);
    while (at < until) {
        uint32_t code, *glyph;
        size_t length;

        if (text[at] < 0x80 && table->ascii_plain) {
            length = copy_ascii(text + at, until - at, out);
            at += length;
            out += length;
            continue;
        }
        length = code_point(text + at, size - at, &code);
        if (length == 0)
            break;
        glyph = &table->glyphs[code];
        if (*glyph == UNKNOWN)
            *glyph = ask_glyph(table, text + at, length);
        if (*glyph == ODD_GLYPH)
            break;
        glyph_write(*glyph, out);
        out += kind_of(*glyph);
        at += length;
    }
    *to = out;
    return at;
}
