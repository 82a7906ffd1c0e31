/*
 * util/text.h: small things about text.
 */
#ifndef UTIL_TEXT_H
#define UTIL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"

/* ASCII-only, whatever the locale. */
bool text_equal_nocase(const char *a, const char *b);
bool text_starts_with(const char *text, const char *prefix);
bool text_ends_with(const char *text, const char *suffix);

/*
 * The candidate nearest to `word` by Damerau-Levenshtein distance over code
 * points, ignoring ASCII case, or NULL when none is near enough to be what
 * was meant (more than a third of the word's length + 1 edits).
 */
const char *text_nearest(const char *word, const char *const *candidates,
                         size_t count);

/* Whether the bytes are well-formed UTF-8 (RFC 3629); *bad gets the offset
 * of the first byte that is not (may be NULL). */
bool text_is_utf8(const unsigned char *bytes, size_t size, size_t *bad);

/*
 * For comparing header names: NFKC (so full-width forms become ASCII and
 * half-width kana become full-width), case folding, outer white space off,
 * inner white space to one space.  Not valid UTF-8: the bytes as they are.
 */
char *text_fold_name(struct arena *arena, const char *text, size_t length);

/*
 * Safe to print in one line: control characters, line ends, escape
 * sequences and bytes that are no UTF-8 become \n, \t, \x1b ...; longer than
 * `max` bytes is cut with "...".
 */
char *text_escape(struct arena *arena, const void *bytes, size_t length,
                  size_t max);

/* Columns of a terminal that a line of UTF-8 takes: East Asian characters
 * take two (UAX #11). */
size_t text_width(const char *text);

/* "1,234,567" */
char *text_grouped(struct arena *arena, uint64_t number);
/* "1.2 MiB" */
char *text_bytes(struct arena *arena, uint64_t bytes);

/*
 * Shell pattern against a whole name: * (not '/'), ? (not '/'), [a-z],
 * [!a-z], and \ to quote; ** matches across '/', and a whole segment of it
 * also matches no folder at all (a slash-star-star-slash b is also a/b).  A
 * leading dot is matched like any other character.
 */
bool text_glob(const char *pattern, const char *name);
/* Whether the text holds any of * ? [ (unquoted). */
bool text_has_glob(const char *text);

/* The byte that a text begins with when that is written as %XX (RFC 3986,
 * 2.1); -1: it is not. */
int text_percent_byte(const char *text, size_t length);

/* Parse a whole text; false when it is not such a number or out of range. */
bool text_to_int(const char *text, int64_t *value);
/* 10, 64KiB, 8MiB, 1GiB (also KB, MB, GB: powers of 1000) -> bytes */
bool text_to_size(const char *text, int64_t *bytes);
/* 250ms, 30s, 5m, 2h, 1d, and sums such as 1h30m -> milliseconds */
bool text_to_duration(const char *text, int64_t *milliseconds);

#endif
