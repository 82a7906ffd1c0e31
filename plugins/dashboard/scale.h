/*
 * scale.h: where the marks of an axis stand, and what they say.
 */
#ifndef DASHBOARD_SCALE_H
#define DASHBOARD_SCALE_H

#include "moment.h"
#include "number.h"

#define TICKS_MAX 12

struct tick {
    double value;
    char label[NUMBER_SIZE];
};

struct scale {
    double low, high; /* low < high */
    uint32_t count;
    struct tick ticks[TICKS_MAX];
};

/*
 * Round marks (1, 2 or 5 times a power of ten apart) over these values, which
 * are finite; the outermost are the ends of the axis.  whole: no marks between
 * integers.
 */
void scale_numbers(struct scale *scale, double low, double high, bool whole);

/* Marks at the calendar's own steps between two moments, which stay the ends
 * of the axis. */
void scale_moments(struct scale *scale, double low, double high,
                   enum moment_unit fine);

/* Where a value stands between the ends: 0 to 1. */
double scale_at(const struct scale *scale, double value);

#endif
