#include "column.h"

#include <ctype.h>
#include <math.h>
#include <strings.h>

#include "html.h"
#include "number.h"

static bool
ends_with(const char *name, const char *end)
{
    size_t size = strlen(name), end_size = strlen(end);

    return size >= end_size && strcmp(name + size - end_size, end) == 0;
}

/* Numbers in such a column are names: nobody adds them up. */
static bool
names_things(const char *name)
{
    static const char *const whole[] = {"id",  "no",    "code",
                                        "zip", "phone", "key"};
    static const char *const ends[] = {
        "_id",
        "_no",
        "_code",
        "_key",
        " id",
        " no",
        " code",
        "Id",
        "ID",
        "Code",
        "_ID",
        "_NO",
        "_CODE",
        "\xe7\x95\xaa\xe5\x8f\xb7",             /* 番号 */
        "\xe3\x82\xb3\xe3\x83\xbc\xe3\x83\x89", /* コード */
    };

    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        if (strcasecmp(name, whole[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (ends_with(name, ends[i]))
            return true;
    return false;
}

static bool
names_years(const char *name)
{
    return strcasecmp(name, "year") == 0 || ends_with(name, "_year") ||
           ends_with(name, "Year") || ends_with(name, "\xe5\xb9\xb4"); /* 年 */
}

/* Whether every text that is there is a moment; fills in the values. */
static bool
read_moments(struct column *column, struct result *result, uint32_t index)
{
    uint32_t found = 0;

    column->fine = MOMENT_YEAR;
    for (uint32_t row = 0; row < result->rows; row++) {
        struct cell *cell =
            &result->cells[(size_t)row * result->columns + index];
        enum moment_unit unit;

        cell->value = NAN;
        if (cell->len == 0)
            continue;
        if (!moment_parse(result->text + cell->at, cell->len, &cell->value,
                          &unit))
            return false;
        column->fine = unit > column->fine ? unit : column->fine;
        found++;
    }
    return found > 0 &&
           (column->fine > MOMENT_YEAR || names_years(column->name));
}

static bool
read_numbers(struct column *column, struct result *result, uint32_t index)
{
    uint32_t found = 0;

    column->decimals = 0;
    for (uint32_t row = 0; row < result->rows; row++) {
        struct cell *cell =
            &result->cells[(size_t)row * result->columns + index];
        int decimals;

        cell->value = NAN;
        if (cell->len == 0)
            continue;
        if (!number_parse(result->text + cell->at, cell->len, &cell->value,
                          &decimals))
            return false;
        if (decimals > column->decimals)
            column->decimals = decimals;
        found++;
    }
    return found > 0;
}

/* The most digits behind a point in a column that its type calls numbers. */
static int
most_decimals(const struct result *result, uint32_t index)
{
    int most = 0;

    for (uint32_t row = 0; row < result->rows; row++) {
        const struct cell *cell = result_cell(result, row, index);
        double value;
        int decimals;

        if (number_parse(result->text + cell->at, cell->len, &value,
                         &decimals) &&
            decimals > most)
            most = decimals;
    }
    return most;
}

static enum column_kind
kind_by_text(struct column *column, struct result *result, uint32_t index)
{
    if (read_moments(column, result, index))
        return COLUMN_MOMENT;
    if (!names_things(column->name) && read_numbers(column, result, index))
        return COLUMN_NUMBER;
    return COLUMN_TEXT;
}

static enum column_kind
kind_of_number(struct column *column, struct result *result, uint32_t index)
{
    if (names_things(column->name))
        return COLUMN_TEXT;
    if (names_years(column->name) && read_moments(column, result, index))
        return COLUMN_MOMENT;
    column->decimals = most_decimals(result, index);
    return COLUMN_NUMBER;
}

void
column_read(struct column *column, const struct fb_column *described,
            struct result *result, uint32_t index)
{
    column->name = described->name;
    column->kind = COLUMN_TEXT;
    switch (described->type) {
    case FB_C_INTEGER:
    case FB_C_NUMBER:
        column->kind = kind_of_number(column, result, index);
        break;
    case FB_C_DATE:
    case FB_C_DATETIME:
        column->kind = COLUMN_MOMENT;
        column->fine =
            described->type == FB_C_DATE ? MOMENT_DAY : MOMENT_SECOND;
        break;
    case FB_C_STRING:
        column->kind = kind_by_text(column, result, index);
        break;
    case FB_C_BOOLEAN:
    case FB_C_TIME:
        break;
    }
}

bool
column_label_differs(const struct column *column)
{
    bool letters = false;

    for (const char *c = column->name; *c != '\0'; c++) {
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) &&
            *c != '_')
            return false;
        letters = letters || islower((unsigned char)*c);
    }
    return letters;
}

void
column_label(FILE *page, const struct column *column)
{
    if (!column_label_differs(column)) {
        html_string(page, column->name);
        return;
    }
    for (const char *c = column->name; *c != '\0'; c++)
        fputc(c == column->name ? toupper((unsigned char)*c)
              : *c == '_'       ? ' '
                                : *c,
              page);
}
