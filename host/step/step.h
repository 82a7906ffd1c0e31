/*
 * step/step.h: one step come alive: a plugin's instance with the services
 * that the host gives it (struct fb_host).  Knows nothing of the graph around
 * it; the run and trigger rooms drive it.
 */
#ifndef STEP_STEP_H
#define STEP_STEP_H

#include <signal.h>

#include "batch/batch.h"
#include "config/pipeline.h"
#include "expr/expr.h"

/* What a step knows of the run around it; outlives the step. */
struct step_context {
    const char *pipeline;
    const char *run_id;
    struct expr_clock clock;
    const char *spool_folder;
    const volatile sig_atomic_t *cancelled; /* non-zero: stop */
};

struct step; /* begins with struct fb_step */

/* The services that batches carry; the same for every step. */
extern const struct fb_host step_services;

/*
 * A step of the pipeline; `config` gives plugin, instance and places.  The
 * instance stays the pipeline's, so a pipeline is made alive once.
 */
struct step *step_new(const struct pipeline_step *config,
                      const struct step_context *context);
/* The source that lists a pipeline's triggers. */
struct step *step_new_trigger(const struct trigger_config *config,
                              const struct step_context *context);
/* Closes it when it is open.  NULL is fine. */
void step_free(struct step *step);

const struct fb_plugin *step_plugin(const struct step *step);
const struct pipeline_step *step_config(const struct step *step);

/* Where a transform's rows go; the batch is given over to emit. */
void step_on_emit(struct step *step,
                  int (*emit)(void *arg, struct batch *batch,
                              struct fb_error *err),
                  void *arg);

/* What a step did with rows: in = out + filtered + rejected, unless the
 * plugin reshapes (FB_RESHAPES). */
struct step_counts {
    uint64_t in, out, filtered, rejected;
};

struct step_counts step_counts(const struct step *step);

/*
 * The life of a step, in this order.  When what is wrong stands in the
 * pipeline file, check and bind say where in *place (line 0: nowhere) and
 * leave it out of the message; the other calls put it into the message.
 */
int step_check(struct step *step, struct place *place,
               struct fb_error *err) FB_MUST_CHECK;
/* `input` NULL for a source: it has no input columns. */
int step_bind(struct step *step, const struct columns *input,
              struct place *place, struct fb_error *err) FB_MUST_CHECK;
int step_open(struct step *step, struct fb_error *err) FB_MUST_CHECK;
int step_finish(struct step *step, struct fb_error *err) FB_MUST_CHECK;
void step_close(struct step *step);

/* After bind: what leaves, and from which input column each comes (FB_NEW:
 * made by the step).  from is NULL when the input passes unchanged. */
const struct columns *step_columns(const struct step *step);
const uint32_t *step_columns_from(const struct step *step);

/* Callbacks, with the checks that a plugin keeps its promises: lengths are
 * within bounds, -1 comes with an error, no row appears or vanishes uncounted
 * (else FB_E_BUG names the plugin).  Errors name the step. */
int step_discover(struct step *step, fb_found_fn found, void *arg,
                  struct fb_error *err) FB_MUST_CHECK;
int step_stat(struct step *step, struct fb_object *object,
              struct fb_error *err) FB_MUST_CHECK;
int step_settle(struct step *step, const struct fb_object *object, bool success,
                struct fb_error *err) FB_MUST_CHECK;
/* A plugin that need not be told is not. */
int step_renew(struct step *step, const struct fb_object *object,
               struct fb_error *err) FB_MUST_CHECK;
int step_read_bytes(struct step *step, unsigned char *bytes, size_t size,
                    size_t *got, struct fb_error *err) FB_MUST_CHECK;
int step_read(struct step *step, struct batch **batch,
              struct fb_error *err) FB_MUST_CHECK;
/* A transform's batch: taken over, also on failure; what leaves comes by the
 * emit function, in the new shape. */
int step_process(struct step *step, struct batch *batch,
                 struct fb_error *err) FB_MUST_CHECK;
int step_flush(struct step *step, struct fb_error *err) FB_MUST_CHECK;
int step_write_bytes(struct step *step, const unsigned char *bytes, size_t size,
                     struct fb_error *err) FB_MUST_CHECK;
int step_write(struct step *step, struct batch *batch,
               struct fb_error *err) FB_MUST_CHECK;
int step_probe(struct step *step, struct fb_error *err) FB_MUST_CHECK;
int step_notify(struct step *step, const struct fb_report *report,
                struct fb_error *err) FB_MUST_CHECK;

#endif
