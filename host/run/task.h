/*
 * run/task.h: one piece of an input on its way through everything that needs
 * no order: making rows of it, parallel transforms, encoding for sinks.  What
 * needs order is noted down as events, just as it would have happened with
 * nobody else at work, to be replayed when it is the piece's turn.
 */
#ifndef RUN_TASK_H
#define RUN_TASK_H

#include "run/graph.h"

/*
 * What one thread works with: views of the steps, tools of the codecs.  Made
 * while no thread works; then any thread may use it, one at a time.  Freed
 * before the graph.
 */
struct desk;
struct desk *desk_new(struct graph *graph);
void desk_free(struct desk *desk); /* NULL is fine */

enum event_kind {
    EVENT_COUNTS = 1, /* a node did this with rows */
    EVENT_REJECTS,    /* a node rejected these rows: tell of them */
    EVENT_BATCH,      /* a batch for a node that takes them in order */
    EVENT_ENCODED,    /* bytes for a sink */
};

struct event {
    enum event_kind kind;
    struct node *node;
    struct step_counts counts;
    struct batch *batch; /* the task's, until somebody takes it out */
    uint32_t input;      /* of the node, that the batch comes from */
    uint32_t encoded;    /* index; see task_encoded */
};

struct task;
struct task *task_new(void);
void task_free(struct task *task); /* NULL is fine */
/* Empty again; memory for encoded rows is kept. */
void task_clear(struct task *task);

/*
 * What the task is about, of this source: a piece of a byte source or a batch
 * (one of them NULL; taken over).  bytes: taken from the input when the piece
 * was cut.
 */
void task_begin(struct task *task, struct node *source, struct piece *piece,
                struct batch *batch, uint64_t bytes);
/* Do it.  Fails when one of the steps does: task_error tells, once the events
 * before it are replayed. */
void task_work(struct task *task, struct desk *desk);

struct node *task_source(const struct task *task);
uint64_t task_bytes(const struct task *task);
/* NULL: all went well. */
const struct fb_error *task_error(const struct task *task);
size_t task_event_count(const struct task *task);
struct event *task_event(struct task *task, size_t index);
const struct encoded *task_encoded(const struct task *task,
                                   const struct event *event);

#endif
