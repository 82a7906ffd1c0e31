/*
 * codec/grid.h: from a piece of regular text (cut.h) to a block whose index
 * is a grid, when the piece is nothing but whole rows: as many cells in each
 * as there are columns, no blank line, no control character, no byte that
 * does not decode.  Whatever else a piece may be, records.h reads it.
 */
#ifndef CODEC_GRID_H
#define CODEC_GRID_H

#include "batch/column.h"
#include "codec/charset.h"
#include "codec/cut.h"

/* What is the same for every piece of an input. */
struct grid {
    const struct scan_kernel *kernel;
    const struct charset *charset;
    const struct columns *columns;
    const struct block_origin *origin; /* delimiter and quote as in cut_set */
};

/*
 * *block stays NULL when the piece is no grid; else it gets the memory of the
 * piece.  The decoder is for that charset.  FB_E_LIMIT.
 */
int grid_make(const struct grid *grid, struct decoder *decoder,
              struct cut_piece *piece, uint64_t first_line,
              struct block **block, struct fb_error *err) FB_MUST_CHECK;

/*
 * Whether bytes of this charset may be cut and scanned before they are
 * decoded: delimiter, quote and line ends always are the bytes of their
 * ASCII codes, and these bytes are nothing else.
 */
int grid_suits(const struct charset *charset, struct decoder *decoder,
               unsigned char delimiter, unsigned char quote, bool *suits,
               struct fb_error *err) FB_MUST_CHECK;

#endif
