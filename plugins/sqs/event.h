/*
 * event.h: what a message says: which objects were put into S3.  A message is
 * one of S3's own notifications, or of EventBridge, either also in an envelope
 * of SNS.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
#ifndef SQS_EVENT_H
#define SQS_EVENT_H

#include "forebay/plugin.h"

#define EVENT_WHY_MAX 256 /* bytes, with the NUL */

struct event {
    const char *bucket;
    const char *key;       /* decoded */
    const char *sequencer; /* "": the store gives none */
    const char *etag;      /* "": none */
    uint64_t size;         /* bytes */
};

/* All that is pointed at lives until it returns. */
typedef void (*event_fn)(void *arg, const struct event *event);

/*
 * Call `found` for each object that was created.  What says something else
 * (that one was removed, that a test was made) is understood too and names
 * none.  Returns -1 when it is not such a message, and says why; `found` may
 * have been called before.
 */
int event_read(const char *body, size_t size, event_fn found, void *arg,
               char why[EVENT_WHY_MAX]) FB_MUST_CHECK;

/* Order of two events of one key: negative when a came before b.  0 too when
 * that cannot be told. */
int event_order(const char *sequencer_a, const char *sequencer_b);

#endif
