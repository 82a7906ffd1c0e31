/*
 * aws/checksum.h: the checksums that S3 keeps beside an object, computed over
 * bytes as they pass, put together from those of parts, and written the way
 * the x-amz-checksum-* headers want them.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
#ifndef AWS_CHECKSUM_H
#define AWS_CHECKSUM_H

#include "forebay/plugin.h"

enum aws_checksum_kind {
    AWS_CRC32 = 1,
    AWS_CRC32C,
    AWS_CRC64NVME,
    AWS_SHA1,
    AWS_SHA256,
};

#define AWS_CHECKSUM_BYTES_MAX 32
#define AWS_CHECKSUM_TEXT_MAX 48 /* base64 with its NUL */

/* A running checksum.  CRCs need no release; the others do. */
struct aws_checksum {
    enum aws_checksum_kind kind;
    uint64_t crc;
    void *digest; /* EVP_MD_CTX */
};

void aws_checksum_init(struct aws_checksum *sum, enum aws_checksum_kind kind);
void aws_checksum_add(struct aws_checksum *sum, const void *bytes, size_t size);
/* The text for the header; sum may not be added to afterwards. */
void aws_checksum_text(struct aws_checksum *sum,
                       char text[AWS_CHECKSUM_TEXT_MAX]);
void aws_checksum_release(struct aws_checksum *sum);

/* For CRCs only: sum becomes the checksum of its bytes followed by those of
 * `next`, of which there are next_size. */
void aws_checksum_join(struct aws_checksum *sum,
                       const struct aws_checksum *next, uint64_t next_size);

/* "CRC32C", as x-amz-checksum-algorithm names it, and the name of the header
 * with the value, "x-amz-checksum-crc32c". */
const char *aws_checksum_name(enum aws_checksum_kind kind);
const char *aws_checksum_header(enum aws_checksum_kind kind);

#endif
