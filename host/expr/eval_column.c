/*
 * expr/eval_column.c: from the columns of a batch to the values of a chunk.
 * Only the rows asked for are looked at: a date that nothing depends on is
 * never read.
 */
#include "expr/eval_state.h"

#include <assert.h>

#include "batch/batch.h"
#include "batch/value.h"
#include "batch/value_column.h"
#include "util/error.h"

#define GROUP 64 /* rows */

static int
bad_cell(struct eval *eval, uint32_t index, uint32_t row)
{
    const struct fb_column *column = &eval->columns->items[index];
    const struct fb_cell *cell = &batch_cells(eval->batch, index)[row];

    (void)fb_fail(eval->err, FB_E_INPUT,
                  "cannot read '%s' in column '%s' as %s",
                  eval_show(eval, &(struct span){cell->ptr, cell->len}),
                  column->name, value_expectation(column));
    (void)fb_hint(eval->err, "put a validate step before this one, so that "
                             "such rows are rejected instead");
    return eval_at_line(eval, row);
}

static void
take_text(const struct fb_cell *cells, const uint32_t *rows, uint32_t count,
          struct slab *out)
{
    for (uint32_t k = 0; k < count; k++) {
        const struct fb_cell *cell = &cells[rows[k]];
        bool null = (cell->flags & FB_CELL_NULL) != 0;

        out->null[k] = null;
        out->value[k].s =
            (struct span){null ? NULL : cell->ptr, null ? 0 : cell->len};
    }
}

static union datum
datum_of(enum fb_column_type type, const struct fb_value *value)
{
    union datum datum;

    memset(&datum, 0, sizeof(datum));
    if (value->state == FB_V_NULL)
        return datum;
    if (type == FB_C_BOOLEAN)
        datum.b = value->as.b;
    else if (type == FB_C_NUMBER)
        datum.d = value->as.d;
    else
        datum.i = value->as.i;
    return datum;
}

static int
take_values(struct eval *eval, uint32_t index, const struct fb_value *values,
            const uint32_t *rows, uint32_t count, struct slab *out)
{
    enum fb_column_type type = eval->columns->items[index].type;

    for (uint32_t k = 0; k < count; k++) {
        const struct fb_value *value = &values[rows[k]];

        if (value->state == FB_V_BAD)
            return bad_cell(eval, index, rows[k]);
        out->null[k] = value->state == FB_V_NULL;
        out->value[k] = datum_of(type, value);
    }
    return 0;
}

/* At most 64 rows, so that one word selects them all. */
static int
read_group(struct eval *eval, uint32_t index, const uint32_t *rows,
           uint32_t count, struct rows_out out)
{
    const struct fb_column *column = &eval->columns->items[index];
    const struct fb_cell *cells = batch_cells(eval->batch, index);
    const uint64_t all = UINT64_MAX;
    struct fb_cell some[GROUP];
    struct fb_value values[GROUP];

    for (uint32_t k = 0; k < count; k++)
        some[k] = cells[rows[k]];
    value_parse_column(column, some, count, &all, values);
    for (uint32_t k = 0; k < count; k++) {
        if (values[k].state == FB_V_BAD)
            return bad_cell(eval, index, rows[k]);
        out.null[k] = values[k].state == FB_V_NULL;
        out.value[k] = datum_of(column->type, &values[k]);
    }
    return 0;
}

static int
read_values(struct eval *eval, uint32_t index, const uint32_t *rows,
            uint32_t count, struct slab *out)
{
    for (uint32_t k = 0; k < count; k += GROUP)
        if (read_group(eval, index, rows + k,
                       count - k < GROUP ? count - k : GROUP,
                       (struct rows_out){out->null + k, out->value + k}) != 0)
            return -1;
    return 0;
}

/* What every row needs is kept for those who come after; what only some need
 * is read for these, unless it was kept before. */
int
eval_column(struct eval *eval, const struct node *node, const uint32_t *rows,
            uint32_t count, struct slab **out)
{
    const struct fb_value *values;

    assert(eval->batch != NULL && node->column < eval->columns->count);
    *out = eval_slab(eval);
    if (node->type.kind == T_TEXT) {
        take_text(batch_cells(eval->batch, node->column), rows, count, *out);
        return 0;
    }
    values = node->certain ? batch_values(eval->batch, node->column)
                           : batch_values_made(eval->batch, node->column);
    if (values == NULL)
        return read_values(eval, node->column, rows, count, *out);
    return take_values(eval, node->column, values, rows, count, *out);
}
