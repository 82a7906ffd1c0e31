/*
 * aws/bucket.h: which names of buckets and keys can be sent.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
#ifndef AWS_BUCKET_H
#define AWS_BUCKET_H

#include "forebay/plugin.h"

#define AWS_KEY_MAX 1024 /* bytes */

/* A general purpose bucket's name, or an access point's alias; FB_E_CONFIG
 * with the reason.  Old names (upper case, '_', up to 255 bytes) pass when
 * they may stand in the path only: `by_path`. */
int aws_bucket_check(const char *bucket, bool by_path,
                     struct fb_error *err) FB_MUST_CHECK;

/* Whether the name can be the begin of a host name. */
bool aws_bucket_is_label(const char *bucket);

/* 1 to 1024 bytes of UTF-8; FB_E_INPUT. */
int aws_key_check(const char *key, struct fb_error *err) FB_MUST_CHECK;

#endif
