/*
 * bar.c: one measure by category, as bars that lie, so that their names have
 * room.  Name and number stand on a line of their own above each bar.
 */
#include <math.h>
#include <stdlib.h>

#include "chart.h"
#include "html.h"
#include "scale.h"

enum {
    BARS_MAX = 15,
    PITCH = 36, /* pixels from one bar to the next */
    THICK = 10,
    BASELINE = 14, /* of the name, from the top of a bar's share */
    BAR_TOP = 21,
    AXIS = 24, /* pixels for the marks below */
    NAME_WIDTH = 26,
};

struct bars {
    const struct chart *chart;
    const struct chart_data *data;
    uint32_t column; /* the measure */
    struct scale scale;
    uint32_t *rows; /* those with a value, in the order they are drawn */
    uint32_t count, all;
};

struct sized {
    uint32_t row;
    double size;
};

static int
larger_first(const void *a, const void *b)
{
    const struct sized *x = a, *y = b;

    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return (x->row > y->row) - (x->row < y->row);
}

/* All rows in their order; when they are too many, the largest. */
static bool
pick(struct bars *bars)
{
    uint32_t rows = bars->data->result->rows;
    struct sized *sized = calloc(rows, sizeof(*sized));

    bars->rows = calloc(BARS_MAX, sizeof(*bars->rows));
    if (sized == NULL || bars->rows == NULL) {
        free(sized);
        return false;
    }
    for (uint32_t row = 0; row < rows; row++) {
        double value = chart_value(bars->data, row, bars->column);

        if (!isnan(value))
            sized[bars->all++] = (struct sized){row, fabs(value)};
    }
    if (bars->all > BARS_MAX)
        qsort(sized, bars->all, sizeof(*sized), larger_first);
    bars->count = bars->all < BARS_MAX ? bars->all : BARS_MAX;
    for (uint32_t i = 0; i < bars->count; i++)
        bars->rows[i] = sized[i].row;
    free(sized);
    return true;
}

static double
value_at(const struct bars *bars, uint32_t i)
{
    return chart_value(bars->data, bars->rows[i], bars->column);
}

static void
survey(struct bars *bars, uint32_t *least, uint32_t *most)
{
    *least = *most = 0;
    for (uint32_t i = 1; i < bars->count; i++) {
        if (value_at(bars, i) < value_at(bars, *least))
            *least = i;
        if (value_at(bars, i) > value_at(bars, *most))
            *most = i;
    }
    /* A bar is as long as its number is large: the axis has a zero. */
    scale_numbers(&bars->scale, fmin(0, value_at(bars, *least)),
                  fmax(0, value_at(bars, *most)),
                  bars->data->columns[bars->column].decimals == 0);
}

static void
say_bar(FILE *page, const struct bars *bars, uint32_t i)
{
    chart_category(page, bars->chart, bars->data, bars->rows[i], 40);
    fputs(", ", page);
    chart_number(page, bars->data, bars->rows[i], bars->column);
}

static void
describe(FILE *page, const struct bars *bars, uint32_t least, uint32_t most)
{
    const struct chart_data *data = bars->data;

    fprintf(page, "<title id=\"t%u-%u\">", data->number, bars->column);
    html_string(page, data->title);
    fputs(": ", page);
    column_label(page, &data->columns[bars->column]);
    fputs(" as bars", page);
    if (bars->chart->across != CHART_NO_COLUMN) {
        fputs(" by ", page);
        column_label(page, &data->columns[bars->chart->across]);
    }
    fprintf(page,
            "</title>\n<desc id=\"d%u-%u\">%u bars; largest: ", data->number,
            bars->column, bars->count);
    say_bar(page, bars, most);
    fputs("; smallest: ", page);
    say_bar(page, bars, least);
    fputs(". The table has every number.</desc>\n", page);
}

static void
draw_axis(FILE *page, const struct bars *bars, unsigned height)
{
    for (uint32_t i = 0; i < bars->scale.count; i++) {
        const struct tick *tick = &bars->scale.ticks[i];
        double x = 100 * scale_at(&bars->scale, tick->value);
        const char *anchor = x < 1 ? "start" : x > 99 ? "end" : "middle";

        fprintf(page,
                "<line class=\"%s\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" "
                "y2=\"%u\"/><text class=\"tick%s\" x=\"%.2f%%\" y=\"%u\" "
                "text-anchor=\"%s\">%s</text>\n",
                tick->value == 0 ? "zero" : "grid", x, x, height + 4,
                i % 2 == 1 ? " odd" : "", x, height + 19, anchor, tick->label);
    }
}

static void
draw_texts(FILE *page, const struct bars *bars, uint32_t i)
{
    unsigned baseline = i * PITCH + BASELINE;

    fprintf(page, "<text class=\"name\" x=\"0\" y=\"%u\">", baseline);
    chart_category(page, bars->chart, bars->data, bars->rows[i], NAME_WIDTH);
    fprintf(page,
            "</text><text class=\"value\" x=\"100%%\" y=\"%u\" "
            "text-anchor=\"end\">",
            baseline);
    chart_number(page, bars->data, bars->rows[i], bars->column);
    fputs("</text>\n", page);
}

static void
draw_bar(FILE *page, const struct bars *bars, uint32_t i)
{
    double zero = scale_at(&bars->scale, 0);
    double end = scale_at(&bars->scale, value_at(bars, i));
    unsigned top = i * PITCH + BAR_TOP;

    fprintf(page,
            "<rect class=\"track\" x=\"0\" y=\"%u\" width=\"100%%\" "
            "height=\"%d\" rx=\"2\"/>\n<rect class=\"bar\" x=\"%.2f%%\" "
            "y=\"%u\" width=\"%.2f%%\" height=\"%d\" rx=\"2\"><title>",
            top, THICK, 100 * fmin(zero, end), top, 100 * fabs(end - zero),
            THICK);
    say_bar(page, bars, i);
    fputs("</title></rect>\n", page);
}

static void
draw(FILE *page, struct bars *bars)
{
    unsigned number = bars->data->number;
    unsigned height = bars->count * PITCH;
    uint32_t least, most;

    survey(bars, &least, &most);
    if (bars->count < bars->all) {
        fprintf(page, "<p class=\"note\">The %u largest of %s", bars->count,
                bars->data->result->arrived > bars->data->result->rows
                    ? "the first "
                    : "");
        number_count(page, bars->all);
        fputs(".</p>\n", page);
    }
    fprintf(page,
            "<svg class=\"chart\" width=\"100%%\" height=\"%u\" role=\"img\" "
            "aria-labelledby=\"t%u-%u\" aria-describedby=\"d%u-%u\">\n",
            height + AXIS, number, bars->column, number, bars->column);
    describe(page, bars, least, most);
    for (uint32_t i = 0; i < bars->count; i++)
        draw_bar(page, bars, i);
    draw_axis(page, bars, height);
    for (uint32_t i = 0; i < bars->count; i++)
        draw_texts(page, bars, i);
    fputs("</svg>\n", page);
}

void
chart_bar(FILE *page, const struct chart *chart, const struct chart_data *data,
          uint32_t measure)
{
    struct bars bars = {
        .chart = chart, .data = data, .column = chart->measures[measure]};

    if (pick(&bars))
        draw(page, &bars);
    free(bars.rows);
}
