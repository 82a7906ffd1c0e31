/*
 * cmd/outcome.h: what an invocation of `run` has to say at its end: the
 * reports on stdout, the --report file, the exit status.
 */
#ifndef CMD_OUTCOME_H
#define CMD_OUTCOME_H

#include <jansson.h>

#include "cmd/arguments.h"
#include "run/result.h"
#include "util/file.h"

struct outcome {
    const struct arguments *arguments;
    int status; /* the first that was not 0 */
    /* --report: runs are written as they end, so that memory stays fixed; the
     * file appears when all is over. */
    FILE *report;
    char *report_temp; /* its name until then */
    size_t report_runs;
    json_t *idle; /* pipelines that had nothing to do, and why */
};

/* FB_E_OUTPUT when --report cannot be written. */
int outcome_init(struct outcome *outcome, const struct arguments *arguments,
                 struct fb_error *err) FB_MUST_CHECK;
/* A pipeline did nothing: prints "NAME: idle: WHY". */
void outcome_idle(struct outcome *outcome, const char *pipeline,
                  const char *why);
/* A run ended, well or not: prints its report. */
void outcome_run(struct outcome *outcome, const struct result *result);
/* Something failed outside a run. */
void outcome_status(struct outcome *outcome, int status);
/* Finishes --report and releases; the exit status. */
int outcome_end(struct outcome *outcome);

#endif
