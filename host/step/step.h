/*
 * step/step.h: one step come alive: a plugin's instance with the services
 * that the host gives it (struct fb_host).  Knows nothing of the graph around
 * it; the run and trigger rooms drive it.
 */
#ifndef STEP_STEP_H
#define STEP_STEP_H

#include <signal.h>

#include "batch/batch.h"
#include "codec/reader.h"
#include "codec/writer.h"
#include "config/pipeline.h"
#include "expr/expr.h"

/* The tables of the pipeline, as the room above reads them (table/).  The
 * functions are those of struct fb_host, with the table given by its index;
 * any thread may call them. */
struct step_tables {
    void *arg;
    uint32_t count;
    /* Unless it may look at data, columns that only data can tell are NULL. */
    int (*at)(void *arg, uint32_t index, bool look,
              const struct fb_table **table, struct fb_error *err);
    int (*objects)(void *arg, uint32_t index, fb_found_fn found,
                   void *found_arg, struct fb_error *err);
    int (*open)(void *arg, uint32_t index, struct fb_rows **rows,
                struct fb_error *err);
    int (*next)(struct fb_rows *rows, struct fb_batch **batch,
                struct fb_error *err);
    void (*close)(struct fb_rows *rows);
};

/* What is kept of a run over all its attempts (the ledger). */
struct step_notes {
    void *arg;
    int (*put)(void *arg, const char *step, const char *key, const char *text,
               struct fb_error *err);
    /* *text NULL: no such note; else the caller frees it. */
    int (*get)(void *arg, const char *step, const char *key, char **text,
               struct fb_error *err);
};

/* Objects that the steps of one run share (fb_shared). */
struct step_shared;
struct step_shared *step_shared_new(void);
/* Drops every object, the last made first.  After all steps are closed. */
void step_shared_free(struct step_shared *shared); /* NULL is fine */

/* What a step knows of the run around it; outlives the step. */
struct step_context {
    const char *pipeline;
    const char *run_id;
    struct expr_clock clock;
    const char *temp_folder; /* made when it is first asked for; NULL: none */
    const volatile sig_atomic_t *cancelled; /* non-zero: stop */
    const struct step_tables *tables;       /* NULL: there are none to read */
    const struct step_notes *notes;         /* NULL: nothing is kept */
    struct step_shared *shared;             /* NULL: fb_shared fails */
};

/* The folder for what is not needed after the run; it is there then. */
int step_temp_folder(const struct step_context *context, const char **folder,
                     struct fb_error *err) FB_MUST_CHECK;

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

/* Since it was last asked: counting begins anew. */
struct step_counts step_take_counts(struct step *step);

/*
 * An open transform that step_is_parallel, for one more thread: the same
 * plugin, instance and columns, with its own counts, emit function, input and
 * memory.  What may be called are step_on_emit, step_set_input, step_process
 * and step_take_counts.  It belongs to the step and goes with it.  Views are
 * made while no other thread uses the step or one of them.
 */
struct step *step_view(struct step *step);

/* What the step reads, for fb_input_at: `inputs` has an item for each and
 * outlives the step; columns may be filled in later. */
void step_set_inputs(struct step *step, const struct fb_input *inputs,
                     uint32_t count);
/* Whose batch the next process or write gets. */
void step_set_input(struct step *step, uint32_t index);

/* What other sinks make, for fb_target_at; outlives the step, and changes
 * when something becomes visible. */
void step_set_targets(struct step *step, const struct fb_target *targets,
                      uint32_t count);

/* What the step said for the report (fb_fact), in the order first said. */
struct step_fact {
    const char *name, *text;
};

uint32_t step_fact_count(const struct step *step);
const struct step_fact *step_fact_at(const struct step *step, uint32_t index);

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
/* Of a source, after every source of the run is open. */
int step_ready(struct step *step, struct fb_error *err) FB_MUST_CHECK;
int step_finish(struct step *step, struct fb_error *err) FB_MUST_CHECK;
void step_close(struct step *step);

/* After bind: what leaves. */
const struct columns *step_columns(const struct step *step);

/* After bind: whether process may run for several batches at once: the plugin
 * says FB_PARALLEL, and this instance did not take that back (fb_serial). */
bool step_is_parallel(const struct step *step);

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
/* The same two for a reader and a writer. */
struct byte_input step_byte_input(struct step *step);
struct byte_output step_byte_output(struct step *step);
int step_probe(struct step *step, struct fb_error *err) FB_MUST_CHECK;
int step_notify(struct step *step, const struct fb_report *report,
                struct fb_error *err) FB_MUST_CHECK;

#endif
