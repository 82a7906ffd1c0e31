/*
 * duckdb/duckdb.h: the steps of this plugin.
 */
#ifndef DUCKDB_DUCKDB_H
#define DUCKDB_DUCKDB_H

#include "forebay/plugin.h"

extern const struct fb_plugin duckdb_source; /* a query over tables */
extern const struct fb_plugin sql_transform; /* one over the inputs */
extern const struct fb_plugin parquet_source, parquet_sink; /* the format */

#endif
