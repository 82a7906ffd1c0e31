/*
 * aws/payload.h: what stands for the body in a signature.
 */
#ifndef AWS_PAYLOAD_H
#define AWS_PAYLOAD_H

#include "aws/digest.h"
#include "aws/request.h"
#include "forebay/plugin.h"

/* The SHA-256 of the body in hex, or UNSIGNED-PAYLOAD where that is safe: S3
 * over TLS, with a checksum among the headers.  Reads a source once. */
int aws_payload_hash(const struct aws_request *request, bool is_s3, bool https,
                     char hash[AWS_SHA256_HEX],
                     struct fb_error *err) FB_MUST_CHECK;

#endif
