/*
 * body.h: what the receiver of a webhook reads: the report as it is, or what
 * Slack and Teams make a message of.
 */
#ifndef WEBHOOK_BODY_H
#define WEBHOOK_BODY_H

#include "forebay/plugin.h"

enum body_kind { BODY_JSON = 1, BODY_SLACK, BODY_TEAMS };

/* JSON in UTF-8 that lives as long as the step.  FB_E_LIMIT when the report
 * cannot be made small enough. */
int body_make(struct fb_step *step, const struct fb_report *report,
              enum body_kind kind, const char **body,
              struct fb_error *err) FB_MUST_CHECK;

#endif
