/*
 * trigger/listing.h: the objects that a source lists, collected.
 */
#ifndef TRIGGER_LISTING_H
#define TRIGGER_LISTING_H

#include "step/step.h"

struct listed {
    struct fb_object object;
    const char *normal; /* names_normal of its uri */
    bool announced;     /* for the caller */
};

struct listing {
    struct listed *items;
    size_t count;
};

/*
 * Ask the step, which is checked first and freed in any case, for what its
 * uri matches; at most DISCOVER_MAX objects, each once.  In order of `normal`.
 * All lives in the arena, but for the tokens, which live in `tokens`; those
 * that are equal and come one after another are one.
 */
int listing_read(struct step *step, struct arena *arena, struct arena *tokens,
                 struct listing *listing, struct fb_error *err) FB_MUST_CHECK;

/* By names_normal; NULL: not listed. */
struct listed *listing_find(const struct listing *listing, const char *normal);

#endif
