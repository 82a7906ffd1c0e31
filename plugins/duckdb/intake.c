/*
 * duckdb/intake.c: an appender of the engine, fed chunk by chunk.
 */
#include "intake.h"

#include <assert.h>
#include <stdlib.h>

#include "fault.h"
#include "fill.h"

struct intake {
    const struct duck *duck;
    struct duck_appender *appender;
    struct duck_chunk *chunk;
    struct fill fill;
    uint32_t from[]; /* every column, in its order */
};

static int
failed(const struct intake *intake, struct fb_error *err)
{
    const struct duck *duck = intake->duck;
    struct duck_error *why = duck->appender_error_data(intake->appender);

    fault_fail(duck->error_data_message(why), FB_E_FAILED,
               "the engine does not take the rows", err);
    duck->destroy_error_data(&why);
    return -1;
}

static struct duck_chunk *
new_chunk(const struct duck *duck, const struct fb_column *columns,
          uint32_t count)
{
    struct duck_type **types = calloc(count + (size_t)1, sizeof(*types));
    struct duck_chunk *chunk;

    if (types == NULL)
        abort();
    for (uint32_t i = 0; i < count; i++)
        types[i] = duck->create_logical_type(fill_type_id(columns[i].type));
    chunk = duck->create_data_chunk(types, count);
    for (uint32_t i = 0; i < count; i++)
        duck->destroy_logical_type(&types[i]);
    free(types);
    return chunk;
}

int
intake_open(const struct engine *engine, const char *schema, const char *table,
            const struct fb_column *columns, uint32_t count,
            struct intake **intake, struct fb_error *err)
{
    struct intake *made = calloc(1, sizeof(*made) + count * sizeof(uint32_t));

    if (made == NULL)
        abort();
    made->duck = engine->duck;
    for (uint32_t i = 0; i < count; i++)
        made->from[i] = i;
    made->fill = (struct fill){engine->duck, columns, made->from, count};
    made->chunk = new_chunk(engine->duck, columns, count);
    if (engine->duck->appender_create(engine->connection, schema, table,
                                      &made->appender) != 0) {
        failed(made, err);
        intake_free(made);
        return -1;
    }
    *intake = made;
    return 0;
}

int
intake_put(struct intake *intake, struct fb_batch *batch, struct fb_error *err)
{
    const struct duck *duck = intake->duck;
    uint32_t row = 0;

    assert(intake->appender != NULL);
    for (;;) {
        duck->data_chunk_reset(intake->chunk);
        if (fill_chunk(&intake->fill, batch, &row, intake->chunk, err) != 0)
            return -1;
        if (duck->data_chunk_get_size(intake->chunk) == 0)
            return 0;
        if (duck->append_data_chunk(intake->appender, intake->chunk) != 0)
            return failed(intake, err);
    }
}

int
intake_end(struct intake *intake, struct fb_error *err)
{
    return intake->duck->appender_close(intake->appender) == 0
               ? 0
               : failed(intake, err);
}

void
intake_free(struct intake *intake)
{
    if (intake == NULL)
        return;
    if (intake->appender != NULL)
        (void)intake->duck->appender_destroy(&intake->appender);
    if (intake->chunk != NULL)
        intake->duck->destroy_data_chunk(&intake->chunk);
    free(intake);
}
