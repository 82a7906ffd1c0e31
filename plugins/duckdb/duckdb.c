/*
 * duckdb/duckdb.c: what this shared object holds.
 */
#include "duckdb.h"

FB_PROVIDES("source duckdb; transform sql; "
            "source parquet .parquet; sink parquet .parquet");
FB_PLUGINS(&duckdb_source, &sql_transform, &parquet_source, &parquet_sink);
