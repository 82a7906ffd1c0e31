#include "result.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* The columns of a batch, while its rows are taken over. */
struct taking {
    const struct fb_cell **cells;
    const struct fb_value **values; /* NULL where the text is all there is */
};

static int
no_memory(const struct fb_input *input, struct fb_error *err)
{
    return fb_fail(err, FB_E_LIMIT,
                   "cannot keep the rows of '%s': there is no memory",
                   input->step);
}

/* Room for `more` items behind the `used` ones.  What there can be at most is
 * known to be small, so that the sizes cannot overflow. */
static bool
reserve(void **items, size_t *capacity, size_t used, size_t more, size_t size)
{
    size_t want = *capacity > 0 ? *capacity : 256;
    void *grown;

    if (*capacity - used >= more)
        return true;
    while (want - used < more)
        want *= 2;
    grown = realloc(*items, want * size);
    if (grown == NULL)
        return false;
    *items = grown;
    *capacity = want;
    return true;
}

static double
value_of(const struct fb_column *column, const struct fb_value *value)
{
    if (value->state != FB_V_OK)
        return NAN;
    switch (column->type) {
    case FB_C_INTEGER:
        return (double)value->as.i;
    case FB_C_NUMBER:
        return value->as.d;
    case FB_C_DATE:
        return (double)value->as.i * 86400;
    case FB_C_DATETIME:
        return (double)value->as.i / 1e6;
    case FB_C_BOOLEAN:
    case FB_C_TIME:
    case FB_C_STRING:
        break;
    }
    return NAN;
}

/* Bytes that a row takes once it is kept. */
static size_t
size_of_row(const struct result *result, const struct taking *taking,
            uint32_t row)
{
    size_t size = result->columns * sizeof(struct cell);

    for (uint32_t c = 0; c < result->columns; c++)
        size += taking->cells[c][row].len;
    return size;
}

static bool
fits(const struct result *result, size_t size)
{
    size_t used = (size_t)result->rows * result->columns * sizeof(struct cell) +
                  result->text_size;

    assert(used <= RESULT_MEMORY_MAX);
    return size <= RESULT_MEMORY_MAX - used;
}

static bool
keep_row(struct result *result, const struct fb_input *input,
         const struct taking *taking, uint32_t row, size_t size)
{
    size_t used = (size_t)result->rows * result->columns;

    if (!reserve((void **)&result->cells, &result->cell_capacity, used,
                 result->columns, sizeof(*result->cells)) ||
        !reserve((void **)&result->text, &result->text_capacity,
                 result->text_size, size, 1))
        return false;
    for (uint32_t c = 0; c < result->columns; c++) {
        const struct fb_cell *from = &taking->cells[c][row];

        result->cells[used + c] = (struct cell){
            .at = result->text_size,
            .len = from->len,
            .flags = from->flags,
            .value = taking->values[c] != NULL
                         ? value_of(&input->columns[c], &taking->values[c][row])
                         : NAN,
        };
        if (from->len > 0)
            memcpy(result->text + result->text_size, from->ptr, from->len);
        result->text_size += from->len;
    }
    result->rows++;
    return true;
}

static int
keep_rows(struct result *result, const struct fb_input *input,
          struct fb_batch *batch, const struct taking *taking,
          uint32_t rows_max, struct fb_error *err)
{
    const uint64_t *selection = fb_batch_selection(batch);
    uint32_t rows = fb_batch_rows(batch);

    for (uint32_t row = 0; row < rows && !result->full; row++) {
        size_t size;

        if (!fb_bit(selection, row))
            continue;
        size = size_of_row(result, taking, row);
        result->full = result->rows >= rows_max || !fits(result, size);
        if (!result->full && !keep_row(result, input, taking, row, size))
            return no_memory(input, err);
    }
    return 0;
}

static bool
has_value(const struct fb_column *column)
{
    return column->type == FB_C_INTEGER || column->type == FB_C_NUMBER ||
           column->type == FB_C_DATE || column->type == FB_C_DATETIME;
}

static int
take(const struct fb_input *input, struct fb_batch *batch,
     struct taking *taking, struct fb_error *err)
{
    for (uint32_t c = 0; c < input->column_count; c++) {
        if (fb_batch_cells(batch, c, &taking->cells[c], err) != 0)
            return -1;
        if (has_value(&input->columns[c]) &&
            fb_batch_values(batch, c, &taking->values[c], err) != 0)
            return -1;
    }
    return 0;
}

static uint64_t
count_rows(const struct fb_batch *batch)
{
    const uint64_t *selection = fb_batch_selection(batch);
    uint32_t rows = fb_batch_rows(batch);
    uint64_t count = 0;

    for (uint32_t row = 0; row < rows; row++)
        count += fb_bit(selection, row);
    return count;
}

int
result_add(struct result *result, const struct fb_input *input,
           struct fb_batch *batch, uint32_t rows_max, struct fb_error *err)
{
    size_t size = input->column_count * sizeof(void *);
    struct taking taking = {.cells = NULL};

    result->arrived += count_rows(batch);
    result->columns = input->column_count;
    if (result->full)
        return 0;
    taking.cells = fb_batch_alloc(batch, size);
    taking.values = fb_batch_alloc(batch, size);
    if (size > 0)
        memset(taking.values, 0, size);
    if (take(input, batch, &taking, err) != 0)
        return -1;
    return keep_rows(result, input, batch, &taking, rows_max, err);
}

void
result_release(struct result *result)
{
    free(result->cells);
    free(result->text);
    *result = (struct result){.columns = 0};
}
