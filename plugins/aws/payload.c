/*
 * aws/payload.c: see payload.h.
 */
#include "aws/payload.h"

#include "aws/encode.h"
#include "aws/signer.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <strings.h>

#define BLOCK ((size_t)64 << 10)

static bool
has_checksum(const struct aws_fields *headers)
{
    static const char prefix[] = "x-amz-checksum-";
    static const char algorithm[] = "x-amz-checksum-algorithm";
    static const char type[] = "x-amz-checksum-type";

    for (size_t i = 0; i < headers->count; i++) {
        const char *name = headers->items[i].name;

        if (strncasecmp(name, prefix, sizeof(prefix) - 1) == 0 &&
            strcasecmp(name, algorithm) != 0 && strcasecmp(name, type) != 0)
            return true;
    }
    return false;
}

static int
hash_source(const struct aws_body_source *source, EVP_MD_CTX *digest)
{
    unsigned char *block = aws_alloc(BLOCK);
    size_t got = 1;
    int failed = source->rewind(source->arg);

    while (failed == 0 && got > 0) {
        failed = source->read(source->arg, block, BLOCK, &got);
        if (failed == 0 && EVP_DigestUpdate(digest, block, got) != 1)
            failed = -1;
    }
    free(block);
    return failed;
}

static int
source_hash(const struct aws_body_source *source, char hash[AWS_SHA256_HEX],
            struct fb_error *err)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    unsigned char sum[AWS_SHA256_SIZE];
    bool good = digest != NULL &&
                EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1 &&
                hash_source(source, digest) == 0 &&
                EVP_DigestFinal_ex(digest, sum, NULL) == 1;

    EVP_MD_CTX_free(digest);
    if (!good)
        return fb_fail(err, FB_E_FAILED, "cannot read what is to be sent");
    aws_hex(hash, sum, sizeof(sum));
    return 0;
}

int
aws_payload_hash(const struct aws_request *request, bool is_s3, bool https,
                 char hash[AWS_SHA256_HEX], struct fb_error *err)
{
    if (request->payload_sha256 != NULL) {
        if (strlen(request->payload_sha256) != AWS_SHA256_HEX - 1)
            return fb_fail(err, FB_E_BUG,
                           "cannot sign: that is no SHA-256 in hex");
        memcpy(hash, request->payload_sha256, AWS_SHA256_HEX);
        return 0;
    }
    if (is_s3 && https && has_checksum(&request->headers)) {
        snprintf(hash, AWS_SHA256_HEX, AWS_UNSIGNED_PAYLOAD);
        return 0;
    }
    if (request->bytes == NULL && request->source != NULL)
        return source_hash(request->source, hash, err);
    aws_sha256_hex(request->size == 0 ? "" : (const void *)request->bytes,
                   request->size, hash);
    return 0;
}
