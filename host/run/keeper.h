/*
 * run/keeper.h: the trigger of one run, in the hands of its plugin: renewed
 * while the run works, so that whoever announced it does not hand it out again
 * meanwhile, and settled (kept, deleted or moved) when that is on record.  It
 * only asks: what keeps a generation from being done twice is the ledger.
 */
#ifndef RUN_KEEPER_H
#define RUN_KEEPER_H

#include "step/step.h"

struct keeper;

/*
 * NULL when there is no trigger that a plugin could keep.  What is pointed at
 * outlives the keeper; the trigger's instance is in use until keeper_free.
 */
struct keeper *keeper_new(const struct trigger_config *trigger,
                          const struct step_context *context,
                          const struct fb_object *object);
void keeper_free(struct keeper *keeper); /* NULL is fine */

/* The run begins: tells at once if anybody wants to hear, which is so when the
 * plugin does and the object came with a token.  NULL is fine. */
void keeper_begin(struct keeper *keeper);

/* Tell again when it is time; call it often.  What goes wrong is logged.
 * NULL is fine. */
void keeper_update(struct keeper *keeper);

int keeper_settle(struct keeper *keeper, bool success,
                  struct fb_error *err) FB_MUST_CHECK;

#endif
