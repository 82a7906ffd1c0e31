/*
 * codec/scan_body.h: what every kernel of the scan does with the 64 bits in
 * which it found each of the characters; for the scan_*.c files alone.  All
 * of it is inlined, so that it is compiled for the kernel's processor.
 *
 * Bit i of a mask speaks of byte i of the 64.  A quote is taken to open when
 * an even number of quotes stands before it, and to close otherwise; so of
 * two that are doubled the first closes and the second opens again, and what
 * may stand beside either says whether the text is regular.
 */
#ifndef CODEC_SCAN_BODY_H
#define CODEC_SCAN_BODY_H

#include <assert.h>
#include <string.h>

#include "codec/scan.h"

#define SCAN_STRIDE 64 /* bytes */
#define SCAN_INLINE static inline __attribute__((always_inline))

extern const struct scan_kernel scan_scalar;
#ifdef __x86_64__
extern const struct scan_kernel scan_sse2, scan_avx2;
#endif
#if defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SCAN_HAS_NEON 1
extern const struct scan_kernel scan_neon;
#endif

/* Where in 64 bytes each character stands. */
struct scan_masks {
    uint64_t delimiter, quote, lf, cr;
};

/* A call of scan_more on its way. */
struct scan_run {
    const unsigned char *at; /* the next stride */
    size_t left;             /* bytes from there to the end of the text */
    uint32_t offset;         /* of the stride in the text */
    uint32_t count, rows;
    uint32_t *ends;
    uint64_t valid;     /* bits of the stride's bytes that count */
    uint64_t in_quotes; /* all ones, or zero */
    uint64_t opens;     /* 1: behind the byte before, a quote may open */
    uint64_t closed;    /* 1: the byte before was a quote that closed */
    uint64_t cr;        /* 1: it was a carriage return */
    uint64_t wrong;     /* a bit for anything irregular */
    uint64_t quotes, quoted_lf, crs;
};

SCAN_INLINE struct scan_run
scan_run_begin(const struct scan *scan, const unsigned char *text, size_t size)
{
    unsigned char last = scan->last;

    assert(size <= UINT32_MAX && size >= scan->scanned);
    return (struct scan_run){
        .at = text + scan->scanned,
        .left = size - scan->scanned,
        .offset = scan->scanned,
        .count = scan->count,
        .rows = scan->rows,
        .ends = scan->ends,
        .valid = UINT64_MAX,
        .in_quotes = scan->in_quotes ? UINT64_MAX : 0,
        .opens = last == scan->delimiter || last == '\n' || last == scan->quote,
        .closed = last == scan->quote && !scan->in_quotes,
        .cr = last == '\r',
    };
}

/* Each bit the exclusive or of itself and all below it: ones from each quote
 * that opens to before the one that closes. */
SCAN_INLINE uint64_t
scan_prefix_xor(uint64_t bits)
{
    for (unsigned shift = 1; shift < SCAN_STRIDE; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

/* Where the lowest bit stands, and away with it; anything when there is
 * none, without a branch. */
SCAN_INLINE uint32_t
scan_lowest(uint64_t *bits)
{
    uint32_t at = (uint32_t)__builtin_ctzll(*bits | (uint64_t)1 << 63);

    *bits &= *bits - 1;
    return at;
}

SCAN_INLINE void
scan_put_4(uint32_t *ends, uint32_t offset, uint64_t *bits)
{
    ends[0] = offset + scan_lowest(bits);
    ends[1] = offset + scan_lowest(bits);
    ends[2] = offset + scan_lowest(bits);
    ends[3] = offset + scan_lowest(bits);
}

/* Eight at a time, whether there are so many or not: what is too much lies in
 * the slack, and is overwritten by the next stride. */
SCAN_INLINE void
scan_run_add(struct scan_run *run, uint64_t bits)
{
    uint32_t *end = run->ends + run->count;

    run->count += (uint32_t)__builtin_popcountll(bits);
    while (bits != 0) {
        scan_put_4(end, run->offset, &bits);
        scan_put_4(end + 4, run->offset, &bits);
        end += 8;
    }
}

/*
 * The next stride, or NULL at the end; run->valid gets the bits of the bytes
 * that count.  The last bytes, when they are fewer than a stride, come in
 * `tail` with blanks behind them.
 */
SCAN_INLINE const unsigned char *
scan_run_next(struct scan_run *run, unsigned char tail[SCAN_STRIDE])
{
    const unsigned char *stride = run->at;

    if (run->left >= SCAN_STRIDE) {
        run->at += SCAN_STRIDE;
        run->left -= SCAN_STRIDE;
        return stride;
    }
    if (run->left == 0)
        return NULL;
    memset(tail, ' ', SCAN_STRIDE);
    memcpy(tail, stride, run->left);
    run->valid = ~(UINT64_MAX << run->left);
    run->left = 0;
    return tail;
}

/* What scan_run_next gave holds this, and blanks may be quotes or delimiters.
 * `quoted` is the prefix xor of the quotes that count. */
SCAN_INLINE void
scan_run_take(struct scan_run *run, const struct scan_masks *masks,
              uint64_t quoted)
{
    uint64_t lf = masks->lf, cr = masks->cr;
    uint64_t apart = (masks->delimiter & run->valid) | lf;
    uint64_t quote = masks->quote & run->valid, opening, closing;

    quoted ^= run->in_quotes;
    opening = quote & quoted;
    closing = quote & ~quoted;
    run->wrong |= opening & ~((apart | quote) << 1 | run->opens);
    run->wrong |=
        (closing << 1 | run->closed) & run->valid & ~(apart | quote | cr);
    run->wrong |= (cr << 1 | run->cr) & run->valid & ~lf;
    run->quotes |= quote;
    run->quoted_lf |= lf & quoted;
    run->crs |= cr;

    /* Of no use behind the last stride, which may not be whole. */
    run->in_quotes = 0 - (quoted >> 63);
    run->opens = (apart | quote) >> 63;
    run->closed = closing >> 63;
    run->cr = cr >> 63;

    run->rows += (uint32_t)__builtin_popcountll(lf & ~quoted);
    scan_run_add(run, apart & ~quoted);
    run->offset += SCAN_STRIDE;
}

/* Walk back to the last line feed among what was added; the longer the way,
 * the more was added. */
SCAN_INLINE void
scan_run_rows(const struct scan_run *run, struct scan *scan,
              const unsigned char *text)
{
    uint32_t count = run->count;

    if (run->rows == scan->rows)
        return;
    while (text[run->ends[count - 1]] != '\n')
        count--;
    assert(count > scan->count);
    scan->rows = run->rows;
    scan->row_ends = count;
    scan->row_bytes = run->ends[count - 1] + 1;
}

SCAN_INLINE void
scan_run_end(const struct scan_run *run, struct scan *scan,
             const unsigned char *text, size_t size, unsigned flags)
{
    if (size == scan->scanned)
        return;
    assert(text != NULL);
    scan->flags |= flags | (run->wrong != 0 ? SCAN_IRREGULAR : 0U) |
                   (run->quotes != 0 ? SCAN_QUOTE : 0U) |
                   (run->quoted_lf != 0 ? SCAN_QUOTED_LF : 0U) |
                   (run->crs != 0 ? SCAN_CR : 0U);
    scan_run_rows(run, scan, text);
    scan->count = run->count;
    scan->in_quotes = run->in_quotes != 0;
    scan->last = text[size - 1];
    scan->scanned = (uint32_t)size;
}

#endif
