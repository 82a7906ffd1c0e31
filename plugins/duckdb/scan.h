/*
 * duckdb/scan.h: a declared table as a table function of the engine, which
 * calls it from its threads.
 */
#ifndef DUCKDB_SCAN_H
#define DUCKDB_SCAN_H

#include <pthread.h>

#include "engine.h"

/* What all scans of a database share. */
struct scans {
    bool counting; /* queries are being prepared */
    pthread_mutex_t lock;
    /* Under the lock. */
    struct fb_step *step; /* whose query it is that the engine works on */
    bool failed;          /* and then `error` says why */
    struct fb_error error;
};

/* One table. */
struct scan_table {
    struct scans *scans;
    const struct engine *engine;
    const struct fb_table *info;
    uint32_t index;
    uint32_t scans_wanted; /* by the queries prepared so far */
    bool loaded;
};

/* Lower case of ASCII letters, as SQL folds names; free() it. */
char *scan_folded(const char *name);

/* Make the function `name` of a table, which must stay where it is. */
int scan_register(struct scan_table *table, const char *name,
                  struct fb_error *err) FB_MUST_CHECK;

/* The next scans are for this step. */
void scans_serve(struct scans *scans, struct fb_step *step);

/* What a table said since the last call: true, with the error filled in. */
bool scans_failed(struct scans *scans, struct fb_error *err);

#endif
