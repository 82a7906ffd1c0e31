/*
 * run/pump.h: move rows through an open graph, from every source to every
 * sink, and count them on the way.  Pieces of the input are worked on by
 * several threads (task.h, crew.h); what they did takes effect in the order of
 * the input, so that output, counts, reports and errors are those of one
 * thread.  Few pieces are in flight, so memory stays fixed, and whoever is
 * slow slows down the rest.
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
    uint32_t jobs; /* threads in all, up to JOBS_MAX; 0 is 1 */
};

/*
 * Everything up to, not with, making outputs visible.  After a failure the
 * counts are of what took effect before it; FB_E_CANCELLED once *cancelled
 * is set.
 */
int pump_run(const struct pump *pump, struct fb_error *err) FB_MUST_CHECK;

/* The first law, for every step; FB_E_BUG names the step and the numbers. */
int pump_check_balance(const struct graph *graph,
                       struct fb_error *err) FB_MUST_CHECK;

#endif
