/*
 * target.h: the object that a sink makes: where, with which attributes, and
 * under which conditions.
 */
#ifndef S3_TARGET_H
#define S3_TARGET_H

#include "aws/checksum.h"
#include "aws/fields.h"
#include "aws/request.h"
#include "forebay/plugin.h"
#include "object.h"
#include "store.h"

struct target {
    const struct store *store;
    const char *key;
    const char *content_type;
    struct aws_fields headers; /* metadata, encryption, class, tags; owned */
    char run[OBJECT_RUN_MAX];  /* what OBJECT_RUN_HEADER says */
    const char *action;        /* IAM actions that writing takes */
    enum aws_checksum_kind checksum; /* 0: the store wants none */
    bool must_be_new;                /* an object there already is an error */
};

/* What is to become visible. */
struct content {
    uint64_t size;                        /* bytes */
    char checksum[AWS_CHECKSUM_TEXT_MAX]; /* of the whole; "": none */
};

/* "RUN-STEP", the same for every attempt at the same run. */
void target_set_run(struct target *target);

/* Whether an object is what this run wrote, or an earlier attempt at it. */
bool target_is_ours(const struct target *target, const struct content *content,
                    const struct object *object);

/* What the service refused is no fault of the input; and what it does not
 * know can often be done without.  Returns -1. */
int target_refused(const struct target *target,
                   const struct aws_response *response, struct fb_error *err);

#endif
