/*
 * serve/page_pipelines.c: /: every pipeline and how it stands.
 */
#include "serve/page.h"
#include "util/file.h"

static void
add_run_link(struct html *html, const struct ledger_run *run)
{
    html_raw(html, "<a href=\"/runs/");
    html_path(html, run->run_id);
    html_raw(html, "\">");
    page_outcome(html, run->state);
    html_raw(html, "</a><br>");
    html_time(html, run->started_ms);
}

static void
add_success(struct html *html, const struct status *status, int64_t now_ms)
{
    if (status->success.state != RUN_DONE) {
        html_raw(html, "<span class=\"mut\">never</span>");
        return;
    }
    html_span(html, now_ms - status->success.ended_ms);
    html_raw(html, " ago");
}

static void
add_lag(struct html *html, const struct status *status, int64_t now_ms)
{
    int64_t lag = status_lag(status, now_ms);

    if (lag == 0) {
        html_raw(html, "<span class=\"mut\">none</span>");
        return;
    }
    html_raw(html, "<span class=\"warn\">");
    html_span(html, lag);
    html_raw(html, "</span>");
}

static void
add_dashboards(struct html *html, const char *pipeline,
               const struct status *status)
{
    size_t shown = 0;

    for (size_t i = 0; i < status->output_count; i++) {
        const struct ledger_object *output = &status->outputs[i];

        if (!status_is_dashboard(output))
            continue;
        html_raw(html, shown++ > 0 ? "<br><a href=\"/dashboards/"
                                   : "<a href=\"/dashboards/");
        html_path(html, pipeline);
        html_raw(html, "/");
        html_path(html, output->step);
        html_raw(html, "/");
        html_path(html, file_name(output->uri));
        html_raw(html, "\">");
        html_text(html, file_name(output->uri));
        html_raw(html, "</a>");
    }
    if (shown == 0)
        html_raw(html, "<span class=\"mut\">none</span>");
}

static void
add_pipeline(struct html *html, const struct pipeline *pipeline,
             const struct status *status, int64_t now_ms)
{
    html_raw(html, "<tr><th scope=\"row\"><a href=\"/runs?pipeline=");
    html_path(html, pipeline->name);
    html_raw(html, "\">");
    html_text(html, pipeline->name);
    html_raw(html, "</a>");
    if (pipeline->description[0] != '\0') {
        html_raw(html, "<br><span class=\"mut\">");
        html_text(html, pipeline->description);
        html_raw(html, "</span>");
    }
    html_raw(html, "</th><td>");
    if (status->newest.state != RUN_NONE)
        add_run_link(html, &status->newest);
    else
        page_outcome(html, RUN_NONE);
    html_raw(html, "</td><td>");
    add_success(html, status, now_ms);
    html_raw(html, "</td><td>");
    html_text(html, status->window.text);
    html_raw(html, "</td><td>");
    add_lag(html, status, now_ms);
    html_raw(html, "</td><td>");
    add_dashboards(html, pipeline->name, status);
    html_raw(html, "</td></tr>\n");
}

void
page_pipelines(struct html *html, const struct site *site,
               const struct status *statuses, int64_t now_ms)
{
    page_begin(html, "Pipelines");
    html_raw(html, "<div class=\"wide\" tabindex=\"0\" role=\"region\" "
                   "aria-label=\"Pipelines\"><table><caption>As of ");
    html_time(html, now_ms);
    html_raw(html, "</caption><thead><tr><th scope=\"col\">Pipeline</th>"
                   "<th scope=\"col\">Last outcome</th>"
                   "<th scope=\"col\">Last success</th>"
                   "<th scope=\"col\">Window</th>"
                   "<th scope=\"col\">Lag</th>"
                   "<th scope=\"col\">Dashboards</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < site->pipeline_count; i++)
        add_pipeline(html, site->pipelines[i].pipeline, &statuses[i], now_ms);
    html_raw(html, "</tbody></table></div>\n");
    page_end(html);
}
