/*
 * trigger/holidays.h: the days of a holidays file: one date a line, or a CSV
 * whose first column is a date.
 */
#ifndef TRIGGER_HOLIDAYS_H
#define TRIGGER_HOLIDAYS_H

#include "config/problems.h"
#include "util/arena.h"

struct holidays {
    const int64_t *days; /* since 1970-01-01, ascending */
    size_t count;
};

/*
 * YYYY-MM-DD or YYYY/M/D, as the Cabinet Office of Japan publishes them
 * (https://www8.cao.go.jp/chosei/shukujitsu/syukujitsu.csv, in code page 932:
 * later columns may hold any bytes).  Skipped: empty lines, lines beginning
 * with #, and a first line that does not begin with a digit.  Any other line
 * is a problem at its place; a file that cannot be read is one at `place`.
 * False after problems.
 */
bool holidays_read(struct arena *arena, const char *path, struct place place,
                   struct problems *problems, struct holidays *holidays);

bool holidays_has(const struct holidays *holidays, int64_t day);

#endif
