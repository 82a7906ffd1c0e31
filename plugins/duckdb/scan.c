/*
 * duckdb/scan.c: the callbacks of a table function.
 */
#include "scan.h"

#include <assert.h>
#include <stdlib.h>

#include "fill.h"

/* One scan of a table by one query. */
struct scan {
    struct scan_table *table;
    struct fb_step *step;
    struct fb_rows *rows;
    struct fill fill;
    uint32_t from[]; /* one a column that is wanted */
};

/* What one thread of it has in hand. */
struct share {
    struct fb_batch *batch;
    uint32_t row;
};

/* --- failures ------------------------------------------------------------- */

/* The engine takes only a text along; the whole error is kept here. */
static const char *
keep_error(struct scans *scans, const struct fb_error *err)
{
    pthread_mutex_lock(&scans->lock);
    if (!scans->failed)
        scans->error = *err;
    scans->failed = true;
    pthread_mutex_unlock(&scans->lock);
    return err->message;
}

void
scans_serve(struct scans *scans, struct fb_step *step)
{
    pthread_mutex_lock(&scans->lock);
    scans->step = step;
    pthread_mutex_unlock(&scans->lock);
}

bool
scans_failed(struct scans *scans, struct fb_error *err)
{
    bool failed;

    pthread_mutex_lock(&scans->lock);
    failed = scans->failed;
    scans->failed = false;
    if (failed)
        *err = scans->error;
    pthread_mutex_unlock(&scans->lock);
    return failed;
}

/* --- names ---------------------------------------------------------------- */

char *
scan_folded(const char *name)
{
    char *folded = strdup(name);

    if (folded == NULL)
        abort();
    for (char *c = folded; *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return folded;
}

/* --- the callbacks -------------------------------------------------------- */

/* In the run's thread while it prepares a query: once for each time that the
 * query names the table. */
static void
bind_scan(struct duck_bind *bind)
{
    const struct duck *duck = duck_loaded();
    struct scan_table *table = duck->bind_get_extra_info(bind);
    const struct fb_table *info = table->info;

    for (uint32_t i = 0; i < info->column_count; i++) {
        int id = fill_type_id(info->columns[i].type);
        struct duck_type *type = duck->create_logical_type(id);
        char *name = scan_folded(info->columns[i].name);

        duck->bind_add_result_column(bind, name, type);
        duck->destroy_logical_type(&type);
        free(name);
    }
    if (table->scans->counting)
        table->scans_wanted++;
}

static void
free_scan(void *arg)
{
    struct scan *scan = arg;

    fb_table_close(scan->rows);
    free(scan);
}

static struct fb_step *
step_served(struct scans *scans)
{
    struct fb_step *step;

    pthread_mutex_lock(&scans->lock);
    step = scans->step;
    pthread_mutex_unlock(&scans->lock);
    return step;
}

/* In any thread of the engine, as all that follows. */
static void
init_scan(struct duck_init *init)
{
    const struct duck *duck = duck_loaded();
    struct scan_table *table = duck->init_get_extra_info(init);
    uint64_t count = duck->init_get_column_count(init);
    struct scan *scan = calloc(1, sizeof(*scan) + count * sizeof(uint32_t));
    struct fb_error err = {.code = FB_E_NONE};

    if (scan == NULL)
        abort();
    scan->table = table;
    scan->step = step_served(table->scans);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t index = duck->init_get_column_index(init, i);

        /* A query that only counts rows wants a column that nobody has. */
        if (index < table->info->column_count)
            scan->from[scan->fill.count++] = (uint32_t)index;
    }
    scan->fill.duck = duck;
    scan->fill.columns = table->info->columns;
    scan->fill.from = scan->from;
    if (fb_table_open(scan->step, table->index, &scan->rows, &err) != 0) {
        duck->init_set_error(init, keep_error(table->scans, &err));
        free(scan);
        return;
    }
    duck->init_set_init_data(init, scan, free_scan);
    duck->init_set_max_threads(init, (uint64_t)table->engine->threads);
}

static void
free_share(void *arg)
{
    struct share *share = arg;

    if (share->batch != NULL)
        fb_batch_free(share->batch);
    free(share);
}

static void
init_share(struct duck_init *init)
{
    struct share *share = calloc(1, sizeof(*share));

    if (share == NULL)
        abort();
    duck_loaded()->init_set_init_data(init, share, free_share);
}

/* Fill the chunk with what comes next; it stays empty at the end. */
static int
next_chunk(struct scan *scan, struct share *share, struct duck_chunk *chunk,
           struct fb_error *err)
{
    const struct duck *duck = scan->fill.duck;

    for (;;) {
        if (fb_cancelled(scan->step))
            return fb_fail(err, FB_E_CANCELLED, "the query was stopped");
        if (share->batch == NULL) {
            if (fb_table_next(scan->rows, &share->batch, err) != 0)
                return -1;
            share->row = 0;
        }
        if (share->batch == NULL)
            return 0;
        if (fill_chunk(&scan->fill, share->batch, &share->row, chunk, err) != 0)
            return -1;
        if (duck->data_chunk_get_size(chunk) > 0)
            return 0;
        fb_batch_free(share->batch);
        share->batch = NULL;
    }
}

/* What the host says of a table names it already. */
static void
name_table(const struct scan *scan, struct fb_error *err)
{
    char text[FB_MESSAGE_MAX];

    if (strncmp(err->message, "table '", 7) == 0)
        return;
    memcpy(text, err->message, sizeof(text));
    snprintf(err->message, sizeof(err->message), "table '%s': %.900s",
             scan->table->info->name, text);
}

static void
scan_chunk(struct duck_call *call, struct duck_chunk *chunk)
{
    const struct duck *duck = duck_loaded();
    struct scan *scan = duck->function_get_init_data(call);
    struct share *share = duck->function_get_local_init_data(call);
    struct fb_error err = {.code = FB_E_NONE};

    if (next_chunk(scan, share, chunk, &err) == 0)
        return;
    name_table(scan, &err);
    duck->function_set_error(call, keep_error(scan->table->scans, &err));
}

int
scan_register(struct scan_table *table, const char *name, struct fb_error *err)
{
    const struct duck *duck = table->engine->duck;
    struct duck_function *function = duck->create_table_function();
    int status;

    assert(table->info != NULL && table->scans != NULL);
    duck->table_function_set_name(function, name);
    duck->table_function_set_extra_info(function, table, NULL);
    duck->table_function_set_bind(function, bind_scan);
    duck->table_function_set_init(function, init_scan);
    duck->table_function_set_local_init(function, init_share);
    duck->table_function_set_function(function, scan_chunk);
    duck->table_function_supports_projection_pushdown(function, true);
    status = duck->register_table_function(table->engine->connection, function);
    duck->destroy_table_function(&function);
    if (status == 0)
        return 0;
    return fb_fail(err, FB_E_FAILED, "DuckDB refuses the table '%s'",
                   table->info->name);
}
