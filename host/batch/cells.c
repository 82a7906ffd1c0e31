/*
 * batch/cells.c: columns are made for every row at once, so the loops over a
 * grid hold nothing but what most cells need: a start, an end, a look at the
 * first byte.
 */
#include "batch/cells.h"

#include <assert.h>

#include "util/mem.h"

static bool
is_missing(const struct fb_cell *cell, const struct fb_list *missing)
{
    for (size_t i = 0; i < missing->count; i++) {
        const char *text = missing->items[i];
        size_t length = strlen(text);

        if (length == cell->len &&
            (length == 0 || memcmp(text, cell->ptr, length) == 0))
            return true;
    }
    return false;
}

/* Whether no text but the empty one, or none at all, means a missing value;
 * *empty gets the flags of an empty cell. */
static bool
is_simple(const struct fb_list *missing, uint32_t *empty)
{
    bool simple = true;

    *empty = 0;
    for (size_t i = 0; i < missing->count; i++)
        if (missing->items[i][0] == '\0')
            *empty = FB_CELL_NULL;
        else
            simple = false;
    return simple;
}

static void
mark_missing(struct fb_cell *cells, uint32_t rows,
             const struct fb_list *missing)
{
    for (uint32_t r = 0; r < rows; r++)
        if (is_missing(&cells[r], missing))
            cells[r].flags |= FB_CELL_NULL;
}

static void
cells_of_list(struct fb_cell *cells, const struct block *block, uint32_t column,
              uint32_t empty)
{
    const struct block_cell *from = block->cells + column;

    for (uint32_t r = 0; r < block->rows; r++, from += block->column_count) {
        uint32_t length = from->length & BLOCK_LENGTH;

        cells[r].ptr = block_cell_text(block, from);
        cells[r].len = length;
        cells[r].flags = (from->length & BLOCK_QUOTED ? FB_CELL_QUOTED : 0) |
                         (length == 0 ? empty : 0);
    }
}

/* --- grids -------------------------------------------------------------- */

/* Without the second one of every two quotes; returns the end. */
static unsigned char *
undouble(unsigned char *to, const unsigned char *text, const unsigned char *end,
         unsigned char quote)
{
    while (text < end) {
        const unsigned char *next = memchr(text, quote, (size_t)(end - text));
        size_t length =
            next != NULL ? (size_t)(next + 1 - text) : (size_t)(end - text);

        memcpy(to, text, length);
        to += length;
        text += length + (next != NULL);
    }
    return to;
}

/* A cell that stood in quotes. */
static void
unquote(struct fb_cell *cell, unsigned char quote, uint32_t empty,
        struct hold **hold)
{
    const unsigned char *text = cell->ptr + 1;
    uint32_t length = cell->len - 2;
    unsigned char *made;

    assert(cell->len >= 2 && text[length] == quote);
    cell->ptr = text;
    cell->len = length;
    cell->flags = FB_CELL_QUOTED | (length == 0 ? empty : 0);
    if (length == 0 || memchr(text, quote, length) == NULL)
        return;
    made = hold_alloc(hold, length);
    cell->ptr = made;
    cell->len = (uint32_t)(undouble(made, text, text + length, quote) - made);
}

static void
cells_of_grid(struct fb_cell *cells, const struct block *block, uint32_t column,
              uint32_t empty, struct hold **hold)
{
    const uint32_t *ends = block->ends + column;
    const unsigned char *text = block->text;
    uint32_t rows = block->rows, width = block->column_count;
    unsigned char quote = block->quote;

    for (uint32_t r = 0; r < rows; r++, ends += width) {
        /* Behind the delimiter before it, or the line end. */
        uint32_t start = column > 0 ? ends[-1] + 1 : block_row_start(block, r);
        uint32_t length = ends[0] - start;

        cells[r].ptr = text + start;
        cells[r].len = length;
        cells[r].flags = length == 0 ? empty : 0;
        if (__builtin_expect(text[start] == quote, 0) && length > 0)
            unquote(&cells[r], quote, empty, hold);
    }
}

void
cells_of_block(struct fb_cell *cells, const struct block *block,
               uint32_t column, const struct fb_list *missing,
               struct hold **hold)
{
    uint32_t empty;
    bool simple = is_simple(missing, &empty);

    assert(column < block->column_count);
    if (block->ends != NULL)
        cells_of_grid(cells, block, column, empty, hold);
    else
        cells_of_list(cells, block, column, empty);
    if (!simple)
        mark_missing(cells, block->rows, missing);
}

void
cells_of_given(struct fb_cell *cells, const struct fb_cell *given,
               uint32_t rows, const struct fb_list *missing)
{
    const char *null = missing->count > 0 ? missing->items[0] : "";

    for (uint32_t r = 0; r < rows; r++) {
        cells[r] = given[r];
        if (cells[r].ptr == NULL)
            cells[r].len = 0;
        if (is_missing(&cells[r], missing))
            cells[r].flags |= FB_CELL_NULL;
        if (cells[r].len > 0)
            continue;
        cells[r].ptr = (const unsigned char *)"";
        if ((cells[r].flags & FB_CELL_NULL) &&
            !is_missing(&cells[r], missing)) {
            cells[r].ptr = (const unsigned char *)null;
            cells[r].len = (uint32_t)strlen(null);
        }
    }
}
