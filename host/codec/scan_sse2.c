/*
 * codec/scan_sse2.c: the scan for every x86-64 processor: four times 16
 * bytes.
 */
#include "codec/scan_body.h"

#ifdef __x86_64__

#include <emmintrin.h>

/* The characters, each 16 times, and what was seen of all bytes. */
struct eye {
    __m128i delimiter, quote, lf, cr, tab, low;
    __m128i control; /* not zero where a control character was */
    __m128i any;     /* all bytes, or-ed */
};

SCAN_INLINE struct eye
open_eye(const struct scan *scan)
{
    return (struct eye){
        .delimiter = _mm_set1_epi8((char)scan->delimiter),
        .quote = _mm_set1_epi8((char)scan->quote),
        .lf = _mm_set1_epi8('\n'),
        .cr = _mm_set1_epi8('\r'),
        .tab = _mm_set1_epi8('\t'),
        .low = _mm_set1_epi8(0x1f),
        .control = _mm_setzero_si128(),
        .any = _mm_setzero_si128(),
    };
}

SCAN_INLINE unsigned
close_eye(const struct eye *eye)
{
    __m128i none = _mm_cmpeq_epi8(eye->control, _mm_setzero_si128());

    return (_mm_movemask_epi8(none) == 0xffff ? 0U : SCAN_CONTROL) |
           (_mm_movemask_epi8(eye->any) == 0 ? 0U : SCAN_HIGH);
}

SCAN_INLINE uint64_t
bits(__m128i bytes)
{
    return (uint32_t)_mm_movemask_epi8(bytes);
}

/* 16 bytes, of which the masks come `at` bits up. */
SCAN_INLINE void
look_at_quarter(struct eye *eye, const unsigned char *quarter, unsigned at,
                struct scan_masks *masks)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)quarter);
    __m128i lf = _mm_cmpeq_epi8(bytes, eye->lf);
    __m128i cr = _mm_cmpeq_epi8(bytes, eye->cr);
    __m128i tab = _mm_cmpeq_epi8(bytes, eye->tab);
    __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, eye->low), bytes);
    __m128i harmless = _mm_or_si128(_mm_or_si128(lf, cr), tab);

    masks->delimiter |= bits(_mm_cmpeq_epi8(bytes, eye->delimiter)) << at;
    masks->quote |= bits(_mm_cmpeq_epi8(bytes, eye->quote)) << at;
    masks->lf |= bits(lf) << at;
    masks->cr |= bits(cr) << at;
    eye->control = _mm_or_si128(eye->control, _mm_andnot_si128(harmless, low));
    eye->any = _mm_or_si128(eye->any, bytes);
}

SCAN_INLINE struct scan_masks
look(struct eye *eye, const unsigned char *stride)
{
    struct scan_masks masks = {.delimiter = 0};

    look_at_quarter(eye, stride, 0, &masks);
    look_at_quarter(eye, stride + 16, 16, &masks);
    look_at_quarter(eye, stride + 32, 32, &masks);
    look_at_quarter(eye, stride + 48, 48, &masks);
    return masks;
}

static void
more(struct scan *scan, const unsigned char *text, size_t size)
{
    struct scan_run run = scan_run_begin(scan, text, size);
    struct eye eye = open_eye(scan);
    unsigned char tail[SCAN_STRIDE];
    const unsigned char *stride;

    while ((stride = scan_run_next(&run, tail)) != NULL) {
        struct scan_masks masks = look(&eye, stride);

        scan_run_take(&run, &masks, scan_prefix_xor(masks.quote & run.valid));
    }
    scan_run_end(&run, scan, text, size, close_eye(&eye));
}

static bool
is_here(void)
{
    return true;
}

const struct scan_kernel scan_sse2 = {"sse2", is_here, more};

#endif
