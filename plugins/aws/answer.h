/*
 * aws/answer.h: receives the answer of an attempt and judges it.
 */
#ifndef AWS_ANSWER_H
#define AWS_ANSWER_H

#include "aws/attempt.h"

/* Empty the response for another attempt; what is told over all of them
 * (attempts, maybe_done, received) stays. */
void aws_answer_reset(struct aws_response *response);

/* What the transport calls: arg is the attempt. */
int aws_answer_head(void *arg, int status, const struct aws_fields *headers,
                    struct fb_error *err);
int aws_answer_body(void *arg, const unsigned char *bytes, size_t size,
                    struct fb_error *err);

/* The answer is complete: 0 when it is what the request asked for; else -1
 * and the attempt's class and `answered` are set. */
int aws_answer_judge(struct aws_attempt *attempt) FB_MUST_CHECK;

#endif
