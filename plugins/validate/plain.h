/*
 * plain.h: patterns that are one set of ASCII characters behind the other,
 * each repeated, such as O[0-9]{4,} or [A-Z]{2}-\d+.  Many texts match them in
 * one walk that takes as much as it can and never looks back; PCRE2 would try
 * that walk first, and end there.  A text that does not get through is left
 * to pattern.h: it may match or not.
 */
#ifndef VALIDATE_PLAIN_H
#define VALIDATE_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLAIN_ITEMS_MAX 16

struct plain_item {
    uint32_t min, max; /* how often */
};

struct plain {
    size_t count;       /* of items; 0: the pattern is no plain one */
    uint16_t sets[256]; /* bit i: the byte is in the set of item i */
    struct plain_item items[PLAIN_ITEMS_MAX];
};

/* The pattern must be one that PCRE2 can compile; it is read as PCRE2 does
 * with the options of pattern.c. */
void plain_compile(struct plain *plain, const char *pattern);

/* True: the whole text matches.  False: it may. */
bool plain_matches(const struct plain *plain, const unsigned char *text,
                   size_t length);

#endif
