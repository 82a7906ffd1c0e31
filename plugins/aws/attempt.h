/*
 * aws/attempt.h: one attempt at a call: addressed, signed, sent, and its
 * answer judged.  Whether there will be another is call.c's business.
 */
#ifndef AWS_ATTEMPT_H
#define AWS_ATTEMPT_H

#include "aws/client_state.h"
#include "aws/digest.h"
#include "aws/request.h"

/* A call over all its attempts. */
struct aws_attempt {
    struct aws_client *client;
    const struct aws_request *request;
    struct aws_response *response;
    char region[AWS_REGION_MAX];  /* to sign for */
    char payload[AWS_SHA256_HEX]; /* the hash; "" until it is known */
    char invocation[37];          /* the same for all attempts */
    int max_attempts;
    int64_t deadline; /* monotonic ms; 0: none */

    /* Of this attempt. */
    struct aws_credentials used;
    struct aws_buf host, target, url;
    struct aws_fields headers;
    struct aws_exchange exchange;
    bool is_good;         /* the status is one that is expected */
    enum aws_retry class; /* after a failure */
    bool answered;        /* an answer came, so response tells why */
};

void aws_attempt_init(struct aws_attempt *attempt, struct aws_client *client,
                      const struct aws_request *request,
                      struct aws_response *response);
void aws_attempt_release(struct aws_attempt *attempt);

/* Make the attempt number response->attempts.  0: a good answer.  -1: *err
 * says why, unless `answered`; class says what may help. */
int aws_attempt_make(struct aws_attempt *attempt,
                     struct fb_error *err) FB_MUST_CHECK;

/* The time that is left for all attempts; INT64_MAX without a deadline. */
int64_t aws_attempt_left_ms(const struct aws_attempt *attempt);

#endif
