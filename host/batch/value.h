/*
 * batch/value.h: from the text of a cell to the value its column's type gives
 * it, and back.  The one place where a text is judged: what `validate` lets
 * pass never fails in an expression.
 *
 * Rules are those of Frictionless Table Schema, strict and independent of
 * the locale; surrounding white space is never part of a number or a date:
 *
 * integer   [+-]digits within int64; group_char may stand between digits
 * number    [+-]digits[.digits][e[+-]digits], where digits may be missing on
 *           one side of the point (as in XML Schema's decimal), NaN, INF,
 *           -INF; decimal_char, group_char; overflow to infinity is bad
 * boolean   true True TRUE 1 / false False FALSE 0, or true_values, ...
 * date      format default: YYYY-MM-DD; any: also YYYY/MM/DD and YYYYMMDD;
 *           else a strptime pattern of %Y %m %d %y %b %B %j and literals;
 *           names of months are English; years 0001 to 9999
 * datetime  default: YYYY-MM-DDThh:mm:ss[.ffffff][Z|+hh:mm]; any: also a
 *           space for the T and no seconds; else a pattern, also %H %M %S %f
 *           %z %I %p.  Without an offset the text is taken as UTC.
 * time      default hh:mm:ss[.ffffff]; any: also hh:mm; else a pattern
 */
#ifndef BATCH_VALUE_H
#define BATCH_VALUE_H

#include "batch/column.h"

/* Dates and moments are of the years 0001 to 9999.  Who computes one checks
 * that it is; value_print relies on it. */
#define VALUE_DATE_MIN INT64_C(-719162)
#define VALUE_DATE_MAX INT64_C(2932896)
#define VALUE_DATETIME_MIN (VALUE_DATE_MIN * 86400 * 1000000)
#define VALUE_DATETIME_MAX ((VALUE_DATE_MAX + 1) * 86400 * 1000000 - 1)

/* value->state becomes FB_V_OK or FB_V_BAD: whether a text means "missing"
 * is for cells (FB_CELL_NULL), not decided here. */
void value_parse(const struct fb_column *column, const unsigned char *text,
                 uint32_t length, struct fb_value *value);

/*
 * The canonical text of an OK value of a type: integers plain, numbers as the
 * shortest text that reads back the same, booleans true/false, dates
 * YYYY-MM-DD, datetimes YYYY-MM-DDThh:mm:ss[.ffffff]Z, times hh:mm:ss[.ffffff].
 * Parsing it by the type's default gives the value again.  `text` needs
 * VALUE_TEXT_MAX bytes; returns its length.  Not for strings.
 */
#define VALUE_TEXT_MAX 64
size_t value_print(enum fb_column_type type, const struct fb_value *value,
                   char *text);

/* What a text of this column should look like, for messages:
 * "a date (YYYY-MM-DD)". */
const char *value_expectation(const struct fb_column *column);

/* Whether a column's `format` can be understood; *why says what is wrong. */
bool value_format_is_valid(enum fb_column_type type, const char *format,
                           const char **why);

#endif
