/*
 * run/pump.c: the run's thread: cuts the input into tasks, and replays what
 * they noted down, each when it is its turn.  All that needs order happens
 * here: counts, telling of rejects, serial transforms, what sinks take.
 */
#include "run/pump.h"

#include <assert.h>
#include <stdlib.h>

#include "run/crew.h"
#include "run/flow.h"
#include "util/error.h"
#include "util/mem.h"

static void
add_counts(struct node *node, struct step_counts counts)
{
    node->rows.in += counts.in;
    node->rows.out += counts.out;
    node->rows.filtered += counts.filtered;
    node->rows.rejected += counts.rejected;
}

/* --- what happens in order ------------------------------------------------ */

static void
tell_rejects(void *arg, struct node *node, struct batch *rejects)
{
    const struct graph *graph = node->graph;

    (void)arg;
    if (graph->on_reject == NULL)
        return;
    for (uint32_t row = 0; row < batch_rows(rejects); row++)
        graph->on_reject(graph->on_reject_arg, node,
                         batch_reject_of(rejects, row));
}

static int
sink_write(struct node *node, uint32_t input, struct batch *batch,
           struct fb_error *err)
{
    uint32_t rows = batch_selected_count(batch);
    int result;

    step_set_input(node->step, input);
    if (node->coded_writer != NULL)
        result = coded_writer_write(node->coded_writer, input, batch, err);
    else if (node->writer != NULL)
        result = writer_write(node->writer, batch, err);
    else
        result = step_write(node->step, batch, err);
    if (result == 0)
        node->rows.in += rows;
    batch_free(batch);
    return result;
}

/* Rejects of several steps meet in a sink: they wait until the batch of the
 * source has gone all the way, and are then written in line order. */
static int
sink_accept(struct node *node, uint32_t input, struct batch *batch,
            struct fb_error *err)
{
    if (!flow_gathers(node, batch))
        return sink_write(node, input, batch, err);
    node->pending = mem_regrow(node->pending, (size_t)node->pending_count + 1,
                               sizeof(struct batch *));
    node->pending[node->pending_count++] = batch;
    return 0;
}

static int
node_accept(void *arg, struct node *node, uint32_t input, struct batch *batch,
            struct fb_error *err)
{
    int status;

    (void)arg;
    if (node->config->kind == FB_SINK)
        return sink_accept(node, input, batch, err);
    assert(node->config->kind == FB_TRANSFORM);
    step_set_input(node->step, input);
    status = step_process(node->step, batch, err);
    add_counts(node, step_take_counts(node->step));
    return status;
}

static const struct flow in_order = {.tell = tell_rejects,
                                     .accept = node_accept};

/* What leaves a transform that takes its batches in order. */
static int
emit(void *arg, struct batch *batch, struct fb_error *err)
{
    struct node *node = arg;

    add_counts(node, step_take_counts(node->step));
    return flow_emit(&in_order, node, batch, err);
}

static int
drain_pending(struct graph *graph, struct fb_error *err)
{
    for (uint32_t i = 0; i < graph->count; i++) {
        struct node *node = &graph->nodes[i];
        uint32_t count = node->pending_count;
        struct batch *merged;

        if (count == 0)
            continue;
        node->pending_count = 0;
        merged = batch_merge_rejects(node->pending, count);
        if (sink_write(node, 0, merged, err) != 0)
            return -1;
    }
    return 0;
}

/* --- replaying ------------------------------------------------------------ */

static int
append_encoded(struct node *node, const struct encoded *encoded,
               struct fb_error *err)
{
    if (writer_append(node->writer, encoded, err) != 0)
        return -1;
    node->rows.in += encoded->rows;
    return 0;
}

static int
replay_event(const struct task *task, struct event *event, struct fb_error *err)
{
    struct batch *batch = event->batch;

    switch (event->kind) {
    case EVENT_COUNTS:
        add_counts(event->node, event->counts);
        return 0;
    case EVENT_REJECTS:
        tell_rejects(NULL, event->node, batch);
        return 0;
    case EVENT_BATCH:
        event->batch = NULL;
        return node_accept(NULL, event->node, event->input, batch, err);
    case EVENT_ENCODED:
        return append_encoded(event->node, task_encoded(task, event), err);
    }
    assert(!"no such event");
    return -1;
}

static int
replay(const struct pump *pump, struct task *task, struct fb_error *err)
{
    struct node *source = task_source(task);

    source->bytes = task_bytes(task);
    for (size_t i = 0; i < task_event_count(task); i++)
        if (replay_event(task, task_event(task, i), err) != 0)
            return -1;
    if (task_error(task) != NULL) {
        *err = *task_error(task);
        return -1;
    }
    if (drain_pending(pump->graph, err) != 0)
        return -1;
    if (pump->progress != NULL)
        pump->progress(pump->progress_arg, source->bytes,
                       source->rows.out + source->rows.rejected);
    return 0;
}

/* --- reading -------------------------------------------------------------- */

/* How the reading of a source ended, to be known when all that was read has
 * gone its way. */
struct ending {
    bool ended;
    uint64_t bytes;
    struct fb_error error;
};

static int
read_some(struct node *node, struct piece **piece, struct batch **batch,
          struct fb_error *err)
{
    if (node->reader != NULL)
        return reader_cut(node->reader, piece, err);
    if (node->coded_reader != NULL)
        return coded_reader_next(node->coded_reader, batch, err);
    return step_read(node->step, batch, err);
}

/* The next task, or the end. */
static void
read_task(struct crew *crew, struct task *task, struct node *node,
          struct ending *ending)
{
    struct piece *piece = NULL;
    struct batch *batch = NULL;
    int status = read_some(node, &piece, &batch, &ending->error);

    ending->bytes =
        node->reader != NULL ? reader_bytes(node->reader) : node->bytes;
    if (status != 0 || (piece == NULL && batch == NULL)) {
        ending->ended = true;
        return;
    }
    task_begin(task, node, piece, batch, ending->bytes);
    crew_give(crew, task);
}

/* What is done goes out before more comes in. */
static int
pump_some(const struct pump *pump, struct crew *crew, struct node *node,
          struct ending *ending, struct fb_error *err)
{
    struct task *task = crew_done(crew);

    if (task != NULL) {
        if (replay(pump, task, err) != 0)
            return -1;
        crew_drop(crew, task);
        return 0;
    }
    task = ending->ended ? NULL : crew_room(crew);
    if (task != NULL)
        read_task(crew, task, node, ending);
    else
        crew_help(crew);
    return 0;
}

static int
pump_source(const struct pump *pump, struct crew *crew, struct node *node,
            struct fb_error *err)
{
    struct ending ending = {.error = FB_ERROR_INIT};

    while (!ending.ended || !crew_is_idle(crew)) {
        if (__atomic_load_n(pump->cancelled, __ATOMIC_RELAXED))
            return fb_fail(err, FB_E_CANCELLED, "the run was told to stop");
        if (pump_some(pump, crew, node, &ending, err) != 0)
            return -1;
    }
    node->bytes = ending.bytes;
    if (ending.error.code == FB_E_NONE)
        return 0;
    *err = ending.error;
    return -1;
}

static int
pump_sources(const struct pump *pump, struct fb_error *err)
{
    struct graph *graph = pump->graph;
    struct crew *crew = crew_new(graph, pump->jobs > 0 ? pump->jobs : 1);
    int status = 0;

    for (uint32_t i = 0; status == 0 && i < graph->count; i++)
        if (graph->nodes[i].config->kind == FB_SOURCE)
            status = pump_source(pump, crew, &graph->nodes[i], err);
    crew_free(crew);
    return status;
}

static int
flush(struct node *node, struct fb_error *err)
{
    int status = step_flush(node->step, err);

    add_counts(node, step_take_counts(node->step));
    return status;
}

int
pump_run(const struct pump *pump, struct fb_error *err)
{
    struct graph *graph = pump->graph;

    for (uint32_t i = 0; i < graph->count; i++)
        if (graph->nodes[i].config->kind == FB_TRANSFORM)
            step_on_emit(graph->nodes[i].step, emit, &graph->nodes[i]);
    if (pump_sources(pump, err) != 0)
        return -1;
    for (uint32_t i = 0; i < graph->count; i++)
        if (graph->nodes[i].config->kind == FB_TRANSFORM &&
            flush(&graph->nodes[i], err) != 0)
            return -1;
    return drain_pending(graph, err);
}

/* Rows that a node got, by what those before it gave. */
static uint64_t
rows_given(const struct graph *graph, const struct node *node)
{
    uint64_t rows = 0;

    for (uint32_t i = 0; i < node->config->input_count; i++) {
        const struct step_input *input = &node->config->inputs[i];
        const struct step_counts *c = &graph->nodes[input->step].rows;

        rows += input->rejected ? c->rejected : c->out;
    }
    return rows;
}

static int
unbalanced(const struct node *node, uint64_t given, struct fb_error *err)
{
    const struct step_counts *c = &node->rows;

    return fb_fail(err, FB_E_BUG,
                   "rows do not balance at step '%s': given %llu, in %llu, "
                   "out %llu, filtered %llu, rejected %llu",
                   node->config->label, (unsigned long long)given,
                   (unsigned long long)c->in, (unsigned long long)c->out,
                   (unsigned long long)c->filtered,
                   (unsigned long long)c->rejected);
}

int
pump_check_balance(const struct graph *graph, struct fb_error *err)
{
    for (uint32_t i = 0; i < graph->count; i++) {
        struct node *node = &graph->nodes[i];
        uint64_t given = rows_given(graph, node);

        switch (node->config->kind) {
        case FB_SOURCE:
        case FB_NOTIFIER:
            continue;
        case FB_TRANSFORM:
            if (step_plugin(node->step)->flags & FB_RESHAPES)
                break;
            if (node->rows.in !=
                node->rows.out + node->rows.filtered + node->rows.rejected)
                return unbalanced(node, given, err);
            break;
        case FB_SINK:
            node->rows.out = node->writer != NULL ? writer_rows(node->writer)
                                                  : node->rows.in;
            if (node->rows.in != node->rows.out)
                return unbalanced(node, given, err);
            break;
        }
        if (node->rows.in != given)
            return unbalanced(node, given, err);
    }
    return 0;
}
