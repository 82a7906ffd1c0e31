/*
 * serve/site.h: what is served, and how a route is answered.  Knows nothing of
 * sockets or HTTP libraries: server.c does.
 */
#ifndef SERVE_SITE_H
#define SERVE_SITE_H

#include "config/pipeline.h"
#include "serve/books.h"
#include "serve/route.h"
#include "trigger/window.h"
#include "util/buf.h"

struct site_pipeline {
    const struct document *document;
    const struct pipeline *pipeline;
    const struct window *window;
};

/* Nothing of it changes while it is served. */
struct site {
    const struct site_pipeline *pipelines;
    size_t pipeline_count;
    const struct registry *registry;
    struct scope scope; /* that the pipelines were built in */
    struct books *books;
};

/* NULL: no pipeline of that name is served. */
const struct site_pipeline *site_find(const struct site *site,
                                      const char *name);

/* What goes back to whoever asked; released with answer_release. */
struct answer {
    unsigned status;
    const char *type;   /* the Content-Type */
    const char *policy; /* the Content-Security-Policy */
    struct buf body;
    bool last;       /* of its connection */
    bool is_foreign; /* not of our making: in a sandbox */
    /* What went wrong when the status is 5xx: for the log, never for the
     * one who asked. */
    struct fb_error error;
};

void answer_release(struct answer *answer);

/* Any route but ROUTE_DASHBOARD. */
void site_answer(const struct site *site, const struct route *route,
                 struct answer *answer);
/* The dashboard that a ROUTE_DASHBOARD means: an output of the newest success
 * of its pipeline.  False: the answer says why not. */
struct site_dashboard {
    const struct site_pipeline *pipeline;
    const char *run_id, *step, *uri; /* in the arena */
    int64_t ended_ms;
};
bool site_dashboard(const struct site *site, const struct route *route,
                    struct arena *arena, struct site_dashboard *dashboard,
                    struct answer *answer);

/* The sink of a pipeline, by its label; NULL: it has none of that. */
const struct pipeline_step *site_sink(const struct site_pipeline *pipeline,
                                      const char *label);

/*
 * Under which policy a dashboard is shown: it reaches nothing, here or
 * elsewhere, and runs the scripts that the plugin of its sink is known to write
 * (page_scripts) and no other, whoever put the object into its store.  Without
 * scripts nothing can lead the browser away, which no policy forbids.
 */
#define SITE_POLICY_MAX 1024 /* bytes, its NUL among them */
void site_dashboard_policy(const struct site_dashboard *dashboard,
                           char policy[SITE_POLICY_MAX]);

/* A page that says only this, such as 404. */
void site_refuse(struct answer *answer, unsigned status, const char *text);

#endif
