/*
 * s3.h: what source.c and sink.c share and s3.c puts together.
 */
#ifndef S3_S3_H
#define S3_S3_H

#include "forebay/plugin.h"

extern const char *const s3_schemes[];
extern const struct fb_plugin s3_source_plugin, s3_sink_plugin;

#define S3_MIB INT64_C(1048576)
#define S3_GIB (1024 * S3_MIB)

/* https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
#define S3_KEY_MAX 1024          /* bytes */
#define S3_PARTS_MAX 10000       /* of one upload */
#define S3_PART_MIN (5 * S3_MIB) /* but the last */
#define S3_COPY_MAX (5 * S3_GIB) /* in one CopyObject */

#endif
