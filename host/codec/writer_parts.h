/*
 * codec/writer_parts.h: what writer.c and writer_return.c share; of no
 * interest to anybody else.
 */
#ifndef CODEC_WRITER_PARTS_H
#define CODEC_WRITER_PARTS_H

#include "codec/charset.h"
#include "codec/deflate.h"
#include "codec/quote.h"
#include "codec/writer.h"

struct writer {
    struct writer_options options;
    struct charset charset;
    struct encoder *encoder;
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
    uint64_t rows;
    struct buf out;               /* bytes for the output, not compressed yet */
    struct buf encoded;           /* scratch */
    struct buf text;              /* scratch: a record in UTF-8 */
    const struct fb_cell **cells; /* scratch: one array a column */
};

int writer_put(struct writer *w, const void *bytes, size_t size,
               struct fb_error *err) FB_MUST_CHECK;
int writer_put_text(struct writer *w, const void *text, size_t size,
                    bool replace, struct fb_error *err) FB_MUST_CHECK;
int writer_use_charset(struct writer *w, const struct charset *charset,
                       struct fb_error *err) FB_MUST_CHECK;

/* LAYOUT_RETURN, in writer_return.c. */
int return_begin(struct writer *w, const struct block_origin *origin,
                 struct fb_error *err) FB_MUST_CHECK;
int return_row(struct writer *w, const struct reject *reject,
               const struct block_origin *origin,
               struct fb_error *err) FB_MUST_CHECK;

#endif
