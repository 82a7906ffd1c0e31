/*
 * run/look.c: one thread, batch by batch, until every step has shown enough.
 */
#include "run/look.h"

#include <assert.h>

#include "run/flow.h"
#include "util/mem.h"
#include "util/text.h"

#define CELL_MAX 200 /* bytes of a cell that are kept */

/* One node while it is looked at: what emit functions get. */
struct watched {
    struct look *look;
    const struct flow *flow;
    struct node *node;
};

static struct look_step *
step_of_node(struct look *look, const struct node *node)
{
    return &look->steps[node - look->graph->nodes];
}

/* --- keeping -------------------------------------------------------------- */

static void
keep_names(struct look *look, struct look_step *seen, struct batch *batch)
{
    const struct columns *columns = batch_columns(batch);

    if (seen->names != NULL)
        return;
    seen->column_count = columns->count;
    seen->names = arena_array(look->arena, columns->count, sizeof(char *));
    for (uint32_t i = 0; i < columns->count; i++)
        seen->names[i] = text_escape(look->arena, columns->items[i].name,
                                     strlen(columns->items[i].name), CELL_MAX);
    seen->rows = arena_array(look->arena, look->rows_max, sizeof(char **));
}

static void
keep_row(struct look *look, struct look_step *seen, struct batch *batch,
         uint32_t row)
{
    const char **texts =
        arena_array(look->arena, seen->column_count, sizeof(char *));

    for (uint32_t i = 0; i < seen->column_count; i++) {
        const struct fb_cell *cell = &batch_cells(batch, i)[row];

        texts[i] =
            cell->flags & FB_CELL_NULL
                ? NULL
                : text_escape(look->arena, cell->ptr, cell->len, CELL_MAX);
    }
    seen->rows[seen->row_count++] = texts;
}

static void
keep_batch(struct look *look, const struct node *node, struct batch *batch)
{
    struct look_step *seen = step_of_node(look, node);
    const uint64_t *selection = batch_selection(batch);

    keep_names(look, seen, batch);
    for (uint32_t row = 0;
         row < batch_rows(batch) && seen->row_count < look->rows_max; row++)
        if (fb_bit(selection, row))
            keep_row(look, seen, batch, row);
    seen->total += batch_selected_count(batch);
}

static void
keep_reject(struct look *look, struct look_step *seen,
            const struct reject *reject)
{
    if (seen->rejects == NULL)
        seen->rejects =
            arena_array(look->arena, look->rows_max, sizeof(char *));
    if (seen->reject_count == look->rows_max)
        return;
    seen->rejects[seen->reject_count++] = arena_printf(
        look->arena, "line %llu%s%s: %s", (unsigned long long)reject->line,
        reject->column != NULL ? ", " : "",
        reject->column != NULL ? text_escape(look->arena, reject->column,
                                             strlen(reject->column), CELL_MAX)
                               : "",
        text_escape(look->arena, reject->message, strlen(reject->message),
                    FB_MESSAGE_MAX));
}

static void
tell(void *arg, struct node *node, struct batch *rejects)
{
    struct look *look = arg;
    struct look_step *seen = step_of_node(look, node);

    for (uint32_t row = 0; row < batch_rows(rejects); row++)
        keep_reject(look, seen, batch_reject_of(rejects, row));
    seen->rejected += batch_rows(rejects);
}

/* --- moving --------------------------------------------------------------- */

static int
accept(void *arg, struct node *node, uint32_t input, struct batch *batch,
       struct fb_error *err)
{
    (void)arg;
    if (node->config->kind == FB_SINK) {
        batch_free(batch);
        return 0;
    }
    assert(node->config->kind == FB_TRANSFORM);
    step_set_input(node->step, input);
    return step_process(node->step, batch, err);
}

static int
emit(void *arg, struct batch *batch, struct fb_error *err)
{
    const struct watched *watched = arg;

    (void)step_take_counts(watched->node->step);
    keep_batch(watched->look, watched->node, batch);
    return flow_emit(watched->flow, watched->node, batch, err);
}

static int
read_batch(struct node *node, struct batch **batch, struct fb_error *err)
{
    if (node->reader != NULL)
        return reader_next(node->reader, batch, err);
    if (node->coded_reader != NULL)
        return coded_reader_next(node->coded_reader, batch, err);
    return step_read(node->step, batch, err);
}

/* Whether reading on in this source would show nothing more. */
static bool
has_enough(const struct look *look, const struct node *source)
{
    for (uint32_t i = 0; i < look->graph->count; i++) {
        const struct node *node = &look->graph->nodes[i];

        if ((node == source || node->config->kind == FB_TRANSFORM) &&
            look->steps[i].row_count < look->rows_max)
            return false;
    }
    return true;
}

static int
look_at_source(struct watched *watched, struct fb_error *err)
{
    struct look *look = watched->look;
    struct look_step *seen = step_of_node(look, watched->node);
    struct batch *batch;

    while (seen->total + seen->rejected < look->read_max &&
           !has_enough(look, watched->node)) {
        if (__atomic_load_n(look->cancelled, __ATOMIC_RELAXED))
            return fb_fail(err, FB_E_CANCELLED, "told to stop");
        if (read_batch(watched->node, &batch, err) != 0)
            return -1;
        if (batch == NULL)
            return 0;
        batch_reset_counts(batch);
        keep_batch(look, watched->node, batch);
        if (flow_emit(watched->flow, watched->node, batch, err) != 0)
            return -1;
    }
    seen->partly = true;
    return 0;
}

static int
look_at_all(struct look *look, struct watched *watched, struct fb_error *err)
{
    struct graph *graph = look->graph;

    for (uint32_t i = 0; i < graph->count; i++)
        if (graph->nodes[i].config->kind == FB_TRANSFORM)
            step_on_emit(graph->nodes[i].step, emit, &watched[i]);
    for (uint32_t i = 0; i < graph->count; i++)
        if (graph->nodes[i].config->kind == FB_SOURCE &&
            look_at_source(&watched[i], err) != 0)
            return -1;
    for (uint32_t i = 0; i < graph->count; i++)
        if (graph->nodes[i].config->kind == FB_TRANSFORM &&
            step_flush(graph->nodes[i].step, err) != 0)
            return -1;
    return 0;
}

int
look_at_rows(struct look *look, struct fb_error *err)
{
    const struct flow flow = {.tell = tell, .accept = accept, .arg = look};
    uint32_t count = look->graph->count;
    struct watched *watched = arena_array(look->arena, count, sizeof(*watched));

    look->steps = arena_array(look->arena, count, sizeof(*look->steps));
    for (uint32_t i = 0; i < count; i++)
        watched[i] = (struct watched){look, &flow, &look->graph->nodes[i]};
    return look_at_all(look, watched, err);
}
