/*
 * line.c: one measure over time, or over the rows in their order.
 */
#include <math.h>

#include "chart.h"
#include "html.h"
#include "scale.h"

/* Pixels downwards, percent across. */
enum { HEIGHT = 236, TOP = 22, BOTTOM = 206, LEFT = 10, SPAN = 87 };
enum {
    POINTS_MAX = 60,  /* more would be a rope */
    LABELLED_MAX = 8, /* rows that are marked each by its own text */
    LABEL_WIDTH = 12,
    NEAR_MAX = 3, /* characters of a value that LEFT has room for */
    FAR = 36,     /* pixels that longer ones get besides; as in page.css */
};

struct line {
    const struct chart *chart;
    const struct chart_data *data;
    uint32_t column; /* the measure */
    struct scale across, up;
    int outside; /* pixels of the values' labels left of the drawing */
    uint32_t first, last, least, most; /* rows with values */
    uint32_t points;
};

static double
across_of(const struct line *line, uint32_t row)
{
    uint32_t column = line->chart->across;

    if (column == CHART_NO_COLUMN ||
        line->data->columns[column].kind != COLUMN_MOMENT)
        return row;
    return chart_value(line->data, row, column);
}

/* Percent from the left. */
static double
x_of(const struct line *line, double across)
{
    return LEFT + SPAN * scale_at(&line->across, across);
}

static double
y_of(const struct line *line, double value)
{
    return BOTTOM - (BOTTOM - TOP) * scale_at(&line->up, value);
}

/* Find the rows that the text alternative names. */
static void
survey(struct line *line)
{
    for (uint32_t row = 0; row < line->data->result->rows; row++) {
        double value = chart_value(line->data, row, line->column);

        if (isnan(value))
            continue;
        if (line->points++ == 0)
            line->first = line->least = line->most = row;
        line->last = row;
        if (value < chart_value(line->data, line->least, line->column))
            line->least = row;
        if (value > chart_value(line->data, line->most, line->column))
            line->most = row;
    }
}

/* The axis begins with zero unless that would hide what changes. */
static void
set_scales(struct line *line)
{
    double low = chart_value(line->data, line->least, line->column);
    double high = chart_value(line->data, line->most, line->column);
    double a = across_of(line, 0);
    double z = across_of(line, line->data->result->rows - 1);
    uint32_t column = line->chart->across;

    if (low > 0 && low < 0.7 * high)
        low = 0;
    scale_numbers(&line->up, low, high,
                  line->data->columns[line->column].decimals == 0 &&
                      low == floor(low) && high == floor(high));
    scale_moments(&line->across, fmin(a, z), fmax(a, z),
                  column == CHART_NO_COLUMN ||
                          line->data->columns[column].kind != COLUMN_MOMENT
                      ? MOMENT_SECOND
                      : line->data->columns[column].fine);
}

static struct line
make_line(const struct chart *chart, const struct chart_data *data,
          uint32_t measure)
{
    struct line line = {
        .chart = chart, .data = data, .column = chart->measures[measure]};

    survey(&line);
    set_scales(&line);
    return line;
}

/* On a telephone percents are too few pixels for a long label.  Lines below
 * each other get the same room, so that their marks are, too. */
int
chart_line_outside(const struct chart *chart, const struct chart_data *data)
{
    for (uint32_t measure = 0; measure < chart->measure_count; measure++) {
        const struct line line = make_line(chart, data, measure);

        for (uint32_t i = 0; i < line.up.count; i++)
            if (strlen(line.up.ticks[i].label) > NEAR_MAX)
                return FAR;
    }
    return 0;
}

static void
say_point(FILE *page, const struct line *line, uint32_t row)
{
    chart_number(page, line->data, row, line->column);
    fputs(" at ", page);
    chart_category(page, line->chart, line->data, row, 40);
}

static void
describe(FILE *page, const struct line *line)
{
    const struct chart_data *data = line->data;
    unsigned n = data->number;

    fprintf(page, "<title id=\"t%u-%u\">", n, line->column);
    html_string(page, data->title);
    fputs(": ", page);
    column_label(page, &data->columns[line->column]);
    fputs(" as a line", page);
    if (line->chart->across != CHART_NO_COLUMN) {
        fputs(" by ", page);
        column_label(page, &data->columns[line->chart->across]);
    }
    fprintf(page, "</title>\n<desc id=\"d%u-%u\">%u points, from ", n,
            line->column, line->points);
    say_point(page, line, line->first);
    fputs(" to ", page);
    say_point(page, line, line->last);
    fputs("; lowest ", page);
    say_point(page, line, line->least);
    fputs(", highest ", page);
    say_point(page, line, line->most);
    fputs(". The table has every number.</desc>\n", page);
}

static void
draw_values_axis(FILE *page, const struct line *line)
{
    for (uint32_t i = 0; i < line->up.count; i++) {
        const struct tick *tick = &line->up.ticks[i];
        double y = y_of(line, tick->value);

        fprintf(page,
                "<line class=\"%s\" x1=\"%d\" x2=\"100%%\" y1=\"%.1f\" "
                "y2=\"%.1f\"/><text class=\"tick\" x=\"%d\" y=\"%.1f\">%s"
                "</text>\n",
                tick->value == 0 ? "zero" : "grid", -line->outside, y, y,
                -line->outside, y - 5, tick->label);
    }
}

/* Every second mark is left out where there is no room, and one at the right
 * edge stands before it. */
static void
begin_mark(FILE *page, double x, unsigned index)
{
    bool at_edge = x > 93;

    fprintf(page,
            "<text class=\"tick%s\" x=\"%.2f%%\" y=\"%d\" "
            "text-anchor=\"%s\">",
            index % 2 == 1 ? " odd" : "", at_edge ? 100 : x, BOTTOM + 20,
            at_edge ? "end" : "middle");
}

static void
draw_marks_of_rows(FILE *page, const struct line *line)
{
    uint32_t rows = line->data->result->rows;
    uint32_t stride = (rows + LABELLED_MAX - 1) / LABELLED_MAX;

    for (uint32_t row = 0; row < rows; row += stride) {
        begin_mark(page, x_of(line, across_of(line, row)), row / stride);
        chart_category(page, line->chart, line->data, row, LABEL_WIDTH);
        fputs("</text>\n", page);
    }
}

static void
draw_marks(FILE *page, const struct line *line)
{
    uint32_t column = line->chart->across;

    if (line->data->result->rows <= LABELLED_MAX || column == CHART_NO_COLUMN ||
        line->data->columns[column].kind != COLUMN_MOMENT) {
        draw_marks_of_rows(page, line);
        return;
    }
    for (uint32_t i = 0; i < line->across.count; i++) {
        begin_mark(page, x_of(line, line->across.ticks[i].value), i);
        fprintf(page, "%s</text>\n", line->across.ticks[i].label);
    }
}

/* A line for each stretch without a gap.  It is stretched to the width there
 * is, while its thickness and the texts around it are not. */
static void
draw_curve(FILE *page, const struct line *line)
{
    bool open = false;

    fprintf(page,
            "<svg x=\"%d%%\" y=\"0\" width=\"%d%%\" height=\"%d\" "
            "viewBox=\"0 0 1000 %d\" preserveAspectRatio=\"none\" "
            "overflow=\"visible\">\n",
            LEFT, SPAN, HEIGHT, HEIGHT);
    for (uint32_t row = 0; row < line->data->result->rows; row++) {
        double value = chart_value(line->data, row, line->column);

        if (isnan(value)) {
            fputs(open ? "\"/>\n" : "", page);
            open = false;
            continue;
        }
        fputs(open ? " " : "<polyline class=\"curve\" points=\"", page);
        open = true;
        fprintf(page, "%.1f,%.1f",
                1000 * scale_at(&line->across, across_of(line, row)),
                y_of(line, value));
    }
    fputs(open ? "\"/>\n</svg>\n" : "</svg>\n", page);
}

static void
draw_points(FILE *page, const struct line *line)
{
    for (uint32_t row = 0; row < line->data->result->rows; row++) {
        double value = chart_value(line->data, row, line->column);

        if (isnan(value))
            continue;
        fprintf(page,
                "<circle class=\"point\" cx=\"%.2f%%\" cy=\"%.1f\" "
                "r=\"3.5\"><title>",
                x_of(line, across_of(line, row)), y_of(line, value));
        chart_category(page, line->chart, line->data, row, 40);
        fputs(": ", page);
        chart_number(page, line->data, row, line->column);
        fputs("</title></circle>\n", page);
    }
}

void
chart_line(FILE *page, const struct chart *chart, const struct chart_data *data,
           uint32_t measure, int outside)
{
    struct line line = make_line(chart, data, measure);

    line.outside = outside;
    fprintf(page,
            "<svg class=\"chart%s\" width=\"100%%\" height=\"%d\" role=\"img\" "
            "aria-labelledby=\"t%u-%u\" aria-describedby=\"d%u-%u\">\n",
            line.outside > 0 ? " far" : "", HEIGHT, data->number, line.column,
            data->number, line.column);
    describe(page, &line);
    draw_values_axis(page, &line);
    draw_marks(page, &line);
    draw_curve(page, &line);
    if (line.points <= POINTS_MAX)
        draw_points(page, &line);
    fputs("</svg>\n", page);
}
