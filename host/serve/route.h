/*
 * serve/route.h: what the target of a request asks for.  Pure: nothing is
 * looked up here, and no part of a target ever becomes the name of a file.
 */
#ifndef SERVE_ROUTE_H
#define SERVE_ROUTE_H

#include "ledger/ledger.h"
#include "util/arena.h"

enum route_kind {
    ROUTE_NONE = 0,  /* there is nothing of that name */
    ROUTE_BAD,       /* the target is not understood */
    ROUTE_PIPELINES, /* / */
    ROUTE_RUNS,      /* /runs?pipeline=P&outcome=done&days=7&before=N */
    ROUTE_RUN,       /* /runs/ID */
    ROUTE_DASHBOARD, /* /dashboards/PIPELINE/STEP/NAME */
    ROUTE_STYLE,     /* /style.css */
    ROUTE_HEALTH,    /* /healthz */
    ROUTE_METRICS,   /* /metrics */
};

#define ROUTE_DAYS_MAX 36500

struct route {
    enum route_kind kind;
    /* Which run or dashboard; texts as decoded, valid UTF-8. */
    const char *run, *pipeline, *step, *name;
    /* ROUTE_RUNS: pipeline (above; NULL: all) and */
    enum run_state state; /* RUN_NONE: any */
    int64_t days;         /* 0: any */
    int64_t before;       /* 0: from the newest */
};

/* target: as sent, "/runs?days=7".  Texts live in the arena. */
struct route route_of(struct arena *arena, const char *target);

#endif
