/*
 * duckdb/source.c: the source `duckdb`: the rows that a query gives over the
 * tables that the pipeline declares.
 */
#include "database.h"
#include "duckdb.h"

struct source {
    const char *query; /* option */
    struct engine_options engine;

    bool named; /* bind knew the columns */
    bool started;
    struct database *database;
    struct query *prepared;
};

static int
source_bind(void *self, struct fb_step *step, struct fb_error *err)
{
    struct source *source = self;

    return database_check(step, &source->engine, source->query, &source->named,
                          err);
}

static int
source_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct source *source = self;

    source->started = false;
    if (database_get(step, &source->engine, &source->database, err) != 0 ||
        database_prepare(source->database, step, source->query,
                         &source->prepared, err) != 0)
        return -1;
    if (source->named || query_name_columns(source->prepared, step, err) == 0)
        return 0;
    query_free(source->prepared);
    source->prepared = NULL;
    return -1;
}

/* The query begins when its first row is wanted: by then all queries of the
 * run are prepared, and what several of them read is read once. */
static int
source_read(void *self, struct fb_step *step, struct fb_batch **batch,
            struct fb_error *err)
{
    struct source *source = self;

    if (!source->started) {
        if (database_start(source->database, step, source->query,
                           &source->prepared, err) != 0)
            return -1;
        source->started = true;
    }
    return database_next(source->database, step, source->prepared, batch, err);
}

static void
source_close(void *self, struct fb_step *step)
{
    struct source *source = self;

    (void)step;
    query_free(source->prepared);
    source->prepared = NULL;
    source->database = NULL;
}

static int
source_probe(void *self, struct fb_step *step, struct fb_error *err)
{
    struct source *source = self;
    const struct duck *duck;

    (void)step;
    return duck_load(source->engine.library, &duck, err);
}

static const struct fb_option source_options[] = {
    {.name = "query",
     FB_STRING(struct source, query),
     .flags = FB_REQUIRED,
     .help = "A SELECT over the tables that the pipeline declares."},
    ENGINE_OPTIONS(struct source, engine),
    {.name = NULL},
};

const struct fb_plugin duckdb_source = {
    FB_PLUGIN_HEAD,
    .kind = FB_SOURCE,
    .name = "duckdb",
    .summary = "Queries the declared tables with the DuckDB engine.",
    .options = source_options,
    .instance_size = sizeof(struct source),
    .bind = source_bind,
    .open = source_open,
    .read = source_read,
    .close = source_close,
    .probe = source_probe,
};
