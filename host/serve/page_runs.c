/*
 * serve/page_runs.c: /runs: what was done, newest first, with filters.
 */
#include "serve/page.h"

static void
add_option(struct html *html, const char *value, const char *shown,
           bool selected)
{
    html_raw(html, "<option value=\"");
    html_text(html, value);
    html_raw(html, selected ? "\" selected>" : "\">");
    html_text(html, shown);
    html_raw(html, "</option>");
}

static void
add_pipeline_choice(struct html *html, const struct site *site,
                    const char *chosen)
{
    bool known = chosen == NULL;

    html_raw(html, "<label>Pipeline<select name=\"pipeline\">");
    add_option(html, "", "all", chosen == NULL);
    for (size_t i = 0; i < site->pipeline_count; i++) {
        const char *name = site->pipelines[i].pipeline->name;
        bool same = chosen != NULL && strcmp(chosen, name) == 0;

        known = known || same;
        add_option(html, name, name, same);
    }
    /* The ledger may know more pipelines than are served. */
    if (!known)
        add_option(html, chosen, chosen, true);
    html_raw(html, "</select></label>");
}

static void
add_form(struct html *html, const struct site *site, const struct route *route)
{
    html_raw(html, "<form action=\"/runs\" method=\"get\">");
    add_pipeline_choice(html, site, route->pipeline);
    html_raw(html, "<label>Outcome<select name=\"outcome\">");
    add_option(html, "", "any", route->state == RUN_NONE);
    for (int s = RUN_STARTED; s <= RUN_MISTAKE; s++)
        add_option(html, run_state_name((enum run_state)s),
                   run_state_name((enum run_state)s),
                   route->state == (enum run_state)s);
    html_raw(html, "</select></label>"
                   "<label>Days<input name=\"days\" type=\"number\" min=\"0\" "
                   "max=\"36500\" value=\"");
    if (route->days > 0)
        html_printf(html, "%lld", (long long)route->days);
    html_raw(html, "\"></label><button>Show</button></form>\n");
}

static void
add_run(struct html *html, const struct ledger_run *run)
{
    html_raw(html, "<tr><td>");
    html_time(html, run->started_ms);
    html_raw(html, "</td><td>");
    html_text(html, run->pipeline);
    html_raw(html, "</td><td>");
    page_outcome(html, run->state);
    if (run->attempts > 1)
        html_printf(html, "<br><span class=\"mut\">attempt %lld</span>",
                    (long long)run->attempts);
    html_raw(html, "</td><td class=\"text\">");
    html_text(html, run->summary);
    html_raw(html, "</td><td><a href=\"/runs/");
    html_path(html, run->run_id);
    html_raw(html, "\"><code>");
    html_text(html, run->run_id);
    html_raw(html, "</code></a></td></tr>\n");
}

static void
add_older(struct html *html, const struct route *route, int64_t before)
{
    html_raw(html, "<p><a rel=\"next\" href=\"/runs?");
    if (route->pipeline != NULL) {
        html_raw(html, "pipeline=");
        html_path(html, route->pipeline);
        html_raw(html, "&amp;");
    }
    if (route->state != RUN_NONE)
        html_printf(html, "outcome=%s&amp;", run_state_name(route->state));
    if (route->days > 0)
        html_printf(html, "days=%lld&amp;", (long long)route->days);
    html_printf(html, "before=%lld\">Older runs</a></p>\n", (long long)before);
}

void
page_runs(struct html *html, const struct site *site, const struct route *route,
          const struct ledger_run *runs, size_t count, bool more)
{
    page_begin(html, "Runs");
    add_form(html, site, route);
    if (count == 0) {
        html_raw(html, "<p>No runs.</p>\n");
        page_end(html);
        return;
    }
    html_raw(html, "<div class=\"wide\" tabindex=\"0\" role=\"region\" "
                   "aria-label=\"Runs\"><table><caption>Newest first"
                   "</caption><thead><tr><th scope=\"col\">Started</th>"
                   "<th scope=\"col\">Pipeline</th>"
                   "<th scope=\"col\">Outcome</th>"
                   "<th scope=\"col\">Summary</th>"
                   "<th scope=\"col\">Run</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < count; i++)
        add_run(html, &runs[i]);
    html_raw(html, "</tbody></table></div>\n");
    if (more)
        add_older(html, route, runs[count - 1].seq);
    page_end(html);
}
