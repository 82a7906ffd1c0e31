/*
 * aws/query.h: the AWS query protocol (SNS, STS): a form goes out, XML comes
 * back.
 */
#ifndef AWS_QUERY_H
#define AWS_QUERY_H

#include "aws/buf.h"
#include "aws/fields.h"
#include "aws/request.h"
#include "forebay/plugin.h"

#define AWS_FORM_MAX ((size_t)2 << 20) /* 256 KiB of text, each byte as %XX */

/*
 * Make POST / with Action, Version and the fields of form, written to body,
 * which must live until the call is over and is released by the caller, also
 * after a failure.  form may be NULL.  Asks for an XML answer.  The request is
 * not idempotent until the caller says so.  FB_E_LIMIT when the form is too
 * large.
 */
int aws_query_request(struct aws_request *request, struct aws_buf *body,
                      const char *action, const char *version,
                      const struct aws_fields *form,
                      struct fb_error *err) FB_MUST_CHECK;

#endif
