/*
 * config/bytes.c: format, dialect and schema, and whether they go together.
 */
#include "config/bytes.h"

#include <assert.h>

#include "config/keys.h"
#include "config/schema.h"
#include "util/error.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/text.h"

bool
bytes_are_moved_by(const struct fb_plugin *plugin)
{
    return plugin != NULL &&
           (plugin->kind == FB_SOURCE
                ? plugin->read_bytes != NULL
                : plugin->kind == FB_SINK && plugin->write_bytes != NULL);
}

/* Without a plugin, what is not the host's may be its option. */
size_t
bytes_check_keys(const struct bytes_reading *reading,
                 const struct fb_option *host, struct place owner)
{
    const struct builder *builder = reading->builder;
    const struct pipeline_step *step = reading->step;
    const struct fb_plugin *const owners[] = {step->plugin, step->codec};
    bool bytes = step->plugin != NULL
                     ? bytes_are_moved_by(step->plugin)
                     : step->kind == FB_SOURCE || step->kind == FB_SINK;
    const struct fb_option *const tables[] = {
        host, bytes ? format_options : NULL,
        step->plugin != NULL ? step->plugin->options : NULL,
        step->codec != NULL ? step->codec->options : NULL};
    struct keys_told told = {.count = 0};
    const struct keys_context context = {.arena = builder->arena,
                                         .problems = builder->problems,
                                         .registry = builder->registry,
                                         .subject = reading->subject,
                                         .tables = tables,
                                         .table_count = ARRAY_SIZE(tables),
                                         .open = step->plugin == NULL,
                                         .told = &told};
    size_t unknown = keys_check(&context, reading->body);

    (void)keys_require(&context, host, reading->body, NULL, owner);
    for (size_t i = 0; i < ARRAY_SIZE(owners); i++)
        if (owners[i] != NULL)
            (void)keys_require(&context, owners[i]->options, reading->body,
                               build_settings(builder, owners[i]), owner);
    return unknown;
}

static size_t
read_dialect(const struct bytes_reading *reading)
{
    const struct builder *builder = reading->builder;
    const struct yaml_pair *pair = yaml_pair(reading->body, "dialect");
    static const struct yaml_node nothing = {.kind = YAML_MAP};
    const struct fb_option *const tables[] = {dialect_options};
    struct keys_context keys = {.arena = builder->arena,
                                .problems = builder->problems,
                                .registry = builder->registry,
                                .subject = "'dialect'",
                                .tables = tables,
                                .table_count = 1};
    struct options_reader reader =
        build_reader(reading->builder, reading->subject);
    const struct yaml_node *map = pair != NULL ? pair->value : &nothing;

    if (map->kind != YAML_MAP) {
        problems_add(builder->problems, yaml_place(map),
                     "write dialect: {delimiter: \";\"}",
                     "'dialect' is a map, not %s", yaml_kind_name(map));
        return 1;
    }
    reader.subject = "'dialect'";
    reader.section = "dialect";
    return keys_check(&keys, map) + options_read(&reader, dialect_options,
                                                 &reading->step->format.dialect,
                                                 map, NULL, reading->places);
}

/* What the writer would refuse when the run begins (codec/writer.h). */
static size_t
check_writable(const struct bytes_reading *reading)
{
    if (reading->step->kind != FB_SINK ||
        reading->step->format.on_bad_char != BAD_CHAR_REJECT_ROW)
        return 0;
    problems_add(reading->builder->problems,
                 option_place(reading->places, "on_bad_char", 0, 0),
                 "write on_bad_char: fail, or replace",
                 "a sink cannot reject rows: 'reject_row' is for sources");
    return 1;
}

/* --- formats that a plugin knows ------------------------------------------ */

/* "csv, tsv, parquet": the formats that this kind of step may have. */
static const char **
known_formats(const struct builder *builder, enum fb_kind kind, size_t *count)
{
    size_t room = 3;
    const char **names;

    for (size_t i = 0; i < registry_count(builder->registry); i++) {
        const char *const *f = registry_at(builder->registry, i)->formats;

        for (; f != NULL && *f != NULL; f++)
            room++;
    }
    names = arena_array(builder->arena, room, sizeof(*names));
    names[0] = "csv";
    names[1] = "tsv";
    *count = 2;
    for (size_t i = 0; i < registry_count(builder->registry); i++) {
        const struct fb_plugin *plugin = registry_at(builder->registry, i);
        const char *const *f = plugin->kind == kind ? plugin->formats : NULL;

        for (; f != NULL && *f != NULL; f++)
            names[(*count)++] = *f;
    }
    return names;
}

static void
explain_format(const struct bytes_reading *reading)
{
    const struct builder *builder = reading->builder;
    size_t count;
    const char **names = known_formats(builder, reading->step->kind, &count);
    const char *near = text_nearest(reading->step->format.format, names, count);
    const char *all = "csv";

    for (size_t i = 1; i < count; i++)
        all = arena_printf(builder->arena, "%s, %s", all, names[i]);
    problems_add(
        builder->problems, option_place(reading->places, "format", 0, 0),
        near != NULL ? arena_printf(builder->arena, "did you mean '%s'?", near)
                     : arena_printf(builder->arena, "there are %s", all),
        "there is no format '%s'", reading->step->format.format);
}

/* What only text has. */
static void
refuse_text_options(const struct bytes_reading *reading)
{
    static const char *const names[] = {"charset", "compression", "header",
                                        "on_bad_char"};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const struct yaml_pair *pair = yaml_pair(reading->body, names[i]);

        if (pair != NULL)
            problems_add(reading->builder->problems, yaml_place(pair->key),
                         "take it out",
                         "'%s' is an option of text, and '%s' is none",
                         names[i], reading->step->format.format);
    }
    bytes_refuse_dialect(reading);
}

/* What is wrong with the name of the format is told by bytes_read_format. */
static const struct fb_plugin *
codec_of_format(const struct bytes_reading *reading,
                const struct yaml_pair *pair)
{
    struct options_reader reader =
        build_reader(reading->builder, reading->subject);
    const struct pipeline_step *step = reading->step;
    const struct fb_plugin *codec = NULL;
    struct format format;

    reader.problems = problems_new();
    format_init(&format);
    if (options_read_one(&reader, options_find(format_options, "format"),
                         &format, pair, FROM_STEP,
                         places_new(reader.arena, step->place)) == 0)
        codec = registry_by_format(reading->builder->registry, step->kind,
                                   format.format);
    problems_free(reader.problems);
    return codec;
}

void
bytes_find_codec(const struct bytes_reading *reading,
                 const struct fb_plugin *codec)
{
    struct pipeline_step *step = reading->step;
    const struct yaml_pair *pair = yaml_pair(reading->body, "format");

    step->codec = codec;
    if (pair == NULL)
        return;
    if (codec == NULL)
        step->codec = codec_of_format(reading, pair);
    else
        problems_add(reading->builder->problems, yaml_place(pair->key),
                     "take it out", "'type' says already that it is %s",
                     codec->name);
}

static void
read_codec(const struct bytes_reading *reading)
{
    struct builder *builder = reading->builder;
    struct pipeline_step *step = reading->step;
    struct options_reader reader =
        build_reader(reading->builder, reading->subject);

    format_init(&step->format);
    step->format.format = step->codec->formats[0];
    refuse_text_options(reading);
    step->codec_instance =
        arena_zalloc(builder->arena, step->codec->instance_size + 1);
    (void)options_read(&reader, step->codec->options, step->codec_instance,
                       reading->body, build_settings(builder, step->codec),
                       reading->places);
}

static void
read_text(const struct bytes_reading *reading, size_t failed)
{
    struct pipeline_step *step = reading->step;
    struct fb_error err = FB_ERROR_INIT;
    const struct fb_option *found;
    const char *option = NULL;

    failed += read_dialect(reading) + check_writable(reading);
    if (failed > 0 || format_check(&step->format, &option, &err) == 0)
        return;
    assert(option != NULL);
    found = options_find(format_options, option);
    if (found == NULL)
        found = options_find(dialect_options, option);
    if (err.hint[0] == '\0' && found != NULL)
        fb_hint(&err, "%s", found->help);
    problems_add_error(reading->builder->problems,
                       option_place(reading->places, option, 0, 0), &err);
}

void
bytes_read_format(const struct bytes_reading *reading)
{
    struct pipeline_step *step = reading->step;
    struct options_reader reader =
        build_reader(reading->builder, reading->subject);
    size_t failed;

    if (step->codec != NULL) {
        read_codec(reading);
        return;
    }
    failed = options_read(&reader, format_options, &step->format, reading->body,
                          NULL, reading->places);
    if (failed == 0 && !format_is_text(&step->format))
        explain_format(reading);
    else
        read_text(reading, failed);
}

void
bytes_refuse_dialect(const struct bytes_reading *reading)
{
    const struct yaml_pair *pair = yaml_pair(reading->body, "dialect");

    if (pair != NULL)
        problems_add(reading->builder->problems, yaml_place(pair->key),
                     "take it out",
                     "'dialect' is an option of sources and sinks of bytes, "
                     "not of %s",
                     reading->subject);
}

/* The file as it was when the document was first built: a pipeline does not
 * change while an invocation works through its triggers.  NULL after a
 * problem; the text counts as part of the pipeline's all the same. */
static const struct schema *
schema_of_path(const struct bytes_reading *reading, const char *path)
{
    struct builder *builder = reading->builder;
    const struct document *document = builder->document;
    struct kept_schema *kept = *document->schemas;
    struct schema_text text;
    const struct schema *schema;

    while (kept != NULL && strcmp(kept->path, path) != 0)
        kept = kept->next;
    if (kept != NULL) {
        sha256_update(&builder->sha, kept->text, kept->size);
        return kept->schema;
    }
    schema = schema_read(document->arena, path,
                         option_place(reading->places, "schema", 0, 0), &text,
                         builder->problems);
    if (text.bytes != NULL)
        sha256_update(&builder->sha, text.bytes, text.size);
    if (schema == NULL)
        return NULL;
    kept = arena_zalloc(document->arena, sizeof(*kept));
    *kept =
        (struct kept_schema){arena_strdup(document->arena, path), text.bytes,
                             text.size, schema, *document->schemas};
    *document->schemas = kept;
    return schema;
}

void
bytes_read_schema(const struct bytes_reading *reading, const char *name)
{
    struct builder *builder = reading->builder;
    struct known_schema *known = builder->schemas;
    const char *path;

    if (name == NULL)
        return;
    path =
        file_join(builder->arena,
                  file_folder(builder->arena, builder->document->path), name);
    while (known != NULL && strcmp(known->path, path) != 0)
        known = known->next;
    if (known == NULL) {
        known = arena_zalloc(builder->arena, sizeof(*known));
        known->path = path;
        known->next = builder->schemas;
        builder->schemas = known;
        known->schema = schema_of_path(reading, path);
    }
    reading->step->schema = known->schema;
}
