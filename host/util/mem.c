/*
 * util/mem.c: allocation that does not fail, and allocation that may.
 */
#include "util/mem.h"

#include <assert.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Atomic unsigned long fail_countdown;

static void *
must(void *p)
{
    if (p != NULL)
        return p;
    static const char message[] = "forebay: out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, message, sizeof(message) - 1);
    (void)ignored;
    abort();
}

void *
mem_alloc(size_t size)
{
    return must(malloc(size ? size : 1));
}

void *
mem_zalloc(size_t size)
{
    return must(calloc(1, size ? size : 1));
}

void *
mem_array(size_t count, size_t size)
{
    return must(calloc(count ? count : 1, size ? size : 1));
}

char *
mem_strdup(const char *text)
{
    assert(text != NULL);
    return must(strdup(text));
}

char *
mem_dup_nul(const char *text, size_t length)
{
    char *copy;

    assert(length < SIZE_MAX);
    copy = mem_alloc(length + 1);
    if (length > 0)
        memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *
mem_printf(const char *format, ...)
{
    va_list args;
    int length;
    char *text;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    text = mem_alloc((size_t)length + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}

void *
mem_regrow(void *items, size_t count, size_t size)
{
    size_t bytes;

    if (mem_mul_overflows(count, size, &bytes))
        return must(NULL);
    return must(realloc(items, bytes ? bytes : 1));
}

/* One thread alone takes the last count, and none counts below zero. */
static bool
must_fail_now(void)
{
    unsigned long left = fail_countdown;

    while (left > 0 &&
           !atomic_compare_exchange_weak(&fail_countdown, &left, left - 1))
        continue;
    return left == 1;
}

void *
mem_try_realloc(void *old, size_t size)
{
    if (must_fail_now())
        return NULL;
    return realloc(old, size ? size : 1);
}

int
mem_mul_overflows(size_t count, size_t size, size_t *product)
{
    return __builtin_mul_overflow(count, size, product);
}

/* Bytes; the first is the most that glibc takes. */
#define MAPPED_FROM (32 * 1024 * 1024)
#define TRIMMED_FROM (64 * 1024 * 1024)

void
mem_keep_freed(void)
{
#ifdef M_MMAP_THRESHOLD /* glibc */
    mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
    mallopt(M_TRIM_THRESHOLD, TRIMMED_FROM);
#endif
}

void
mem_fail_at(unsigned long n)
{
    fail_countdown = n;
}

void
mem_free_ptr(void *pointer_to_pointer)
{
    void **p = pointer_to_pointer;

    free(*p);
    *p = NULL;
}

void
mem_close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}
