/*
 * uri.h: s3://BUCKET/KEY.  The key is opaque: nothing in it is decoded or
 * resolved, so that every object can be named.
 */
#ifndef S3_URI_H
#define S3_URI_H

#include "forebay/plugin.h"

struct s3_uri {
    const char *bucket; /* lives as the step */
    const char *key;    /* points into the uri; "" when there is none */
};

/*
 * Take a uri apart.  Refuses what is no bucket's name
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html)
 * or needs another protocol, and keys that are no UTF-8 or longer than S3
 * allows.  `option` is what a refusal points at.
 */
int uri_parse(struct fb_step *step, const char *option, const char *text,
              struct s3_uri *uri, struct fb_error *err) FB_MUST_CHECK;

/* Refuse what names a bucket or a folder instead of one object. */
int uri_check_object(struct fb_step *step, const char *option, const char *text,
                     const struct s3_uri *uri,
                     struct fb_error *err) FB_MUST_CHECK;

/* Twelve digits, or not given; what x-amz-expected-bucket-owner takes. */
int uri_check_owner(struct fb_step *step, const char *owner,
                    struct fb_error *err) FB_MUST_CHECK;

/* "s3://BUCKET/KEY"; lives as the step. */
char *uri_text(struct fb_step *step, const char *bucket, const char *key);

/* "a/b.csv" -> "b.csv"; points into the key. */
const char *uri_name(const char *key);

#endif
