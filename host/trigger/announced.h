/*
 * trigger/announced.h: objects that somebody announces who does not keep
 * them, such as a queue (FB_LISTS_OTHERS).  An announcement is a hint: it may
 * be late, come twice, or be of something that is gone; so the store itself is
 * asked.  What the ledger says of them is judge.h's business.
 */
#ifndef TRIGGER_ANNOUNCED_H
#define TRIGGER_ANNOUNCED_H

#include "step/step.h"
#include "trigger/due.h"

bool announced_is(const struct pipeline *pipeline);

/* The step that asks the store: the source that reads the trigger, when there
 * is one, else trigger.objects, with the settings of the store's plugin. */
const struct pipeline_step *announced_store(const struct pipeline *pipeline);

/* Whether the store could be asked at all, were there something to ask for:
 * from here on, what is refused is an object and not the configuration. */
int announced_check(const struct pipeline *pipeline,
                    const struct step_context *context,
                    struct fb_error *err) FB_MUST_CHECK;

enum announced {
    ANNOUNCED_THERE = 1, /* *found is the object as it is now */
    ANNOUNCED_MISSING,   /* there is no such object */
    ANNOUNCED_NONE,      /* what is named can be no object: *why */
};

/*
 * Ask the store for this one object.  Texts live in the arena.
 */
int announced_find(const struct pipeline *pipeline,
                   const struct step_context *context, struct arena *arena,
                   const char *uri, enum announced *state,
                   struct fb_object *found, const char **why,
                   struct fb_error *err) FB_MUST_CHECK;

/* Give all that were announced together, by their tokens, one due_group. */
void announced_group(struct arena *arena, struct due *list, size_t count);

#endif
