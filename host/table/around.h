/*
 * table/around.h: what the steps of one run, check or preview find around
 * them: what the caller says, the pipeline's tables, and what they share.
 */
#ifndef TABLE_AROUND_H
#define TABLE_AROUND_H

#include "step/step.h"

struct tables;

struct around {
    struct step_context context; /* for step_new */
    struct tables *tables;
};

/*
 * `known` is what the caller says; its tables and shared are made here.  All
 * three outlive what is around, which stays where it is until around_release.
 * may_look: as for tables_new.
 */
void around_init(struct around *around, const struct step_context *known,
                 const struct pipeline *pipeline, bool may_look);
/* After every step is closed. */
void around_release(struct around *around);

#endif
