/*
 * publication.h: what is published of a report: the fields of a Publish call,
 * within the bounds that SNS sets.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
#ifndef SNS_PUBLICATION_H
#define SNS_PUBLICATION_H

#include "aws/fields.h"
#include "forebay/plugin.h"
#include "topic.h"

#define PUBLICATION_MAX ((size_t)262144) /* bytes, attributes and all */
#define PUBLICATION_SUBJECT_MAX 99
#define PUBLICATION_ID_MAX 128 /* of a group, and of a deduplication */

enum publication_kind { PUBLICATION_TEXT = 1, PUBLICATION_JSON };

/* The fields are added to form, which the caller releases, also after a
 * failure.  FB_E_LIMIT when the report cannot be made small enough. */
int publication_make(struct fb_step *step, const struct fb_report *report,
                     const struct topic *topic, enum publication_kind kind,
                     struct aws_fields *form,
                     struct fb_error *err) FB_MUST_CHECK;

#endif
