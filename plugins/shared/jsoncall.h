/*
 * shared/jsoncall.h: a call to a service of AWS that speaks JSON 1.1: the body
 * of one document, the answer another.  What they mean is the caller's
 * business.
 */
#ifndef SHARED_JSONCALL_H
#define SHARED_JSONCALL_H

#include "aws/client.h"
#include "forebay/plugin.h"

#include <jansson.h>

struct jsoncall {
    const char *target;  /* "AWSGlue.GetTable" */
    const char *action;  /* of IAM: "glue:GetTable" */
    int64_t deadline_ms; /* all attempts */
};

/*
 * Make a call that may be repeated when its answer was lost.  The body is
 * taken over, also on failure.  `subject` is for messages.  The caller
 * releases the response, also after a failure.
 */
int jsoncall_make(struct aws_client *client, const struct jsoncall *what,
                  const char *subject, json_t *body,
                  struct aws_response *response,
                  struct fb_error *err) FB_MUST_CHECK;

/* Whether the service refused the call with this code. */
bool jsoncall_refused(const struct aws_response *response, const char *code);

#endif
