/*
 * copy_parts.h: an object of more than 5 GiB copied by the store, some parts
 * at a time.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/CopyingObjectsMPUapi.html
 */
#ifndef S3_COPY_PARTS_H
#define S3_COPY_PARTS_H

#include "copy.h"
#include "forebay/plugin.h"

/* As copy_object.  The copy gets what CopyObject would give it, and the store
 * compares its checksum with the one of the original, if that has one. */
int copy_parts(const struct copy *copy, struct fb_error *err) FB_MUST_CHECK;

#endif
