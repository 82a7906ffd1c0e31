/*
 * aws/checksum.c: see checksum.h.  A table of kinds over crc.h and OpenSSL.
 */
#include "aws/checksum.h"

#include "aws/crc.h"
#include "aws/encode.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>

static const struct kind {
    const char *name, *header;
    enum aws_crc_kind crc;
    size_t size; /* bytes of the value */
    const EVP_MD *(*digest)(void);
} kinds[] = {
    [AWS_CRC32] = {"CRC32", "x-amz-checksum-crc32", AWS_CRC_32, 4, NULL},
    [AWS_CRC32C] = {"CRC32C", "x-amz-checksum-crc32c", AWS_CRC_32C, 4, NULL},
    [AWS_CRC64NVME] = {"CRC64NVME", "x-amz-checksum-crc64nvme", AWS_CRC_64NVME,
                       8, NULL},
    [AWS_SHA1] = {"SHA1", "x-amz-checksum-sha1", 0, 20, EVP_sha1},
    [AWS_SHA256] = {"SHA256", "x-amz-checksum-sha256", 0, 32, EVP_sha256},
};

static const struct kind *
kind_of(enum aws_checksum_kind kind)
{
    assert(kind >= AWS_CRC32 && kind <= AWS_SHA256);
    return &kinds[kind];
}

const char *
aws_checksum_name(enum aws_checksum_kind kind)
{
    return kind_of(kind)->name;
}

const char *
aws_checksum_header(enum aws_checksum_kind kind)
{
    return kind_of(kind)->header;
}

static void
must(int done)
{
    if (done == 1)
        return;
    fputs("forebay: a digest of OpenSSL does not work\n", stderr);
    abort();
}

void
aws_checksum_init(struct aws_checksum *sum, enum aws_checksum_kind kind)
{
    const struct kind *k = kind_of(kind);

    *sum = (struct aws_checksum){.kind = kind};
    if (k->digest != NULL) {
        sum->digest = EVP_MD_CTX_new();
        must(sum->digest != NULL &&
             EVP_DigestInit_ex(sum->digest, k->digest(), NULL) == 1);
    }
}

void
aws_checksum_add(struct aws_checksum *sum, const void *bytes, size_t size)
{
    if (sum->digest != NULL)
        must(EVP_DigestUpdate(sum->digest, bytes, size));
    else
        sum->crc = aws_crc(kind_of(sum->kind)->crc, sum->crc, bytes, size);
}

void
aws_checksum_text(struct aws_checksum *sum, char text[AWS_CHECKSUM_TEXT_MAX])
{
    const struct kind *k = kind_of(sum->kind);
    unsigned char value[AWS_CHECKSUM_BYTES_MAX];

    if (sum->digest != NULL) {
        must(EVP_DigestFinal_ex(sum->digest, value, NULL));
    } else {
        for (size_t i = 0; i < k->size; i++)
            value[i] = (unsigned char)(sum->crc >> (8 * (k->size - 1 - i)));
    }
    aws_base64(text, value, k->size);
}

void
aws_checksum_release(struct aws_checksum *sum)
{
    EVP_MD_CTX_free(sum->digest);
    sum->digest = NULL;
}

void
aws_checksum_join(struct aws_checksum *sum, const struct aws_checksum *next,
                  uint64_t next_size)
{
    assert(sum->kind == next->kind && sum->digest == NULL);
    sum->crc =
        aws_crc_join(kind_of(sum->kind)->crc, sum->crc, next->crc, next_size);
}
