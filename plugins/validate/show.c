#include "show.h"

#include <stdio.h>
#include <string.h>

#define CHARACTERS_MAX 40
#define ESCAPE_MAX 4 /* bytes of \xNN, and of one character of UTF-8 */

static int
is_continuation(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

uint64_t
show_count_characters(const unsigned char *bytes, size_t length)
{
    uint64_t word, count = 0;
    size_t i = 0;

    for (; i + sizeof(word) <= length; i += sizeof(word)) {
        memcpy(&word, bytes + i, sizeof(word));
        /* What goes on has the highest bit and not the one below it. */
        word = ~word | word << 1;
        count +=
            (uint64_t)__builtin_popcountll(word & UINT64_C(0x8080808080808080));
    }
    for (; i < length; i++)
        count += !is_continuation(bytes[i]);
    return count;
}

/* Append one character as it can stand in a line; returns bytes taken. */
static size_t
put_character(const unsigned char *bytes, size_t length, char *out)
{
    static const char plain[] = "\n\r\t\"\\", letters[] = "nrt\"\\";
    const char *known;
    size_t size = 1;

    known = bytes[0] == '\0' ? NULL : strchr(plain, bytes[0]);
    if (known != NULL) {
        snprintf(out, ESCAPE_MAX + 1, "\\%c", letters[known - plain]);
        return 1;
    }
    if (bytes[0] < ' ' || bytes[0] == 0x7f) {
        snprintf(out, ESCAPE_MAX + 1, "\\x%02x", bytes[0]);
        return 1;
    }
    while (size < length && size < ESCAPE_MAX && is_continuation(bytes[size]))
        size++;
    memcpy(out, bytes, size);
    out[size] = '\0';
    return size;
}

const char *
show(const unsigned char *bytes, size_t length, char text[SHOW_SIZE])
{
    char *out = text;
    size_t used = 0;

    *out++ = '"';
    for (int i = 0; i < CHARACTERS_MAX && used < length; i++) {
        used += put_character(bytes + used, length - used, out);
        out += strlen(out);
    }
    snprintf(out, (size_t)(text + SHOW_SIZE - out), "\"%s",
             used < length ? "..." : "");
    return text;
}
