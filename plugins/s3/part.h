/*
 * part.h: one part of a multipart upload, and sending it.
 */
#ifndef S3_PART_H
#define S3_PART_H

#include "forebay/plugin.h"
#include "parts.h"
#include "target.h"

struct part {
    int number; /* from 1 */
    struct part_buffer buffer;
    /* known when it has arrived */
    uint64_t size;
    char *etag;              /* as the store wrote it; owned */
    struct aws_checksum sum; /* unread; kind 0: none */
    char checksum[AWS_CHECKSUM_TEXT_MAX];
};

/* UploadPart.  The buffer stays the caller's. */
int part_send(const struct target *target, const char *upload_id,
              struct part *part, struct fb_error *err) FB_MUST_CHECK;

void part_release(struct part *part);

#endif
