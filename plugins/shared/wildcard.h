/*
 * shared/wildcard.h: one segment of a name against one of a pattern, byte for
 * byte and in any locale alike.  How names are cut into segments, and what
 * `**` takes, is up to the caller.
 *
 *   *      any characters, none too
 *   ?      one character (of UTF-8; a byte where that is broken)
 *   [a-z]  one ASCII character of these; [!a-z] and [^a-z] one of all others
 *
 * A name that begins with a dot is matched only by a pattern that does; an
 * empty one only by an empty one.
 */
#ifndef SHARED_WILDCARD_H
#define SHARED_WILDCARD_H

#include <stdbool.h>

/* Bytes, not ended by a NUL. */
struct wildcard_span {
    const char *at, *end;
};

bool wildcard_match(struct wildcard_span pattern, struct wildcard_span name);

/* Whether the pattern begins with the segment "**". */
bool wildcard_is_deep(const char *pattern);

#endif
