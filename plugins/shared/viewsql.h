/*
 * shared/viewsql.h: the SELECT by which Athena (Trino) gives the texts of a
 * CSV file the types that the pipeline's table has: what the host's readers
 * do for every other consumer.  It knows no Glue and makes no call.
 */
#ifndef SHARED_VIEWSQL_H
#define SHARED_VIEWSQL_H

#include "aws/buf.h"
#include "forebay/plugin.h"

/*
 * Append `SELECT ... AS "name", ... FROM "database"."texts"`, with a column
 * for each of the table's, by its folded name in names[].  A missing text is
 * NULL; a text that is no value of its column's type fails a query that asks
 * for it, and never becomes NULL in silence.
 *
 * FB_E_CONFIG naming table and column when there is no way to say this in
 * Trino: a format of dates that date_parse does not know.
 */
int viewsql_make(const struct fb_table *table, char *const *names,
                 const char *database, const char *texts, struct aws_buf *sql,
                 struct fb_error *err) FB_MUST_CHECK;

/* The types of a column: of Trino ("bigint"), and of Hive ("bigint"), which
 * Glue writes down.  There is no time of day in Hive: a text. */
const char *viewsql_type(enum fb_column_type type);
const char *viewsql_hive_type(enum fb_column_type type);

#endif
