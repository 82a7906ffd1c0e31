/*
 * sizes.h: how large the parts of an upload are.  Their number is limited, so
 * that large objects need large parts.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
#ifndef S3_SIZES_H
#define S3_SIZES_H

#include "s3.h"

#include <assert.h>

/* The largest part, and so the largest buffer.  A limit of our own: S3 takes
 * parts of 5 GiB, which nobody wants in memory. */
#define SIZES_PART_MAX ((size_t)512 << 20)
#define SIZES_GROW_AFTER 1000 /* parts of a size */

/* How large part `number` (from 1) of an object is whose size nobody knows
 * yet: with 5 MiB at first, the largest object is 2.2 TB. */
static inline size_t
sizes_part(size_t first_size, int number)
{
    size_t size = first_size;

    assert(number >= 1 && first_size > 0 && first_size <= SIZES_PART_MAX);
    for (int n = SIZES_GROW_AFTER; n < number && size < SIZES_PART_MAX;
         n += SIZES_GROW_AFTER)
        size *= 2;
    return size < SIZES_PART_MAX ? size : SIZES_PART_MAX;
}

/* How large each part is of an object that the store copies itself: a size
 * that takes it seconds, or as much as the number of parts asks for. */
static inline uint64_t
sizes_copied_part(uint64_t object_size)
{
    const uint64_t usual = (uint64_t)512 << 20;
    uint64_t least =
        object_size / S3_PARTS_MAX + (object_size % S3_PARTS_MAX != 0 ? 1 : 0);

    return least > usual ? least : usual;
}

#endif
