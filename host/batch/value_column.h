/*
 * batch/value_column.h: the values of a whole column at once; each is what
 * value_parse gives.  Part of value.h, which states the rules.
 */
#ifndef BATCH_VALUE_COLUMN_H
#define BATCH_VALUE_COLUMN_H

#include "batch/column.h"

/* One value a row, all of them written: FB_V_NULL where the row is not
 * selected or its cell is FB_CELL_NULL. */
void value_parse_column(const struct fb_column *column,
                        const struct fb_cell *cells, uint32_t rows,
                        const uint64_t *selection, struct fb_value *values);

#endif
