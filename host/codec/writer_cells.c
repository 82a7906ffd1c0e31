/*
 * codec/writer_cells.c: records made from their cells.
 */
#include <assert.h>

#include "codec/writer_parts.h"
#include "util/error.h"
#include "util/limits.h"

#define GATHERED (64 * KIB) /* text that is given to the encoder at a time */

/* Most cells need no quotes: those are looked at while they are copied. */
static int
put_cell(const struct quoting *quoting, const struct fb_cell *cell,
         uint32_t index, uint32_t count, struct buf *out, struct fb_error *err)
{
    size_t before = index > 0;
    unsigned char *to;

    if (out->capacity - out->size <= before + cell->len &&
        buf_reserve(out, before + cell->len, err) != 0)
        return -1;
    to = out->data + out->size;
    *to = quoting->delimiter;
    if (!quote_copy_bare(quoting, cell, index, count, to + before))
        return quote_cell(quoting, cell, index, count, out, err);
    out->size += before + cell->len;
    return 0;
}

static int
build_row(struct encoding *e, struct batch *batch, uint32_t row,
          struct buf *out, struct fb_error *err)
{
    const struct writer *w = e->w;
    const char *null = w->options.format.dialect.null_sequence;
    uint32_t count = w->columns->count;
    /* Of columns where no text means NULL, only quotes tell an empty text. */
    bool tells = null == NULL && w->columns->missing.count == 0;

    for (uint32_t c = 0; c < count; c++) {
        struct fb_cell cell = e->tools->cells[c][row];

        if (tells && cell.len == 0 && !(cell.flags & FB_CELL_NULL))
            cell.flags |= FB_CELL_QUOTED;
        if (null != NULL && (cell.flags & FB_CELL_NULL))
            cell = (struct fb_cell){(const unsigned char *)null,
                                    (uint32_t)strlen(null), 0};
        if (put_cell(&w->quoting, &cell, c, count, out, err) != 0)
            return error_context(err, "'%s': line %llu, column '%.*s'",
                                 w->options.name,
                                 (unsigned long long)batch_line(batch, row),
                                 NAME_SHOWN, w->columns->items[c].name);
    }
    return buf_puts(out, w->line_end, err);
}

/* The charset lacks a character of one of these rows: which? */
static int
encode_one_by_one(struct encoding *e, struct batch *batch, uint32_t first,
                  uint32_t end, struct fb_error *err)
{
    const uint64_t *selection = batch_selection(batch);
    struct buf *text = &e->tools->text;

    for (uint32_t row = next_selected(selection, first, end); row < end;
         row = next_selected(selection, row + 1, end)) {
        buf_clear(text);
        if (build_row(e, batch, row, text, err) != 0)
            return -1;
        if (writer_put_text(e, text->data, text->size, e->w->replace, err) != 0)
            return err->code == FB_E_INPUT
                       ? writer_blame_cell(e, batch, row, err)
                       : -1;
    }
    buf_clear(text);
    return 0;
}

/* The rows first..end - 1 stand in tools->text. */
static int
encode_gathered(struct encoding *e, struct batch *batch, uint32_t first,
                uint32_t end, struct fb_error *err)
{
    struct buf *text = &e->tools->text;
    size_t size = e->to->bytes.size;

    if (writer_put_text(e, text->data, text->size, e->w->replace, err) != 0) {
        if (err->code != FB_E_INPUT)
            return -1;
        error_clear(err);
        e->to->bytes.size = size;
        return encode_one_by_one(e, batch, first, end, err);
    }
    buf_clear(text);
    return 0;
}

/* A row cannot be built; one of those gathered before it may have been wrong
 * already, and the first is told. */
static int
fail_to_build(struct encoding *e, struct batch *batch, uint32_t first,
              uint32_t row, size_t gathered, struct fb_error *err)
{
    struct fb_error earlier = FB_ERROR_INIT;

    e->tools->text.size = gathered;
    if (encode_gathered(e, batch, first, row, &earlier) != 0)
        *err = earlier;
    return -1;
}

static int
write_encoded(struct encoding *e, struct batch *batch, struct fb_error *err)
{
    const uint64_t *selection = batch_selection(batch);
    uint32_t rows = batch_rows(batch);
    uint32_t row = next_selected(selection, 0, rows), first = row;
    struct buf *text = &e->tools->text;
    /* Shift states are of one row, as the copied rows' are. */
    size_t enough = e->w->charset.stateless ? GATHERED : 1;

    buf_clear(text);
    while (row < rows) {
        size_t gathered = text->size;

        if (build_row(e, batch, row, text, err) != 0)
            return fail_to_build(e, batch, first, row, gathered, err);
        row = next_selected(selection, row + 1, rows);
        if (text->size < enough && row < rows)
            continue;
        if (encode_gathered(e, batch, first, row, err) != 0)
            return -1;
        first = row;
    }
    return 0;
}

int
write_cells(struct encoding *e, struct batch *batch, struct fb_error *err)
{
    const uint64_t *selection = batch_selection(batch);
    uint32_t rows = batch_rows(batch);

    for (uint32_t c = 0; c < e->w->columns->count; c++)
        e->tools->cells[c] = batch_cells(batch, c);
    if (e->tools->encoder != NULL)
        return write_encoded(e, batch, err);
    for (uint32_t row = next_selected(selection, 0, rows); row < rows;
         row = next_selected(selection, row + 1, rows))
        if (build_row(e, batch, row, &e->to->bytes, err) != 0)
            return -1;
    return 0;
}
