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
    bool serial;          /* bind said so */
    struct out_column *collected;
    uint32_t collected_count;

    struct place error_place; /* of the last refused option */
    struct step_counts counts;
    struct spool *spool;
    struct batch *lent; /* what process has; NULL once it was given over */
    bool sharing;       /* in process, perhaps beside other threads */
    bool pure;          /* in check or bind: nothing outside may be looked at */
    const char *misused; /* what a plugin called then and must not; NULL */
    struct step *views;  /* see step_view; each goes with the step */
    struct step *next_view;
    int (*emit)(void *arg, struct batch *batch, struct fb_error *err);
    void *emit_arg;

    const struct fb_input *inputs; /* what it reads */
    uint32_t input_count, input_index;
    const struct fb_target *targets; /* what other sinks make */
    struct step_fact *facts;
    uint32_t target_count, fact_count;
};

static inline struct step *
step_of(struct fb_step *pub)
{
    return (struct step *)pub;
}

/*
 * For services that work for one thread at a time: false, with FB_E_BUG, when
 * process of a parallel step calls them.  They fail whether or not there are
 * other threads now, so that a broken promise shows in every run.
 * calls: "calls fb_spool_put".
 */
bool step_may_call(struct step *step, const char *calls,
                   struct fb_error *err) FB_MUST_CHECK;

/* The services that reach beyond the step (outside.c, shared.c). */
uint32_t outside_input_count(struct fb_step *pub);
const struct fb_input *outside_input_at(struct fb_step *pub, uint32_t index);
uint32_t outside_input(struct fb_step *pub);
uint32_t outside_target_count(struct fb_step *pub);
const struct fb_target *outside_target_at(struct fb_step *pub, uint32_t index);
uint32_t outside_table_count(struct fb_step *pub);
int outside_table_at(struct fb_step *pub, uint32_t index,
                     const struct fb_table **table, struct fb_error *err);
int outside_table_objects(struct fb_step *pub, uint32_t index,
                          fb_found_fn found, void *arg, struct fb_error *err);
int outside_table_open(struct fb_step *pub, uint32_t index,
                       struct fb_rows **rows, struct fb_error *err);
int outside_table_next(struct fb_rows *rows, struct fb_batch **batch,
                       struct fb_error *err);
void outside_table_close(struct fb_rows *rows);
int outside_shared(struct fb_step *pub, const char *key, fb_make_fn make,
                   fb_drop_fn drop, void **object, struct fb_error *err);
int outside_note_put(struct fb_step *pub, const char *key, const char *text,
                     struct fb_error *err);
int outside_note_get(struct fb_step *pub, const char *key, const char **text,
                     struct fb_error *err);
void outside_fact(struct fb_step *pub, const char *name, const char *text);
const char *outside_temp_folder(struct fb_step *pub);
const char *outside_pipeline(struct fb_step *pub);

/* Count what the step did to the batch, give it the new shape and pass it
 * on; the batch is taken over. */
int step_deliver(struct step *step, struct batch *batch,
                 struct fb_error *err) FB_MUST_CHECK;

#endif
