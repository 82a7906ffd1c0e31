/*
 * aws/canonical.h: step one of Signature Version 4, the canonical request.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
#ifndef AWS_CANONICAL_H
#define AWS_CANONICAL_H

#include "aws/buf.h"
#include "aws/fields.h"
#include "forebay/plugin.h"

/* What is signed of a request. */
struct aws_canonical {
    const char *method;
    const char *path; /* as on the wire, encoded once; begins with '/' */
    bool path_as_is;  /* S3; others remove dots and encode once more */
    const struct aws_fields *query;   /* not encoded */
    const struct aws_fields *headers; /* all of them, with host */
    const char *payload_hash;
};

/* Each part appended to out. */
void aws_canonical_path(struct aws_buf *out, const char *path, bool as_is);
void aws_canonical_query(struct aws_buf *out, const struct aws_fields *query);
/* The lines, and the names joined by ';'.  Headers that proxies change
 * (connection, expect, user-agent, ...) and authorization are left out. */
void aws_canonical_headers(struct aws_buf *lines, struct aws_buf *names,
                           const struct aws_fields *headers);

/* The whole; names gets SignedHeaders. */
void aws_canonical_request(struct aws_buf *out, struct aws_buf *names,
                           const struct aws_canonical *canonical);

#endif
