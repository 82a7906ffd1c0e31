/*
 * util/word.h: four or eight bytes of text as one machine word, in which the
 * first byte is the lowest whatever the machine's order.  For loops that look
 * at several bytes in one step.
 */
#ifndef UTIL_WORD_H
#define UTIL_WORD_H

#include <stdint.h>
#include <string.h>

/* A word of eight times this byte. */
#define WORD_EACH(byte_) (UINT64_C(0x0101010101010101) * (byte_))

static inline uint64_t
word_load8(const unsigned char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static inline uint32_t
word_load4(const unsigned char *bytes)
{
    uint32_t word;

    memcpy(&word, bytes, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap32(word);
#endif
    return word;
}

static inline void
word_store8(unsigned char *bytes, uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    memcpy(bytes, &word, sizeof(word));
}

#endif
