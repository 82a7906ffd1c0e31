/*
 * topic.h: the name of a topic, taken apart.
 * https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
 */
#ifndef SNS_TOPIC_H
#define SNS_TOPIC_H

#include "forebay/plugin.h"

/* arn:PARTITION:sns:REGION:ACCOUNT:NAME */
struct topic {
    const char *arn;
    char partition[32];
    char region[64];
    bool is_fifo; /* the name ends with .fifo */
};

/* Returns NULL, or what is wrong with the ARN.  It is not copied. */
const char *topic_parse(struct topic *topic, const char *arn) FB_MUST_CHECK;

#endif
