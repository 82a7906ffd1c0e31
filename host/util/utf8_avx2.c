/*
 * util/utf8_avx2.c: checking UTF-8 on x86-64 processors of 2013 and later.
 */
#include "util/utf8.h"

#include "util/utf8_kernels.h"

#ifdef __x86_64__

#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline)) TARGET
#define WIDTH 32

typedef __m256i vec;

INLINE vec
vec_load(const unsigned char *bytes)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)bytes);
}

INLINE vec
vec_splat(unsigned char byte)
{
    return _mm256_set1_epi8((char)byte);
}

INLINE vec
vec_table(const unsigned char table[16])
{
    return _mm256_broadcastsi128_si256(
        _mm_loadu_si128((const __m128i *)(const void *)table));
}

INLINE vec
vec_lookup(vec table, vec halves)
{
    return _mm256_shuffle_epi8(table, halves);
}

INLINE vec
vec_low_half(vec bytes)
{
    return _mm256_and_si256(bytes, _mm256_set1_epi8(0x0f));
}

INLINE vec
vec_high_half(vec bytes)
{
    return vec_low_half(_mm256_srli_epi16(bytes, 4));
}

INLINE vec
vec_and(vec a, vec b)
{
    return _mm256_and_si256(a, b);
}

INLINE vec
vec_or(vec a, vec b)
{
    return _mm256_or_si256(a, b);
}

INLINE vec
vec_xor(vec a, vec b)
{
    return _mm256_xor_si256(a, b);
}

/* Down to zero and not below. */
INLINE vec
vec_subtract(vec a, vec b)
{
    return _mm256_subs_epu8(a, b);
}

/* The bytes one, two and three places before each. */
#define BEFORE(count_)                                                         \
    INLINE vec vec_before_##count_(vec now, vec before)                        \
    {                                                                          \
        return _mm256_alignr_epi8(                                             \
            now, _mm256_permute2x128_si256(before, now, 0x21), 16 - (count_)); \
    }
BEFORE(1)
BEFORE(2)
BEFORE(3)

INLINE bool
vec_is_ascii(vec bytes)
{
    return _mm256_movemask_epi8(bytes) == 0;
}

INLINE bool
vec_any(vec bytes)
{
    return !_mm256_testz_si256(bytes, bytes);
}

#include "util/utf8_body.h"

static bool
is_here(void)
{
    return __builtin_cpu_supports("avx2");
}

TARGET static size_t
prefix(const unsigned char *bytes, size_t size)
{
    return prefix_of(bytes, size);
}

const struct utf8_kernel utf8_avx2 = {"avx2", is_here, prefix};

#endif
