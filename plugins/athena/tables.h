/*
 * tables.h: what the pipeline's tables have to be in Glue before a query can
 * name them.
 */
#ifndef ATHENA_TABLES_H
#define ATHENA_TABLES_H

#include "aws/settings.h"
#include "forebay/plugin.h"

/* What can be told of the declared tables without looking at anything; only
 * by whichever step asks first, for it would be the same of all. */
int tables_check(struct fb_step *step, struct fb_error *err) FB_MUST_CHECK;

/* The declared table below whose location a folder lies; *table NULL: none. */
int tables_around(struct fb_step *step, const char *folder,
                  const struct fb_table **table,
                  struct fb_error *err) FB_MUST_CHECK;

/* Once in a run, by whichever step asks first: check every declared table,
 * the headers of its files too, then make or update each in Glue, with its
 * database and its partitions. */
int tables_make(struct fb_step *step, const struct aws_settings *glue,
                const struct aws_settings *s3,
                struct fb_error *err) FB_MUST_CHECK;

#endif
