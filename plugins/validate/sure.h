/*
 * sure.h: a quick look at a whole column that tells the cells that are surely
 * right from those that rule_judge must look at.  It may doubt a cell that is
 * right, never the other way round, and has nothing to say of what is wrong.
 */
#ifndef VALIDATE_SURE_H
#define VALIDATE_SURE_H

#include "rule.h"

/* A column of a batch; values is NULL for FB_C_STRING. */
struct sure_column {
    const struct fb_cell *cells;
    const struct fb_value *values;
    const uint64_t *selection;
    uint32_t rows;
};

/* doubts, FB_WORDS(rows) words, gets the selected rows to look at. */
void sure_doubts(const struct rule *rule, const struct sure_column *column,
                 uint64_t *doubts);

#endif
