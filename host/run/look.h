/*
 * run/look.h: the first rows that leave each step of a graph whose sinks are
 * not open.  Nothing is written, counted or recorded.
 */
#ifndef RUN_LOOK_H
#define RUN_LOOK_H

#include "run/graph.h"

/* What was seen of one step; all texts live in the look's arena. */
struct look_step {
    uint32_t column_count;
    const char **names; /* NULL: no row has left it */
    const char ***rows; /* row_count of them, a text a column; NULL: missing */
    uint32_t row_count; /* at most rows_max */
    uint64_t total;     /* rows that left it */
    const char **rejects; /* "line 42, Amount: ..." */
    uint32_t reject_count;
    uint64_t rejected; /* in all */
    bool partly;       /* sources: not read to the end */
};

struct look {
    struct graph *graph; /* opened by graph_open_readers */
    uint32_t rows_max;   /* to be kept of each step */
    uint64_t read_max;   /* rows to be read of a source at most, to find them */
    const volatile sig_atomic_t *cancelled;
    struct arena *arena;
    struct look_step *steps; /* parallel to the nodes; filled in */
};

/* Fails as the run would; what was seen until then is there. */
int look_at_rows(struct look *look, struct fb_error *err) FB_MUST_CHECK;

#endif
