/*
 * expr/decimal.h: exact decimal numbers of up to 38 digits, and how numbers
 * are read from text and written as text.  The rules are DuckDB's.
 */
#ifndef EXPR_DECIMAL_H
#define EXPR_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

__extension__ typedef __int128 int128;

#define DECIMAL_WIDTH_MAX 38
#define NUMBER_TEXT_MAX 64 /* bytes, for each of the _print functions */

/* Ten to the power of 0 .. 38. */
int128 decimal_power(int exponent);
/* Whether the value has at most `width` digits. */
bool decimal_fits(int128 value, int width);
/* To another scale; digits lost are rounded half away from zero.  false: does
 * not fit into 38 digits. */
bool decimal_rescale(int128 value, int from, int to, int128 *result);
double decimal_to_double(int128 value, int scale);
/* Rounded half away from zero; false: not finite or does not fit. */
bool decimal_from_double(double value, int width, int scale, int128 *result);

/*
 * A number in text: outer white space, a sign, digits, a point, an exponent.
 * The result is the value times ten to `scale`, rounded half away from zero.
 * false: no number, or more than 38 digits.
 */
bool decimal_read(const unsigned char *text, size_t length, int scale,
                  int128 *result);
/* The same grammar, and inf, infinity and nan. */
bool double_read(const unsigned char *text, size_t length, double *result);

/* NUL at the end; return the length. */
size_t integer_print(int64_t value, char *text);
size_t decimal_print(int128 value, int width, int scale, char *text);
/* The shortest text that reads back the same: 0.1, 1000.0, 1e+20, inf, nan */
size_t double_print(double value, char *text);

#endif
