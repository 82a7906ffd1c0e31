/*
 * expr/datetime.h: dates, timestamps and times of day, from text and to text
 * and by the calendar.  Days count from 1970-01-01, timestamps in
 * microseconds from its midnight in UTC, proleptic Gregorian.  Text forms are
 * DuckDB's, but nothing is guessed: no garbage behind a date, and no offset
 * other than UTC is dropped in silence.
 */
#ifndef EXPR_DATETIME_H
#define EXPR_DATETIME_H

#include "expr/ast.h"

#define DAY_US INT64_C(86400000000)
#define DATETIME_TEXT_MAX 64

/* YYYY-MM-DD (fewer digits and '/' allowed), perhaps with a time of day, all
 * in outer white space. */
bool date_read(const unsigned char *text, size_t length, int64_t *days);
/* A date, then nothing, or 'T' or spaces and h:m[:s[.ffffff]] and Z or UTC. */
bool timestamp_read(const unsigned char *text, size_t length, int64_t *us);
/* h:m[:s[.ffffff]] */
bool time_read(const unsigned char *text, size_t length, int64_t *us);

/* NUL at the end; return the length. */
size_t date_print(int64_t days, char *text);
size_t timestamp_print(int64_t us, char *text); /* 2025-02-03 04:05:06.5 */
size_t time_print(int64_t us, char *text);

/* Midnight before, for timestamps before 1970 too. */
int64_t timestamp_days(int64_t us);
/* false: out of the range of timestamps. */
bool timestamp_of_days(int64_t days, int64_t *us);
/* Months first (to the last day of the month when it is shorter), then days,
 * then microseconds.  false: out of range. */
bool timestamp_add(int64_t us, const struct interval *interval, int64_t *sum);

enum date_unit {
    UNIT_YEAR = 1,
    UNIT_QUARTER,
    UNIT_MONTH,
    UNIT_WEEK, /* ISO: begins on Monday */
    UNIT_DAY,
    UNIT_HOUR,
    UNIT_MINUTE,
    UNIT_SECOND,
    UNIT_DAY_OF_WEEK,     /* 0 is Sunday; extract only, as those below */
    UNIT_ISO_DAY_OF_WEEK, /* 1 is Monday, 7 Sunday */
    UNIT_DAY_OF_YEAR,
};

/* The unit of this name, in any case; 0 when there is none. */
enum date_unit unit_of_name(const char *name);
int64_t timestamp_truncate(int64_t us, enum date_unit unit);
int64_t timestamp_extract(int64_t us, enum date_unit unit);
/* date_diff: boundaries of the unit between both, and whole weeks of days. */
int64_t timestamp_difference(int64_t from, int64_t to, enum date_unit unit);

#endif
