/*
 * batch/arrow_cells.c: items of Arrow arrays as text.  The layouts are those
 * of https://arrow.apache.org/docs/format/Columnar.html; items are read by
 * memcpy, for nobody promises that buffers are aligned.
 */
#include "batch/arrow_cells.h"

#include <assert.h>
#include <inttypes.h>

#include "batch/number.h"
#include "batch/value.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

#define US_SECOND INT64_C(1000000)
#define US_DAY (86400 * US_SECOND)

bool
arrow_is_valid(const void *bitmap, int64_t index)
{
    const unsigned char *bits = bitmap;

    return bits == NULL || (bits[index / 8] >> (index % 8) & 1);
}

static int
fail_row(struct fb_error *err, uint32_t row, const char *what)
{
    return fb_fail(err, FB_E_INPUT, "row %" PRIu32 " holds %s", row + 1, what);
}

static void
set_cell(struct fb_cell *cell, struct arena *arena, const char *text,
         size_t length)
{
    cell->ptr = (unsigned char *)arena_dup_nul(arena, text, length);
    cell->len = (uint32_t)length;
}

static void
set_value(struct fb_cell *cell, struct arena *arena, enum fb_column_type type,
          struct fb_value value)
{
    char text[VALUE_TEXT_MAX];

    value.state = FB_V_OK;
    set_cell(cell, arena, text, value_print(type, &value, text));
}

/* One integer item of any width, sign extended when the format is signed. */
static int64_t
integer_at(const struct arrow_format *format, const void *items, int64_t at)
{
    const unsigned char *item =
        (const unsigned char *)items + (size_t)at * format->width;
    union {
        int8_t i8;
        int16_t i16;
        int32_t i32;
        int64_t i64;
        uint8_t u8;
        uint16_t u16;
        uint32_t u32;
    } n = {.i64 = 0};

    memcpy(&n, item, format->width);
    switch (format->width) {
    case 1:
        return format->is_signed ? (int64_t)n.i8 : (int64_t)n.u8;
    case 2:
        return format->is_signed ? (int64_t)n.i16 : (int64_t)n.u16;
    case 4:
        return format->is_signed ? (int64_t)n.i32 : (int64_t)n.u32;
    default:
        return n.i64;
    }
}

static int
fill_nulls(const struct arrow_format *format, const struct ArrowArray *array,
           int64_t first, uint32_t rows, struct fb_cell *cells,
           struct arena *arena, struct fb_error *err)
{
    (void)format, (void)array, (void)first, (void)arena, (void)err;
    for (uint32_t r = 0; r < rows; r++)
        cells[r].flags |= FB_CELL_NULL;
    return 0;
}

static int
fill_booleans(const struct arrow_format *format, const struct ArrowArray *array,
              int64_t first, uint32_t rows, struct fb_cell *cells,
              struct arena *arena, struct fb_error *err)
{
    (void)err;
    for (uint32_t r = 0; r < rows; r++)
        if (!(cells[r].flags & FB_CELL_NULL))
            set_value(&cells[r], arena, format->type,
                      (struct fb_value){.as.b = arrow_is_valid(
                                            array->buffers[1], first + r)});
    return 0;
}

static int
fill_integers(const struct arrow_format *format, const struct ArrowArray *array,
              int64_t first, uint32_t rows, struct fb_cell *cells,
              struct arena *arena, struct fb_error *err)
{
    char text[24];

    (void)err;
    for (uint32_t r = 0; r < rows; r++) {
        int64_t n;
        int length;

        if (cells[r].flags & FB_CELL_NULL)
            continue;
        n = integer_at(format, array->buffers[1], first + r);
        length = format->is_signed
                     ? snprintf(text, sizeof(text), "%" PRId64, n)
                     : snprintf(text, sizeof(text), "%" PRIu64, (uint64_t)n);
        set_cell(&cells[r], arena, text, (size_t)length);
    }
    return 0;
}

static int
fill_floats(const struct arrow_format *format, const struct ArrowArray *array,
            int64_t first, uint32_t rows, struct fb_cell *cells,
            struct arena *arena, struct fb_error *err)
{
    char text[VALUE_TEXT_MAX];

    (void)err;
    for (uint32_t r = 0; r < rows; r++) {
        const unsigned char *item = (const unsigned char *)array->buffers[1] +
                                    (size_t)(first + r) * format->width;
        size_t length;
        float f;
        double d;

        if (cells[r].flags & FB_CELL_NULL)
            continue;
        if (format->width == sizeof(f)) {
            memcpy(&f, item, sizeof(f));
            length = number_print_float(f, text, sizeof(text));
        } else {
            memcpy(&d, item, sizeof(d));
            length = number_print(d, text, sizeof(text));
        }
        set_cell(&cells[r], arena, text, length);
    }
    return 0;
}

/* Days since the epoch; with a scale, units of a second since then. */
static int
fill_dates(const struct arrow_format *format, const struct ArrowArray *array,
           int64_t first, uint32_t rows, struct fb_cell *cells,
           struct arena *arena, struct fb_error *err)
{
    for (uint32_t r = 0; r < rows; r++) {
        struct fb_value value = {0};

        if (cells[r].flags & FB_CELL_NULL)
            continue;
        value.as.i = integer_at(format, array->buffers[1], first + r);
        if (format->scale > 0) {
            if (value.as.i % (86400 * format->scale) != 0)
                return fail_row(err, r, "a date with a time of day");
            value.as.i /= 86400 * format->scale;
        }
        if (value.as.i < VALUE_DATE_MIN || value.as.i > VALUE_DATE_MAX)
            return fail_row(err, r, "a date outside the years 0001 to 9999");
        set_value(&cells[r], arena, FB_C_DATE, value);
    }
    return 0;
}

/* Units of a second to microseconds; false when that loses something. */
static bool
to_micros(int64_t units, int64_t scale, int64_t *micros)
{
    if (scale <= US_SECOND)
        return !__builtin_mul_overflow(units, US_SECOND / scale, micros);
    *micros = units / (scale / US_SECOND);
    return units % (scale / US_SECOND) == 0;
}

/* Times of day and moments. */
static int
fill_times(const struct arrow_format *format, const struct ArrowArray *array,
           int64_t first, uint32_t rows, struct fb_cell *cells,
           struct arena *arena, struct fb_error *err)
{
    bool moment = format->type == FB_C_DATETIME;
    int64_t min = moment ? VALUE_DATETIME_MIN : 0;
    int64_t max = moment ? VALUE_DATETIME_MAX : US_DAY - 1;

    for (uint32_t r = 0; r < rows; r++) {
        struct fb_value value = {0};
        int64_t units;

        if (cells[r].flags & FB_CELL_NULL)
            continue;
        units = integer_at(format, array->buffers[1], first + r);
        if (!to_micros(units, format->scale, &value.as.i))
            return fail_row(err, r,
                            "a time finer than microseconds or "
                            "outside the years 0001 to 9999");
        if (value.as.i < min || value.as.i > max)
            return fail_row(err, r,
                            moment ? "a moment outside the years 0001 "
                                     "to 9999"
                                   : "a time outside 00:00 to 24:00");
        set_value(&cells[r], arena, format->type, value);
    }
    return 0;
}

__extension__ typedef unsigned __int128 uint128;

/* Digits of a 128 bit number, backwards from `end`; returns their begin. */
static char *
digits_before(char *end, uint128 n)
{
    do
        *--end = (char)('0' + (int)(n % 10));
    while ((n /= 10) > 0);
    return end;
}

/* 128 bit, two's complement, times 10^-scale. */
static int
fill_decimals(const struct arrow_format *format, const struct ArrowArray *array,
              int64_t first, uint32_t rows, struct fb_cell *cells,
              struct arena *arena, struct fb_error *err)
{
    char text[96];
    char *end = text + sizeof(text);

    (void)err;
    assert(format->scale >= 0 && format->scale <= 38);
    for (uint32_t r = 0; r < rows; r++) {
        uint128 n;
        bool negative;
        char *begin;

        if (cells[r].flags & FB_CELL_NULL)
            continue;
        memcpy(&n,
               (const unsigned char *)array->buffers[1] +
                   (size_t)(first + r) * format->width,
               sizeof(n));
        negative = n >> 127;
        begin = digits_before(end, negative ? -n : n);
        while (end - begin <= format->scale)
            *--begin = '0';
        if (format->scale > 0) {
            size_t whole = (size_t)(end - begin - format->scale);

            memmove(begin - 1, begin, whole);
            begin--;
            begin[whole] = '.';
        }
        if (negative)
            *--begin = '-';
        set_cell(&cells[r], arena, begin, (size_t)(end - begin));
    }
    return 0;
}

static int
fill_texts(const struct arrow_format *format, const struct ArrowArray *array,
           int64_t first, uint32_t rows, struct fb_cell *cells,
           struct arena *arena, struct fb_error *err)
{
    for (uint32_t r = 0; r < rows; r++) {
        int64_t begin, end;
        const char *text;

        if (cells[r].flags & FB_CELL_NULL)
            continue;
        begin = integer_at(format, array->buffers[1], first + r);
        end = integer_at(format, array->buffers[1], first + r + 1);
        if (begin < 0 || end < begin)
            return fail_row(err, r, "a text that ends before it begins");
        if (end - begin > (int64_t)RECORD_MAX)
            return fb_fail(err, FB_E_LIMIT,
                           "row %" PRIu32 " holds a text of %" PRId64
                           " bytes; at most %zu are possible",
                           r + 1, end - begin, RECORD_MAX);
        if (end == begin)
            continue;
        if (array->buffers[2] == NULL)
            return fail_row(err, r, "a text, but its array has no bytes");
        text = (const char *)array->buffers[2] + begin;
        if (!text_is_utf8((const unsigned char *)text, (size_t)(end - begin),
                          NULL))
            return fail_row(err, r, "a text that is not UTF-8");
        set_cell(&cells[r], arena, text, (size_t)(end - begin));
    }
    return 0;
}

static const struct {
    const char *text;
    struct arrow_format format;
} simple_formats[] = {
    {"n", {FB_C_STRING, 0, fill_nulls, 0, false, 0}},
    {"b", {FB_C_BOOLEAN, 2, fill_booleans, 0, false, 0}},
    {"c", {FB_C_INTEGER, 2, fill_integers, 1, true, 0}},
    {"C", {FB_C_INTEGER, 2, fill_integers, 1, false, 0}},
    {"s", {FB_C_INTEGER, 2, fill_integers, 2, true, 0}},
    {"S", {FB_C_INTEGER, 2, fill_integers, 2, false, 0}},
    {"i", {FB_C_INTEGER, 2, fill_integers, 4, true, 0}},
    {"I", {FB_C_INTEGER, 2, fill_integers, 4, false, 0}},
    {"l", {FB_C_INTEGER, 2, fill_integers, 8, true, 0}},
    {"L", {FB_C_INTEGER, 2, fill_integers, 8, false, 0}},
    {"f", {FB_C_NUMBER, 2, fill_floats, 4, true, 0}},
    {"g", {FB_C_NUMBER, 2, fill_floats, 8, true, 0}},
    {"u", {FB_C_STRING, 3, fill_texts, 4, true, 0}},
    {"U", {FB_C_STRING, 3, fill_texts, 8, true, 0}},
    {"tdD", {FB_C_DATE, 2, fill_dates, 4, true, 0}},
    {"tdm", {FB_C_DATE, 2, fill_dates, 8, true, 1000}},
    {"tts", {FB_C_TIME, 2, fill_times, 4, true, 1}},
    {"ttm", {FB_C_TIME, 2, fill_times, 4, true, 1000}},
    {"ttu", {FB_C_TIME, 2, fill_times, 8, true, 1000000}},
    {"ttn", {FB_C_TIME, 2, fill_times, 8, true, 1000000000}},
};

/* "tsu:Asia/Tokyo": whatever the zone, the items count from the epoch. */
static bool
parse_timestamp(const char *text, struct arrow_format *format)
{
    static const char units[] = "smun";
    static const int64_t scales[] = {1, 1000, 1000000, 1000000000};
    const char *unit;

    if (strncmp(text, "ts", 2) != 0 || text[2] == '\0' || text[3] != ':')
        return false;
    unit = strchr(units, text[2]);
    if (unit == NULL)
        return false;
    *format = (struct arrow_format){FB_C_DATETIME,       2, fill_times, 8, true,
                                    scales[unit - units]};
    return true;
}

/* One or two digits. */
static bool
take_small(const char **at, int64_t *value)
{
    int digits = 0;

    for (*value = 0; digits < 2 && **at >= '0' && **at <= '9'; digits++)
        *value = *value * 10 + (*(*at)++ - '0');
    return digits > 0;
}

/* "d:19,10" or "d:19,10,128" */
static bool
parse_decimal(const char *text, struct arrow_format *format)
{
    int64_t precision, scale;

    if (strncmp(text, "d:", 2) != 0)
        return false;
    text += 2;
    if (!take_small(&text, &precision) || *text++ != ',' ||
        !take_small(&text, &scale) || precision > 38 || scale > precision)
        return false;
    if (*text != '\0' && strcmp(text, ",128") != 0)
        return false;
    *format = (struct arrow_format){scale > 0 ? FB_C_NUMBER : FB_C_INTEGER,
                                    2,
                                    fill_decimals,
                                    16,
                                    true,
                                    scale};
    return true;
}

int
arrow_format_parse(const char *text, struct arrow_format *format,
                   struct fb_error *err)
{
    if (text == NULL)
        text = "";
    for (size_t i = 0; i < ARRAY_SIZE(simple_formats); i++)
        if (strcmp(text, simple_formats[i].text) == 0) {
            *format = simple_formats[i].format;
            return 0;
        }
    if (parse_timestamp(text, format) || parse_decimal(text, format))
        return 0;
    (void)fb_fail(err, FB_E_INPUT, "its Arrow format '%.40s' is not supported",
                  text);
    return fb_hint(err, "cast the column to text in the query");
}

static int
check_array(const struct arrow_format *format, const struct ArrowArray *array,
            int64_t first, uint32_t rows, struct fb_error *err)
{
    if (array->dictionary != NULL)
        return fb_fail(err, FB_E_INPUT,
                       "its array is encoded by a dictionary, which is not "
                       "supported");
    if (array->n_buffers != format->buffers ||
        (array->n_buffers > 0 && array->buffers == NULL))
        return fb_fail(err, FB_E_INPUT,
                       "its array has %" PRId64 " buffers, not %" PRId64,
                       array->n_buffers, format->buffers);
    if (array->offset < 0 || array->offset > INT64_MAX / 2 ||
        first > array->length || rows > array->length - first)
        return fb_fail(err, FB_E_INPUT,
                       "its array has %" PRId64 " items, too few for %" PRIu32
                       " rows",
                       array->length, rows);
    for (int64_t i = 1; i < array->n_buffers && i < 2 && rows > 0; i++)
        if (array->buffers[i] == NULL)
            return fb_fail(err, FB_E_INPUT, "its array lacks a buffer");
    return 0;
}

int
arrow_cells(const struct arrow_format *format, const struct ArrowArray *array,
            int64_t first, uint32_t rows, struct arena *arena,
            struct fb_cell **cells, struct fb_error *err)
{
    struct fb_cell *made;

    if (check_array(format, array, first, rows, err) != 0)
        return -1;
    first += array->offset;
    made = arena_array(arena, rows, sizeof(*made));
    for (uint32_t r = 0; r < rows; r++) {
        made[r].ptr = (const unsigned char *)"";
        if (array->n_buffers > 0 && array->null_count != 0 &&
            !arrow_is_valid(array->buffers[0], first + r))
            made[r].flags = FB_CELL_NULL;
    }
    *cells = made;
    return format->fill(format, array, first, rows, made, arena, err);
}
