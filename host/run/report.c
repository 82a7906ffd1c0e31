/*
 * run/report.c: one JSON document is made of a result; the text for people
 * and the struct for notifiers are made of that document, so they can never
 * say different things, today or when a message is delivered tomorrow.
 */
#include "run/report.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>

#include "registry/registry.h"
#include "util/clock.h"
#include "util/conceal.h"
#include "util/error.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/text.h"

#define REPORT_TEXT_MAX 65536 /* bytes */

/* jansson refuses text that is not UTF-8; names from a store may be that. */
static json_t *
json_text(const char *text)
{
    struct arena *arena;
    json_t *value;

    if (text == NULL)
        return json_null();
    value = json_string(text);
    if (value != NULL)
        return value;
    arena = arena_new();
    value =
        json_string(text_escape(arena, text, strlen(text), REPORT_TEXT_MAX));
    arena_free(arena);
    return value;
}

static json_t *
json_concealed(const char *text)
{
    struct arena *arena = arena_new();
    json_t *value = json_text(text != NULL ? conceal(arena, text) : NULL);

    arena_free(arena);
    return value;
}

static json_t *
json_count(uint64_t number)
{
    return json_integer((json_int_t)number);
}

static json_t *
json_time(int64_t ms)
{
    char text[32];

    clock_format_utc(ms, text);
    return json_string(text);
}

static json_t *
json_rows(const struct step_counts *rows)
{
    return json_pack("{s:o,s:o,s:o,s:o}", "in", json_count(rows->in), "out",
                     json_count(rows->out), "filtered",
                     json_count(rows->filtered), "rejected",
                     json_count(rows->rejected));
}

static json_t *
json_facts(const struct result_step *step)
{
    json_t *facts = json_object();

    for (uint32_t i = 0; i < step->fact_count; i++)
        json_object_set_new(facts, step->facts[i].name,
                            json_text(step->facts[i].text));
    return facts;
}

static json_t *
json_steps(const struct result *result)
{
    json_t *list = json_array();

    for (size_t i = 0; i < result->step_count; i++) {
        const struct result_step *s = &result->steps[i];
        json_array_append_new(
            list,
            json_pack("{s:o,s:s,s:s,s:o,s:o}", "step", json_text(s->label),
                      "kind", registry_kind_name(s->kind), "type", s->type,
                      "rows", json_rows(&s->rows), "facts", json_facts(s)));
    }
    return list;
}

static json_t *
json_objects(const struct result_object *objects, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            list, json_pack("{s:o,s:o,s:o,s:o,s:o}", "step",
                            json_text(objects[i].step), "uri",
                            json_concealed(objects[i].uri), "generation",
                            json_text(objects[i].generation), "rows",
                            json_count(objects[i].rows), "bytes",
                            json_count(objects[i].bytes)));
    return list;
}

static json_t *
json_rejects(const struct result *result)
{
    json_t *list = json_array();

    for (size_t i = 0; i < result->error_count; i++) {
        const struct fb_report_error *e = &result->errors[i];
        json_array_append_new(list, json_pack("{s:o,s:o,s:o,s:o}", "step",
                                              json_text(e->step), "line",
                                              json_count(e->line), "column",
                                              json_text(e->column), "message",
                                              json_text(e->message)));
    }
    return list;
}

static json_t *
json_failure(const struct fb_error *error)
{
    if (error->code == FB_E_NONE)
        return json_null();
    return json_pack("{s:s,s:o,s:o,s:i}", "code", error_word(error->code),
                     "message", json_concealed(error->message), "hint",
                     json_concealed(error->hint[0] ? error->hint : NULL),
                     "exit", error_exit_status(error->code));
}

static json_t *
json_of_result(const struct result *result)
{
    const char *outcome = result_is_success(result) ? "success" : "failure";
    json_t *root = json_object();

    json_object_set_new(root, "pipeline", json_text(result->pipeline));
    json_object_set_new(root, "run", json_text(result->run_id));
    json_object_set_new(root, "outcome", json_string(outcome));
    json_object_set_new(root, "trigger", json_concealed(result->trigger));
    json_object_set_new(root, "attempt", json_integer(result->attempt));
    json_object_set_new(root, "started", json_time(result->started_ms));
    json_object_set_new(root, "ended", json_time(result->ended_ms));
    json_object_set_new(root, "seconds", json_real(result->seconds));
    json_object_set_new(root, "rows",
                        json_pack("{s:o,s:o,s:o,s:o}", "read",
                                  json_count(result->rows_read), "written",
                                  json_count(result->rows_written), "filtered",
                                  json_count(result->rows_filtered), "rejected",
                                  json_count(result->rows_rejected)));
    json_object_set_new(root, "bytes",
                        json_pack("{s:o,s:o}", "read",
                                  json_count(result->bytes_read), "written",
                                  json_count(result->bytes_written)));
    json_object_set_new(root, "steps", json_steps(result));
    json_object_set_new(root, "inputs",
                        json_objects(result->inputs, result->input_count));
    json_object_set_new(root, "outputs",
                        json_objects(result->outputs, result->output_count));
    json_object_set_new(root, "rejects", json_rejects(result));
    json_object_set_new(root, "error", json_failure(&result->error));
    json_object_set_new(root, "next", json_text(result->next));
    return root;
}

static uint64_t
get_count(const json_t *object, const char *group, const char *key)
{
    const json_t *in = group ? json_object_get(object, group) : object;

    return (uint64_t)json_integer_value(json_object_get(in, key));
}

static const char *
get_text(struct arena *arena, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? NULL : arena_strdup(arena, text);
}

static const char *
or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static void
fill_outputs(struct fb_report *report, struct arena *arena, const json_t *list)
{
    size_t count = json_array_size(list);
    struct fb_report_output *outputs =
        arena_array(arena, count, sizeof(*outputs));

    for (size_t i = 0; i < count; i++) {
        const json_t *o = json_array_get(list, i);
        outputs[i] = (struct fb_report_output){
            .step = or_empty(get_text(arena, o, "step")),
            .uri = or_empty(get_text(arena, o, "uri")),
            .rows = get_count(o, NULL, "rows"),
            .bytes = get_count(o, NULL, "bytes"),
        };
    }
    report->outputs = outputs;
    report->output_count = count;
}

/* The failure first, then the first rejected rows. */
static void
fill_errors(struct fb_report *report, struct arena *arena,
            const json_t *failure, const json_t *rejects)
{
    size_t count = json_array_size(rejects), n = 0;
    struct fb_report_error *errors =
        arena_array(arena, count + 1, sizeof(*errors));

    if (json_is_object(failure))
        errors[n++].message = or_empty(get_text(arena, failure, "message"));
    for (size_t i = 0; i < count; i++) {
        const json_t *e = json_array_get(rejects, i);
        errors[n++] = (struct fb_report_error){
            .step = get_text(arena, e, "step"),
            .message = or_empty(get_text(arena, e, "message")),
            .line = get_count(e, NULL, "line"),
            .column = get_text(arena, e, "column"),
        };
    }
    report->errors = errors;
    report->error_count = n;
}

static const char *
describe_rows(const struct fb_report *r, struct arena *arena)
{
    bool balanced =
        r->rows_read == r->rows_written + r->rows_filtered + r->rows_rejected;

    return arena_printf(
        arena,
        balanced ? "%s read = %s written + %s filtered + %s rejected"
                 : "%s read -> %s written, %s filtered, %s rejected",
        text_grouped(arena, r->rows_read), text_grouped(arena, r->rows_written),
        text_grouped(arena, r->rows_filtered),
        text_grouped(arena, r->rows_rejected));
}

static const char *
safe(struct arena *arena, const char *text)
{
    return text_escape(arena, text, strlen(text), FB_MESSAGE_MAX);
}

static void
print_outputs(FILE *out, const struct fb_report *r, struct arena *arena)
{
    for (size_t i = 0; i < r->output_count; i++)
        fprintf(out, "  output    %s  (%s rows, %s)\n",
                safe(arena, r->outputs[i].uri),
                text_grouped(arena, r->outputs[i].rows),
                text_bytes(arena, r->outputs[i].bytes));
}

static void
print_rejects(FILE *out, const struct fb_report *r, struct arena *arena)
{
    size_t shown = 0;

    for (size_t i = 0; i < r->error_count; i++) {
        const struct fb_report_error *e = &r->errors[i];

        if (e->line == 0)
            continue;
        shown++;
        fprintf(out, "  rejected  line %llu", (unsigned long long)e->line);
        if (e->column != NULL)
            fprintf(out, ", %s", safe(arena, e->column));
        fprintf(out, ": %s\n", safe(arena, e->message));
    }
    if (r->rows_rejected > shown)
        fprintf(out, "  rejected  ... and %s more\n",
                text_grouped(arena, r->rows_rejected - shown));
}

static void
print_failure(FILE *out, const json_t *root, struct arena *arena)
{
    const json_t *failure = json_object_get(root, "error");
    const char *hint = get_text(arena, failure, "hint");
    const char *next = get_text(arena, root, "next");

    if (!json_is_object(failure))
        return;
    fprintf(out, "  error     %s\n",
            safe(arena, or_empty(get_text(arena, failure, "message"))));
    if (hint != NULL)
        fprintf(out, "  hint      %s\n", safe(arena, hint));
    if (next != NULL)
        fprintf(out, "  next      %s\n", safe(arena, next));
}

/* What the plugins had to say: one line a step. */
static void
print_facts(FILE *out, const json_t *steps, struct arena *arena)
{
    for (size_t i = 0; i < json_array_size(steps); i++) {
        json_t *step = json_array_get(steps, i);
        json_t *facts = json_object_get(step, "facts"), *fact;
        const char *before = ": ", *name;

        if (json_object_size(facts) == 0)
            continue;
        fprintf(out, "  facts     %s",
                safe(arena, or_empty(get_text(arena, step, "step"))));
        json_object_foreach(facts, name, fact)
        {
            fprintf(out, "%s%s %s", before, safe(arena, name),
                    safe(arena, or_empty(json_string_value(fact))));
            before = ", ";
        }
        fputc('\n', out);
    }
}

static const char *
text_of_report(const struct fb_report *r, const json_t *root,
               struct arena *arena)
{
    char *text = NULL;
    const char *kept;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert(out != NULL);
    fprintf(out, "%s: %s\n", r->pipeline, r->outcome);
    if (r->trigger != NULL)
        fprintf(out, "  trigger   %s\n", safe(arena, r->trigger));
    print_failure(out, root, arena);
    fprintf(out, "  rows      %s\n", describe_rows(r, arena));
    fprintf(out, "  bytes     %s read, %s written in %.2f s\n",
            text_bytes(arena, r->bytes_read),
            text_bytes(arena, r->bytes_written), r->seconds);
    print_outputs(out, r, arena);
    print_rejects(out, r, arena);
    print_facts(out, json_object_get(root, "steps"), arena);
    fprintf(out, "  run       %s\n", r->run_id);
    fclose(out);
    kept = arena_strdup(arena, text);
    free(text);
    return kept;
}

static void
fill_subject(struct fb_report *r, struct arena *arena)
{
    r->subject =
        arena_printf(arena, "%s: %s%s%s, %s rows written, %s rejected",
                     r->pipeline, r->outcome, r->uploader_file ? " for " : "",
                     r->uploader_file ? safe(arena, r->uploader_file) : "",
                     text_grouped(arena, r->rows_written),
                     text_grouped(arena, r->rows_rejected));
}

static struct fb_report *
report_of_document(const json_t *root, struct arena *arena)
{
    struct fb_report *r = arena_zalloc(arena, sizeof(*r));
    char *json = json_dumps(root, JSON_COMPACT);

    assert(json != NULL);
    r->size = sizeof(*r);
    r->json = arena_strdup(arena, json);
    free(json);
    r->pipeline = or_empty(get_text(arena, root, "pipeline"));
    r->run_id = or_empty(get_text(arena, root, "run"));
    r->outcome = or_empty(get_text(arena, root, "outcome"));
    r->attempt = (int64_t)get_count(root, NULL, "attempt");
    r->trigger = get_text(arena, root, "trigger");
    r->uploader_file = r->trigger != NULL ? file_name(r->trigger) : NULL;
    r->rows_read = get_count(root, "rows", "read");
    r->rows_written = get_count(root, "rows", "written");
    r->rows_filtered = get_count(root, "rows", "filtered");
    r->rows_rejected = get_count(root, "rows", "rejected");
    r->bytes_read = get_count(root, "bytes", "read");
    r->bytes_written = get_count(root, "bytes", "written");
    r->seconds = json_number_value(json_object_get(root, "seconds"));
    fill_outputs(r, arena, json_object_get(root, "outputs"));
    fill_errors(r, arena, json_object_get(root, "error"),
                json_object_get(root, "rejects"));
    fill_subject(r, arena);
    r->text = text_of_report(r, root, arena);
    return r;
}

struct fb_report *
report_of_result(const struct result *result, struct arena *arena)
{
    json_t *root = json_of_result(result);
    struct fb_report *report = report_of_document(root, arena);

    json_decref(root);
    return report;
}

struct fb_report *
report_of_json(const char *json, struct arena *arena, struct fb_error *err)
{
    struct fb_report *report;
    json_error_t why;
    json_t *root = json_loads(json, JSON_REJECT_DUPLICATES, &why);

    if (root == NULL) {
        fb_fail(err, FB_E_FAILED, "cannot read a kept report: %s", why.text);
        return NULL;
    }
    report = report_of_document(root, arena);
    json_decref(root);
    return report;
}

const char *
report_summary(const struct result *result, struct arena *arena)
{
    const struct fb_report counts = {.rows_read = result->rows_read,
                                     .rows_written = result->rows_written,
                                     .rows_filtered = result->rows_filtered,
                                     .rows_rejected = result->rows_rejected};
    const char *name = result->trigger != NULL
                           ? file_name(conceal(arena, result->trigger))
                           : "";

    if (!result_is_success(result))
        return conceal(arena, arena_strdup(arena, result->error.message));
    return arena_printf(arena, "%s%s%s, %zu output%s in %.2f s",
                        safe(arena, name), name[0] ? ": " : "",
                        describe_rows(&counts, arena), result->output_count,
                        result->output_count == 1 ? "" : "s", result->seconds);
}
