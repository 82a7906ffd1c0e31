#include "cells.h"

#include <inttypes.h>

#define ESCAPE 0x01 /* see shared/tableinput.c */

/* The byte in a cell that Athena would not read as it stands; 0: none, for
 * no cell holds one. */
static unsigned char
find_bad(const struct fb_cell *cell, bool escapes)
{
    for (uint32_t i = 0; i < cell->len; i++) {
        unsigned char c = cell->ptr[i];

        if (c <= '\r' && (c == '\n' || c == '\r' || (escapes && c == ESCAPE)))
            return c;
    }
    return 0;
}

/* The first selected row below `end` with such a cell; `end`: none. */
static uint32_t
find_row(const struct fb_cell *cells, const uint64_t *selection, uint32_t end,
         bool escapes)
{
    for (uint32_t row = 0; row < end; row++)
        if (fb_bit(selection, row) && find_bad(&cells[row], escapes) != 0)
            return row;
    return end;
}

static int
refuse(const struct fb_batch *batch, uint32_t row, const char *column,
       unsigned char bad, const struct fb_table *table, struct fb_error *err)
{
    fb_fail(err, FB_E_INPUT,
            "cannot register the table '%s': the cell in line %" PRIu64
            ", column '%s' holds %s, and Athena would read %s",
            table->name, fb_batch_line(batch, row), column,
            bad == ESCAPE ? "the character U+0001" : "a line break",
            bad == ESCAPE ? "another text" : "two broken rows");
    return fb_hint(err, "nothing was written: reject such rows with a "
                        "'validate' (pattern), write the table as parquet, or "
                        "set 'line_breaks: allow'");
}

int
cells_check(struct fb_batch *batch, const struct fb_input *input,
            const struct fb_table *table, struct fb_error *err)
{
    const uint64_t *selection = fb_batch_selection(batch);
    bool escapes = table->quote != 0 && table->escape == 0;
    uint32_t first = fb_batch_rows(batch), end = first, column = 0;
    const struct fb_cell *cells;
    unsigned char bad = 0;

    for (uint32_t c = 0; c < input->column_count; c++) {
        uint32_t row;

        if (fb_batch_cells(batch, c, &cells, err) != 0)
            return -1;
        row = find_row(cells, selection, first, escapes);
        if (row == first)
            continue;
        first = row;
        column = c;
        bad = find_bad(&cells[row], escapes);
    }
    if (first == end)
        return 0;
    return refuse(batch, first, input->columns[column].name, bad, table, err);
}
