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
    size_t size;  /* of out; less than expected: iconv holds something back */
    unsigned char out[16];
};

/* Ask from the initial shift state, and leave the descriptor there. */
struct answer charset_ask(iconv_t cd, const unsigned char *bytes, size_t size);

/* As charset_stands_alone, with a descriptor of a stateless charset. */
bool charset_asks_alone(iconv_t cd, unsigned char byte);

#endif
