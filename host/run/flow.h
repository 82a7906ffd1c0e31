/*
 * run/flow.h: the way of batches along the edges of the graph: what leaves a
 * node goes to each of its readers in turn, all the way, before the next gets
 * it (depth first).  What becomes of a batch at a reader is the business of
 * whoever moves it: the pump acts at once, a task notes down what must wait
 * its turn.  So both take the same way.
 */
#ifndef RUN_FLOW_H
#define RUN_FLOW_H

#include "run/graph.h"

struct flow {
    /* Rejects of this node, before they go on; they stay the caller's. */
    void (*tell)(void *arg, struct node *node, struct batch *rejects);
    /* A batch for this node, from its input of this index; taken over, also
     * on failure. */
    int (*accept)(void *arg, struct node *node, uint32_t input,
                  struct batch *batch, struct fb_error *err);
    void *arg;
};

/* All that leaves a node: its rejects, then its rows.  The batch is taken
 * over.  FB_E_INPUT when the step says on_reject: fail and rejected a row. */
int flow_emit(const struct flow *flow, struct node *node, struct batch *batch,
              struct fb_error *err) FB_MUST_CHECK;

/* Whether a sink takes the batch only together with others: rejects of
 * several steps are put in line order. */
bool flow_gathers(const struct node *sink, const struct batch *batch);

#endif
