/*
 * aws/signer.c: see signer.h.
 */
#include "aws/signer.h"

#include <assert.h>

static void
set_headers(const struct aws_signing *signing, const struct aws_scope *scope,
            struct aws_fields *headers)
{
    aws_fields_remove(headers, "authorization");
    aws_fields_remove(headers, "x-amz-security-token");
    aws_fields_set(headers, "x-amz-date", scope->time);
    if (signing->s3)
        aws_fields_set(headers, "x-amz-content-sha256", signing->payload_hash);
    if (signing->credentials->token != NULL)
        aws_fields_add(headers, "x-amz-security-token",
                       signing->credentials->token);
}

/* Both texts made, the signature found and put into its header. */
static int
authorize(const struct aws_signing *signing, const struct aws_scope *scope,
          struct aws_fields *headers, struct aws_buf texts[3],
          struct fb_error *err)
{
    const struct aws_canonical canonical = {
        .method = signing->method,
        .path = signing->path,
        .path_as_is = signing->s3,
        .query = signing->query,
        .headers = headers,
        .payload_hash = signing->payload_hash,
    };
    struct aws_buf *request = &texts[0], *names = &texts[1], *sts = &texts[2];
    unsigned char key[AWS_SHA256_SIZE];
    char signature[AWS_SIGNATURE_HEX];

    aws_canonical_request(request, names, &canonical);
    aws_string_to_sign(sts, scope, request);
    if (aws_buf_check(sts, "request to sign", err) != 0)
        return -1;
    if (signing->keys != NULL)
        aws_keys_get(signing->keys, signing->credentials->secret, scope, key);
    else
        aws_signing_key(signing->credentials->secret, scope, key);
    aws_signature(key, sts, signature);
    aws_wipe(key, sizeof(key));
    aws_fields_format(headers, "authorization",
                      "AWS4-HMAC-SHA256 Credential=%s/%s/%s/%s/aws4_request, "
                      "SignedHeaders=%s, Signature=%s",
                      signing->credentials->access_key, scope->date,
                      scope->region, scope->service, aws_buf_string(names),
                      signature);
    if (headers->failed)
        return fb_fail(err, FB_E_LIMIT,
                       "cannot sign the request: its headers are too large");
    return 0;
}

int
aws_sign(const struct aws_signing *signing, struct aws_fields *headers,
         struct fb_error *err)
{
    struct aws_buf texts[3];
    struct aws_scope scope;
    int failed;

    for (size_t i = 0; i < 3; i++)
        aws_buf_init(&texts[i], AWS_CANONICAL_MAX);
    assert(aws_fields_get(headers, "host") != NULL);
    assert(signing->credentials->secret != NULL);
    aws_scope_init(&scope, signing->region, signing->service, signing->now_ms);
    set_headers(signing, &scope, headers);
    failed = authorize(signing, &scope, headers, texts, err);
    for (size_t i = 0; i < 3; i++)
        aws_buf_release(&texts[i]);
    return failed;
}
