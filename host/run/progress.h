/*
 * run/progress.h: one line on the terminal while a run works: bytes, rows,
 * rate and the time left.  Silent when stderr is not a terminal.
 */
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *name;     /* what is being worked on */
    uint64_t total_bytes; /* 0: not known */
    int64_t started_ms;   /* monotonic */
    int64_t shown_ms;
    bool enabled, shown;
};

void progress_begin(struct progress *progress, const char *name,
                    uint64_t total_bytes);
/* A pump_progress_fn whose arg is the struct; draws at most ten times a second.
 */
void progress_update(void *arg, uint64_t bytes, uint64_t rows);
/* Wipe the line. */
void progress_end(struct progress *progress);

#endif
