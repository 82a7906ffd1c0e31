/*
 * run/job.h: one due trigger from claim to clean-up: recorded before work
 * begins, executed, ended with its messages in one transaction, told, and
 * only then its trigger settled.
 */
#ifndef RUN_JOB_H
#define RUN_JOB_H

#include "ledger/ledger.h"
#include "run/result.h"
#include "trigger/due.h"

/* What all runs of one pipeline in one invocation share. */
struct job {
    const struct document *document;
    const struct pipeline *pipeline; /* in the scope without a trigger */
    const struct registry *registry;
    struct ledger *ledger;
    const struct setting *settings; /* --set */
    size_t setting_count;
    const char *timezone;     /* of CURRENT_DATE */
    const char *as_of;        /* --as-of YYYY-MM-DD; NULL: today */
    const char *state_folder; /* as people name it */
    const char *temp_folder;  /* see step_context */
    const volatile sig_atomic_t *cancelled;
    uint32_t jobs; /* threads of one run; 0 is 1 */
};

/*
 * Do one due (DUE_RUN), or refuse it (DUE_NO_DATA, DUE_NO_TRIGGER,
 * DUE_BAD_NAME, DUE_GONE, DUE_CRASHED: recorded and told as a failure), or only
 * clean up (DUE_SETTLE, DUE_IGNORE), or only close the record (DUE_SUPERSEDED).
 * *result is filled, with its report, and must be released; of what is only
 * cleaned up or closed, its `unsettled` alone.  The error of the run is in
 * result->error; the function itself fails only when the ledger does: then the
 * run did not happen or will be found unfinished.
 */
int job_do(const struct job *job, const struct due *due, struct result *result,
           struct fb_error *err) FB_MUST_CHECK;

void job_release_result(struct result *result);

/* CURRENT_DATE of a run at this moment. */
int job_clock(const struct job *job, int64_t now_ms, struct expr_clock *clock,
              struct fb_error *err) FB_MUST_CHECK;

/* The pipeline in the scope of one trigger, for a run or a late message;
 * the error holds the first problem.  Free it with pipeline_free. */
struct pipeline *job_build(const struct job *job, const char *trigger_uri,
                           const char *run_id, int64_t started_ms, int64_t date,
                           struct fb_error *err);

#endif
