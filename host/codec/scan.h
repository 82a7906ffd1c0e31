/*
 * codec/scan.h: where the structural bytes of CSV text stand: delimiters and
 * line feeds outside quotes.  Looks at 64 bytes at a time with whatever the
 * processor has.  Knows no lines, records or cells; says when the text is not
 * regular, and then somebody else must read it (lane.h).
 *
 * Text is regular when every quote opens a cell (it stands at the start or
 * behind a delimiter or a line feed), closes one (before a delimiter, a line
 * end or the end of the input) or is doubled inside a quoted cell, no quote
 * stays open, and every carriage return, inside quotes too, stands before a
 * line feed.  Then strict libcsv finds the same cells (RFC 4180, section 2).
 */
#ifndef CODEC_SCAN_H
#define CODEC_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "forebay/plugin.h"
#include "util/error.h"

/* What the text holds, as far as it was looked at. */
enum {
    SCAN_IRREGULAR = 1, /* see above; nothing else can be relied on */
    SCAN_CONTROL = 2,   /* bytes below 0x20 that are not TAB, LF or CR */
    SCAN_HIGH = 4,      /* bytes from 0x80 on */
    SCAN_QUOTE = 8,
    SCAN_QUOTED_LF = 16, /* a line feed inside quotes */
    SCAN_CR = 32,
};

/* Room that scan_more needs in `ends` beyond one item a byte. */
#define SCAN_SLACK 64

struct scan {
    const struct scan_kernel *kernel;
    unsigned char delimiter, quote; /* ASCII, unlike, neither CR nor LF */

    uint32_t *ends; /* offsets of delimiters and line feeds outside quotes */
    uint32_t count;
    uint32_t rows;      /* line feeds outside quotes */
    uint32_t row_ends;  /* `count` when the last of these had been added */
    uint32_t row_bytes; /* offset behind the last of these; 0: none yet */
    unsigned flags;     /* of all bytes looked at */

    /* Between calls. */
    uint32_t scanned;
    bool in_quotes;
    unsigned char last; /* the byte before; LF at the start */
};

/* One way to look at 64 bytes; all give the same. */
struct scan_kernel {
    const char *name;
    bool (*is_here)(void); /* whether this processor can */
    void (*more)(struct scan *scan, const unsigned char *text, size_t size);
};

/*
 * The kernel to scan with: the best that the processor has, or what
 * FOREBAY_SCAN in the environment demands: avx2, sse2, neon or scalar.  Costs
 * little, but wants to be called once a reader.  FB_E_CONFIG when that names
 * no kernel or one that the processor has not.
 */
int scan_choose(const struct scan_kernel **kernel,
                struct fb_error *err) FB_MUST_CHECK;

/* The best and then the others that the processor has, one by one; NULL
 * behind the last of them. */
const struct scan_kernel *scan_kernel_at(size_t index);

/* Begin at the start of a record.  `ends` is the caller's, and may move
 * between calls. */
void scan_start(struct scan *scan, const struct scan_kernel *kernel,
                unsigned char delimiter, unsigned char quote, uint32_t *ends);

/*
 * Look at text[scan->scanned .. size); size fits into 32 bits.  `ends` must
 * have room for one item a byte of text[0 .. size) and SCAN_SLACK more.
 * Nothing outside of these bytes is read, so what was scanned before need not
 * be there any more.
 */
void scan_more(struct scan *scan, const unsigned char *text, size_t size);

/* No more will come: an open quote or a last carriage return is irregular. */
void scan_end(struct scan *scan);

#endif
