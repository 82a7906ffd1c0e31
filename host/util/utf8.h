/*
 * util/utf8.h: how far bytes are well-formed UTF-8 (RFC 3629), looked at many
 * at a time with what the processor has.  Says roughly where they stop being
 * it; text_is_utf8 (util/text.h) says exactly.
 */
#ifndef UTIL_UTF8_H
#define UTIL_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A number of bytes at the start that are whole characters, all well-formed.
 * If more than 64 bytes follow, then what is none begins within the next 64.
 */
size_t utf8_prefix(const unsigned char *bytes, size_t size);

/* One way to do it. */
struct utf8_kernel {
    const char *name;
    bool (*is_here)(void); /* whether this processor has what it takes */
    size_t (*prefix)(const unsigned char *bytes, size_t size);
};

/* Those that this processor has, the best first; NULL behind the last.  For
 * tests: they must all agree. */
const struct utf8_kernel *utf8_kernel_at(size_t index);

#endif
