/*
 * util/utf8_neon.c: checking UTF-8 on 64-bit ARM, where NEON is always there.
 */
#include "util/utf8.h"

#include "util/utf8_kernels.h"

#ifdef __aarch64__

#include <arm_neon.h>

#define INLINE static inline __attribute__((always_inline))
#define WIDTH 16

typedef uint8x16_t vec;

INLINE vec
vec_load(const unsigned char *bytes)
{
    return vld1q_u8(bytes);
}

INLINE vec
vec_splat(unsigned char byte)
{
    return vdupq_n_u8(byte);
}

INLINE vec
vec_table(const unsigned char table[16])
{
    return vld1q_u8(table);
}

INLINE vec
vec_lookup(vec table, vec halves)
{
    return vqtbl1q_u8(table, halves);
}

INLINE vec
vec_low_half(vec bytes)
{
    return vandq_u8(bytes, vdupq_n_u8(0x0f));
}

INLINE vec
vec_high_half(vec bytes)
{
    return vshrq_n_u8(bytes, 4);
}

INLINE vec
vec_and(vec a, vec b)
{
    return vandq_u8(a, b);
}

INLINE vec
vec_or(vec a, vec b)
{
    return vorrq_u8(a, b);
}

INLINE vec
vec_xor(vec a, vec b)
{
    return veorq_u8(a, b);
}

/* Down to zero and not below. */
INLINE vec
vec_subtract(vec a, vec b)
{
    return vqsubq_u8(a, b);
}

/* The bytes one, two and three places before each. */
#define BEFORE(count_)                                  \
    INLINE vec vec_before_##count_(vec now, vec before) \
    {                                                   \
        return vextq_u8(before, now, 16 - (count_));    \
    }
BEFORE(1)
BEFORE(2)
BEFORE(3)

INLINE bool
vec_is_ascii(vec bytes)
{
    return vmaxvq_u8(bytes) < 0x80;
}

INLINE bool
vec_any(vec bytes)
{
    return vmaxvq_u8(bytes) != 0;
}

#include "util/utf8_body.h"

static bool
is_here(void)
{
    return true;
}

static size_t
prefix(const unsigned char *bytes, size_t size)
{
    return prefix_of(bytes, size);
}

const struct utf8_kernel utf8_neon = {"neon", is_here, prefix};

#endif
