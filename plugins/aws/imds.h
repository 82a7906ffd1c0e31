/*
 * aws/imds.h: the instance metadata service of EC2, version 2 only: without a
 * token nothing is asked, because version 1 answers whoever can make us send
 * a request.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
 * Its credentials are aws_source_instance of source.h.
 */
#ifndef AWS_IMDS_H
#define AWS_IMDS_H

#include "aws/region.h"
#include "aws/world.h"
#include "forebay/plugin.h"

/* The region that the instance runs in. */
int aws_imds_region(const struct aws_world *world, struct fb_step *step,
                    char region[AWS_REGION_MAX],
                    struct fb_error *err) FB_MUST_CHECK;

#endif
