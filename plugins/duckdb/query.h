/*
 * duckdb/query.h: one query that a user wrote, from text to batches.  It may
 * only read: a single SELECT.
 */
#ifndef DUCKDB_QUERY_H
#define DUCKDB_QUERY_H

#include "engine.h"
#include "fault.h"

struct query;

/*
 * Look at a query without running it, on a connection of its own.  When it is
 * wrong, -1 with *fault saying so; the caller knows where the query stands.
 */
int query_prepare(const struct engine *engine, const char *sql,
                  struct query **query, struct fault *fault) FB_MUST_CHECK;
void query_free(struct query *query); /* NULL is fine; also while it runs */

/* The columns that it gives; 0: a type that we have not. */
uint32_t query_column_count(const struct query *query);
const char *query_column_name(const struct query *query, uint32_t index);
enum fb_column_type query_column_type(const struct query *query,
                                      uint32_t index);

/*
 * Run it, from its first batch to NULL, which is the end.  A step that is
 * cancelled stops it within a moment.  Memory is a chunk's, whatever the
 * size of the result.
 */
int query_start(struct query *query, struct fb_step *step,
                struct fb_error *err) FB_MUST_CHECK;
int query_next(struct query *query, struct fb_step *step,
               struct fb_batch **batch, struct fb_error *err) FB_MUST_CHECK;

/*
 * For all steps on an engine that a user gives a query: name the query's
 * columns as those of the step, in bind or open.  FB_E_CONFIG for a type that
 * we have not, and for two columns of one name.
 */
int query_name_columns(const struct query *query, struct fb_step *step,
                       struct fb_error *err) FB_MUST_CHECK;

/* Refuse the option 'query' for what *fault says. */
int query_refuse(struct fb_step *step, const char *sql,
                 const struct fault *fault, struct fb_error *err);

#endif
