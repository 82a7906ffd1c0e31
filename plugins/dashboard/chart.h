/*
 * chart.h: which picture a result gets, and drawing it as SVG.  Lengths
 * across are given in percent and texts in pixels, so that one drawing serves
 * a wide screen, a telephone and paper.
 */
#ifndef DASHBOARD_CHART_H
#define DASHBOARD_CHART_H

#include "column.h"

enum chart_kind {
    CHART_AUTO = 0,
    CHART_LINE,
    CHART_BAR,
    CHART_NONE,
};

#define CHART_MEASURES_MAX 4
#define CHART_NO_COLUMN UINT32_MAX

struct chart {
    enum chart_kind kind; /* never CHART_AUTO */
    uint32_t across;      /* moments or categories; CHART_NO_COLUMN: rows */
    uint32_t measure_count;
    uint32_t measures[CHART_MEASURES_MAX];
};

/* What a chart is made of. */
struct chart_data {
    const struct result *result;
    const struct column *columns;
    const char *title; /* of the result */
    uint32_t number;   /* of the section, for ids */
};

/* "line", "bar" or "none"; CHART_AUTO for any other word. */
enum chart_kind chart_kind_named(const char *name);

/*
 * Choose by the columns, or as wished.  Lines: rows in the order of a column
 * of moments, all others numbers.  Bars: words that are all different, and
 * the last column of numbers.  CHART_NONE also when what was wished cannot be
 * drawn.
 */
void chart_choose(struct chart *chart, const struct chart_data *data,
                  enum chart_kind wish);

/* A <figure>; nothing for CHART_NONE. */
void chart_draw(FILE *page, const struct chart *chart,
                const struct chart_data *data);

/* In line.c and bar.c: the <svg> of one measure.  `outside` is what
 * chart_line_outside says of all lines of the chart: pixels. */
int chart_line_outside(const struct chart *chart,
                       const struct chart_data *data);
void chart_line(FILE *page, const struct chart *chart,
                const struct chart_data *data, uint32_t measure, int outside);
void chart_bar(FILE *page, const struct chart *chart,
               const struct chart_data *data, uint32_t measure);

/* For these: the value of a cell that can be drawn, else NAN. */
double chart_value(const struct chart_data *data, uint32_t row,
                   uint32_t column);
/* What a row is called in the chart; a number of the data as it stands. */
void chart_category(FILE *page, const struct chart *chart,
                    const struct chart_data *data, uint32_t row,
                    unsigned width);
void chart_number(FILE *page, const struct chart_data *data, uint32_t row,
                  uint32_t column);

#endif
