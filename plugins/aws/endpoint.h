/*
 * aws/endpoint.h: where a request goes: host, path, and whether the bucket is
 * in the one or in the other.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include "aws/buf.h"
#include "aws/config.h"
#include "forebay/plugin.h"

/* A service, as the user or AWS places it. */
struct aws_endpoint {
    const char *service;
    char *custom; /* URL that the user gave; owned; NULL: AWS's */
    bool https;
    char *host;   /* custom only: lower case, with the port unless default */
    char *prefix; /* custom only: path before all others, "" or "/base" */
    bool use_fips, use_dualstack;
    bool force_path_style, force_virtual_host;
};

/* custom NULL: AWS's own hosts.  FB_E_CONFIG: no http(s) URL, or one with
 * user, query or fragment; or one together with FIPS or dual-stack. */
int aws_endpoint_init(struct aws_endpoint *endpoint,
                      const struct aws_config *config, const char *service,
                      const char *custom, struct fb_error *err) FB_MUST_CHECK;
void aws_endpoint_release(struct aws_endpoint *endpoint);

/* Whether it is AWS that answers: also where the user gave a URL of its own
 * hosts, as for an interface endpoint of a VPC. */
bool aws_endpoint_is_aws(const struct aws_endpoint *endpoint,
                         const char *region);

/* host gets "my-bucket.s3.eu-west-1.amazonaws.com", path the encoded target
 * without query.  bucket and key are S3's; NULL bucket: path (encoded by the
 * caller, NULL: "/") is taken.  FB_E_CONFIG for a bucket that cannot be
 * addressed, FB_E_INPUT for a key that cannot be sent. */
int aws_endpoint_place(const struct aws_endpoint *endpoint, const char *region,
                       const char *bucket, const char *key, const char *path,
                       struct aws_buf *host, struct aws_buf *target,
                       struct fb_error *err) FB_MUST_CHECK;

#endif
