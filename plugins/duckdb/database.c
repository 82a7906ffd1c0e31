/*
 * duckdb/database.c: the run's database: set up once, then queries.
 */
#include "database.h"

#include <assert.h>
#include <stdlib.h>

#include "macros.h"
#include "names.h"
#include "scan.h"
#include "watch.h"

struct database {
    struct engine *engine;
    struct scans scans;
    uint32_t table_count;
    struct scan_table *tables;
};

/* --- set-up --------------------------------------------------------------- */

static void
drop(void *object)
{
    struct database *database = object;

    engine_close(database->engine);
    pthread_mutex_destroy(&database->scans.lock);
    free(database->tables);
    free(database);
}

static int
declare(struct database *database, struct fb_step *step, uint32_t index,
        struct fb_error *err)
{
    struct scan_table *table = &database->tables[index];
    char name[32], view[64];

    table->scans = &database->scans;
    table->engine = database->engine;
    table->index = index;
    snprintf(name, sizeof(name), "forebay_table_%u", index);
    snprintf(view, sizeof(view), "AS FROM %s()", name);
    if (fb_table_at(step, index, &table->info, err) != 0 ||
        scan_register(table, name, err) != 0)
        return -1;
    return names_make_view(database->engine, table->info->database,
                           table->info->table, view, err);
}

static int
set_up(struct database *database, struct fb_step *step, struct fb_error *err)
{
    if (engine_run(database->engine, err,
                   "SET preserve_insertion_order = false") != 0 ||
        macros_make(database->engine, fb_run_date(step), err) != 0)
        return -1;
    for (uint32_t i = 0; i < database->table_count; i++)
        if (declare(database, step, i, err) != 0)
            return -1;
    return engine_lock(database->engine, err);
}

static int
make(struct fb_step *step, const struct engine_options *options,
     struct database **database, struct fb_error *err)
{
    struct database *made = calloc(1, sizeof(*made));

    if (made == NULL)
        abort();
    pthread_mutex_init(&made->scans.lock, NULL);
    made->table_count = fb_table_count(step);
    made->tables = calloc(made->table_count + 1, sizeof(*made->tables));
    if (made->tables == NULL)
        abort();
    *database = made;
    if (engine_open(step, options, ENGINE_QUERIES, &made->engine, err) == 0 &&
        set_up(made, step, err) == 0)
        return 0;
    drop(made);
    return -1;
}

/* The object that is shared first is a place for the database. */
static int
make_place(struct fb_step *step, void **object, struct fb_error *err)
{
    (void)step;
    (void)err;
    *object = calloc(1, sizeof(struct database *));
    if (*object == NULL)
        abort();
    return 0;
}

static void
drop_place(void *object)
{
    struct database **place = object;

    if (*place != NULL)
        drop(*place);
    free(place);
}

int
database_get(struct fb_step *step, const struct engine_options *options,
             struct database **database, struct fb_error *err)
{
    void *object;
    struct database **place;

    if (fb_shared(step, "database", make_place, drop_place, &object, err) != 0)
        return -1;
    place = object;
    if (*place == NULL && make(step, options, place, err) != 0) {
        *place = NULL;
        return -1;
    }
    *database = *place;
    return 0;
}

/* --- queries -------------------------------------------------------------- */

int
database_prepare(struct database *database, struct fb_step *step,
                 const char *sql, struct query **query, struct fb_error *err)
{
    struct fault fault;
    int status;

    scans_serve(&database->scans, step);
    database->scans.counting = true;
    status = query_prepare(database->engine, sql, query, &fault);
    database->scans.counting = false;
    return status == 0 ? 0 : query_refuse(step, sql, &fault, err);
}

/* What failed in a table is what failed. */
static int
table_failed(struct database *database, struct fb_step *step,
             struct fb_error *err)
{
    struct fb_error inner;

    if (scans_failed(&database->scans, &inner))
        *err = inner;
    if (fb_cancelled(step))
        return fb_fail(err, FB_E_CANCELLED, "the query was stopped");
    return -1;
}

static int
load(struct database *database, struct fb_step *step, struct scan_table *table,
     struct fb_error *err)
{
    const struct engine *engine = database->engine;
    struct watch watch;
    char view[64];
    int status;

    watch_begin(&watch, engine->duck, engine->connection, step);
    status = engine_run(engine, err,
                        "CREATE TABLE main.forebay_loaded_%u AS FROM "
                        "forebay_table_%u()",
                        table->index, table->index);
    watch_end(&watch);
    if (status != 0)
        return table_failed(database, step, err);
    table->loaded = true;
    snprintf(view, sizeof(view), "AS FROM main.forebay_loaded_%u",
             table->index);
    return names_make_view(engine, table->info->database, table->info->table,
                           view, err);
}

int
database_start(struct database *database, struct fb_step *step, const char *sql,
               struct query **query, struct fb_error *err)
{
    struct fault fault;
    bool loaded = false;

    scans_serve(&database->scans, step);
    for (uint32_t i = 0; i < database->table_count; i++) {
        struct scan_table *table = &database->tables[i];

        if (table->scans_wanted > 1 && !table->loaded &&
            load(database, step, table, err) != 0)
            return -1;
        loaded = loaded || table->loaded;
    }
    if (loaded) {
        query_free(*query);
        *query = NULL;
        if (query_prepare(database->engine, sql, query, &fault) != 0)
            return query_refuse(step, sql, &fault, err);
    }
    return query_start(*query, step, err) == 0
               ? 0
               : table_failed(database, step, err);
}

int
database_next(struct database *database, struct fb_step *step,
              struct query *query, struct fb_batch **batch,
              struct fb_error *err)
{
    scans_serve(&database->scans, step);
    return query_next(query, step, batch, err) == 0
               ? 0
               : table_failed(database, step, err);
}

/* --- checking ------------------------------------------------------------- */

/* An engine with tables without rows, for all queries that are checked. */
struct sketch {
    struct engine *engine; /* NULL: not made yet */
    bool all;              /* the columns of all tables are known */
};

static void
drop_sketch(void *object)
{
    struct sketch *sketch = object;

    engine_close(sketch->engine);
    free(sketch);
}

static int
draw_table(struct sketch *sketch, const struct fb_table *info,
           struct fb_error *err)
{
    if (info->columns == NULL) {
        sketch->all = false;
        return 0;
    }
    return names_make_table(sketch->engine, info->database, info->table,
                            info->columns, info->column_count, true, err);
}

static int
draw(struct sketch *sketch, struct fb_step *step, struct fb_error *err)
{
    const struct fb_table *info;

    if (macros_make(sketch->engine, 0, err) != 0)
        return -1;
    for (uint32_t i = 0; i < fb_table_count(step); i++)
        if (fb_table_at(step, i, &info, err) != 0 ||
            draw_table(sketch, info, err) != 0)
            return -1;
    return engine_lock(sketch->engine, err);
}

static int
make_sketch(struct fb_step *step, void **object, struct fb_error *err)
{
    struct sketch *sketch = calloc(1, sizeof(*sketch));

    (void)step;
    (void)err;
    if (sketch == NULL)
        abort();
    sketch->all = true;
    *object = sketch;
    return 0;
}

/* *sketch NULL: nothing can be said before open, which will say why. */
static int
get_sketch(struct fb_step *step, const struct engine_options *options,
           struct sketch **sketch, struct fb_error *err)
{
    const struct duck *duck;
    void *object;

    if (fb_shared(step, "sketch", make_sketch, drop_sketch, &object, err) != 0)
        return -1;
    *sketch = object;
    if ((*sketch)->engine != NULL)
        return 0;
    if (duck_load(options->library, &duck, err) != 0) {
        *err = (struct fb_error){.code = FB_E_NONE};
        *sketch = NULL;
        return 0;
    }
    if (engine_open(step, options, ENGINE_CHECK, &(*sketch)->engine, err) != 0)
        return -1;
    if (draw(*sketch, step, err) == 0)
        return 0;
    engine_close((*sketch)->engine);
    (*sketch)->engine = NULL;
    return -1;
}

int
database_check(struct fb_step *step, const struct engine_options *options,
               const char *sql, bool *known, struct fb_error *err)
{
    struct query *query = NULL;
    struct sketch *sketch;
    struct fault fault;
    int status;

    *known = false;
    if (get_sketch(step, options, &sketch, err) != 0)
        return -1;
    if (sketch == NULL)
        return 0;
    if (query_prepare(sketch->engine, sql, &query, &fault) != 0)
        return sketch->all || fault.is_syntax
                   ? query_refuse(step, sql, &fault, err)
                   : 0;
    *known = sketch->all;
    status = *known ? query_name_columns(query, step, err) : 0;
    query_free(query);
    return status;
}
