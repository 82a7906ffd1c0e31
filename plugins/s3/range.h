/*
 * range.h: one range of one content of an object.  A body that breaks off is
 * resumed after its last good byte.
 */
#ifndef S3_RANGE_H
#define S3_RANGE_H

#include "forebay/plugin.h"
#include "object.h"
#include "store.h"

struct range_source {
    const struct store *store;
    const char *key;
    const struct object *object;
};

struct range {
    uint64_t first;  /* byte */
    uint64_t length; /* bytes, not 0 */
    uint64_t total;  /* bytes of the object */
};

/* Takes the next bytes, in order and each once; never more than the range
 * has.  Non-zero with the error filled ends it. */
typedef int (*range_fn)(void *arg, const unsigned char *bytes, size_t size,
                        struct fb_error *err);

/* 0 when every byte was given.  FB_E_CHANGED when the object is no longer
 * what it was, FB_E_UNAVAILABLE when the store does not send it. */
int range_get(const struct range_source *source, const struct range *range,
              range_fn take, void *arg, struct fb_error *err) FB_MUST_CHECK;

#endif
