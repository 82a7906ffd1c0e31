/*
 * batch/value.c: judges the text of a cell by the type of its column.
 * Numbers are read in number.c, dates and times in moment.c.
 */
#include "batch/value.h"

#include <assert.h>
#include <inttypes.h>

#include "batch/moment.h"
#include "batch/moment_format.h"
#include "batch/moment_iso.h"
#include "batch/number.h"
#include "batch/number_fast.h"
#include "util/mem.h"

static const char *const true_items[] = {"true", "True", "TRUE", "1"};
static const char *const false_items[] = {"false", "False", "FALSE", "0"};
static const struct fb_list true_default = {ARRAY_SIZE(true_items), true_items};
static const struct fb_list false_default = {ARRAY_SIZE(false_items),
                                             false_items};

static bool
is_one_of(const struct fb_list *list, const struct fb_list *otherwise,
          const unsigned char *text, uint32_t length)
{
    if (list->count == 0)
        list = otherwise;
    for (size_t i = 0; i < list->count; i++) {
        const char *item = list->items[i];

        /* Most items differ in their first byte already. */
        if ((unsigned char)*item == (length > 0 ? *text : '\0') &&
            strlen(item) == length && memcmp(item, text, length) == 0)
            return true;
    }
    return false;
}

static bool
parse_boolean(const struct fb_column *column, const unsigned char *text,
              uint32_t length, bool *value)
{
    *value = is_one_of(&column->true_values, &true_default, text, length);
    return *value ||
           is_one_of(&column->false_values, &false_default, text, length);
}

static bool
parse(const struct fb_column *column, const unsigned char *text,
      uint32_t length, struct fb_value *value)
{
    switch (column->type) {
    case FB_C_STRING:
        value->as.s = text;
        value->len = length;
        return true;
    case FB_C_INTEGER:
        return (column->group_char == NULL &&
                number_fast_integer(text, length, &value->as.i)) ||
               number_parse_integer(text, length, column->group_char,
                                    &value->as.i);
    case FB_C_NUMBER:
        return (column->group_char == NULL && column->decimal_char == NULL &&
                number_fast(text, length, &value->as.d)) ||
               number_parse(text, length, column->decimal_char,
                            column->group_char, &value->as.d);
    case FB_C_BOOLEAN:
        return parse_boolean(column, text, length, &value->as.b);
    case FB_C_DATE:
        return (column->format == NULL &&
                moment_iso_date(text, length, &value->as.i)) ||
               moment_parse(FB_C_DATE, column->format, text, length,
                            &value->as.i);
    case FB_C_DATETIME:
    case FB_C_TIME:
        return moment_parse(column->type, column->format, text, length,
                            &value->as.i);
    }
    assert(!"a column without a type");
    return false;
}

void
value_parse(const struct fb_column *column, const unsigned char *text,
            uint32_t length, struct fb_value *value)
{
    value->len = 0;
    value->as.i = 0;
    value->state = parse(column, text, length, value) ? FB_V_OK : FB_V_BAD;
}

size_t
value_print(enum fb_column_type type, const struct fb_value *value, char *text)
{
    assert(value->state == FB_V_OK);
    switch (type) {
    case FB_C_INTEGER:
        return (size_t)snprintf(text, VALUE_TEXT_MAX, "%" PRId64, value->as.i);
    case FB_C_NUMBER:
        return number_print(value->as.d, text, VALUE_TEXT_MAX);
    case FB_C_BOOLEAN:
        return (size_t)snprintf(text, VALUE_TEXT_MAX, "%s",
                                value->as.b ? "true" : "false");
    case FB_C_DATE:
    case FB_C_DATETIME:
    case FB_C_TIME:
        return moment_print(type, value->as.i, text);
    case FB_C_STRING:
        break;
    }
    assert(!"strings are their own text");
    return 0;
}

enum form { FORM_DEFAULT, FORM_ANY, FORM_PATTERN, FORMS };

static enum form
form_of(const char *format)
{
    if (format == NULL || strcmp(format, "default") == 0)
        return FORM_DEFAULT;
    return strcmp(format, "any") == 0 ? FORM_ANY : FORM_PATTERN;
}

static const char *
expected_boolean(const struct fb_column *column)
{
    return column->true_values.count + column->false_values.count > 0
               ? "one of the schema's true or false values"
               : "a boolean (true or false)";
}

const char *
value_expectation(const struct fb_column *column)
{
    static const char *const date[FORMS] = {
        "a date (YYYY-MM-DD)",
        "a date (YYYY-MM-DD, YYYY/MM/DD or YYYYMMDD)",
        "a date in the schema's format",
    };
    static const char *const datetime[FORMS] = {
        "a datetime (YYYY-MM-DDThh:mm:ss, then nothing, Z or +hh:mm)",
        "a datetime (YYYY-MM-DD hh:mm, then nothing, Z or +hh:mm)",
        "a datetime in the schema's format",
    };
    static const char *const time[FORMS] = {
        "a time (hh:mm:ss)",
        "a time (hh:mm or hh:mm:ss)",
        "a time in the schema's format",
    };

    switch (column->type) {
    case FB_C_STRING:
        return "a text";
    case FB_C_INTEGER:
        return "an integer of at most 64 bits";
    case FB_C_NUMBER:
        return "a number";
    case FB_C_BOOLEAN:
        return expected_boolean(column);
    case FB_C_DATE:
        return date[form_of(column->format)];
    case FB_C_DATETIME:
        return datetime[form_of(column->format)];
    case FB_C_TIME:
        return time[form_of(column->format)];
    }
    assert(!"a column without a type");
    return "a value";
}

bool
value_format_is_valid(enum fb_column_type type, const char *format,
                      const char **why)
{
    if (type == FB_C_DATE || type == FB_C_DATETIME || type == FB_C_TIME)
        return moment_format_is_valid(type, format, why);
    *why = NULL;
    if (form_of(format) != FORM_DEFAULT)
        *why = "only dates, times and datetimes have formats here";
    return *why == NULL;
}
