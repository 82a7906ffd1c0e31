/*
 * aws/moment.h: the notations of time in requests and answers.  No locale and
 * no timezone of the process is asked.
 */
#ifndef AWS_MOMENT_H
#define AWS_MOMENT_H

#include "forebay/plugin.h"

/* 20260102T030405Z, with its NUL. */
void aws_moment_basic(int64_t ms, char text[17]);
/* 2026-01-02T03:04:05Z */
void aws_moment_iso(int64_t ms, char text[21]);

/* 2026-01-02T03:04:05[.678](Z|+00:00|-05:30); -1: not such a text. */
int aws_moment_parse_iso(const char *text, int64_t *ms) FB_MUST_CHECK;
/* 20260102T030405Z */
int aws_moment_parse_basic(const char *text, int64_t *ms) FB_MUST_CHECK;
/* Fri, 02 Jan 2026 03:04:05 GMT, as in Date and Last-Modified. */
int aws_moment_parse_http(const char *text, int64_t *ms) FB_MUST_CHECK;

#endif
