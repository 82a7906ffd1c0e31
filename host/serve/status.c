/*
 * serve/status.c: asked of the ledger alone.  What lies in a store and was not
 * handled yet is not looked for: to list it costs requests, and to receive
 * from a queue would take it away from a run.
 */
#include "serve/status.h"

#include "util/text.h"

static int
newest(struct ledger *ledger, struct arena *arena, const char *pipeline,
       enum run_state state, bool report, struct ledger_run *run,
       struct fb_error *err)
{
    const struct ledger_query query = {
        .pipeline = pipeline, .state = state, .limit = 1, .brief = !report};
    struct ledger_run *runs;
    size_t count;

    *run = (struct ledger_run){.state = RUN_NONE};
    if (ledger_history(ledger, arena, &query, &runs, &count, err) != 0)
        return -1;
    if (count > 0)
        *run = runs[0];
    return 0;
}

static int
find_behind(struct ledger *ledger, struct arena *arena,
            const struct pipeline *pipeline, struct status *status,
            struct fb_error *err)
{
    const char *after = pipeline->trigger.after;
    struct ledger_run upstream;
    int64_t since;

    if (ledger_open_since(ledger, pipeline->name, &status->behind_since_ms,
                          err) != 0)
        return -1;
    if (after == NULL)
        return 0;
    if (newest(ledger, arena, after, RUN_DONE, false, &upstream, err) != 0)
        return -1;
    since = upstream.ended_ms;
    if (upstream.state == RUN_DONE && since > status->success.started_ms &&
        (status->behind_since_ms == 0 || since < status->behind_since_ms))
        status->behind_since_ms = since;
    return 0;
}

int
status_read(struct ledger *ledger, struct arena *arena,
            const struct site_pipeline *pipeline, bool reports, int64_t now_ms,
            struct status *status, struct fb_error *err)
{
    const char *name = pipeline->pipeline->name;

    *status = (struct status){.behind_since_ms = 0};
    if (newest(ledger, arena, name, RUN_NONE, reports, &status->newest, err) !=
            0 ||
        newest(ledger, arena, name, RUN_DONE, reports, &status->success, err) !=
            0 ||
        find_behind(ledger, arena, pipeline->pipeline, status, err) != 0)
        return -1;
    if (status->success.state == RUN_DONE &&
        ledger_outputs(ledger, arena, status->success.run_id, &status->outputs,
                       &status->output_count, err) != 0)
        return -1;
    return window_at(pipeline->window, arena, now_ms, &status->window, err);
}

int64_t
status_lag(const struct status *status, int64_t now_ms)
{
    int64_t since = status->behind_since_ms;

    return since > 0 && since < now_ms ? now_ms - since : 0;
}

bool
status_is_dashboard(const struct ledger_object *output)
{
    return text_ends_with(output->uri, ".html");
}
