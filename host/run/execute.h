/*
 * run/execute.h: one run of a built pipeline, from opening its sources to
 * making its outputs visible.  Knows nothing of triggers, ledger or messages.
 */
#ifndef RUN_EXECUTE_H
#define RUN_EXECUTE_H

#include "run/pump.h"
#include "run/result.h"

struct execution {
    const struct pipeline *pipeline; /* built in the run's own scope */
    const struct step_context *context;
    const struct fb_object *trigger; /* NULL: none */
    pump_progress_fn progress;
    void *progress_arg;
    uint32_t jobs; /* threads; see struct pump */
};

/*
 * Fills the result (an initialised one, with arena and identity) with
 * numbers, inputs, outputs and the error, whether it fails or not.  Returns
 * 0, or -1 when result->error says why; then nothing of the failed step is
 * visible.
 */
int execute(const struct execution *execution,
            struct result *result) FB_MUST_CHECK;

#endif
