/*
 * aws/crc_fold.h: many bytes made into sixteen that leave the same remainder,
 * by the processor's multiplication without carries.  Good for every
 * reflected CRC of at most 64 bits; what the remainder is, crc.c finds.
 * https://www.intel.com/content/dam/www/public/us/en/documents/white-papers/fast-crc-computation-generic-polynomials-pclmulqdq-paper.pdf
 */
#ifndef AWS_CRC_FOLD_H
#define AWS_CRC_FOLD_H

#include "forebay/plugin.h"

#define AWS_CRC_FOLD_LEAST ((size_t)64) /* bytes, for one call */
#define AWS_CRC_FOLD_REST ((size_t)16)

/*
 * What 16 bytes are multiplied by when they are moved on by a number of bits:
 * powers of x modulo the polynomial, the coefficient of x^63 in the lowest
 * bit.  [0] is for their first half, x^(bits + 63), and [1] for the second,
 * x^(bits - 1); a product of two reflected numbers has one x too many.
 */
struct aws_crc_fold {
    uint64_t by_512[2], by_128[2];
};

/* Whether this processor can. */
bool aws_crc_can_fold(void);

/* Fold size bytes, a multiple of 16; crc is the state, as it is inside (not
 * inverted), before the first. */
void aws_crc_fold(const struct aws_crc_fold *fold, uint64_t crc,
                  const unsigned char *bytes, size_t size,
                  unsigned char rest[AWS_CRC_FOLD_REST]);

#endif
