/*
 * trigger/judge.h: what the ledger says of one generation: whether to run it.
 * Whether its name and its data are as they should be, due.c finds.
 */
#ifndef TRIGGER_JUDGE_H
#define TRIGGER_JUDGE_H

#include "trigger/due.h"

/* Sets verdict, why and attempts of a due that has a run_id. */
int judge(const struct due_request *request, struct arena *arena,
          struct due *due, struct fb_error *err) FB_MUST_CHECK;

/*
 * Runs that were begun and not brought to an end, and whose trigger is not
 * among `dues`: nobody would come back to them.  Only those begun before
 * `before_ms`, for a store may be away for a while.
 */
int judge_vanished(const struct due_request *request, struct arena *arena,
                   const struct due *dues, size_t due_count, int64_t before_ms,
                   struct ledger_run **runs, size_t *count,
                   struct fb_error *err) FB_MUST_CHECK;

/* "2025-05-10T09:30:00Z" */
const char *judge_utc(struct arena *arena, int64_t ms);

#endif
