/*
 * codec/writer_parts.h: what the files of the writer share; of no interest to
 * anybody else.
 */
#ifndef CODEC_WRITER_PARTS_H
#define CODEC_WRITER_PARTS_H

#include "codec/charset.h"
#include "codec/deflate.h"
#include "codec/quote.h"
#include "codec/writer.h"

#define NAME_SHOWN 80 /* bytes of a name in a message */

struct writer_tools {
    struct encoder *encoder;      /* NULL: UTF-8 goes out */
    struct buf text;              /* scratch: records in UTF-8 */
    struct buf scratch;           /* scratch: what nobody will see */
    const struct fb_cell **cells; /* one array a column */
};

struct writer {
    struct writer_options options;
    struct charset charset;
    struct writer_tools *tools; /* of the thread that appends */
    struct deflate *deflate;
    struct quoting quoting;
    const struct columns *columns;
    const struct block_origin *origin; /* NULL: unknown */
    size_t origin_unit;   /* bytes of a line end's character there */
    bool same_charset;    /* as the origin: bytes may be copied */
    bool same_dialect;    /* as the origin: records may be copied */
    bool replace;         /* characters that the charset lacks become '?' */
    bool returns;         /* rejected rows go back as they came */
    bool owes_end;        /* the last record was written without a line end */
    const char *line_end; /* in UTF-8 */
    struct encoded made;  /* scratch: what is appended at once */
    struct buf end;       /* line_end in the charset */
    uint64_t rows;
    struct buf out; /* bytes for the output, not compressed yet */
};

/* One batch on its way into bytes: what there is to know (shared), to use
 * (the thread's) and to fill. */
struct encoding {
    const struct writer *w;
    struct writer_tools *tools;
    struct encoded *to;
};

/* As they are, and from UTF-8 into the charset. */
int writer_put(struct encoding *e, const void *bytes, size_t size,
               struct fb_error *err) FB_MUST_CHECK;
int writer_put_text(struct encoding *e, const void *text, size_t size,
                    bool replace, struct fb_error *err) FB_MUST_CHECK;
int writer_put_line_end(struct encoding *e, struct fb_error *err) FB_MUST_CHECK;
/* Says which cell of a row the charset lacks a character of; -1. */
int writer_blame_cell(struct encoding *e, struct batch *batch, uint32_t row,
                      struct fb_error *err);

/* The header, in writer_header.c: what the origin means for this writer, the
 * line end to write, and the header itself. */
int header_meet(struct writer *w, const struct block_origin *origin,
                struct fb_error *err) FB_MUST_CHECK;
const char *header_line_end(const struct writer *w,
                            const struct block_origin *origin);
int header_put(struct encoding *e, struct fb_error *err) FB_MUST_CHECK;

/* Records as they came, in writer_rows.c. */
int copy_rows(struct encoding *e, struct batch *batch,
              struct fb_error *err) FB_MUST_CHECK;
/* Records made from cells, in writer_cells.c. */
int write_cells(struct encoding *e, struct batch *batch,
                struct fb_error *err) FB_MUST_CHECK;

/* LAYOUT_RETURN, in writer_return.c. */
int return_meet(struct writer *w, const struct block_origin *origin,
                struct fb_error *err) FB_MUST_CHECK;
int return_header(struct encoding *e, struct fb_error *err) FB_MUST_CHECK;
int return_rows(struct encoding *e, struct batch *batch,
                struct fb_error *err) FB_MUST_CHECK;

/* The first row from `row` on whose bit is 1, with `flip` 0, or 0, with `flip`
 * all ones; `rows` when there is none. */
static inline uint32_t
next_row(const uint64_t *selection, uint32_t row, uint32_t rows, uint64_t flip)
{
    size_t word = row / 64;
    uint64_t bits;

    if (row >= rows)
        return rows;
    bits = (selection[word] ^ flip) & (UINT64_MAX << (row % 64));
    while (bits == 0) {
        if (++word >= FB_WORDS(rows))
            return rows;
        bits = selection[word] ^ flip;
    }
    row = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(bits);
    return row < rows ? row : rows;
}

static inline uint32_t
next_selected(const uint64_t *selection, uint32_t row, uint32_t rows)
{
    return next_row(selection, row, rows, 0);
}

#endif
