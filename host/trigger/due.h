/*
 * trigger/due.h: what is due: which generations of which trigger objects
 * should start a run now, which should not, and why.
 */
#ifndef TRIGGER_DUE_H
#define TRIGGER_DUE_H

#include "config/pipeline.h"
#include "ledger/ledger.h"

enum due_verdict {
    DUE_RUN = 1,    /* start a run */
    DUE_DONE,       /* this generation was done before */
    DUE_FAILED,     /* it failed for good before; a changed file runs again */
    DUE_SETTLE,     /* done (or given up), but not cleaned up yet */
    DUE_WAIT,       /* the data it announces is not there yet */
    DUE_NO_DATA,    /* ... and will not come any more: fail and tell */
    DUE_NO_TRIGGER, /* data that no trigger announced in time: tell */
    DUE_BAD_NAME,   /* the name is not allowed: fail and tell */
    DUE_GONE,       /* unfinished, and its trigger is gone: fail and tell */
    DUE_SUPERSEDED, /* unfinished, and a newer upload came: close quietly */
    DUE_CRASHED,    /* died at every attempt: fail and tell */
    DUE_IGNORE,     /* announced, but not this pipeline's: only acknowledge */
};

/* Objects that were announced in one: settled when the last is handled. */
struct due_group {
    size_t open; /* dues that are not handled yet */
    bool failed; /* one of those that are */
};

struct due {
    enum due_verdict verdict;
    const char *why; /* for --dry-run: "new", "done 2025-05-09 in run ..." */
    const char *run_id;
    struct fb_object object; /* uri NULL: the pipeline has no trigger */
    int64_t attempts;        /* made before */
    bool mistake;            /* DUE_FAILED: a changed pipeline may run it */
    bool failed;             /* DUE_SETTLE: it was given up, not done */
    struct due_group *group; /* NULL: settled by itself */
};

struct due_request {
    const struct pipeline *pipeline; /* built with a sample scope */
    struct ledger *ledger;
    int64_t now_ms;
    const char *only; /* --trigger: this object alone; NULL: all */
};

/* In order of time of change, then name.  Texts live in the arena. */
int due_list(const struct due_request *request, struct arena *arena,
             struct due **list, size_t *count,
             struct fb_error *err) FB_MUST_CHECK;

/* The id of a run: the same for every attempt at the same generation.
 * hex has room for 33 bytes. */
void due_run_id(const char *pipeline, const char *uri, const char *generation,
                char *hex);

#endif
