/*
 * run/flow.c: depth-first delivery.  A node with several readers gives each
 * its own view (batch_clone).
 */
#include "run/flow.h"

#include "util/error.h"

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
deliver(const struct flow *flow, struct node *node, struct batch *batch,
        bool rejected, struct fb_error *err)
{
    uint32_t left = count_edges(node, rejected);

    if (left == 0) {
        batch_free(batch);
        return 0;
    }
    for (uint32_t i = 0; i < node->edge_count; i++) {
        const struct edge *edge = &node->edges[i];
        struct batch *view = batch;

        if (edge->rejected != rejected)
            continue;
        if (--left > 0)
            view = batch_clone(batch);
        if (flow->accept(flow->arg, &node->graph->nodes[edge->to], edge->input,
                         view, err) != 0) {
            if (left > 0)
                batch_free(batch);
            return -1;
        }
    }
    return 0;
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
deliver_rejects(const struct flow *flow, struct node *node, struct batch *batch,
                struct fb_error *err)
{
    struct batch *rejects = batch_take_rejects(batch);
    int result;

    if (rejects == NULL)
        return 0;
    flow->tell(flow->arg, node, rejects);
    if (node->config->on_reject == ON_REJECT_FAIL) {
        result = fail_on_reject(node, rejects, err);
        batch_free(rejects);
        return result;
    }
    return deliver(flow, node, rejects, true, err);
}

int
flow_emit(const struct flow *flow, struct node *node, struct batch *batch,
          struct fb_error *err)
{
    if (deliver_rejects(flow, node, batch, err) != 0) {
        batch_free(batch);
        return -1;
    }
    if (batch_selected_count(batch) == 0) {
        batch_free(batch);
        return 0;
    }
    return deliver(flow, node, batch, false, err);
}

bool
flow_gathers(const struct node *sink, const struct batch *batch)
{
    return sink->config->input_count > 1 &&
           batch_columns(batch) == &reject_columns &&
           !(pipeline_step_worker(sink->config)->flags & FB_MANY_INPUTS);
}
