/*
 * batch/moment.c: dates and times as ISO 8601 or as a pattern writes them.
 * No strptime: it skips white space, knows the locale and checks no ranges.
 */
#include "batch/moment.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "batch/value.h"
#include "util/clock.h"

#define US_SECOND INT64_C(1000000)
#define US_DAY (86400 * US_SECOND)

struct scan {
    const unsigned char *at, *end;
};

/* What a text said; what it did not say stays as fields_init made it. */
struct fields {
    int year, month, day;
    int day_of_year; /* 0: not said */
    int hour, minute, second, micros;
    int half; /* 0: not said, 1: AM, 2: PM */
    int offset_minutes;
};

static const struct fields fields_init = {.month = 1, .day = 1};

static bool
take_byte(struct scan *s, unsigned char byte)
{
    if (s->at == s->end || *s->at != byte)
        return false;
    s->at++;
    return true;
}

/* Between min and max digits, as many as there are. */
static bool
take_digits(struct scan *s, int min, int max, int *value)
{
    int count = 0, sum = 0;

    for (; count < max && s->at < s->end; count++, s->at++) {
        if (*s->at < '0' || *s->at > '9')
            break;
        sum = sum * 10 + (*s->at - '0');
    }
    *value = sum;
    return count >= min;
}

/* One to six digits of a second. */
static bool
take_fraction(struct scan *s, int *micros)
{
    const unsigned char *begin = s->at;

    if (!take_digits(s, 1, 6, micros))
        return false;
    for (long digits = s->at - begin; digits < 6; digits++)
        *micros *= 10;
    return true;
}

/* Z, +hh:mm, and with `loose` also +hhmm. */
static bool
take_offset(struct scan *s, bool loose, int *minutes)
{
    int hour, minute, sign = 1;

    *minutes = 0;
    if (take_byte(s, 'Z'))
        return true;
    if (take_byte(s, '-'))
        sign = -1;
    else if (!take_byte(s, '+'))
        return false;
    if (!take_digits(s, 2, 2, &hour) || !(take_byte(s, ':') || loose) ||
        !take_digits(s, 2, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *minutes = sign * (hour * 60 + minute);
    return true;
}

static bool
take_date(struct scan *s, bool any, struct fields *f)
{
    bool separated;
    unsigned char separator = '-';

    if (!take_digits(s, 4, 4, &f->year))
        return false;
    if (any && s->at < s->end && *s->at == '/')
        separator = '/';
    separated = take_byte(s, separator);
    return (separated || any) && take_digits(s, 2, 2, &f->month) &&
           take_byte(s, separator) == separated &&
           take_digits(s, 2, 2, &f->day);
}

static bool
take_time(struct scan *s, bool any, struct fields *f)
{
    if (!take_digits(s, 2, 2, &f->hour) || !take_byte(s, ':') ||
        !take_digits(s, 2, 2, &f->minute))
        return false;
    if (!take_byte(s, ':'))
        return any;
    if (!take_digits(s, 2, 2, &f->second))
        return false;
    return !take_byte(s, '.') || take_fraction(s, &f->micros);
}

static bool
take_datetime(struct scan *s, bool any, struct fields *f)
{
    if (!take_date(s, any, f))
        return false;
    if (!take_byte(s, 'T') && !(any && take_byte(s, ' ')))
        return false;
    return take_time(s, any, f) &&
           (s->at == s->end || take_offset(s, false, &f->offset_minutes));
}

static const char *const month_names[] = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December",
};

static bool
take_word(struct scan *s, const char *word, size_t length)
{
    if ((size_t)(s->end - s->at) < length)
        return false;
    for (size_t i = 0; i < length; i++)
        if ((s->at[i] | 0x20) != (word[i] | 0x20))
            return false;
    s->at += length;
    return true;
}

static bool
take_month_name(struct scan *s, bool whole, int *month)
{
    for (int i = 0; i < 12; i++)
        if (take_word(s, month_names[i], whole ? strlen(month_names[i]) : 3)) {
            *month = i + 1;
            return true;
        }
    return false;
}

static bool
take_half(struct scan *s, int *half)
{
    *half = take_word(s, "AM", 2) ? 1 : take_word(s, "PM", 2) ? 2 : 0;
    return *half != 0;
}

/* POSIX: 69-99 is 1969-1999, 00-68 is 2000-2068. */
static bool
take_short_year(struct scan *s, int *year)
{
    if (!take_digits(s, 2, 2, year))
        return false;
    *year += *year < 69 ? 2000 : 1900;
    return true;
}

/* %I: 12 o'clock is the first hour of its half of the day. */
static bool
take_hour12(struct scan *s, int *hour)
{
    if (!take_digits(s, 1, 2, hour) || *hour < 1 || *hour > 12)
        return false;
    *hour %= 12;
    return true;
}

static bool
take_directive(struct scan *s, char directive, struct fields *f)
{
    switch (directive) {
    case 'Y':
        return take_digits(s, 4, 4, &f->year);
    case 'y':
        return take_short_year(s, &f->year);
    case 'm':
        return take_digits(s, 1, 2, &f->month);
    case 'b':
        return take_month_name(s, false, &f->month);
    case 'B':
        return take_month_name(s, true, &f->month);
    case 'd':
        return take_digits(s, 1, 2, &f->day);
    case 'j':
        return take_digits(s, 1, 3, &f->day_of_year) && f->day_of_year > 0;
    case 'H':
        return take_digits(s, 1, 2, &f->hour);
    case 'I':
        return take_hour12(s, &f->hour);
    case 'M':
        return take_digits(s, 1, 2, &f->minute);
    case 'S':
        return take_digits(s, 1, 2, &f->second);
    case 'f':
        return take_fraction(s, &f->micros);
    case 'p':
        return take_half(s, &f->half);
    case 'z':
        return take_offset(s, true, &f->offset_minutes);
    case '%':
        return take_byte(s, '%');
    default:
        return false;
    }
}

static bool
take_pattern(struct scan *s, const char *pattern, struct fields *f)
{
    for (const char *p = pattern; *p != '\0'; p++) {
        bool taken;

        if (*p == '%' && p[1] != '\0')
            taken = take_directive(s, *++p, f);
        else
            taken = take_byte(s, (unsigned char)*p);
        if (!taken)
            return false;
    }
    return true;
}

static bool
days_of_fields(const struct fields *f, int64_t *days)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30,
                                  31, 31, 30, 31, 30, 31};
    int leap = f->year % 4 == 0 && (f->year % 100 != 0 || f->year % 400 == 0);

    if (f->year < 1 || f->year > 9999 || f->month < 1 || f->month > 12)
        return false;
    if (f->day < 1 || f->day > lengths[f->month - 1] + (f->month == 2 && leap))
        return false;
    if (f->day_of_year > 365 + leap)
        return false;
    *days = clock_days_from_civil(f->year, f->month, f->day);
    if (f->day_of_year > 0)
        *days += f->day_of_year - 1;
    return true;
}

static bool
micros_of_fields(const struct fields *f, int64_t *micros)
{
    int hour = f->hour + (f->half == 2 ? 12 : 0);

    if (hour > 23 || f->minute > 59 || f->second > 59)
        return false;
    *micros =
        (hour * 3600 + f->minute * 60 + f->second) * US_SECOND + f->micros;
    return true;
}

static bool
value_of_fields(enum fb_column_type type, const struct fields *f,
                int64_t *value)
{
    int64_t days, micros;

    if (type == FB_C_TIME)
        return micros_of_fields(f, value);
    if (!days_of_fields(f, &days))
        return false;
    if (type == FB_C_DATE) {
        *value = days;
        return true;
    }
    if (!micros_of_fields(f, &micros))
        return false;
    *value = days * US_DAY + micros - f->offset_minutes * (60 * US_SECOND);
    return *value >= VALUE_DATETIME_MIN && *value <= VALUE_DATETIME_MAX;
}

bool
moment_parse(enum fb_column_type type, const char *format,
             const unsigned char *text, uint32_t length, int64_t *value)
{
    struct scan s = {text, text + length};
    struct fields f = fields_init;
    bool any = format != NULL && strcmp(format, "any") == 0;
    bool taken;

    assert(type == FB_C_DATE || type == FB_C_DATETIME || type == FB_C_TIME);
    if (format != NULL && !any && strcmp(format, "default") != 0)
        taken = take_pattern(&s, format, &f);
    else if (type == FB_C_DATE)
        taken = take_date(&s, any, &f);
    else if (type == FB_C_TIME)
        taken = take_time(&s, any, &f);
    else
        taken = take_datetime(&s, any, &f);
    return taken && s.at == s.end && value_of_fields(type, &f, value);
}

static size_t
print_date(int64_t days, char *text)
{
    int year, month, day;

    assert(days >= VALUE_DATE_MIN && days <= VALUE_DATE_MAX);
    clock_civil_from_days(days, &year, &month, &day);
    return (size_t)sprintf(text, "%04d-%02d-%02d", year, month, day);
}

static size_t
print_time(int64_t micros, char *text)
{
    int seconds = (int)(micros / US_SECOND);
    int fraction = (int)(micros % US_SECOND);
    size_t length;

    assert(micros >= 0 && micros < US_DAY);
    length = (size_t)sprintf(text, "%02d:%02d:%02d", seconds / 3600,
                             seconds / 60 % 60, seconds % 60);
    if (fraction > 0)
        length += (size_t)sprintf(text + length, ".%06d", fraction);
    return length;
}

size_t
moment_print(enum fb_column_type type, int64_t value, char *text)
{
    int64_t days, micros;
    size_t length;

    if (type == FB_C_DATE)
        return print_date(value, text);
    if (type == FB_C_TIME)
        return print_time(value, text);
    assert(type == FB_C_DATETIME);
    days = value / US_DAY;
    micros = value % US_DAY;
    if (micros < 0) {
        days--;
        micros += US_DAY;
    }
    length = print_date(days, text);
    text[length++] = 'T';
    length += print_time(micros, text + length);
    text[length++] = 'Z';
    text[length] = '\0';
    return length;
}
