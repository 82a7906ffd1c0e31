/*
 * serve/page_run.c: /runs/ID: one run, from its report as the ledger keeps it.
 * A report is another process's text: what is missing in it, or is not of its
 * type, is left out.
 */
#include <jansson.h>

#include "serve/page.h"
#include "util/conceal.h"
#include "util/mem.h"

static const char *
text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static uint64_t
count_of(const json_t *object, const char *key)
{
    json_int_t n = json_integer_value(json_object_get(object, key));

    return n > 0 ? (uint64_t)n : 0;
}

static void
add_fact(struct html *html, const char *name, const char *text)
{
    if (text == NULL)
        return;
    html_printf(html, "<dt>%s</dt><dd>", name);
    html_text(html, text);
    html_raw(html, "</dd>");
}

static void
add_moment(struct html *html, const char *name, int64_t ms)
{
    html_printf(html, "<dt>%s</dt><dd>", name);
    html_time(html, ms);
    html_raw(html, "</dd>");
}

static void
add_facts(struct html *html, const struct ledger_run *run)
{
    struct arena *arena = arena_new();

    html_raw(html, "<dl><dt>Pipeline</dt><dd><a href=\"/runs?pipeline=");
    html_path(html, run->pipeline);
    html_raw(html, "\">");
    html_text(html, run->pipeline);
    html_raw(html, "</a></dd><dt>Outcome</dt><dd>");
    page_outcome(html, run->state);
    html_raw(html, "</dd>");
    add_fact(html, "Trigger",
             run->trigger != NULL ? conceal(arena, run->trigger) : NULL);
    add_fact(html, "Generation", run->generation);
    html_printf(html, "<dt>Attempts</dt><dd>%lld</dd>",
                (long long)run->attempts);
    add_moment(html, "Started", run->started_ms);
    add_moment(html, "Ended", run->ended_ms);
    add_fact(html, "Summary", run->summary);
    html_raw(html, "</dl>\n");
    arena_free(arena);
}

static void
add_error(struct html *html, const json_t *error, const char *next)
{
    const char *hint = text_of(error, "hint");

    if (!json_is_object(error))
        return;
    html_raw(html, "<h2>Error</h2><p class=\"error\">");
    html_text(html, text_of(error, "message"));
    if (hint != NULL) {
        html_raw(html, "<br>Hint: ");
        html_text(html, hint);
    }
    if (next != NULL) {
        html_raw(html, "<br>Next: ");
        html_text(html, next);
    }
    html_raw(html, "</p>\n");
}

struct head {
    const char *name;
    bool number; /* its cells stand at the right */
};

static void
begin_table(struct html *html, const char *title, const struct head *heads,
            size_t count)
{
    html_printf(html,
                "<h2>%s</h2><div class=\"wide\" tabindex=\"0\" "
                "role=\"region\" aria-label=\"%s\"><table><thead><tr>",
                title, title);
    for (size_t i = 0; i < count; i++)
        html_printf(html, "<th scope=\"col\"%s>%s</th>",
                    heads[i].number ? " class=\"n\"" : "", heads[i].name);
    html_raw(html, "</tr></thead><tbody>\n");
}

static void
end_table(struct html *html)
{
    html_raw(html, "</tbody></table></div>\n");
}

static void
add_cell(struct html *html, const char *text)
{
    html_raw(html, "<td>");
    html_text(html, text);
    html_raw(html, "</td>");
}

/* One that may be long, or have no place where a line could end. */
static void
add_text(struct html *html, const char *text)
{
    html_raw(html, "<td class=\"text\">");
    html_text(html, text);
    html_raw(html, "</td>");
}

static void
add_count(struct html *html, uint64_t number)
{
    html_raw(html, "<td class=\"n\">");
    html_number(html, number);
    html_raw(html, "</td>");
}

/* The first law, in one line. */
static void
add_balance(struct html *html, const json_t *rows)
{
    uint64_t read = count_of(rows, "read");
    uint64_t written = count_of(rows, "written");
    uint64_t filtered = count_of(rows, "filtered");
    uint64_t rejected = count_of(rows, "rejected");

    if (!json_is_object(rows))
        return;
    html_raw(html, "<h2>Rows</h2><p>");
    html_number(html, read);
    html_raw(html, read == written + filtered + rejected ? " read = "
                                                         : " read &#8594; ");
    html_number(html, written);
    html_raw(html, " written + ");
    html_number(html, filtered);
    html_raw(html, " filtered + ");
    html_number(html, rejected);
    html_raw(html, " rejected</p>\n");
}

static void
add_step_facts(struct html *html, const json_t *facts)
{
    const char *name;
    json_t *value;

    html_raw(html,
             json_object_size(facts) > 0 ? "<td class=\"text\">" : "<td>");
    json_object_foreach((json_t *)(uintptr_t)facts, name, value)
    {
        html_text(html, name);
        html_raw(html, ": ");
        html_text(html, json_string_value(value));
        html_raw(html, "<br>");
    }
    html_raw(html, "</td>");
}

static void
add_steps(struct html *html, const json_t *steps)
{
    static const struct head heads[] = {{"Step", false},    {"Kind", false},
                                        {"Type", false},    {"In", true},
                                        {"Out", true},      {"Filtered", true},
                                        {"Rejected", true}, {"Facts", false}};
    size_t i;
    json_t *step;

    if (json_array_size(steps) == 0)
        return;
    begin_table(html, "Steps", heads, ARRAY_SIZE(heads));
    json_array_foreach(steps, i, step)
    {
        const json_t *rows = json_object_get(step, "rows");

        html_raw(html, "<tr><th scope=\"row\">");
        html_text(html, text_of(step, "step"));
        html_raw(html, "</th>");
        add_cell(html, text_of(step, "kind"));
        add_cell(html, text_of(step, "type"));
        add_count(html, count_of(rows, "in"));
        add_count(html, count_of(rows, "out"));
        add_count(html, count_of(rows, "filtered"));
        add_count(html, count_of(rows, "rejected"));
        add_step_facts(html, json_object_get(step, "facts"));
        html_raw(html, "</tr>\n");
    }
    end_table(html);
}

static void
add_rejects(struct html *html, const json_t *rejects, uint64_t rejected)
{
    static const struct head heads[] = {
        {"Step", false}, {"Line", true}, {"Column", false}, {"Why", false}};
    size_t i, count = json_array_size(rejects);
    json_t *reject;

    if (count == 0)
        return;
    begin_table(html, "First rejected rows", heads, ARRAY_SIZE(heads));
    json_array_foreach(rejects, i, reject)
    {
        html_raw(html, "<tr>");
        add_cell(html, text_of(reject, "step"));
        add_count(html, count_of(reject, "line"));
        add_cell(html, text_of(reject, "column"));
        add_text(html, text_of(reject, "message"));
        html_raw(html, "</tr>\n");
    }
    end_table(html);
    if (rejected > count) {
        html_raw(html, "<p>&#8230; and ");
        html_number(html, rejected - count);
        html_raw(html, " more.</p>\n");
    }
}

static void
add_objects(struct html *html, const char *title, const json_t *objects)
{
    static const struct head heads[] = {
        {"Step", false}, {"Object", false}, {"Rows", true}, {"Bytes", true}};
    size_t i;
    json_t *object;

    if (json_array_size(objects) == 0)
        return;
    begin_table(html, title, heads, ARRAY_SIZE(heads));
    json_array_foreach(objects, i, object)
    {
        html_raw(html, "<tr>");
        add_cell(html, text_of(object, "step"));
        add_text(html, text_of(object, "uri"));
        add_count(html, count_of(object, "rows"));
        add_count(html, count_of(object, "bytes"));
        html_raw(html, "</tr>\n");
    }
    end_table(html);
}

static void
add_deliveries(struct html *html, const struct ledger_delivery *deliveries,
               size_t count)
{
    static const struct head heads[] = {{"Notifier", false},
                                        {"State", false},
                                        {"Attempts", true},
                                        {"Why not", false}};
    static const char *const words[] = {
        [DELIVERY_WAITING] = "waits",
        [DELIVERY_DONE] = "delivered",
        [DELIVERY_GIVEN_UP] = "given up",
    };

    if (count == 0)
        return;
    begin_table(html, "Notifications", heads, ARRAY_SIZE(heads));
    for (size_t i = 0; i < count; i++) {
        const struct ledger_delivery *d = &deliveries[i];

        html_raw(html, "<tr><th scope=\"row\">");
        html_text(html, d->notifier);
        html_raw(html, "</th>");
        add_cell(html,
                 (size_t)d->state < ARRAY_SIZE(words) ? words[d->state] : NULL);
        add_count(html, (uint64_t)d->attempts);
        add_text(html, d->why);
        html_raw(html, "</tr>\n");
    }
    end_table(html);
}

void
page_run(struct html *html, const struct ledger_run *run,
         const struct ledger_delivery *deliveries, size_t count)
{
    json_t *report =
        run->report != NULL ? json_loads(run->report, 0, NULL) : NULL;
    const json_t *rows = json_object_get(report, "rows");
    char title[128];

    snprintf(title, sizeof(title), "Run %.64s", run->run_id);
    page_begin(html, title);
    add_facts(html, run);
    add_error(html, json_object_get(report, "error"), text_of(report, "next"));
    add_balance(html, rows);
    add_steps(html, json_object_get(report, "steps"));
    add_rejects(html, json_object_get(report, "rejects"),
                count_of(rows, "rejected"));
    add_objects(html, "Inputs", json_object_get(report, "inputs"));
    add_objects(html, "Outputs", json_object_get(report, "outputs"));
    add_deliveries(html, deliveries, count);
    if (report == NULL)
        html_raw(html, run->state == RUN_STARTED
                           ? "<p>Under way, or ended without a word: its "
                             "report comes at its end.</p>\n"
                           : "<p>No report is kept.</p>\n");
    page_end(html);
    json_decref(report);
}
