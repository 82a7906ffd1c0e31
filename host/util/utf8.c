/*
 * util/utf8.c: choosing a kernel.  What they do stands in utf8_body.h.
 */
#include "util/utf8.h"

#include "util/utf8_kernels.h"

/* Says nothing, so that text_is_utf8 looks at every character itself. */
static bool
is_everywhere(void)
{
    return true;
}

static size_t
no_prefix(const unsigned char *bytes, size_t size)
{
    (void)bytes;
    (void)size;
    return 0;
}

static const struct utf8_kernel scalar = {"scalar", is_everywhere, no_prefix};

/* The best first. */
static const struct utf8_kernel *const kernels[] = {
#ifdef __x86_64__
    &utf8_avx2,
    &utf8_ssse3,
#endif
#ifdef __aarch64__
    &utf8_neon,
#endif
    &scalar,
};

#define KERNELS (sizeof(kernels) / sizeof(kernels[0]))

const struct utf8_kernel *
utf8_kernel_at(size_t index)
{
    for (size_t i = 0; i < KERNELS; i++)
        if (kernels[i]->is_here() && index-- == 0)
            return kernels[i];
    return NULL;
}

size_t
utf8_prefix(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < KERNELS; i++)
        if (kernels[i]->is_here())
            return kernels[i]->prefix(bytes, size);
    return 0;
}
