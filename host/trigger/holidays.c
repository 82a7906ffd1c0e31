/*
 * trigger/holidays.c: reading a holidays file.  Not the CSV reader: only the
 * first column matters, and it is never quoted across lines.
 */
#include "trigger/holidays.h"

#include <assert.h>
#include <stdlib.h>

#include "util/buf.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/file.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

struct reading {
    struct arena *arena;
    struct problems *problems;
    struct place place; /* of the line */
    int64_t *days;
    size_t count, capacity;
    bool failed;
};

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* One to `most` digits; false when there are none. */
static bool
take_number(const char **text, const char *end, int most, int *number)
{
    const char *p = *text;

    for (*number = 0; p < end && is_digit(*p) && p - *text < most; p++)
        *number = *number * 10 + (*p - '0');
    if (p == *text)
        return false;
    *text = p;
    return true;
}

static bool
parse_day(const char *text, size_t length, int64_t *day)
{
    const char *p = text, *end = text + length;
    int year, month, of_month;
    char separator, written[40];

    if (length > 4 && text[4] == '-')
        return clock_parse_date(text, length, day);
    if (!take_number(&p, end, 4, &year) || p - text != 4 || p == end)
        return false;
    separator = *p++;
    if (separator != '/' || !take_number(&p, end, 2, &month) || p == end ||
        *p++ != separator || !take_number(&p, end, 2, &of_month) || p != end)
        return false;
    /* Let the one who knows the calendar judge whether it exists. */
    snprintf(written, sizeof(written), "%04d-%02d-%02d", year, month, of_month);
    return clock_parse_date(written, 10, day);
}

/* The first cell, without quotes and outer spaces. */
static void
first_cell(const char **text, size_t *length)
{
    const char *p = *text, *end = p + *length;

    for (const char *q = p; q < end; q++) {
        if (*q == ',' || *q == ';' || *q == '\t') {
            end = q;
            break;
        }
    }
    while (p < end && (*p == ' ' || *p == '"'))
        p++;
    while (end > p && (end[-1] == ' ' || end[-1] == '"' || end[-1] == '\r'))
        end--;
    *text = p;
    *length = (size_t)(end - p);
}

static void
keep_day(struct reading *r, int64_t day)
{
    if (r->count == r->capacity) {
        r->capacity = r->capacity == 0 ? 256 : r->capacity * 2;
        r->days = mem_regrow(r->days, r->capacity, sizeof(*r->days));
    }
    r->days[r->count++] = day;
}

static void
read_line(struct reading *r, const char *line, size_t length)
{
    int64_t day;

    if (length > 0 && line[0] == '#')
        return;
    first_cell(&line, &length);
    if (length == 0 || (r->place.line == 1 && !is_digit(line[0])))
        return;
    if (parse_day(line, length, &day)) {
        keep_day(r, day);
        return;
    }
    r->failed = true;
    problems_add(r->problems, r->place,
                 "write 2025-05-05 or 2025/5/5; anything may follow a comma",
                 "'%s' is not a date", text_escape(r->arena, line, length, 40));
}

static void
read_lines(struct reading *r, const char *text, size_t size)
{
    const char *end = text + size;

    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        text += 3;
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));

        if (stop == NULL)
            stop = end;
        r->place.line++;
        read_line(r, text, (size_t)(stop - text));
        text = stop + 1;
    }
}

static int
compare_days(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

bool
holidays_read(struct arena *arena, const char *path, struct place place,
              struct problems *problems, struct holidays *holidays)
{
    struct reading r = {.arena = arena, .problems = problems};
    struct fb_error err = {.code = FB_E_NONE};
    AUTO_BUF struct buf text;
    int64_t *days;

    *holidays = (struct holidays){.count = 0};
    buf_init(&text, HOLIDAYS_SIZE_MAX);
    if (file_read(path, &text, &err) != 0) {
        fb_hint(&err, "a text with one date a line; the path counts from the "
                      "pipeline's folder");
        problems_add_error(problems, place, &err);
        return false;
    }
    r.place = (struct place){.file = path, .column = 1};
    read_lines(&r, buf_text(&text), text.size);
    days = arena_array(arena, r.count, sizeof(*days));
    if (r.count > 0) {
        memcpy(days, r.days, r.count * sizeof(*days));
        qsort(days, r.count, sizeof(*days), compare_days);
    }
    free(r.days);
    *holidays = (struct holidays){.days = days, .count = r.count};
    return !r.failed;
}

bool
holidays_has(const struct holidays *holidays, int64_t day)
{
    return holidays->count > 0 && bsearch(&day, holidays->days, holidays->count,
                                          sizeof(day), compare_days) != NULL;
}
