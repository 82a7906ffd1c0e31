/*
 * duckdb/duckdb.c: what this shared object holds.
 */
#include "duckdb.h"

FB_PROVIDES("source duckdb; transform sql");
FB_PLUGINS(&duckdb_source, &sql_transform);
