/*
 * util/utf8_body.h: the loop of the kernels utf8_*.c, which define what it is
 * made of before they include this: WIDTH, `vec` and the vec_* functions on
 * WIDTH bytes.  Not for anybody else; without WIDTH it is empty.
 *
 * The rule is that of J. Keiser and D. Lemire, "Validating UTF-8 In Less Than
 * One Instruction Per Byte", Software: Practice and Experience 51 (5), 2021,
 * https://arxiv.org/abs/2010.03090: every pair of neighbouring bytes is
 * looked up by three of its four half-bytes, each telling which faults are
 * still possible; a fault on which all three agree is one.  What pairs cannot
 * tell is whether a third or fourth byte continues as its first one says;
 * these are compared apart.
 */
#if defined(WIDTH)

#include <stdint.h>

#include "util/utf8.h"

#define STRIDE 64 /* bytes with one look at whether all is well */

/* Faults of a pair. */
enum {
    TOO_SHORT = 1 << 0,      /* a first byte, and none that continues it */
    TOO_LONG = 1 << 1,       /* ASCII continued */
    OVERLONG_3 = 1 << 2,     /* E0 80..9F */
    TOO_LARGE = 1 << 3,      /* F4 90..BF, F5.. 90..BF */
    SURROGATE = 1 << 4,      /* ED A0..BF */
    OVERLONG_2 = 1 << 5,     /* C0..C1 80..BF */
    TOO_LARGE_1000 = 1 << 6, /* F5.. 80..8F */
    OVERLONG_4 = 1 << 6,     /* F0 80..8F */
    TWO_CONTINUE = 1 << 7,   /* two bytes that continue: right or wrong */
    ANY_LOW = TOO_SHORT | TOO_LONG | TWO_CONTINUE, /* whatever the low half */
};

/* By the high half of the first byte. */
static const unsigned char first_high[16] = {
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TWO_CONTINUE,
    TWO_CONTINUE,
    TWO_CONTINUE,
    TWO_CONTINUE,
    /* C */ TOO_SHORT | OVERLONG_2,
    /* D */ TOO_SHORT,
    /* E */ TOO_SHORT | OVERLONG_3 | SURROGATE,
    /* F */ TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4,
};

#define BEYOND_4 (ANY_LOW | TOO_LARGE | TOO_LARGE_1000)

/* By the low half of the first byte. */
static const unsigned char first_low[16] = {
    /* 0 */ ANY_LOW | OVERLONG_3 | OVERLONG_2 | OVERLONG_4,
    /* 1 */ ANY_LOW | OVERLONG_2,
    ANY_LOW,
    ANY_LOW,
    /* 4 */ ANY_LOW | TOO_LARGE,
    BEYOND_4,
    BEYOND_4,
    BEYOND_4,
    BEYOND_4,
    BEYOND_4,
    BEYOND_4,
    BEYOND_4,
    BEYOND_4,
    /* D */ BEYOND_4 | SURROGATE,
    BEYOND_4,
    BEYOND_4,
};

#define CONTINUES (TOO_LONG | OVERLONG_2 | TWO_CONTINUE)

/* By the high half of the second byte. */
static const unsigned char second_high[16] = {
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    /* 8 */ CONTINUES | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4,
    /* 9 */ CONTINUES | OVERLONG_3 | TOO_LARGE,
    /* A */ CONTINUES | SURROGATE | TOO_LARGE,
    /* B */ CONTINUES | SURROGATE | TOO_LARGE,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
};

struct tables {
    vec first_high, first_low, second_high;
    vec third, fourth, high; /* what makes a byte of 0x80 and more of E0..FF,
                                F0..FF and these 0x80 */
    vec last;                /* more than these at the end: not complete */
};

INLINE struct tables
load_tables(void)
{
    unsigned char last[WIDTH];

    for (int i = 0; i < WIDTH; i++)
        last[i] = 0xff;
    last[WIDTH - 3] = 0xf0 - 1;
    last[WIDTH - 2] = 0xe0 - 1;
    last[WIDTH - 1] = 0xc0 - 1;
    return (struct tables){
        .first_high = vec_table(first_high),
        .first_low = vec_table(first_low),
        .second_high = vec_table(second_high),
        .third = vec_splat(0xe0 - 0x80),
        .fourth = vec_splat(0xf0 - 0x80),
        .high = vec_splat(0x80),
        .last = vec_load(last),
    };
}

/* Not zero where something is wrong; `before` stands before `now`. */
INLINE vec
faults(const struct tables *t, vec now, vec before)
{
    vec first = vec_before_1(now, before);
    vec pairs = vec_and(vec_and(vec_lookup(t->first_high, vec_high_half(first)),
                                vec_lookup(t->first_low, vec_low_half(first))),
                        vec_lookup(t->second_high, vec_high_half(now)));
    vec third = vec_subtract(vec_before_2(now, before), t->third);
    vec fourth = vec_subtract(vec_before_3(now, before), t->fourth);

    /* A pair that continues is right exactly where one must. */
    return vec_xor(vec_and(vec_or(third, fourth), t->high), pairs);
}

/* Where the last character before `at` begins, unless it is ASCII. */
static size_t
character_start(const unsigned char *bytes, size_t at)
{
    for (size_t back = 1; back <= 3 && back <= at; back++) {
        if (bytes[at - back] >= 0xc0)
            return at - back;
        if (bytes[at - back] < 0x80)
            break;
    }
    return at;
}

INLINE size_t
prefix_of(const unsigned char *bytes, size_t size)
{
    struct tables t = load_tables();
    vec before = vec_splat(0), open = vec_splat(0);
    size_t at = 0;

    for (; size - at >= STRIDE; at += STRIDE) {
        vec now[STRIDE / WIDTH], all = vec_splat(0), wrong = vec_splat(0);

        for (int i = 0; i < STRIDE / WIDTH; i++) {
            now[i] = vec_load(bytes + at + (size_t)i * WIDTH);
            all = vec_or(all, now[i]);
        }
        if (vec_is_ascii(all)) {
            if (vec_any(open))
                break;
            before = open; /* zeroes, which are ASCII too */
            continue;
        }
        for (int i = 0; i < STRIDE / WIDTH; i++) {
            wrong = vec_or(wrong, faults(&t, now[i], before));
            before = now[i];
        }
        if (vec_any(wrong))
            break;
        open = vec_subtract(before, t.last);
    }
    return character_start(bytes, at);
}

#endif
