/*
 * codec/writer.c: what a table leaves as: header, copied spans, records made
 * from cells.  Returned rows stand in writer_return.c; quoting in quote.c.
 */
#define _GNU_SOURCE 1 /* memmem */
#include "codec/writer.h"

#include <assert.h>
#include <stdlib.h>

#include "codec/writer_parts.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

#define TEXT_MAX (8 * RECORD_MAX) /* one record made from cells */
#define NAME_SHOWN 80             /* bytes of a name in a message */

/* --- bytes -------------------------------------------------------------- */

static int
flush(struct writer *w, struct fb_error *err)
{
    if (deflate_write(w->deflate, w->out.data, w->out.size, err) != 0)
        return -1;
    buf_clear(&w->out);
    return 0;
}

int
writer_put(struct writer *w, const void *bytes, size_t size,
           struct fb_error *err)
{
    if (w->out.size + size > WRITE_SIZE && w->out.size > 0 &&
        flush(w, err) != 0)
        return -1;
    if (size > WRITE_SIZE)
        return deflate_write(w->deflate, bytes, size, err);
    return buf_append(&w->out, bytes, size, err);
}

int
writer_put_text(struct writer *w, const void *text, size_t size, bool replace,
                struct fb_error *err)
{
    size_t where;

    if (w->charset.is_utf8)
        return writer_put(w, text, size, err);
    buf_clear(&w->encoded);
    if (encoder_feed(w->encoder, text, size, replace, &w->encoded, &where,
                     err) != 0)
        return -1;
    return writer_put(w, w->encoded.data, w->encoded.size, err);
}

/* The end of a record that the input ended without. */
static int
put_owed_end(struct writer *w, struct fb_error *err)
{
    if (!w->owes_end)
        return 0;
    w->owes_end = false;
    return writer_put_text(w, w->line_end, strlen(w->line_end), false, err);
}

/* --- opening ------------------------------------------------------------ */

int
writer_open(const struct writer_options *options, struct writer **writer,
            struct fb_error *err)
{
    const struct format *format = &options->format;
    struct writer *w;

    if (format->on_bad_char == BAD_CHAR_REJECT_ROW)
        return fb_fail(err, FB_E_CONFIG,
                       "on_bad_char: reject_row is for sources; '%s' is "
                       "written",
                       options->name);
    w = mem_zalloc(sizeof(*w));
    w->options = *options;
    w->replace = format->on_bad_char == BAD_CHAR_REPLACE;
    buf_init(&w->out, 2 * WRITE_SIZE);
    buf_init(&w->encoded, 2 * TEXT_MAX);
    buf_init(&w->text, TEXT_MAX);
    if (charset_find(format->charset, &w->charset, err) != 0 ||
        encoder_open(&w->charset, &w->encoder, err) != 0 ||
        deflate_open(
            &options->output,
            deflate_kind((enum compression)format->compression, options->name),
            &w->deflate, err) != 0) {
        writer_free(w);
        return -1;
    }
    *writer = w;
    return 0;
}

void
writer_free(struct writer *writer)
{
    if (writer == NULL)
        return;
    deflate_free(writer->deflate);
    encoder_close(writer->encoder);
    buf_release(&writer->out);
    buf_release(&writer->encoded);
    buf_release(&writer->text);
    free(writer->cells);
    free(writer);
}

/* --- how the input was written ------------------------------------------ */

int
writer_use_charset(struct writer *w, const struct charset *charset,
                   struct fb_error *err)
{
    encoder_close(w->encoder);
    w->encoder = NULL;
    w->charset = *charset;
    return encoder_open(&w->charset, &w->encoder, err);
}

static bool
is_utf16_or_32(const char *a, const char *b)
{
    size_t length = strlen("UTF-16");

    return strlen(a) > length && strlen(b) > length &&
           strncmp(a, b, length) == 0;
}

/* Whether records of the origin may leave as they are. */
static bool
same_dialect(const struct quoting *q, const struct block_origin *origin)
{
    return q->delimiter == origin->delimiter && q->quote == origin->quote &&
           q->escape == origin->escape &&
           (q->comment == 0 || q->comment == origin->comment) &&
           q->no_double_quote == origin->no_double_quote &&
           q->skips_space == origin->skips_space;
}

static int
meet_origin(struct writer *w, const struct block_origin *origin,
            struct fb_error *err)
{
    struct charset charset;

    w->origin = origin;
    if (origin == NULL)
        return 0;
    if (charset_find(origin->charset, &charset, err) != 0)
        return -1;
    w->origin_unit = charset.newline_size;
    /* utf-16 is whichever order the input had. */
    if (w->charset.bom_decides && origin->charset != NULL &&
        is_utf16_or_32(w->charset.name, origin->charset)) {
        charset.bom_decides = true;
        if (writer_use_charset(w, &charset, err) != 0)
            return -1;
    }
    w->same_charset = charset_same(w->charset.name, origin->charset);
    w->same_dialect = same_dialect(&w->quoting, origin) &&
                      w->options.format.dialect.null_sequence == NULL;
    return 0;
}

static const char *
choose_line_end(const struct writer *w, const struct block_origin *origin)
{
    if (w->options.format.dialect.line_terminator != NULL)
        return w->options.format.dialect.line_terminator;
    if (origin != NULL && origin->line_end != NULL)
        return origin->line_end;
    return "\n";
}

/* --- the header --------------------------------------------------------- */

static bool
has_header_names(const struct columns *columns,
                 const struct block_origin *origin)
{
    if (origin == NULL || origin->header == NULL ||
        origin->header_names.count != columns->count)
        return false;
    for (uint32_t i = 0; i < columns->count; i++)
        if (strcmp(columns->items[i].name, origin->header_names.items[i]) != 0)
            return false;
    return true;
}

static int
put_bom(struct writer *w, bool as_it_came, struct fb_error *err)
{
    if (as_it_came && w->same_charset && w->origin->bom_length > 0)
        return writer_put(w, w->origin->bom, w->origin->bom_length, err);
    if (w->charset.bom_decides)
        return writer_put_text(w, "\xef\xbb\xbf", 3, false, err);
    return 0;
}

/* The original header in another charset. */
static int
put_header_decoded(struct writer *w, struct fb_error *err)
{
    struct charset charset;
    struct decoder *decoder;
    struct charset_bad bad;
    int status;

    if (charset_find(w->origin->charset, &charset, err) != 0 ||
        decoder_open(&charset, &decoder, err) != 0)
        return -1;
    buf_clear(&w->text);
    status = decoder_feed(decoder, w->origin->header, w->origin->header_length,
                          &w->text, &bad, err);
    decoder_close(decoder);
    if (status != 0)
        return -1;
    return writer_put_text(w, w->text.data, w->text.size, w->replace, err);
}

static int
put_header_names(struct writer *w, struct fb_error *err)
{
    const struct columns *columns = w->columns;

    buf_clear(&w->text);
    for (uint32_t i = 0; i < columns->count; i++) {
        const char *name = columns->items[i].name;
        struct fb_cell cell = {(const unsigned char *)name,
                               (uint32_t)strlen(name), 0};

        if (quote_cell(&w->quoting, &cell, i, columns->count, &w->text, err) !=
            0)
            return error_context(err, "name of column %u", i + 1);
    }
    return writer_put_text(w, w->text.data, w->text.size, w->replace, err);
}

static int
put_header(struct writer *w, struct fb_error *err)
{
    bool as_it_came =
        w->same_dialect && has_header_names(w->columns, w->origin);
    int status;

    if (put_bom(w, as_it_came, err) != 0)
        return -1;
    if (w->options.format.header == HEADER_NONE)
        return 0;
    if (as_it_came && w->same_charset)
        status =
            writer_put(w, w->origin->header, w->origin->header_length, err);
    else if (as_it_came)
        status = put_header_decoded(w, err);
    else
        status = put_header_names(w, err);
    if (status != 0)
        return -1;
    return writer_put_text(w, w->line_end, strlen(w->line_end), false, err);
}

int
writer_begin(struct writer *w, const struct columns *columns,
             const struct block_origin *origin, struct fb_error *err)
{
    assert(w->columns == NULL);
    w->columns = columns;
    w->cells = mem_array(columns->count, sizeof(*w->cells));
    w->returns = w->options.layout == LAYOUT_RETURN && origin != NULL;
    quoting_of_format(&w->quoting, &w->options.format);
    w->line_end = choose_line_end(w, origin);
    if (w->returns)
        return return_begin(w, origin, err);
    if (meet_origin(w, origin, err) != 0 || put_header(w, err) != 0)
        return error_context(err, "'%s': header", w->options.name);
    return 0;
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
    const struct block_record *a = &block->records[first];
    const struct block_record *z = &block->records[last];
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
           text_end(&block->records[row]) ==
               block->records[row + 1].text_offset)
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
        const struct block_record *r = &block->records[row];
        bool raw = w->same_charset &&
                   !(replaced && holds_replacement(block->text + r->text_offset,
                                                   r->text_length));

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

int
writer_finish(struct writer *w, struct fb_error *err)
{
    if (flush(w, err) != 0)
        return -1;
    return deflate_finish(w->deflate, err);
}

uint64_t
writer_rows(const struct writer *writer)
{
    return writer->rows;
}

uint64_t
writer_bytes(const struct writer *writer)
{
    return deflate_given(writer->deflate);
}
