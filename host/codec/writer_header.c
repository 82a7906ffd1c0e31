/*
 * codec/writer_header.c: the header of a table, as it came while nothing
 * speaks against it, and what the writer learns of how the input was written.
 */
#include "codec/writer_parts.h"
#include "util/error.h"

/* --- how the input was written ------------------------------------------ */

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

int
header_meet(struct writer *w, const struct block_origin *origin,
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
        w->charset = charset;
    }
    w->same_charset = charset_same(w->charset.name, origin->charset);
    w->same_dialect = same_dialect(&w->quoting, origin) &&
                      w->options.format.dialect.null_sequence == NULL;
    return 0;
}

const char *
header_line_end(const struct writer *w, const struct block_origin *origin)
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
put_bom(struct encoding *e, bool as_it_came, struct fb_error *err)
{
    const struct writer *w = e->w;

    if (as_it_came && w->same_charset && w->origin->bom_length > 0)
        return writer_put(e, w->origin->bom, w->origin->bom_length, err);
    if (w->charset.bom_decides)
        return writer_put_text(e, "\xef\xbb\xbf", 3, false, err);
    return 0;
}

/* The original header in another charset. */
static int
put_header_decoded(struct encoding *e, struct fb_error *err)
{
    const struct writer *w = e->w;
    struct charset charset;
    struct decoder *decoder;
    struct charset_bad bad;
    int status;

    if (charset_find(w->origin->charset, &charset, err) != 0 ||
        decoder_open(&charset, &decoder, err) != 0)
        return -1;
    buf_clear(&e->tools->text);
    status = decoder_feed(decoder, w->origin->header, w->origin->header_length,
                          &e->tools->text, &bad, err);
    decoder_close(decoder);
    if (status != 0)
        return -1;
    return writer_put_text(e, e->tools->text.data, e->tools->text.size,
                           w->replace, err);
}

static int
put_header_names(struct encoding *e, struct fb_error *err)
{
    const struct writer *w = e->w;
    const struct columns *columns = w->columns;

    buf_clear(&e->tools->text);
    for (uint32_t i = 0; i < columns->count; i++) {
        const char *name = columns->items[i].name;
        struct fb_cell cell = {(const unsigned char *)name,
                               (uint32_t)strlen(name), 0};

        if (quote_cell(&w->quoting, &cell, i, columns->count, &e->tools->text,
                       err) != 0)
            return error_context(err, "name of column %u", i + 1);
    }
    return writer_put_text(e, e->tools->text.data, e->tools->text.size,
                           w->replace, err);
}

int
header_put(struct encoding *e, struct fb_error *err)
{
    const struct writer *w = e->w;
    bool as_it_came =
        w->same_dialect && has_header_names(w->columns, w->origin);
    int status;

    if (put_bom(e, as_it_came, err) != 0)
        return -1;
    if (w->options.format.header == HEADER_NONE)
        return 0;
    if (as_it_came && w->same_charset)
        status =
            writer_put(e, w->origin->header, w->origin->header_length, err);
    else if (as_it_came)
        status = put_header_decoded(e, err);
    else
        status = put_header_names(e, err);
    if (status != 0)
        return -1;
    return writer_put_line_end(e, err);
}
