/*
 * table/table.c: what a table is: its objects, its partitions, its columns.
 */
#include "table/table.h"

#include <assert.h>
#include <stdlib.h>

#include "codec/header.h"
#include "table/internal.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/text.h"

/* --- objects -------------------------------------------------------------- */

struct listing {
    struct arena *arena;
    const char **uris;
    size_t count, capacity;
    fb_found_fn found; /* or, for who wants the objects themselves */
    void *arg;
};

/* As Athena has it: what begins with _ or . is none of the table; and nor is
 * what holds nothing, as the "folders" of a console. */
static bool
is_data(const struct fb_object *object)
{
    const char *slash = strrchr(object->uri, '/');
    const char *name = slash != NULL ? slash + 1 : object->uri;

    return *name != '\0' && *name != '_' && *name != '.' && object->size > 0;
}

static int
note_object(void *arg, const struct fb_object *object)
{
    struct listing *listing = arg;

    if (!is_data(object))
        return 0;
    if (listing->found != NULL)
        return listing->found(listing->arg, object);
    if (listing->count == listing->capacity) {
        listing->capacity = listing->capacity ? 2 * listing->capacity : 64;
        listing->uris = mem_regrow(listing->uris, listing->capacity,
                                   sizeof(*listing->uris));
    }
    listing->uris[listing->count++] = arena_strdup(listing->arena, object->uri);
    return 0;
}

void *
table_instance(const struct pipeline_step *config)
{
    void *instance = mem_zalloc(config->plugin->instance_size + 1);

    memcpy(instance, config->instance, config->plugin->instance_size);
    return instance;
}

void
table_forget_step(const char *id, struct fb_error *err)
{
    char prefix[FB_MESSAGE_MAX];
    size_t length;

    snprintf(prefix, sizeof(prefix), "step '%s': ", id);
    length = strlen(prefix);
    if (strncmp(err->message, prefix, length) == 0)
        memmove(err->message, err->message + length,
                strlen(err->message + length) + 1);
}

static int
not_listed(const struct table *table, struct fb_error *err)
{
    const bool declared = table->tables->items != NULL; /* a guess is not */

    table_forget_step(table->config->source.label, err);
    if (declared && err->code == FB_E_CONFIG && err->hint[0] == '\0')
        return fb_hint(err, "the 'location' of a table is a folder: all files "
                            "below it are the table");
    return -1;
}

static int
list_objects(const struct table *table, struct listing *listing,
             struct fb_error *err)
{
    struct pipeline_step config = table->config->source;
    struct place place;
    struct step *step;
    int status;

    config.instance = table_instance(&config);
    step = step_new(&config, table->tables->context);
    status = step_check(step, &place, err);
    if (status == 0)
        status = step_discover(step, note_object, listing, err);
    step_free(step);
    free(config.instance);
    return status == 0 ? 0 : not_listed(table, err);
}

static int
compare_uris(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int
table_list(const struct table *table, struct arena *arena, struct fb_list *uris,
           struct fb_error *err)
{
    struct listing listing = {.arena = arena};
    int status = list_objects(table, &listing, err);

    *uris = (struct fb_list){0, NULL};
    if (status == 0 && listing.count > 0) {
        const char **items = arena_array(arena, listing.count, sizeof(*items));

        memcpy(items, listing.uris, listing.count * sizeof(*items));
        qsort(items, listing.count, sizeof(*items), compare_uris);
        *uris = (struct fb_list){listing.count, items};
    }
    free(listing.uris);
    return status;
}

/* --- partitions ----------------------------------------------------------- */

#define NO_PARTITION "__HIVE_DEFAULT_PARTITION__"

/* Hive writes what a path may not hold as %XX. */
static struct fb_cell
decode(struct arena *arena, const char *text, size_t length)
{
    unsigned char *out = arena_alloc(arena, length + 1);
    struct fb_cell cell = {out, 0, 0};

    for (size_t i = 0; i < length; i++) {
        int byte = text_percent_byte(text + i, length - i);

        out[cell.len++] = (unsigned char)(byte >= 0 ? byte : text[i]);
        i += byte >= 0 ? 2 : 0;
    }
    if (cell.len == strlen(NO_PARTITION) &&
        memcmp(out, NO_PARTITION, cell.len) == 0)
        cell = (struct fb_cell){out, 0, FB_CELL_NULL};
    return cell;
}

int
table_partition_cells(const struct table *table, const char *uri,
                      struct arena *arena, struct fb_cell *cells,
                      struct fb_error *err)
{
    const struct table_config *config = table->config;
    const char *at = strstr(uri, config->location);

    at = at != NULL ? at + strlen(config->location) : uri;
    for (uint32_t i = 0; i < config->partition_count; i++) {
        const char *key = config->partitions[i].name;
        size_t length = strlen(key), end = strcspn(at, "/");

        if (strncmp(at, key, length) != 0 || at[length] != '=' ||
            at[end] != '/') {
            fb_fail(err, FB_E_INPUT,
                    "'%s' is not in a folder '%s=...' of the table '%s'", uri,
                    key, config->name);
            return fb_hint(err, "partitions: names the folders between the "
                                "location and the files");
        }
        cells[i] = decode(arena, at + length + 1, end - length - 1);
        at += end + 1;
    }
    return 0;
}

/* --- columns -------------------------------------------------------------- */

/* The columns of the files and of the path, as one shape. */
int
table_take_columns(struct table *table, const struct schema *schema,
                   struct fb_error *err)
{
    const struct table_config *config = table->config;
    struct arena *arena = table->tables->arena;
    uint32_t own = schema->columns.count, count = own + config->partition_count;
    struct fb_column *items = arena_array(arena, count, sizeof(*items));
    struct columns *columns = arena_zalloc(arena, sizeof(*columns));

    memcpy(items, schema->columns.items, own * sizeof(*items));
    for (uint32_t i = 0; i < config->partition_count; i++) {
        items[own + i] = config->partitions[i];
        if (columns_find(&schema->columns, items[own + i].name) >= 0)
            return fb_fail(err, FB_E_CONFIG,
                           "the table '%s' has a column '%s' in its files and "
                           "in its path",
                           config->name, items[own + i].name);
    }
    *columns = (struct columns){count, items,
                                header_missing(arena, schema->columns.missing,
                                               table->info.null_sequence)};
    table->columns = columns;
    table->schema = schema;
    table->info.column_count = count;
    table->info.columns = items;
    table->info.missing = columns->missing;
    table->known = true;
    return 0;
}

static int
find_schema(struct table *table, struct fb_error *err)
{
    if (table->known)
        return 0;
    if (table->config->source.schema != NULL)
        return table_take_columns(table, table->config->source.schema, err);
    if (table_infer(table, err) != 0)
        return error_context(err, "table '%s'", table->config->name);
    return 0;
}

/* Make columns and schema known, from the schema file or from the data.  Any
 * thread may; to it they are known from then on. */
static int
know(struct table *table, struct fb_error *err)
{
    struct tables *tables = table->tables;
    int status;

    pthread_mutex_lock(&tables->lock);
    status = find_schema(table, err);
    pthread_mutex_unlock(&tables->lock);
    return status;
}

/* --- services ------------------------------------------------------------- */

static struct table *
table_of(void *arg, uint32_t index)
{
    struct tables *tables = arg;

    assert(index < tables->services.count);
    return &tables->items[index];
}

static int
service_at(void *arg, uint32_t index, bool look, const struct fb_table **info,
           struct fb_error *err)
{
    struct table *table = table_of(arg, index);

    *info = &table->info;
    look = look && table->tables->may_look;
    if (!look && !table->known && table->config->source.schema == NULL)
        return 0;
    return know(table, err);
}

static int
service_objects(void *arg, uint32_t index, fb_found_fn found, void *found_arg,
                struct fb_error *err)
{
    struct listing listing = {.found = found, .arg = found_arg};
    const struct table *table = table_of(arg, index);

    if (list_objects(table, &listing, err) == 0)
        return 0;
    return error_context(err, "table '%s'", table->config->name);
}

static int
service_open(void *arg, uint32_t index, struct fb_rows **rows,
             struct fb_error *err)
{
    struct table *table = table_of(arg, index);

    if (!table->tables->may_look)
        return fb_fail(err, FB_E_BUG, "table '%s' is read while only checked",
                       table->config->name);
    if (know(table, err) != 0)
        return -1;
    return rows_open(table, rows, err);
}

static void
fill_info(const struct table_config *config, struct fb_table *info)
{
    const struct format *format = &config->source.format;

    *info = (struct fb_table){
        .size = sizeof(*info),
        .name = config->name,
        .database = config->database,
        .table = config->table,
        .location = config->location,
        .format = format->format,
        .partition_count = config->partition_count,
        .inferred = config->source.schema == NULL,
    };
    if (config->source.codec != NULL)
        return;
    info->charset = format->charset;
    info->compression = format_compression(format);
    info->delimiter = format_delimiter(format);
    info->quote = format_quote(format);
    info->escape = format_escape(format);
    info->comment = format_comment(format);
    info->header = format->header == HEADER_REQUIRED;
    info->null_sequence = format->dialect.null_sequence;
}

struct tables *
tables_new(const struct pipeline *pipeline, const struct step_context *context,
           bool may_look)
{
    struct tables *tables = mem_zalloc(sizeof(*tables));

    tables->context = context;
    tables->may_look = may_look;
    pthread_mutex_init(&tables->lock, NULL);
    tables->arena = arena_new();
    tables->items = arena_array(tables->arena, pipeline->table_count,
                                sizeof(*tables->items));
    for (uint32_t i = 0; i < pipeline->table_count; i++) {
        struct table *table = &tables->items[i];

        table->tables = tables;
        table->config = &pipeline->tables[i];
        fill_info(table->config, &table->info);
    }
    tables->services = (struct step_tables){
        .arg = tables,
        .count = pipeline->table_count,
        .at = service_at,
        .objects = service_objects,
        .open = service_open,
        .next = rows_next,
        .close = rows_close,
    };
    return tables;
}

void
tables_free(struct tables *tables)
{
    if (tables == NULL)
        return;
    pthread_mutex_destroy(&tables->lock);
    arena_free(tables->arena);
    free(tables);
}

const struct step_tables *
tables_services(const struct tables *tables)
{
    return &tables->services;
}
