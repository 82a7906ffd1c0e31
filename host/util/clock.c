/*
 * util/clock.c: the calendar, the clocks, and the wall clocks of zones.  What
 * a zone's offset is at a moment is zone.c's business.
 */
#include "util/clock.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "util/mem.h"
#include "util/zone.h"

#define DAY_S INT64_C(86400)
#define DAY_MS (DAY_S * 1000)

/* Division that rounds down, also before 1970. */
static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

static int64_t
read_clock(clockid_t id)
{
    struct timespec now;

    if (clock_gettime(id, &now) != 0)
        abort();
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_now_ms(void)
{
    const char *fixed = getenv("FOREBAY_NOW");
    int64_t ms;

    if (fixed != NULL && clock_parse_utc(fixed, &ms))
        return ms;
    return read_clock(CLOCK_REALTIME);
}

bool
clock_now_is_valid(void)
{
    const char *fixed = getenv("FOREBAY_NOW");
    int64_t ms;

    return fixed == NULL || clock_parse_utc(fixed, &ms);
}

int64_t
clock_monotonic_ms(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/*
 * Both directions count in eras of 400 years (146097 days) that begin on a
 * first of March: so the leap day is the last day of a year, and the months'
 * lengths follow one linear formula.
 */
int64_t
clock_days_from_civil(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2 ? 1 : 0);
    int64_t era = floor_div(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;

    assert(month >= 1 && month <= 12 && day >= 1 && day <= 31);
    return era * 146097 + year_of_era * 365 + year_of_era / 4 -
           year_of_era / 100 + day_of_year - 719468;
}

void
clock_civil_from_days(int64_t days, int *year, int *month, int *day)
{
    int64_t shifted = days + 719468;
    int64_t era = floor_div(shifted, 146097);
    int64_t of_era = shifted - era * 146097;
    int64_t year_of_era =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t day_of_year =
        of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;

    assert(days > -400000000000 && days < 400000000000);
    *day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
    *month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2 ? 1 : 0));
}

int
clock_weekday(int64_t days)
{
    return (int)(days + 4 - 7 * floor_div(days + 4, 7));
}

/* `count` digits and nothing else. */
static bool
read_number(const char *text, size_t count, int *number)
{
    *number = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *number = *number * 10 + (text[i] - '0');
    }
    return true;
}

bool
clock_parse_date(const char *text, size_t length, int64_t *days)
{
    int year, month, day, y, m, d;
    int64_t result;

    if (length != 10 || text[4] != '-' || text[7] != '-' ||
        !read_number(text, 4, &year) || !read_number(text + 5, 2, &month) ||
        !read_number(text + 8, 2, &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    /* A day that the month lacks comes back as one of the next month. */
    result = clock_days_from_civil(year, month, day);
    clock_civil_from_days(result, &y, &m, &d);
    if (d != day)
        return false;
    *days = result;
    return true;
}

void
clock_format_date(int64_t days, char *text)
{
    int year, month, day;

    clock_civil_from_days(days, &year, &month, &day);
    assert(year > -10000 && year < 1000000);
    snprintf(text, 16, "%04d-%02d-%02d", year, month, day);
}

void
clock_format_utc(int64_t ms, char *text)
{
    int64_t days = floor_div(ms, DAY_MS);
    int second = (int)((ms - days * DAY_MS) / 1000);
    int year, month, day;

    clock_civil_from_days(days, &year, &month, &day);
    snprintf(text, 32, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day,
             second / 3600, second / 60 % 60, second % 60);
}

/* ".5", ".123456": milliseconds, the rest dropped; moves past it. */
static bool
read_fraction(const char **text, int *ms)
{
    const char *p = *text;
    int weight = 100;

    *ms = 0;
    if (*p != '.')
        return true;
    for (p++; *p >= '0' && *p <= '9'; p++, weight /= 10)
        *ms += (*p - '0') * weight;
    if (p == *text + 1)
        return false;
    *text = p;
    return true;
}

bool
clock_parse_utc(const char *text, int64_t *ms)
{
    int hour, minute, second, fraction;
    int64_t days;

    if (strlen(text) < sizeof("2025-02-10T09:05:00Z") - 1 ||
        !clock_parse_date(text, 10, &days))
        return false;
    text += 10;
    if (text[0] != 'T' || text[3] != ':' || text[6] != ':' ||
        !read_number(text + 1, 2, &hour) ||
        !read_number(text + 4, 2, &minute) ||
        !read_number(text + 7, 2, &second))
        return false;
    text += 9;
    if (!read_fraction(&text, &fraction) || strcmp(text, "Z") != 0 ||
        hour > 23 || minute > 59 || second > 59)
        return false;
    *ms = days * DAY_MS + (hour * 3600 + minute * 60 + second) * INT64_C(1000) +
          fraction;
    return true;
}

static void
close_zone(struct zone **zone)
{
    zone_close(*zone);
}

int
clock_to_local(const char *zone_name, int64_t ms, struct clock_local *local,
               struct fb_error *err)
{
    CLEANUP(close_zone) struct zone *zone = NULL;
    int64_t seconds = floor_div(ms, 1000), shown;
    struct zone_offset offset;
    int of_day;

    if (zone_open(zone_name, &zone, err) != 0)
        return -1;
    offset = zone_at(zone, seconds);
    shown = seconds + offset.seconds;
    local->days = floor_div(shown, DAY_S);
    of_day = (int)(shown - local->days * DAY_S);
    local->minute = of_day / 60;
    local->second = of_day % 60;
    local->offset_s = offset.seconds;
    static_assert(sizeof(local->name) == sizeof(offset.name), "same room");
    memcpy(local->name, offset.name, sizeof(local->name));
    return 0;
}

#define STEP_S 900                /* no zone changes twice within this */
#define OFFSET_MAX_S (26 * 3600L) /* RFC 8536 suggests 25:59:59 at most */

/* The first moment in (low, high] that has the offset of high. */
static int64_t
change_between(const struct zone *zone, int64_t low, int64_t high)
{
    int offset = zone_at(zone, low).seconds;

    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;

        if (zone_at(zone, middle).seconds == offset)
            low = middle;
        else
            high = middle;
    }
    return high;
}

int
clock_from_local(const char *zone_name, int64_t days, int minute, int64_t *ms,
                 struct fb_error *err)
{
    int64_t wanted = days * DAY_S + minute * INT64_C(60), next;
    CLEANUP(close_zone) struct zone *zone = NULL;

    assert(minute >= 0 && minute <= 1440);
    if (zone_open(zone_name, &zone, err) != 0)
        return -1;
    /* Walk up from where the wall clock has not yet shown it anywhere. */
    for (int64_t at = wanted - OFFSET_MAX_S;; at = next) {
        int offset = zone_at(zone, at).seconds;
        int64_t hit = wanted - offset;

        next = at + STEP_S;
        if (zone_at(zone, next).seconds != offset)
            next = change_between(zone, at, next);
        if (hit < at)
            hit = at; /* the change at `at` skipped it */
        if (hit < next) {
            *ms = hit * 1000;
            return 0;
        }
    }
}
