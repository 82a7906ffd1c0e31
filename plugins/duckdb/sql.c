/*
 * duckdb/sql.c: the transform `sql`: a query over the rows of the steps that
 * it reads, each of them a table of the step's name.  Rows go into the engine
 * as they come; the query runs when there are no more.
 */
#include <assert.h>
#include <stdlib.h>

#include "duckdb.h"
#include "intake.h"
#include "macros.h"
#include "names.h"
#include "query.h"

struct sql {
    const char *query; /* option */
    struct engine_options options;

    struct engine *opened;
    struct intake **intakes; /* one an input */
    uint32_t intake_count;
};

/* --- tables of the inputs ------------------------------------------------- */

/* The rejected rows of `valid` are the table valid.rejected. */
struct input_name {
    char *schema; /* to be freed */
    const char *table;
};

static struct input_name
name_of(const char *step)
{
    const char *dot = strchr(step, '.');
    struct input_name name = {.schema = strdup(dot != NULL ? step : "main"),
                              .table = dot != NULL ? dot + 1 : step};

    if (name.schema == NULL)
        abort();
    if (dot != NULL)
        name.schema[dot - step] = '\0';
    return name;
}

static int
make_tables(struct fb_step *step, const struct engine *engine,
            struct fb_error *err)
{
    for (uint32_t i = 0; i < fb_input_count(step); i++) {
        const struct fb_input *input = fb_input_at(step, i);
        struct input_name name = name_of(input->step);
        int status =
            names_make_table(engine, name.schema, name.table, input->columns,
                             input->column_count, false, err);

        free(name.schema);
        if (status != 0)
            return -1;
    }
    return 0;
}

static int
set_up(struct fb_step *step, const struct engine *engine, int64_t today,
       struct fb_error *err)
{
    if (macros_make(engine, today, err) != 0 ||
        make_tables(step, engine, err) != 0)
        return -1;
    return engine_lock(engine, err);
}

/* --- the step ------------------------------------------------------------- */

static int
check_query(struct sql *sql, struct fb_step *step, const struct engine *engine,
            struct fb_error *err)
{
    struct query *query;
    struct fault fault;
    int status;

    if (query_prepare(engine, sql->query, &query, &fault) != 0)
        return query_refuse(step, sql->query, &fault, err);
    status = query_name_columns(query, step, err);
    query_free(query);
    return status;
}

static int
sql_bind(void *self, struct fb_step *step, struct fb_error *err)
{
    struct sql *sql = self;
    struct engine *engine;
    const struct duck *duck;
    int status = -1;

    if (duck_load(sql->options.library, &duck, err) != 0) {
        /* open will say so; until then nobody knows the columns */
        *err = (struct fb_error){.code = FB_E_NONE};
        return 0;
    }
    if (engine_open(step, &sql->options, ENGINE_CHECK, &engine, err) != 0)
        return -1;
    if (set_up(step, engine, 0, err) == 0)
        status = check_query(sql, step, engine, err);
    engine_close(engine);
    return status;
}

static void
release(struct sql *sql)
{
    for (uint32_t i = 0; i < sql->intake_count; i++)
        intake_free(sql->intakes[i]);
    free(sql->intakes);
    engine_close(sql->opened);
    sql->intakes = NULL;
    sql->intake_count = 0;
    sql->opened = NULL;
}

static int
open_intakes(struct sql *sql, struct fb_step *step, struct fb_error *err)
{
    uint32_t count = fb_input_count(step);

    sql->intakes = calloc(count + (size_t)1, sizeof(struct intake *));
    if (sql->intakes == NULL)
        abort();
    for (uint32_t i = 0; i < count; i++) {
        const struct fb_input *input = fb_input_at(step, i);
        struct input_name name = name_of(input->step);
        int status =
            intake_open(sql->opened, name.schema, name.table, input->columns,
                        input->column_count, &sql->intakes[i], err);

        free(name.schema);
        if (status != 0)
            return -1;
        sql->intake_count++;
    }
    return 0;
}

static int
sql_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct sql *sql = self;

    if (engine_open(step, &sql->options, ENGINE_QUERIES, &sql->opened, err) ==
            0 &&
        set_up(step, sql->opened, fb_run_date(step), err) == 0 &&
        open_intakes(sql, step, err) == 0)
        return 0;
    release(sql);
    return -1;
}

static int
sql_process(void *self, struct fb_step *step, struct fb_batch *batch,
            struct fb_error *err)
{
    struct sql *sql = self;
    uint32_t input = fb_input(step);

    assert(input < sql->intake_count);
    if (intake_put(sql->intakes[input], batch, err) != 0)
        return -1;
    fb_batch_free(batch);
    return FB_HOLD;
}

static int
emit_all(struct query *query, struct fb_step *step, struct fb_error *err)
{
    struct fb_batch *batch;

    if (query_start(query, step, err) != 0)
        return -1;
    for (;;) {
        if (query_next(query, step, &batch, err) != 0)
            return -1;
        if (batch == NULL)
            return 0;
        if (fb_emit(step, batch, err) != 0)
            return -1;
    }
}

static int
sql_flush(void *self, struct fb_step *step, struct fb_error *err)
{
    struct sql *sql = self;
    struct query *query;
    struct fault fault;
    int status;

    for (uint32_t i = 0; i < sql->intake_count; i++)
        if (intake_end(sql->intakes[i], err) != 0)
            return -1;
    if (query_prepare(sql->opened, sql->query, &query, &fault) != 0)
        return query_refuse(step, sql->query, &fault, err);
    status = emit_all(query, step, err);
    query_free(query);
    return status;
}

static void
sql_close(void *self, struct fb_step *step)
{
    (void)step;
    release(self);
}

static int
sql_probe(void *self, struct fb_step *step, struct fb_error *err)
{
    struct sql *sql = self;
    const struct duck *duck;

    (void)step;
    return duck_load(sql->options.library, &duck, err);
}

static const struct fb_option sql_options[] = {
    {.name = "query",
     FB_STRING(struct sql, query),
     .flags = FB_REQUIRED,
     .help = "A SELECT over the steps that this one reads, each a table of "
             "its name."},
    ENGINE_OPTIONS(struct sql, options),
    {.name = NULL},
};

const struct fb_plugin sql_transform = {
    FB_PLUGIN_HEAD,
    .kind = FB_TRANSFORM,
    .name = "sql",
    .summary = "Queries the rows of its input steps with the DuckDB engine.",
    .flags = FB_MANY_INPUTS | FB_RESHAPES,
    .options = sql_options,
    .instance_size = sizeof(struct sql),
    .bind = sql_bind,
    .open = sql_open,
    .process = sql_process,
    .flush = sql_flush,
    .close = sql_close,
    .probe = sql_probe,
};
