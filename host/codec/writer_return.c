/*
 * codec/writer_return.c: rejected rows on their way back to the uploader: in
 * the charset and dialect the file came in, with the reasons before the
 * original bytes, for what stands left of a ragged row stays in its column.
 */
#include <assert.h>

#include "codec/writer_parts.h"
#include "util/error.h"

static const char *const reasons[] = {"_line", "_column", "_code", "_message"};
#define REASONS 4

/* Four cells and the delimiter that leads over to the row.  What the charset
 * lacks is replaced: the reasons are ours, not the uploader's. */
static int
put_reasons(struct encoding *e, const char *const *texts, struct fb_error *err)
{
    buf_clear(&e->tools->text);
    for (uint32_t i = 0; i < REASONS; i++) {
        const char *text = texts[i] != NULL ? texts[i] : "";
        struct fb_cell cell = {(const unsigned char *)text,
                               (uint32_t)strlen(text), 0};

        if (quote_cell(&e->w->quoting, &cell, i, REASONS + 1, &e->tools->text,
                       err) != 0)
            return -1;
    }
    if (buf_append(&e->tools->text, &e->w->quoting.delimiter, 1, err) != 0)
        return -1;
    return writer_put_text(e, e->tools->text.data, e->tools->text.size, true,
                           err);
}

int
return_meet(struct writer *w, const struct block_origin *origin,
            struct fb_error *err)
{
    if (charset_find(origin->charset, &w->charset, err) != 0)
        return -1;
    w->origin = origin;
    w->origin_unit = w->charset.newline_size;
    w->same_charset = true;
    quoting_of_origin(&w->quoting, origin);
    return 0;
}

int
return_header(struct encoding *e, struct fb_error *err)
{
    const struct block_origin *origin = e->w->origin;

    if (writer_put(e, origin->bom, origin->bom_length, err) != 0)
        return -1;
    if (origin->header == NULL)
        return 0;
    if (put_reasons(e, reasons, err) != 0 ||
        writer_put(e, origin->header, origin->header_length, err) != 0)
        return -1;
    return writer_put_line_end(e, err);
}

/* The bytes of one ASCII character in the charset, into 4 bytes. */
static int
encode_byte(struct encoding *e, unsigned char byte, unsigned char *bytes,
            struct fb_error *err)
{
    struct buf *scratch = &e->tools->scratch;
    size_t where;

    buf_clear(scratch);
    if (e->tools->encoder == NULL) {
        *bytes = byte;
        return 0;
    }
    if (encoder_feed(e->tools->encoder, &byte, 1, false, scratch, &where,
                     err) != 0)
        return -1;
    if (scratch->size != e->w->origin_unit)
        return fb_fail(err, FB_E_BUG, "charset '%s' changes its mind",
                       e->w->charset.name);
    memcpy(bytes, scratch->data, scratch->size);
    return 0;
}

/*
 * Original bytes as one quoted cell.  They may not even decode, so the quotes
 * are doubled in the bytes: none of them is ever part of a longer character
 * in a charset whose line ends can be found in bytes.
 */
static int
put_raw_quoted(struct encoding *e, const struct reject *reject,
               struct fb_error *err)
{
    const struct quoting *q = &e->w->quoting;
    unsigned char quote[4], escape[4];
    size_t unit = e->w->origin_unit, from = 0;

    if (q->quote == 0 || (q->no_double_quote && q->escape == 0))
        return writer_put(e, reject->raw, reject->raw_length, err);
    if (encode_byte(e, q->quote, quote, err) != 0 ||
        encode_byte(e, q->escape != 0 ? q->escape : q->quote, escape, err) !=
            0 ||
        writer_put(e, quote, unit, err) != 0)
        return -1;
    for (size_t i = 0; i + unit <= reject->raw_length; i += unit) {
        if (memcmp(reject->raw + i, quote, unit) != 0 &&
            memcmp(reject->raw + i, escape, unit) != 0)
            continue;
        if (writer_put(e, reject->raw + from, i - from, err) != 0 ||
            writer_put(e, escape, unit, err) != 0)
            return -1;
        from = i;
    }
    if (writer_put(e, reject->raw + from, reject->raw_length - from, err) != 0)
        return -1;
    return writer_put(e, quote, unit, err);
}

/* A row of another input, or of none: its text, as one cell. */
static int
put_foreign(struct encoding *e, const struct reject *reject,
            struct fb_error *err)
{
    struct fb_cell cell = {reject->text, reject->text_length, FB_CELL_QUOTED};

    buf_clear(&e->tools->text);
    if (quote_cell(&e->w->quoting, &cell, 0, REASONS + 1, &e->tools->text,
                   err) != 0)
        return -1;
    return writer_put_text(e, e->tools->text.data, e->tools->text.size, true,
                           err);
}

static bool
is_alike(const struct block_origin *a, const struct block_origin *b)
{
    return a == b ||
           (a != NULL && b != NULL && charset_same(a->charset, b->charset) &&
            a->delimiter == b->delimiter && a->quote == b->quote &&
            a->escape == b->escape && a->comment == b->comment &&
            a->no_double_quote == b->no_double_quote &&
            a->skips_space == b->skips_space);
}

static int
return_row(struct encoding *e, const struct reject *reject,
           const struct block_origin *origin, struct fb_error *err)
{
    char line[24];
    const char *texts[REASONS] = {line, reject->column, reject->code,
                                  reject->message};
    int status;

    snprintf(line, sizeof(line), "%llu", (unsigned long long)reject->line);
    if (put_reasons(e, texts, err) != 0)
        return -1;
    if (!is_alike(e->w->origin, origin))
        status = put_foreign(e, reject, err);
    else if (!reject->has_raw)
        status =
            writer_put_text(e, reject->text, reject->text_length, true, err);
    else if (reject->broken)
        status = put_raw_quoted(e, reject, err);
    else
        status = writer_put(e, reject->raw, reject->raw_length, err);
    return status == 0 ? writer_put_line_end(e, err) : -1;
}

int
return_rows(struct encoding *e, struct batch *batch, struct fb_error *err)
{
    const uint64_t *selection = batch_selection(batch);
    uint32_t rows = batch_rows(batch);

    for (uint32_t row = next_selected(selection, 0, rows); row < rows;
         row = next_selected(selection, row + 1, rows))
        if (return_row(e, batch_reject_of(batch, row), batch_origin(batch),
                       err) != 0)
            return -1;
    return 0;
}
