/*
 * codec/writer_rows.c: the rows of a table: copied in spans while nothing
 * comes between, or made from their cells.
 */
#define _GNU_SOURCE 1 /* memmem */
#include <assert.h>

#include "codec/writer_parts.h"
#include "util/error.h"

#define NAME_SHOWN 80 /* bytes of a name in a message */

/* The end of a record that the input ended without. */
static int
put_owed_end(struct writer *w, struct fb_error *err)
{
    if (!w->owes_end)
        return 0;
    w->owes_end = false;
    return writer_put_text(w, w->line_end, strlen(w->line_end), false, err);
}

/* --- records as they came ----------------------------------------------- */

static size_t
text_end(const struct block_record *r)
{
    return (size_t)r->text_offset + r->text_length + r->end_length;
}

/* The first selected row at or behind `row`; rows when there is none. */
static uint32_t
next_selected(const uint64_t *selection, uint32_t row, uint32_t rows)
{
    while (row < rows && !fb_bit(selection, row)) {
        if (row % 64 == 0 && selection[row / 64] == 0)
            row += 64;
        else
            row++;
    }
    return row < rows ? row : rows;
}

static bool
holds_replacement(const unsigned char *text, size_t size)
{
    return memmem(text, size, "\xef\xbf\xbd", 3) != NULL;
}

/* Records first..last (neighbours in the input) in one go. */
static int
copy_span(struct writer *w, const struct block *block, uint32_t first,
          uint32_t last, bool raw, struct fb_error *err)
{
    const struct block_record first_record = block_record(block, first);
    const struct block_record last_record = block_record(block, last);
    const struct block_record *a = &first_record, *z = &last_record;
    bool ends = w->options.format.dialect.line_terminator == NULL;
    size_t end;

    if (put_owed_end(w, err) != 0)
        return -1;
    if (raw) {
        end = (size_t)z->raw_offset + z->raw_length;
        if (ends)
            end += z->end_length * w->origin_unit;
        if (writer_put(w, block->raw + a->raw_offset, end - a->raw_offset,
                       err) != 0)
            return -1;
    } else {
        end = ends ? text_end(z) : (size_t)z->text_offset + z->text_length;
        if (writer_put_text(w, block->text + a->text_offset,
                            end - a->text_offset, w->replace, err) != 0)
            return -1;
    }
    if (!ends)
        return writer_put_text(w, w->line_end, strlen(w->line_end), false, err);
    w->owes_end = z->end_length == 0;
    return 0;
}

/* Which cell of a row cannot be encoded: the error names line and column. */
static int
blame_cell(struct writer *w, struct batch *batch, uint32_t row,
           struct fb_error *err)
{
    const struct columns *columns = batch_columns(batch);
    unsigned long long line = batch_line(batch, row);
    struct fb_error ignored;
    size_t where;

    for (uint32_t c = 0; c < columns->count; c++) {
        const struct fb_cell *cell = &batch_cells(batch, c)[row];

        buf_clear(&w->encoded);
        if (encoder_feed(w->encoder, cell->ptr, cell->len, false, &w->encoded,
                         &where, &ignored) != 0)
            return error_context(err, "'%s': line %llu, column '%.*s'",
                                 w->options.name, line, NAME_SHOWN,
                                 columns->items[c].name);
    }
    return error_context(err, "'%s': line %llu", w->options.name, line);
}

/* Rows go together while they stand together and nothing comes between. */
static uint32_t
span_end(const struct writer *w, const struct block *block,
         const uint64_t *selection, uint32_t row)
{
    if (w->options.format.dialect.line_terminator != NULL)
        return row;
    while (row + 1 < block->rows && fb_bit(selection, row + 1) &&
           (block->ends != NULL || text_end(&block->records[row]) ==
                                       block->records[row + 1].text_offset))
        row++;
    return row;
}

static int
copy_rows(struct writer *w, struct batch *batch, struct fb_error *err)
{
    const struct block *block = batch_block(batch);
    const uint64_t *selection = batch_selection(batch);
    /* A text that is not what its bytes say has lost some of them; what the
     * user chose to replace does not leave as it was. */
    bool replaced = block->raw != block->text &&
                    holds_replacement(block->text, block->text_size);
    bool one_by_one = replaced || !w->same_charset;
    uint32_t row = next_selected(selection, 0, block->rows), last;

    for (; row < block->rows;
         row = next_selected(selection, last + 1, block->rows)) {
        const struct block_record r = block_record(block, row);
        bool raw = w->same_charset &&
                   !(replaced && holds_replacement(block->text + r.text_offset,
                                                   r.text_length));

        last = one_by_one ? row : span_end(w, block, selection, row);
        if (copy_span(w, block, row, last, raw, err) != 0)
            return err->code == FB_E_INPUT ? blame_cell(w, batch, row, err)
                                           : -1;
    }
    return 0;
}

/* --- records from cells ------------------------------------------------- */

static int
build_row(struct writer *w, struct batch *batch, uint32_t row,
          struct fb_error *err)
{
    const char *null = w->options.format.dialect.null_sequence;

    buf_clear(&w->text);
    for (uint32_t c = 0; c < w->columns->count; c++) {
        struct fb_cell cell = w->cells[c][row];

        if (null != NULL && (cell.flags & FB_CELL_NULL))
            cell = (struct fb_cell){(const unsigned char *)null,
                                    (uint32_t)strlen(null), 0};
        if (quote_cell(&w->quoting, &cell, c, w->columns->count, &w->text,
                       err) != 0)
            return error_context(err, "'%s': line %llu, column '%.*s'",
                                 w->options.name,
                                 (unsigned long long)batch_line(batch, row),
                                 NAME_SHOWN, w->columns->items[c].name);
    }
    return buf_puts(&w->text, w->line_end, err);
}

static int
write_cells(struct writer *w, struct batch *batch, struct fb_error *err)
{
    const uint64_t *selection = batch_selection(batch);
    uint32_t rows = batch_rows(batch);

    for (uint32_t c = 0; c < w->columns->count; c++)
        w->cells[c] = batch_cells(batch, c);
    for (uint32_t row = next_selected(selection, 0, rows); row < rows;
         row = next_selected(selection, row + 1, rows)) {
        if (put_owed_end(w, err) != 0 || build_row(w, batch, row, err) != 0)
            return -1;
        if (writer_put_text(w, w->text.data, w->text.size, w->replace, err) !=
            0)
            return err->code == FB_E_INPUT ? blame_cell(w, batch, row, err)
                                           : -1;
    }
    return 0;
}

static int
return_rows(struct writer *w, struct batch *batch, struct fb_error *err)
{
    const uint64_t *selection = batch_selection(batch);
    uint32_t rows = batch_rows(batch);

    for (uint32_t row = next_selected(selection, 0, rows); row < rows;
         row = next_selected(selection, row + 1, rows))
        if (return_row(w, batch_reject_of(batch, row), batch_origin(batch),
                       err) != 0)
            return -1;
    return 0;
}

int
writer_write(struct writer *w, struct batch *batch, struct fb_error *err)
{
    int status;

    assert(w->columns != NULL);
    assert(batch_columns(batch)->count == w->columns->count);
    if (w->returns && batch_rows(batch) > 0 &&
        batch_reject_of(batch, 0) != NULL)
        status = return_rows(w, batch, err);
    else if (w->same_dialect && batch_untouched(batch) &&
             batch_block(batch) != NULL && batch_origin(batch) == w->origin)
        status = copy_rows(w, batch, err);
    else
        status = write_cells(w, batch, err);
    if (status == 0)
        w->rows += batch_selected_count(batch);
    return status;
}
