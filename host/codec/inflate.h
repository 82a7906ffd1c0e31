/*
 * codec/inflate.h: bytes as they came in, to bytes as they were before
 * somebody compressed them.  Formats are told by their first bytes, never by
 * a name.  https://www.rfc-editor.org/rfc/rfc1952 (gzip),
 * https://www.rfc-editor.org/rfc/rfc8878 (zstd)
 */
#ifndef CODEC_INFLATE_H
#define CODEC_INFLATE_H

#include "codec/format.h"
#include "codec/reader.h"

struct inflate;

/* Reads the first bytes.  FB_E_INPUT when a compression is demanded that the
 * bytes do not have. */
int inflate_open(const struct byte_input *input, enum compression compression,
                 struct inflate **inflate, struct fb_error *err) FB_MUST_CHECK;
void inflate_free(struct inflate *inflate); /* NULL is fine */

/*
 * At most `size` bytes; *got 0 is the end.  Members (frames) that follow each
 * other are one text.  FB_E_INPUT: damaged, cut off, or followed by something
 * else; FB_E_LIMIT: grows more than util/limits.h allows.
 */
int inflate_read(struct inflate *inflate, unsigned char *bytes, size_t size,
                 size_t *got, struct fb_error *err) FB_MUST_CHECK;

/* Bytes taken from the input so far. */
uint64_t inflate_taken(const struct inflate *inflate);

#endif
