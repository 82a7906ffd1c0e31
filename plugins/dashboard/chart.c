#include "chart.h"

#include <math.h>
#include <stdlib.h>

#include "html.h"
#include "number.h"

enum { BARS_MIN = 2, POINTS_MIN = 2 };

enum chart_kind
chart_kind_named(const char *name)
{
    if (strcmp(name, "line") == 0)
        return CHART_LINE;
    if (strcmp(name, "bar") == 0)
        return CHART_BAR;
    return strcmp(name, "none") == 0 ? CHART_NONE : CHART_AUTO;
}

/* The first column of a kind; CHART_NO_COLUMN when there is none. */
static uint32_t
first_of(const struct chart_data *data, enum column_kind kind)
{
    for (uint32_t c = 0; c < data->result->columns; c++)
        if (data->columns[c].kind == kind)
            return c;
    return CHART_NO_COLUMN;
}

static void
add_measure(struct chart *chart, uint32_t column)
{
    if (column != CHART_NO_COLUMN && chart->measure_count < CHART_MEASURES_MAX)
        chart->measures[chart->measure_count++] = column;
}

static void
add_measures(struct chart *chart, const struct chart_data *data)
{
    for (uint32_t c = 0; c < data->result->columns; c++)
        if (data->columns[c].kind == COLUMN_NUMBER)
            add_measure(chart, c);
}

/* Queries name what they group by, what they count, and at last what they are
 * about. */
static uint32_t
last_number(const struct chart_data *data)
{
    for (uint32_t c = data->result->columns; c-- > 0;)
        if (data->columns[c].kind == COLUMN_NUMBER)
            return c;
    return CHART_NO_COLUMN;
}

/* Whether the rows go one way in time, each at a moment of its own. */
static bool
is_in_order(const struct chart_data *data, uint32_t column)
{
    bool up = true, down = true;
    double before = NAN;

    for (uint32_t row = 0; row < data->result->rows; row++) {
        double value = chart_value(data, row, column);

        if (isnan(value))
            return false;
        up = up && !(value <= before);
        down = down && !(value >= before);
        before = value;
    }
    return up || down;
}

/* A list of things has words; a series has none. */
static bool
is_series(const struct chart_data *data, uint32_t moments)
{
    return moments != CHART_NO_COLUMN && data->result->rows >= POINTS_MIN &&
           first_of(data, COLUMN_TEXT) == CHART_NO_COLUMN &&
           is_in_order(data, moments);
}

struct word {
    const unsigned char *text;
    uint32_t len;
};

static int
compare_words(const void *a, const void *b)
{
    const struct word *x = a, *y = b;
    uint32_t len = x->len < y->len ? x->len : y->len;
    int order = len > 0 ? memcmp(x->text, y->text, len) : 0;

    return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

static bool
are_different(const struct chart_data *data, uint32_t column)
{
    const struct result *result = data->result;
    struct word *words = calloc(result->rows, sizeof(*words));
    bool different = words != NULL;

    if (words == NULL)
        return false;
    for (uint32_t row = 0; row < result->rows; row++) {
        const struct cell *cell = result_cell(result, row, column);

        words[row] = (struct word){result_text(result, cell), cell->len};
    }
    qsort(words, result->rows, sizeof(*words), compare_words);
    for (uint32_t row = 1; row < result->rows && different; row++)
        different = compare_words(&words[row - 1], &words[row]) != 0;
    free(words);
    return different;
}

/* The first column of words that tells the rows apart. */
static uint32_t
find_category(const struct chart_data *data)
{
    for (uint32_t c = 0; c < data->result->columns; c++)
        if (data->columns[c].kind == COLUMN_TEXT && are_different(data, c))
            return c;
    return CHART_NO_COLUMN;
}

static void
choose_line(struct chart *chart, const struct chart_data *data)
{
    chart->kind = CHART_LINE;
    chart->across = first_of(data, COLUMN_MOMENT);
    if (chart->across != CHART_NO_COLUMN && !is_in_order(data, chart->across))
        chart->across = CHART_NO_COLUMN;
    if (chart->across == CHART_NO_COLUMN)
        chart->across = first_of(data, COLUMN_TEXT);
    add_measures(chart, data);
}

static void
choose_bar(struct chart *chart, const struct chart_data *data)
{
    chart->kind = CHART_BAR;
    chart->across = find_category(data);
    if (chart->across == CHART_NO_COLUMN)
        chart->across = first_of(data, COLUMN_TEXT);
    if (chart->across == CHART_NO_COLUMN)
        chart->across = first_of(data, COLUMN_MOMENT);
    add_measure(chart, last_number(data));
}

static void
choose(struct chart *chart, const struct chart_data *data)
{
    if (is_series(data, first_of(data, COLUMN_MOMENT)))
        choose_line(chart, data);
    else if (data->result->rows >= BARS_MIN &&
             find_category(data) != CHART_NO_COLUMN)
        choose_bar(chart, data);
}

/* A measure without a single value cannot be drawn. */
static void
drop_empty_measures(struct chart *chart, const struct chart_data *data)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < chart->measure_count; i++)
        for (uint32_t row = 0; row < data->result->rows; row++)
            if (!isnan(chart_value(data, row, chart->measures[i]))) {
                chart->measures[kept++] = chart->measures[i];
                break;
            }
    chart->measure_count = kept;
    if (kept == 0)
        chart->kind = CHART_NONE;
}

void
chart_choose(struct chart *chart, const struct chart_data *data,
             enum chart_kind wish)
{
    *chart = (struct chart){.kind = CHART_NONE};
    if (data->result->rows == 0)
        return;
    switch (wish) {
    case CHART_LINE:
        choose_line(chart, data);
        break;
    case CHART_BAR:
        choose_bar(chart, data);
        break;
    case CHART_AUTO:
        choose(chart, data);
        break;
    case CHART_NONE:
        return;
    }
    drop_empty_measures(chart, data);
}

double
chart_value(const struct chart_data *data, uint32_t row, uint32_t column)
{
    double value = result_cell(data->result, row, column)->value;

    /* What is larger cannot be told apart in a picture, and would overflow. */
    return fabs(value) < 1e300 ? value : NAN;
}

void
chart_category(FILE *page, const struct chart *chart,
               const struct chart_data *data, uint32_t row, unsigned width)
{
    const struct cell *cell;

    if (chart->across == CHART_NO_COLUMN) {
        fprintf(page, "%u", row + 1);
        return;
    }
    cell = result_cell(data->result, row, chart->across);
    if (cell->len == 0)
        fputs("\xe2\x80\x93", page); /* a dash */
    html_label(page, result_text(data->result, cell), cell->len, width);
}

void
chart_number(FILE *page, const struct chart_data *data, uint32_t row,
             uint32_t column)
{
    const struct cell *cell = result_cell(data->result, row, column);
    const unsigned char *text = result_text(data->result, cell);
    double value;
    int decimals;

    if (number_parse(text, cell->len, &value, &decimals))
        number_group(page, text, cell->len);
    else
        html_label(page, text, cell->len, 24);
    if (data->columns[column].unit != NULL) {
        fputc(' ', page);
        html_string(page, data->columns[column].unit);
    }
}

static void
draw_heading(FILE *page, const struct column *column)
{
    fputs("<p class=\"measure\">", page);
    column_label(page, column);
    if (column->unit != NULL) {
        fputs(" <span class=\"unit\">", page);
        html_string(page, column->unit);
        fputs("</span>", page);
    }
    fputs("</p>\n", page);
}

void
chart_draw(FILE *page, const struct chart *chart, const struct chart_data *data)
{
    int outside = 0;

    if (chart->kind == CHART_NONE)
        return;
    if (chart->kind == CHART_LINE)
        outside = chart_line_outside(chart, data);
    fprintf(page, "<figure class=\"%s\">\n",
            chart->kind == CHART_LINE ? "lines" : "bars");
    for (uint32_t i = 0; i < chart->measure_count; i++) {
        draw_heading(page, &data->columns[chart->measures[i]]);
        if (chart->kind == CHART_LINE)
            chart_line(page, chart, data, i, outside);
        else
            chart_bar(page, chart, data, i);
    }
    fputs("</figure>\n", page);
}
