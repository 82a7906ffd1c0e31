/*
 * duckdb/fault.h: what DuckDB says when something fails, as one line with the
 * place in the query.
 */
#ifndef DUCKDB_FAULT_H
#define DUCKDB_FAULT_H

#include "forebay/plugin.h"

#define FAULT_TEXT_MAX 800 /* bytes, with the NUL */

struct fault {
    enum fb_code code;         /* who must act */
    bool is_syntax;            /* no tables need to be known to say so */
    uint32_t position;         /* byte in the query, from 1; 0: not known */
    char text[FAULT_TEXT_MAX]; /* one line, lower case */
};

/* Understand a text of DuckDB, which is JSON (errors_as_json) or plain. */
void fault_read(const char *text, struct fault *fault);

/* Where in the query that is: lines and characters from 1. */
void fault_place(const char *query, uint32_t position, uint32_t *line,
                 uint32_t *column);

/* Fill the error with "<what>: <text>"; the fault's own code, or `code` when
 * it says nothing special.  Returns -1. */
int fault_fail(const char *text, enum fb_code code, const char *what,
               struct fb_error *err);

#endif
