/*
 * codec/scan.c: choosing a kernel, and where a scan begins and ends.  What it
 * does in between stands in scan_body.h and the kernels, scan_*.c.
 */
#include "codec/scan.h"

#include <stdlib.h>
#include <string.h>

#include "codec/scan_body.h"

/* The best first. */
static const struct scan_kernel *const kernels[] = {
#ifdef __x86_64__
    &scan_avx2,
    &scan_sse2,
#endif
#ifdef SCAN_HAS_NEON
    &scan_neon,
#endif
    &scan_scalar,
};

#define KERNELS (sizeof(kernels) / sizeof(kernels[0]))

const struct scan_kernel *
scan_kernel_at(size_t index)
{
    for (size_t i = 0; i < KERNELS; i++)
        if (kernels[i]->is_here() && index-- == 0)
            return kernels[i];
    return NULL;
}

int
scan_choose(const struct scan_kernel **kernel, struct fb_error *err)
{
    const char *wanted = getenv("FOREBAY_SCAN");
    size_t index = 0;

    while ((*kernel = scan_kernel_at(index++)) != NULL)
        if (wanted == NULL || wanted[0] == '\0' ||
            strcmp((*kernel)->name, wanted) == 0)
            return 0;
    fb_fail(err, FB_E_CONFIG,
            "FOREBAY_SCAN names no kernel that this processor has: '%s'",
            wanted);
    return fb_hint(err, "'scalar' is everywhere; without it the best is taken");
}

void
scan_start(struct scan *scan, const struct scan_kernel *kernel,
           unsigned char delimiter, unsigned char quote, uint32_t *ends)
{
    assert(delimiter < 0x80 && delimiter != '\r' && delimiter != '\n');
    assert(quote < 0x80 && quote != '\r' && quote != '\n');
    assert(delimiter != quote);
    *scan = (struct scan){
        .kernel = kernel,
        .delimiter = delimiter,
        .quote = quote,
        .ends = ends,
        .last = '\n',
    };
}

void
scan_more(struct scan *scan, const unsigned char *text, size_t size)
{
    scan->kernel->more(scan, text, size);
}

void
scan_end(struct scan *scan)
{
    if (scan->in_quotes || scan->last == '\r')
        scan->flags |= SCAN_IRREGULAR;
}
