/*
 * codec/lines.h: raw bytes cut at physical line ends, before they are
 * decoded; so a byte that does not decode costs one line, and every line
 * knows where in the file it stood.
 */
#ifndef CODEC_LINES_H
#define CODEC_LINES_H

#include "codec/charset.h"
#include "codec/inflate.h"

struct raw_line {
    const unsigned char *bytes; /* valid until the next call */
    size_t length;              /* without the line end */
    size_t end_length;          /* bytes of the line end behind it */
    const char *end;            /* the line end in UTF-8; "" at the end */
};

struct lines;

/* What the input points to stays the caller's. */
struct lines *lines_new(const struct byte_input *input);
void lines_free(struct lines *lines); /* NULL is fine */

/* The first bytes, at most `size`, without taking them. */
int lines_peek(struct lines *lines, size_t size, const unsigned char **bytes,
               size_t *got, struct fb_error *err) FB_MUST_CHECK;
void lines_skip(struct lines *lines, size_t size); /* of what was peeked */

/* How lines end: terminator NULL: \n, \r\n or \r; else it alone (ASCII, and
 * only for charsets that format_check lets have one). */
int lines_set(struct lines *lines, const struct charset *charset,
              const char *terminator, struct fb_error *err) FB_MUST_CHECK;

/* The next line; *got false at the end.  FB_E_LIMIT beyond RECORD_MAX. */
int lines_next(struct lines *lines, struct raw_line *line, bool *got,
               struct fb_error *err) FB_MUST_CHECK;

/* What was taken from the input and not returned, until the next call. */
size_t lines_rest(const struct lines *lines, const unsigned char **bytes);

/* Begin anew with what the input gives next, behind `count` lines: the rest
 * is forgotten, also that the input ended. */
void lines_begin(struct lines *lines, uint64_t count);

#endif
