/*
 * aws/string_to_sign.h: step two of Signature Version 4.
 */
#ifndef AWS_STRING_TO_SIGN_H
#define AWS_STRING_TO_SIGN_H

#include "aws/buf.h"
#include "forebay/plugin.h"

/* Where and when a signature is valid.  Nothing is owned. */
struct aws_scope {
    const char *region;
    const char *service;
    char time[17]; /* 20260102T030405Z */
    char date[9];  /* its first eight letters */
};

/* Both from one clock read, so that they cannot disagree at midnight. */
void aws_scope_init(struct aws_scope *scope, const char *region,
                    const char *service, int64_t now_ms);

/* "20260102/us-east-1/s3/aws4_request" */
void aws_scope_text(struct aws_buf *out, const struct aws_scope *scope);

void aws_string_to_sign(struct aws_buf *out, const struct aws_scope *scope,
                        const struct aws_buf *canonical_request);

#endif
