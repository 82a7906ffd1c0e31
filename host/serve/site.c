/*
 * serve/site.c: from a route to an answer: read, let go of the ledger, write.
 */
#include "serve/site.h"

#include <assert.h>

#include "serve/metrics.h"
#include "serve/page.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/file.h"
#include "util/limits.h"

#define DAY_MS INT64_C(86400000)

static const char html_type[] = "text/html; charset=utf-8";
static const char text_type[] = "text/plain; charset=utf-8";
/* Styles of our own and a form that leads back here; nothing else. */
static const char page_policy[] =
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'";

static const char dashboard_policy[] =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const struct site_pipeline *
site_find(const struct site *site, const char *name)
{
    for (size_t i = 0; i < site->pipeline_count; i++)
        if (strcmp(site->pipelines[i].pipeline->name, name) == 0)
            return &site->pipelines[i];
    return NULL;
}

const struct pipeline_step *
site_sink(const struct site_pipeline *pipeline, const char *label)
{
    const struct pipeline *p = pipeline->pipeline;

    for (uint32_t i = 0; i < p->step_count; i++)
        if (p->steps[i].kind == FB_SINK &&
            strcmp(p->steps[i].label, label) == 0)
            return &p->steps[i];
    return NULL;
}

/* One word after another; nothing that could begin another directive. */
static bool
are_sources(const char *text)
{
    return *text != '\0' && strpbrk(text, ";,\r\n") == NULL;
}

void
site_dashboard_policy(const struct site_dashboard *dashboard,
                      char policy[SITE_POLICY_MAX])
{
    const struct pipeline_step *sink =
        site_sink(dashboard->pipeline, dashboard->step);
    const struct fb_plugin *maker = sink == NULL          ? NULL
                                    : sink->codec != NULL ? sink->codec
                                                          : sink->plugin;
    struct fb_error err = FB_ERROR_INIT;
    char sources[SITE_POLICY_MAX / 2] = "";

    if (maker != NULL && maker->page_scripts != NULL &&
        maker->page_scripts(sources, sizeof(sources), &err) == 0 &&
        are_sources(sources))
        snprintf(policy, SITE_POLICY_MAX,
                 "sandbox allow-scripts allow-downloads; script-src %s; %s",
                 sources, dashboard_policy);
    else
        snprintf(policy, SITE_POLICY_MAX, "sandbox; %s", dashboard_policy);
}

void
answer_release(struct answer *answer)
{
    buf_release(&answer->body);
}

/* Takes the page over. */
static void
take(struct answer *answer, unsigned status, const char *type,
     struct html *html)
{
    assert(!html->failed || answer->error.code == FB_E_NONE);
    answer->status = status;
    answer->type = type;
    answer->policy = page_policy;
    if (!html->failed) {
        answer->body = html->buf;
        return;
    }
    html_release(html);
    fb_fail(&answer->error, FB_E_LIMIT, "a page came out too long");
    html_init(html);
    html_raw(html, "too long\n");
    answer->status = 500;
    answer->type = text_type;
    answer->body = html->buf;
}

void
site_refuse(struct answer *answer, unsigned status, const char *text)
{
    struct html html;

    html_init(&html);
    page_message(&html, status == 404 ? "Not found" : "Not possible", text);
    take(answer, status, html_type, &html);
}

/* The cause is for the log. */
static void
fail(struct answer *answer)
{
    struct fb_error error = answer->error;

    answer->error = (struct fb_error)FB_ERROR_INIT;
    site_refuse(answer, 503, "The ledger cannot be read now.");
    answer->error = error;
}

/* --- what is read together --- */

struct reading {
    struct arena *arena;
    struct status *statuses;
    struct ledger_tally *runs, *waiting;
    size_t run_count, waiting_count;
};

static int
read_statuses(const struct site *site, struct ledger *ledger, bool metrics,
              int64_t now_ms, struct reading *r, struct fb_error *err)
{
    r->statuses =
        arena_array(r->arena, site->pipeline_count, sizeof(*r->statuses));
    for (size_t i = 0; i < site->pipeline_count; i++)
        if (status_read(ledger, r->arena, &site->pipelines[i], metrics, now_ms,
                        &r->statuses[i], err) != 0)
            return -1;
    if (!metrics)
        return 0;
    if (ledger_tally(ledger, r->arena, &r->runs, &r->run_count, err) != 0)
        return -1;
    return ledger_waiting(ledger, r->arena, &r->waiting, &r->waiting_count,
                          err);
}

static bool
read_all(const struct site *site, bool metrics, int64_t now_ms,
         struct reading *r, struct fb_error *err)
{
    struct ledger *ledger = books_take(site->books, err);
    int status;

    if (ledger == NULL)
        return false;
    status = read_statuses(site, ledger, metrics, now_ms, r, err);
    books_give(site->books, status == 0);
    return status == 0;
}

static void
answer_pipelines(const struct site *site, bool metrics, struct answer *answer)
{
    struct reading r = {.arena = arena_new()};
    int64_t now_ms = clock_now_ms();
    struct html html;

    if (read_all(site, metrics, now_ms, &r, &answer->error)) {
        html_init(&html);
        if (metrics) {
            metrics_write(&html, site, r.statuses, r.runs, r.run_count,
                          r.waiting, r.waiting_count, now_ms);
            take(answer, 200, "text/plain; version=0.0.4; charset=utf-8",
                 &html);
        } else {
            page_pipelines(&html, site, r.statuses, now_ms);
            take(answer, 200, html_type, &html);
        }
    } else {
        fail(answer);
    }
    arena_free(r.arena);
}

static void
answer_runs(const struct site *site, const struct route *route,
            struct answer *answer)
{
    const struct ledger_query query = {
        .pipeline = route->pipeline,
        .state = route->state,
        .limit = SERVE_RUNS + 1,
        .brief = true,
        .before = route->before,
        .since_ms = route->days > 0 ? clock_now_ms() - route->days * DAY_MS : 0,
    };
    struct arena *arena = arena_new();
    struct ledger *ledger = books_take(site->books, &answer->error);
    struct ledger_run *runs = NULL;
    size_t count = 0;
    int status = -1;
    struct html html;

    if (ledger != NULL) {
        status = ledger_history(ledger, arena, &query, &runs, &count,
                                &answer->error);
        books_give(site->books, status == 0);
    }
    if (status == 0) {
        bool more = count > SERVE_RUNS;

        html_init(&html);
        page_runs(&html, site, route, runs, more ? SERVE_RUNS : count, more);
        take(answer, 200, html_type, &html);
    } else {
        fail(answer);
    }
    arena_free(arena);
}

static void
answer_run(const struct site *site, const struct route *route,
           struct answer *answer)
{
    struct arena *arena = arena_new();
    struct ledger *ledger = books_take(site->books, &answer->error);
    struct ledger_delivery *deliveries = NULL;
    struct ledger_run run = {.state = RUN_NONE};
    size_t count = 0;
    int status = -1;
    struct html html;

    if (ledger != NULL) {
        status = ledger_find(ledger, arena, route->run, &run, &answer->error);
        if (status == 0)
            status = ledger_deliveries(ledger, arena, route->run, &deliveries,
                                       &count, &answer->error);
        books_give(site->books, status == 0);
    }
    if (status != 0) {
        fail(answer);
    } else if (run.state == RUN_NONE) {
        site_refuse(answer, 404, "The ledger knows no such run.");
    } else {
        html_init(&html);
        page_run(&html, &run, deliveries, count);
        take(answer, 200, html_type, &html);
    }
    arena_free(arena);
}

static int
read_newest(struct ledger *ledger, struct arena *arena, const char *pipeline,
            struct ledger_run *run, struct ledger_object **outputs,
            size_t *count, struct fb_error *err)
{
    const struct ledger_query query = {
        .pipeline = pipeline, .state = RUN_DONE, .limit = 1, .brief = true};
    struct ledger_run *runs;
    size_t found;

    *count = 0;
    if (ledger_history(ledger, arena, &query, &runs, &found, err) != 0)
        return -1;
    if (found == 0)
        return 0;
    *run = runs[0];
    return ledger_outputs(ledger, arena, run->run_id, outputs, count, err);
}

bool
site_dashboard(const struct site *site, const struct route *route,
               struct arena *arena, struct site_dashboard *dashboard,
               struct answer *answer)
{
    struct ledger_object *outputs = NULL;
    struct ledger_run run = {.state = RUN_NONE};
    struct ledger *ledger;
    size_t count = 0;
    int status;

    *answer = (struct answer){.error = FB_ERROR_INIT};
    dashboard->pipeline = site_find(site, route->pipeline);
    ledger = dashboard->pipeline != NULL
                 ? books_take(site->books, &answer->error)
                 : NULL;
    if (ledger != NULL) {
        status = read_newest(ledger, arena, route->pipeline, &run, &outputs,
                             &count, &answer->error);
        books_give(site->books, status == 0);
    }
    if (answer->error.code != FB_E_NONE) {
        fail(answer);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!status_is_dashboard(&outputs[i]) ||
            strcmp(outputs[i].step, route->step) != 0 ||
            strcmp(file_name(outputs[i].uri), route->name) != 0)
            continue;
        dashboard->run_id = run.run_id;
        dashboard->ended_ms = run.ended_ms;
        dashboard->step = outputs[i].step;
        dashboard->uri = outputs[i].uri;
        return true;
    }
    site_refuse(answer, 404,
                "The newest success of this pipeline made no such page.");
    return false;
}

static void
answer_health(const struct site *site, struct answer *answer)
{
    bool good = books_take(site->books, &answer->error) != NULL;
    struct fb_error error = answer->error;
    struct html html;

    if (good)
        books_give(site->books, true);
    answer->error = (struct fb_error)FB_ERROR_INIT;
    html_init(&html);
    html_raw(&html, good ? "ok\n" : "unavailable\n");
    take(answer, good ? 200 : 503, text_type, &html);
    answer->error = error;
}

static void
answer_style(struct answer *answer)
{
    struct html html;

    html_init(&html);
    html_raw(&html, page_style);
    take(answer, 200, "text/css; charset=utf-8", &html);
}

void
site_answer(const struct site *site, const struct route *route,
            struct answer *answer)
{
    *answer = (struct answer){.error = FB_ERROR_INIT};
    switch (route->kind) {
    case ROUTE_PIPELINES:
    case ROUTE_METRICS:
        answer_pipelines(site, route->kind == ROUTE_METRICS, answer);
        return;
    case ROUTE_RUNS:
        answer_runs(site, route, answer);
        return;
    case ROUTE_RUN:
        answer_run(site, route, answer);
        return;
    case ROUTE_STYLE:
        answer_style(answer);
        return;
    case ROUTE_HEALTH:
        answer_health(site, answer);
        return;
    case ROUTE_BAD:
        site_refuse(answer, 400, "This address is not understood.");
        return;
    case ROUTE_NONE:
    case ROUTE_DASHBOARD:
        site_refuse(answer, 404, "There is nothing here.");
        return;
    }
}
