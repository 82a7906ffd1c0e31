/*
 * serve/metrics.c: gauges alone: what the ledger says now.  Runs by outcome
 * are no counter, for a run that is retried leaves one outcome for another.
 */
#include "serve/metrics.h"

#include <jansson.h>

#include "util/text.h"

static void
head(struct html *out, const char *name, const char *help)
{
    html_raw(out, "# HELP ");
    html_raw(out, name);
    html_raw(out, " ");
    html_raw(out, help);
    html_raw(out, "\n# TYPE ");
    html_raw(out, name);
    html_raw(out, " gauge\n");
}

/* A label's value: \, " and line feeds are escaped.  Bytes that are no UTF-8
 * cannot be said. */
static void
label(struct html *out, const char *text)
{
    char one[2] = "";

    if (!text_is_utf8((const unsigned char *)text, strlen(text), NULL)) {
        html_raw(out, "?");
        return;
    }
    for (; *text != '\0'; text++) {
        one[0] = *text;
        if (*text == '\\' || *text == '"')
            html_raw(out, "\\");
        html_raw(out, *text == '\n' ? "\\n" : one);
    }
}

static void
begin_sample(struct html *out, const char *name, const char *pipeline)
{
    html_raw(out, name);
    html_raw(out, "{pipeline=\"");
    label(out, pipeline);
    html_raw(out, "\"");
}

static void
sample(struct html *out, const char *name, const char *pipeline, int64_t value)
{
    begin_sample(out, name, pipeline);
    html_printf(out, "} %lld\n", (long long)value);
}

static void
write_runs(struct html *out, const struct ledger_tally *runs, size_t count)
{
    head(out, "forebay_runs", "Runs in the ledger, by how they ended.");
    for (size_t i = 0; i < count; i++) {
        begin_sample(out, "forebay_runs", runs[i].pipeline);
        html_printf(out, ",outcome=\"%s\"} %lld\n",
                    run_state_name(runs[i].state), (long long)runs[i].count);
    }
}

static void
write_waiting(struct html *out, const struct ledger_tally *waiting,
              size_t count)
{
    head(out, "forebay_outbox_messages", "Messages that wait for delivery.");
    for (size_t i = 0; i < count; i++)
        sample(out, "forebay_outbox_messages", waiting[i].pipeline,
               waiting[i].count);
}

static void
write_rows_of(struct html *out, const char *pipeline, const char *report)
{
    static const char *const kinds[] = {"read", "written", "filtered",
                                        "rejected"};
    json_t *root = report != NULL ? json_loads(report, 0, NULL) : NULL;
    const json_t *rows = json_object_get(root, "rows");

    for (size_t i = 0; rows != NULL && i < 4; i++) {
        begin_sample(out, "forebay_last_success_rows", pipeline);
        html_printf(
            out, ",kind=\"%s\"} %lld\n", kinds[i],
            (long long)json_integer_value(json_object_get(rows, kinds[i])));
    }
    json_decref(root);
}

static void
write_success(struct html *out, const struct site *site,
              const struct status *statuses, int64_t now_ms)
{
    head(out, "forebay_last_success_timestamp_seconds",
         "When the newest success ended.");
    for (size_t i = 0; i < site->pipeline_count; i++)
        if (statuses[i].success.state == RUN_DONE)
            sample(out, "forebay_last_success_timestamp_seconds",
                   site->pipelines[i].pipeline->name,
                   statuses[i].success.ended_ms / 1000);
    head(out, "forebay_last_success_age_seconds",
         "How long ago the newest success ended.");
    for (size_t i = 0; i < site->pipeline_count; i++)
        if (statuses[i].success.state == RUN_DONE)
            sample(out, "forebay_last_success_age_seconds",
                   site->pipelines[i].pipeline->name,
                   (now_ms - statuses[i].success.ended_ms) / 1000);
    head(out, "forebay_last_success_rows", "Rows of the newest success.");
    for (size_t i = 0; i < site->pipeline_count; i++)
        if (statuses[i].success.state == RUN_DONE)
            write_rows_of(out, site->pipelines[i].pipeline->name,
                          statuses[i].success.report);
}

void
metrics_write(struct html *out, const struct site *site,
              const struct status *statuses, const struct ledger_tally *runs,
              size_t run_count, const struct ledger_tally *waiting,
              size_t waiting_count, int64_t now_ms)
{
    head(out, "forebay_build_info", "The program that answers.");
    html_raw(out, "forebay_build_info{version=\"" FB_VERSION "\"} 1\n");
    write_runs(out, runs, run_count);
    write_success(out, site, statuses, now_ms);
    head(out, "forebay_lag_seconds",
         "How long work has been waiting that the ledger knows of.");
    for (size_t i = 0; i < site->pipeline_count; i++)
        sample(out, "forebay_lag_seconds", site->pipelines[i].pipeline->name,
               status_lag(&statuses[i], now_ms) / 1000);
    head(out, "forebay_window_open", "Whether runs may begin now.");
    for (size_t i = 0; i < site->pipeline_count; i++)
        sample(out, "forebay_window_open", site->pipelines[i].pipeline->name,
               statuses[i].window.open ? 1 : 0);
    write_waiting(out, waiting, waiting_count);
}
