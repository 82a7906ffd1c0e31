/*
 * codec/quote.h: a cell as text of a dialect, such that reading gives the
 * cell back.
 */
#ifndef CODEC_QUOTE_H
#define CODEC_QUOTE_H

#include "codec/format.h"
#include "util/buf.h"

struct block_origin;

struct quoting {
    unsigned char delimiter, quote, escape, comment; /* 0: none */
    bool no_double_quote, skips_space;
    bool special[256]; /* bytes that may not stand in a bare cell */
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

#endif
