/*
 * duckdb/macros.h: functions that Trino (Athena) has and DuckDB has not, or
 * has with another meaning.  docs/queries.md lists them.
 */
#ifndef DUCKDB_MACROS_H
#define DUCKDB_MACROS_H

#include "engine.h"

/* today: CURRENT_DATE, in days since 1970-01-01. */
int macros_make(const struct engine *engine, int64_t today,
                struct fb_error *err) FB_MUST_CHECK;

#endif
