/*
 * util/mem.h: the one door to the heap.
 *
 * The mem_* functions never return NULL: a failed small allocation ends the
 * process with a message, for nothing sensible can be done about it.  What
 * grows with input grows through buf.h, whose growth can fail with an error.
 */
#ifndef UTIL_MEM_H
#define UTIL_MEM_H

#include <stddef.h>

/* Free it with free(). */
void *mem_alloc(size_t size);
void *mem_zalloc(size_t size);
void *mem_array(size_t count, size_t size); /* zeroed; overflow is fatal */
char *mem_strdup(const char *text);
/* `length` bytes, whatever they are, and a NUL. */
char *mem_dup_nul(const char *text, size_t length);
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Make room for `count` items of `size` bytes; the old pointer is gone. */
void *mem_regrow(void *items, size_t count, size_t size);

/* As realloc, but may be made to fail by tests; NULL: the old one stays. */
void *mem_try_realloc(void *old, size_t size);

/* *product = count * size; true (not 0) when that does not fit. */
int mem_mul_overflows(size_t count, size_t size, size_t *product);

/* For main(): memory that was freed stays for what is needed next, for to get
 * it from the system page by page costs as much as to read a file into it. */
void mem_keep_freed(void);

/* Fail the n-th mem_try_realloc from now (1: the next); 0: never.  For the
 * tests that walk through every allocation. */
void mem_fail_at(unsigned long n);

/* Cleanup attributes for locals. */
#define CLEANUP(function_) __attribute__((cleanup(function_)))
void mem_free_ptr(void *pointer_to_pointer);
void mem_close_fd(int *fd); /* closes when >= 0 */
#define AUTO_FREE CLEANUP(mem_free_ptr)
#define AUTO_CLOSE CLEANUP(mem_close_fd)

#define ARRAY_SIZE(a_) (sizeof(a_) / sizeof((a_)[0]))

#endif
