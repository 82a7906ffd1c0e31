/*
 * codec/scan_neon.c: the scan for 64-bit ARM processors: four times 16 bytes.
 */
#include "codec/scan_body.h"

#ifdef SCAN_HAS_NEON

#include <arm_neon.h>

/* The characters, each 16 times, and what was seen of all bytes. */
struct eye {
    uint8x16_t delimiter, quote, lf, cr, tab, low;
    uint8x16_t weights; /* the bit of each byte in one of two bytes */
    uint8x16_t control; /* not zero where a control character was */
    uint8x16_t any;     /* all bytes, or-ed */
};

SCAN_INLINE struct eye
open_eye(const struct scan *scan)
{
    return (struct eye){
        .delimiter = vdupq_n_u8(scan->delimiter),
        .quote = vdupq_n_u8(scan->quote),
        .lf = vdupq_n_u8('\n'),
        .cr = vdupq_n_u8('\r'),
        .tab = vdupq_n_u8('\t'),
        .low = vdupq_n_u8(0x20),
        .weights = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201U)),
        .control = vdupq_n_u8(0),
        .any = vdupq_n_u8(0),
    };
}

SCAN_INLINE unsigned
close_eye(const struct eye *eye)
{
    return (vmaxvq_u8(eye->control) == 0 ? 0U : SCAN_CONTROL) |
           (vmaxvq_u8(eye->any) < 0x80 ? 0U : SCAN_HIGH);
}

/* A bit for each of 64 bytes, all ones or zero: weigh them, and add what
 * stands side by side until eight have become one. */
SCAN_INLINE uint64_t
gather(const struct eye *eye, const uint8x16_t bytes[4])
{
    uint8x16_t low = vpaddq_u8(vandq_u8(bytes[0], eye->weights),
                               vandq_u8(bytes[1], eye->weights));
    uint8x16_t high = vpaddq_u8(vandq_u8(bytes[2], eye->weights),
                                vandq_u8(bytes[3], eye->weights));

    low = vpaddq_u8(low, high);
    low = vpaddq_u8(low, low);
    return vgetq_lane_u64(vreinterpretq_u64_u8(low), 0);
}

SCAN_INLINE uint64_t
find(const struct eye *eye, const uint8x16_t bytes[4], uint8x16_t character)
{
    const uint8x16_t same[4] = {
        vceqq_u8(bytes[0], character),
        vceqq_u8(bytes[1], character),
        vceqq_u8(bytes[2], character),
        vceqq_u8(bytes[3], character),
    };

    return gather(eye, same);
}

SCAN_INLINE void
note(struct eye *eye, uint8x16_t bytes)
{
    uint8x16_t harmless =
        vorrq_u8(vorrq_u8(vceqq_u8(bytes, eye->lf), vceqq_u8(bytes, eye->cr)),
                 vceqq_u8(bytes, eye->tab));
    uint8x16_t control = vbicq_u8(vcltq_u8(bytes, eye->low), harmless);

    eye->control = vorrq_u8(eye->control, control);
    eye->any = vorrq_u8(eye->any, bytes);
}

SCAN_INLINE struct scan_masks
look(struct eye *eye, const unsigned char *stride)
{
    const uint8x16_t bytes[4] = {
        vld1q_u8(stride),
        vld1q_u8(stride + 16),
        vld1q_u8(stride + 32),
        vld1q_u8(stride + 48),
    };

    for (int i = 0; i < 4; i++)
        note(eye, bytes[i]);
    return (struct scan_masks){
        .delimiter = find(eye, bytes, eye->delimiter),
        .quote = find(eye, bytes, eye->quote),
        .lf = find(eye, bytes, eye->lf),
        .cr = find(eye, bytes, eye->cr),
    };
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

const struct scan_kernel scan_neon = {"neon", is_here, more};

#endif
