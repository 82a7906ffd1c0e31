/*
 * expr/interval.c: the units, and what may have a fraction.  Not the sums of
 * units ('1 year 2 months') that DuckDB reads.
 */
#include "expr/interval.h"

#include "util/mem.h"
#include "util/text.h"

static const struct unit {
    const char *name;
    int months, days;
    int64_t micros;
} units[] = {
    {"year", 12, 0, 0},
    {"quarter", 3, 0, 0},
    {"month", 1, 0, 0},
    {"week", 0, 7, 0},
    {"day", 0, 1, 0},
    {"hour", 0, 0, 3600000000},
    {"minute", 0, 0, 60000000},
    {"second", 0, 0, 1000000},
    {"millisecond", 0, 0, 1000},
    {"microsecond", 0, 0, 1},
};

static const struct unit *
unit_of(const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        size_t size = strlen(units[i].name);
        bool plural =
            length == size + 1 && (name[size] == 's' || name[size] == 'S');
        char single[16];

        if (length != size && !plural)
            continue;
        memcpy(single, name, size);
        single[size] = '\0';
        if (text_equal_nocase(single, units[i].name))
            return &units[i];
    }
    return NULL;
}

/* [+-]digits[.digits] to millionths, which only seconds may have. */
static bool
millionths(const char *text, int64_t *whole, int64_t *fraction)
{
    bool negative = *text == '-';
    int64_t scale = 100000;

    *whole = *fraction = 0;
    text += *text == '-' || *text == '+';
    if (*text < '0' || *text > '9')
        return false;
    for (; *text >= '0' && *text <= '9'; text++)
        if (__builtin_mul_overflow(*whole, 10, whole) ||
            __builtin_add_overflow(*whole, *text - '0', whole))
            return false;
    if (*text == '.' && text[1] != '\0')
        for (text++; *text >= '0' && *text <= '9'; text++, scale /= 10)
            *fraction += (*text - '0') * scale;
    if (negative) {
        *whole = -*whole;
        *fraction = -*fraction;
    }
    return *text == '\0';
}

bool
interval_of(const char *count, const char *unit, struct interval *interval)
{
    const struct unit *found = unit_of(unit);
    int64_t whole, fraction;

    if (found == NULL || !millionths(count, &whole, &fraction) ||
        (fraction != 0 && found->micros != 1000000))
        return false;
    return !__builtin_mul_overflow(whole, found->months, &interval->months) &&
           !__builtin_mul_overflow(whole, found->days, &interval->days) &&
           !__builtin_mul_overflow(whole, found->micros, &interval->micros) &&
           !__builtin_add_overflow(interval->micros, fraction,
                                   &interval->micros);
}
