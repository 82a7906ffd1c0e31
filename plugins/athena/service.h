/*
 * service.h: the calls to Amazon Athena, in its JSON protocol, and what its
 * refusals mean.  What is done with the answers is query.h's business.
 * https://docs.aws.amazon.com/athena/latest/APIReference/Welcome.html
 */
#ifndef ATHENA_SERVICE_H
#define ATHENA_SERVICE_H

#include "aws/client.h"
#include "forebay/plugin.h"
#include "shared/jsoncall.h"

#include <jansson.h>

extern const struct jsoncall service_start;     /* StartQueryExecution */
extern const struct jsoncall service_look;      /* GetQueryExecution */
extern const struct jsoncall service_stop;      /* StopQueryExecution */
extern const struct jsoncall service_results;   /* GetQueryResults */
extern const struct jsoncall service_workgroup; /* GetWorkGroup */

/*
 * Make a call.  Each of ours may be repeated: starting carries a token by
 * which Athena knows it again.  The body is taken over.  `subject` is for
 * messages.  FB_E_CONFIG when Athena says that the request is wrong, as a
 * query is that it cannot parse.  The caller releases the response.
 */
int service_call(struct aws_client *client, const struct jsoncall *operation,
                 const char *subject, json_t *body,
                 struct aws_response *response,
                 struct fb_error *err) FB_MUST_CHECK;

/* What is known of a workgroup. */
struct workgroup {
    bool known;      /* false: we may not ask; the rest says nothing */
    bool managed;    /* Athena keeps the results itself */
    bool enforced;   /* what queries ask for is ignored */
    bool has_output; /* it says where results go */
    int64_t cutoff;  /* bytes that a query may scan; 0: any */
};

/* FB_E_CONFIG when it is not there or switched off.  That we may not ask is
 * an error only when `strict`. */
int service_ask_workgroup(struct aws_client *client, const char *name,
                          bool strict, struct workgroup *workgroup,
                          struct fb_error *err) FB_MUST_CHECK;

#endif
