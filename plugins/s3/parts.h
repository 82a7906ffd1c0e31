/*
 * parts.h: one multipart upload: parts sent by several threads while the next
 * is filled.  Nothing is visible before it is completed.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
#ifndef S3_PARTS_H
#define S3_PARTS_H

#include "forebay/plugin.h"
#include "target.h"

/* A part being filled; capacity is what it will be when it is full. */
struct part_buffer {
    unsigned char *bytes; /* malloc */
    size_t filled, capacity;
};

struct parts;

/* CreateMultipartUpload.  The target lives until parts_close. */
int parts_open(const struct target *target, size_t part_size, int parallel,
               struct parts **result, struct fb_error *err) FB_MUST_CHECK;

/*
 * Send a full part (or the last one, of any size) and give back an empty
 * buffer for the next.  Waits while too much is under way.  Reports what went
 * wrong with any part so far.  Memory: parallel + 1 buffers of the first
 * size, or, once parts are larger than half of that, two.
 */
int parts_send(struct parts *parts, struct part_buffer *buffer,
               struct fb_error *err) FB_MUST_CHECK;

/* Wait until all parts have arrived, and say what they are together. */
int parts_wait(struct parts *parts, struct content *content,
               struct fb_error *err) FB_MUST_CHECK;

/* CompleteMultipartUpload, once; the response is the caller's to release.
 * An FB_E_MISSING may mean that it was completed before. */
int parts_complete(struct parts *parts, const struct content *content,
                   struct aws_response *response,
                   struct fb_error *err) FB_MUST_CHECK;

/* Stop all threads; then nothing is sent any more. */
void parts_stop(struct parts *parts);

const char *parts_upload_id(const struct parts *parts);

/* Free it.  The upload itself stays as it is: see abort.h. */
void parts_close(struct parts *parts);

#endif
