/*
 * batch/moment.h: text to dates, times of day and moments, and back.  Part of
 * value.h, which states the rules; calendar arithmetic is util/clock.h.
 */
#ifndef BATCH_MOMENT_H
#define BATCH_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "forebay/plugin.h"

/*
 * A text of FB_C_DATE, FB_C_DATETIME or FB_C_TIME in this format (NULL,
 * "default", "any" or a valid pattern): days or microseconds.
 */
bool moment_parse(enum fb_column_type type, const char *format,
                  const unsigned char *text, uint32_t length, int64_t *value);

/* The canonical text; needs 40 bytes; returns its length. */
size_t moment_print(enum fb_column_type type, int64_t value, char *text);

#endif
