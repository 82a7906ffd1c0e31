/*
 * aws/digest.c: see digest.h.  SHA-256 cannot fail but for lack of memory or
 * a broken OpenSSL, and then nothing can be signed: the process ends.
 */
#include "aws/digest.h"

#include "aws/encode.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

static void
must(bool good)
{
    if (good)
        return;
    fputs("forebay: SHA-256 of OpenSSL does not work\n", stderr);
    abort();
}

void
aws_sha256(const void *bytes, size_t size, unsigned char out[AWS_SHA256_SIZE])
{
    must(EVP_Digest(bytes, size, out, NULL, EVP_sha256(), NULL) == 1);
}

void
aws_sha256_hex(const void *bytes, size_t size, char out[AWS_SHA256_HEX])
{
    unsigned char digest[AWS_SHA256_SIZE];

    aws_sha256(bytes, size, digest);
    aws_hex(out, digest, sizeof(digest));
}

void
aws_hmac_sha256(const void *key, size_t key_size, const void *bytes,
                size_t size, unsigned char out[AWS_SHA256_SIZE])
{
    must(key_size <= INT_MAX && HMAC(EVP_sha256(), key, (int)key_size, bytes,
                                     size, out, NULL) != NULL);
}

int
aws_md5_hex(const void *bytes, size_t size, char out[AWS_MD5_HEX])
{
    unsigned char digest[16];

    if (EVP_Digest(bytes, size, digest, NULL, EVP_md5(), NULL) != 1)
        return -1;
    aws_hex(out, digest, sizeof(digest));
    return 0;
}
