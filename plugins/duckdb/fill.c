/*
 * duckdb/fill.c: from cells to vectors, column by column.
 */
#include "fill.h"

#include <assert.h>

#define SHOWN_MAX 60 /* bytes of a bad cell that are shown */

static const struct {
    int id;
    const char *name, *noun;
} types[] = {
    [FB_C_STRING] = {DUCK_VARCHAR, "VARCHAR", "a text"},
    [FB_C_INTEGER] = {DUCK_BIGINT, "BIGINT", "an integer"},
    [FB_C_NUMBER] = {DUCK_DOUBLE, "DOUBLE", "a number"},
    [FB_C_BOOLEAN] = {DUCK_BOOLEAN, "BOOLEAN", "a boolean"},
    [FB_C_DATE] = {DUCK_DATE, "DATE", "a date"},
    [FB_C_DATETIME] = {DUCK_TIMESTAMP, "TIMESTAMP", "a datetime"},
    [FB_C_TIME] = {DUCK_TIME, "TIME", "a time"},
};

int
fill_type_id(enum fb_column_type type)
{
    assert(type >= FB_C_STRING && type <= FB_C_TIME);
    return types[type].id;
}

const char *
fill_type_name(enum fb_column_type type)
{
    assert(type >= FB_C_STRING && type <= FB_C_TIME);
    return types[type].name;
}

/* The rows of a batch that go into one chunk. */
struct rows {
    struct fb_batch *batch;
    uint32_t count;
    uint32_t at[DUCK_ROWS];
};

/* One of its columns, and the vector for it. */
struct target {
    const struct duck *duck;
    struct duck_vector *vector;
    uint64_t *validity; /* NULL until there is a null */
    const struct fb_column *column;
    uint32_t index; /* in the batch */
};

static void
set_null(struct target *target, uint32_t at)
{
    if (target->validity == NULL) {
        target->duck->vector_ensure_validity_writable(target->vector);
        target->validity = target->duck->vector_get_validity(target->vector);
    }
    fb_bit_clear(target->validity, at);
}

/* Short texts stand in the vector itself. */
static int
fill_texts(const struct rows *rows, struct target *target, struct fb_error *err)
{
    struct duck_string *to = target->duck->vector_get_data(target->vector);
    const struct fb_cell *cells;

    if (fb_batch_cells(rows->batch, target->index, &cells, err) != 0)
        return -1;
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct fb_cell *cell = &cells[rows->at[i]];

        if (cell->flags & FB_CELL_NULL) {
            set_null(target, i);
        } else if (cell->len <= DUCK_INLINE_MAX) {
            to[i] = (struct duck_string){.length = cell->len};
            memcpy(to[i].bytes, cell->ptr, cell->len);
        } else {
            target->duck->unsafe_vector_assign_string_element_len(
                target->vector, i, (const char *)cell->ptr, cell->len);
        }
    }
    return 0;
}

static int
refuse(const struct rows *rows, const struct target *target, uint32_t row,
       struct fb_error *err)
{
    const struct fb_cell *cells, *cell;
    const char *name = fb_batch_name(rows->batch);
    uint32_t shown;

    if (fb_batch_cells(rows->batch, target->index, &cells, err) != 0)
        return -1;
    cell = &cells[row];
    shown = cell->len;
    if (shown > SHOWN_MAX)
        for (shown = SHOWN_MAX; shown > 0 && (cell->ptr[shown] & 0xc0) == 0x80;)
            shown--;
    fb_fail(err, FB_E_INPUT, "%s%s%sline %llu: column '%s': '%.*s%s' is not %s",
            name != NULL ? "'" : "", name != NULL ? name : "",
            name != NULL ? "': " : "",
            (unsigned long long)fb_batch_line(rows->batch, row),
            target->column->name, (int)shown, (const char *)cell->ptr,
            shown < cell->len ? "..." : "", types[target->column->type].noun);
    return fb_hint(err, "a validate step before the table sorts such rows "
                        "out; or let the schema say string, or name the text "
                        "in missingValues");
}

static void
put(void *data, enum fb_column_type type, uint32_t at,
    const struct fb_value *value)
{
    if (type == FB_C_BOOLEAN)
        ((bool *)data)[at] = value->as.b;
    else if (type == FB_C_DATE)
        ((int32_t *)data)[at] = (int32_t)value->as.i;
    else
        memcpy((int64_t *)data + at, &value->as, sizeof(int64_t));
}

static int
fill_values(const struct rows *rows, struct target *target,
            struct fb_error *err)
{
    void *data = target->duck->vector_get_data(target->vector);
    enum fb_column_type type = target->column->type;
    const struct fb_value *values;

    if (fb_batch_values(rows->batch, target->index, &values, err) != 0)
        return -1;
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct fb_value *value = &values[rows->at[i]];

        if (value->state == FB_V_OK)
            put(data, type, i, value);
        else if (value->state == FB_V_NULL)
            set_null(target, i);
        else
            return refuse(rows, target, rows->at[i], err);
    }
    return 0;
}

static void
take_rows(struct rows *rows, uint32_t *row)
{
    const uint64_t *selection = fb_batch_selection(rows->batch);
    uint32_t count = fb_batch_rows(rows->batch);

    rows->count = 0;
    for (; *row < count && rows->count < DUCK_ROWS; ++*row)
        if (fb_bit(selection, *row))
            rows->at[rows->count++] = *row;
}

int
fill_chunk(const struct fill *fill, struct fb_batch *batch, uint32_t *row,
           struct duck_chunk *chunk, struct fb_error *err)
{
    struct rows rows = {.batch = batch};

    take_rows(&rows, row);
    for (uint32_t i = 0; i < fill->count && rows.count > 0; i++) {
        struct target target = {
            .duck = fill->duck,
            .vector = fill->duck->data_chunk_get_vector(chunk, i),
            .column = &fill->columns[fill->from[i]],
            .index = fill->from[i],
        };

        if ((target.column->type == FB_C_STRING
                 ? fill_texts(&rows, &target, err)
                 : fill_values(&rows, &target, err)) != 0)
            return -1;
    }
    fill->duck->data_chunk_set_size(chunk, rows.count);
    return 0;
}
