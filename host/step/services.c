/*
 * step/services.c: the function table that plugins call (struct fb_host).
 * Each service translates the public view into the rooms below and knows
 * nothing of its own.
 */
#include "step/internal.h"

#include <assert.h>

#include "batch/arrow.h"
#include "batch/value.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/log.h"
#include "util/mem.h"

static void *
service_alloc(struct fb_step *pub, size_t size)
{
    return arena_zalloc(step_of(pub)->arena, size);
}

static void
service_log(struct fb_step *pub, enum fb_level level, const char *text)
{
    const struct step *step = step_of(pub);
    const char *fields[] = {"pipeline", step->context->pipeline,
                            "run",      step->context->run_id,
                            "step",     step->id,
                            NULL};

    log_event(level, step->plugin->name, fields, "%s", text);
}

static const char *
service_uri(struct fb_step *pub)
{
    return step_of(pub)->uri;
}

static const char *
service_step_id(struct fb_step *pub)
{
    return step_of(pub)->id;
}

static const char *
service_run_id(struct fb_step *pub)
{
    return step_of(pub)->context->run_id;
}

static int64_t
service_now_ms(struct fb_step *pub)
{
    (void)pub;
    return clock_now_ms();
}

static int64_t
service_run_date(struct fb_step *pub)
{
    return step_of(pub)->context->clock.date;
}

static bool
service_cancelled(struct fb_step *pub)
{
    /* Set by a signal, and asked for by threads of plugins too. */
    return __atomic_load_n(step_of(pub)->context->cancelled,
                           __ATOMIC_RELAXED) != 0;
}

static int
service_option_error(struct fb_step *pub, const char *option, size_t index,
                     enum fb_code code, const char *text, struct fb_error *err)
{
    struct step *step = step_of(pub);

    step->error_place = option_place(step->places, option, index, 0);
    return fb_fail(err, code, "%s", text);
}

static uint32_t
service_column_count(struct fb_step *pub)
{
    const struct step *step = step_of(pub);

    return step->input != NULL ? step->input->count : 0;
}

static const struct fb_column *
service_column(struct fb_step *pub, uint32_t index)
{
    const struct step *step = step_of(pub);

    if (step->input == NULL || index >= step->input->count)
        return NULL;
    return &step->input->items[index];
}

static int
service_column_find(struct fb_step *pub, const char *option, size_t item,
                    const char *name, uint32_t *index, struct fb_error *err)
{
    struct step *step = step_of(pub);
    const char *nearest;
    int64_t found;

    if (step->input == NULL)
        return fb_fail(err, FB_E_BUG, "columns are not known before bind");
    found = columns_find(step->input, name);
    if (found >= 0) {
        *index = (uint32_t)found;
        return 0;
    }
    step->error_place = option_place(step->places, option, item, 0);
    fb_fail(err, FB_E_CONFIG, "there is no column '%s' here", name);
    nearest = columns_nearest(step->input, name);
    if (nearest != NULL)
        fb_hint(err, "did you mean '%s'?", nearest);
    return -1;
}

static bool
is_collected(const struct step *step, const char *name)
{
    for (uint32_t i = 0; i < step->collected_count; i++)
        if (strcmp(step->collected[i].column.name, name) == 0)
            return true;
    return false;
}

static int
service_output_column(struct fb_step *pub, const char *name,
                      enum fb_column_type type, uint32_t from, uint32_t *index,
                      struct fb_error *err)
{
    struct step *step = step_of(pub);
    struct out_column out = {.from = from};

    if (!step_may_call(step, "calls fb_output_column", err))
        return -1;
    if (from != FB_NEW) {
        if (step->input == NULL || from >= step->input->count)
            return fb_fail(err, FB_E_BUG, "there is no input column %u", from);
        out.column = step->input->items[from];
    }
    if (name != NULL)
        out.column.name = arena_strdup(step->arena, name);
    if (type != 0)
        out.column.type = type;
    if (out.column.name == NULL || out.column.type == 0)
        return fb_fail(err, FB_E_BUG, "a new column needs a name and a type");
    if (is_collected(step, out.column.name))
        return fb_fail(err, FB_E_CONFIG, "column '%s' would leave twice",
                       out.column.name);
    step->collected =
        mem_regrow(step->collected, (size_t)step->collected_count + 1,
                   sizeof(*step->collected));
    if (index != NULL)
        *index = step->collected_count;
    step->collected[step->collected_count++] = out;
    return 0;
}

static void
service_serial(struct fb_step *pub)
{
    step_of(pub)->serial = true;
}

static int
service_value_parse(struct fb_step *pub, const struct fb_column *column,
                    const struct fb_cell *cell, struct fb_value *value)
{
    (void)pub;
    value_parse(column, cell->ptr, cell->len, value);
    return 0;
}

/* Which option of the step holds this expression, for the error's place. */
static bool
find_expr(const struct step *step, const struct fb_expr *expr,
          const char **option, size_t *index)
{
    const unsigned char *instance = step->instance;
    const struct fb_option *o = step->plugin->options;

    for (; o != NULL && o->name != NULL; o++) {
        *option = o->name;
        *index = 0;
        if (o->type == FB_T_EXPR) {
            const struct fb_expr *held;
            memcpy(&held, instance + o->offset, sizeof(held));
            if (held == expr)
                return true;
        } else if (o->type == FB_T_EXPR_MAP) {
            struct fb_map map;
            memcpy(&map, instance + o->offset, sizeof(map));
            for (; *index < map.count; ++*index)
                if (map.pairs[*index].expr == expr)
                    return true;
        }
    }
    return false;
}

static int
service_expr_bind(struct fb_step *pub, struct fb_expr *expr,
                  enum fb_column_type *type, struct fb_error *err)
{
    struct step *step = step_of(pub);
    struct expr_place where = {0};
    const char *option;
    size_t index;

    if (!step_may_call(step, "calls fb_expr_bind", err))
        return -1;
    if (step->input == NULL)
        return fb_fail(err, FB_E_BUG, "columns are not known before bind");
    if (expr_bind(expr, step->input, &step->context->clock, type, &where,
                  err) == 0)
        return 0;
    if (find_expr(step, expr, &option, &index))
        step->error_place =
            option_place(step->places, option, index, where.offset);
    return -1;
}

static int
service_expr_test(struct fb_batch *batch, struct fb_expr *expr, uint64_t *truth,
                  struct fb_error *err)
{
    return expr_test(expr, batch_of(batch), truth, err);
}

static int
service_expr_cells(struct fb_batch *batch, struct fb_expr *expr,
                   const struct fb_cell **cells, struct fb_error *err)
{
    return expr_cells(expr, batch_of(batch), cells, err);
}

static const struct batch *
const_batch_of(const struct fb_batch *batch)
{
    return (const struct batch *)batch;
}

static uint32_t
service_batch_rows(const struct fb_batch *batch)
{
    return batch_rows(const_batch_of(batch));
}

static const uint64_t *
service_batch_selection(const struct fb_batch *batch)
{
    return batch_selection(const_batch_of(batch));
}

static uint64_t
service_batch_line(const struct fb_batch *batch, uint32_t row)
{
    return batch_line(const_batch_of(batch), row);
}

static const char *
service_batch_name(const struct fb_batch *batch)
{
    return batch_name(const_batch_of(batch));
}

static void *
service_batch_alloc(struct fb_batch *batch, size_t size)
{
    return batch_alloc(batch_of(batch), size);
}

static int
check_column(struct fb_batch *batch, uint32_t column, struct fb_error *err)
{
    if (column < batch_columns(batch_of(batch))->count)
        return 0;
    return fb_fail(err, FB_E_BUG, "the plugin asked for column %u of %u",
                   column, batch_columns(batch_of(batch))->count);
}

static int
service_batch_cells(struct fb_batch *batch, uint32_t column,
                    const struct fb_cell **cells, struct fb_error *err)
{
    if (check_column(batch, column, err) != 0)
        return -1;
    *cells = batch_cells(batch_of(batch), column);
    return 0;
}

static int
service_batch_values(struct fb_batch *batch, uint32_t column,
                     const struct fb_value **values, struct fb_error *err)
{
    if (check_column(batch, column, err) != 0)
        return -1;
    *values = batch_values(batch_of(batch), column);
    return 0;
}

static void
service_batch_filter(struct fb_batch *batch, const uint64_t *keep)
{
    batch_filter(batch_of(batch), keep);
}

static void
service_batch_reject(struct fb_batch *batch, uint32_t row, uint32_t column,
                     const char *code, const char *message)
{
    batch_reject(batch_of(batch), row, column, code, message);
}

static void
service_batch_set(struct fb_batch *batch, uint32_t output_column,
                  const struct fb_cell *cells)
{
    batch_set(batch_of(batch), output_column, cells);
}

static int
service_batch_export(struct fb_batch *batch, struct ArrowArray *array,
                     struct ArrowSchema *schema, struct fb_error *err)
{
    return batch_export(batch_of(batch), array, schema, err);
}

static int
service_batch_import(struct fb_step *pub, struct ArrowArray *array,
                     struct ArrowSchema *schema, struct fb_batch **batch,
                     struct fb_error *err)
{
    struct batch *made = NULL;

    (void)pub; /* columns live with the batch: a long result stays bounded */
    if (batch_import(NULL, array, schema, &step_services, &made, err) != 0)
        return -1;
    *batch = batch_public(made);
    return 0;
}

static void
service_batch_free(struct fb_batch *batch)
{
    if (batch != NULL)
        batch_free(batch_of(batch));
}

/* The plugin no longer has the batch that process was called with, whether
 * or not giving it over works. */
static void
given_over(struct step *step, struct batch *batch)
{
    if (step->lent == batch)
        step->lent = NULL;
}

static int
service_emit(struct fb_step *pub, struct fb_batch *batch, struct fb_error *err)
{
    given_over(step_of(pub), batch_of(batch));
    return step_deliver(step_of(pub), batch_of(batch), err);
}

static int
open_spool(struct step *step, struct fb_error *err)
{
    const char *folder;

    if (step->spool != NULL)
        return 0;
    if (step_temp_folder(step->context, &folder, err) != 0)
        return -1;
    step->spool = spool_new(folder);
    return 0;
}

/* What the step did to the batch before it was put away is counted now, for
 * the batch that comes back begins anew. */
static int
service_spool_put(struct fb_step *pub, struct fb_batch *batch,
                  struct fb_error *err)
{
    struct step *step = step_of(pub);

    given_over(step, batch_of(batch));
    if (!step_may_call(step, "calls fb_spool_put", err) ||
        open_spool(step, err) != 0) {
        batch_free(batch_of(batch));
        return -1;
    }
    step->counts.filtered += batch_filtered_count(batch_of(batch));
    step->counts.rejected += batch_rejected_count(batch_of(batch));
    batch_reset_counts(batch_of(batch));
    return spool_put(step->spool, batch_of(batch), err);
}

static int
service_spool_next(struct fb_step *pub, struct fb_batch **batch,
                   struct fb_error *err)
{
    struct step *step = step_of(pub);
    struct batch *next = NULL;

    *batch = NULL;
    if (!step_may_call(step, "calls fb_spool_next", err))
        return -1;
    if (step->spool == NULL)
        return 0;
    if (spool_next(step->spool, &next, err) != 0)
        return -1;
    if (next != NULL)
        *batch = batch_public(next);
    return 0;
}

const struct fb_host step_services = {
    .size = sizeof(struct fb_host),
    .alloc = service_alloc,
    .log = service_log,
    .uri = service_uri,
    .step_id = service_step_id,
    .run_id = service_run_id,
    .now_ms = service_now_ms,
    .run_date = service_run_date,
    .cancelled = service_cancelled,
    .option_error = service_option_error,
    .column_count = service_column_count,
    .column = service_column,
    .column_find = service_column_find,
    .output_column = service_output_column,
    .value_parse = service_value_parse,
    .expr_bind = service_expr_bind,
    .expr_test = service_expr_test,
    .expr_cells = service_expr_cells,
    .batch_rows = service_batch_rows,
    .batch_selection = service_batch_selection,
    .batch_line = service_batch_line,
    .batch_alloc = service_batch_alloc,
    .batch_cells = service_batch_cells,
    .batch_values = service_batch_values,
    .batch_filter = service_batch_filter,
    .batch_reject = service_batch_reject,
    .batch_set = service_batch_set,
    .batch_export = service_batch_export,
    .batch_import = service_batch_import,
    .batch_free = service_batch_free,
    .emit = service_emit,
    .spool_put = service_spool_put,
    .spool_next = service_spool_next,
    .input_count = outside_input_count,
    .input_at = outside_input_at,
    .input = outside_input,
    .table_count = outside_table_count,
    .table_at = outside_table_at,
    .table_objects = outside_table_objects,
    .table_open = outside_table_open,
    .table_next = outside_table_next,
    .table_close = outside_table_close,
    .shared = outside_shared,
    .note_put = outside_note_put,
    .note_get = outside_note_get,
    .fact = outside_fact,
    .temp_folder = outside_temp_folder,
    .pipeline = outside_pipeline,
    .serial = service_serial,
    .batch_name = service_batch_name,
    .target_count = outside_target_count,
    .target_at = outside_target_at,
};
