/*
 * duckdb/intake.h: batches into a table of the engine, in their order; what
 * does not fit into its memory goes to disk.
 */
#ifndef DUCKDB_INTAKE_H
#define DUCKDB_INTAKE_H

#include "engine.h"

struct intake;

/* Into "schema"."table", which is there and has these columns, which outlive
 * the intake. */
int intake_open(const struct engine *engine, const char *schema,
                const char *table, const struct fb_column *columns,
                uint32_t count, struct intake **intake,
                struct fb_error *err) FB_MUST_CHECK;
/* The batch stays the caller's. */
int intake_put(struct intake *intake, struct fb_batch *batch,
               struct fb_error *err) FB_MUST_CHECK;
/* From now on queries see all of it. */
int intake_end(struct intake *intake, struct fb_error *err) FB_MUST_CHECK;
void intake_free(struct intake *intake); /* NULL is fine; before the engine */

#endif
