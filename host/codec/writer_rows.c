/*
 * codec/writer_rows.c: records as they came, copied in spans while nothing
 * comes between.
 */
#define _GNU_SOURCE 1 /* memmem */
#include <assert.h>

#include "codec/writer_parts.h"
#include "util/error.h"

static size_t
text_end(const struct block_record *r)
{
    return (size_t)r->text_offset + r->text_length + r->end_length;
}

static bool
holds_replacement(const unsigned char *text, size_t size)
{
    return memmem(text, size, "\xef\xbf\xbd", 3) != NULL;
}

/* How the rows of one batch are copied. */
struct copying {
    struct encoding *e;
    struct batch *batch;
    const struct block *block;
    bool replaced; /* the text has lost some of the bytes */
    bool ends;     /* records keep their own line ends */
};

/* Whether the bytes of a row may leave as they are.  A text that is not what
 * its bytes say has lost some of them; what the user chose to replace does not
 * leave as it was. */
static bool
keeps_bytes(const struct copying *c, const struct block_record *r)
{
    return c->e->w->same_charset &&
           !(c->replaced && holds_replacement(c->block->text + r->text_offset,
                                              r->text_length));
}

static int
copy_bytes(struct copying *c, const struct block_record *a,
           const struct block_record *z, struct fb_error *err)
{
    size_t end = (size_t)z->raw_offset + z->raw_length;

    if (c->ends)
        end += z->end_length * c->e->w->origin_unit;
    return writer_put(c->e, c->block->raw + a->raw_offset, end - a->raw_offset,
                      err);
}

static int
copy_text(struct copying *c, const struct block_record *a,
          const struct block_record *z, struct fb_error *err)
{
    size_t end =
        c->ends ? text_end(z) : (size_t)z->text_offset + z->text_length;

    return writer_put_text(c->e, c->block->text + a->text_offset,
                           end - a->text_offset, c->e->w->replace, err);
}

/* Records first..last (neighbours in the input) in one go. */
static int
copy_span(struct copying *c, uint32_t first, uint32_t last,
          struct fb_error *err)
{
    const struct block_record a = block_record(c->block, first);
    const struct block_record z = block_record(c->block, last);

    /* Only the last record of an input may lack its end. */
    assert(!c->e->to->owes_end);
    if ((keeps_bytes(c, &a) ? copy_bytes(c, &a, &z, err)
                            : copy_text(c, &a, &z, err)) != 0)
        return -1;
    if (!c->ends)
        return writer_put_line_end(c->e, err);
    c->e->to->owes_end = z.end_length == 0;
    return 0;
}

static int
copy_one_by_one(struct copying *c, uint32_t first, uint32_t end,
                struct fb_error *err)
{
    for (uint32_t row = first; row < end; row++)
        if (copy_span(c, row, row, err) != 0)
            return err->code == FB_E_INPUT
                       ? writer_blame_cell(c->e, c->batch, row, err)
                       : -1;
    return 0;
}

/* What stands between two rows, a blank line or a rejected record, parts
 * them. */
static uint32_t
span_end(const struct block *block, uint32_t row, uint32_t end)
{
    if (block->ends != NULL)
        return end - 1; /* nothing does in a grid */
    while (row + 1 < end && text_end(&block->records[row]) ==
                                block->records[row + 1].text_offset)
        row++;
    return row;
}

/* A charset that lacks a character is asked again row by row, to tell which
 * row it was. */
static int
copy_together(struct copying *c, uint32_t first, uint32_t end,
              struct fb_error *err)
{
    for (uint32_t row = first; row < end; row++) {
        uint32_t last = span_end(c->block, row, end);
        size_t size = c->e->to->bytes.size;

        if (copy_span(c, row, last, err) != 0) {
            if (err->code != FB_E_INPUT)
                return -1;
            error_clear(err);
            c->e->to->bytes.size = size;
            if (copy_one_by_one(c, row, last + 1, err) != 0)
                return -1;
        }
        row = last;
    }
    return 0;
}

/* The most common case, and nothing but copying: a grid whose text goes out
 * as it is. */
static int
copy_grid(struct encoding *e, const struct block *block,
          const uint64_t *selection, struct fb_error *err)
{
    uint32_t row = next_selected(selection, 0, block->rows), end = 0;
    unsigned char *to;
    size_t from, past = 0;

    if (row == block->rows)
        return 0;
    if (buf_reserve(&e->to->bytes, block->text_size, err) != 0)
        return -1;
    to = e->to->bytes.data;
    for (; row < block->rows;
         row = next_selected(selection, end, block->rows)) {
        end = next_row(selection, row, block->rows, UINT64_MAX);
        from = block_row_start(block, row);
        past =
            end < block->rows ? block_row_start(block, end) : block->text_size;
        memcpy(to, block->text + from, past - from);
        to += past - from;
    }
    e->to->bytes.size = (size_t)(to - e->to->bytes.data);
    e->to->owes_end =
        end == block->rows &&
        block->ends[(size_t)end * block->column_count - 1] == block->text_size;
    return 0;
}

/* Whether every selected record leaves as its part of block->text. */
static bool
leaves_as_text(const struct writer *w, const struct block *block)
{
    return block->ends != NULL &&
           w->options.format.dialect.line_terminator == NULL &&
           (w->same_charset ? block->raw == block->text : w->charset.is_utf8);
}

int
copy_rows(struct encoding *e, struct batch *batch, struct fb_error *err)
{
    const struct writer *w = e->w;
    const struct block *block = batch_block(batch);
    const uint64_t *selection = batch_selection(batch);
    struct copying c = {
        .e = e,
        .batch = batch,
        .block = block,
        .ends = w->options.format.dialect.line_terminator == NULL,
    };
    uint32_t row = next_selected(selection, 0, block->rows), end;
    bool together;

    if (leaves_as_text(w, block))
        return copy_grid(e, block, selection, err);
    c.replaced = block->ends == NULL && block->raw != block->text &&
                 holds_replacement(block->text, block->text_size);
    /* Shift states are of one row, as the rows of cells are. */
    together = c.ends && !c.replaced &&
               (w->same_charset || w->charset.is_utf8 || w->charset.stateless);
    for (; row < block->rows;
         row = next_selected(selection, end, block->rows)) {
        end = next_row(selection, row, block->rows, UINT64_MAX);
        if ((together ? copy_together(&c, row, end, err)
                      : copy_one_by_one(&c, row, end, err)) != 0)
            return -1;
    }
    return 0;
}
