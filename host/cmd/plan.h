/*
 * cmd/plan.h: a pipeline file as `check` and `run` both judge it, so that they
 * can never disagree: text, topology, types, window.
 */
#ifndef CMD_PLAN_H
#define CMD_PLAN_H

#include "cmd/session.h"
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

#endif
