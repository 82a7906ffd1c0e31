/*
 * cmd/plan.c: everything that can be known before anything is touched.
 */
#include "cmd/plan.h"

#include "run/graph.h"
#include "table/around.h"
#include "util/clock.h"

static const volatile sig_atomic_t never;

static void
check_types(const struct pipeline *pipeline, struct problems *problems)
{
    const struct step_context context = {
        .pipeline = pipeline->name,
        .run_id = "check",
        .clock = {.now_us = clock_now_ms() * 1000},
        .cancelled = &never,
    };
    struct around around;
    struct graph *graph;

    around_init(&around, &context, pipeline, false);
    graph = graph_new(pipeline, &around.context);
    graph_check(graph, problems);
    graph_free(graph);
    around_release(&around);
}

/* A window can be judged even when something else in the file is wrong. */
static void
check_window(struct plan *plan, const struct session *session,
             const struct scope *scope, struct problems *problems)
{
    struct window_config apart;
    const struct window_config *config = &apart;

    if (plan->pipeline != NULL)
        config = &plan->pipeline->window;
    else if (!pipeline_window(plan->document, scope, session->registry,
                              session->arena, &apart))
        return;
    plan->window = window_new(session->arena, config, problems);
}

int
plan_open(struct plan *plan, const struct session *session, const char *path,
          struct problems *problems)
{
    const struct scope scope = session_scope(session);
    size_t before = problems_added(problems);

    *plan = (struct plan){.document = document_open(path, problems)};
    if (plan->document == NULL)
        return -1;
    plan->pipeline =
        pipeline_build(plan->document, &scope, session->registry, problems);
    check_window(plan, session, &scope, problems);
    if (plan->pipeline != NULL)
        check_types(plan->pipeline, problems);
    return problems_added(problems) == before ? 0 : -1;
}

void
plan_release(struct plan *plan)
{
    pipeline_free(plan->pipeline);
    document_free(plan->document);
    *plan = (struct plan){.document = NULL};
}

int
plan_do(const struct session *session, const char *path,
        int (*use)(const struct session *session, const struct plan *plan))
{
    struct problems *problems = problems_new();
    struct plan plan;
    int status;

    if (plan_open(&plan, session, path, problems) == 0) {
        status = use(session, &plan);
    } else {
        status = session_problems(problems);
        session_tell_refused(session);
    }
    plan_release(&plan);
    problems_free(problems);
    return status;
}

struct job
plan_job(const struct session *session, const struct plan *plan)
{
    const struct window_config *window = &plan->pipeline->window;

    return (struct job){
        .document = plan->document,
        .pipeline = plan->pipeline,
        .registry = session->registry,
        .settings = session->arguments->settings,
        .setting_count = session->arguments->setting_count,
        .timezone = window->given ? window->timezone : "local",
        .as_of = session->arguments->as_of,
        .cancelled = &never,
    };
}
