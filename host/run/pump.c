/*
 * run/pump.c: depth-first delivery of batches along the edges of the graph.
 * A node with several readers gives each its own view (batch_clone).
 */
#include "run/pump.h"

#include <assert.h>
#include <stdlib.h>

#include "util/error.h"
#include "util/mem.h"

static int node_accept(struct node *node, struct batch *batch,
                       struct fb_error *err) FB_MUST_CHECK;

static uint32_t
count_edges(const struct node *node, bool rejected)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < node->edge_count; i++)
        count += node->edges[i].rejected == rejected;
    return count;
}

/* Give the batch (taken over) to all who read this output. */
static int
deliver(struct node *node, struct batch *batch, bool rejected,
        struct fb_error *err)
{
    uint32_t left = count_edges(node, rejected);

    if (left == 0) {
        batch_free(batch);
        return 0;
    }
    for (uint32_t i = 0; i < node->edge_count; i++) {
        struct batch *view = batch;

        if (node->edges[i].rejected != rejected)
            continue;
        if (--left > 0)
            view = batch_clone(batch);
        if (node_accept(&node->graph->nodes[node->edges[i].to], view, err) !=
            0) {
            if (left > 0)
                batch_free(batch);
            return -1;
        }
    }
    return 0;
}

static void
tell_rejects(const struct node *node, const struct batch *rejects)
{
    const struct graph *graph = node->graph;

    if (graph->on_reject == NULL)
        return;
    for (uint32_t row = 0; row < batch_rows(rejects); row++)
        graph->on_reject(graph->on_reject_arg, node,
                         batch_reject_of(rejects, row));
}

static int
fail_on_reject(const struct node *node, const struct batch *rejects,
               struct fb_error *err)
{
    const struct reject *first = batch_reject_of(rejects, 0);

    return fb_fail(err, FB_E_INPUT,
                   "step '%s' rejected line %llu and says on_reject: fail%s%s"
                   "%s: %s",
                   node->config->id, (unsigned long long)first->line,
                   first->column != NULL ? ": column '" : "",
                   first->column != NULL ? first->column : "",
                   first->column != NULL ? "'" : "", first->message);
}

/* What a node rejected leaves by its `rejected` output. */
static int
deliver_rejects(struct node *node, struct batch *batch, struct fb_error *err)
{
    struct batch *rejects = batch_take_rejects(batch);
    int result;

    if (rejects == NULL)
        return 0;
    tell_rejects(node, rejects);
    if (node->config->on_reject == ON_REJECT_FAIL) {
        result = fail_on_reject(node, rejects, err);
        batch_free(rejects);
        return result;
    }
    return deliver(node, rejects, true, err);
}

/* All that leaves a node: its rejects, then its rows. */
static int
emit(void *arg, struct batch *batch, struct fb_error *err)
{
    struct node *node = arg;

    if (deliver_rejects(node, batch, err) != 0) {
        batch_free(batch);
        return -1;
    }
    if (batch_selected_count(batch) == 0) {
        batch_free(batch);
        return 0;
    }
    return deliver(node, batch, false, err);
}

static int
sink_write(struct node *node, struct batch *batch, struct fb_error *err)
{
    uint32_t rows = batch_selected_count(batch);
    int result;

    result = node->writer != NULL ? writer_write(node->writer, batch, err)
                                  : step_write(node->step, batch, err);
    if (result == 0)
        node->rows.in += rows;
    batch_free(batch);
    return result;
}

/* Rejects of several steps meet in a sink: they wait until the batch of the
 * source has gone all the way, and are then written in line order. */
static int
sink_accept(struct node *node, struct batch *batch, struct fb_error *err)
{
    if (node->config->input_count < 2 ||
        batch_columns(batch) != &reject_columns)
        return sink_write(node, batch, err);
    node->pending = mem_regrow(node->pending, (size_t)node->pending_count + 1,
                               sizeof(struct batch *));
    node->pending[node->pending_count++] = batch;
    return 0;
}

static int
node_accept(struct node *node, struct batch *batch, struct fb_error *err)
{
    if (node->config->kind == FB_SINK)
        return sink_accept(node, batch, err);
    assert(node->config->kind == FB_TRANSFORM);
    return step_process(node->step, batch, err);
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
        if (sink_write(node, merged, err) != 0)
            return -1;
    }
    return 0;
}

static int
next_batch(struct node *node, struct batch **batch, struct fb_error *err)
{
    if (node->reader != NULL)
        return reader_next(node->reader, batch, err);
    return step_read(node->step, batch, err);
}

/* What the reader could not read as a row, and what a source plugin rejected
 * in a batch of its own. */
static uint64_t
rejected_by_source(const struct batch *batch)
{
    const struct block *block = batch_block(batch);

    return batch_rejected_count(batch) + (block ? block->reject_count : 0);
}

static int
pump_source(const struct pump *pump, struct node *node, struct fb_error *err)
{
    for (;;) {
        struct batch *batch = NULL;

        if (*pump->cancelled)
            return fb_fail(err, FB_E_CANCELLED, "the run was told to stop");
        if (next_batch(node, &batch, err) != 0)
            return -1;
        if (batch == NULL)
            return 0;
        node->rows.out += batch_selected_count(batch);
        node->rows.rejected += rejected_by_source(batch);
        batch_reset_counts(batch);
        if (emit(node, batch, err) != 0 || drain_pending(pump->graph, err) != 0)
            return -1;
        if (pump->progress != NULL)
            pump->progress(pump->progress_arg,
                           node->reader ? reader_bytes(node->reader) : 0,
                           node->rows.out + node->rows.rejected);
    }
}

int
pump_run(const struct pump *pump, struct fb_error *err)
{
    struct graph *graph = pump->graph;

    for (uint32_t i = 0; i < graph->count; i++)
        if (graph->nodes[i].config->kind == FB_TRANSFORM)
            step_on_emit(graph->nodes[i].step, emit, &graph->nodes[i]);
    for (uint32_t i = 0; i < graph->count; i++)
        if (graph->nodes[i].config->kind == FB_SOURCE &&
            pump_source(pump, &graph->nodes[i], err) != 0)
            return -1;
    for (uint32_t i = 0; i < graph->count; i++)
        if (graph->nodes[i].config->kind == FB_TRANSFORM &&
            step_flush(graph->nodes[i].step, err) != 0)
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
            node->rows = step_counts(node->step);
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
