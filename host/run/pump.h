/*
 * run/pump.h: move rows through an open graph, from every source to every
 * sink, and count them on the way.  One batch at a time goes all the way
 * before the next is read, so memory stays fixed.
 */
#ifndef RUN_PUMP_H
#define RUN_PUMP_H

#include "run/graph.h"

/* Called now and then; bytes and rows read so far. */
typedef void (*pump_progress_fn)(void *arg, uint64_t bytes, uint64_t rows);

struct pump {
    struct graph *graph;
    const volatile sig_atomic_t *cancelled;
    pump_progress_fn progress; /* NULL: none */
    void *progress_arg;
};

/* Everything up to, not with, making outputs visible. */
int pump_run(const struct pump *pump, struct fb_error *err) FB_MUST_CHECK;

/* The first law, for every step; FB_E_BUG names the step and the numbers. */
int pump_check_balance(const struct graph *graph,
                       struct fb_error *err) FB_MUST_CHECK;

#endif
