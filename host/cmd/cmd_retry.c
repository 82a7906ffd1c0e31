/*
 * cmd/cmd_retry.c: `forebay retry`: what failed for good was mended, so that
 * the next run may try it again.  Runs nothing itself.
 */
#include "cmd/command.h"
#include "cmd/session.h"
#include "ledger/look.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/text.h"

/* Whether there is something to change; says so when there is not. */
static int
look(const struct ledger_run *run, bool *failed, struct fb_error *err)
{
    *failed = run->state == RUN_FAILED || run->state == RUN_MISTAKE;
    if (run->trigger == NULL)
        return fb_fail(err, FB_E_USAGE,
                       "run '%s' has no trigger: each 'forebay run' of '%s' "
                       "begins anew",
                       run->run_id, run->pipeline);
    if (run->state != RUN_DONE)
        return 0;
    fb_fail(err, FB_E_USAGE, "run '%s' is done, and is not done again",
            run->run_id);
    return fb_hint(err, "a new upload of '%s' is a run of its own",
                   run->trigger);
}

static int
try_again(const struct session *session, const char *id, struct fb_error *err)
{
    AUTO_CLOSE int lock = -1;
    struct ledger_run run;
    bool failed;

    if (ledger_find_short(session->ledger, session->arena, id, &id, err) != 0 ||
        ledger_find(session->ledger, session->arena, id, &run, err) != 0 ||
        ledger_lock(session->ledger, run.pipeline, &lock, err) != 0 ||
        look(&run, &failed, err) != 0 ||
        (failed && ledger_retry(session->ledger, id, err) != 0))
        return -1;
    printf("%s: the next 'forebay run' tries again: %s\n", run.pipeline,
           text_escape(session->arena, run.trigger, strlen(run.trigger),
                       FB_MESSAGE_MAX));
    return 0;
}

static int
retry(const struct session *session)
{
    struct fb_error err = FB_ERROR_INIT;

    return try_again(session, session->arguments->operands[0], &err) == 0
               ? 0
               : session_fail(&err);
}

static int
run(const struct arguments *arguments)
{
    return session_do(arguments, true, retry);
}

static const struct flag flags[] = {{NULL, 0, 0, NULL, NULL, NULL}};

const struct command cmd_retry = {
    .name = "retry",
    .operands = "RUN",
    .summary = "let the next run try again what failed for good",
    .flags = flags,
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
