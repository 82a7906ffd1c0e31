/*
 * codec/writer.c: opening, and bytes on their way out.  The header stands in
 * writer_header.c, rows in writer_rows.c and writer_cells.c, returned ones in
 * writer_return.c, quoting in quote.c.
 */
#include "codec/writer.h"

#include <assert.h>
#include <stdlib.h>

#include "codec/writer_parts.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"

#define TEXT_MAX (8 * RECORD_MAX) /* one record made from cells */

/* --- bytes -------------------------------------------------------------- */

int
writer_put(struct encoding *e, const void *bytes, size_t size,
           struct fb_error *err)
{
    return buf_append(&e->to->bytes, bytes, size, err);
}

int
writer_put_text(struct encoding *e, const void *text, size_t size, bool replace,
                struct fb_error *err)
{
    size_t where;

    if (e->tools->encoder == NULL)
        return buf_append(&e->to->bytes, text, size, err);
    return encoder_feed(e->tools->encoder, text, size, replace, &e->to->bytes,
                        &where, err);
}

int
writer_put_line_end(struct encoding *e, struct fb_error *err)
{
    return writer_put(e, e->w->end.data, e->w->end.size, err);
}

int
writer_blame_cell(struct encoding *e, struct batch *batch, uint32_t row,
                  struct fb_error *err)
{
    const struct columns *columns = batch_columns(batch);
    const char *name = e->w->options.name;
    unsigned long long line = batch_line(batch, row);
    struct fb_error ignored;
    size_t where;

    for (uint32_t c = 0; e->tools->encoder != NULL && c < columns->count; c++) {
        const struct fb_cell *cell = &batch_cells(batch, c)[row];

        buf_clear(&e->tools->scratch);
        if (encoder_feed(e->tools->encoder, cell->ptr, cell->len, false,
                         &e->tools->scratch, &where, &ignored) != 0)
            return error_context(err, "'%s': line %llu, column '%.*s'", name,
                                 line, NAME_SHOWN, columns->items[c].name);
    }
    return error_context(err, "'%s': line %llu", name, line);
}

/* --- what encoding fills ------------------------------------------------ */

void
encoded_init(struct encoded *encoded)
{
    *encoded = (struct encoded){.rows = 0};
    buf_init(&encoded->bytes, ENCODED_MAX);
}

void
encoded_release(struct encoded *encoded)
{
    buf_release(&encoded->bytes);
    encoded->rows = 0;
    encoded->owes_end = false;
}

static void
encoded_clear(struct encoded *encoded)
{
    buf_clear(&encoded->bytes);
    encoded->rows = 0;
    encoded->owes_end = false;
}

/* --- the tools of a thread ---------------------------------------------- */

int
writer_tools_new(const struct writer *w, struct writer_tools **tools,
                 struct fb_error *err)
{
    struct writer_tools *t = mem_zalloc(sizeof(*t));

    buf_init(&t->text, TEXT_MAX);
    buf_init(&t->scratch, 2 * TEXT_MAX);
    if (!w->charset.is_utf8 &&
        encoder_open(&w->charset, &t->encoder, err) != 0) {
        writer_tools_free(t);
        return -1;
    }
    if (w->columns != NULL)
        t->cells = mem_array(w->columns->count, sizeof(*t->cells));
    *tools = t;
    return 0;
}

void
writer_tools_free(struct writer_tools *tools)
{
    if (tools == NULL)
        return;
    encoder_close(tools->encoder);
    buf_release(&tools->text);
    buf_release(&tools->scratch);
    free(tools->cells);
    free(tools);
}

static int
make_tools(struct writer *w, struct fb_error *err)
{
    writer_tools_free(w->tools);
    w->tools = NULL;
    return writer_tools_new(w, &w->tools, err);
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
    buf_init(&w->end, HEADER_MAX);
    encoded_init(&w->made);
    if (charset_find(format->charset, &w->charset, err) != 0 ||
        make_tools(w, err) != 0 ||
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
    writer_tools_free(writer->tools);
    buf_release(&writer->out);
    buf_release(&writer->end);
    encoded_release(&writer->made);
    free(writer);
}

/* --- beginning ---------------------------------------------------------- */

/* line_end as bytes, which every thread may use. */
static int
encode_line_end(struct writer *w, struct fb_error *err)
{
    struct encoding e = {w, w->tools, &w->made};

    encoded_clear(&w->made);
    buf_clear(&w->end);
    if (writer_put_text(&e, w->line_end, strlen(w->line_end), false, err) != 0)
        return -1;
    return buf_append(&w->end, w->made.bytes.data, w->made.bytes.size, err);
}

static int
failed_to_begin(const struct writer *w, struct fb_error *err)
{
    if (w->returns)
        return -1;
    return error_context(err, "'%s': header", w->options.name);
}

int
writer_begin(struct writer *w, const struct columns *columns,
             const struct block_origin *origin, struct fb_error *err)
{
    struct encoding e = {.w = w, .to = &w->made};

    assert(w->columns == NULL);
    w->columns = columns;
    w->returns = w->options.layout == LAYOUT_RETURN && origin != NULL;
    quoting_of_format(&w->quoting, &w->options.format);
    w->line_end = header_line_end(w, origin);
    if ((w->returns ? return_meet(w, origin, err)
                    : header_meet(w, origin, err)) != 0 ||
        make_tools(w, err) != 0 || encode_line_end(w, err) != 0)
        return failed_to_begin(w, err);
    encoded_clear(&w->made);
    e.tools = w->tools;
    if ((w->returns ? return_header(&e, err) : header_put(&e, err)) != 0)
        return failed_to_begin(w, err);
    return writer_append(w, &w->made, err);
}

/* --- rows ----------------------------------------------------------------- */

int
writer_encode(const struct writer *w, struct writer_tools *tools,
              struct batch *batch, struct encoded *encoded,
              struct fb_error *err)
{
    struct encoding e = {w, tools, encoded};

    assert(w->columns != NULL && tools->cells != NULL);
    assert(batch_columns(batch)->count == w->columns->count);
    encoded_clear(encoded);
    encoded->rows = batch_selected_count(batch);
    if (w->returns && batch_rows(batch) > 0 &&
        batch_reject_of(batch, 0) != NULL)
        return return_rows(&e, batch, err);
    if (w->same_dialect && batch_untouched(batch) &&
        batch_block(batch) != NULL && batch_origin(batch) == w->origin)
        return copy_rows(&e, batch, err);
    return write_cells(&e, batch, err);
}

static int
flush(struct writer *w, struct fb_error *err)
{
    if (deflate_write(w->deflate, w->out.data, w->out.size, err) != 0)
        return -1;
    buf_clear(&w->out);
    return 0;
}

/* Small pieces are gathered; what is large goes on without another copy. */
static int
append(struct writer *w, const struct buf *bytes, struct fb_error *err)
{
    bool large = bytes->size > WRITE_SIZE / 4;

    if ((large || w->out.size + bytes->size > WRITE_SIZE) && w->out.size > 0 &&
        flush(w, err) != 0)
        return -1;
    if (large)
        return deflate_write(w->deflate, bytes->data, bytes->size, err);
    return buf_append(&w->out, bytes->data, bytes->size, err);
}

int
writer_append(struct writer *w, const struct encoded *encoded,
              struct fb_error *err)
{
    if (encoded->rows > 0) {
        if (w->owes_end && append(w, &w->end, err) != 0)
            return -1;
        w->owes_end = encoded->owes_end;
    }
    if (append(w, &encoded->bytes, err) != 0)
        return -1;
    w->rows += encoded->rows;
    return 0;
}

int
writer_write(struct writer *w, struct batch *batch, struct fb_error *err)
{
    if (writer_encode(w, w->tools, batch, &w->made, err) != 0)
        return -1;
    return writer_append(w, &w->made, err);
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
