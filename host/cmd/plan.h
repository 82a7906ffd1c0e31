/*
 * cmd/plan.h: a pipeline file as `check` and `run` both judge it, so that they
 * can never disagree: text, topology, types, window.
 */
#ifndef CMD_PLAN_H
#define CMD_PLAN_H

#include "cmd/session.h"
#include "run/job.h"
#include "trigger/window.h"

struct plan {
    struct document *document;
    struct pipeline *pipeline; /* in the scope without a trigger */
    struct window *window;
};

/* Problems are added; 0 when there were none.  Release it in any case. */
int plan_open(struct plan *plan, const struct session *session,
              const char *path, struct problems *problems) FB_MUST_CHECK;
void plan_release(struct plan *plan);

/* For verbs that need a plan without problems: opens it, lets `use` have it,
 * or says what is wrong; the exit status. */
int plan_do(const struct session *session, const char *path,
            int (*use)(const struct session *session, const struct plan *plan));

/* A job of this plan as far as it stands on the command line: without a
 * ledger, and never cancelled. */
struct job plan_job(const struct session *session, const struct plan *plan);

#endif
