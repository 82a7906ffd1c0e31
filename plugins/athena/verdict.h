/*
 * verdict.h: how a query ended that did not succeed, in Athena's words, and
 * whether another one can help.
 * https://docs.aws.amazon.com/athena/latest/ug/error-reference.html
 */
#ifndef ATHENA_VERDICT_H
#define ATHENA_VERDICT_H

#include "forebay/plugin.h"

#include <jansson.h>

struct verdict {
    bool cancelled;  /* by somebody, or by a limit */
    bool over_limit; /* it scanned more than the workgroup allows */
    bool retryable;  /* Athena says so, or it was its own fault */
    int category;    /* 1: Athena itself, 2: the query, 3: other; 0: unknown */
    char reason[600];
};

/* Of a QueryExecution that is FAILED or CANCELLED. */
void verdict_read(struct verdict *verdict, const json_t *execution);

/* "step 'x': query 'id' failed: REASON" with the code that fits; -1. */
int verdict_tell(const struct verdict *verdict, const char *id,
                 const char *step, struct fb_error *err);

#endif
