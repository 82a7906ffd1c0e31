/*
 * cmd/outcome.c: collecting, printing, and the --report file:
 * {"runs": [report...], "idle": [{"pipeline": ..., "why": ...}], "exit": 0}
 */
#include "cmd/outcome.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/session.h"
#include "run/report.h"
#include "util/error.h"
#include "util/log.h"
#include "util/mem.h"

#define EXIT_REJECTED 3 /* --strict: finished, but rows were rejected */

static int
cannot_write(const char *path, struct fb_error *err)
{
    return fb_fail(err, FB_E_OUTPUT, "cannot write the report '%s': %s", path,
                   strerror(errno));
}

int
outcome_init(struct outcome *outcome, const struct arguments *arguments,
             struct fb_error *err)
{
    *outcome = (struct outcome){.arguments = arguments};
    if (arguments->report != NULL) {
        outcome->report_temp =
            mem_printf("%s.%ld.tmp", arguments->report, (long)getpid());
        outcome->report = fopen(outcome->report_temp, "wxe");
        if (outcome->report == NULL) {
            (void)cannot_write(arguments->report, err);
            free(outcome->report_temp);
            return -1;
        }
        fputs("{\"runs\": [", outcome->report);
    }
    outcome->idle = json_array();
    return 0;
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
    if (result->unsettled != FB_E_NONE)
        return error_exit_status(result->unsettled);
    if (outcome->arguments->strict && result->rows_rejected > 0)
        return EXIT_REJECTED;
    return 0;
}

void
outcome_run(struct outcome *outcome, const struct result *result)
{
    const struct fb_report *report = result->report;

    assert(report != NULL);
    fputs(report->text, stdout);
    fflush(stdout);
    if (outcome->report != NULL)
        fprintf(outcome->report, "%s\n  %s",
                outcome->report_runs++ > 0 ? "," : "", report->json);
    outcome_status(outcome, status_of(outcome, result));
}

/* Appears under its name only when every byte of it is on the disk. */
static int
finish_report(struct outcome *outcome, struct fb_error *err)
{
    FILE *file = outcome->report;
    char *idle = json_dumps(outcome->idle, JSON_COMPACT);
    bool failed;

    assert(idle != NULL);
    fprintf(file, "%s],\n \"idle\": %s,\n \"exit\": %d}\n",
            outcome->report_runs > 0 ? "\n" : "", idle, outcome->status);
    free(idle);
    failed = fflush(file) != 0 || fsync(fileno(file)) != 0;
    failed = fclose(file) != 0 || failed;
    outcome->report = NULL;
    if (failed ||
        rename(outcome->report_temp, outcome->arguments->report) != 0) {
        (void)cannot_write(outcome->arguments->report, err);
        (void)unlink(outcome->report_temp);
        return -1;
    }
    return 0;
}

int
outcome_end(struct outcome *outcome)
{
    struct fb_error err = FB_ERROR_INIT;

    if (outcome->report != NULL && finish_report(outcome, &err) != 0)
        outcome_status(outcome, session_fail(&err));
    free(outcome->report_temp);
    json_decref(outcome->idle);
    return outcome->status;
}
