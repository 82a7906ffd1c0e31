/*
 * upload.h: the requests that begin and finish a multipart upload, whether
 * its parts come from here or the store copies them itself.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
#ifndef S3_UPLOAD_H
#define S3_UPLOAD_H

#include "aws/fields.h"
#include "forebay/plugin.h"
#include "part.h"
#include "target.h"

struct upload {
    const struct store *store;
    const char *key;
    const char *action;              /* IAM actions that it takes */
    enum aws_checksum_kind checksum; /* of the whole; 0: none */
    bool must_be_new;                /* an object there already is an error */
    bool repeats; /* whether to finish it again when an answer is lost */
    char *id;     /* once it has begun; owned */
};

/* CreateMultipartUpload: of an object with these headers; content_type NULL:
 * none besides.  The response is the caller's to release. */
int upload_begin(struct upload *upload, const char *operation,
                 const struct aws_fields *headers, const char *content_type,
                 struct aws_response *response,
                 struct fb_error *err) FB_MUST_CHECK;

/* CompleteMultipartUpload.  An FB_E_MISSING may mean that it was completed
 * before. */
int upload_finish(const struct upload *upload, const char *operation,
                  const struct part *list, int count,
                  const struct content *content, struct aws_response *response,
                  struct fb_error *err) FB_MUST_CHECK;

/* Free the id.  The upload itself stays as it is: see abort.h. */
void upload_release(struct upload *upload);

#endif
