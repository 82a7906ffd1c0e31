/*
 * cmd/outcome.c: collecting, printing, and the --report file:
 * {"exit": 0, "runs": [report...], "idle": [{"pipeline": ..., "why": ...}]}
 */
#include "cmd/outcome.h"

#include <stdlib.h>

#include "run/report.h"
#include "util/error.h"
#include "util/file.h"
#include "util/log.h"

#define EXIT_REJECTED 3 /* --strict: finished, but rows were rejected */

void
outcome_init(struct outcome *outcome, const struct arguments *arguments)
{
    *outcome = (struct outcome){
        .arguments = arguments, .runs = json_array(), .idle = json_array()};
}

void
outcome_status(struct outcome *outcome, int status)
{
    if (outcome->status == 0)
        outcome->status = status;
}

void
outcome_idle(struct outcome *outcome, const char *pipeline, const char *why)
{
    printf("%s: idle: %s\n", pipeline, why);
    log_event(FB_INFO, "idle", (const char *[]){"pipeline", pipeline, NULL},
              "%s", why);
    json_array_append_new(outcome->idle, json_pack("{s:s,s:s}", "pipeline",
                                                   pipeline, "why", why));
}

static int
status_of(const struct outcome *outcome, const struct result *result)
{
    if (!result_is_success(result))
        return error_exit_status(result->error.code);
    if (result->undelivered > 0)
        return error_exit_status(FB_E_UNAVAILABLE);
    if (outcome->arguments->strict && result->rows_rejected > 0)
        return EXIT_REJECTED;
    return 0;
}

void
outcome_run(struct outcome *outcome, const struct result *result)
{
    const struct fb_report *report = report_of_result(result, result->arena);

    fputs(report->text, stdout);
    fflush(stdout);
    json_array_append_new(outcome->runs, json_loads(report->json, 0, NULL));
    outcome_status(outcome, status_of(outcome, result));
}

static int
write_report(const struct outcome *outcome, struct fb_error *err)
{
    json_t *root = json_pack("{s:i,s:O,s:O}", "exit", outcome->status, "runs",
                             outcome->runs, "idle", outcome->idle);
    char *text = json_dumps(root, JSON_INDENT(2));
    int status;

    json_decref(root);
    if (text == NULL)
        return fb_fail(err, FB_E_BUG, "cannot write the report as JSON");
    status = file_replace(outcome->arguments->report, text, strlen(text), err);
    free(text);
    return status;
}

int
outcome_end(struct outcome *outcome)
{
    struct fb_error err = FB_ERROR_INIT;

    if (outcome->arguments->report != NULL &&
        write_report(outcome, &err) != 0) {
        fprintf(stderr, "forebay: %s\n", err.message);
        outcome_status(outcome, error_exit_status(err.code));
    }
    json_decref(outcome->runs);
    json_decref(outcome->idle);
    return outcome->status;
}
