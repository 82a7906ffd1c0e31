/*
 * run/job.c: the order of things that makes a crash harmless (see ledger.h).
 */
#include "run/job.h"

#include <assert.h>

#include "run/ending.h"
#include "run/execute.h"
#include "run/keeper.h"
#include "run/notify.h"
#include "run/progress.h"
#include "run/report.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/file.h"
#include "util/log.h"
#include "util/mem.h"

int
job_clock(const struct job *job, int64_t now_ms, struct expr_clock *clock,
          struct fb_error *err)
{
    struct clock_local local;

    clock->now_us = now_ms * 1000;
    if (job->as_of != NULL) {
        if (clock_parse_date(job->as_of, strlen(job->as_of), &clock->date))
            return 0;
        return fb_fail(err, FB_E_USAGE,
                       "--as-of takes a date such as 2025-05-10, not '%s'",
                       job->as_of);
    }
    if (clock_to_local(job->timezone, now_ms, &local, err) != 0)
        return -1;
    clock->date = local.days;
    return 0;
}

/* 2025-05-10T09:30:00Z as it can stand in a file's name: 20250510T093000Z */
static void
format_started(int64_t ms, char *text)
{
    char utc[32];
    size_t n = 0;

    clock_format_utc(ms, utc);
    for (const char *p = utc; *p != '\0'; p++)
        if (*p != '-' && *p != ':')
            text[n++] = *p;
    text[n] = '\0';
}

static int
first_problem(struct problems *problems, struct fb_error *err)
{
    const struct problem *p = problems_at(problems, 0);

    fb_fail(err, FB_E_CONFIG, "%s:%u:%u: %s", p->place.file, p->place.line,
            p->place.column, p->message);
    if (p->hint != NULL)
        fb_hint(err, "%s", p->hint);
    return -1;
}

struct pipeline *
job_build(const struct job *job, const char *trigger_uri, const char *run_id,
          int64_t started_ms, int64_t date, struct fb_error *err)
{
    struct problems *problems = problems_new();
    char started[32], day[16];
    struct pipeline *pipeline;
    struct scope scope = {
        .settings = job->settings,
        .setting_count = job->setting_count,
        .trigger_uri = trigger_uri,
        .run_id = run_id,
        .run_date = day,
        .run_started = started,
    };

    clock_format_date(date, day);
    format_started(started_ms, started);
    pipeline = pipeline_build(job->document, &scope, job->registry, problems);
    if (pipeline == NULL)
        (void)first_problem(problems, err);
    problems_free(problems);
    return pipeline;
}

/* What is wrong with a trigger that must not run. */
static void
refuse(const struct due *due, struct fb_error *err)
{
    const char *uri = due->object.uri;

    switch (due->verdict) {
    case DUE_BAD_NAME:
        fb_fail(err, FB_E_INPUT, "cannot take '%s': %s", uri, due->why);
        fb_hint(err, "give it another name: ASCII letters, digits, '.', '_' "
                     "and '-' are always allowed");
        break;
    case DUE_NO_DATA:
        fb_fail(err, FB_E_MISSING, "trigger '%s': %s", uri, due->why);
        fb_hint(err, "put the data there, then the trigger file again");
        break;
    case DUE_NO_TRIGGER:
        fb_fail(err, FB_E_MISSING, "data '%s': %s", uri, due->why);
        fb_hint(err, "put its trigger file beside it");
        break;
    case DUE_GONE:
        fb_fail(err, FB_E_MISSING, "trigger '%s': %s", uri, due->why);
        fb_hint(err, "put it there again if its work still matters");
        break;
    case DUE_CRASHED:
        fb_fail(err, FB_E_BUG, "the run of '%s' %s", uri, due->why);
        fb_hint(err, "the journal says where; a changed file runs again");
        break;
    case DUE_RUN:
    case DUE_DONE:
    case DUE_FAILED:
    case DUE_SETTLE:
    case DUE_SUPERSEDED:
    case DUE_WAIT:
    case DUE_IGNORE:
        assert(!"a verdict that refuses nothing");
    }
}

/* Those who look on while a run works. */
struct watch {
    struct progress *progress;
    struct keeper *keeper;
};

static void
watch_update(void *arg, uint64_t bytes, uint64_t rows)
{
    const struct watch *watch = arg;

    progress_update(watch->progress, bytes, rows);
    keeper_update(watch->keeper);
}

/* --- notes of steps --------------------------------------------------------
 */

struct notes {
    struct ledger *ledger;
    const char *run_id;
};

static int
put_note(void *arg, const char *step, const char *key, const char *text,
         struct fb_error *err)
{
    const struct notes *notes = arg;

    return ledger_note_put(notes->ledger, notes->run_id, step, key, text, err);
}

static int
get_note(void *arg, const char *step, const char *key, char **text,
         struct fb_error *err)
{
    const struct notes *notes = arg;
    struct arena *arena = arena_new();
    const char *found;
    int status = ledger_note_get(notes->ledger, arena, notes->run_id, step, key,
                                 &found, err);

    *text = status == 0 && found != NULL ? mem_strdup(found) : NULL;
    arena_free(arena);
    return status;
}

static int
execute_due(const struct job *job, const struct due *due,
            const struct pipeline *pipeline, const struct step_context *known,
            struct keeper *keeper, struct result *result)
{
    struct notes notes = {.ledger = job->ledger, .run_id = due->run_id};
    const struct step_notes kept = {
        .arg = &notes, .put = put_note, .get = get_note};
    struct step_context context = *known;
    struct progress progress;
    struct watch watch = {.progress = &progress, .keeper = keeper};
    const struct execution execution = {
        .pipeline = pipeline,
        .context = &context,
        .trigger = due->object.uri != NULL ? &due->object : NULL,
        .progress = watch_update,
        .progress_arg = &watch,
        .jobs = job->jobs,
    };
    int status;

    context.notes = &kept;
    keeper_begin(keeper);
    progress_begin(&progress, pipeline->name, due->object.size);
    status = execute(&execution, result);
    progress_end(&progress);
    return status;
}

static void
begin_result(struct result *result, const struct pipeline *pipeline,
             const struct due *due, int64_t now_ms)
{
    struct arena *arena = arena_new();

    *result = (struct result){
        .arena = arena,
        .pipeline = arena_strdup(arena, pipeline->name),
        .run_id = arena_strdup(arena, due->run_id),
        .trigger = due->object.uri == NULL
                       ? NULL
                       : arena_strdup(arena, due->object.uri),
        .attempt = due->attempts + 1,
        .started_ms = now_ms,
        .ended_ms = now_ms,
    };
}

void
job_release_result(struct result *result)
{
    arena_free(result->arena);
    *result = (struct result){.arena = NULL};
}

static struct ledger_object *
ledger_objects(struct arena *arena, const struct result_object *objects,
               size_t count)
{
    struct ledger_object *list = arena_array(arena, count, sizeof(*list));

    for (size_t i = 0; i < count; i++)
        list[i] = (struct ledger_object){
            .step = objects[i].step,
            .uri = objects[i].uri,
            .generation = objects[i].generation,
            .rows = objects[i].rows,
            .bytes = objects[i].bytes,
        };
    return list;
}

static int
end_run(const struct job *job, const struct pipeline *pipeline,
        struct ledger_run *run, struct result *result, struct fb_error *err)
{
    struct arena *arena = result->arena;
    struct ledger_message *messages = NULL;
    size_t message_count = 0;

    run->state = ending_state(result, &pipeline->trigger);
    result->next = ending_next(arena, run, job->state_folder);
    run->ended_ms = result->ended_ms;
    run->summary = report_summary(result, arena);
    result->report = report_of_result(result, arena);
    run->report = result->report->json;
    if (ending_is_worth_telling(result, run->state))
        message_count =
            notify_messages(pipeline, result, run->report, arena, &messages);
    return ledger_end(
        job->ledger, run,
        ledger_objects(arena, result->inputs, result->input_count),
        result->input_count,
        ledger_objects(arena, result->outputs, result->output_count),
        result->output_count, messages, message_count, err);
}

static void
log_end(const struct result *result, enum run_state state)
{
    const char *fields[] = {
        "pipeline", result->pipeline, "run",   result->run_id,
        "trigger",  result->trigger,  "state", run_state_name(state),
        NULL};

    log_event(state == RUN_DONE ? FB_INFO : FB_ERROR, "run-finished", fields,
              "%s", report_summary(result, result->arena));
}

/* What was announced with others is cleaned up with the last of them. */
static bool
is_last(const struct due *due, bool *success)
{
    struct due_group *group = due->group;

    if (group == NULL)
        return true;
    assert(group->open > 0);
    group->failed = group->failed || !*success;
    *success = !group->failed;
    return --group->open == 0;
}

/* What is ignored has no run. */
static int
record_settled(const struct job *job, const struct due *due,
               struct fb_error *err)
{
    return due->verdict == DUE_IGNORE
               ? 0
               : ledger_settled(job->ledger, due->run_id, err);
}

static void
log_unsettled(const struct due *due, const struct fb_error *why)
{
    const bool hint = why->hint[0] != '\0';

    log_event(FB_ERROR, "trigger-not-settled",
              (const char *[]){"trigger", due->object.uri, NULL}, "%s%s%s",
              why->message, hint ? "; hint: " : "", why->hint);
}

/* Clean up the trigger of what is on record, which belongs to a success or
 * not.  When it fails now, the next invocation finds it (DUE_SETTLE). */
static int
settle(const struct job *job, const struct due *due, struct keeper *keeper,
       bool success, enum fb_code *unsettled, struct fb_error *err)
{
    struct fb_error why = FB_ERROR_INIT;

    if (!is_last(due, &success))
        return 0;
    if (keeper == NULL || keeper_settle(keeper, success, &why) == 0)
        return record_settled(job, due, err);
    log_unsettled(due, &why);
    *unsettled = why.code;
    return 0;
}

/* From the claim to the messages; the trigger is its keeper's business. */
static int
do_run(const struct job *job, const struct due *due,
       const struct pipeline *pipeline, struct keeper *keeper,
       const struct step_context *context, struct result *result,
       struct fb_error *err)
{
    struct ledger_run run = {
        .run_id = due->run_id,
        .pipeline = pipeline->name,
        .digest = pipeline->digest,
        .trigger = due->object.uri,
        .generation = due->object.generation,
        .state = RUN_STARTED,
        .started_ms = result->started_ms,
    };

    if (ledger_begin(job->ledger, &run, err) != 0)
        return -1;
    if (due->verdict != DUE_RUN)
        refuse(due, &result->error);
    else
        (void)execute_due(job, due, pipeline, context, keeper, result);
    if (end_run(job, pipeline, &run, result, err) != 0)
        return -1;
    log_end(result, run.state);
    if (notify_deliver(job, &(struct notify_run){pipeline, result->report},
                       &result->undelivered, err) != 0)
        return -1;
    if (due->object.uri == NULL || run.state == RUN_RETRY ||
        run.state == RUN_MISTAKE)
        return 0;
    return settle(job, due, keeper, run.state == RUN_DONE, &result->unsettled,
                  err);
}

/* The newer upload of the same name is handled in its stead, and the first
 * failure of this one was told when it happened. */
static int
close_superseded(const struct job *job, const struct due *due,
                 struct fb_error *err)
{
    const char *pipeline = job->pipeline->name;
    int64_t now = clock_now_ms();
    struct ledger_run run = {
        .run_id = due->run_id,
        .pipeline = pipeline,
        .digest = "",
        .trigger = due->object.uri,
        .generation = due->object.generation,
        .state = RUN_STARTED,
        .started_ms = now,
        .ended_ms = now,
        .summary = due->why,
        .settled = true,
    };

    if (ledger_begin(job->ledger, &run, err) != 0)
        return -1;
    run.state = RUN_FAILED;
    if (ledger_end(job->ledger, &run, NULL, 0, NULL, 0, NULL, 0, err) != 0)
        return -1;
    log_event(FB_INFO, "run-superseded",
              (const char *[]){"pipeline", pipeline, "run", due->run_id,
                               "trigger", due->object.uri, NULL},
              "%s", due->why);
    return 0;
}

/* The name of what is ignored must not become part of the pipeline. */
static int
ignore(const struct job *job, const struct due *due, enum fb_code *unsettled,
       struct fb_error *err)
{
    const struct step_context context = {.pipeline = job->pipeline->name,
                                         .run_id = due->run_id,
                                         .temp_folder = job->temp_folder,
                                         .cancelled = job->cancelled};
    struct keeper *keeper =
        keeper_new(&job->pipeline->trigger, &context, &due->object);
    int status;

    log_event(FB_INFO, "trigger-ignored",
              (const char *[]){"trigger", due->object.uri, NULL}, "%s",
              due->why);
    status = settle(job, due, keeper, true, unsettled, err);
    keeper_free(keeper);
    return status;
}

/* What has a pipeline of its own: in the scope of this trigger. */
static int
do_built(const struct job *job, const struct due *due,
         const struct pipeline *pipeline, const struct expr_clock *clock,
         struct result *result, struct fb_error *err)
{
    const struct step_context context = {.pipeline = pipeline->name,
                                         .run_id = due->run_id,
                                         .clock = *clock,
                                         .temp_folder = job->temp_folder,
                                         .cancelled = job->cancelled};
    struct keeper *keeper =
        keeper_new(&pipeline->trigger, &context, &due->object);
    int status;

    if (due->verdict == DUE_SETTLE) {
        status =
            settle(job, due, keeper, !due->failed, &result->unsettled, err);
    } else {
        begin_result(result, pipeline, due, clock->now_us / 1000);
        status = do_run(job, due, pipeline, keeper, &context, result, err);
    }
    keeper_free(keeper);
    return status;
}

int
job_do(const struct job *job, const struct due *due, struct result *result,
       struct fb_error *err)
{
    int64_t now = clock_now_ms();
    struct expr_clock clock;
    struct pipeline *pipeline;
    int status;

    assert(result->arena == NULL);
    if (due->verdict == DUE_IGNORE)
        return ignore(job, due, &result->unsettled, err);
    if (due->verdict == DUE_SUPERSEDED)
        return close_superseded(job, due, err);
    if (job_clock(job, now, &clock, err) != 0)
        return -1;
    pipeline =
        job_build(job, due->object.uri, due->run_id, now, clock.date, err);
    if (pipeline == NULL)
        return -1;
    status = do_built(job, due, pipeline, &clock, result, err);
    pipeline_free(pipeline);
    return status;
}
