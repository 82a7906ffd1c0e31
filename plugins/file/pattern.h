/*
 * pattern.h: names with wildcards, byte for byte and in any locale alike.
 * It knows nothing of the file system.
 *
 *   *      any characters of one segment, none too
 *   ?      one character (of UTF-8; a byte where that is broken)
 *   [a-z]  one ASCII character of these; [!a-z] and [^a-z] one of all others
 *   **     as a whole segment: any number of folders, none too;
 *          at the end: every file in and below the folder
 *
 * A name that begins with a dot is matched only by a pattern that does.
 */
#ifndef FILE_PATTERN_H
#define FILE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the first `length` bytes hold a wildcard. */
bool pattern_is_wild(const char *pattern, size_t length);

/* Whether the pattern begins with the segment "**". */
bool pattern_is_deep(const char *pattern);

/* Does one segment of a pattern match a name? */
bool pattern_match_name(const char *pattern, size_t length, const char *name);

/* Does the pattern match the whole path?  Both are cut at slashes. */
bool pattern_match_path(const char *pattern, const char *path);

#endif
