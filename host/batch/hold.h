/*
 * batch/hold.h: what keeps the memory behind a batch alive: an arena, a
 * block, and the holds before it, by reference count.  Views that share rows
 * (clones, streams of rejects) share the hold; whoever allocates while it is
 * shared gets a hold of his own in front of it, so that no arena is ever
 * written to from two threads.
 */
#ifndef BATCH_HOLD_H
#define BATCH_HOLD_H

#include "batch/block.h"

struct hold;

/* Both are taken over; both may be NULL. */
struct hold *hold_new(struct arena *arena, struct block *block);
struct hold *hold_ref(struct hold *hold);
void hold_unref(struct hold *hold); /* NULL is fine */

/* Memory, not zeroed, that lives as long as *hold, which may be replaced. */
void *hold_alloc(struct hold **hold, size_t size);
void *hold_array(struct hold **hold, size_t count, size_t size); /* zeroed */
char *hold_strdup(struct hold **hold, const char *text);

#endif
