/*
 * expr/words.h: eight bytes of text at a time, in a register.  The first byte
 * is the lowest, whatever the machine's order; bytes beyond the end are 0.
 */
#ifndef EXPR_WORDS_H
#define EXPR_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/word.h"

#define WORD_ONES WORD_EACH(1)
#define WORD_HIGH (WORD_ONES * 0x80) /* the top bit of each byte */

/* `text` when all bits of `mask` are 1, eight zero bytes when all are 0. */
static inline const unsigned char *
word_select(const unsigned char *text, uintptr_t mask)
{
    static const unsigned char nothing[8] = {0};
    uintptr_t other = (uintptr_t)nothing;

    return (const unsigned char *)(other ^ (((uintptr_t)text ^ other) & mask));
}

/*
 * A word of the bytes of a text: the first eight, or when there are fewer all
 * of them, in an order of their own, some of them twice.  With the length it
 * tells short texts apart.  Reads nothing outside of the text.
 *
 * Lengths of texts are hard to foresee, so all ways to read one are gone
 * without a jump: those that do not fit read zeros.
 */
static inline uint64_t
word_gather(const unsigned char *text, size_t length)
{
    uintptr_t is_long = 0 - (uintptr_t)(length >= 8);
    uintptr_t is_half = 0 - (uintptr_t)(length - 4 < 4);
    uintptr_t is_few = 0 - (uintptr_t)(length - 1 < 3);
    size_t middle = (length / 2) & is_few, last = (length - 1) & is_few;
    size_t behind = (length - 4) & is_half;
    const unsigned char *half = word_select(text, is_half);
    const unsigned char *few = word_select(text, is_few);

    return word_load8(word_select(text, is_long)) | (uint64_t)word_load4(half) |
           (uint64_t)word_load4(half + behind) << 32 | (uint64_t)few[0] |
           (uint64_t)few[middle] << 8 | (uint64_t)few[last] << 16;
}

/* Of a text of fewer than eight bytes, each in its place. */
static inline uint64_t
word_load_short(const unsigned char *text, size_t length)
{
    if (length >= 4)
        return (uint64_t)word_load4(text) |
               (uint64_t)word_load4(text + length - 4) << (8 * (length - 4));
    if (length == 0)
        return 0;
    return (uint64_t)text[0] |
           (uint64_t)text[length / 2] << (8 * (length / 2)) |
           (uint64_t)text[length - 1] << (8 * (length - 1));
}

/* The last eight, when there are as many; else 0. */
static inline uint64_t
word_load_last(const unsigned char *text, size_t length)
{
    uintptr_t is_long = 0 - (uintptr_t)(length >= 8);

    return word_load8(word_select(text, is_long) + ((length - 8) & is_long));
}

static inline bool
word_is_ascii(uint64_t word)
{
    return (word & WORD_HIGH) == 0;
}

/* The top bit of each byte of an ASCII word that is one of the 26 letters
 * from `first` on. */
static inline uint64_t
word_letters(uint64_t word, unsigned char first)
{
    uint64_t from = word + WORD_ONES * (0x80u - first);
    uint64_t behind = word + WORD_ONES * (0x80u - first - 26u);

    return from & ~behind & WORD_HIGH;
}

/* Letters from `first` ('A': capitals, 'a': small ones) in the other case. */
static inline uint64_t
word_swap_case(uint64_t word, unsigned char first)
{
    return word ^ (word_letters(word, first) >> 2);
}

/* Of any length. */
static inline bool
text_is_ascii(const unsigned char *text, size_t length)
{
    uint64_t all = 0;
    size_t at = 0;

    if (length < 8)
        return word_is_ascii(word_gather(text, length));
    for (; at + 8 <= length; at += 8)
        all |= word_load8(text + at);
    return word_is_ascii(all | word_load8(text + length - 8));
}

#endif
