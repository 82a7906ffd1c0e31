/*
 * duckdb/words.h: what can be told of a query by its words alone, before the
 * engine sees it.  It is no parser: the engine has the last word.
 */
#ifndef DUCKDB_WORDS_H
#define DUCKDB_WORDS_H

#include <stddef.h>

/* Whether it begins as a query does: SELECT, WITH, VALUES, TABLE, FROM or a
 * parenthesis.  The engine turns some others (PRAGMA) into queries. */
int words_begin_query(const char *sql);

/*
 * The first function in it that changes the engine that all queries of a run
 * share, or that takes a text for a query; NULL: none.  These are functions
 * of DuckDB alone that no setting switches off.  *at is its byte, from 0.
 */
const char *words_forbidden(const char *sql, size_t *at);

#endif
