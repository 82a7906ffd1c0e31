/*
 * run/ending.h: what the end of an attempt means: is it final, who is told,
 * and what can somebody do about it.
 */
#ifndef RUN_ENDING_H
#define RUN_ENDING_H

#include "ledger/ledger.h"
#include "run/result.h"

enum run_state ending_state(const struct result *result,
                            const struct trigger_config *trigger);

/* A failure that will be tried again is told once, not at every attempt. */
bool ending_is_worth_telling(const struct result *result, enum run_state state);

/* What comes after a run in this state, with the command to type; NULL: there
 * is nothing to do.  `state_folder` is --state of that command. */
const char *ending_next(struct arena *arena, const struct ledger_run *run,
                        const char *state_folder);

#endif
