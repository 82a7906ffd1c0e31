/*
 * result.h: the rows of a query that succeeded, from where Athena says they
 * are: an object in S3, or, in workgroups that keep results themselves, page
 * after page from Athena.
 */
#ifndef ATHENA_RESULT_H
#define ATHENA_RESULT_H

#include "forebay/plugin.h"
#include "query.h"
#include "sheet.h"

struct result;

/* Asks for the columns and finds the rows.  FB_E_MISSING: they are gone.  The
 * query outlives it.  On success close with result_close. */
int result_open(const struct query *query, const struct aws_settings *s3,
                struct result **opened, struct fb_error *err) FB_MUST_CHECK;
void result_close(struct result *result); /* NULL is fine */

/* The columns, to name them. */
const struct sheet *result_sheet(const struct result *result);

/* The next rows; NULL is the end, which is reached only when all came. */
int result_read(struct result *result, struct fb_batch **batch,
                struct fb_error *err) FB_MUST_CHECK;

#endif
