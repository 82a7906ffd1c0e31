/*
 * shared/object.h: one object in S3, read from begin to end in ranges, of one
 * content: what a result or a header needs, and no more.  The plugin `s3` is
 * for objects of others.
 */
#ifndef SHARED_OBJECT_H
#define SHARED_OBJECT_H

#include "aws/buf.h"
#include "aws/client.h"
#include "forebay/plugin.h"

#define OBJECT_RANGE ((uint64_t)4 << 20) /* bytes in one request */

struct object {
    struct aws_client *client;
    bool own_client; /* else it is the caller's */
    char *uri;       /* "s3://bucket/key" */
    char *bucket;
    const char *key; /* in uri */
    const char *owner;
    char etag[260]; /* as it came, with its quotes; "": not asked yet */
    uint64_t range; /* bytes to ask for at a time */
    uint64_t at;    /* bytes that were read */
    uint64_t total; /* bytes of the object, once known */
};

/* Makes no call.  FB_E_UNAVAILABLE when the text is no uri of an object.  On
 * success close with object_close. */
int object_open(struct object *object, const struct aws_settings *settings,
                const char *uri, const char *owner, struct fb_step *step,
                struct fb_error *err) FB_MUST_CHECK;
/* The same by a client that is there, and outlives the object: for many. */
int object_open_by(struct object *object, struct aws_client *client,
                   const char *uri, const char *owner,
                   struct fb_error *err) FB_MUST_CHECK;
void object_close(struct object *object); /* zeroed is fine */

/* Append the next bytes; *end: there are no more.  FB_E_MISSING when there is
 * no such object, FB_E_CHANGED when it was replaced meanwhile. */
int object_read(struct object *object, struct aws_buf *bytes, bool *end,
                struct fb_error *err) FB_MUST_CHECK;

#endif
