/*
 * batch/number.c: numbers.  Most cells hold few digits and are converted
 * exactly by one multiplication or division; strtod does the rest.  The
 * shortest ones are read in number_fast.h.
 */
#define _GNU_SOURCE 1 /* strtod_l */
#include "batch/number.h"

#include <assert.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

struct scan {
    const unsigned char *at, *end;
};

static bool
is_digit(const struct scan *s)
{
    return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

static bool
take_text(struct scan *s, const char *text)
{
    size_t length = strlen(text);

    if (length == 0 || (size_t)(s->end - s->at) < length ||
        memcmp(s->at, text, length) != 0)
        return false;
    s->at += length;
    return true;
}

/* +1, or -1 behind a minus sign. */
static int
take_sign(struct scan *s)
{
    if (take_text(s, "-"))
        return -1;
    (void)take_text(s, "+");
    return 1;
}

/* At a digit; a group character counts only when a digit follows. */
static int
take_digit(struct scan *s, const char *group)
{
    int digit = *s->at++ - '0';
    struct scan ahead;

    if (*group == '\0')
        return digit;
    ahead = *s;
    if (take_text(&ahead, group) && is_digit(&ahead))
        *s = ahead;
    return digit;
}

bool
number_parse_integer(const unsigned char *text, uint32_t length,
                     const char *group, int64_t *value)
{
    struct scan s = {text, text + length};
    int sign = take_sign(&s);
    int64_t sum = 0;

    if (!is_digit(&s))
        return false;
    while (is_digit(&s))
        /* Towards the sign, for -2^63 has no positive twin. */
        if (__builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_add_overflow(
                sum, sign * take_digit(&s, group ? group : ""), &sum))
            return false;
    *value = sum;
    return s.at == s.end;
}

/* A number as read: sign * mantissa * 10^exponent. */
struct decimal {
    int sign;
    uint64_t mantissa;
    int exponent;
    int digits;   /* significant ones */
    bool inexact; /* more of them than the mantissa can hold */
};

#define EXPONENT_MAX 99999 /* far beyond any double; keeps sums small */

static void
add_digit(struct decimal *d, int digit, bool fraction)
{
    if (d->digits > 0 || digit != 0)
        d->digits++;
    if (d->digits > 18) {
        d->inexact = true;
        return;
    }
    d->mantissa = d->mantissa * 10 + (uint64_t)digit;
    if (fraction && d->exponent > -EXPONENT_MAX)
        d->exponent--;
}

static bool
take_exponent(struct scan *s, int *exponent)
{
    int sign, sum = 0;

    if (!take_text(s, "e") && !take_text(s, "E")) {
        *exponent = 0;
        return true;
    }
    sign = take_sign(s);
    if (!is_digit(s))
        return false;
    while (is_digit(s)) {
        int digit = take_digit(s, "");

        sum = sum >= EXPONENT_MAX ? EXPONENT_MAX : sum * 10 + digit;
    }
    *exponent = sign * sum;
    return true;
}

static bool
scan_decimal(struct scan *s, const char *point, const char *group,
             struct decimal *d)
{
    bool any = false;
    int exponent;

    d->sign = take_sign(s);
    for (; is_digit(s); any = true)
        add_digit(d, take_digit(s, group), false);
    if (take_text(s, point))
        for (; is_digit(s); any = true)
            add_digit(d, take_digit(s, ""), true);
    if (!any || !take_exponent(s, &exponent))
        return false;
    d->exponent += exponent;
    return s->at == s->end;
}

/* Those that are exact doubles. */
static const double powers[] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};
#define EXACT_MAX ((uint64_t)1 << DBL_MANT_DIG)

/* Both operands are exact doubles, so the one rounding is the right one
 * (Clinger 1990, https://doi.org/10.1145/93542.93557). */
static bool
convert_exactly(const struct decimal *d, double *value)
{
    const int most = (int)ARRAY_SIZE(powers) - 1;
    double m;

    if (d->inexact || d->mantissa > EXACT_MAX || d->exponent > most ||
        d->exponent < -most)
        return false;
    m = (double)d->mantissa;
    m = d->exponent < 0 ? m / powers[-d->exponent] : m * powers[d->exponent];
    *value = d->sign < 0 ? -m : m;
    return true;
}

/* strtod_l with the C locale: it rounds correctly however long the text. */
static bool
convert_slowly(const char *text, double *value)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    char *end;

    assert(c != (locale_t)0);
    *value = strtod_l(text, &end, c);
    freelocale(c);
    assert(*end == '\0');
    return isfinite(*value);
}

static bool
convert_text(struct scan s, const char *point, const char *group, double *value)
{
    size_t size = (size_t)(s.end - s.at) + 2, at = 0;
    char small[128];
    AUTO_FREE char *large = size > sizeof(small) ? mem_alloc(size) : NULL;
    char *text = large != NULL ? large : small;

    while (s.at < s.end)
        if (!is_digit(&s) && take_text(&s, point))
            text[at++] = '.';
        else if (is_digit(&s) || !take_text(&s, group))
            text[at++] = (char)*s.at++;
    text[at] = '\0';
    return convert_slowly(text, value);
}

bool
number_parse(const unsigned char *text, uint32_t length, const char *decimal,
             const char *group, double *value)
{
    const char *point = decimal != NULL && *decimal ? decimal : ".";
    struct scan all = {text, text + length}, s = all;
    struct decimal d = {0};

    if (group == NULL)
        group = "";
    if (scan_decimal(&s, point, group, &d))
        return convert_exactly(&d, value) ||
               convert_text(all, point, group, value);
    if (length == 3 && memcmp(text, "NaN", 3) == 0)
        *value = (double)NAN;
    else if (length == 3 && memcmp(text, "INF", 3) == 0)
        *value = (double)INFINITY;
    else if (length == 4 && memcmp(text, "-INF", 4) == 0)
        *value = -(double)INFINITY;
    else
        return false;
    return true;
}

/* Digits, at most one point and what separates groups; nothing else. */
struct short_number {
    bool minus;
    uint64_t mantissa;
    uint32_t digits, fraction;
};

#define SHORT_DIGITS_MAX 18 /* fit into 63 bits */

static bool
scan_short(struct scan *s, int point, int group, struct short_number *n)
{
    bool behind = false;

    *n = (struct short_number){.minus = take_sign(s) < 0};
    for (; s->at < s->end; s->at++)
        if (is_digit(s)) {
            n->mantissa = n->mantissa * 10 + (uint64_t)(*s->at - '0');
            n->fraction += behind;
            if (++n->digits > SHORT_DIGITS_MAX)
                return false;
        } else if (*s->at == point && !behind) {
            behind = true;
        } else if (*s->at != group || behind || n->digits == 0 ||
                   s->end - s->at < 2 || s->at[1] < '0' || s->at[1] > '9') {
            return false;
        }
    return n->digits > 0;
}

bool
number_parse_short_integer(const unsigned char *text, uint32_t length,
                           int group, int64_t *value)
{
    struct scan s = {text, text + length};
    struct short_number n;

    if (!scan_short(&s, -1, group, &n))
        return false;
    *value = n.minus ? -(int64_t)n.mantissa : (int64_t)n.mantissa;
    return true;
}

bool
number_parse_short(const unsigned char *text, uint32_t length, int point,
                   int group, double *value)
{
    struct scan s = {text, text + length};
    struct short_number n;

    if (!scan_short(&s, point, group, &n) || n.mantissa > EXACT_MAX)
        return false;
    *value = (double)n.mantissa / powers[n.fraction];
    if (n.minus)
        *value = -*value;
    return true;
}

/*
 * Any text of up to 15 digits (6 for a float) is the shortest for its value,
 * so shorter ones are tried only where values are sparser: the denormal ones.
 */
static size_t
print_shortest(double value, bool is_float, char *text, size_t size)
{
    int digits = is_float ? FLT_DIG : DBL_DIG, length;
    int most = is_float ? FLT_DECIMAL_DIG : DBL_DECIMAL_DIG;
    double back = 0;

    if (fabs(value) < (is_float ? (double)FLT_MIN : DBL_MIN))
        digits = 1;
    do {
        length = snprintf(text, size, "%.*g", digits, value);
        (void)convert_slowly(text, &back);
        if (is_float)
            back = (double)(float)back;
    } while (back != value && ++digits <= most);
    assert(length > 0 && (size_t)length < size);
    return (size_t)length;
}

static size_t
print(double value, bool is_float, char *text, size_t size)
{
    locale_t c, before;
    size_t length;

    assert(size >= 32);
    if (isnan(value))
        return (size_t)snprintf(text, size, "NaN");
    if (isinf(value))
        return (size_t)snprintf(text, size, value < 0 ? "-INF" : "INF");
    if (fabs(value) < (is_float ? 0x1p24 : 1e15) &&
        value == (double)(int64_t)value && !(value == 0 && signbit(value)))
        return (size_t)snprintf(text, size, "%lld", (long long)(int64_t)value);
    c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    assert(c != (locale_t)0);
    before = uselocale(c);
    length = print_shortest(value, is_float, text, size);
    uselocale(before);
    freelocale(c);
    return length;
}

size_t
number_print(double value, char *text, size_t size)
{
    return print(value, false, text, size);
}

size_t
number_print_float(float value, char *text, size_t size)
{
    return print((double)value, true, text, size);
}
