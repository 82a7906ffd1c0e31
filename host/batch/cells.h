/*
 * batch/cells.h: the cells of one column, as plugins see them, out of a block
 * or out of cells that a step gave.  What is missing is decided here.
 */
#ifndef BATCH_CELLS_H
#define BATCH_CELLS_H

#include "batch/block.h"
#include "batch/hold.h"

/* Fill cells[0 .. block->rows); texts that stand nowhere as they read (with
 * doubled quotes) are made in memory of *hold, the others stay the block's. */
void cells_of_block(struct fb_cell *cells, const struct block *block,
                    uint32_t column, const struct fb_list *missing,
                    struct hold **hold);

/*
 * Fill cells[0 .. rows) from those given.  A cell's text alone decides what a
 * reader of the output sees, so a NULL without text takes the text that means
 * NULL in this stream.
 */
void cells_of_given(struct fb_cell *cells, const struct fb_cell *given,
                    uint32_t rows, const struct fb_list *missing);

#endif
