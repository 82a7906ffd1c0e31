/*
 * fetch.h: the bytes of one object in order, fetched in ranges by several
 * threads ahead of the reader.  Memory: `parallel` parts, whatever the size.
 */
#ifndef S3_FETCH_H
#define S3_FETCH_H

#include "forebay/plugin.h"
#include "object.h"
#include "store.h"

struct fetch;

/*
 * Begin to fetch.  All requests ask for the very content that `object` names,
 * so that two are never mixed.  What is pointed at lives until fetch_close.
 */
int fetch_open(const struct store *store, const char *key,
               const struct object *object, size_t part_size, int parallel,
               struct fetch **result, struct fb_error *err) FB_MUST_CHECK;

/*
 * The next bytes, at most size; *got 0 is the end, which is reached only when
 * all came and their checksum is the one that the store keeps.
 * FB_E_CHANGED: replaced or removed meanwhile.  FB_E_UNAVAILABLE: try again
 * later; this fetch stays failed.
 */
int fetch_read(struct fetch *fetch, unsigned char *bytes, size_t size,
               size_t *got, struct fb_error *err) FB_MUST_CHECK;

/* NULL is fine. */
void fetch_close(struct fetch *fetch);

#endif
