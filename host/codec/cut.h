/*
 * codec/cut.h: cuts an input into pieces that hold whole records, as long as
 * its text is regular (scan.h).  Where it is not, only reading tells where
 * records end: then somebody else takes the bytes (cut_pull), and puts back
 * what he did not use.  Knows no characters but ASCII's.
 */
#ifndef CODEC_CUT_H
#define CODEC_CUT_H

#include "codec/inflate.h"
#include "codec/scan.h"

/* Whole records.  Both pointers are from malloc. */
struct cut_piece {
    unsigned char *bytes; /* bytes[size] is NUL */
    uint32_t size;
    uint32_t *ends; /* delimiters and line feeds outside quotes, and `size`
                       when the last record has no line end */
    uint32_t count;
    uint32_t rows;  /* records and blank lines */
    uint64_t lines; /* physical ones */
    unsigned flags; /* SCAN_*: what the bytes may hold */
};

struct cut;

/* The input stays the caller's. */
struct cut *cut_new(struct inflate *input);
void cut_free(struct cut *cut); /* NULL is fine */

/* How the text is written, and how many bytes a piece has, roughly. */
void cut_set(struct cut *cut, const struct scan_kernel *kernel,
             unsigned char delimiter, unsigned char quote, size_t piece_size);

enum cut_found {
    CUT_PIECE = 1,
    CUT_IRREGULAR, /* or a record is very long; nothing was taken */
    CUT_END,
};

/* What comes next.  Must begin at the start of a record. */
int cut_next(struct cut *cut, struct cut_piece *piece, enum cut_found *found,
             struct fb_error *err) FB_MUST_CHECK;
void cut_piece_release(struct cut_piece *piece);

/* The next bytes; as byte_input.read, with the cut for `arg`. */
int cut_pull(void *arg, unsigned char *bytes, size_t size, size_t *got,
             struct fb_error *err) FB_MUST_CHECK;

/* These bytes come again, before all others; FB_E_LIMIT. */
int cut_put_back(struct cut *cut, const unsigned char *bytes, size_t size,
                 struct fb_error *err) FB_MUST_CHECK;

#endif
