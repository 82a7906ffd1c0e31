/*
 * aws/region.h: regions and the partitions they lie in.
 */
#ifndef AWS_REGION_H
#define AWS_REGION_H

#include "forebay/plugin.h"

#define AWS_REGION_MAX 64 /* bytes, with the NUL */

struct aws_partition {
    const char *name;             /* as in arn:<name>: */
    const char *suffix;           /* of host names */
    const char *dualstack_suffix; /* but for S3 */
};

/* Whether a text may become a label of a host name: [A-Za-z0-9-]{1,63}, no
 * hyphen at its ends.  Regions come from answers and files: ask first. */
bool aws_region_is_valid(const char *region);

/* The partition of a region; unknown ones are taken for "aws". */
const struct aws_partition *aws_region_partition(const char *region);

#endif
