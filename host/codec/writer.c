/*
 * codec/writer.c: opening, the header, and bytes on their way out.  Rows stand
 * in writer_rows.c, returned ones in writer_return.c, quoting in quote.c.
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
