/*
 * batch/moment_format.c: judges patterns before any text is read by them.
 * What each directive reads is moment.c's business.
 */
#include "batch/moment_format.h"

#include <string.h>

#include "util/mem.h"

/* Which part of a date each directive tells: no part may be told twice. */
enum part {
    YEAR = 1,
    MONTH = 2,
    DAY = 4,
    HOUR = 8,
    MINUTE = 16,
    SECOND = 32,
    FRACTION = 64,
    HALF = 128,
    ZONE = 256,
    HOUR12 = 512,
};
#define DATE_PARTS (YEAR | MONTH | DAY)
#define TIME_PARTS (HOUR | MINUTE | SECOND | FRACTION | HALF | HOUR12)

static unsigned
parts_of_directive(char directive)
{
    static const struct {
        char directive;
        unsigned parts;
    } table[] = {
        {'Y', YEAR},        {'y', YEAR},   {'m', MONTH},
        {'b', MONTH},       {'B', MONTH},  {'d', DAY},
        {'j', MONTH | DAY}, {'H', HOUR},   {'I', HOUR | HOUR12},
        {'M', MINUTE},      {'S', SECOND}, {'f', FRACTION},
        {'p', HALF},        {'z', ZONE},
    };

    for (size_t i = 0; i < ARRAY_SIZE(table); i++)
        if (table[i].directive == directive)
            return table[i].parts;
    return 0;
}

static const char *
wrong_parts(enum fb_column_type type, unsigned said)
{
    if (type != FB_C_TIME && (said & DATE_PARTS) != DATE_PARTS)
        return "it must name year, month and day";
    if (type == FB_C_TIME && !(said & HOUR))
        return "it must name the hour";
    if (!(said & HOUR12) != !(said & HALF))
        return "%I and %p go together";
    return NULL;
}

static const char *
wrong_pattern(enum fb_column_type type, const char *pattern)
{
    unsigned allowed = type == FB_C_DATE   ? DATE_PARTS
                       : type == FB_C_TIME ? TIME_PARTS
                                           : DATE_PARTS | TIME_PARTS | ZONE;
    unsigned said = 0;

    for (const char *p = pattern; *p != '\0'; p++) {
        unsigned parts;

        if (*p != '%' || *++p == '%')
            continue;
        parts = parts_of_directive(*p);
        if (parts == 0)
            return "known directives are %Y %y %m %b %B %d %j, with times "
                   "%H %I %p %M %S %f, with datetimes %z";
        if (parts & ~allowed)
            return type == FB_C_DATE ? "a date has no time of day"
                                     : "a time of day has no date or zone";
        if (parts & said)
            return "it names one part twice";
        said |= parts;
    }
    return wrong_parts(type, said);
}

bool
moment_format_is_valid(enum fb_column_type type, const char *format,
                       const char **why)
{
    *why = NULL;
    if (format == NULL || strcmp(format, "default") == 0 ||
        strcmp(format, "any") == 0)
        return true;
    if (strchr(format, '%') == NULL)
        *why = "it is 'default', 'any' or a pattern such as %d.%m.%Y";
    else
        *why = wrong_pattern(type, format);
    return *why == NULL;
}
