/*
 * codec/scan_avx2.c: the scan for x86-64 processors of 2013 and later: two
 * times 32 bytes, and quotes paired by a carry-less multiplication.
 */
#include "codec/scan_body.h"

#ifdef __x86_64__

#include <immintrin.h>

#define TARGET __attribute__((target("avx2,bmi,bmi2,popcnt,pclmul")))
#define INLINE SCAN_INLINE TARGET

/* The characters, each 32 times, and what was seen of all bytes. */
struct eye {
    __m256i delimiter, quote, lf, cr, tab, low;
    __m256i control; /* not zero where a control character was */
    __m256i any;     /* all bytes, or-ed */
};

INLINE struct eye
open_eye(const struct scan *scan)
{
    return (struct eye){
        .delimiter = _mm256_set1_epi8((char)scan->delimiter),
        .quote = _mm256_set1_epi8((char)scan->quote),
        .lf = _mm256_set1_epi8('\n'),
        .cr = _mm256_set1_epi8('\r'),
        .tab = _mm256_set1_epi8('\t'),
        .low = _mm256_set1_epi8(0x1f),
        .control = _mm256_setzero_si256(),
        .any = _mm256_setzero_si256(),
    };
}

INLINE unsigned
close_eye(const struct eye *eye)
{
    return (_mm256_testz_si256(eye->control, eye->control) ? 0U
                                                           : SCAN_CONTROL) |
           (_mm256_movemask_epi8(eye->any) == 0 ? 0U : SCAN_HIGH);
}

INLINE uint64_t
bits(__m256i bytes)
{
    return (uint32_t)_mm256_movemask_epi8(bytes);
}

/* 32 bytes, of which the masks come `at` bits up. */
INLINE void
look_at_half(struct eye *eye, const unsigned char *half, unsigned at,
             struct scan_masks *masks)
{
    __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)half);
    __m256i lf = _mm256_cmpeq_epi8(bytes, eye->lf);
    __m256i cr = _mm256_cmpeq_epi8(bytes, eye->cr);
    __m256i tab = _mm256_cmpeq_epi8(bytes, eye->tab);
    __m256i low = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, eye->low), bytes);
    __m256i harmless = _mm256_or_si256(_mm256_or_si256(lf, cr), tab);

    masks->delimiter |= bits(_mm256_cmpeq_epi8(bytes, eye->delimiter)) << at;
    masks->quote |= bits(_mm256_cmpeq_epi8(bytes, eye->quote)) << at;
    masks->lf |= bits(lf) << at;
    masks->cr |= bits(cr) << at;
    eye->control =
        _mm256_or_si256(eye->control, _mm256_andnot_si256(harmless, low));
    eye->any = _mm256_or_si256(eye->any, bytes);
}

INLINE struct scan_masks
look(struct eye *eye, const unsigned char *stride)
{
    struct scan_masks masks = {.delimiter = 0};

    look_at_half(eye, stride, 0, &masks);
    look_at_half(eye, stride + 32, 32, &masks);
    return masks;
}

/* A product without carries by all ones. */
INLINE uint64_t
prefix_xor(uint64_t quotes)
{
    __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)quotes),
                                           _mm_set1_epi8((char)0xff), 0);

    return (uint64_t)_mm_cvtsi128_si64(product);
}

TARGET static void
more(struct scan *scan, const unsigned char *text, size_t size)
{
    struct scan_run run = scan_run_begin(scan, text, size);
    struct eye eye = open_eye(scan);
    unsigned char tail[SCAN_STRIDE];
    const unsigned char *stride;

    while ((stride = scan_run_next(&run, tail)) != NULL) {
        struct scan_masks masks = look(&eye, stride);

        scan_run_take(&run, &masks, prefix_xor(masks.quote & run.valid));
    }
    scan_run_end(&run, scan, text, size, close_eye(&eye));
}

static bool
is_here(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
           __builtin_cpu_supports("pclmul");
}

const struct scan_kernel scan_avx2 = {"avx2", is_here, more};

#endif
