#include "scale.h"

#include <assert.h>
#include <math.h>

enum { STEPS_WANTED = 5, MOMENTS_MAX = 7 };

/* The least of 1, 2, 5, 10, 20, ... that is not below a size. */
static double
round_step(double size)
{
    double power = pow(10, floor(log10(size)));
    double times = size / power;

    if (times <= 1.0000001)
        return power;
    if (times <= 2.0000001)
        return 2 * power;
    return times <= 5.0000001 ? 5 * power : 10 * power;
}

static int
decimals_of(double step)
{
    int places = (int)-floor(log10(step) + 1e-9);

    return places > 0 ? places : 0;
}

void
scale_numbers(struct scale *scale, double low, double high, bool whole)
{
    double step, first, last, largest;

    assert(low <= high);
    if (high - low < fabs(high) * 1e-12 || high - low < 1e-300) {
        /* One value: from zero to it, or around zero. */
        low = low > 0 ? 0 : low;
        high = high < 0 ? 0 : high;
        if (high - low < 1e-300)
            high = 1;
    }
    step = round_step((high - low) / STEPS_WANTED);
    if (whole && step < 1)
        step = 1;
    first = floor(low / step + 1e-9);
    last = ceil(high / step - 1e-9);
    if (last <= first)
        last = first + 1;
    scale->low = first * step;
    scale->high = last * step;
    largest = fmax(fabs(scale->low), fabs(scale->high));
    scale->count = 0;
    while (scale->count < TICKS_MAX && first + scale->count < last + 0.5) {
        struct tick *tick = &scale->ticks[scale->count];

        tick->value = (first + scale->count++) * step;
        number_format(tick->value, largest, decimals_of(step), tick->label);
    }
}

/* Steps of a calendar: so many months, or so many seconds. */
struct stride {
    int months, seconds;
    enum moment_unit unit; /* of the labels */
};

static const struct stride strides[] = {
    {0, 60, MOMENT_SECOND},        {0, 300, MOMENT_SECOND},
    {0, 900, MOMENT_SECOND},       {0, 3600, MOMENT_SECOND},
    {0, 3 * 3600, MOMENT_SECOND},  {0, 6 * 3600, MOMENT_SECOND},
    {0, 12 * 3600, MOMENT_SECOND}, {0, 86400, MOMENT_DAY},
    {0, 2 * 86400, MOMENT_DAY},    {0, 7 * 86400, MOMENT_DAY},
    {0, 14 * 86400, MOMENT_DAY},   {1, 0, MOMENT_MONTH},
    {2, 0, MOMENT_MONTH},          {3, 0, MOMENT_MONTH},
    {6, 0, MOMENT_MONTH},          {12, 0, MOMENT_YEAR},
    {24, 0, MOMENT_YEAR},          {60, 0, MOMENT_YEAR},
    {120, 0, MOMENT_YEAR},         {240, 0, MOMENT_YEAR},
    {600, 0, MOMENT_YEAR},         {1200, 0, MOMENT_YEAR},
};

static int64_t
moment_of_month(int64_t month)
{
    int64_t year = (month >= 0 ? month : month - 11) / 12;

    return (int64_t)moment_of_date(year, (int)(month - year * 12) + 1, 1);
}

/* The first mark of this stride that is not before a moment. */
static int64_t
first_mark(const struct stride *stride, double low, int64_t *month)
{
    int64_t year;
    int of_year, day;

    *month = 0;
    if (stride->months == 0)
        return (int64_t)ceil(low / stride->seconds) * stride->seconds;
    moment_to_date((int64_t)floor(low / 86400), &year, &of_year, &day);
    *month = year * 12 + of_year - 1;
    while (*month % stride->months != 0 || moment_of_month(*month) < low)
        ++*month;
    return moment_of_month(*month);
}

static int64_t
next_mark(const struct stride *stride, int64_t mark, int64_t *month)
{
    if (stride->months == 0)
        return mark + stride->seconds;
    *month += stride->months;
    return moment_of_month(*month);
}

/* Fill in the marks; false when there are too many. */
static bool
try_stride(struct scale *scale, const struct stride *stride)
{
    int64_t month;
    int64_t mark = first_mark(stride, scale->low, &month);

    scale->count = 0;
    while ((double)mark <= scale->high) {
        struct tick *tick = &scale->ticks[scale->count];

        if (scale->count == MOMENTS_MAX)
            return false;
        tick->value = (double)mark;
        moment_format(tick->value, stride->unit, tick->label);
        scale->count++;
        mark = next_mark(stride, mark, &month);
    }
    return true;
}

void
scale_moments(struct scale *scale, double low, double high,
              enum moment_unit fine)
{
    assert(low <= high);
    scale->low = low;
    scale->high = high > low ? high : low + 1;
    for (size_t i = 0; i < sizeof(strides) / sizeof(strides[0]); i++) {
        /* A year of data by months has no marks at days. */
        if (strides[i].unit > fine)
            continue;
        if (try_stride(scale, &strides[i]) && scale->count > 0)
            return;
    }
    scale->count = 1;
    scale->ticks[0].value = low;
    moment_format(low, fine, scale->ticks[0].label);
}

double
scale_at(const struct scale *scale, double value)
{
    return (value - scale->low) / (scale->high - scale->low);
}
