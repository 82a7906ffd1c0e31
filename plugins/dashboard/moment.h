/*
 * moment.h: dates and times as texts, and as seconds since 1970-01-01.  It
 * knows no zones: an offset behind a time is passed over, for a chart shows
 * the clock that the data shows.
 */
#ifndef DASHBOARD_MOMENT_H
#define DASHBOARD_MOMENT_H

#include "forebay/plugin.h"

#define MOMENT_SIZE 32 /* bytes of what moment_format writes, at most */

/* How fine a text is. */
enum moment_unit {
    MOMENT_YEAR = 1,
    MOMENT_MONTH,
    MOMENT_DAY,
    MOMENT_SECOND,
};

/* 2025, 2025-03, 2025/03, 2025-03-31, 2025-03-31 12:30[:00[.5]][Z|+09:00]. */
bool moment_parse(const unsigned char *text, size_t len, double *seconds,
                  enum moment_unit *unit);

double moment_of_date(int64_t year, int month, int day);
void moment_to_date(int64_t days, int64_t *year, int *month, int *day);

/* "2025", "2025-03", "2025-03-31", "2025-03-31 12:30". */
void moment_format(double seconds, enum moment_unit unit,
                   char text[MOMENT_SIZE]);

#endif
