/*
 * cells.h: cells that Athena's readers of texts would tear apart: they cut
 * lines before they look at quotes, and take U+0001 for an escape, as we tell
 * them so that a backslash is none.
 */
#ifndef GLUE_CELLS_H
#define GLUE_CELLS_H

#include "forebay/plugin.h"

/* FB_E_INPUT naming table, line and column of the first such cell of a batch
 * that comes from this input. */
int cells_check(struct fb_batch *batch, const struct fb_input *input,
                const struct fb_table *table,
                struct fb_error *err) FB_MUST_CHECK;

#endif
