/*
 * table/know.c: the schema of a table that has none: the names of the first
 * file's header, which all others must have, and types by the values.
 */
#include <assert.h>
#include <stdlib.h>

#include "table/infer.h"
#include "table/internal.h"
#include "util/mem.h"

/* A schema of these columns; lives in the arena. */
static struct schema *
schema_of(struct arena *arena, const struct fb_column *items, uint32_t count,
          const struct fb_list *missing)
{
    struct schema *schema = arena_zalloc(arena, sizeof(*schema));

    schema->columns = (struct columns){count, items, *missing};
    schema->aliases = arena_array(arena, count, sizeof(*schema->aliases));
    return schema;
}

/* A format that knows types says them itself. */
static int
take_typed(struct table *table, const struct table_object *object,
           struct fb_error *err)
{
    const struct columns *have = table_object_columns(object);
    struct arena *arena = table->tables->arena;
    struct fb_column *items = arena_array(arena, have->count, sizeof(*items));

    for (uint32_t i = 0; i < have->count; i++) {
        items[i] = have->items[i];
        items[i].name = arena_strdup(arena, have->items[i].name);
    }
    return table_take_columns(
        table, schema_of(arena, items, have->count, &have->missing), err);
}

uint32_t
table_rows_wanted(const struct table *table, const struct infer *infer)
{
    uint64_t max = (uint64_t)table->config->infer_rows;
    uint64_t done = infer_row_count(infer);

    if (max == 0)
        return UINT32_MAX;
    if (done >= max)
        return 0;
    return max - done < UINT32_MAX ? (uint32_t)(max - done) : UINT32_MAX;
}

static uint64_t
count_rejects(struct batch *batch)
{
    struct batch *rejects = batch_take_rejects(batch);
    uint64_t count = rejects != NULL ? batch_rows(rejects) : 0;

    batch_free(rejects);
    return count;
}

int
table_look_at(const struct table *table, struct table_object *object,
              struct infer *infer, uint64_t *refused, struct fb_error *err)
{
    const struct columns *wanted = infer_columns(infer);
    AUTO_FREE uint32_t *from = mem_array(wanted->count + 1, sizeof(*from));
    struct batch *batch;

    if (table_object_match(table, object, wanted, wanted->count, from, err) !=
        0)
        return -1;
    while (table_rows_wanted(table, infer) > 0) {
        if (table_object_next(object, &batch, err) != 0)
            return -1;
        if (batch == NULL)
            return 0;
        infer_rows(infer, batch, from, table_rows_wanted(table, infer),
                   object->config.uri);
        if (refused != NULL)
            *refused += count_rejects(batch);
        batch_free(batch);
    }
    return 0;
}

static int
take_inferred(struct table *table, const struct infer *infer,
              struct fb_error *err)
{
    static const char *const nothing[] = {""};
    static const struct fb_list missing = {1, nothing};
    const struct columns *columns = infer_columns(infer);
    struct arena *arena = table->tables->arena;
    struct fb_column *items =
        arena_array(arena, columns->count, sizeof(*items));
    const char *why;

    for (uint32_t i = 0; i < columns->count; i++)
        infer_column(infer, i, arena, &items[i], &why);
    return table_take_columns(
        table, schema_of(arena, items, columns->count, &missing), err);
}

static int
infer_from(struct table *table, const struct fb_list *uris,
           struct infer **infer, struct fb_error *err)
{
    for (size_t i = 0; i < uris->count; i++) {
        struct table_object object;
        int status =
            table_object_open(table, uris->items[i], NULL, &object, err);

        if (status == 0 && object.coded != NULL) {
            status = take_typed(table, &object, err);
            table_object_free(&object);
            return status;
        }
        if (status == 0 && *infer == NULL)
            *infer = infer_new(table_object_columns(&object));
        if (status == 0)
            status = table_look_at(table, &object, *infer, NULL, err);
        table_object_free(&object);
        if (status != 0)
            return -1;
        if (table_rows_wanted(table, *infer) == 0)
            break;
    }
    return take_inferred(table, *infer, err);
}

int
table_infer(struct table *table, struct fb_error *err)
{
    struct arena *arena = arena_new();
    struct infer *infer = NULL;
    struct fb_list uris;
    int status = table_list(table, arena, &uris, err);

    if (status == 0 && uris.count == 0) {
        status = fb_fail(err, FB_E_MISSING,
                         "there is no file below '%s' to infer columns from",
                         table->config->location);
        fb_hint(err, "write schema: FILE, and the table may be empty");
    }
    if (status == 0)
        status = infer_from(table, &uris, &infer, err);
    infer_free(infer);
    arena_free(arena);
    return status;
}
