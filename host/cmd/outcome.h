/*
 * cmd/outcome.h: what an invocation of `run` has to say at its end: the
 * reports on stdout, the --report file, the exit status.
 */
#ifndef CMD_OUTCOME_H
#define CMD_OUTCOME_H

#include <jansson.h>

#include "cmd/arguments.h"
#include "run/result.h"

struct outcome {
    const struct arguments *arguments;
    int status;   /* the first that was not 0 */
    json_t *runs; /* reports */
    json_t *idle; /* pipelines that had nothing to do, and why */
};

void outcome_init(struct outcome *outcome, const struct arguments *arguments);
/* A pipeline did nothing: prints "NAME: idle: WHY". */
void outcome_idle(struct outcome *outcome, const char *pipeline,
                  const char *why);
/* A run ended, well or not: prints its report. */
void outcome_run(struct outcome *outcome, const struct result *result);
/* Something failed outside a run. */
void outcome_status(struct outcome *outcome, int status);
/* Writes --report and releases; the exit status. */
int outcome_end(struct outcome *outcome);

#endif
