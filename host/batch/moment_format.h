/*
 * batch/moment_format.h: which formats of dates, times and datetimes can be
 * understood.  Part of value.h, which states the rules.
 */
#ifndef BATCH_MOMENT_FORMAT_H
#define BATCH_MOMENT_FORMAT_H

#include "forebay/plugin.h"

/* See value_format_is_valid; for FB_C_DATE, FB_C_DATETIME and FB_C_TIME.  A
 * valid pattern names every part of its value, and each part once. */
bool moment_format_is_valid(enum fb_column_type type, const char *format,
                            const char **why);

#endif
