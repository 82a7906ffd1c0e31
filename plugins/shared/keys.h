/*
 * keys.h: a set of byte strings, each with a number, in bounded memory.  It
 * keeps the strings themselves, so two that differ are never taken for one.
 * It knows nothing of rows.
 */
#ifndef SHARED_KEYS_H
#define SHARED_KEYS_H

#include "forebay/plugin.h"

struct keys;

/* *room is how many bytes may be taken; it becomes less by what is taken,
 * may be shared by several sets and must outlive them.  NULL: no memory. */
struct keys *keys_new(uint64_t *room);
void keys_free(struct keys *keys); /* NULL is fine */

/* The number of a key, to read or change, until keys_free; NULL when the key
 * is not in the set. */
uint64_t *keys_find(const struct keys *keys, const unsigned char *bytes,
                    size_t length);

/* Add a key that keys_find did not find; -1 without an error when there is no
 * room for it. */
int keys_add(struct keys *keys, const unsigned char *bytes, size_t length,
             uint64_t number) FB_MUST_CHECK;

#endif
