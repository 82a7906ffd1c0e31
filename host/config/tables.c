/*
 * config/tables.c: the tables that queries may name.  Each is read like a
 * source, but for its location, which is a folder and not an object.
 */
#include <assert.h>

#include "config/build.h"
#include "config/bytes.h"
#include "config/choose.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

/* A table while it is read. */
struct table_making {
    struct builder *builder;
    const struct yaml_node *body; /* a map */
    struct table_config *table;
    struct table_options options;
    struct option_places *places;
    const char *subject; /* "the table 'orders_db.processed'" */
};

/* --- names ---------------------------------------------------------------- */

/* As every engine and catalogue takes it without quotes. */
static bool
is_identifier(const char *text, size_t length)
{
    if (length == 0 || length > 255 || (text[0] >= '0' && text[0] <= '9'))
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];

        if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') &&
            (c < '0' || c > '9') && c != '_')
            return false;
    }
    return true;
}

static bool
take_name(struct builder *builder, const struct yaml_pair *pair,
          struct table_config *table)
{
    const char *name = pair->key->text, *dot = strchr(name, '.');
    size_t length = dot != NULL ? (size_t)(dot - name) : 0;

    table->name = name;
    table->place = yaml_place(pair->key);
    table->database = "default";
    table->table = name;
    if (dot != NULL) {
        table->database = arena_dup_nul(builder->arena, name, length);
        table->table = dot + 1;
    }
    if (is_identifier(table->table, strlen(table->table)) &&
        (dot == NULL || is_identifier(name, length)))
        return true;
    problems_add(builder->problems, table->place,
                 "letters, digits and _, in one or two parts: orders_db.orders",
                 "'%s' cannot be the name of a table", name);
    return false;
}

/* Engines fold letters: two such names would be one table. */
static bool
is_another(struct builder *builder, const struct table_config *table)
{
    const struct pipeline *pipeline = builder->pipeline;

    for (uint32_t i = 0; i < pipeline->table_count; i++) {
        const struct table_config *other = &pipeline->tables[i];

        if (!text_equal_nocase(other->database, table->database) ||
            !text_equal_nocase(other->table, table->table))
            continue;
        problems_add(builder->problems, table->place, "give it another name",
                     "the table '%s' is declared in line %u already",
                     other->name, other->place.line);
        return false;
    }
    return true;
}

/* --- one table ------------------------------------------------------------ */

static void
take_location(const struct table_making *making)
{
    struct builder *builder = making->builder;
    struct table_config *table = making->table;
    const char *location = making->options.location;
    struct place place = option_place(making->places, "location", 0, 0);
    struct choice choice = {
        .id = table->name, .kind = FB_SOURCE, .uri_place = place};

    if (location == NULL)
        return;
    if (strpbrk(location, "*?[") != NULL) {
        problems_add(builder->problems, place,
                     "name the folder alone; all below it is the table",
                     "the location of a table is no pattern: '%s'", location);
        return;
    }
    if (!text_ends_with(location, "/"))
        location = arena_printf(builder->arena, "%s/", location);
    table->location = location;
    table->source.uri = arena_printf(builder->arena, "%s**", location);
    table->source.uri_place = place;
    choice.uri = table->source.uri;
    table->source.plugin = choose_plugin(builder, &choice);
    if (table->source.plugin == NULL ||
        (table->source.plugin->discover != NULL &&
         table->source.plugin->read_bytes != NULL))
        return;
    problems_add(builder->problems, place,
                 "use a store such as a folder or s3://BUCKET/PREFIX/",
                 "the %s source cannot list and read objects, so they cannot "
                 "be a table",
                 table->source.plugin->name);
    table->source.plugin = NULL;
}

static void
take_partitions(const struct table_making *making)
{
    struct builder *builder = making->builder;
    const struct fb_map *map = &making->options.partitions;
    struct fb_column *columns =
        arena_array(builder->arena, map->count, sizeof(*columns));

    for (size_t i = 0; i < map->count; i++) {
        const struct fb_pair *pair = &map->pairs[i];
        struct place place = option_place(making->places, "partitions", i, 0);

        columns[i].name = pair->key;
        columns[i].type = column_type_of_name(pair->value);
        columns[i].constraints.min_length = -1;
        columns[i].constraints.max_length = -1;
        if (!is_identifier(pair->key, strlen(pair->key)))
            problems_add(builder->problems, place, "letters, digits and _",
                         "'%s' cannot be the key of a partition", pair->key);
        if (columns[i].type == 0)
            problems_add(builder->problems, place,
                         "string, integer, number, boolean, date, datetime",
                         "'%s' is no type of a column", pair->value);
    }
    making->table->partitions = columns;
    making->table->partition_count = (uint32_t)map->count;
}

static struct bytes_reading
bytes_of(const struct table_making *making)
{
    return (struct bytes_reading){.builder = making->builder,
                                  .body = making->body,
                                  .step = &making->table->source,
                                  .places = making->places,
                                  .subject = making->subject};
}

static void
read_source(const struct table_making *making)
{
    struct builder *builder = making->builder;
    struct pipeline_step *source = &making->table->source;
    struct options_reader reader =
        build_reader(making->builder, making->subject);
    const struct bytes_reading bytes = bytes_of(making);
    const char *schema = making->options.schema;

    if (source->plugin == NULL)
        return;
    source->instance =
        arena_zalloc(builder->arena, source->plugin->instance_size + 1);
    (void)options_read(&reader, source->plugin->options, source->instance,
                       making->body, build_settings(builder, source->plugin),
                       making->places);
    bytes_read_format(&bytes);
    if (schema != NULL && strcmp(schema, "infer") != 0)
        bytes_read_schema(&bytes, schema);
}

static void
read_table(struct builder *builder, const struct yaml_pair *pair,
           struct table_config *table)
{
    struct table_making making = {
        .builder = builder,
        .body = pair->value,
        .table = table,
        .places = places_new(builder->arena, table->place),
        .subject = arena_printf(builder->arena, "the table '%s'", table->name)};
    struct options_reader reader = build_reader(making.builder, making.subject);
    struct bytes_reading bytes;

    table->source = (struct pipeline_step){.id = table->name,
                                           .label = table->name,
                                           .title = table->name,
                                           .kind = FB_SOURCE,
                                           .place = table->place,
                                           .places = making.places};
    (void)options_read(&reader, host_options("table"), &making.options,
                       pair->value, NULL, making.places);
    table->infer_rows = making.options.infer_rows;
    take_location(&making);
    take_partitions(&making);
    bytes = bytes_of(&making);
    if (table->source.plugin != NULL)
        bytes_find_codec(&bytes, NULL);
    (void)bytes_check_keys(&bytes, host_options("table"), table->place);
    read_source(&making);
}

void
tables_read(struct builder *builder)
{
    const struct yaml_pair *section =
        yaml_pair(builder->document->root, "tables");
    struct table_config *tables;

    if (section == NULL)
        return;
    if (section->value->kind != YAML_MAP) {
        problems_add(builder->problems, yaml_place(section->value),
                     "write tables: {orders_db.orders: {location: ...}}",
                     "'tables' is a map, but here stands %s",
                     yaml_kind_name(section->value));
        return;
    }
    tables =
        arena_array(builder->arena, section->value->count + 1, sizeof(*tables));
    builder->pipeline->tables = tables;
    for (size_t i = 0; i < section->value->count; i++) {
        const struct yaml_pair *pair = &section->value->pairs[i];
        struct table_config *table = &tables[builder->pipeline->table_count];

        memset(table, 0, sizeof(*table));
        if (!take_name(builder, pair, table) || !is_another(builder, table))
            continue;
        if (pair->value->kind != YAML_MAP) {
            problems_add(builder->problems, table->place,
                         "write {location: FOLDER, schema: FILE}",
                         "a table is a map of its options, but here stands %s",
                         yaml_kind_name(pair->value));
            continue;
        }
        read_table(builder, pair, table);
        builder->pipeline->table_count++;
    }
}
