/*
 * expr/datetime.c: calendar and clock for expressions.  The civil calendar
 * itself is util/clock.c; columns of dates are read by batch/value.c.
 */
#include "expr/datetime.h"

#include <assert.h>

#include "batch/moment_iso.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/text.h"

/* Years that both a date and a timestamp can hold. */
#define YEAR_MAX 294246
#define YEAR_DIGITS_MAX 6

struct reader {
    const unsigned char *at, *end;
};

static bool
is_space(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
skip_spaces(struct reader *r)
{
    const unsigned char *start = r->at;

    while (r->at < r->end && is_space(*r->at))
        r->at++;
    return r->at > start;
}

static bool
take(struct reader *r, unsigned char c)
{
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

static bool
digits(struct reader *r, int max, int *value)
{
    int count = 0;

    for (*value = 0;
         count < max && r->at < r->end && *r->at >= '0' && *r->at <= '9';
         count++)
        *value = *value * 10 + (*r->at++ - '0');
    return count > 0;
}

static int
month_length(int year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30,
                                  31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    assert(month >= 1 && month <= 12);
    return lengths[month - 1] + (month == 2 && leap);
}

static bool
take_date(struct reader *r, int64_t *days)
{
    int year, month, day;
    unsigned char separator;

    if (!digits(r, YEAR_DIGITS_MAX, &year) || r->at == r->end)
        return false;
    separator = *r->at++;
    if ((separator != '-' && separator != '/') || !digits(r, 2, &month) ||
        !take(r, separator) || !digits(r, 2, &day))
        return false;
    if (year > YEAR_MAX || month < 1 || month > 12 || day < 1 ||
        day > month_length(year, month))
        return false;
    *days = clock_days_from_civil(year, month, day);
    return true;
}

static bool
take_fraction(struct reader *r, int64_t *us)
{
    int64_t unit = 100000;

    for (*us = 0; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
        *us += (*r->at - '0') * unit;
        unit /= 10;
    }
    return true;
}

static bool
take_time(struct reader *r, int64_t *us)
{
    int hour, minute, second = 0;
    int64_t fraction = 0;

    if (!digits(r, 2, &hour) || !take(r, ':') || !digits(r, 2, &minute))
        return false;
    if (take(r, ':') && (!digits(r, 2, &second) ||
                         (take(r, '.') && !take_fraction(r, &fraction))))
        return false;
    *us = ((hour * INT64_C(60) + minute) * 60 + second) * 1000000 + fraction;
    return minute < 60 && second < 60 && *us <= DAY_US;
}

static void
take_utc(struct reader *r)
{
    if (!take(r, 'Z') && r->end - r->at >= 4 && memcmp(r->at, " UTC", 4) == 0)
        r->at += 4;
}

static bool
take_timestamp(struct reader *r, int64_t *days, int64_t *us)
{
    const unsigned char *date_end;

    skip_spaces(r);
    *us = 0;
    if (!take_date(r, days))
        return false;
    date_end = r->at;
    if (take(r, 'T') || skip_spaces(r)) {
        if (r->at == r->end && is_space(*date_end))
            return true;
        if (!take_time(r, us))
            return false;
        take_utc(r);
    }
    skip_spaces(r);
    return r->at == r->end;
}

bool
date_read(const unsigned char *text, size_t length, int64_t *days)
{
    struct reader r = {text, text + length};
    int64_t us;

    if (length == 10 && moment_iso_days(text, days))
        return true;
    return take_timestamp(&r, days, &us);
}

bool
timestamp_read(const unsigned char *text, size_t length, int64_t *us)
{
    struct reader r = {text, text + length};
    int64_t days, midnight;

    return take_timestamp(&r, &days, us) &&
           timestamp_of_days(days, &midnight) &&
           !__builtin_add_overflow(*us, midnight, us);
}

bool
time_read(const unsigned char *text, size_t length, int64_t *us)
{
    struct reader r = {text, text + length};

    skip_spaces(&r);
    if (!take_time(&r, us))
        return false;
    skip_spaces(&r);
    return r.at == r.end;
}

static char *
put_two(char *text, int value)
{
    text[0] = (char)('0' + value / 10);
    text[1] = (char)('0' + value % 10);
    return text + 2;
}

/* YYYY-MM-DD */
static char *
put_date(char *text, int year, int month, int day)
{
    text = put_two(put_two(text, year / 100), year % 100);
    *text++ = '-';
    text = put_two(text, month);
    *text++ = '-';
    return put_two(text, day);
}

static size_t
print_date(int64_t days, char *text, const char *tail)
{
    int year, month, day;

    clock_civil_from_days(days, &year, &month, &day);
    if (year > 0 && year <= 9999) {
        char *end = put_date(text, year, month, day);

        if (*tail != '\0')
            *end++ = ' ';
        memcpy(end, tail, strlen(tail) + 1);
        return (size_t)(end - text) + strlen(tail);
    }
    return (size_t)snprintf(text, DATETIME_TEXT_MAX, "%04d-%02d-%02d%s%s%s",
                            year > 0 ? year : 1 - year, month, day,
                            year > 0 ? "" : " (BC)", *tail ? " " : "", tail);
}

size_t
date_print(int64_t days, char *text)
{
    return print_date(days, text, "");
}

size_t
time_print(int64_t us, char *text)
{
    int fraction = (int)(us % 1000000), seconds = (int)(us / 1000000);
    char *end = put_two(text, seconds / 3600);
    size_t used;

    assert(us >= 0 && us <= DAY_US);
    *end++ = ':';
    end = put_two(end, seconds / 60 % 60);
    *end++ = ':';
    end = put_two(end, seconds % 60);
    *end = '\0';
    used = (size_t)(end - text);
    if (fraction == 0)
        return used;
    used += (size_t)snprintf(text + used, DATETIME_TEXT_MAX - used, ".%06d",
                             fraction);
    while (text[used - 1] == '0')
        text[--used] = '\0';
    return used;
}

size_t
timestamp_print(int64_t us, char *text)
{
    char time[DATETIME_TEXT_MAX];
    int64_t days = timestamp_days(us);

    time_print(us - days * DAY_US, time);
    return print_date(days, text, time);
}

int64_t
timestamp_days(int64_t us)
{
    return us / DAY_US - (us % DAY_US < 0);
}

bool
timestamp_of_days(int64_t days, int64_t *us)
{
    return !__builtin_mul_overflow(days, DAY_US, us);
}

bool
timestamp_add(int64_t us, const struct interval *interval, int64_t *sum)
{
    int64_t days = timestamp_days(us), rest = us - days * DAY_US;
    int year, month, day;
    int64_t months;

    if (interval->months != 0) {
        clock_civil_from_days(days, &year, &month, &day);
        months = (int64_t)year * 12 + month - 1 + interval->months;
        year = (int)(months / 12 - (months % 12 < 0));
        month = (int)(months - (int64_t)year * 12) + 1;
        if (year > YEAR_MAX || year < -YEAR_MAX)
            return false;
        if (day > month_length(year, month))
            day = month_length(year, month);
        days = clock_days_from_civil(year, month, day);
    }
    return timestamp_of_days(days + interval->days, &days) &&
           !__builtin_add_overflow(days, rest, sum) &&
           !__builtin_add_overflow(*sum, interval->micros, sum);
}

enum date_unit
unit_of_name(const char *name)
{
    static const struct {
        const char *name;
        enum date_unit unit;
    } names[] = {
        {"year", UNIT_YEAR},       {"quarter", UNIT_QUARTER},
        {"month", UNIT_MONTH},     {"week", UNIT_WEEK},
        {"day", UNIT_DAY},         {"hour", UNIT_HOUR},
        {"minute", UNIT_MINUTE},   {"second", UNIT_SECOND},
        {"dow", UNIT_DAY_OF_WEEK}, {"isodow", UNIT_ISO_DAY_OF_WEEK},
        {"doy", UNIT_DAY_OF_YEAR},
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (text_equal_nocase(name, names[i].name))
            return names[i].unit;
    return 0;
}

static int64_t
monday(int64_t days)
{
    return days - (clock_weekday(days) + 6) % 7;
}

static int64_t
truncate_days(int64_t days, enum date_unit unit)
{
    int year, month, day;

    if (unit == UNIT_WEEK)
        return monday(days);
    clock_civil_from_days(days, &year, &month, &day);
    if (unit == UNIT_YEAR)
        month = 1;
    if (unit == UNIT_QUARTER)
        month -= (month - 1) % 3;
    return clock_days_from_civil(year, month, 1);
}

/* Microseconds of units that are all equally long; 0 for the others. */
static int64_t
unit_us(enum date_unit unit)
{
    return unit == UNIT_SECOND   ? 1000000
           : unit == UNIT_MINUTE ? INT64_C(60000000)
           : unit == UNIT_HOUR   ? INT64_C(3600000000)
           : unit == UNIT_DAY    ? DAY_US
                                 : 0;
}

static int64_t
floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t
timestamp_truncate(int64_t us, enum date_unit unit)
{
    int64_t size = unit_us(unit);

    assert(unit >= UNIT_YEAR && unit <= UNIT_SECOND);
    if (size != 0)
        return floor_divide(us, size) * size;
    return truncate_days(timestamp_days(us), unit) * DAY_US;
}

/* The week of the year that its Thursday lies in. */
static int64_t
iso_week(int64_t days)
{
    int64_t thursday = monday(days) + 3;

    return (thursday - truncate_days(thursday, UNIT_YEAR)) / 7 + 1;
}

int64_t
timestamp_extract(int64_t us, enum date_unit unit)
{
    int64_t days = timestamp_days(us), second = (us - days * DAY_US) / 1000000;
    int year, month, day;

    clock_civil_from_days(days, &year, &month, &day);
    switch (unit) {
    case UNIT_YEAR:
        return year;
    case UNIT_QUARTER:
        return (month - 1) / 3 + 1;
    case UNIT_MONTH:
        return month;
    case UNIT_WEEK:
        return iso_week(days);
    case UNIT_DAY:
        return day;
    case UNIT_HOUR:
        return second / 3600;
    case UNIT_MINUTE:
        return second / 60 % 60;
    case UNIT_SECOND:
        return second % 60;
    case UNIT_DAY_OF_WEEK:
        return clock_weekday(days);
    case UNIT_ISO_DAY_OF_WEEK:
        return (clock_weekday(days) + 6) % 7 + 1;
    case UNIT_DAY_OF_YEAR:
        return days - truncate_days(days, UNIT_YEAR) + 1;
    }
    assert(false && "a unit without a meaning");
    return 0;
}

int64_t
timestamp_difference(int64_t from, int64_t to, enum date_unit unit)
{
    int64_t size = unit_us(unit);
    int months = unit == UNIT_YEAR ? 12 : unit == UNIT_QUARTER ? 3 : 1;

    if (size != 0)
        return floor_divide(to, size) - floor_divide(from, size);
    /* Alone among the units, weeks are not those of the calendar. */
    if (unit == UNIT_WEEK)
        return (timestamp_days(to) - timestamp_days(from)) / 7;
    return floor_divide(timestamp_extract(to, UNIT_YEAR) * 12 +
                            timestamp_extract(to, UNIT_MONTH) - 1,
                        months) -
           floor_divide(timestamp_extract(from, UNIT_YEAR) * 12 +
                            timestamp_extract(from, UNIT_MONTH) - 1,
                        months);
}
