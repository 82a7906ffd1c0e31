/*
 * trigger/judge.c: verdicts out of the ledger alone.
 */
#include "trigger/judge.h"

#include <assert.h>
#include <stdlib.h>

#include "util/clock.h"
#include "util/mem.h"

const char *
judge_utc(struct arena *arena, int64_t ms)
{
    char *text = arena_alloc(arena, 32);

    clock_format_utc(ms, text);
    return text;
}

static void
judge_done(const struct pipeline *pipeline, struct arena *arena,
           struct due *due, const struct ledger_run *run)
{
    const struct fb_plugin *plugin = pipeline->trigger.plugin;
    bool settles = plugin != NULL && plugin->settle != NULL;

    due->verdict = settles && !run->settled ? DUE_SETTLE : DUE_DONE;
    due->why = arena_printf(arena, "done %s in run %s%s",
                            judge_utc(arena, run->ended_ms), due->run_id,
                            due->verdict == DUE_SETTLE
                                ? ", its trigger is not cleaned up yet"
                                : "");
}

static void
judge_failed(struct arena *arena, struct due *due, const struct ledger_run *run)
{
    due->verdict = DUE_FAILED;
    due->why = arena_printf(arena, "failed %s in run %s%s%s",
                            judge_utc(arena, run->ended_ms), due->run_id,
                            run->summary != NULL ? ": " : "",
                            run->summary != NULL ? run->summary : "");
}

static void
judge_retry(const struct pipeline *pipeline, struct arena *arena,
            struct due *due, const struct ledger_run *run)
{
    /* A run that was told to stop is tried again even after the last attempt:
     * nobody was told of an end.  A failure then is final. */
    due->verdict = DUE_RUN;
    due->why = arena_printf(arena, "failed before, attempt %lld of %lld",
                            (long long)run->attempts + 1,
                            (long long)pipeline->trigger.attempts);
}

/* What was wrong stood in the pipeline: the same pipeline would fail again,
 * another one may not. */
static void
judge_mistake(const struct pipeline *pipeline, struct arena *arena,
              struct due *due, const struct ledger_run *run)
{
    if (strcmp(run->digest, pipeline->digest) == 0) {
        judge_failed(arena, due, run);
        due->mistake = true;
        due->why = arena_printf(arena, "%s; a changed pipeline runs it again",
                                due->why);
        return;
    }
    due->verdict = DUE_RUN;
    due->why = "failed before, and the pipeline was changed since";
}

/* A run that takes the whole process down would do so on every timer. */
static void
judge_started(const struct pipeline *pipeline, struct arena *arena,
              struct due *due, const struct ledger_run *run)
{
    int64_t allowed = pipeline->trigger.attempts;

    if (pipeline->trigger.given && run->attempts >= allowed) {
        due->verdict = DUE_CRASHED;
        due->why = arena_printf(arena, "crashed at each of %lld attempts",
                                (long long)run->attempts);
        return;
    }
    due->verdict = DUE_RUN;
    due->why = arena_printf(arena, "crashed before, attempt %lld",
                            (long long)run->attempts + 1);
}

static void
judge_run(const struct pipeline *pipeline, struct arena *arena, struct due *due,
          const struct ledger_run *run)
{
    due->attempts = run->attempts;
    switch (run->state) {
    case RUN_NONE:
        due->verdict = DUE_RUN;
        due->why = "new";
        break;
    case RUN_STARTED:
        judge_started(pipeline, arena, due, run);
        break;
    case RUN_DONE:
        judge_done(pipeline, arena, due, run);
        break;
    case RUN_FAILED:
        judge_failed(arena, due, run);
        break;
    case RUN_RETRY:
        judge_retry(pipeline, arena, due, run);
        break;
    case RUN_MISTAKE:
        judge_mistake(pipeline, arena, due, run);
        break;
    }
    assert(due->verdict != 0 && due->why != NULL);
}

int
judge(const struct due_request *request, struct arena *arena, struct due *due,
      struct fb_error *err)
{
    /* Reports may be large and there may be many: an arena for each. */
    struct arena *scratch = arena_new();
    struct ledger_run run;
    int rc;

    assert(due->run_id != NULL);
    rc = ledger_find(request->ledger, scratch, due->run_id, &run, err);
    if (rc == 0)
        judge_run(request->pipeline, arena, due, &run);
    arena_free(scratch);
    return rc;
}

static int
compare_ids(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Keep those of `runs` that vanished, in place. */
static size_t
keep_vanished(struct ledger_run *runs, size_t count, const char *const *ids,
              size_t id_count, int64_t before_ms)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        const struct ledger_run *run = &runs[i];

        if (run->trigger == NULL || run->generation == NULL ||
            run->started_ms > before_ms)
            continue;
        if (id_count > 0 && bsearch(&run->run_id, ids, id_count, sizeof(*ids),
                                    compare_ids) != NULL)
            continue;
        runs[kept++] = *run;
    }
    return kept;
}

int
judge_vanished(const struct due_request *request, struct arena *arena,
               const struct due *dues, size_t due_count, int64_t before_ms,
               struct ledger_run **runs, size_t *count, struct fb_error *err)
{
    struct ledger_query query = {.pipeline = request->pipeline->name,
                                 .state = RUN_STARTED,
                                 .brief = true};
    struct ledger_run *crashed, *failed;
    size_t crashed_count, failed_count;
    const char **ids;

    *runs = NULL;
    *count = 0;
    if (ledger_history(request->ledger, arena, &query, &crashed, &crashed_count,
                       err) != 0)
        return -1;
    query.state = RUN_RETRY;
    if (ledger_history(request->ledger, arena, &query, &failed, &failed_count,
                       err) != 0)
        return -1;
    if (crashed_count + failed_count == 0)
        return 0;
    ids = arena_array(arena, due_count, sizeof(*ids));
    for (size_t i = 0; i < due_count; i++)
        ids[i] = dues[i].run_id;
    if (due_count > 0)
        qsort(ids, due_count, sizeof(*ids), compare_ids);
    *runs = arena_array(arena, crashed_count + failed_count, sizeof(**runs));
    if (crashed_count > 0)
        memcpy(*runs, crashed, crashed_count * sizeof(**runs));
    if (failed_count > 0)
        memcpy(*runs + crashed_count, failed, failed_count * sizeof(**runs));
    *count = keep_vanished(*runs, crashed_count + failed_count, ids, due_count,
                           before_ms);
    return 0;
}
