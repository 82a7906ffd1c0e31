/*
 * cmd/cmd_run.c: `forebay run`: do what is due.
 */
#include <stdlib.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/outcome.h"
#include "cmd/plan.h"
#include "run/crew.h"
#include "run/job.h"
#include "run/notify.h"
#include "run/report.h"
#include "util/clock.h"
#include "util/conceal.h"
#include "util/error.h"
#include "util/file.h"
#include "util/limits.h"
#include "util/log.h"
#include "util/mem.h"

static volatile sig_atomic_t cancelled;

/* The first signal asks; the second is the default action: it kills. */
static void
on_signal(int number)
{
    /* Threads of plugins ask for it too. */
    __atomic_store_n(&cancelled, number, __ATOMIC_RELAXED);
    (void)signal(number, SIG_DFL);
}

static void
watch_signals(void)
{
    (void)signal(SIGTERM, on_signal);
    (void)signal(SIGINT, on_signal);
    (void)signal(SIGPIPE, SIG_IGN);
}

/* One pipeline file of the command line. */
struct work {
    const struct session *session;
    struct plan plan;
    struct job job;
    struct outcome *outcome;
    size_t undelivered; /* messages of earlier runs, when this one began */
};

static const char *
pipeline_name(const struct work *work)
{
    return work->plan.pipeline->name;
}

/* Whether the window lets work begin now; says so when it does not. */
static int
window_is_open(const struct work *work, bool *open, struct fb_error *err)
{
    struct window_state state;

    *open = true;
    if (work->session->arguments->ignore_window)
        return 0;
    if (window_at(work->plan.window, work->session->arena, clock_now_ms(),
                  &state, err) != 0)
        return -1;
    *open = state.open;
    if (!state.open)
        outcome_idle(work->outcome, pipeline_name(work), state.text);
    return 0;
}

static void
explain_due(struct arena *arena, const struct due *due)
{
    static const char *const words[] = {
        [DUE_RUN] = "would run",
        [DUE_DONE] = "done",
        [DUE_FAILED] = "failed before",
        [DUE_SETTLE] = "would clean up",
        [DUE_WAIT] = "waits",
        [DUE_NO_DATA] = "would refuse",
        [DUE_NO_TRIGGER] = "would tell",
        [DUE_BAD_NAME] = "would refuse",
        [DUE_GONE] = "would tell",
        [DUE_CRASHED] = "would refuse",
        [DUE_SUPERSEDED] = "would close",
        [DUE_IGNORE] = "would ignore",
    };

    printf("  %-14s %s  (%s)\n", words[due->verdict],
           due->object.uri != NULL ? conceal(arena, due->object.uri) : "once",
           due->why != NULL ? conceal(arena, due->why) : "");
}

static bool
is_work(const struct due *due)
{
    return due->verdict != DUE_DONE && due->verdict != DUE_FAILED &&
           due->verdict != DUE_WAIT;
}

static void
explain_all(const struct work *work, const struct due *list, size_t count)
{
    const char *pattern = trigger_pattern(&work->plan.pipeline->trigger);

    printf("%s: dry run, nothing is done\n", pipeline_name(work));
    for (size_t i = 0; i < count; i++)
        explain_due(work->session->arena, &list[i]);
    if (count == 0)
        printf("  nothing matches %s\n",
               pattern != NULL ? conceal(work->session->arena, pattern)
                               : "the trigger");
}

static size_t
count_verdict(const struct due *list, size_t count, enum due_verdict verdict)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        n += list[i].verdict == verdict;
    return n;
}

/* "nothing due (3 done before, 1 waiting for data)" */
static void
tell_nothing_due(const struct work *work, const struct due *list, size_t count)
{
    static const struct {
        enum due_verdict verdict;
        const char *words;
    } parts[] = {
        {DUE_DONE, "done before"},
        {DUE_WAIT, "waiting for data"},
        {DUE_IGNORE, "not for this pipeline"},
        {DUE_SETTLE, "of earlier runs to be cleaned up"},
        {DUE_SUPERSEDED, "replaced by newer uploads"},
        {DUE_FAILED, "failed before: see 'forebay history'"},
    };
    struct arena *arena = work->session->arena;
    const char *why = "";

    for (size_t p = 0; p < ARRAY_SIZE(parts); p++) {
        size_t n = count_verdict(list, count, parts[p].verdict);

        if (n > 0)
            why = arena_printf(arena, "%s%s%zu %s", why, why[0] ? ", " : "", n,
                               parts[p].words);
    }
    outcome_idle(work->outcome, pipeline_name(work),
                 why[0] ? arena_printf(arena, "nothing due (%s)", why)
                        : "nothing due (nothing there)");
}

/* *ran: a run was made of it, rather than only tidied up. */
static int
do_due(struct work *work, const struct due *due, bool *ran,
       struct fb_error *err)
{
    struct result result = {.arena = NULL};
    int status = job_do(&work->job, due, &result, err);

    *ran = result.arena != NULL;
    if (status == 0 && *ran)
        outcome_run(work->outcome, &result);
    else if (status == 0)
        outcome_status(work->outcome, error_exit_status(result.unsettled));
    if (*ran)
        job_release_result(&result);
    return status;
}

static int
do_all(struct work *work, const struct due *list, size_t count,
       struct fb_error *err)
{
    size_t runs = 0;

    for (size_t i = 0; i < count; i++) {
        bool open, ran;

        if (!is_work(&list[i]))
            continue;
        if (cancelled)
            return fb_fail(err, FB_E_CANCELLED, "told to stop by signal %d",
                           (int)cancelled);
        if (window_is_open(work, &open, err) != 0)
            return -1;
        if (!open)
            return 0;
        if (do_due(work, &list[i], &ran, err) != 0)
            return -1;
        runs += ran;
    }
    if (runs > 0)
        return 0; /* each run has tried again to deliver all that waits */
    tell_nothing_due(work, list, count);
    if (work->undelivered > 0)
        outcome_status(work->outcome, error_exit_status(FB_E_UNAVAILABLE));
    return 0;
}

static int
find_and_do(struct work *work, struct fb_error *err)
{
    const struct arguments *a = work->session->arguments;
    const struct due_request request = {
        .pipeline = work->plan.pipeline,
        .ledger = work->session->ledger,
        .now_ms = clock_now_ms(),
        .only = a->trigger,
    };
    struct due *list;
    size_t count;

    if (!a->dry_run &&
        notify_deliver(&work->job, NULL, &work->undelivered, err) != 0)
        return -1;
    if (due_list(&request, work->session->arena, &list, &count, err) != 0)
        return -1;
    if (a->dry_run) {
        explain_all(work, list, count);
        return 0;
    }
    return do_all(work, list, count, err);
}

/* The lock is held: nobody else has anything there. */
static void
clear_temp_folder(const struct work *work)
{
    struct fb_error err = FB_ERROR_INIT;

    if (file_empty_folder(work->job.temp_folder, &err) != 0)
        log_event(FB_WARN, "temporary-files-left",
                  (const char *[]){"pipeline", pipeline_name(work), NULL}, "%s",
                  err.message);
}

static int
run_pipeline(struct work *work, struct fb_error *err)
{
    AUTO_CLOSE int lock = -1;
    bool open;
    int status;

    if (window_is_open(work, &open, err) != 0)
        return -1;
    if (!open && !work->session->arguments->dry_run)
        return 0;
    if (ledger_lock(work->session->ledger, pipeline_name(work), &lock, err) !=
        0)
        return -1;
    if (work->session->arguments->dry_run)
        return find_and_do(work, err);
    clear_temp_folder(work); /* what a killed run left */
    status = find_and_do(work, err);
    clear_temp_folder(work);
    return status;
}

static struct job
make_job(const struct work *work)
{
    const struct session *session = work->session;
    struct job job = plan_job(session, &work->plan);

    job.ledger = session->ledger;
    job.state_folder = session->state_folder;
    job.temp_folder = ledger_temp_folder(session->ledger, session->arena,
                                         pipeline_name(work));
    job.cancelled = &cancelled;
    job.jobs = session->arguments->jobs == JOBS_NOT_SAID
                   ? crew_default_jobs()
                   : (uint32_t)session->arguments->jobs;
    return job;
}

/* --- the order of the operands -------------------------------------------- */

/* A pipeline that runs after another of the same invocation has its turn
 * behind it, wherever it is named: else what `*.yaml` names would need an
 * invocation for each step of the way. */
struct turns {
    struct work **waiting; /* operand_count of room */
    int waiting_count;
    const char **had; /* names of those that had their turn */
    int had_count;
};

/* NULL after problems, which are told here. */
static struct work *
work_open(const struct session *session, const char *path,
          struct outcome *outcome)
{
    struct problems *problems = problems_new();
    struct work *work = mem_zalloc(sizeof(*work));

    work->session = session;
    work->outcome = outcome;
    if (plan_open(&work->plan, session, path, problems) == 0) {
        work->job = make_job(work);
    } else {
        outcome_status(outcome, session_problems(problems));
        session_tell_refused(session);
        plan_release(&work->plan);
        free(work);
        work = NULL;
    }
    problems_free(problems);
    return work;
}

static bool
may_begin(const struct turns *turns, const struct work *work)
{
    const char *after = work->plan.pipeline->trigger.after;

    for (int i = 0; after != NULL && i < turns->had_count; i++)
        if (strcmp(turns->had[i], after) == 0)
            return true;
    return after == NULL;
}

/* Its errors are told here; the work is taken over. */
static void
take_turn(struct turns *turns, struct work *work)
{
    struct fb_error err = FB_ERROR_INIT;

    if (run_pipeline(work, &err) != 0)
        outcome_status(work->outcome, session_fail(&err));
    turns->had[turns->had_count++] =
        arena_strdup(work->session->arena, pipeline_name(work));
    plan_release(&work->plan);
    free(work);
}

static void
take_waiting(struct turns *turns, int index)
{
    struct work *work = turns->waiting[index];

    turns->waiting_count--;
    memmove(&turns->waiting[index], &turns->waiting[index + 1],
            (size_t)(turns->waiting_count - index) * sizeof(struct work *));
    take_turn(turns, work);
}

/* Each turn may be what another one waited for. */
static void
take_those_that_may(struct turns *turns)
{
    int i = 0;

    while (i < turns->waiting_count) {
        if (may_begin(turns, turns->waiting[i])) {
            take_waiting(turns, i);
            i = 0;
        } else {
            i++;
        }
    }
}

static void
take_all(struct turns *turns, const struct session *session,
         struct outcome *outcome)
{
    const struct arguments *arguments = session->arguments;

    for (int i = 0; i < arguments->operand_count; i++) {
        struct work *work = work_open(session, arguments->operands[i], outcome);

        if (work == NULL)
            continue;
        turns->waiting[turns->waiting_count++] = work;
        take_those_that_may(turns);
    }
    /* What they follow is not among the operands, or they follow each other. */
    while (turns->waiting_count > 0) {
        take_waiting(turns, 0);
        take_those_that_may(turns);
    }
}

static int
run_paths(const struct session *session)
{
    size_t count = (size_t)session->arguments->operand_count;
    struct fb_error err = FB_ERROR_INIT;
    struct turns turns = {.waiting_count = 0};
    struct outcome outcome;

    if (outcome_init(&outcome, session->arguments, &err) != 0)
        return session_fail(&err);
    turns.waiting = mem_array(count, sizeof(struct work *));
    turns.had = mem_array(count, sizeof(*turns.had));
    take_all(&turns, session, &outcome);
    free(turns.waiting);
    free(turns.had);
    return outcome_end(&outcome);
}

static int
check_as_of(const struct arguments *arguments)
{
    struct fb_error err = FB_ERROR_INIT;
    int64_t days;

    if (arguments->as_of == NULL ||
        clock_parse_date(arguments->as_of, strlen(arguments->as_of), &days))
        return 0;
    fb_fail(&err, FB_E_USAGE,
            "--as-of takes a date such as 2025-05-10, not '%s'",
            arguments->as_of);
    return session_fail(&err);
}

static int
check_jobs(const struct arguments *arguments)
{
    struct fb_error err = FB_ERROR_INIT;

    if (arguments->jobs == JOBS_NOT_SAID ||
        (arguments->jobs >= 1 && arguments->jobs <= JOBS_MAX))
        return 0;
    fb_fail(&err, FB_E_USAGE, "--jobs takes a number from 1 to %d, not '%lld'",
            JOBS_MAX, (long long)arguments->jobs);
    return session_fail(&err);
}

static int
run(const struct arguments *arguments)
{
    int status = check_as_of(arguments);

    if (status == 0)
        status = check_jobs(arguments);
    if (status != 0)
        return status;
    watch_signals();
    return session_do(arguments, true, run_paths);
}

static const struct flag flags[] = {
    {"trigger", FLAG_TEXT, FLAG_FIELD(trigger), "URI",
     "only this object, not everything that matches", NULL},
    {"as-of", FLAG_TEXT, FLAG_FIELD(as_of), "DATE",
     "what CURRENT_DATE means, so that a run can be repeated", NULL},
    {"dry-run", FLAG_BOOL, FLAG_FIELD(dry_run), NULL,
     "say what would run and why; do nothing", NULL},
    {"ignore-window", FLAG_BOOL, FLAG_FIELD(ignore_window), NULL,
     "work outside business hours too", NULL},
    {"strict", FLAG_BOOL, FLAG_FIELD(strict), NULL,
     "exit with 3 when rows were rejected", NULL},
    {"jobs", FLAG_NUMBER, FLAG_FIELD(jobs), "N",
     "threads of a run (default: one a processor, at most 4); what comes out "
     "is the same",
     NULL},
    {"report", FLAG_TEXT, FLAG_FIELD(report), "FILE",
     "write what happened as JSON", NULL},
    {NULL, 0, 0, NULL, NULL, NULL},
};

const struct command cmd_run = {
    .name = "run",
    .operands = "PIPELINE...",
    .summary = "do what is due",
    .flags = flags,
    .operands_min = 1,
    .operands_max = -1,
    .run = run,
};
