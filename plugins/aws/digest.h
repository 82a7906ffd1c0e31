/*
 * aws/digest.h: SHA-256, its HMAC and MD5 by OpenSSL, in the forms that
 * signatures and messages need.
 */
#ifndef AWS_DIGEST_H
#define AWS_DIGEST_H

#include "forebay/plugin.h"

#define AWS_SHA256_SIZE 32
#define AWS_SHA256_HEX 65 /* with its NUL */
#define AWS_MD5_HEX 33

/* SHA-256 of nothing, in hex. */
#define AWS_SHA256_EMPTY \
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

void aws_sha256(const void *bytes, size_t size,
                unsigned char out[AWS_SHA256_SIZE]);
void aws_sha256_hex(const void *bytes, size_t size, char out[AWS_SHA256_HEX]);
void aws_hmac_sha256(const void *key, size_t key_size, const void *bytes,
                     size_t size, unsigned char out[AWS_SHA256_SIZE]);

/* In lower case hex.  SQS sends it of every message.  -1 when the system
 * forbids MD5 (FIPS mode). */
int aws_md5_hex(const void *bytes, size_t size,
                char out[AWS_MD5_HEX]) FB_MUST_CHECK;

#endif
