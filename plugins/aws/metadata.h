/*
 * aws/metadata.h: small requests to services of the machine itself: instance
 * metadata and container credentials.  Never through a proxy, never signed,
 * answers of at most 10 KiB.
 */
#ifndef AWS_METADATA_H
#define AWS_METADATA_H

#include "aws/buf.h"
#include "aws/fields.h"
#include "aws/http.h"
#include "aws/world.h"
#include "forebay/plugin.h"

#define AWS_METADATA_MAX ((size_t)10 << 10)

struct aws_metadata {
    const char *method, *url;
    struct aws_fields headers; /* owned; host is added */
    int64_t timeout_ms;        /* for each attempt, connecting included */
    int attempts;              /* when there is no answer, or a 5xx */
    int64_t pause_ms;          /* between them */
    bool (*admits)(const char *address); /* NULL: any */
    const struct aws_world *world;
    struct fb_step *step;

    int status;          /* of the answer */
    struct aws_buf body; /* owned */
};

/* 0 with whatever status; -1 when there was no answer: FB_E_UNAVAILABLE,
 * FB_E_CANCELLED, or what makes an answer impossible. */
int aws_metadata_send(struct aws_metadata *metadata,
                      struct fb_error *err) FB_MUST_CHECK;
/* Whether a status says that another one may come later. */
bool aws_metadata_may_pass(int status);
void aws_metadata_release(struct aws_metadata *metadata);

#endif
