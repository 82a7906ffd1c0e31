/*
 * codec/deflate.h: bytes on their way out, compressed or not: the mirror of
 * inflate.h.  The same bytes in give the same bytes out: gzip members carry
 * neither time nor name.
 */
#ifndef CODEC_DEFLATE_H
#define CODEC_DEFLATE_H

#include "codec/format.h"
#include "codec/writer.h"

/* What COMPRESSION_AUTO means for an output of this name. */
enum compression deflate_kind(enum compression wanted, const char *name);

struct deflate;

/* kind: not COMPRESSION_AUTO. */
int deflate_open(const struct byte_output *output, enum compression kind,
                 struct deflate **deflate, struct fb_error *err) FB_MUST_CHECK;
void deflate_free(struct deflate *deflate); /* NULL is fine; writes nothing */

int deflate_write(struct deflate *deflate, const unsigned char *bytes,
                  size_t size, struct fb_error *err) FB_MUST_CHECK;
/* End the member; once, and last. */
int deflate_finish(struct deflate *deflate, struct fb_error *err) FB_MUST_CHECK;

/* Bytes given to the output so far. */
uint64_t deflate_given(const struct deflate *deflate);

#endif
