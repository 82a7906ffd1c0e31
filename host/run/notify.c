/*
 * run/notify.c: messages into the outbox and out of it.
 */
#include "run/notify.h"

#include "run/report.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/log.h"

size_t
notify_messages(const struct pipeline *pipeline, const struct result *result,
                const char *report_json, struct arena *arena,
                struct ledger_message **messages)
{
    uint32_t outcome =
        result_is_success(result) ? NOTIFY_SUCCESS : NOTIFY_FAILURE;
    size_t count = 0;

    *messages = arena_array(arena, pipeline->step_count, sizeof(**messages));
    for (uint32_t i = 0; i < pipeline->step_count; i++) {
        const struct pipeline_step *step = &pipeline->steps[i];

        if (step->kind != FB_NOTIFIER || (step->notify_on & outcome) == 0)
            continue;
        /* The uri of a webhook is a secret: it stays in the pipeline file,
         * where delivery looks it up. */
        (*messages)[count++] = (struct ledger_message){
            .run_id = result->run_id,
            .pipeline = pipeline->name,
            .notifier = arena_strdup(arena, step->id),
            .config = pipeline->path,
            .payload = report_json,
        };
    }
    return count;
}

static const struct pipeline_step *
find_notifier(const struct pipeline *pipeline, const char *id)
{
    for (uint32_t i = 0; i < pipeline->step_count; i++)
        if (pipeline->steps[i].kind == FB_NOTIFIER &&
            strcmp(pipeline->steps[i].id, id) == 0)
            return &pipeline->steps[i];
    return NULL;
}

static int
send_by(const struct pipeline_step *config, const struct job *job,
        const struct fb_report *report, struct fb_error *err)
{
    const struct step_context context = {
        .pipeline = report->pipeline,
        .run_id = report->run_id,
        .cancelled = job->cancelled,
    };
    struct step *step = step_new(config, &context);
    struct place place;
    int status = -1;

    if (step_check(step, &place, err) == 0 &&
        step_bind(step, NULL, &place, err) == 0 && step_open(step, err) == 0 &&
        step_notify(step, report, err) == 0)
        status = step_finish(step, err);
    step_free(step);
    return status;
}

static int
send_in(const struct pipeline *pipeline, const struct job *job,
        const struct ledger_message *message, const struct fb_report *report,
        struct fb_error *err)
{
    const struct pipeline_step *config =
        find_notifier(pipeline, message->notifier);

    if (config == NULL)
        return fb_fail(err, FB_E_CONFIG,
                       "the pipeline has no notifier '%s' any more",
                       message->notifier);
    return send_by(config, job, report, err);
}

/* In the scope of the run that it tells about. */
static int
send_late(const struct job *job, const struct ledger_message *message,
          struct fb_error *err)
{
    struct arena *arena = arena_new();
    struct fb_report *report = report_of_json(message->payload, arena, err);
    struct pipeline *pipeline = NULL;
    int status = -1;

    if (report != NULL)
        pipeline = job_build(job, report->trigger, message->run_id,
                             clock_now_ms(), 0, err);
    if (pipeline != NULL)
        status = send_in(pipeline, job, message, report, err);
    pipeline_free(pipeline);
    arena_free(arena);
    return status;
}

/* A message is sent by the notifier as the pipeline file says it now.  What an
 * earlier attempt of the run has to tell is in another payload. */
static int
send_message(const struct job *job, const struct notify_run *just,
             const struct ledger_message *message, struct fb_error *err)
{
    if (just != NULL && strcmp(just->report->json, message->payload) == 0)
        return send_in(just->pipeline, job, message, just->report, err);
    return send_late(job, message, err);
}

static int
deliver_one(const struct job *job, const struct notify_run *just,
            const struct ledger_message *message, size_t *failed,
            struct fb_error *err)
{
    struct fb_error why = FB_ERROR_INIT;
    const char *fields[] = {
        "pipeline", message->pipeline, "run", message->run_id,
        "notifier", message->notifier, NULL};

    if (send_message(job, just, message, &why) == 0)
        return ledger_delivered(job->ledger, message->id, err);
    ++*failed;
    log_event(FB_ERROR, "not-notified", fields, "%s%s%s", why.message,
              why.hint[0] != '\0' ? "; hint: " : "", why.hint);
    return ledger_undelivered(job->ledger, message->id, why.message,
                              NOTIFY_ATTEMPTS_MAX, err);
}

int
notify_deliver(const struct job *job, const struct notify_run *just,
               size_t *failed, struct fb_error *err)
{
    struct ledger_message *messages;
    struct arena *arena = arena_new();
    size_t count;
    int status;

    *failed = 0;
    status = ledger_outbox(job->ledger, arena, job->pipeline->name, &messages,
                           &count, err);
    for (size_t i = 0; status == 0 && i < count; i++)
        status = deliver_one(job, just, &messages[i], failed, err);
    arena_free(arena);
    return status;
}
