/*
 * cmd/cmd_graph.c: `forebay graph`: the steps of a pipeline and what flows
 * between them, as text that others draw: mermaid (https://mermaid.js.org) or
 * dot (https://graphviz.org/doc/info/lang.html).
 */
#include <stdlib.h>

#include "cmd/command.h"
#include "cmd/plan.h"
#include "config/places.h"
#include "util/conceal.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/text.h"

struct drawing {
    struct arena *arena;
    const struct pipeline *pipeline;
    bool dot;
};

/* --- texts ---------------------------------------------------------------- */

/* What means something to the drawer, as it writes that sign itself. */
static const char *
escape_of(const struct drawing *drawing, char c)
{
    if (drawing->dot)
        return c == '"' ? "\\\"" : c == '\\' ? "\\\\" : NULL;
    switch (c) {
    case '"':
        return "#quot;";
    case '#':
        return "#35;";
    case '<':
        return "#lt;";
    case '>':
        return "#gt;";
    case '&':
        return "#amp;";
    case '`':
        return "#96;";
    default:
        return NULL;
    }
}

static const char *
label(const struct drawing *drawing, const char *text)
{
    const char *shown =
        text_escape(drawing->arena, text, strlen(text), FB_MESSAGE_MAX);
    char *made = arena_array(drawing->arena, strlen(shown) + 1, 6);
    char *to = made;

    for (const char *p = shown; *p != '\0'; p++) {
        const char *escape = escape_of(drawing, *p);

        if (escape == NULL)
            *to++ = *p;
        else
            to = stpcpy(to, escape);
    }
    *to = '\0';
    return made;
}

/* --- nodes and edges ------------------------------------------------------ */

/* How a node looks: for mermaid what stands around its text, for dot the name
 * of a shape. */
struct shape {
    const char *open, *close, *name;
};

static const struct shape shapes[] = {
    [FB_SOURCE] = {"[/\"", "\"/]", "parallelogram"},
    [FB_TRANSFORM] = {"[\"", "\"]", "box"},
    [FB_SINK] = {"[(\"", "\")]", "cylinder"},
    [FB_NOTIFIER] = {">\"", "\"]", "cds"},
};
static const struct shape trigger_shape = {"([\"", "\"])", "oval"};
static const struct shape table_shape = {"[[\"", "\"]]", "folder"};

static void
put_node(const struct drawing *drawing, const char *id,
         const struct shape *shape, const char *name, const char *more)
{
    if (drawing->dot)
        printf("  %s [shape=%s, label=\"%s\\n%s\"];\n", id, shape->name,
               label(drawing, name), label(drawing, more));
    else
        printf("  %s%s%s<br/>%s%s\n", id, shape->open, label(drawing, name),
               label(drawing, more), shape->close);
}

static void
put_edge(const struct drawing *drawing, const char *from, const char *to,
         const char *text)
{
    if (drawing->dot && text == NULL)
        printf("  %s -> %s;\n", from, to);
    else if (drawing->dot)
        printf("  %s -> %s [style=dashed, label=\"%s\"];\n", from, to, text);
    else if (text == NULL)
        printf("  %s --> %s\n", from, to);
    else
        printf("  %s -. %s .-> %s\n", from, text, to);
}

static const char *
node_id(const struct drawing *drawing, char letter, uint32_t index)
{
    return arena_printf(drawing->arena, "%c%u", letter, index);
}

/* --- the pipeline --------------------------------------------------------- */

/* A drawing is shown around: what came from a secret is masked in it. */
static const char *
shown_uri(const struct drawing *drawing, const struct option_places *places,
          const char *option, const char *uri)
{
    const struct option_entry *entry = places_find(places, option);

    if (entry != NULL && entry->count == 1 && entry->items[0].value.secret)
        uri = value_shown(drawing->arena, &entry->items[0].value);
    return conceal(drawing->arena, uri);
}

/* The uri of a notifier may be all that one needs to write to somebody. */
static const char *
what_it_is(const struct drawing *drawing, const struct pipeline_step *step)
{
    if (step->uri == NULL || step->kind == FB_NOTIFIER)
        return step->plugin->name;
    return arena_printf(drawing->arena, "%s: %s", step->plugin->name,
                        shown_uri(drawing, step->places, "uri", step->uri));
}

/* Whatever reads no object of its own may query the tables; which of them,
 * only its text tells. */
static bool
may_query(const struct pipeline_step *step)
{
    return step->kind == FB_SOURCE && step->codec == NULL &&
           step->plugin->read_bytes == NULL;
}

/* A sink says by 'table' which of them it registers. */
static bool
registers(const struct pipeline_step *step, const struct table_config *table)
{
    const struct option_entry *entry = places_find(step->places, "table");

    for (size_t i = 0; entry != NULL && i < entry->count; i++)
        if (strcmp(entry->items[i].value.text, table->name) == 0)
            return step->kind == FB_SINK;
    return false;
}

static void
put_tables_of(const struct drawing *drawing, const struct pipeline_step *step,
              const char *id)
{
    for (uint32_t i = 0; i < drawing->pipeline->table_count; i++) {
        const char *table = node_id(drawing, 't', i);

        if (may_query(step))
            put_edge(drawing, table, id, "may query");
        if (registers(step, &drawing->pipeline->tables[i]))
            put_edge(drawing, id, table, "registers");
    }
}

static void
put_step(const struct drawing *drawing, uint32_t index)
{
    const struct pipeline_step *step = &drawing->pipeline->steps[index];
    const char *id = node_id(drawing, 's', index);

    put_node(drawing, id, &shapes[step->kind], step->label,
             what_it_is(drawing, step));
    for (uint32_t i = 0; i < step->input_count; i++)
        put_edge(drawing, node_id(drawing, 's', step->inputs[i].step), id,
                 step->inputs[i].rejected ? "rejected" : NULL);
    put_tables_of(drawing, step, id);
}

static void
put_trigger(const struct drawing *drawing)
{
    const struct pipeline *pipeline = drawing->pipeline;
    const struct trigger_config *trigger = &pipeline->trigger;

    if (!trigger->given)
        return;
    if (trigger->after != NULL)
        put_node(drawing, "trigger", &trigger_shape, "after", trigger->after);
    else
        put_node(drawing, "trigger", &trigger_shape, "trigger",
                 shown_uri(drawing, trigger->places,
                           trigger->match != NULL ? "match" : "uri",
                           trigger_pattern(trigger)));
    for (uint32_t i = 0; i < pipeline->step_count; i++)
        if (pipeline->steps[i].kind == FB_SOURCE)
            put_edge(drawing, "trigger", node_id(drawing, 's', i), "starts");
}

static void
draw(const struct drawing *drawing)
{
    const struct pipeline *pipeline = drawing->pipeline;

    if (drawing->dot)
        printf("digraph \"%s\" {\n  rankdir=LR;\n", pipeline->name);
    else
        printf("flowchart LR\n");
    for (uint32_t i = 0; i < pipeline->table_count; i++)
        put_node(drawing, node_id(drawing, 't', i), &table_shape,
                 pipeline->tables[i].name,
                 shown_uri(drawing, pipeline->tables[i].source.places,
                           "location", pipeline->tables[i].location));
    for (uint32_t i = 0; i < pipeline->step_count; i++)
        put_step(drawing, i);
    put_trigger(drawing);
    if (drawing->dot)
        printf("}\n");
}

static int
draw_plan(const struct session *session, const struct plan *plan)
{
    const char *format = session->arguments->format;

    draw(
        &(struct drawing){.arena = session->arena,
                          .pipeline = plan->pipeline,
                          .dot = format != NULL && strcmp(format, "dot") == 0});
    return 0;
}

static int
graph(const struct session *session)
{
    return plan_do(session, session->arguments->operands[0], draw_plan);
}

static int
run(const struct arguments *arguments)
{
    return session_do(arguments, false, graph);
}

static const char *const formats[] = {"mermaid", "dot", NULL};

static const struct flag flags[] = {
    {"format", FLAG_TEXT, FLAG_FIELD(format), "mermaid|dot",
     "who is to draw it (default: mermaid)", formats},
    {NULL, 0, 0, NULL, NULL, NULL},
};

const struct command cmd_graph = {
    .name = "graph",
    .operands = "PIPELINE",
    .summary = "the steps and what flows between them, to be drawn",
    .flags = flags,
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
