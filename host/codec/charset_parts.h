/*
 * codec/charset_parts.h: what the files behind charset.h share, and a way for
 * tests to compare the tables with iconv.  Not for anybody else.
 */
#ifndef CODEC_CHARSET_PARTS_H
#define CODEC_CHARSET_PARTS_H

#include <iconv.h>

#include "codec/charset.h"

/* What iconv makes of a few bytes. */
struct answer {
    int why;      /* errno; 0: all were taken */
    size_t taken; /* of them */
    size_t size;  /* of out */
    bool held;    /* iconv held back more, for something may combine with it */
    unsigned char out[16];
};

/* Ask from the initial shift state, and leave the descriptor there. */
struct answer charset_ask(iconv_t cd, const unsigned char *bytes, size_t size);

#define TABLE_BLOCK ((size_t)4096) /* bytes looked at with one look at room */
#define TABLE_GROWTH 3             /* bytes that one byte can become */
#define TABLE_SLACK 16             /* bytes written behind the last one */

/*
 * Room for what a table makes of `block` bytes, and for `likely` bytes if
 * there is none yet; -1 when the buffer's maximum forbids even the former.
 */
int charset_make_room(struct buf *out, size_t block,
                      size_t likely) FB_MUST_CHECK;

/* Characters of one or two bytes to UTF-8, filled from iconv as they come. */
struct decode_table;

/* The descriptor is borrowed, and in its initial state between all calls. */
struct decode_table *decode_table_new(const struct charset *charset,
                                      iconv_t cd);

/*
 * Decode bytes[0 .. until), where a character may reach beyond `until` but
 * not beyond `size`.  Returns how many were taken: fewer than `until` when
 * the next is for iconv.  *to moves; charset_make_room made room there.
 */
size_t decode_table_run(struct decode_table *table, const unsigned char *bytes,
                        size_t until, size_t size, unsigned char **to);

/* UTF-8 of up to three bytes to characters of up to three bytes, likewise. */
struct encode_table;

struct encode_table *encode_table_new(iconv_t cd);
size_t encode_table_run(struct encode_table *table, const unsigned char *text,
                        size_t until, size_t size, unsigned char **to);

/* From now on only iconv: what the tables must agree with. */
void decoder_drop_table(struct decoder *decoder);
void encoder_drop_table(struct encoder *encoder);

#endif
