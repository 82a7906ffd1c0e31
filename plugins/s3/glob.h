/*
 * glob.h: keys with wildcards, byte for byte and in any locale alike.
 *
 * What stands in a segment is said in shared/wildcard.h; besides,
 *
 *   **     as a whole segment: any number of segments, none too;
 *          at the end: every object in and below
 *
 * Segments are cut at slashes.  An empty one ("a//b") is a segment like any
 * other, which only an empty one matches; a segment that begins with a dot is
 * matched only by one that does.  So the objects that the console makes for
 * "folders", whose keys end in a slash, match nothing.
 */
#ifndef S3_GLOB_H
#define S3_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes before the first wildcard: all of them when there is none. */
size_t glob_literal(const char *pattern);
bool glob_is_wild(const char *pattern);

/* Whether all keys that match lie in one folder: no slash from the first
 * wildcard on, and no `**`. */
bool glob_is_flat(const char *pattern);

/* Does the pattern match the whole key? */
bool glob_match(const char *pattern, const char *key);

/* Whether an object of any name, put below the prefix (which ends without a
 * slash; "" is the bucket), may match the pattern. */
bool glob_reaches(const char *pattern, const char *prefix);

#endif
