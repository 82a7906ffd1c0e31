/*
 * batch/moment_iso.h: dates and times as ISO 8601 writes them, by a few
 * operations on whole words.  What these functions take, they read as
 * moment.h does for the formats "default" and "any"; what they do not take
 * may be a value or not.
 */
#ifndef BATCH_MOMENT_ISO_H
#define BATCH_MOMENT_ISO_H

#include "batch/swar.h"
#include "batch/value.h"

/* Ten bytes, YYYY-MM-DD: days since 1970-01-01. */
static inline bool
moment_iso_days(const unsigned char *text, int64_t *days)
{
    static const struct {
        uint16_t before; /* days of the year before the month */
        uint16_t length;
    } months[2][12] = {
        {{0, 31},
         {31, 28},
         {59, 31},
         {90, 30},
         {120, 31},
         {151, 30},
         {181, 31},
         {212, 31},
         {243, 30},
         {273, 31},
         {304, 30},
         {334, 31}},
        {{0, 31},
         {31, 29},
         {60, 31},
         {91, 30},
         {121, 31},
         {152, 30},
         {182, 31},
         {213, 31},
         {244, 30},
         {274, 31},
         {305, 30},
         {335, 31}},
    };
    /* How far each byte is from "0000-00-" and "00". */
    uint64_t word = word_load8(text) ^ UINT64_C(0x2d30302d30303030);
    uint32_t ten = text[8] ^ '0', one = text[9] ^ '0';
    uint64_t pairs = word * 10 + (word >> 8);
    uint32_t century = pairs & 0xff, of_century = (pairs >> 16) & 0xff;
    uint32_t month = (uint32_t)((pairs >> 40) & 0xff) - 1;
    uint32_t day = ten * 10 + one - 1;
    uint32_t year = century * 100 + of_century;
    bool leap = ((of_century != 0 ? of_century : century) & 3) == 0;

    if (!swar_at_most(word, UINT64_C(0x0009090009090909)) || ten > 9 ||
        one > 9 || year == 0 || month > 11 || day >= months[leap][month].length)
        return false;
    /* Leap days of the centuries before, and of this one's years before; a
     * century that does not begin with a leap day has one less. */
    *days = (int64_t)(year * 365 + century * 24 + century / 4 +
                      (of_century + 3) / 4 + (of_century == 0 && !leap) +
                      months[leap][month].before + day) +
            VALUE_DATE_MIN - 366;
    return true;
}

/* Eight bytes, hh:mm:ss: seconds. */
static inline bool
moment_iso_seconds(const unsigned char *text, int64_t *seconds)
{
    uint64_t word = word_load8(text) ^ UINT64_C(0x30303a30303a3030);
    uint64_t pairs = word * 10 + (word >> 8);
    int64_t hour = (int64_t)(pairs & 0xff);
    int64_t minute = (int64_t)((pairs >> 24) & 0xff);
    int64_t second = (int64_t)((pairs >> 48) & 0xff);

    *seconds = hour * 3600 + minute * 60 + second;
    return swar_at_most(word, UINT64_C(0x0905000905000902)) && hour < 24;
}

/* Behind the seconds: a point and up to six digits; steps behind them. */
static inline bool
moment_iso_fraction(const unsigned char **text, const unsigned char *end,
                    int64_t *micros)
{
    const unsigned char *at = *text;
    int64_t unit = 1000000;

    *micros = 0;
    if (at == end || *at != '.')
        return true;
    for (at++; at < end && *at >= '0' && *at <= '9' && unit > 1; at++) {
        unit /= 10;
        *micros += (*at - '0') * unit;
    }
    if (unit == 1000000)
        return false;
    *text = at;
    return true;
}

/* What ends a datetime: nothing, Z or an offset such as +09:00. */
static inline bool
moment_iso_offset(const unsigned char *text, const unsigned char *end,
                  int64_t *seconds)
{
    int64_t hour, minute, most = 0;

    *seconds = 0;
    if (text == end || (*text == 'Z' && end - text == 1))
        return true;
    if (end - text != 6 || (*text != '+' && *text != '-') || text[3] != ':')
        return false;
    for (int i = 1; i < 6; i++) {
        uint32_t digit = (uint32_t)text[i] - '0';

        if (i != 3 && digit > most)
            most = digit;
    }
    hour = (text[1] - '0') * 10 + (text[2] - '0');
    minute = (text[4] - '0') * 10 + (text[5] - '0');
    *seconds = (hour * 60 + minute) * (*text == '-' ? -60 : 60);
    return most <= 9 && hour < 24 && minute < 60;
}

static inline bool
moment_iso_date(const unsigned char *text, uint32_t length, int64_t *days)
{
    return length == 10 && moment_iso_days(text, days);
}

static inline bool
moment_iso_time(const unsigned char *text, uint32_t length, int64_t *micros)
{
    const unsigned char *at = text + 8, *end = text + length;
    int64_t seconds, fraction;

    if (length < 8 || !moment_iso_seconds(text, &seconds) ||
        !moment_iso_fraction(&at, end, &fraction) || at != end)
        return false;
    *micros = seconds * 1000000 + fraction;
    return true;
}

static inline bool
moment_iso_datetime(const unsigned char *text, uint32_t length, int64_t *micros)
{
    const unsigned char *at = text + 19, *end = text + length;
    int64_t days, seconds, fraction, offset;

    if (length < 19 || text[10] != 'T' || !moment_iso_days(text, &days) ||
        !moment_iso_seconds(text + 11, &seconds) ||
        !moment_iso_fraction(&at, end, &fraction) ||
        !moment_iso_offset(at, end, &offset))
        return false;
    *micros = (days * 86400 + seconds - offset) * 1000000 + fraction;
    return *micros >= VALUE_DATETIME_MIN && *micros <= VALUE_DATETIME_MAX;
}

#endif
