/*
 * aws/moment.c: see moment.h.  Days are counted by the usual era arithmetic
 * of the proleptic Gregorian calendar.
 */
#include "aws/moment.h"

#include <time.h>

static void
broken_down(int64_t ms, struct tm *tm)
{
    time_t seconds = (time_t)(ms >= 0 ? ms / 1000 : -((999 - ms) / 1000));

    if (gmtime_r(&seconds, tm) == NULL)
        *tm = (struct tm){.tm_year = 70, .tm_mday = 1};
}

void
aws_moment_basic(int64_t ms, char text[17])
{
    struct tm tm;

    broken_down(ms, &tm);
    strftime(text, 17, "%Y%m%dT%H%M%SZ", &tm);
}

void
aws_moment_iso(int64_t ms, char text[21])
{
    struct tm tm;

    broken_down(ms, &tm);
    strftime(text, 21, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* Exactly `count` digits; moves on.  -1: others stand there. */
static int
number(const char **text, int count)
{
    int value = 0;

    for (int i = 0; i < count; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value;
}

static int
days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

struct parts {
    int year, month, day, hour, minute;
    int second; /* 60 in a leap second */
};

static int
join(const struct parts *p, int64_t *ms)
{
    int64_t year, era, day_of_era;

    if (p->year < 1 || p->month < 1 || p->month > 12 || p->day < 1 ||
        p->day > days_in(p->year, p->month) || p->hour < 0 || p->hour > 23 ||
        p->minute < 0 || p->minute > 59 || p->second < 0 || p->second > 60)
        return -1;
    /* The year begins in March, so that the leap day is its last. */
    year = p->month <= 2 ? p->year - 1 : p->year;
    era = year / 400;
    day_of_era = (year % 400) * 365 + (year % 400) / 4 - (year % 400) / 100 +
                 (153 * ((p->month + 9) % 12) + 2) / 5 + p->day - 1;
    *ms = ((era * 146097 + day_of_era - 719468) * 24 + p->hour) * 3600000 +
          (int64_t)p->minute * 60000 + (int64_t)p->second * 1000;
    return 0;
}

/* The part that a letter of a shape stands for; NULL: only for itself. */
static int *
part_of(struct parts *p, char letter)
{
    switch (letter) {
    case 'Y':
        return &p->year;
    case 'm':
        return &p->month;
    case 'd':
        return &p->day;
    case 'H':
        return &p->hour;
    case 'M':
        return &p->minute;
    case 'S':
        return &p->second;
    default:
        return NULL;
    }
}

/* Reads what the shape shows, each part with all its digits; moves on. */
static int
read_shape(const char **text, const char *shape, struct parts *p)
{
    for (; *shape != '\0'; shape++) {
        int *part = part_of(p, *shape);

        if (part == NULL && *(*text)++ != *shape)
            return -1;
        if (part != NULL)
            *part = number(text, *shape == 'Y' ? 4 : 2);
        if (part != NULL && *part < 0)
            return -1;
    }
    return 0;
}

/* "Z", "+09:00" or "-05:30" to the end of the text; minutes east. */
static int
zone(const char *text, int *minutes)
{
    struct parts east = {.hour = 0};
    bool is_east = *text == '+';

    *minutes = 0;
    if (strcmp(text, "Z") == 0)
        return 0;
    if (read_shape(&text, is_east ? "+H:M" : "-H:M", &east) != 0 ||
        *text != '\0')
        return -1;
    *minutes = (is_east ? 1 : -1) * (east.hour * 60 + east.minute);
    return 0;
}

int
aws_moment_parse_iso(const char *text, int64_t *ms)
{
    struct parts p;
    int fraction = 0, scale = 100, east;

    if (read_shape(&text, "Y-m-dTH:M:S", &p) != 0)
        return -1;
    if (*text == '.')
        for (text++; *text >= '0' && *text <= '9'; text++, scale /= 10)
            fraction += (*text - '0') * scale;
    if (zone(text, &east) != 0 || join(&p, ms) != 0)
        return -1;
    *ms += fraction - (int64_t)east * 60000;
    return 0;
}

int
aws_moment_parse_basic(const char *text, int64_t *ms)
{
    struct parts p;

    if (read_shape(&text, "YmdTHMSZ", &p) != 0 || *text != '\0')
        return -1;
    return join(&p, ms);
}

int
aws_moment_parse_http(const char *text, int64_t *ms)
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr",
                                       "May", "Jun", "Jul", "Aug",
                                       "Sep", "Oct", "Nov", "Dec"};
    struct parts p = {.month = 0};
    const char *comma = strchr(text, ',');

    if (comma == NULL)
        return -1;
    text = comma + 1;
    if (read_shape(&text, " d ", &p) != 0)
        return -1;
    for (int month = 0; month < 12; month++)
        if (strncmp(text, months[month], 3) == 0)
            p.month = month + 1;
    if (p.month == 0)
        return -1;
    text += 3;
    if (read_shape(&text, " Y H:M:S", &p) != 0 || strcmp(text, " GMT") != 0)
        return -1;
    return join(&p, ms);
}
