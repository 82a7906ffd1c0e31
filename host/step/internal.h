/*
 * step/internal.h: the inside of a step, shared by step.c (its life and its
 * callbacks) and services.c (what the host does for it).  For this room only.
 */
#ifndef STEP_INTERNAL_H
#define STEP_INTERNAL_H

#include "batch/spool.h"
#include "step/step.h"
#include "util/arena.h"

/* An output column while bind collects them. */
struct out_column {
    struct fb_column column;
    uint32_t from;
};

struct step {
    struct fb_step pub; /* first: plugins hold a pointer to it */
    const struct pipeline_step *config; /* NULL: lists triggers */
    const struct fb_plugin *plugin;
    const struct option_places *places;
    struct place place;
    const char *id, *uri;
    void *instance;
    const struct step_context *context;
    struct arena *arena;
    bool opened;

    const struct columns *input; /* NULL: a source, or not bound yet */
    const struct columns *output;
    const uint32_t *from; /* NULL: the input passes unchanged */
    struct out_column *collected;
    uint32_t collected_count;

    struct place error_place; /* of the last refused option */
    struct step_counts counts;
    struct spool *spool;
    struct batch *lent; /* what process has; NULL once it was given over */
    int (*emit)(void *arg, struct batch *batch, struct fb_error *err);
    void *emit_arg;
};

static inline struct step *
step_of(struct fb_step *pub)
{
    return (struct step *)pub;
}

/* Count what the step did to the batch, give it the new shape and pass it
 * on; the batch is taken over. */
int step_deliver(struct step *step, struct batch *batch,
                 struct fb_error *err) FB_MUST_CHECK;

#endif
