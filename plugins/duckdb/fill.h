/*
 * duckdb/fill.h: rows of our batches in the engine's vectors.
 */
#ifndef DUCKDB_FILL_H
#define DUCKDB_FILL_H

#include "api.h"

/*
 * The engine's types: VARCHAR, BIGINT, DOUBLE, BOOLEAN, DATE, TIMESTAMP and
 * TIME, as a catalogue would have them.  A datetime is a moment in UTC.
 */
int fill_type_id(enum fb_column_type type);
const char *fill_type_name(enum fb_column_type type);

/* Which columns of a batch stand in which vectors of a chunk. */
struct fill {
    const struct duck *duck;
    const struct fb_column *columns; /* those of the batch */
    const uint32_t *from;            /* one a vector */
    uint32_t count;
};

/*
 * Put the selected rows from *row on into an empty chunk, as many as fit, and
 * move *row behind them.  A chunk that stays empty is the end.  FB_E_INPUT,
 * with line and column, for a cell that is not of its column's type.
 */
int fill_chunk(const struct fill *fill, struct fb_batch *batch, uint32_t *row,
               struct duck_chunk *chunk, struct fb_error *err) FB_MUST_CHECK;

#endif
