/*
 * util/utf8_kernels.h: which kernels there are; for util/utf8*.c alone.
 */
#ifndef UTIL_UTF8_KERNELS_H
#define UTIL_UTF8_KERNELS_H

#include "util/utf8.h"

#ifdef __x86_64__
extern const struct utf8_kernel utf8_avx2, utf8_ssse3;
#endif
#ifdef __aarch64__
extern const struct utf8_kernel utf8_neon;
#endif

#endif
