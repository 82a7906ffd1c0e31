/*
 * pattern.h: names with wildcards, byte for byte and in any locale alike.
 * It knows nothing of the file system.
 *
 * What stands in a segment is said in shared/wildcard.h; besides,
 *
 *   **     as a whole segment: any number of folders, none too;
 *          at the end: every file in and below the folder
 */
#ifndef FILE_PATTERN_H
#define FILE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the first `length` bytes hold a wildcard. */
bool pattern_is_wild(const char *pattern, size_t length);

/* Does one segment of a pattern match a name? */
bool pattern_match_name(const char *pattern, size_t length, const char *name);

/* Does the pattern match the whole path?  Both are cut at slashes. */
bool pattern_match_path(const char *pattern, const char *path);

#endif
