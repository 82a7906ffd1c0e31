#include "moment.h"

#include <math.h>

enum { DAY_SECONDS = 86400 };

/* Days of the proleptic Gregorian calendar, counted in eras of 400 years that
 * begin with March, so that the leap day is the last of its year. */
double
moment_of_date(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year =
        (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return (double)(era * 146097 + day_of_era - 719468) * DAY_SECONDS;
}

void
moment_to_date(int64_t days, int64_t *year, int *month, int *day)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 +
                           -day_of_era / 146096 + day_of_era / 36524) /
                          365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;

    *day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = era * 400 + year_of_era + (*month <= 2);
}

/* What is read of a text so far. */
struct scan {
    const unsigned char *text;
    size_t len, at;
};

/* Exactly `digits` digits. */
static bool
scan_number(struct scan *scan, size_t digits, int *number)
{
    if (scan->len - scan->at < digits)
        return false;
    *number = 0;
    for (size_t i = 0; i < digits; i++) {
        unsigned char byte = scan->text[scan->at + i];

        if (byte < '0' || byte > '9')
            return false;
        *number = *number * 10 + (byte - '0');
    }
    scan->at += digits;
    return true;
}

static bool
scan_byte(struct scan *scan, const char *any)
{
    if (scan->at == scan->len || scan->text[scan->at] == '\0' ||
        strchr(any, scan->text[scan->at]) == NULL)
        return false;
    scan->at++;
    return true;
}

static bool
scan_fraction(struct scan *scan, double *seconds)
{
    double place = 0.1;
    size_t from = scan->at;
    int digit;

    while (scan_number(scan, 1, &digit)) {
        *seconds += digit * place;
        place /= 10;
    }
    return scan->at > from;
}

/* Passes over Z, +09, +0900 and +09:00. */
static bool
scan_zone(struct scan *scan)
{
    int number;

    if (scan_byte(scan, "Zz"))
        return true;
    if (!scan_byte(scan, "+-"))
        return true;
    if (!scan_number(scan, 2, &number))
        return false;
    if (scan->at == scan->len)
        return true;
    (void)scan_byte(scan, ":");
    return scan_number(scan, 2, &number);
}

static bool
scan_time(struct scan *scan, double *seconds)
{
    int hour, minute, second = 0;
    double part = 0;

    if (!scan_number(scan, 2, &hour) || !scan_byte(scan, ":") ||
        !scan_number(scan, 2, &minute) || hour > 24 || minute > 59)
        return false;
    if (scan_byte(scan, ":") && (!scan_number(scan, 2, &second) || second > 60))
        return false;
    if (scan_byte(scan, ".") && !scan_fraction(scan, &part))
        return false;
    *seconds += hour * 3600 + minute * 60 + second + part;
    return scan_zone(scan);
}

static int
days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

bool
moment_parse(const unsigned char *text, size_t len, double *seconds,
             enum moment_unit *unit)
{
    struct scan scan = {.text = text, .len = len};
    int year, month = 1, day = 1;

    *unit = MOMENT_YEAR;
    if (!scan_number(&scan, 4, &year))
        return false;
    if (scan.at < len) {
        *unit = MOMENT_MONTH;
        if (!scan_byte(&scan, "-/") || !scan_number(&scan, 2, &month) ||
            month < 1 || month > 12)
            return false;
    }
    if (scan.at < len) {
        *unit = MOMENT_DAY;
        if (!scan_byte(&scan, "-/") || !scan_number(&scan, 2, &day) ||
            day < 1 || day > days_in_month(year, month))
            return false;
    }
    *seconds = moment_of_date(year, month, day);
    if (scan.at == len)
        return true;
    *unit = MOMENT_SECOND;
    return scan_byte(&scan, " T") && scan_time(&scan, seconds) &&
           scan.at == len;
}

void
moment_format(double seconds, enum moment_unit unit, char text[MOMENT_SIZE])
{
    double days = floor(seconds / DAY_SECONDS);
    int rest = (int)(seconds - days * DAY_SECONDS);
    int64_t year;
    int month, day;

    moment_to_date((int64_t)days, &year, &month, &day);
    switch (unit) {
    case MOMENT_YEAR:
        snprintf(text, MOMENT_SIZE, "%04lld", (long long)year);
        return;
    case MOMENT_MONTH:
        snprintf(text, MOMENT_SIZE, "%04lld-%02d", (long long)year, month);
        return;
    case MOMENT_DAY:
        snprintf(text, MOMENT_SIZE, "%04lld-%02d-%02d", (long long)year, month,
                 day);
        return;
    case MOMENT_SECOND:
        snprintf(text, MOMENT_SIZE, "%04lld-%02d-%02d %02d:%02d",
                 (long long)year, month, day, rest / 3600, rest / 60 % 60);
        return;
    }
}
