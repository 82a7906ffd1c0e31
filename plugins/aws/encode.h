/*
 * aws/encode.h: percent-encoding as AWS defines it, forms, hex and base64.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
#ifndef AWS_ENCODE_H
#define AWS_ENCODE_H

#include "aws/buf.h"
#include "aws/fields.h"
#include "forebay/plugin.h"

/* UriEncode: all bytes but A-Z a-z 0-9 - . _ ~ become %XX in upper case; '/'
 * too unless keep_slash. */
void aws_percent_encode(struct aws_buf *out, const char *text, size_t size,
                        bool keep_slash);

/* application/x-www-form-urlencoded of a list, space as %20. */
void aws_form_encode(struct aws_buf *out, const struct aws_fields *form);

/* Form decoding: '+' is a space, %XX a byte.  Keys in S3 listings and events
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html).
 * -1 (no error text) for a '%' without two hex digits or a NUL. */
int aws_form_decode(struct aws_buf *out, const char *text) FB_MUST_CHECK;

/* Lower case hex with its NUL: out has room for 2 * size + 1. */
void aws_hex(char *out, const unsigned char *bytes, size_t size);

/* Standard base64 with padding; out has room for AWS_BASE64_SIZE(size). */
#define AWS_BASE64_SIZE(size_) (((size_) + 2) / 3 * 4 + 1)
void aws_base64(char *out, const unsigned char *bytes, size_t size);
/* At most max bytes; -1 when it is no base64 or too long. */
int aws_base64_decode(const char *text, unsigned char *out, size_t max,
                      size_t *size) FB_MUST_CHECK;

/* Whether bytes are valid UTF-8 without a NUL. */
bool aws_is_utf8(const char *text, size_t size);

#endif
