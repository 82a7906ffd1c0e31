/*
 * batch/value_column.c: the values of a whole column.  What depends on the
 * column alone is found out once; then there is one loop for each way of
 * reading.  The usual text is read in place, any other one as value.c says:
 * so this file decides how fast a text is judged, never how.
 */
#include "batch/value_column.h"

#include <assert.h>

#include "batch/moment_iso.h"
#include "batch/number.h"
#include "batch/number_fast.h"
#include "batch/value.h"

/* What is known of a column before its first cell. */
struct way {
    const struct fb_column *column;
    int point, group; /* single bytes; -1: none */
};

typedef bool read_fn(const struct way *way, const unsigned char *text,
                     uint32_t length, struct fb_value *value);

static bool
read_as_value(const struct way *way, const unsigned char *text, uint32_t length,
              struct fb_value *value)
{
    value_parse(way->column, text, length, value);
    return value->state == FB_V_OK;
}

static inline bool
read_text(const struct way *way, const unsigned char *text, uint32_t length,
          struct fb_value *value)
{
    (void)way;
    value->as.s = text;
    value->len = length;
    return true;
}

static inline bool
read_integer(const struct way *way, const unsigned char *text, uint32_t length,
             struct fb_value *value)
{
    return number_fast_integer(text, length, &value->as.i) ||
           number_parse_short_integer(text, length, -1, &value->as.i) ||
           read_as_value(way, text, length, value);
}

static inline bool
read_grouped_integer(const struct way *way, const unsigned char *text,
                     uint32_t length, struct fb_value *value)
{
    return number_parse_short_integer(text, length, way->group, &value->as.i) ||
           read_as_value(way, text, length, value);
}

static inline bool
read_number(const struct way *way, const unsigned char *text, uint32_t length,
            struct fb_value *value)
{
    return number_fast(text, length, &value->as.d) ||
           number_parse_short(text, length, '.', -1, &value->as.d) ||
           read_as_value(way, text, length, value);
}

static inline bool
read_separated_number(const struct way *way, const unsigned char *text,
                      uint32_t length, struct fb_value *value)
{
    return number_parse_short(text, length, way->point, way->group,
                              &value->as.d) ||
           read_as_value(way, text, length, value);
}

static inline bool
read_date(const struct way *way, const unsigned char *text, uint32_t length,
          struct fb_value *value)
{
    return moment_iso_date(text, length, &value->as.i) ||
           read_as_value(way, text, length, value);
}

static inline bool
read_datetime(const struct way *way, const unsigned char *text, uint32_t length,
              struct fb_value *value)
{
    return moment_iso_datetime(text, length, &value->as.i) ||
           read_as_value(way, text, length, value);
}

static inline bool
read_time(const struct way *way, const unsigned char *text, uint32_t length,
          struct fb_value *value)
{
    return moment_iso_time(text, length, &value->as.i) ||
           read_as_value(way, text, length, value);
}

/* A column of cells and what becomes of them. */
struct job {
    struct way way;
    const struct fb_cell *cells;
    struct fb_value *values;
    const uint64_t *selection;
    uint32_t rows;
};

/* Inlined with each `read`, so that none is called through a pointer. */
static inline __attribute__((always_inline)) void
read_all(const struct job *job, read_fn *read)
{
    /* Copies, for the compiler cannot know that values do not hold the job. */
    const struct way way = job->way;
    const struct fb_cell *cell = job->cells, *end = cell + job->rows;
    const uint64_t *selection = job->selection;
    struct fb_value *to = job->values;
    uint64_t selected = 0;

    for (uint32_t row = 0; cell < end; row++, cell++, to++, selected >>= 1) {
        if (row % 64 == 0)
            selected = *selection++;
        if (!(selected & 1) || (cell->flags & FB_CELL_NULL)) {
            *to = (struct fb_value){.state = FB_V_NULL};
            continue;
        }
        /* Written in place: putting it together elsewhere costs as much again
         * as reading a date does. */
        to->len = 0;
        if (read(&way, cell->ptr, cell->len, to))
            to->state = FB_V_OK;
        else
            *to = (struct fb_value){.state = FB_V_BAD};
    }
}

static bool
is_format(const char *format, const char *name)
{
    return format != NULL && strcmp(format, name) == 0;
}

/* Dates and times that are written by a pattern have no usual text. */
static bool
has_pattern(const struct fb_column *column)
{
    const char *format = column->format;

    return format != NULL && !is_format(format, "default") &&
           !is_format(format, "any");
}

/* The separator as a byte; `none` when it is not given; -2 when it is longer
 * or could be taken for another part of a number. */
static int
separator(const char *text, int none)
{
    if (text == NULL || *text == '\0')
        return none;
    if (text[1] != '\0' || strchr("0123456789+-eE", *text) != NULL)
        return -2;
    return (unsigned char)*text;
}

static void
read_integers(const struct job *job)
{
    if (job->way.group == -1)
        read_all(job, read_integer);
    else if (job->way.group == -2)
        read_all(job, read_as_value);
    else
        read_all(job, read_grouped_integer);
}

static void
read_numbers(const struct job *job)
{
    if (job->way.point == '.' && job->way.group == -1)
        read_all(job, read_number);
    else if (job->way.point == -2 || job->way.group == -2 ||
             job->way.point == job->way.group)
        read_all(job, read_as_value);
    else
        read_all(job, read_separated_number);
}

static void
read_moments(const struct job *job)
{
    const struct fb_column *column = job->way.column;

    if (has_pattern(column))
        read_all(job, read_as_value);
    else if (column->type == FB_C_DATE)
        read_all(job, read_date);
    else if (column->type == FB_C_DATETIME)
        read_all(job, read_datetime);
    else
        read_all(job, read_time);
}

void
value_parse_column(const struct fb_column *column, const struct fb_cell *cells,
                   uint32_t rows, const uint64_t *selection,
                   struct fb_value *values)
{
    const struct job job = {
        .way = {.column = column,
                .point = separator(column->decimal_char, '.'),
                .group = separator(column->group_char, -1)},
        .cells = cells,
        .values = values,
        .selection = selection,
        .rows = rows,
    };

    switch (column->type) {
    case FB_C_STRING:
        read_all(&job, read_text);
        return;
    case FB_C_INTEGER:
        read_integers(&job);
        return;
    case FB_C_NUMBER:
        read_numbers(&job);
        return;
    case FB_C_BOOLEAN:
        read_all(&job, read_as_value);
        return;
    case FB_C_DATE:
    case FB_C_DATETIME:
    case FB_C_TIME:
        read_moments(&job);
        return;
    }
    assert(!"a column without a type");
}
