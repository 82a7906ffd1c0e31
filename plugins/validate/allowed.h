/*
 * allowed.h: the values of an enum, found by hash.  It knows values as bytes;
 * which bytes a value has is rule.h's business.
 */
#ifndef VALIDATE_ALLOWED_H
#define VALIDATE_ALLOWED_H

#include "forebay/plugin.h"

/* A value as bytes: equal values of a column have equal keys. */
struct key {
    const unsigned char *bytes;
    size_t length;
    unsigned char room[8];
};

struct allowed {
    size_t count;      /* 0: every value is allowed */
    struct key **keys; /* a power of two of places, NULL where there is none */
    size_t mask;
};

/* The keys, and what they point to, live as long as the step. */
void allowed_prepare(struct allowed *allowed, struct fb_step *step,
                     struct key *keys, size_t count);

bool allowed_has(const struct allowed *allowed, const unsigned char *bytes,
                 size_t length);

#endif
