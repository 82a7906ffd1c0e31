/*
 * codec/quote.h: a cell as text of a dialect, such that reading gives the
 * cell back.
 */
#ifndef CODEC_QUOTE_H
#define CODEC_QUOTE_H

#include "codec/format.h"
#include "util/buf.h"

struct block_origin;

/* \n, \r, delimiter, quote, escape, and what a terminator brings. */
#define QUOTING_SPECIAL_MAX 8

typedef unsigned char quoting_vector __attribute__((vector_size(16)));

struct quoting {
    unsigned char delimiter, quote, escape, comment; /* 0: none */
    bool no_double_quote, skips_space;
    bool special[256]; /* bytes that may not stand in a bare cell */
    /* Each of them sixteen times; all of them, unless none_bare. */
    quoting_vector sixteen[QUOTING_SPECIAL_MAX];
    uint32_t special_count; /* multiples of four: some may stand twice */
    bool none_bare;         /* there are too many to be listed */
    bool looks_at_first;    /* the first byte of a cell may matter too */
};

void quoting_of_format(struct quoting *quoting, const struct format *format);
void quoting_of_origin(struct quoting *quoting,
                       const struct block_origin *origin);

/*
 * Append cell `index` of a record of `count`, with the delimiter before it.
 * Quoted when it must be, or with FB_CELL_QUOTED.  FB_E_INPUT when the
 * dialect has no way to write it.
 */
int quote_cell(const struct quoting *quoting, const struct fb_cell *cell,
               uint32_t index, uint32_t count, struct buf *out,
               struct fb_error *err) FB_MUST_CHECK;

/*
 * The same for a cell that may stand as it is: copied to `to`, which has room
 * for it, without a delimiter.  False when it needs quote_cell, or might; what
 * stands at `to` then means nothing.
 */
bool quote_copy_bare(const struct quoting *quoting, const struct fb_cell *cell,
                     uint32_t index, uint32_t count,
                     unsigned char *to) FB_MUST_CHECK;

#endif
