/*
 * aws/error.h: what an error answer says, and how it is told to people.
 */
#ifndef AWS_ERROR_H
#define AWS_ERROR_H

#include "aws/credentials.h"
#include "aws/request.h"
#include "forebay/plugin.h"

/* Fill code, message, condition, region and the request ids of the response
 * from its headers and body, in whatever protocol it speaks.  What cannot be
 * read gives a short, harmless copy of the body as message. */
void aws_error_read(struct aws_response *response);

/* Only the request ids and the bucket's region, for any answer. */
void aws_error_read_ids(struct aws_response *response);

/* Whether an S3 answer with a good status is an error after all; then it has
 * been read as by aws_error_read. */
bool aws_error_in_success(struct aws_response *response);

/* "GET 's3 my-bucket/in/a.csv'" for messages; control characters are made
 * visible, long texts cut. */
#define AWS_SUBJECT_MAX 400
void aws_error_subject(const struct aws_request *request, const char *service,
                       char subject[AWS_SUBJECT_MAX]);

/* Fill *err: "cannot GET 's3 my-bucket/in/a.csv': 403 AccessDenied: ...
 * (request id ..., host ...)" with the code that client.h promises.  Returns
 * -1.  What `used` holds of secrets is taken out of the text; NULL: none. */
int aws_error_tell(const struct aws_request *request,
                   const struct aws_response *response, const char *service,
                   const char *host, const struct aws_credentials *used,
                   struct fb_error *err);

/* The same for a call that got no answer: *err says why, "cannot X: why"; its
 * code stays. */
int aws_error_no_answer(const struct aws_request *request, const char *service,
                        int attempts, struct fb_error *err);

/* Take the secrets out of a text, in place. */
void aws_error_scrub(char *text, const struct aws_credentials *used);

#endif
