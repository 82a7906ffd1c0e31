/*
 * batch/arrow.c: exports selected rows as Arrow arrays, and imports a struct
 * array as a batch.  What items of each format mean is arrow_cells.c's
 * business.
 */
#include "batch/arrow.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "batch/arrow_cells.h"
#include "batch/value.h"
#include "util/arena.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

/* --- what an exported structure owns --- */

struct array_owned {
    const void *buffers[3];
    struct ArrowArray *children; /* one block of memory */
    struct ArrowArray **pointers;
};

struct schema_owned {
    char *name;
    struct ArrowSchema *children;
    struct ArrowSchema **pointers;
};

/* A consumer may have moved children away: their release is then NULL. */
static void
release_array(struct ArrowArray *array)
{
    struct array_owned *owned = array->private_data;

    for (int64_t i = 0; i < array->n_children; i++)
        if (array->children[i]->release != NULL)
            array->children[i]->release(array->children[i]);
    for (size_t i = 0; i < ARRAY_SIZE(owned->buffers); i++)
        free((void *)(uintptr_t)owned->buffers[i]);
    free(owned->children);
    free(owned->pointers);
    free(owned);
    array->release = NULL;
}

static void
release_schema(struct ArrowSchema *schema)
{
    struct schema_owned *owned = schema->private_data;

    for (int64_t i = 0; i < schema->n_children; i++)
        if (schema->children[i]->release != NULL)
            schema->children[i]->release(schema->children[i]);
    free(owned->name);
    free(owned->children);
    free(owned->pointers);
    free(owned);
    schema->release = NULL;
}

static struct array_owned *
array_init(struct ArrowArray *array, int64_t length, int64_t buffers,
           uint32_t children)
{
    struct array_owned *owned = mem_zalloc(sizeof(*owned));

    memset(array, 0, sizeof(*array));
    if (children > 0) {
        owned->children = mem_array(children, sizeof(*owned->children));
        owned->pointers = mem_array(children, sizeof(*owned->pointers));
    }
    for (uint32_t i = 0; i < children; i++)
        owned->pointers[i] = &owned->children[i];
    array->length = length;
    array->n_buffers = buffers;
    array->buffers = owned->buffers;
    array->n_children = children;
    array->children = owned->pointers;
    array->private_data = owned;
    array->release = release_array;
    return owned;
}

static void
schema_init(struct ArrowSchema *schema, const char *format, const char *name,
            uint32_t children)
{
    struct schema_owned *owned = mem_zalloc(sizeof(*owned));

    memset(schema, 0, sizeof(*schema));
    owned->name = mem_strdup(name);
    if (children > 0) {
        owned->children = mem_array(children, sizeof(*owned->children));
        owned->pointers = mem_array(children, sizeof(*owned->pointers));
    }
    for (uint32_t i = 0; i < children; i++)
        owned->pointers[i] = &owned->children[i];
    schema->format = format;
    schema->name = owned->name;
    schema->n_children = children;
    schema->children = owned->pointers;
    schema->private_data = owned;
    schema->release = release_schema;
}

static const char *
format_of_type(enum fb_column_type type)
{
    static const char *const formats[] = {
        [FB_C_STRING] = "u",  [FB_C_INTEGER] = "l", [FB_C_NUMBER] = "g",
        [FB_C_BOOLEAN] = "b", [FB_C_DATE] = "tdD",  [FB_C_DATETIME] = "tsu:UTC",
        [FB_C_TIME] = "ttu",
    };

    assert(type >= FB_C_STRING && type <= FB_C_TIME);
    return formats[type];
}

static void
export_schema(const struct columns *columns, struct ArrowSchema *schema)
{
    schema_init(schema, "+s", "", columns->count);
    for (uint32_t i = 0; i < columns->count; i++) {
        const struct fb_column *column = &columns->items[i];

        schema_init(schema->children[i], format_of_type(column->type),
                    column->name, 0);
        schema->children[i]->flags = ARROW_FLAG_NULLABLE;
    }
}

/* --- columns to arrays --- */

/* One column of a batch on its way out. */
struct export_column {
    struct batch *batch;
    const struct fb_column *column;
    const struct fb_cell *cells;
    const struct fb_value *values; /* NULL: a column of strings */
    const uint32_t *rows;          /* the selected ones */
    uint32_t count;
};

static void
bit_on(unsigned char *bits, uint32_t index)
{
    bits[index / 8] |= (unsigned char)(1U << (index % 8));
}

static int
fail_cell(const struct export_column *x, uint32_t row, struct fb_error *err)
{
    struct arena *arena = arena_new();

    (void)fb_fail(err, FB_E_INPUT,
                  "line %" PRIu64 ", column '%s': '%s' is "
                  "not %s",
                  batch_line(x->batch, row), x->column->name,
                  text_escape(arena, x->cells[row].ptr, x->cells[row].len, 80),
                  value_expectation(x->column));
    arena_free(arena);
    return -1;
}

/* The validity bitmap; none at all when nothing is null. */
static int
export_validity(const struct export_column *x, struct ArrowArray *array,
                struct array_owned *owned, struct fb_error *err)
{
    unsigned char *bits = mem_array(((size_t)x->count + 7) / 8, 1);

    owned->buffers[0] = bits;
    for (uint32_t i = 0; i < x->count; i++) {
        uint32_t row = x->rows[i];

        if (x->values != NULL && x->values[row].state == FB_V_BAD)
            return fail_cell(x, row, err);
        if (x->cells[row].flags & FB_CELL_NULL)
            array->null_count++;
        else
            bit_on(bits, i);
    }
    if (array->null_count == 0) {
        free(bits);
        owned->buffers[0] = NULL;
    }
    return 0;
}

static int
export_texts(const struct export_column *x, struct array_owned *owned,
             struct fb_error *err)
{
    int32_t *offsets = mem_array((size_t)x->count + 1, sizeof(*offsets));
    unsigned char *bytes;
    uint64_t size = 0;

    owned->buffers[1] = offsets;
    for (uint32_t i = 0; i < x->count; i++) {
        const struct fb_cell *cell = &x->cells[x->rows[i]];

        size += cell->flags & FB_CELL_NULL ? 0 : cell->len;
        if (size > INT32_MAX)
            return fb_fail(err, FB_E_LIMIT,
                           "column '%s' holds more than 2 GiB of text in one "
                           "batch",
                           x->column->name);
        offsets[i + 1] = (int32_t)size;
    }
    bytes = mem_alloc(size);
    owned->buffers[2] = bytes;
    for (uint32_t i = 0; i < x->count; i++)
        if (offsets[i + 1] > offsets[i])
            memcpy(bytes + offsets[i], x->cells[x->rows[i]].ptr,
                   (size_t)(offsets[i + 1] - offsets[i]));
    return 0;
}

static void
export_booleans(const struct export_column *x, struct array_owned *owned)
{
    unsigned char *bits = mem_array(((size_t)x->count + 7) / 8, 1);

    owned->buffers[1] = bits;
    for (uint32_t i = 0; i < x->count; i++) {
        const struct fb_value *value = &x->values[x->rows[i]];

        if (value->state == FB_V_OK && value->as.b)
            bit_on(bits, i);
    }
}

/* Integers, doubles and everything counted in 64 bits. */
static void
export_words(const struct export_column *x, struct array_owned *owned)
{
    int64_t *items = mem_array(x->count, sizeof(*items));

    owned->buffers[1] = items;
    for (uint32_t i = 0; i < x->count; i++)
        if (x->values[x->rows[i]].state == FB_V_OK)
            memcpy(&items[i], &x->values[x->rows[i]].as, sizeof(*items));
}

/* date32 */
static void
export_dates(const struct export_column *x, struct array_owned *owned)
{
    int32_t *items = mem_array(x->count, sizeof(*items));

    owned->buffers[1] = items;
    for (uint32_t i = 0; i < x->count; i++)
        items[i] = (int32_t)x->values[x->rows[i]].as.i;
}

static int
export_column(const struct export_column *x, struct ArrowArray *array,
              struct fb_error *err)
{
    bool strings = x->column->type == FB_C_STRING;
    struct array_owned *owned = array_init(array, x->count, strings ? 3 : 2, 0);

    if (export_validity(x, array, owned, err) != 0)
        return -1;
    switch (x->column->type) {
    case FB_C_STRING:
        return export_texts(x, owned, err);
    case FB_C_BOOLEAN:
        export_booleans(x, owned);
        return 0;
    case FB_C_DATE:
        export_dates(x, owned);
        return 0;
    case FB_C_INTEGER:
    case FB_C_NUMBER:
    case FB_C_DATETIME:
    case FB_C_TIME:
        export_words(x, owned);
        return 0;
    }
    assert(!"a column without a type");
    return 0;
}

static uint32_t *
selected_rows(const struct batch *batch)
{
    uint32_t *rows = mem_array(batch_selected_count(batch), sizeof(*rows));
    uint32_t count = 0;

    for (uint32_t r = 0; r < batch_rows(batch); r++)
        if (fb_bit(batch_selection(batch), r))
            rows[count++] = r;
    assert(count == batch_selected_count(batch));
    return rows;
}

int
batch_export(struct batch *batch, struct ArrowArray *array,
             struct ArrowSchema *schema, struct fb_error *err)
{
    const struct columns *columns = batch_columns(batch);
    uint32_t count = batch_selected_count(batch);
    AUTO_FREE uint32_t *rows = selected_rows(batch);

    (void)array_init(array, count, 1, columns->count);
    for (uint32_t i = 0; i < columns->count; i++) {
        struct export_column x = {.batch = batch, .rows = rows, .count = count};

        x.column = &columns->items[i];
        x.cells = batch_cells(batch, i);
        if (x.column->type != FB_C_STRING)
            x.values = batch_values(batch, i);
        if (export_column(&x, array->children[i], err) != 0) {
            array->release(array);
            return -1;
        }
    }
    export_schema(columns, schema);
    return 0;
}

/* --- arrays to columns --- */

static int
check_struct(const struct ArrowArray *array, const struct ArrowSchema *schema,
             struct fb_error *err)
{
    if (array->release == NULL || schema->release == NULL)
        return fb_fail(err, FB_E_BUG, "the Arrow array is released already");
    if (schema->format == NULL || strcmp(schema->format, "+s") != 0)
        return fb_fail(err, FB_E_INPUT,
                       "the Arrow array is no struct of columns but '%.40s'",
                       schema->format ? schema->format : "");
    if (array->n_children != schema->n_children || array->n_children < 0)
        return fb_fail(err, FB_E_INPUT,
                       "the Arrow array has %" PRId64 " columns, its schema "
                       "%" PRId64,
                       array->n_children, schema->n_children);
    if (array->n_children > COLUMNS_MAX)
        return fb_fail(err, FB_E_LIMIT,
                       "the Arrow array has %" PRId64 " columns; at most %d "
                       "are possible",
                       array->n_children, COLUMNS_MAX);
    if (array->length < 0 || array->length > INT32_MAX || array->offset < 0 ||
        array->offset > INT64_MAX / 2)
        return fb_fail(err, FB_E_INPUT,
                       "the Arrow array has %" PRId64 " rows from %" PRId64,
                       array->length, array->offset);
    return 0;
}

static struct columns *
import_columns(const struct ArrowSchema *schema, struct arena *arena)
{
    uint32_t count = (uint32_t)schema->n_children;
    AUTO_FREE const char **names = mem_array(count, sizeof(*names));

    for (uint32_t i = 0; i < count; i++) {
        names[i] = schema->children[i]->name;
        if (names[i] == NULL || names[i][0] == '\0')
            names[i] = arena_printf(arena, "column_%" PRIu32, i + 1);
    }
    return columns_of_names(arena, names, count);
}

/* A row that is null as a whole is null in each column. */
static void
add_struct_nulls(const struct ArrowArray *array, struct fb_cell *cells)
{
    if (array->null_count == 0 || array->n_buffers < 1 ||
        array->buffers == NULL)
        return;
    for (int64_t r = 0; r < array->length; r++)
        if (!arrow_is_valid(array->buffers[0], array->offset + r))
            cells[r] =
                (struct fb_cell){(const unsigned char *)"", 0, FB_CELL_NULL};
}

static int
import_column(const struct ArrowArray *array, uint32_t index,
              const struct ArrowSchema *schema, struct fb_column *column,
              struct arena *arena, const struct fb_cell **cells,
              struct fb_error *err)
{
    const struct ArrowArray *child = array->children[index];
    struct arrow_format format;
    struct fb_cell *made;

    if (schema->children[index]->dictionary != NULL)
        (void)fb_fail(err, FB_E_INPUT,
                      "it is encoded by a dictionary, which "
                      "is not supported");
    else if (arrow_format_parse(schema->children[index]->format, &format,
                                err) == 0 &&
             arrow_cells(&format, child, array->offset, (uint32_t)array->length,
                         arena, &made, err) == 0) {
        column->type = format.type;
        add_struct_nulls(array, made);
        *cells = made;
        return 0;
    }
    return error_context(err, "column '%s'", column->name);
}

static int
import_batch(struct arena *arena, struct arena *cell_arena,
             const struct ArrowArray *array, const struct ArrowSchema *schema,
             const struct fb_host *host, struct batch **batch,
             struct fb_error *err)
{
    struct columns *columns;
    struct fb_column *items;
    const struct fb_cell **cells;

    if (check_struct(array, schema, err) != 0)
        return -1;
    columns = import_columns(schema, arena);
    items = arena_array(arena, columns->count, sizeof(*items));
    cells = arena_array(cell_arena, columns->count, sizeof(*cells));
    if (columns->count > 0)
        memcpy(items, columns->items, columns->count * sizeof(*items));
    columns->items = items;
    for (uint32_t i = 0; i < columns->count; i++)
        if (import_column(array, i, schema, &items[i], cell_arena, &cells[i],
                          err) != 0)
            return -1;
    *batch = batch_of_cells(columns, (uint32_t)array->length, cells, cell_arena,
                            0, host);
    return 0;
}

int
batch_import(struct arena *arena, struct ArrowArray *array,
             struct ArrowSchema *schema, const struct fb_host *host,
             struct batch **batch, struct fb_error *err)
{
    struct arena *own = arena_new();
    int result = import_batch(arena != NULL ? arena : own, own, array, schema,
                              host, batch, err);

    if (result != 0)
        arena_free(own);
    if (array->release != NULL)
        array->release(array);
    if (schema->release != NULL)
        schema->release(schema);
    return result;
}
