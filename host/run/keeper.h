/*
 * run/keeper.h: tells whoever announced a trigger that its run goes on, so
 * that it is not handed out again meanwhile (renew of a source plugin).  It
 * only asks: what keeps a generation from being done twice is the ledger.
 */
#ifndef RUN_KEEPER_H
#define RUN_KEEPER_H

#include "step/step.h"

struct keeper;

/*
 * Tells at once.  NULL when nobody wants to hear: no trigger, one whose
 * plugin does not care, or an object that came without a token.  What is
 * pointed at outlives the keeper; the trigger's instance is in use until
 * keeper_free.
 */
struct keeper *keeper_new(const struct trigger_config *trigger,
                          const struct step_context *context,
                          const struct fb_object *object);
void keeper_free(struct keeper *keeper); /* NULL is fine */

/* Tell again when it is time; call it often.  What goes wrong is logged.
 * NULL is fine. */
void keeper_update(struct keeper *keeper);

#endif
