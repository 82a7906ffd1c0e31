/*
 * aws/crc.h: the three cyclic redundancy checks that S3 knows, and the CRC of
 * two runs of bytes out of the CRCs of each.  Values are what the catalogue
 * of CRCs calls the check (reflected, inverted at both ends).
 */
#ifndef AWS_CRC_H
#define AWS_CRC_H

#include "forebay/plugin.h"

enum aws_crc_kind {
    AWS_CRC_32 = 1, /* ISO-HDLC, as in zip files */
    AWS_CRC_32C,    /* Castagnoli */
    AWS_CRC_64NVME,
};

/* Go on with crc, which is 0 at the beginning. */
uint64_t aws_crc(enum aws_crc_kind kind, uint64_t crc, const void *bytes,
                 size_t size);
/* The same by tables alone; equal by a test. */
uint64_t aws_crc_table(enum aws_crc_kind kind, uint64_t crc, const void *bytes,
                       size_t size);

/* The CRC of a run with `first` followed by one of `second_size` bytes with
 * `second`. */
uint64_t aws_crc_join(enum aws_crc_kind kind, uint64_t first, uint64_t second,
                      uint64_t second_size);

#endif
