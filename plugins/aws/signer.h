/*
 * aws/signer.h: signs a request by Signature Version 4, all steps together.
 */
#ifndef AWS_SIGNER_H
#define AWS_SIGNER_H

#include "aws/canonical.h"
#include "aws/credentials.h"
#include "aws/fields.h"
#include "aws/signature.h"
#include "forebay/plugin.h"

#define AWS_UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"
#define AWS_CANONICAL_MAX ((size_t)1 << 20) /* bytes of a canonical request */

struct aws_signing {
    const char *method;
    const char *path; /* as on the wire */
    const struct aws_fields *query;
    const char *payload_hash;
    bool s3; /* path as it is; x-amz-content-sha256 is sent */
    const char *region, *service;
    int64_t now_ms;
    const struct aws_credentials *credentials;
    struct aws_keys *keys; /* NULL: nothing is kept */
};

/*
 * Add X-Amz-Date, the token, x-amz-content-sha256 (S3) and Authorization to
 * headers, which hold host already; what an earlier attempt put there goes
 * first.  FB_E_LIMIT when the request is too large to be signed.
 */
int aws_sign(const struct aws_signing *signing, struct aws_fields *headers,
             struct fb_error *err) FB_MUST_CHECK;

#endif
