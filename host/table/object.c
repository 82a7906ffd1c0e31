/*
 * table/object.c: one object of a table, whatever its format.
 */
#include <assert.h>
#include <stdlib.h>

#include "table/internal.h"
#include "util/mem.h"

static int
open_step(struct table_object *object, struct fb_error *err)
{
    struct place place;

    if (step_check(object->step, &place, err) != 0 ||
        step_bind(object->step, NULL, &place, err) != 0)
        return -1;
    return step_open(object->step, err);
}

int
table_object_open_bytes(const struct table *table, const char *uri,
                        struct table_object *object, struct fb_error *err)
{
    *object = (struct table_object){.config = table->config->source};
    object->config.uri = uri;
    object->config.instance = table_instance(&object->config);
    object->step = step_new(&object->config, table->tables->context);
    return open_step(object, err);
}

int
table_object_open(const struct table *table, const char *uri,
                  const struct schema *schema, struct table_object *object,
                  struct fb_error *err)
{
    const struct step_context *context = table->tables->context;
    struct reader_options options = {
        .name = uri,
        .format = table->config->source.format,
        .schema = schema,
        .host = &step_services,
    };

    if (table_object_open_bytes(table, uri, object, err) != 0)
        return -1;
    if (object->config.codec != NULL)
        return coded_reader_open(object->step, &object->config, context,
                                 &object->coded, err);
    options.input = step_byte_input(object->step);
    return reader_open(&options, &object->reader, err);
}

void
table_object_free(struct table_object *object)
{
    reader_free(object->reader);
    coded_reader_free(object->coded);
    step_free(object->step);
    free(object->config.instance);
    *object = (struct table_object){.step = NULL};
}

const struct columns *
table_object_columns(const struct table_object *object)
{
    return object->reader != NULL ? reader_columns(object->reader)
                                  : coded_reader_columns(object->coded);
}

int
table_object_next(struct table_object *object, struct batch **batch,
                  struct fb_error *err)
{
    return object->reader != NULL
               ? reader_next(object->reader, batch, err)
               : coded_reader_next(object->coded, batch, err);
}

int
table_object_match(const struct table *table, const struct table_object *object,
                   const struct columns *wanted, uint32_t count, uint32_t *from,
                   struct fb_error *err)
{
    const struct columns *have = table_object_columns(object);

    for (uint32_t i = 0; i < count; i++) {
        const char *name = wanted->items[i].name;
        int64_t found = columns_find(have, name);

        if (found < 0)
            return fb_fail(err, FB_E_INPUT,
                           "'%s' lacks the column '%s' of the table '%s'",
                           object->config.uri, name, table->config->name);
        from[i] = (uint32_t)found;
    }
    if (have->count == count)
        return 0;
    for (uint32_t i = 0; i < have->count; i++)
        if (columns_find(wanted, have->items[i].name) < 0)
            return fb_fail(err, FB_E_INPUT,
                           "'%s' has a column '%s', which is none of the "
                           "table '%s'",
                           object->config.uri, have->items[i].name,
                           table->config->name);
    return fb_fail(err, FB_E_INPUT, "'%s' has a column twice",
                   object->config.uri);
}
