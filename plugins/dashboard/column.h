/*
 * column.h: what a column of a result is to a reader: words, numbers or
 * moments; by its type, and where it has none, by all of its kept cells.
 */
#ifndef DASHBOARD_COLUMN_H
#define DASHBOARD_COLUMN_H

#include "moment.h"
#include "result.h"

enum column_kind {
    COLUMN_TEXT = 1,
    COLUMN_NUMBER,
    COLUMN_MOMENT,
};

struct column {
    const char *name;
    const char *unit; /* "JPY"; NULL: none */
    enum column_kind kind;
    int decimals;          /* numbers: the most behind a point */
    enum moment_unit fine; /* moments: the finest */
};

/*
 * Look at a column; its cells' values are filled in where only their texts
 * said them.  Numbers that name things (ids, codes) are words.
 */
void column_read(struct column *column, const struct fb_column *described,
                 struct result *result, uint32_t index);

/* The name as people would write it: "total_amount" is "Total amount".
 * Other names stay as they are. */
void column_label(FILE *page, const struct column *column);
bool column_label_differs(const struct column *column);

#endif
