/*
 * batch/slot.h: one column of a batch: a column of the block or cells that
 * a step gave, turned into cells and values when somebody asks.
 */
#ifndef BATCH_SLOT_H
#define BATCH_SLOT_H

#include "batch/block.h"
#include "batch/column.h"
#include "batch/hold.h"

struct slot {
    uint32_t from;                 /* a column of the block, or FB_NEW */
    const struct fb_cell *given;   /* with FB_NEW: cells as they were given */
    const struct fb_cell *cells;   /* NULL until asked for */
    const struct fb_value *values; /* NULL until asked for */
};

/* Fill slot->cells.  `block` may be NULL when slot->from is FB_NEW. */
void slot_make_cells(struct slot *slot, const struct block *block,
                     uint32_t rows, const struct fb_list *missing,
                     struct hold **hold);

/* Fill slot->values from slot->cells; rows that are not selected are left
 * FB_V_NULL. */
void slot_make_values(struct slot *slot, const struct fb_column *column,
                      uint32_t rows, const uint64_t *selection,
                      struct hold **hold);

/* Forget what was made for other rules of missing values or another type. */
void slot_reuse(struct slot *slot, const struct columns *before,
                const struct fb_column *column_before,
                const struct columns *after,
                const struct fb_column *column_after);

#endif
