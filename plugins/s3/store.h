/*
 * store.h: one bucket, and the calls that every part of this plugin makes the
 * same way: as whom, to which bucket, in the name of which object.
 */
#ifndef S3_STORE_H
#define S3_STORE_H

#include "aws/client.h"
#include "forebay/plugin.h"

/* Used by several threads at once; what is pointed at outlives it. */
struct store {
    struct aws_client *client; /* owned */
    struct fb_step *step;
    const char *bucket;
    const char *owner; /* the account that must own it; NULL: any */
    const char *uri;   /* for messages: the step's */
};

/* Fails with FB_E_CONFIG; on success close with store_close.  Makes no call
 * yet. */
int store_open(struct store *store, const struct aws_settings *settings,
               struct fb_step *step, const char *bucket, const char *owner,
               struct fb_error *err) FB_MUST_CHECK;
/* May be called twice, and on a store that is all zero. */
void store_close(struct store *store);

/* A request about a key (NULL: the bucket), with the headers that all need;
 * `action` is the IAM action that it takes.  Release it. */
void store_request(const struct store *store, struct aws_request *request,
                   const char *method, const char *key, const char *action);

/* As aws_call; that the bucket itself is missing becomes FB_E_CONFIG. */
int store_call(const struct store *store, const struct aws_request *request,
               struct aws_response *response,
               struct fb_error *err) FB_MUST_CHECK;

/* What failed turned out to be no failure: success leaves no error behind. */
static inline void
store_forget(struct fb_error *err)
{
    *err = (struct fb_error){.code = FB_E_NONE};
}

/* Decimal digits and nothing else; -1 (no error text) otherwise. */
int store_number(const char *text, uint64_t *number) FB_MUST_CHECK;

#endif
