/*
 * batch/swar.h: a few bytes of ASCII looked at as one machine word, its lowest
 * byte being the first.  For number_fast.h and moment_iso.h; knows nothing of
 * what the bytes mean.
 */
#ifndef BATCH_SWAR_H
#define BATCH_SWAR_H

#include <stdbool.h>

#include "util/word.h"

/* 1 to 8 bytes, zeros above them; reads no others. */
static inline uint64_t
swar_load(const unsigned char *bytes, uint32_t length)
{
    uint32_t half = length / 2, last = length - 1;

    if (length == 8)
        return word_load8(bytes);
    /* Bytes that are read twice are the same twice. */
    if (length >= 4)
        return word_load4(bytes) | (uint64_t)word_load4(bytes + length - 4)
                                       << (8 * (length - 4));
    return bytes[0] | (uint64_t)bytes[half] << (8 * half) |
           (uint64_t)bytes[last] << (8 * last);
}

/* Whether each byte is at most what `most` says in its place; the bytes of
 * most are below 0x80. */
static inline bool
swar_at_most(uint64_t word, uint64_t most)
{
    return ((word | (word + (WORD_EACH(0x7f) - most))) & WORD_EACH(0x80)) == 0;
}

/* Eight digits as values 0 to 9, the first the highest: pairs, then fours. */
static inline uint32_t
swar_number(uint64_t digits)
{
    const uint64_t every_other = UINT64_C(0x000000ff000000ff);
    uint64_t pairs = digits * 10 + (digits >> 8);
    uint64_t odd = pairs & every_other, even = (pairs >> 16) & every_other;

    /* The upper halves sum up the first pair times 1000000, the second times
     * 10000, the third times 100 and the fourth. */
    return (uint32_t)((odd * ((UINT64_C(1000000) << 32) + 100) +
                       even * ((UINT64_C(10000) << 32) + 1)) >>
                      32);
}

#endif
