/*
 * batch/number_fast.h: the numbers that nearly every cell holds: a sign and
 * up to eight digits, a point among them.  What these functions take, they
 * read as number.h does; what they do not take may be a number or not.
 */
#ifndef BATCH_NUMBER_FAST_H
#define BATCH_NUMBER_FAST_H

#include "batch/swar.h"

/* The eight bytes as digits; shorter ones are filled up with zeros. */
static inline bool
number_fast_digits(uint64_t word, uint32_t count, uint32_t *number)
{
    uint32_t empty = 8 * (8 - count); /* bits; count is 1 to 8 */
    uint64_t digits =
        (word << empty) ^ (WORD_EACH('0') & ~((UINT64_C(1) << empty) - 1));

    *number = swar_number(digits);
    return swar_at_most(digits, WORD_EACH(9));
}

/* Steps behind a sign. */
static inline bool
number_fast_sign(const unsigned char **text, uint32_t *length)
{
    bool minus = *length > 0 && **text == '-';
    bool sign = minus || (*length > 0 && **text == '+');

    *text += sign;
    *length -= sign;
    return minus;
}

/* As number_parse_integer without a group character. */
static inline bool
number_fast_integer(const unsigned char *text, uint32_t length, int64_t *value)
{
    bool minus = number_fast_sign(&text, &length);
    uint32_t number;

    if (length - 1 > 7 ||
        !number_fast_digits(swar_load(text, length), length, &number))
        return false;
    *value = minus ? -(int64_t)number : (int64_t)number;
    return true;
}

/* As number_parse with a point and without a group character.  The digits and
 * the power of ten are exact doubles, so their quotient is rounded right. */
static inline bool
number_fast(const unsigned char *text, uint32_t length, double *value)
{
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
    bool minus = number_fast_sign(&text, &length);
    uint32_t number, fraction = 0;
    uint64_t word, point;

    if (length - 1 > 7)
        return false;
    word = swar_load(text, length);
    point = word ^ WORD_EACH('.');
    point = (point - WORD_EACH(1)) & ~point & WORD_EACH(0x80);
    if (point != 0) {
        /* The bits below the first point, and what stands above it. */
        uint32_t before = (uint32_t)__builtin_ctzll(point) & ~UINT32_C(7);
        uint64_t low = (UINT64_C(1) << before) - 1;

        length--;
        if (length == 0)
            return false;
        fraction = length - before / 8;
        word = (word & low) | ((word >> 8) & ~low);
    }
    if (!number_fast_digits(word, length, &number))
        return false;
    *value = (double)number / powers[fraction];
    if (minus)
        *value = -*value;
    return true;
}

#endif
