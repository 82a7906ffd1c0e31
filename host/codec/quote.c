/*
 * codec/quote.c: quotes are used when needed, and an escape character only
 * where quotes cannot do.
 */
#include "codec/quote.h"

#include "batch/block.h"
#include "util/mem.h"

/* The special bytes once more, for comparing sixteen at a time; filled up with
 * the first, which is there to be found anyway. */
static void
list_special(struct quoting *q)
{
    for (unsigned byte = 0; byte < ARRAY_SIZE(q->special); byte++) {
        if (!q->special[byte])
            continue;
        if (q->special_count == QUOTING_SPECIAL_MAX) {
            q->none_bare = true;
            return;
        }
        q->sixteen[q->special_count++] =
            (quoting_vector){0} + (unsigned char)byte;
    }
    while (q->special_count % 4 != 0)
        q->sixteen[q->special_count++] = q->sixteen[0];
}

static void
note_special(struct quoting *q, const char *terminator)
{
    q->special['\n'] = q->special['\r'] = true;
    q->special[q->delimiter] = true;
    q->special[q->quote] = q->quote != 0;
    if (q->escape != 0)
        q->special[q->escape] = true;
    for (; terminator != NULL && *terminator != '\0'; terminator++)
        q->special[(unsigned char)*terminator] = true;
    list_special(q);
    q->looks_at_first = q->comment != 0 || q->skips_space;
}

void
quoting_of_format(struct quoting *quoting, const struct format *format)
{
    *quoting = (struct quoting){
        .delimiter = format_delimiter(format),
        .quote = format_quote(format),
        .escape = format_escape(format),
        .comment = format_comment(format),
        .no_double_quote = !format->dialect.double_quote,
        .skips_space = format->dialect.skip_initial_space,
    };
    note_special(quoting, format->dialect.line_terminator);
}

void
quoting_of_origin(struct quoting *quoting, const struct block_origin *origin)
{
    *quoting = (struct quoting){
        .delimiter = origin->delimiter,
        .quote = origin->quote,
        .escape = origin->escape,
        .comment = origin->comment,
        .no_double_quote = origin->no_double_quote,
        .skips_space = origin->skips_space,
    };
    note_special(quoting, origin->line_end);
}

static bool
holds_special(const struct quoting *q, const struct fb_cell *cell)
{
    for (uint32_t i = 0; i < cell->len; i++)
        if (q->special[cell->ptr[i]])
            return true;
    return false;
}

static bool
is_first(const struct fb_cell *cell, unsigned char byte)
{
    return byte != 0 && cell->len > 0 && cell->ptr[0] == byte;
}

static bool
needs_care(const struct quoting *q, const struct fb_cell *cell, uint32_t index,
           uint32_t count)
{
    return holds_special(q, cell) ||
           (index == 0 && is_first(cell, q->comment)) ||
           (q->skips_space && is_first(cell, ' ')) ||
           /* it would be a blank line, which is no record */
           (count == 1 && cell->len == 0);
}

/* Pieces of the cell, each special byte with something before it. */
static int
put_prefixed(const struct fb_cell *cell, const bool *special,
             const unsigned char *prefix, struct buf *out, struct fb_error *err)
{
    uint32_t from = 0;

    for (uint32_t i = 0; i < cell->len; i++) {
        unsigned char before = cell->ptr[i];

        if (!special[before])
            continue;
        if (prefix != NULL)
            before = *prefix;
        if (buf_append(out, cell->ptr + from, i - from, err) != 0 ||
            buf_append(out, &before, 1, err) != 0)
            return -1;
        from = i;
    }
    return buf_append(out, cell->ptr + from, cell->len - from, err);
}

static int
put_quoted(const struct quoting *q, const struct fb_cell *cell, struct buf *out,
           struct fb_error *err)
{
    bool special[256] = {false};

    special[q->quote] = true;
    if (q->escape != 0)
        special[q->escape] = true;
    if (q->no_double_quote && q->escape == 0 && cell->len > 0 &&
        memchr(cell->ptr, q->quote, cell->len) != NULL)
        return fb_fail(err, FB_E_INPUT,
                       "the dialect has no way to write a quote inside "
                       "quotes (doubleQuote: false and no escapeChar)");
    /* Without an escape character each quote stands before itself. */
    if (buf_append(out, &q->quote, 1, err) != 0 ||
        put_prefixed(cell, special, q->escape != 0 ? &q->escape : NULL, out,
                     err) != 0)
        return -1;
    return buf_append(out, &q->quote, 1, err);
}

/* There is no quote: an escape character must do, or nothing can.  At the end
 * of a record an escaped \r and the \n behind it would be one line end. */
static int
put_escaped(const struct quoting *q, const struct fb_cell *cell, bool last,
            struct buf *out, struct fb_error *err)
{
    struct fb_cell rest = *cell;

    if (q->escape == 0 || cell->len == 0 ||
        (last && cell->ptr[cell->len - 1] == '\r'))
        return fb_fail(err, FB_E_INPUT,
                       "the dialect has no way to write this cell (quoteChar "
                       "is empty%s)",
                       q->escape == 0 ? " and there is no escapeChar" : "");
    if (!q->special[cell->ptr[0]]) { /* a space, or what begins a comment */
        if (buf_append(out, &q->escape, 1, err) != 0 ||
            buf_append(out, cell->ptr, 1, err) != 0)
            return -1;
        rest.ptr++;
        rest.len--;
    }
    return put_prefixed(&rest, q->special, &q->escape, out, err);
}

int
quote_cell(const struct quoting *quoting, const struct fb_cell *cell,
           uint32_t index, uint32_t count, struct buf *out,
           struct fb_error *err)
{
    if (index > 0 && buf_append(out, &quoting->delimiter, 1, err) != 0)
        return -1;
    if (quoting->quote != 0 && ((cell->flags & FB_CELL_QUOTED) ||
                                needs_care(quoting, cell, index, count)))
        return put_quoted(quoting, cell, out, err);
    if (quoting->quote == 0 && needs_care(quoting, cell, index, count))
        return put_escaped(quoting, cell, index + 1 == count, out, err);
    return buf_append(out, cell->ptr, cell->len, err);
}

static inline bool
has_special(const struct quoting *q, quoting_vector bytes)
{
    uint64_t halves[2];
    quoting_vector found = {0};

    for (uint32_t i = 0; i < q->special_count; i += 4)
        found |= (quoting_vector)((bytes == q->sixteen[i]) |
                                  (bytes == q->sixteen[i + 1]) |
                                  (bytes == q->sixteen[i + 2]) |
                                  (bytes == q->sixteen[i + 3]));
    memcpy(halves, &found, sizeof(halves));
    return (halves[0] | halves[1]) != 0;
}

/* Sixteen bytes at a time; the last sixteen overlap those before. */
static bool
copy_long(const struct quoting *q, const unsigned char *from, size_t length,
          unsigned char *to)
{
    quoting_vector bytes;

    for (size_t i = 0; i + 16 < length; i += 16) {
        memcpy(&bytes, from + i, 16);
        if (has_special(q, bytes))
            return false;
        memcpy(to + i, &bytes, 16);
    }
    memcpy(&bytes, from + length - 16, 16);
    memcpy(to + length - 16, &bytes, 16);
    return !has_special(q, bytes);
}

/* 4 to 16 bytes: two halves that overlap, side by side. */
static bool
copy_middle(const struct quoting *q, const unsigned char *from, size_t length,
            unsigned char *to)
{
    size_t half = length >= 8 ? 8 : 4;
    uint64_t halves[2];
    quoting_vector bytes;

    if (half == 8) {
        memcpy(&halves[0], from, 8);
        memcpy(&halves[1], from + length - 8, 8);
        memcpy(to, &halves[0], 8);
        memcpy(to + length - 8, &halves[1], 8);
    } else {
        uint32_t quarters[2];

        memcpy(&quarters[0], from, 4);
        memcpy(&quarters[1], from + length - 4, 4);
        memcpy(to, &quarters[0], 4);
        memcpy(to + length - 4, &quarters[1], 4);
        memcpy(&halves[0], quarters, 8);
        halves[1] = halves[0];
    }
    memcpy(&bytes, halves, 16);
    return !has_special(q, bytes);
}

static bool
copy_short(const struct quoting *q, const unsigned char *from, size_t length,
           unsigned char *to)
{
    for (size_t i = 0; i < length; i++) {
        if (q->special[from[i]])
            return false;
        to[i] = from[i];
    }
    return true;
}

bool
quote_copy_bare(const struct quoting *q, const struct fb_cell *cell,
                uint32_t index, uint32_t count, unsigned char *to)
{
    if ((cell->flags & FB_CELL_QUOTED) || q->none_bare ||
        (count == 1 && cell->len == 0) ||
        (q->looks_at_first && ((index == 0 && is_first(cell, q->comment)) ||
                               (q->skips_space && is_first(cell, ' ')))))
        return false;
    if (cell->len > 16)
        return copy_long(q, cell->ptr, cell->len, to);
    if (cell->len >= 4)
        return copy_middle(q, cell->ptr, cell->len, to);
    return copy_short(q, cell->ptr, cell->len, to);
}
