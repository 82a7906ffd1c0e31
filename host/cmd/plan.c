/*
 * cmd/plan.c: everything that can be known before anything is touched.
 */
#include "cmd/plan.h"

#include "run/graph.h"
#include "util/clock.h"

static void
check_types(const struct pipeline *pipeline, struct problems *problems)
{
    static const volatile sig_atomic_t never;
    const struct step_context context = {
        .pipeline = pipeline->name,
        .run_id = "check",
        .clock = {.now_us = clock_now_ms() * 1000},
        .cancelled = &never,
    };
    struct graph *graph = graph_new(pipeline, &context);

    graph_check(graph, problems);
    graph_free(graph);
}

int
plan_open(struct plan *plan, const struct session *session, const char *path,
          struct problems *problems)
{
    const struct scope scope = session_scope(session);

    *plan = (struct plan){.document = document_open(path, problems)};
    if (plan->document == NULL)
        return -1;
    plan->pipeline =
        pipeline_build(plan->document, &scope, session->registry, problems);
    if (plan->pipeline == NULL)
        return -1;
    plan->window =
        window_new(session->arena, &plan->pipeline->window, problems);
    check_types(plan->pipeline, problems);
    return problems_count(problems) == 0 ? 0 : -1;
}

void
plan_release(struct plan *plan)
{
    pipeline_free(plan->pipeline);
    document_free(plan->document);
    *plan = (struct plan){.document = NULL};
}
