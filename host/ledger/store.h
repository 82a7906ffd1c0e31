/*
 * ledger/store.h: the SQLite database under the ledger: opening it safely,
 * statements prepared once, transactions, and errors in our own words.  Knows
 * nothing of runs.
 */
#ifndef LEDGER_STORE_H
#define LEDGER_STORE_H

#include <sqlite3.h>

#include "forebay/plugin.h"

#define STORE_STATEMENTS_MAX 32

/* Used by one thread at a time, and never across a fork. */
struct store {
    sqlite3 *db;
    char *path;
    const char *const *sql; /* texts of the statements */
    bool log;               /* the journal is a write-ahead log */
    bool lazy;              /* the next commit need not be on the disk */
    bool reading;           /* opened by store_open_reader */
    sqlite3_stmt *prepared[STORE_STATEMENTS_MAX];
};

/*
 * Open or make the database `path`, an absolute path without symbolic links,
 * and bring it to the newest version.  `sql` is a table of at most
 * STORE_STATEMENTS_MAX statements that outlives the store.
 */
int store_open(struct store *store, const char *path, const char *const *sql,
               struct fb_error *err) FB_MUST_CHECK;
/*
 * For looking alone: nothing is made, migrated or written, and the file may be
 * another user's, who may go on writing.  Of this program's version only.
 */
int store_open_reader(struct store *store, const char *path,
                      const char *const *sql,
                      struct fb_error *err) FB_MUST_CHECK;
void store_close(struct store *store); /* a zeroed store is fine */

/*
 * Whether the commits that follow must be on the disk before they return
 * (they must, unless this was said).  Those that need not survive the end of
 * the process, and after a loss of power are there in order or not at all;
 * the next one that must takes them along.  Between transactions only.
 */
int store_lazy(struct store *store, bool lazy,
               struct fb_error *err) FB_MUST_CHECK;

/* BEGIN IMMEDIATE; commit leaves no transaction open, also when it fails. */
int store_begin(struct store *store, struct fb_error *err) FB_MUST_CHECK;
int store_commit(struct store *store, struct fb_error *err) FB_MUST_CHECK;
void store_rollback(struct store *store);

/* Write the database anew without what is free in it; others wait meanwhile. */
int store_compact(struct store *store, struct fb_error *err) FB_MUST_CHECK;

/*
 * One use of a statement: start, bind the parameters in order, then step.
 * The first thing that fails is remembered and told by query_row or
 * query_run.  Texts are not copied: they outlive the query.
 *
 *     CLEANUP(query_end) struct query query = query_start(store, FIND);
 *     query_text(&query, id);
 *     if (query_row(&query, &found, err) != 0)
 */
struct query {
    struct store *store;
    sqlite3_stmt *statement;
    int bound;
    int rc;
};

struct query query_start(struct store *store, int statement);
void query_text(struct query *query, const char *text); /* NULL: NULL */
void query_int(struct query *query, int64_t number);
/* *row: whether there is one (more). */
int query_row(struct query *query, bool *row,
              struct fb_error *err) FB_MUST_CHECK;
/* For statements that give no rows; *changed (may be NULL): rows changed. */
int query_run(struct query *query, int64_t *changed,
              struct fb_error *err) FB_MUST_CHECK;
void query_end(struct query *query);

#endif
