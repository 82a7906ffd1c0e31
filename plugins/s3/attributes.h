/*
 * attributes.h: what the options of a sink say about the object itself, and
 * as headers: metadata, tags, encryption, storage class.
 */
#ifndef S3_ATTRIBUTES_H
#define S3_ATTRIBUTES_H

#include "aws/fields.h"
#include "forebay/plugin.h"

enum sse { SSE_NONE = 1, SSE_S3, SSE_KMS };

struct attributes {
    const char *storage_class;
    int sse; /* enum sse */
    const char *kms_key_id;
    struct fb_map tags;
    struct fb_map metadata;
    const char *content_type;
};

/* Refuse what the service would refuse, while the place is still known. */
int attributes_check(const struct attributes *attributes, struct fb_step *step,
                     struct fb_error *err) FB_MUST_CHECK;

void attributes_headers(const struct attributes *attributes,
                        struct aws_fields *headers);

/* What was given, or else what the end of the key tells. */
const char *attributes_content_type(const struct attributes *attributes,
                                    const char *key);

#endif
