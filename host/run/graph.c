/*
 * run/graph.c: from a checked pipeline to open steps.
 */
#include "run/graph.h"

#include <assert.h>
#include <stdlib.h>

#include "run/targets.h"
#include "util/arena.h"
#include "util/error.h"
#include "util/mem.h"

static void
add_edges(struct graph *graph, uint32_t to)
{
    const struct pipeline_step *config = &graph->pipeline->steps[to];

    for (uint32_t i = 0; i < config->input_count; i++) {
        struct node *from = &graph->nodes[config->inputs[i].step];

        from->edges = mem_regrow(from->edges, (size_t)from->edge_count + 1,
                                 sizeof(*from->edges));
        from->edges[from->edge_count++] = (struct edge){
            .to = to, .input = i, .rejected = config->inputs[i].rejected};
    }
}

/* Titles of steps are for people; that these rows were rejected is no
 * title. */
static void
name_inputs(struct graph *graph, struct node *node)
{
    const struct pipeline_step *config = node->config;

    node->inputs =
        arena_array(graph->arena, config->input_count, sizeof(*node->inputs));
    for (uint32_t i = 0; i < config->input_count; i++) {
        const struct step_input *input = &config->inputs[i];
        const struct pipeline_step *from = &graph->pipeline->steps[input->step];
        const char *end = input->rejected ? ".rejected" : "";

        node->inputs[i] = (struct fb_input){
            .size = sizeof(struct fb_input),
            .step = arena_printf(graph->arena, "%s%s", from->id, end),
            .title = arena_printf(graph->arena, "%s%s", from->title, end),
        };
    }
    step_set_inputs(node->step, node->inputs, config->input_count);
}

struct graph *
graph_new(const struct pipeline *pipeline, const struct step_context *context)
{
    struct graph *graph = mem_zalloc(sizeof(*graph));

    graph->pipeline = pipeline;
    graph->context = context;
    graph->arena = arena_new();
    graph->count = pipeline->step_count;
    graph->nodes = mem_array(graph->count, sizeof(*graph->nodes));
    for (uint32_t i = 0; i < graph->count; i++) {
        struct node *node = &graph->nodes[i];

        node->graph = graph;
        node->config = &pipeline->steps[i];
        if (node->config->kind == FB_NOTIFIER)
            continue;
        node->step = step_new(node->config, context);
        name_inputs(graph, node);
    }
    for (uint32_t i = 0; i < graph->count; i++)
        add_edges(graph, i);
    targets_tell(graph);
    return graph;
}

/* Order matters: a writer or reader uses its step, batches use readers. */
static void
node_release(struct node *node)
{
    for (uint32_t i = 0; i < node->pending_count; i++)
        batch_free(node->pending[i]);
    free(node->pending);
    writer_free(node->writer);
    coded_writer_free(node->coded_writer);
    coded_reader_free(node->coded_reader);
    step_free(node->step);
    free(node->edges);
}

void
graph_free(struct graph *graph)
{
    if (graph == NULL)
        return;
    for (uint32_t i = 0; i < graph->count; i++)
        node_release(&graph->nodes[i]);
    for (uint32_t i = 0; i < graph->count; i++)
        reader_free(graph->nodes[i].reader);
    free(graph->nodes);
    arena_free(graph->arena);
    free(graph);
}

/* The columns that an input carries; NULL while not known. */
static const struct columns *
input_columns(const struct graph *graph, const struct step_input *input)
{
    if (input->rejected)
        return &reject_columns;
    return graph->nodes[input->step].columns;
}

static bool
same_names(const struct columns *a, const struct columns *b)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (strcmp(a->items[i].name, b->items[i].name) != 0)
            return false;
    return true;
}

/* Whether the step takes each input with columns of its own. */
static bool
takes_many(const struct node *node)
{
    return (pipeline_step_worker(node->config)->flags & FB_MANY_INPUTS) != 0;
}

/* All inputs of a step must carry the same columns, unless it takes many.
 * *known is false when one of them is not known yet. */
static int
merge_inputs(const struct node *node, const struct columns **columns,
             bool *known, struct place *place, struct fb_error *err)
{
    const struct pipeline_step *config = node->config;
    const struct graph *graph = node->graph;

    *columns = NULL;
    *known = config->input_count > 0;
    for (uint32_t i = 0; i < config->input_count; i++) {
        const struct columns *c = input_columns(graph, &config->inputs[i]);
        if (c == NULL) {
            *known = false;
            continue;
        }
        node->inputs[i].column_count = c->count;
        node->inputs[i].columns = c->items;
        if (takes_many(node))
            continue;
        if (*columns == NULL)
            *columns = c;
        if (same_names(*columns, c))
            continue;
        *place = config->inputs[i].place;
        return fb_fail(err, FB_E_CONFIG,
                       "the inputs of step '%s' do not have the same columns",
                       config->id);
    }
    return 0;
}

static int
bind_node(struct node *node, struct place *place, struct fb_error *err)
{
    const struct columns *input = NULL;
    bool known = true;

    if (node->config->kind != FB_SOURCE) {
        if (merge_inputs(node, &input, &known, place, err) != 0)
            return -1;
        if (!known)
            return 0;
        node->origin = node->graph->nodes[node->config->inputs[0].step].origin;
    }
    if (step_bind(node->step, input, place, err) != 0 ||
        (node->config->codec != NULL && node->config->kind == FB_SINK &&
         coded_check(node->config, node->graph->context, node->inputs,
                     node->config->input_count, input, place, err) != 0))
        return -1;
    if (node->config->kind != FB_SOURCE || step_plugin(node->step)->read)
        node->columns = step_columns(node->step);
    return 0;
}

/* A notifier comes alive only when there is something to tell; a mistake in
 * it must not wait for that. */
static int
check_notifier(const struct node *node, struct place *place,
               struct fb_error *err)
{
    struct step *step = step_new(node->config, node->graph->context);
    int status = step_check(step, place, err);

    step_free(step);
    return status;
}

void
graph_check(struct graph *graph, struct problems *problems)
{
    for (uint32_t i = 0; i < graph->count; i++) {
        struct node *node = &graph->nodes[i];
        struct fb_error err = FB_ERROR_INIT;
        struct place place = {0};

        if (node->step == NULL) {
            if (check_notifier(node, &place, &err) != 0)
                problems_add_error(problems, place, &err);
            continue;
        }
        if (node->config->schema != NULL)
            node->columns = &node->config->schema->columns;
        if (step_check(node->step, &place, &err) != 0 ||
            bind_node(node, &place, &err) != 0)
            problems_add_error(problems, place, &err);
    }
}

static int
open_reader(struct node *node, struct fb_error *err)
{
    const struct reader_options options = {
        .name = node->config->uri,
        .input = step_byte_input(node->step),
        .format = node->config->format,
        .schema = node->config->schema,
        .host = &step_services,
    };

    if (reader_open(&options, &node->reader, err) != 0)
        return -1;
    node->columns = reader_columns(node->reader);
    node->origin = reader_origin(node->reader);
    node->bytes = reader_bytes(node->reader);
    return 0;
}

/* The texts that a plugin gives live only until its next call. */
static void
keep_object(struct graph *graph, struct fb_object *object)
{
    if (object->uri != NULL)
        object->uri = arena_strdup(graph->arena, object->uri);
    if (object->generation != NULL)
        object->generation = arena_strdup(graph->arena, object->generation);
}

static int
open_coded_reader(struct node *node, struct fb_error *err)
{
    if (coded_reader_open(node->step, node->config, node->graph->context,
                          &node->coded_reader, err) != 0)
        return -1;
    node->columns = coded_reader_columns(node->coded_reader);
    node->bytes = coded_reader_bytes(node->coded_reader);
    return 0;
}

static int
open_source(struct node *node, struct fb_error *err)
{
    struct place place = {0};

    if (bind_node(node, &place, err) != 0)
        return place_error(&place, err);
    if (step_open(node->step, err) != 0 ||
        step_stat(node->step, &node->object, err) != 0)
        return -1;
    keep_object(node->graph, &node->object);
    if (node->config->codec != NULL)
        return open_coded_reader(node, err);
    if (step_plugin(node->step)->read_bytes != NULL)
        return open_reader(node, err);
    node->columns = step_columns(node->step); /* open may have named them */
    return 0;
}

/* What open began at a service goes on for all sources at once: they are
 * waited for when all have begun. */
static int
ready_source(struct node *node, struct fb_error *err)
{
    if (step_ready(node->step, err) != 0)
        return -1;
    if (step_plugin(node->step)->read != NULL)
        node->columns = step_columns(node->step);
    return 0;
}

static int
open_writer(struct node *node, struct fb_error *err)
{
    const struct writer_options options = {
        .name = node->config->uri,
        .output = step_byte_output(node->step),
        .format = node->config->format,
        .layout = node->config->layout,
    };

    if (writer_open(&options, &node->writer, err) != 0)
        return -1;
    return writer_begin(node->writer, node->columns, node->origin, err);
}

static int
open_consumer(struct node *node, struct fb_error *err)
{
    struct place place = {0};

    if (bind_node(node, &place, err) != 0)
        return place_error(&place, err);
    if (step_open(node->step, err) != 0)
        return -1;
    if (node->config->kind == FB_SINK && node->config->codec != NULL)
        return coded_writer_open(node->step, node->config, node->graph->context,
                                 node->inputs, node->config->input_count,
                                 node->columns, &node->coded_writer, err);
    if (node->config->kind == FB_SINK &&
        step_plugin(node->step)->write_bytes != NULL)
        return open_writer(node, err);
    return 0;
}

static int
check_node(struct node *node, struct fb_error *err)
{
    struct place place = {0};

    node->columns = NULL;
    if (step_check(node->step, &place, err) != 0)
        return place_error(&place, err);
    return 0;
}

/* Steps are in topological order, so inputs come before who reads them. */
static int
each_node(struct graph *graph, bool sources, bool others,
          int (*work)(struct node *node, struct fb_error *err),
          struct fb_error *err)
{
    for (uint32_t i = 0; i < graph->count; i++) {
        struct node *node = &graph->nodes[i];
        bool is_source = node->config->kind == FB_SOURCE;

        if (node->step != NULL && (is_source ? sources : others) &&
            work(node, err) != 0)
            return -1;
    }
    return 0;
}

static int
open_transform(struct node *node, struct fb_error *err)
{
    return node->config->kind == FB_TRANSFORM ? open_consumer(node, err) : 0;
}

static int
open_sources(struct graph *graph, struct fb_error *err)
{
    if (each_node(graph, true, true, check_node, err) != 0 ||
        each_node(graph, true, false, open_source, err) != 0)
        return -1;
    return each_node(graph, true, false, ready_source, err);
}

int
graph_open(struct graph *graph, struct fb_error *err)
{
    if (open_sources(graph, err) != 0)
        return -1;
    return each_node(graph, false, true, open_consumer, err);
}

int
graph_open_readers(struct graph *graph, struct fb_error *err)
{
    if (open_sources(graph, err) != 0)
        return -1;
    return each_node(graph, false, true, open_transform, err);
}

static bool
is_skipped(const struct node *node)
{
    return node->rows.in == 0 && node->config->when_empty == EMPTY_SKIP;
}

static int
finish_sink(struct node *node, struct fb_error *err)
{
    if (node->writer != NULL && writer_finish(node->writer, err) != 0)
        return -1;
    if (node->coded_writer != NULL &&
        coded_writer_finish(node->coded_writer, err) != 0)
        return -1;
    if (step_finish(node->step, err) != 0 ||
        step_stat(node->step, &node->object, err) != 0)
        return -1;
    keep_object(node->graph, &node->object);
    if (node->object.size == 0 && node->writer != NULL)
        node->object.size = writer_bytes(node->writer);
    if (node->object.size == 0 && node->coded_writer != NULL)
        node->object.size = coded_writer_bytes(node->coded_writer);
    targets_made(node);
    return 0;
}

/* What is no sink has nothing that when_empty could skip. */
static int
finish_other(struct node *node, struct fb_error *err)
{
    return node->config->kind == FB_SINK ? 0 : step_finish(node->step, err);
}

static int
finish_output(struct node *node, struct fb_error *err)
{
    if (node->config->kind != FB_SINK || is_skipped(node) ||
        targets_is_last(node))
        return 0;
    return finish_sink(node, err);
}

static int
finish_last(struct node *node, struct fb_error *err)
{
    if (!targets_is_last(node) || is_skipped(node))
        return 0;
    return finish_sink(node, err);
}

/* Outputs last: who sees one may rely on all that was done for it. */
int
graph_finish(struct graph *graph, struct fb_error *err)
{
    if (each_node(graph, true, true, finish_other, err) != 0)
        return -1;
    if (each_node(graph, false, true, finish_output, err) != 0)
        return -1;
    return each_node(graph, false, true, finish_last, err);
}

static bool
same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

int
graph_verify_inputs(struct graph *graph, struct fb_error *err)
{
    for (uint32_t i = 0; i < graph->count; i++) {
        struct node *node = &graph->nodes[i];
        struct fb_object now;

        if (node->config->kind != FB_SOURCE)
            continue;
        if (step_stat(node->step, &now, err) != 0)
            return -1;
        if (same_text(now.generation, node->object.generation))
            continue;
        return fb_fail(err, FB_E_CHANGED, "'%s' was changed while it was read",
                       node->config->uri);
    }
    return 0;
}
