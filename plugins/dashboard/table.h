/*
 * table.h: the kept rows as a table that is whole without a script, and what
 * the script needs to sort, filter, turn pages and give the rows away as CSV.
 */
#ifndef DASHBOARD_TABLE_H
#define DASHBOARD_TABLE_H

#include "column.h"

struct table {
    const struct result *result;
    const struct column *columns;
    const struct fb_input *input;
    uint32_t number; /* of the section, for ids */
    uint32_t page_rows;
};

void table_draw(FILE *page, const struct table *table);

/* "12 rows", "First 1,000 of 12,345 rows", "No rows". */
void table_count(FILE *page, const struct result *result);

#endif
