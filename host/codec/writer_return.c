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

static int
put_line_end(struct writer *w, struct fb_error *err)
{
    return writer_put_text(w, w->line_end, strlen(w->line_end), false, err);
}

/* Four cells and the delimiter that leads over to the row.  What the charset
 * lacks is replaced: the reasons are ours, not the uploader's. */
static int
put_reasons(struct writer *w, const char *const *texts, struct fb_error *err)
{
    buf_clear(&w->text);
    for (uint32_t i = 0; i < REASONS; i++) {
        const char *text = texts[i] != NULL ? texts[i] : "";
        struct fb_cell cell = {(const unsigned char *)text,
                               (uint32_t)strlen(text), 0};

        if (quote_cell(&w->quoting, &cell, i, REASONS + 1, &w->text, err) != 0)
            return -1;
    }
    if (buf_append(&w->text, &w->quoting.delimiter, 1, err) != 0)
        return -1;
    return writer_put_text(w, w->text.data, w->text.size, true, err);
}

int
return_begin(struct writer *w, const struct block_origin *origin,
             struct fb_error *err)
{
    struct charset charset;

    if (charset_find(origin->charset, &charset, err) != 0 ||
        writer_use_charset(w, &charset, err) != 0)
        return -1;
    w->origin = origin;
    w->origin_unit = charset.newline_size;
    w->same_charset = true;
    quoting_of_origin(&w->quoting, origin);
    if (writer_put(w, origin->bom, origin->bom_length, err) != 0)
        return -1;
    if (origin->header == NULL)
        return 0;
    if (put_reasons(w, reasons, err) != 0 ||
        writer_put(w, origin->header, origin->header_length, err) != 0)
        return -1;
    return put_line_end(w, err);
}

/* The bytes of one ASCII character in the charset, into 4 bytes. */
static int
encode_byte(struct writer *w, unsigned char byte, unsigned char *bytes,
            struct fb_error *err)
{
    size_t where;

    buf_clear(&w->encoded);
    if (encoder_feed(w->encoder, &byte, 1, false, &w->encoded, &where, err) !=
        0)
        return -1;
    if (w->encoded.size != w->origin_unit)
        return fb_fail(err, FB_E_BUG, "charset '%s' changes its mind",
                       w->charset.name);
    memcpy(bytes, w->encoded.data, w->encoded.size);
    return 0;
}

/*
 * Original bytes as one quoted cell.  They may not even decode, so the quotes
 * are doubled in the bytes: none of them is ever part of a longer character
 * in a charset whose line ends can be found in bytes.
 */
static int
put_raw_quoted(struct writer *w, const struct reject *reject,
               struct fb_error *err)
{
    const struct quoting *q = &w->quoting;
    unsigned char quote[4], escape[4];
    size_t unit = w->origin_unit, from = 0;

    if (q->quote == 0 || (q->no_double_quote && q->escape == 0))
        return writer_put(w, reject->raw, reject->raw_length, err);
    if (encode_byte(w, q->quote, quote, err) != 0 ||
        encode_byte(w, q->escape != 0 ? q->escape : q->quote, escape, err) !=
            0 ||
        writer_put(w, quote, unit, err) != 0)
        return -1;
    for (size_t i = 0; i + unit <= reject->raw_length; i += unit) {
        if (memcmp(reject->raw + i, quote, unit) != 0 &&
            memcmp(reject->raw + i, escape, unit) != 0)
            continue;
        if (writer_put(w, reject->raw + from, i - from, err) != 0 ||
            writer_put(w, escape, unit, err) != 0)
            return -1;
        from = i;
    }
    if (writer_put(w, reject->raw + from, reject->raw_length - from, err) != 0)
        return -1;
    return writer_put(w, quote, unit, err);
}

/* A row of another input, or of none: its text, as one cell. */
static int
put_foreign(struct writer *w, const struct reject *reject, struct fb_error *err)
{
    struct fb_cell cell = {reject->text, reject->text_length, FB_CELL_QUOTED};

    buf_clear(&w->text);
    if (quote_cell(&w->quoting, &cell, 0, REASONS + 1, &w->text, err) != 0)
        return -1;
    return writer_put_text(w, w->text.data, w->text.size, true, err);
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

int
return_row(struct writer *w, const struct reject *reject,
           const struct block_origin *origin, struct fb_error *err)
{
    char line[24];
    const char *texts[REASONS] = {line, reject->column, reject->code,
                                  reject->message};
    int status;

    snprintf(line, sizeof(line), "%llu", (unsigned long long)reject->line);
    if (put_reasons(w, texts, err) != 0)
        return -1;
    if (!is_alike(w->origin, origin))
        status = put_foreign(w, reject, err);
    else if (!reject->has_raw)
        status =
            writer_put_text(w, reject->text, reject->text_length, true, err);
    else if (reject->broken)
        status = put_raw_quoted(w, reject, err);
    else
        status = writer_put(w, reject->raw, reject->raw_length, err);
    return status == 0 ? put_line_end(w, err) : -1;
}
