/*
 * copy.h: an object copied to another key by the store itself, with its
 * metadata and tags.  No bytes pass through here.
 */
#ifndef S3_COPY_H
#define S3_COPY_H

#include "aws/fields.h"
#include "forebay/plugin.h"
#include "object.h"
#include "store.h"

/* Nothing is owned. */
struct copy {
    const struct store *from, *to; /* with the same client */
    const char *from_key, *to_key;
    const struct object *object; /* the content that is meant */
    bool replace;                /* what has the name already */
};

/*
 * FB_E_CHANGED: the object was replaced meanwhile, or the name is taken and
 * `replace` is false.  FB_E_MISSING: the object is gone.  When it is
 * FB_E_UNAVAILABLE the copy may be there all the same.
 */
int copy_object(const struct copy *copy, struct fb_error *err) FB_MUST_CHECK;

/* Whether `found` says of itself that it was copied from `object`: then that
 * was the only way to know it again. */
bool copy_is_marked(const struct object *found, const struct object *object);

/* The headers that name the source, and insist on its content. */
void copy_source(const struct copy *copy, struct aws_fields *headers);

/* The IAM actions that the target takes. */
extern const char copy_action[];

#endif
