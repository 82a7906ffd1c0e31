/*
 * batch/arrow_cells.h: one array of the Arrow C Data Interface as the cells
 * of one column.  Trusts nothing that the array says about itself but the
 * addresses of its buffers.  Part of arrow.h.
 */
#ifndef BATCH_ARROW_CELLS_H
#define BATCH_ARROW_CELLS_H

#include "batch/arrow.h"

/* What a format string means for us. */
struct arrow_format {
    enum fb_column_type type;
    int64_t buffers; /* how many an array of it has */
    /* Fill cells[0 .. rows) from the items that begin at `first`; those with
     * FB_CELL_NULL already set are left alone. */
    int (*fill)(const struct arrow_format *format,
                const struct ArrowArray *array, int64_t first, uint32_t rows,
                struct fb_cell *cells, struct arena *arena,
                struct fb_error *err);
    unsigned width; /* bytes of one item */
    bool is_signed;
    int64_t scale; /* times: units a second; decimals: digits after the point */
};

/* FB_E_INPUT naming the format when it is none of those in arrow.h. */
int arrow_format_parse(const char *text, struct arrow_format *format,
                       struct fb_error *err) FB_MUST_CHECK;

/*
 * The items [first, first + rows) behind the array's offset as cells in the
 * arena, which keep no hold of the array.  FB_E_INPUT when the array is not
 * well formed or a value cannot be one of ours.
 */
int arrow_cells(const struct arrow_format *format,
                const struct ArrowArray *array, int64_t first, uint32_t rows,
                struct arena *arena, struct fb_cell **cells,
                struct fb_error *err) FB_MUST_CHECK;

/* Bit `index` of a validity bitmap; NULL: all are valid. */
bool arrow_is_valid(const void *bitmap, int64_t index);

#endif
