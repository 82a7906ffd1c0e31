/*
 * util/utf8_ssse3.c: checking UTF-8 on older x86-64 processors.
 */
#include "util/utf8.h"

#include "util/utf8_kernels.h"

#ifdef __x86_64__

#include <immintrin.h>

#define TARGET __attribute__((target("ssse3")))
#define INLINE static inline __attribute__((always_inline)) TARGET
#define WIDTH 16

typedef __m128i vec;

INLINE vec
vec_load(const unsigned char *bytes)
{
    return _mm_loadu_si128((const __m128i *)(const void *)bytes);
}

INLINE vec
vec_splat(unsigned char byte)
{
    return _mm_set1_epi8((char)byte);
}

INLINE vec
vec_table(const unsigned char table[16])
{
    return vec_load(table);
}

INLINE vec
vec_lookup(vec table, vec halves)
{
    return _mm_shuffle_epi8(table, halves);
}

INLINE vec
vec_low_half(vec bytes)
{
    return _mm_and_si128(bytes, _mm_set1_epi8(0x0f));
}

INLINE vec
vec_high_half(vec bytes)
{
    return vec_low_half(_mm_srli_epi16(bytes, 4));
}

INLINE vec
vec_and(vec a, vec b)
{
    return _mm_and_si128(a, b);
}

INLINE vec
vec_or(vec a, vec b)
{
    return _mm_or_si128(a, b);
}

INLINE vec
vec_xor(vec a, vec b)
{
    return _mm_xor_si128(a, b);
}

/* Down to zero and not below. */
INLINE vec
vec_subtract(vec a, vec b)
{
    return _mm_subs_epu8(a, b);
}

/* The bytes one, two and three places before each. */
#define BEFORE(count_)                                      \
    INLINE vec vec_before_##count_(vec now, vec before)     \
    {                                                       \
        return _mm_alignr_epi8(now, before, 16 - (count_)); \
    }
BEFORE(1)
BEFORE(2)
BEFORE(3)

INLINE bool
vec_is_ascii(vec bytes)
{
    return _mm_movemask_epi8(bytes) == 0;
}

INLINE bool
vec_any(vec bytes)
{
    return _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_setzero_si128())) !=
           0xffff;
}

#include "util/utf8_body.h"

static bool
is_here(void)
{
    return __builtin_cpu_supports("ssse3");
}

TARGET static size_t
prefix(const unsigned char *bytes, size_t size)
{
    return prefix_of(bytes, size);
}

const struct utf8_kernel utf8_ssse3 = {"ssse3", is_here, prefix};

#endif
