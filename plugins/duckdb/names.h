/*
 * duckdb/names.h: schemas and tables of the engine, as queries name them.
 */
#ifndef DUCKDB_NAMES_H
#define DUCKDB_NAMES_H

#include "engine.h"

/*
 * Make the schema "database" and, below it, a table of these columns without
 * rows, or a view of what `view` says (no columns then).  "default" is what a
 * name without a database means, too.  fold: column names in lower case.
 */
int names_make_table(const struct engine *engine, const char *database,
                     const char *table, const struct fb_column *columns,
                     uint32_t count, bool fold,
                     struct fb_error *err) FB_MUST_CHECK;
int names_make_view(const struct engine *engine, const char *database,
                    const char *table, const char *view,
                    struct fb_error *err) FB_MUST_CHECK;

#endif
