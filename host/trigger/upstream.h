/*
 * trigger/upstream.h: the successes of another pipeline that start this one
 * (trigger: {after: X}).
 */
#ifndef TRIGGER_UPSTREAM_H
#define TRIGGER_UPSTREAM_H

#include "ledger/ledger.h"

/*
 * Successes of `upstream` as objects: uri "pipeline:X", generation its run id.
 * In the order in which they ran: those for which a run of `pipeline` was
 * begun and is not final, the newest that was followed already, and all
 * newer ones.  When no success was ever followed, only the newest: a pipeline
 * that is new does not run for the past of another.
 */
int upstream_list(struct ledger *ledger, struct arena *arena,
                  const char *pipeline, const char *upstream,
                  struct fb_object **objects, size_t *count,
                  struct fb_error *err) FB_MUST_CHECK;

#endif
