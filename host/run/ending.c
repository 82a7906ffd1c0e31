/*
 * run/ending.c: the states that an attempt can leave behind.
 */
#include "run/ending.h"

#include <assert.h>

#include "util/error.h"

enum run_state
ending_state(const struct result *result, const struct trigger_config *trigger)
{
    if (result_is_success(result))
        return RUN_DONE;
    if (error_is_transient(result->error.code) &&
        (result->error.code == FB_E_CANCELLED || !trigger->given ||
         result->attempt < trigger->attempts))
        return RUN_RETRY;
    return result->error.code == FB_E_CONFIG ? RUN_MISTAKE : RUN_FAILED;
}

bool
ending_is_worth_telling(const struct result *result, enum run_state state)
{
    if (result->error.code == FB_E_CANCELLED)
        return false;
    return state != RUN_RETRY || result->attempt == 1;
}

static const char *
retry_command(struct arena *arena, const struct ledger_run *run,
              const char *state_folder)
{
    return arena_printf(arena, "forebay retry %.12s --state '%s'", run->run_id,
                        state_folder);
}

const char *
ending_next(struct arena *arena, const struct ledger_run *run,
            const char *state_folder)
{
    switch (run->state) {
    case RUN_NONE:
    case RUN_STARTED:
    case RUN_DONE:
        return NULL;
    case RUN_RETRY:
    case RUN_MISTAKE:
    case RUN_FAILED:
        break;
    }
    if (run->trigger == NULL)
        return "each 'forebay run' begins anew";
    if (run->state == RUN_RETRY)
        return "the next 'forebay run' tries again";
    if (run->state == RUN_MISTAKE)
        return arena_printf(arena,
                            "a changed pipeline runs it again; when the "
                            "mistake was elsewhere: %s",
                            retry_command(arena, run, state_folder));
    /* A newer upload took its place. */
    if (run->report == NULL && run->digest[0] == '\0')
        return NULL;
    return arena_printf(arena,
                        "a new upload runs by itself; this one again: %s",
                        retry_command(arena, run, state_folder));
}
