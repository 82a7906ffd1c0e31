/*
 * uri.h: which queue: sqs://NAME, sqs://ACCOUNT/NAME or sqs://ARN.  Of where
 * it answers this knows nothing.
 */
#ifndef SQS_URI_H
#define SQS_URI_H

#include "forebay/plugin.h"

struct sqs_uri {
    const char *name;
    const char *account; /* twelve digits; NULL: that of the keys */
    const char *region;  /* of an ARN; NULL: as configured */
};

/* Take fb_uri apart, or refuse it.  The texts live as the step.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
 */
int uri_parse(struct fb_step *step, struct sqs_uri *uri,
              struct fb_error *err) FB_MUST_CHECK;

#endif
