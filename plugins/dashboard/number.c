#include "number.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { DIGITS_MAX = 400 }; /* longer texts are no numbers for people */

static bool
is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

static size_t
count_digits(const unsigned char *text, size_t len)
{
    size_t i = 0;

    while (i < len && is_digit(text[i]))
        i++;
    return i;
}

/* Bytes of an exponent (e+20) at the start of a text; 0 when there is none. */
static size_t
count_exponent(const unsigned char *text, size_t len)
{
    size_t sign, digits;

    if (len < 2 || (text[0] != 'e' && text[0] != 'E'))
        return 0;
    sign = text[1] == '+' || text[1] == '-';
    digits = count_digits(text + 1 + sign, len - 1 - sign);
    return digits > 0 ? 1 + sign + digits : 0;
}

bool
number_parse(const unsigned char *text, size_t len, double *value,
             int *decimals)
{
    char copy[DIGITS_MAX + 1];
    size_t at = len > 0 && text[0] == '-';
    size_t whole, part = 0, exponent;

    if (len > DIGITS_MAX)
        return false;
    whole = count_digits(text + at, len - at);
    if (whole == 0 || (whole > 1 && text[at] == '0'))
        return false;
    at += whole;
    if (at < len && text[at] == '.') {
        part = count_digits(text + at + 1, len - at - 1);
        if (part == 0)
            return false;
        at += 1 + part;
    }
    exponent = count_exponent(text + at, len - at);
    if (at + exponent != len)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    *value = strtod(copy, NULL);
    *decimals = exponent > 0 ? -1 : (int)part;
    return isfinite(*value);
}

void
number_group(FILE *page, const unsigned char *text, size_t len)
{
    size_t sign = len > 0 && text[0] == '-';
    size_t whole = count_digits(text + sign, len - sign);

    if (sign > 0)
        fputc('-', page); /* as typed, so that it can be copied */
    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0)
            fputc(',', page);
        fputc(text[sign + i], page);
    }
    fwrite(text + sign + whole, 1, len - sign - whole, page);
}

void
number_count(FILE *page, uint64_t count)
{
    char text[32];
    int len = snprintf(text, sizeof(text), "%" PRIu64, count);

    number_group(page, (const unsigned char *)text, (size_t)len);
}

/* Groups what snprintf made of a number that is not too long for it. */
static void
group_into(const char *digits, char *text)
{
    size_t len = strlen(digits), whole = strcspn(digits, "."), used = 0;

    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    memcpy(text + used, digits + whole, len - whole + 1);
}

void
number_format(double value, double largest, int decimals,
              char text[NUMBER_SIZE])
{
    static const struct {
        double factor;
        const char *name;
    } units[] = {{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1, ""}};
    char digits[40], grouped[56];
    size_t i = 0;

    if (largest >= 1e15 || (largest > 0 && largest < 1e-6)) {
        snprintf(text, NUMBER_SIZE, "%.3g", value);
        return;
    }
    while (largest < units[i].factor && units[i].factor > 1)
        i++;
    if (units[i].factor > 1)
        snprintf(digits, sizeof(digits), "%.6g", fabs(value) / units[i].factor);
    else
        snprintf(digits, sizeof(digits), "%.*f", decimals < 12 ? decimals : 12,
                 fabs(value));
    group_into(digits, grouped);
    snprintf(text, NUMBER_SIZE, "%s%s%s", value < 0 ? "\xe2\x88\x92" : "",
             grouped, fabs(value) > 0 ? units[i].name : "");
}
