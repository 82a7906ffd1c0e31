/*
 * serve/status.h: how a pipeline stands, for pages and for metrics.
 */
#ifndef SERVE_STATUS_H
#define SERVE_STATUS_H

#include "ledger/look.h"
#include "serve/site.h"

struct status {
    struct ledger_run newest;      /* state RUN_NONE: it never ran */
    struct ledger_run success;     /* the newest; the same */
    struct ledger_object *outputs; /* of the newest success */
    size_t output_count;
    struct window_state window;
    /* Since when there is work that should have been done: an attempt that
     * did not end well and will be repeated, or a success of the pipeline
     * that this one comes after.  0: none that the ledger knows of. */
    int64_t behind_since_ms;
};

/* Texts live in the arena.  Reports are left out of the runs unless asked
 * for. */
int status_read(struct ledger *ledger, struct arena *arena,
                const struct site_pipeline *pipeline, bool reports,
                int64_t now_ms, struct status *status,
                struct fb_error *err) FB_MUST_CHECK;

/* Milliseconds; 0: it is not behind. */
int64_t status_lag(const struct status *status, int64_t now_ms);

/* The output that is a page to look at: its uri ends in .html. */
bool status_is_dashboard(const struct ledger_object *output);

#endif
