/*
 * run/task.c: the way of one piece, and what is noted down of it.
 */
#include "run/task.h"

#include <assert.h>
#include <stdlib.h>

#include "run/flow.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"

/* Memory for encoded rows that is worth keeping for the next piece. */
#define KEPT_MAX (8 * WRITE_SIZE)

/* What a thread has for one node. */
struct seat {
    struct desk *desk;
    struct node *node;
    struct step *view; /* parallel transforms */
    struct reader_tools *reader;
    struct writer_tools *writer;
};

struct desk {
    struct graph *graph;
    struct task *task;  /* that lies on it */
    struct seat *seats; /* parallel to graph->nodes */
};

struct task {
    struct flow flow;
    struct desk *desk;
    struct node *source;
    struct piece *piece;
    struct batch *batch;
    uint64_t bytes;
    struct event *events;
    size_t event_count, event_room;
    struct encoded *encoded;
    uint32_t encoded_count, encoded_room; /* of room, those in use are first */
    struct fb_error error;
};

/* --- what is noted down -------------------------------------------------- */

static struct event *
note(struct task *task, enum event_kind kind, struct node *node)
{
    struct event *event;

    if (task->event_count == task->event_room) {
        task->event_room = task->event_room ? 2 * task->event_room : 16;
        task->events =
            mem_regrow(task->events, task->event_room, sizeof(*task->events));
    }
    event = &task->events[task->event_count++];
    *event = (struct event){.kind = kind, .node = node};
    return event;
}

static void
note_counts(struct task *task, struct node *node, struct step_counts counts)
{
    if (counts.in + counts.out + counts.filtered + counts.rejected > 0)
        note(task, EVENT_COUNTS, node)->counts = counts;
}

static void
note_rejects(void *arg, struct node *node, struct batch *rejects)
{
    struct task *task = arg;

    if (node->graph->on_reject != NULL)
        note(task, EVENT_REJECTS, node)->batch = batch_clone(rejects);
}

static int
note_batch(struct task *task, struct node *node, uint32_t input,
           struct batch *batch)
{
    struct event *event = note(task, EVENT_BATCH, node);

    event->batch = batch;
    event->input = input;
    return 0;
}

/* Room for the encoded rows of one batch; its index. */
static uint32_t
take_room(struct task *task)
{
    if (task->encoded_count == task->encoded_room) {
        task->encoded =
            mem_regrow(task->encoded, (size_t)task->encoded_room + 1,
                       sizeof(*task->encoded));
        encoded_init(&task->encoded[task->encoded_room++]);
    }
    return task->encoded_count++;
}

/* --- the way ------------------------------------------------------------- */

static int
encode(struct task *task, struct seat *seat, struct batch *batch,
       struct fb_error *err)
{
    struct node *node = seat->node;
    uint32_t room = take_room(task);

    if ((seat->writer == NULL &&
         writer_tools_new(node->writer, &seat->writer, err) != 0) ||
        writer_encode(node->writer, seat->writer, batch, &task->encoded[room],
                      err) != 0) {
        batch_free(batch);
        return -1;
    }
    note(task, EVENT_ENCODED, node)->encoded = room;
    batch_free(batch);
    return 0;
}

static int
process(struct task *task, struct seat *seat, uint32_t input,
        struct batch *batch, struct fb_error *err)
{
    int status;

    step_set_input(seat->view, input);
    status = step_process(seat->view, batch, err);
    note_counts(task, seat->node, step_take_counts(seat->view));
    return status;
}

static int
accept(void *arg, struct node *node, uint32_t input, struct batch *batch,
       struct fb_error *err)
{
    struct task *task = arg;
    struct seat *seat = &task->desk->seats[node - node->graph->nodes];

    if (seat->view != NULL)
        return process(task, seat, input, batch, err);
    if (node->writer != NULL && !flow_gathers(node, batch))
        return encode(task, seat, batch, err);
    return note_batch(task, node, input, batch);
}

/* What leaves a parallel transform. */
static int
emit(void *arg, struct batch *batch, struct fb_error *err)
{
    const struct seat *seat = arg;
    struct task *task = seat->desk->task;

    note_counts(task, seat->node, step_take_counts(seat->view));
    return flow_emit(&task->flow, seat->node, batch, err);
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
make_batch(struct task *task, struct batch **batch, struct fb_error *err)
{
    struct node *source = task->source;
    struct seat *seat = &task->desk->seats[source - source->graph->nodes];
    struct piece *piece = task->piece;

    *batch = task->batch;
    task->batch = NULL;
    task->piece = NULL;
    if (piece == NULL)
        return 0;
    if (seat->reader == NULL)
        seat->reader = reader_tools_new(source->reader);
    return reader_make(source->reader, seat->reader, piece, batch, err);
}

static int
work(struct task *task, struct fb_error *err)
{
    struct batch *batch;

    if (make_batch(task, &batch, err) != 0)
        return -1;
    if (batch == NULL)
        return 0;
    note_counts(task, task->source,
                (struct step_counts){.out = batch_selected_count(batch),
                                     .rejected = rejected_by_source(batch)});
    batch_reset_counts(batch);
    return flow_emit(&task->flow, task->source, batch, err);
}

void
task_work(struct task *task, struct desk *desk)
{
    assert(task->source != NULL && task->event_count == 0);
    task->desk = desk;
    desk->task = task;
    if (work(task, &task->error) != 0)
        assert(task->error.code != FB_E_NONE);
    desk->task = NULL;
    task->desk = NULL;
}

/* --- the desk ------------------------------------------------------------ */

struct desk *
desk_new(struct graph *graph)
{
    struct desk *desk = mem_zalloc(sizeof(*desk));

    desk->graph = graph;
    desk->seats = mem_array(graph->count, sizeof(*desk->seats));
    for (uint32_t i = 0; i < graph->count; i++) {
        struct seat *seat = &desk->seats[i];

        seat->desk = desk;
        seat->node = &graph->nodes[i];
        if (seat->node->config->kind != FB_TRANSFORM ||
            !step_is_parallel(seat->node->step))
            continue;
        seat->view = step_view(seat->node->step);
        step_on_emit(seat->view, emit, seat);
    }
    return desk;
}

void
desk_free(struct desk *desk)
{
    if (desk == NULL)
        return;
    for (uint32_t i = 0; i < desk->graph->count; i++) {
        reader_tools_free(desk->seats[i].reader);
        writer_tools_free(desk->seats[i].writer);
    }
    free(desk->seats);
    free(desk);
}

/* --- the task ------------------------------------------------------------ */

struct task *
task_new(void)
{
    struct task *task = mem_zalloc(sizeof(*task));

    task->flow =
        (struct flow){.tell = note_rejects, .accept = accept, .arg = task};
    return task;
}

void
task_clear(struct task *task)
{
    for (size_t i = 0; i < task->event_count; i++)
        batch_free(task->events[i].batch);
    for (uint32_t i = 0; i < task->encoded_count; i++)
        if (task->encoded[i].bytes.capacity > KEPT_MAX)
            encoded_release(&task->encoded[i]);
    piece_free(task->piece);
    batch_free(task->batch);
    task->source = NULL;
    task->piece = NULL;
    task->batch = NULL;
    task->event_count = 0;
    task->encoded_count = 0;
    error_clear(&task->error);
}

void
task_free(struct task *task)
{
    if (task == NULL)
        return;
    task_clear(task);
    for (uint32_t i = 0; i < task->encoded_room; i++)
        encoded_release(&task->encoded[i]);
    free(task->encoded);
    free(task->events);
    free(task);
}

void
task_begin(struct task *task, struct node *source, struct piece *piece,
           struct batch *batch, uint64_t bytes)
{
    assert(task->source == NULL && (piece == NULL || batch == NULL));
    task->source = source;
    task->piece = piece;
    task->batch = batch;
    task->bytes = bytes;
}

struct node *
task_source(const struct task *task)
{
    return task->source;
}

uint64_t
task_bytes(const struct task *task)
{
    return task->bytes;
}

const struct fb_error *
task_error(const struct task *task)
{
    return task->error.code != FB_E_NONE ? &task->error : NULL;
}

size_t
task_event_count(const struct task *task)
{
    return task->event_count;
}

struct event *
task_event(struct task *task, size_t index)
{
    assert(index < task->event_count);
    return &task->events[index];
}

const struct encoded *
task_encoded(const struct task *task, const struct event *event)
{
    assert(event->kind == EVENT_ENCODED);
    assert(event->encoded < task->encoded_count);
    return &task->encoded[event->encoded];
}
