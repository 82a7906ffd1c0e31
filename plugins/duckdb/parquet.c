/*
 * duckdb/parquet.c: the format `parquet`, as the engine reads and writes it:
 * a codec of files on this machine, whose columns keep their types.
 */
#define _GNU_SOURCE 1 /* asprintf */
#include <stdio.h>
#include <stdlib.h>

#include "duckdb.h"
#include "intake.h"
#include "names.h"
#include "query.h"

#define ROWS "rows" /* the table between the batches and the file */

/* --- reading -------------------------------------------------------------- */

struct parquet_source {
    struct engine_options options;

    struct engine *engine;
    struct query *query;
};

static int
start_reading(struct parquet_source *source, struct fb_step *step,
              struct fb_error *err)
{
    char *path = engine_quoted(fb_uri(step), '\''), *sql = NULL;
    struct fault fault;
    int status;

    if (asprintf(&sql, "FROM read_parquet(%s)", path) < 0)
        abort();
    status = query_prepare(source->engine, sql, &source->query, &fault);
    free(sql);
    free(path);
    if (status != 0)
        return fb_fail(err, FB_E_INPUT, "it is no parquet file: %s",
                       fault.text);
    return 0;
}

/* As the file has them; for a type that we have not, the step has no option
 * that could be blamed. */
static int
name_columns(const struct parquet_source *source, struct fb_step *step,
             struct fb_error *err)
{
    for (uint32_t i = 0; i < query_column_count(source->query); i++) {
        const char *name = query_column_name(source->query, i);
        enum fb_column_type type = query_column_type(source->query, i);

        if (type == 0)
            return fb_fail(err, FB_E_INPUT,
                           "column '%s' of the parquet file is of a type that "
                           "has no text",
                           name);
        if (fb_output_column(step, name, type, FB_NEW, NULL, err) != 0)
            return -1;
    }
    return 0;
}

static void
source_release(struct parquet_source *source)
{
    query_free(source->query);
    engine_close(source->engine);
    source->query = NULL;
    source->engine = NULL;
}

static int
source_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct parquet_source *source = self;

    if (engine_open(step, &source->options, ENGINE_FILES, &source->engine,
                    err) == 0 &&
        start_reading(source, step, err) == 0 &&
        name_columns(source, step, err) == 0 &&
        query_start(source->query, step, err) == 0)
        return 0;
    source_release(source);
    return -1;
}

static int
source_read(void *self, struct fb_step *step, struct fb_batch **batch,
            struct fb_error *err)
{
    struct parquet_source *source = self;

    return query_next(source->query, step, batch, err);
}

static void
source_close(void *self, struct fb_step *step)
{
    (void)step;
    source_release(self);
}

/* --- writing -------------------------------------------------------------- */

struct parquet_sink {
    struct engine_options options;

    struct engine *engine;
    struct intake *intake;
    struct fb_column *columns;
};

static void
sink_release(struct parquet_sink *sink)
{
    intake_free(sink->intake);
    engine_close(sink->engine);
    sink->intake = NULL;
    sink->engine = NULL;
}

static int
start_writing(struct parquet_sink *sink, struct fb_step *step,
              struct fb_error *err)
{
    uint32_t count = fb_column_count(step);

    sink->columns =
        fb_alloc(step, (count + (size_t)1) * sizeof(*sink->columns));
    for (uint32_t i = 0; i < count; i++)
        sink->columns[i] = *fb_column(step, i);
    if (names_make_table(sink->engine, "main", ROWS, sink->columns, count,
                         false, err) != 0)
        return -1;
    return intake_open(sink->engine, "main", ROWS, sink->columns, count,
                       &sink->intake, err);
}

static int
sink_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct parquet_sink *sink = self;

    if (engine_open(step, &sink->options, ENGINE_FILES, &sink->engine, err) ==
            0 &&
        start_writing(sink, step, err) == 0)
        return 0;
    sink_release(sink);
    return -1;
}

static int
sink_write(void *self, struct fb_step *step, struct fb_batch *batch,
           struct fb_error *err)
{
    struct parquet_sink *sink = self;

    (void)step;
    return intake_put(sink->intake, batch, err);
}

static int
sink_finish(void *self, struct fb_step *step, struct fb_error *err)
{
    struct parquet_sink *sink = self;
    char *path = engine_quoted(fb_uri(step), '\'');
    int status = intake_end(sink->intake, err);

    if (status == 0)
        status = engine_run(sink->engine, err,
                            "COPY main.\"" ROWS "\" TO %s "
                            "(FORMAT parquet, COMPRESSION zstd)",
                            path);
    free(path);
    return status;
}

static void
sink_close(void *self, struct fb_step *step)
{
    (void)step;
    sink_release(self);
}

/* --- descriptors ---------------------------------------------------------- */

static const struct fb_option source_options[] = {
    ENGINE_OPTIONS(struct parquet_source, options),
    {.name = NULL},
};

static const struct fb_option sink_options[] = {
    ENGINE_OPTIONS(struct parquet_sink, options),
    {.name = NULL},
};

static const char *const formats[] = {"parquet", NULL};

const struct fb_plugin parquet_source = {
    FB_PLUGIN_HEAD,
    .kind = FB_SOURCE,
    .name = "parquet",
    .summary = "Reads the format parquet with the DuckDB engine.",
    .formats = formats,
    .options = source_options,
    .instance_size = sizeof(struct parquet_source),
    .open = source_open,
    .read = source_read,
    .close = source_close,
};

const struct fb_plugin parquet_sink = {
    FB_PLUGIN_HEAD,
    .kind = FB_SINK,
    .name = "parquet",
    .summary = "Writes the format parquet with the DuckDB engine.",
    .formats = formats,
    .options = sink_options,
    .instance_size = sizeof(struct parquet_sink),
    .open = sink_open,
    .write = sink_write,
    .finish = sink_finish,
    .close = sink_close,
};
