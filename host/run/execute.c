/*
 * run/execute.c: open, pump, verify, finish, and count.
 */
#include "run/execute.h"

#include <assert.h>

#include "table/around.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/mem.h"

/* Where a reject on this line belongs among those kept, in line order. */
static size_t
place_of_reject(const struct result *result, uint64_t line)
{
    size_t at = result->error_count;

    while (at > 0 && result->errors[at - 1].line > line)
        at--;
    return at;
}

/* Keep the first few by line, whichever step finds them first. */
static void
keep_reject(void *arg, const struct node *node, const struct reject *reject)
{
    struct result *result = arg;
    size_t at = place_of_reject(result, reject->line);

    if (at == REPORT_ERRORS_MAX)
        return;
    if (result->error_count < REPORT_ERRORS_MAX)
        result->error_count++;
    memmove(&result->errors[at + 1], &result->errors[at],
            (result->error_count - 1 - at) * sizeof(result->errors[0]));
    result->errors[at] = (struct fb_report_error){
        .step = arena_strdup(result->arena, node->config->label),
        .line = reject->line,
        .message = arena_strdup(result->arena, reject->message),
        .column = reject->column == NULL
                      ? NULL
                      : arena_strdup(result->arena, reject->column),
    };
}

/* The source that reads the trigger must read the generation that was
 * claimed, or two runs could take effect for one and none for the other. */
static int
check_generation(const struct graph *graph, const struct fb_object *trigger,
                 struct fb_error *err)
{
    for (uint32_t i = 0; trigger != NULL && i < graph->count; i++) {
        const struct node *node = &graph->nodes[i];

        if (node->config->kind != FB_SOURCE || node->config->uri == NULL ||
            strcmp(node->config->uri, trigger->uri) != 0)
            continue;
        if (node->object.generation == NULL || trigger->generation == NULL ||
            strcmp(node->object.generation, trigger->generation) == 0)
            continue;
        return fb_fail(err, FB_E_CHANGED,
                       "'%s' was replaced before it was read", trigger->uri);
    }
    return 0;
}

static int
work(const struct execution *execution, struct graph *graph,
     struct fb_error *err)
{
    const struct pump pump = {
        .graph = graph,
        .cancelled = execution->context->cancelled,
        .progress = execution->progress,
        .progress_arg = execution->progress_arg,
        .jobs = execution->jobs,
    };

    if (graph_open(graph, err) != 0 ||
        check_generation(graph, execution->trigger, err) != 0 ||
        pump_run(&pump, err) != 0 || graph_verify_inputs(graph, err) != 0 ||
        pump_check_balance(graph, err) != 0)
        return -1;
    return graph_finish(graph, err);
}

static void
add_object(struct result *result, struct result_object *objects, size_t *count,
           const struct node *node, uint64_t rows, uint64_t bytes)
{
    const struct fb_object *o = &node->object;

    objects[(*count)++] = (struct result_object){
        .step = arena_strdup(result->arena, node->config->label),
        .uri = arena_strdup(result->arena, o->uri ? o->uri : ""),
        .generation = o->generation == NULL
                          ? NULL
                          : arena_strdup(result->arena, o->generation),
        .rows = rows,
        .bytes = bytes,
    };
}

static bool
reads_rejects(const struct node *node)
{
    return node->config->input_count > 0 && node->config->inputs[0].rejected;
}

static void
count_source(struct result *result, const struct node *node)
{
    uint64_t rows = node->rows.out + node->rows.rejected;

    result->rows_read += rows;
    result->bytes_read += node->bytes;
    result->rows_rejected += node->rows.rejected;
    if (node->object.uri != NULL)
        add_object(result, result->inputs, &result->input_count, node, rows,
                   node->bytes);
}

static void
count_sink(struct result *result, const struct node *node)
{
    if (node->object.uri == NULL)
        return; /* nothing was made visible */
    if (!reads_rejects(node))
        result->rows_written += node->rows.in;
    result->bytes_written += node->object.size;
    add_object(result, result->outputs, &result->output_count, node,
               node->rows.in, node->object.size);
}

static void
take_facts(struct result *result, const struct step *step,
           struct result_step *to)
{
    uint32_t count = step_fact_count(step);
    struct step_fact *facts = arena_array(result->arena, count, sizeof(*facts));

    for (uint32_t i = 0; i < count; i++) {
        const struct step_fact *fact = step_fact_at(step, i);

        facts[i].name = arena_strdup(result->arena, fact->name);
        facts[i].text = arena_strdup(result->arena, fact->text);
    }
    to->facts = facts;
    to->fact_count = count;
}

static void
count_all(struct result *result, const struct graph *graph)
{
    for (uint32_t i = 0; i < graph->count; i++) {
        struct node *node = &graph->nodes[i];

        if (node->step == NULL)
            continue;
        if (node->config->kind == FB_TRANSFORM) {
            result->rows_filtered += node->rows.filtered;
            result->rows_rejected += node->rows.rejected;
        } else if (node->config->kind == FB_SOURCE) {
            count_source(result, node);
        } else {
            count_sink(result, node);
        }
        result->steps[result->step_count++] = (struct result_step){
            .label = arena_strdup(result->arena, node->config->label),
            .kind = node->config->kind,
            .type = arena_strdup(result->arena,
                                 pipeline_step_worker(node->config)->name),
            .rows = node->rows,
        };
        take_facts(result, node->step, &result->steps[result->step_count - 1]);
    }
}

int
execute(const struct execution *execution, struct result *result)
{
    const struct pipeline *pipeline = execution->pipeline;
    int64_t began = clock_monotonic_ms();
    uint32_t count = pipeline->step_count;
    struct around around;
    struct graph *graph;

    around_init(&around, execution->context, pipeline, true);
    graph = graph_new(pipeline, &around.context);
    assert(result->arena != NULL && result->error.code == FB_E_NONE);
    graph->on_reject = keep_reject;
    graph->on_reject_arg = result;
    result->steps = arena_array(result->arena, count, sizeof(*result->steps));
    result->inputs = arena_array(result->arena, count, sizeof(*result->inputs));
    result->outputs =
        arena_array(result->arena, count, sizeof(*result->outputs));
    if (work(execution, graph, &result->error) != 0)
        assert(result->error.code != FB_E_NONE);
    count_all(result, graph);
    graph_free(graph);
    around_release(&around);
    result->ended_ms = clock_now_ms();
    result->seconds = (double)(clock_monotonic_ms() - began) / 1000.0;
    return result_is_success(result) ? 0 : -1;
}
