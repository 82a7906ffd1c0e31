/*
 * primary.h: the primary key of the schema: no part of it may be missing, and
 * no two rows may have the same.  What else the schema says of the key's
 * columns is the business of rule.h.
 */
#ifndef VALIDATE_PRIMARY_H
#define VALIDATE_PRIMARY_H

#include "forebay/plugin.h"
#include "shared/keys.h"
#include "shared/tuple.h"

struct primary {
    struct tuple tuple; /* no columns: there is no key to check */
    bool whole;         /* every column of the key arrives here */
    struct keys *seen;  /* each with its line; NULL where keys may repeat */
};

/* Find the key among the columns that arrive; memory lives as the step. */
void primary_prepare(struct primary *primary, struct fb_step *step,
                     size_t memory);

/* *room is what the keys may take, as in keys_new. */
int primary_open(struct primary *primary, struct fb_step *step, uint64_t *room,
                 struct fb_error *err) FB_MUST_CHECK;
void primary_close(struct primary *primary);

/* 1 when the row breaks the key, and is then rejected; else 0, and the key at
 * hand is the row's. */
int primary_judge(struct primary *primary, struct fb_step *step,
                  struct fb_batch *batch, const struct tuple_view *view,
                  uint32_t row, struct fb_error *err) FB_MUST_CHECK;

/* Keep the key that primary_judge saw last; -1 without an error when there is
 * no room. */
int primary_remember(struct primary *primary, uint64_t line) FB_MUST_CHECK;

#endif
