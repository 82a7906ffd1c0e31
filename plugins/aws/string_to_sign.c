/*
 * aws/string_to_sign.c: see string_to_sign.h.
 */
#include "aws/string_to_sign.h"

#include "aws/digest.h"
#include "aws/moment.h"

#include <assert.h>

void
aws_scope_init(struct aws_scope *scope, const char *region, const char *service,
               int64_t now_ms)
{
    *scope = (struct aws_scope){.region = region, .service = service};
    assert(*region != '\0' && *service != '\0');
    aws_moment_basic(now_ms, scope->time);
    assert(strlen(scope->time) == 16);
    memcpy(scope->date, scope->time, 8);
}

void
aws_scope_text(struct aws_buf *out, const struct aws_scope *scope)
{
    aws_buf_format(out, "%s/%s/%s/aws4_request", scope->date, scope->region,
                   scope->service);
}

void
aws_string_to_sign(struct aws_buf *out, const struct aws_scope *scope,
                   const struct aws_buf *canonical_request)
{
    char hash[AWS_SHA256_HEX];

    aws_sha256_hex(canonical_request->bytes, canonical_request->len, hash);
    aws_buf_format(out, "AWS4-HMAC-SHA256\n%s\n", scope->time);
    aws_scope_text(out, scope);
    aws_buf_format(out, "\n%s", hash);
    out->failed = out->failed || canonical_request->failed;
}
