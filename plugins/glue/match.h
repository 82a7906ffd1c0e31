/*
 * match.h: whether what a step gives is what a table has: its columns by
 * name, and for Athena, which goes by their position, in which order.
 */
#ifndef GLUE_MATCH_H
#define GLUE_MATCH_H

#include "forebay/plugin.h"

/* FB_E_CONFIG naming the first column that one of both lacks, or, in formats
 * that keep types, whose type is another.  Both have known columns. */
int match_columns(const struct fb_table *table, const struct fb_input *input,
                  struct fb_error *err) FB_MUST_CHECK;

/* Which of the table's columns stands i-th in what the step gives, for those
 * of the files.  The caller frees it.  They match. */
uint32_t *match_order(const struct fb_table *table,
                      const struct fb_input *input);

/* Whether that is the order in which the table declares them. */
bool match_is_declared(const uint32_t *order, const struct fb_table *table);

#endif
