/*
 * codec/scan_scalar.c: the scan for every processor: eight bytes at a time in
 * a register of 64 bits.
 */
#include "codec/scan_body.h"
#include "util/word.h"

/* The high bit of each byte that is zero; exact, with no carry between. */
static inline uint64_t
zeros(uint64_t word)
{
    return ~(((word & WORD_EACH(0x7f)) + WORD_EACH(0x7f)) | word |
             WORD_EACH(0x7f));
}

/* The high bits of the eight bytes, side by side. */
static inline uint64_t
gather(uint64_t high_bits)
{
    return ((high_bits >> 7) * 0x0102040810204080U) >> 56;
}

/* What was seen of all bytes. */
struct eye {
    uint64_t control; /* not zero where a control character was */
    uint64_t any;     /* all bytes, or-ed */
};

static inline struct scan_masks
look(const struct scan *scan, struct eye *eye, const unsigned char *stride)
{
    struct scan_masks masks = {.delimiter = 0};

    for (unsigned at = 0; at < SCAN_STRIDE; at += 8) {
        uint64_t word = word_load8(stride + at);
        uint64_t lf = zeros(word ^ WORD_EACH('\n')),
                 cr = zeros(word ^ WORD_EACH('\r'));
        uint64_t tab = zeros(word ^ WORD_EACH('\t'));

        masks.delimiter |= gather(zeros(word ^ WORD_EACH(scan->delimiter)))
                           << at;
        masks.quote |= gather(zeros(word ^ WORD_EACH(scan->quote))) << at;
        masks.lf |= gather(lf) << at;
        masks.cr |= gather(cr) << at;
        eye->control |= zeros(word & WORD_EACH(0xe0)) & ~(lf | cr | tab);
        eye->any |= word;
    }
    return masks;
}

static void
more(struct scan *scan, const unsigned char *text, size_t size)
{
    struct scan_run run = scan_run_begin(scan, text, size);
    struct eye eye = {0, 0};
    unsigned char tail[SCAN_STRIDE];
    const unsigned char *stride;

    while ((stride = scan_run_next(&run, tail)) != NULL) {
        struct scan_masks masks = look(scan, &eye, stride);

        scan_run_take(&run, &masks, scan_prefix_xor(masks.quote & run.valid));
    }
    scan_run_end(&run, scan, text, size,
                 (eye.control != 0 ? SCAN_CONTROL : 0U) |
                     ((eye.any & WORD_EACH(0x80)) != 0 ? SCAN_HIGH : 0U));
}

static bool
is_here(void)
{
    return true;
}

const struct scan_kernel scan_scalar = {"scalar", is_here, more};
