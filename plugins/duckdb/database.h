/*
 * duckdb/database.h: the tables that the pipeline declares, as the queries of
 * one run see them: database.table, with names in lower case as in Athena.
 *
 * A table is a view of a function that pulls rows from the host's readers, in
 * the engine's threads and only the columns that a query asks for.  One that
 * is scanned more than once in the run is loaded into the engine first, so
 * that its files are read once.
 */
#ifndef DUCKDB_DATABASE_H
#define DUCKDB_DATABASE_H

#include "query.h"

struct database;

/*
 * The run's database (fb_shared), in open: the first step's options count.
 */
int database_get(struct fb_step *step, const struct engine_options *options,
                 struct database **database,
                 struct fb_error *err) FB_MUST_CHECK;

/* Prepare a query in open; what it scans is counted from now on. */
int database_prepare(struct database *database, struct fb_step *step,
                     const char *sql, struct query **query,
                     struct fb_error *err) FB_MUST_CHECK;

/*
 * Run it, when every query of the run is prepared.  query_next follows, by
 * way of database_next, which knows what went wrong in a table.
 */
int database_start(struct database *database, struct fb_step *step,
                   const char *sql, struct query **query,
                   struct fb_error *err) FB_MUST_CHECK;
int database_next(struct database *database, struct fb_step *step,
                  struct query *query, struct fb_batch **batch,
                  struct fb_error *err) FB_MUST_CHECK;

/*
 * In bind: the columns of a query over empty tables, named as the step's.
 * *known is false when that cannot be said: there is no library here, or a
 * table's columns show only in its data.  What is wrong all the same is told.
 */
int database_check(struct fb_step *step, const struct engine_options *options,
                   const char *sql, bool *known,
                   struct fb_error *err) FB_MUST_CHECK;

#endif
