/*
 * result.h: the rows of one input that the page will show: the first ones, up
 * to a number and a size.  What comes after them is counted and not kept.
 */
#ifndef DASHBOARD_RESULT_H
#define DASHBOARD_RESULT_H

#include "forebay/plugin.h"

/* Bytes that the kept rows of one input may take in memory. */
#define RESULT_MEMORY_MAX ((size_t)16 * 1024 * 1024)

struct cell {
    size_t at; /* in the result's text; use result_text */
    uint32_t len;
    uint32_t flags; /* FB_CELL_NULL */
    double value;   /* of numbers and moments by type; NAN: none or text */
};

struct result {
    uint32_t columns;
    uint64_t arrived; /* rows */
    uint32_t rows;    /* kept */
    bool full;        /* no more are kept */

    struct cell *cells; /* row by row; owned */
    size_t cell_capacity;
    unsigned char *text; /* owned */
    size_t text_size, text_capacity;
};

/* Take the selected rows of a batch of this input; at most rows_max are kept
 * over all batches. */
int result_add(struct result *result, const struct fb_input *input,
               struct fb_batch *batch, uint32_t rows_max,
               struct fb_error *err) FB_MUST_CHECK;
void result_release(struct result *result);

static inline const struct cell *
result_cell(const struct result *result, uint32_t row, uint32_t column)
{
    return &result->cells[(size_t)row * result->columns + column];
}

static inline const unsigned char *
result_text(const struct result *result, const struct cell *cell)
{
    return result->text + cell->at;
}

#endif
