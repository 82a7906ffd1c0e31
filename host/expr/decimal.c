/*
 * expr/decimal.c: numbers from text and to text.  Arithmetic on decimals with
 * its result types is fn_number.c.
 */
#include "expr/decimal.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch/number.h"
#include "util/mem.h"

/* A double has at most 17 digits that matter, so a longer text than this is
 * a rarity that may cost an allocation. */
#define DOUBLE_TEXT_MAX 400

/* Ten to the powers of n .. n + 18, given the first. */
#define POWERS(first_)                                                       \
    (first_) * E0, (first_)*10, (first_)*100, (first_)*1000, (first_)*10000, \
        (first_)*100000, (first_)*1000000, (first_)*10000000,                \
        (first_)*100000000, (first_)*1000000000, (first_)*10000000000,       \
        (first_)*100000000000, (first_)*1000000000000,                       \
        (first_)*10000000000000, (first_)*100000000000000,                   \
        (first_)*1000000000000000, (first_)*10000000000000000,               \
        (first_)*100000000000000000, (first_)*1000000000000000000
#define E0 ((int128)1)
#define E19 (E0 * 1000000000000000000 * 10)

int128
decimal_power(int exponent)
{
    static const int128 powers[] = {POWERS(E0), POWERS(E19), E19 * E19};

    assert(exponent >= 0 && exponent <= DECIMAL_WIDTH_MAX);
    return powers[exponent];
}

bool
decimal_fits(int128 value, int width)
{
    int128 limit = decimal_power(width);

    return value > -limit && value < limit;
}

/* Divide, and round half away from zero. */
static int128
divide_round(int128 value, int128 divisor)
{
    int128 rest = value % divisor, result = value / divisor;

    if (rest < 0)
        rest = -rest;
    if (rest >= divisor - rest)
        result += value < 0 ? -1 : 1;
    return result;
}

bool
decimal_rescale(int128 value, int from, int to, int128 *result)
{
    if (to < from)
        *result = divide_round(value, decimal_power(from - to));
    else if (__builtin_mul_overflow(value, decimal_power(to - from), result))
        return false;
    return decimal_fits(*result, DECIMAL_WIDTH_MAX);
}

double
decimal_to_double(int128 value, int scale)
{
    int128 power = decimal_power(scale);
    int128 exact = (int128)1 << 53, whole = value / power;

    /* Both parts exact when the whole would be rounded twice. */
    if (scale > 0 && (value > exact || value < -exact))
        return (double)whole + (double)(value % power) / (double)power;
    return (double)value / (double)power;
}

bool
decimal_from_double(double value, int width, int scale, int128 *result)
{
    double scaled = round(value * (double)decimal_power(scale));

    if (!isfinite(value) || fabs(scaled) >= (double)decimal_power(width))
        return false;
    *result = (int128)scaled;
    return true;
}

static bool
is_space(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

/* The parts of a number's text. */
struct parts {
    const unsigned char *whole, *fraction;
    size_t whole_length, fraction_length;
    bool negative;
    int exponent;
};

static size_t
count_digits(const unsigned char *text, const unsigned char *end)
{
    const unsigned char *at = text;

    while (at < end && is_digit(*at))
        at++;
    return (size_t)(at - text);
}

static bool
take_exponent(const unsigned char **text, const unsigned char *end, int *value)
{
    const unsigned char *at = *text + 1;
    bool negative = at < end && *at == '-';
    size_t digits;

    at += at < end && (*at == '-' || *at == '+');
    digits = count_digits(at, end);
    *value = 0;
    for (size_t i = 0; i < digits; i++)
        if (*value < 100000)
            *value = *value * 10 + (at[i] - '0');
    if (negative)
        *value = -*value;
    *text = at + digits;
    return digits > 0;
}

static void
strip(const unsigned char **text, const unsigned char **end)
{
    while (*text < *end && is_space(**text))
        ++*text;
    while (*text < *end && is_space((*end)[-1]))
        --*end;
}

static bool
take_parts(const unsigned char *text, size_t length, struct parts *parts)
{
    const unsigned char *end = text + length;

    *parts = (struct parts){.negative = false};
    strip(&text, &end);
    if (text < end && (*text == '-' || *text == '+'))
        parts->negative = *text++ == '-';
    parts->whole = text;
    parts->whole_length = count_digits(text, end);
    text += parts->whole_length;
    if (text < end && *text == '.') {
        parts->fraction = ++text;
        parts->fraction_length = count_digits(text, end);
        text += parts->fraction_length;
    }
    if (parts->whole_length + parts->fraction_length == 0)
        return false;
    if (text < end && (*text == 'e' || *text == 'E') &&
        !take_exponent(&text, end, &parts->exponent))
        return false;
    return text == end;
}

/* The digit at this power of ten; 0 outside of what was written. */
static int
digit_at(const struct parts *parts, long power)
{
    long index = (long)parts->whole_length - 1 + parts->exponent - power;

    if (index < 0)
        return 0;
    if ((size_t)index < parts->whole_length)
        return parts->whole[index] - '0';
    index -= (long)parts->whole_length;
    if ((size_t)index < parts->fraction_length)
        return parts->fraction[index] - '0';
    return 0;
}

/* Up to so many digits fit into 64 bits. */
#define SHORT_DIGITS 18

/* [+-]digits[.digits], which most texts are; false: perhaps something else. */
static bool
read_short(const unsigned char *text, size_t length, int scale, int128 *result)
{
    bool negative = length > 0 && *text == '-';
    size_t at = length > 0 && (*text == '-' || *text == '+'), from = at;
    size_t point = length;
    int64_t value = 0;
    int rest;

    if (length - at > SHORT_DIGITS)
        return false;
    for (; at < length; at++)
        if (is_digit(text[at]))
            value = value * 10 + (text[at] - '0');
        else if (text[at] == '.' && point == length)
            point = at;
        else
            return false;
    if (length - from == (point < length))
        return false;
    rest = scale - (point < length ? (int)(length - point - 1) : 0);
    if (rest > DECIMAL_WIDTH_MAX - SHORT_DIGITS)
        return false;
    *result = negative ? -value : value;
    *result = rest < 0 ? divide_round(*result, decimal_power(-rest))
                       : *result * decimal_power(rest);
    return true;
}

bool
decimal_read(const unsigned char *text, size_t length, int scale,
             int128 *result)
{
    struct parts parts;
    int128 value = 0;

    if (read_short(text, length, scale, result))
        return true;
    if (!take_parts(text, length, &parts))
        return false;
    long top = (long)parts.whole_length - 1 + parts.exponent;

    while (top >= -scale && digit_at(&parts, top) == 0)
        top--;
    if (top + scale >= DECIMAL_WIDTH_MAX)
        return false;
    for (long power = top; power >= -scale; power--)
        value = value * 10 + digit_at(&parts, power);
    if (digit_at(&parts, -(long)scale - 1) >= 5)
        value++;
    *result = parts.negative ? -value : value;
    return decimal_fits(value, DECIMAL_WIDTH_MAX);
}

static bool
word_is(const unsigned char *text, size_t length, const char *word)
{
    if (length != strlen(word))
        return false;
    for (size_t i = 0; i < length; i++)
        if ((text[i] | 0x20) != (unsigned char)word[i])
            return false;
    return true;
}

static bool
read_special(const unsigned char *text, size_t length, double *result)
{
    const unsigned char *end = text + length;
    bool negative;

    strip(&text, &end);
    negative = text < end && *text == '-';
    text += text < end && (*text == '-' || *text == '+');
    length = (size_t)(end - text);
    if (word_is(text, length, "nan"))
        *result = (double)NAN;
    else if (word_is(text, length, "inf") || word_is(text, length, "infinity"))
        *result = (double)INFINITY;
    else
        return false;
    if (negative)
        *result = -*result;
    return true;
}

/* strtod rounds correctly; the grammar was judged before, and the program
 * never leaves the C locale.  A number of more digits than it can have is as
 * rare as it is short beside a batch: without memory for it the process ends,
 * for to say that it is no number would be wrong. */
bool
double_read(const unsigned char *text, size_t length, double *result)
{
    char small[DOUBLE_TEXT_MAX], *copy = small;
    struct parts parts;

    if (length <= UINT32_MAX &&
        number_parse_short(text, (uint32_t)length, '.', -1, result))
        return true;
    if (!take_parts(text, length, &parts))
        return read_special(text, length, result);
    if (length >= sizeof(small))
        copy = mem_alloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    *result = strtod(copy, NULL);
    if (copy != small)
        free(copy);
    return true;
}

/* The digits of a number, right before `end`; returns where they begin. */
static char *
put_digits(uint64_t value, char *end)
{
    do {
        *--end = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return end;
}

size_t
integer_print(int64_t value, char *text)
{
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char digits[20], *begin = put_digits(magnitude, digits + sizeof(digits));
    size_t length = (size_t)(digits + sizeof(digits) - begin);
    size_t used = 0;

    if (value < 0)
        text[used++] = '-';
    memcpy(text + used, begin, length);
    text[used + length] = '\0';
    return used + length;
}

size_t
decimal_print(int128 value, int width, int scale, char *text)
{
    char digits[DECIMAL_WIDTH_MAX + 2], *end = digits + sizeof(digits);
    char *begin = end;
    size_t used = 0, whole, fraction = (size_t)scale;
    int128 rest = value < 0 ? -value : value;

    assert(scale <= width && width <= DECIMAL_WIDTH_MAX);
    for (; rest > INT64_MAX; rest /= 10)
        *--begin = (char)('0' + (int)(rest % 10));
    if (rest > 0)
        begin = put_digits((uint64_t)rest, begin);
    /* A type without digits before the point prints none, not even 0. */
    while (end - begin < scale + (width > scale))
        *--begin = '0';
    whole = (size_t)(end - begin) - fraction;
    if (value < 0)
        text[used++] = '-';
    memcpy(text + used, begin, whole);
    used += whole;
    if (fraction > 0)
        text[used++] = '.';
    memcpy(text + used, begin + whole, fraction);
    used += fraction;
    text[used] = '\0';
    return used;
}

/*
 * Below a power of two the doubles lie closer than above it, so there the
 * text that is nearest to it may be a neighbour's although the next one up
 * would come back.
 */
static bool
next_up_reads_back(double value, char *text)
{
    int ignored;
    char *digit = strchr(text, 'e') - 1;

    if (fabs(frexp(value, &ignored)) > 0.5)
        return false;
    /* A carry would end in a zero: a text of fewer digits, tried before. */
    if (*digit == '9')
        return false;
    ++*digit;
    return strtod(text, NULL) == value;
}

/* The fewest digits that read back the same, as "d.ddde+xx" without trailing
 * zeros; returns their number. */
static int
shortest_digits(double value, char *text)
{
    /* 15 digits always come back, and 17 always tell two doubles apart; the
     * subnormal ones have fewer. */
    int digits = fabs(value) < DBL_MIN ? 1 : 15;
    char *e;

    for (; digits <= 17; digits++) {
        snprintf(text, NUMBER_TEXT_MAX, "%.*e", digits - 1, value);
        if (strtod(text, NULL) == value || next_up_reads_back(value, text))
            break;
    }
    e = strchr(text, 'e');
    while (digits > 1 && e[-1] == '0') {
        memmove(e - 1, e, strlen(e) + 1);
        e--;
        digits--;
    }
    if (e[-1] == '.')
        memmove(e - 1, e, strlen(e) + 1);
    return digits;
}

/* 15 digits: every number of so many comes back from its nearest double. */
#define EXACT_MAX 1000000000000000.0

/*
 * Most doubles came from a text of a few digits, and are the quotient of two
 * numbers that are exact: those digits and a power of ten.  Fills `text`;
 * false: not one of those.
 */
static bool
print_short(double value, char *text, size_t *length)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,
                                    1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13,
                                    1e14, 1e15, 1e16, 1e17, 1e18};
    double size = fabs(value), scaled;
    int scale, all = ARRAY_SIZE(powers) - 1;
    int64_t digits;

    if (!(size >= 0.0001 && size < EXACT_MAX))
        return false;
    while (all > 0 && size * powers[all] >= EXACT_MAX)
        all--;
    scaled = nearbyint(size * powers[all]);
    if (scaled >= EXACT_MAX || scaled / powers[all] != size)
        return false;
    digits = (int64_t)scaled;
    for (scale = all; scale > 1 && digits % 10 == 0; scale--)
        digits /= 10;
    if (scale == 0) {
        digits *= 10;
        scale = 1;
    }
    *length = decimal_print(value < 0 ? -digits : digits, DECIMAL_WIDTH_MAX,
                            scale, text);
    return true;
}

size_t
double_print(double value, char *text)
{
    int digits, exponent;
    size_t length;

    if (value == 0)
        return (size_t)snprintf(text, NUMBER_TEXT_MAX, "%s",
                                signbit(value) ? "-0.0" : "0.0");
    if (print_short(value, text, &length))
        return length;

    if (isnan(value))
        return (size_t)snprintf(text, NUMBER_TEXT_MAX, "%s",
                                signbit(value) ? "-nan" : "nan");
    if (isinf(value))
        return (size_t)snprintf(text, NUMBER_TEXT_MAX, "%s",
                                value < 0 ? "-inf" : "inf");
    digits = shortest_digits(value, text);
    exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
    if (exponent < -4 || exponent >= 16)
        return strlen(text);
    digits = digits - 1 - exponent;
    return (size_t)snprintf(text, NUMBER_TEXT_MAX, "%.*f",
                            digits < 1 ? 1 : digits, value);
}
