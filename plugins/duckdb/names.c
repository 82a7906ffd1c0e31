/*
 * duckdb/names.c: the statements that make them.
 */
#define _GNU_SOURCE 1 /* open_memstream */
#include "names.h"

#include <stdlib.h>

#include "fill.h"
#include "scan.h"

#define DEFAULT "default"

/* What stands in the engine's own default schema is found without one. */
static int
make_default(const struct engine *engine, const char *table,
             struct fb_error *err)
{
    char *quoted = engine_quoted(table, '"');
    int status = engine_run(engine, err,
                            "CREATE OR REPLACE VIEW main.%s AS FROM "
                            "\"" DEFAULT "\".%s",
                            quoted, quoted);

    free(quoted);
    return status;
}

/* CREATE <what> "database"."table" <body> */
static int
make(const struct engine *engine, const char *what, const char *database,
     const char *table, const char *body, struct fb_error *err)
{
    char *schema = engine_quoted(database, '"');
    char *quoted = engine_quoted(table, '"');
    int status =
        engine_run(engine, err, "CREATE SCHEMA IF NOT EXISTS %s", schema);

    if (status == 0)
        status = engine_run(engine, err, "CREATE OR REPLACE %s %s.%s %s", what,
                            schema, quoted, body);
    free(schema);
    free(quoted);
    if (status == 0 && strcmp(database, DEFAULT) == 0)
        status = make_default(engine, table, err);
    return status;
}

int
names_make_view(const struct engine *engine, const char *database,
                const char *table, const char *view, struct fb_error *err)
{
    return make(engine, "VIEW", database, table, view, err);
}

int
names_make_table(const struct engine *engine, const char *database,
                 const char *table, const struct fb_column *columns,
                 uint32_t count, bool fold, struct fb_error *err)
{
    char *body = NULL;
    size_t size;
    FILE *to = open_memstream(&body, &size);
    int status;

    if (to == NULL)
        abort();
    for (uint32_t i = 0; i < count; i++) {
        char *name = fold ? scan_folded(columns[i].name) : NULL;
        char *quoted = engine_quoted(fold ? name : columns[i].name, '"');

        fprintf(to, "%s%s %s", i > 0 ? ", " : "(", quoted,
                fill_type_name(columns[i].type));
        free(quoted);
        free(name);
    }
    fputc(')', to);
    if (fclose(to) != 0)
        abort();
    status = make(engine, "TABLE", database, table, body, err);
    free(body);
    return status;
}
