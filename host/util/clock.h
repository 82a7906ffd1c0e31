/*
 * util/clock.h: dates, time zones and clocks.  Days count from 1970-01-01 in
 * the proleptic Gregorian calendar.  Nothing here depends on the locale or
 * on the process's own time zone.
 */
#ifndef UTIL_CLOCK_H
#define UTIL_CLOCK_H

#include "forebay/plugin.h"
#include "util/arena.h"

/* The wall clock; FOREBAY_NOW (ISO 8601, with Z) overrides it, which makes
 * a run repeatable and testable. */
int64_t clock_now_ms(void);
/* False when FOREBAY_NOW is set to what clock_parse_utc does not take; the
 * true time is used then.  main asks and refuses to start. */
bool clock_now_is_valid(void);
/* Never goes backwards; for durations and deadlines. */
int64_t clock_monotonic_ms(void);

int64_t clock_days_from_civil(int year, int month, int day);
void clock_civil_from_days(int64_t days, int *year, int *month, int *day);
/* 0 is Sunday. */
int clock_weekday(int64_t days);

/* Exactly YYYY-MM-DD, an existing day of years 0001-9999. */
bool clock_parse_date(const char *text, size_t length, int64_t *days);
/* "2025-02-10"; needs room for 16 bytes. */
void clock_format_date(int64_t days, char *text);
/* "2025-02-10T09:05:00Z" (milliseconds dropped); needs 32 bytes. */
void clock_format_utc(int64_t ms, char *text);
/* The reverse of clock_format_utc; fractions of seconds allowed. */
bool clock_parse_utc(const char *text, int64_t *ms);

/* A moment as the wall clock of a zone shows it. */
struct clock_local {
    int64_t days;  /* since 1970-01-01 */
    int minute;    /* of the day, 0..1439 */
    int second;    /* 0..60 */
    int offset_s;  /* east of UTC */
    char name[16]; /* abbreviation: JST */
};

/*
 * zone: an IANA name ("Asia/Tokyo"), "UTC" or "local".  Fails with
 * FB_E_CONFIG and the nearest name when the system knows no such zone
 * (glibc alone would silently take UTC).
 */
int clock_to_local(const char *zone, int64_t ms, struct clock_local *local,
                   struct fb_error *err) FB_MUST_CHECK;
/* The first moment at which the zone's wall clock shows this date and
 * minute (0..1440, which ends the day); a time that a DST change skips gives
 * the moment of the change. */
int clock_from_local(const char *zone, int64_t days, int minute, int64_t *ms,
                     struct fb_error *err) FB_MUST_CHECK;

#endif
