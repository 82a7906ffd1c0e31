/*
 * cmd/cmd_history.c: `forebay history`: what was done, newest first; or all
 * that is known of one run; or no longer all that was.
 */
#include <jansson.h>
#include <stdlib.h>

#include "cmd/command.h"
#include "cmd/session.h"
#include "ledger/look.h"
#include "ledger/prune.h"
#include "run/ending.h"
#include "run/report.h"
#include "util/clock.h"
#include "util/conceal.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/text.h"

#define HISTORY_DEFAULT 20 /* runs */
#define PRUNE_DAYS_MAX 36500
#define DAY_MS INT64_C(86400000)

static const char *
shown(struct arena *arena, const char *text)
{
    return text == NULL ? "" : text_escape(arena, text, strlen(text), 500);
}

static void
print_text(struct arena *arena, const struct ledger_run *run)
{
    char started[32];

    clock_format_utc(run->started_ms, started);
    printf("%s  %-8s  %.12s  %s  %s", started, run_state_name(run->state),
           run->run_id, run->pipeline, shown(arena, run->summary));
    if (run->attempts > 1)
        printf(" (attempt %lld)", (long long)run->attempts);
    printf("\n");
}

static json_t *
text_or_null(const char *text)
{
    json_t *value = text == NULL ? NULL : json_string(text);

    return value == NULL ? json_null() : value;
}

static json_t *
time_or_null(int64_t ms)
{
    char text[32];

    if (ms == 0)
        return json_null();
    clock_format_utc(ms, text);
    return json_string(text);
}

/* One object a line; `report` is the run's own report. */
static void
print_json(struct arena *arena, const struct ledger_run *run)
{
    json_t *report = run->report ? json_loads(run->report, 0, NULL) : NULL;
    const char *trigger =
        run->trigger != NULL ? conceal(arena, run->trigger) : NULL;
    json_t *line = json_pack(
        "{s:s,s:s,s:s,s:o,s:I,s:o,s:o,s:o,s:o}", "run", run->run_id, "pipeline",
        run->pipeline, "state", run_state_name(run->state), "trigger",
        text_or_null(trigger), "attempts", (json_int_t)run->attempts, "started",
        time_or_null(run->started_ms), "ended", time_or_null(run->ended_ms),
        "summary", text_or_null(run->summary), "report",
        report != NULL ? report : json_null());
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;

    if (text != NULL)
        printf("%s\n", text);
    free(text);
    json_decref(line);
}

/* --- one run -------------------------------------------------------------- */

static int
print_run(const struct session *session, const char *id, bool json)
{
    struct fb_error err = FB_ERROR_INIT;
    const struct fb_report *report = NULL;
    struct ledger_run run = {.state = RUN_NONE};

    /* The list shows the beginning of an id. */
    if (ledger_find_short(session->ledger, session->arena, id, &id, &err) !=
            0 ||
        ledger_find(session->ledger, session->arena, id, &run, &err) != 0)
        return session_fail(&err);
    if (json) {
        print_json(session->arena, &run);
        return 0;
    }
    print_text(session->arena, &run);
    if (run.report == NULL)
        return 0; /* it goes on, or crashed, or is too old */
    report = report_of_json(run.report, session->arena, &err);
    if (report == NULL)
        return session_fail(&err);
    printf("%s", report->text);
    return 0;
}

/* --- all runs ------------------------------------------------------------- */

/* Of what waits for somebody, also what they can do. */
static void
print_in_list(const struct session *session, const struct ledger_run *run)
{
    const char *next = ending_next(session->arena, run, session->state_folder);

    print_text(session->arena, run);
    if (next != NULL && run->state != RUN_RETRY)
        printf("    next: %s\n", shown(session->arena, next));
}

static int
print_history(const struct session *session)
{
    const struct arguments *a = session->arguments;
    const struct ledger_query query = {
        .pipeline = a->pipeline,
        .limit = a->limit > 0 ? a->limit : HISTORY_DEFAULT,
    };
    bool json = a->format != NULL && strcmp(a->format, "json") == 0;
    struct fb_error err = FB_ERROR_INIT;
    struct ledger_run *runs;
    size_t count;

    if (a->operand_count > 0)
        return print_run(session, a->operands[0], json);
    if (ledger_history(session->ledger, session->arena, &query, &runs, &count,
                       &err) != 0)
        return session_fail(&err);
    for (size_t i = 0; i < count; i++) {
        if (json)
            print_json(session->arena, &runs[i]);
        else
            print_in_list(session, &runs[i]);
    }
    if (count == 0 && !json)
        fprintf(stderr, "forebay: no runs yet in '%s'\n",
                session->state_folder);
    return 0;
}

/* --- what is too old ------------------------------------------------------ */

static int
check_prune(const struct arguments *a, struct fb_error *err)
{
    if (a->prune < 1 || a->prune > PRUNE_DAYS_MAX)
        return fb_fail(
            err, FB_E_USAGE,
            "--prune takes a number of days from 1 to %d, not '%lld'",
            PRUNE_DAYS_MAX, (long long)a->prune);
    if (a->operand_count > 0 || a->limit > 0 || a->format != NULL)
        return fb_fail(err, FB_E_USAGE, "--prune goes with --pipeline alone");
    return 0;
}

static int
prune(const struct session *session)
{
    const struct arguments *a = session->arguments;
    struct fb_error err = FB_ERROR_INIT;
    struct ledger_pruned pruned;
    char before[32];
    int64_t before_ms;

    if (check_prune(a, &err) != 0)
        return session_fail(&err);
    before_ms = clock_now_ms() - a->prune * DAY_MS;
    if (ledger_prune(session->ledger, a->pipeline, before_ms, &pruned, &err) !=
        0)
        return session_fail(&err);
    clock_format_utc(before_ms, before);
    printf("forgot the reports of %lld runs that ended before %s, and %lld "
           "runs without a trigger\n",
           (long long)pruned.reports, before, (long long)pruned.runs);
    return 0;
}

static int
history(const struct session *session)
{
    return session->arguments->prune == PRUNE_NOT_SAID ? print_history(session)
                                                       : prune(session);
}

static int
run(const struct arguments *arguments)
{
    return session_do(arguments, true, history);
}

static const char *const formats[] = {"text", "json", NULL};

static const struct flag flags[] = {
    {"pipeline", FLAG_TEXT, FLAG_FIELD(pipeline), "NAME",
     "runs of this pipeline only", NULL},
    {"limit", FLAG_NUMBER, FLAG_FIELD(limit), "N",
     "so many runs at most (default 20)", NULL},
    {"format", FLAG_TEXT, FLAG_FIELD(format), "text|json",
     "one line or one JSON object a run", formats},
    {"prune", FLAG_NUMBER, FLAG_FIELD(prune), "DAYS",
     "show nothing; forget the reports of runs that ended so many days ago",
     NULL},
    {NULL, 0, 0, NULL, NULL, NULL},
};

const struct command cmd_history = {
    .name = "history",
    .operands = "[RUN]",
    .summary = "what was done, newest first; or the report of one run",
    .flags = flags,
    .operands_min = 0,
    .operands_max = 1,
    .run = run,
};
