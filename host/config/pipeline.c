/*
 * config/pipeline.c: the top level of a pipeline file: name, variables,
 * settings, window and trigger; and the order in which all is read.
 */
#include "config/pipeline.h"

#include <assert.h>

#include "config/build.h"
#include "config/choose.h"
#include "config/keys.h"
#include "config/schema.h"
#include "util/error.h"
#include "util/file.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

/* Unknown keys, and missing ones; returns how many were unknown. */
static size_t
check_keys(const struct builder *builder, const char *subject,
           const struct fb_option *host, const struct fb_plugin *plugin,
           const struct yaml_node *map, struct place owner)
{
    const struct fb_option *const tables[] = {
        host, plugin != NULL ? plugin->options : NULL};
    struct keys_told told = {.count = 0};
    struct keys_context context = {.arena = builder->arena,
                                   .problems = builder->problems,
                                   .registry = builder->registry,
                                   .subject = subject,
                                   .tables = tables,
                                   .table_count = ARRAY_SIZE(tables),
                                   .told = &told};
    size_t unknown = keys_check(&context, map);

    (void)keys_require(&context, host, map, NULL, owner);
    if (plugin != NULL)
        (void)keys_require(&context, plugin->options, map,
                           build_settings(builder, plugin), owner);
    return unknown;
}

/* A section of the top level that must be a map; NULL when it is not there
 * or, after a problem, no map. */
static const struct yaml_pair *
section(struct builder *builder, const char *name)
{
    const struct yaml_pair *pair = yaml_pair(builder->document->root, name);

    if (pair == NULL || pair->value->kind == YAML_MAP)
        return pair;
    builder->unclear = true;
    problems_add(
        builder->problems,
        yaml_place(yaml_is_empty(pair->value) ? pair->key : pair->value),
        "write {name: value}, or take it out",
        "'%s' is a map, but here stands %s", name, yaml_kind_name(pair->value));
    return NULL;
}

static bool
is_word(const char *text)
{
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                   "0123456789_-",
                   *text) == NULL)
            return false;
    }
    return true;
}

static void
read_top(struct builder *builder)
{
    const struct fb_option *table = host_options("pipeline");
    const struct yaml_node *root = builder->document->root;
    struct options_reader reader = build_reader(builder, "a pipeline");
    struct pipeline_options options = {.description = ""};
    struct place whole = {.file = root->source->file};
    struct option_places *places = places_new(builder->arena, whole);

    if (check_keys(builder, "a pipeline", table, NULL, root, whole) > 0)
        builder->unclear = true;
    (void)options_read(&reader, table, &options, root, NULL, places);
    builder->places = places;
    builder->pipeline->name = options.pipeline;
    builder->pipeline->description = options.description;
    if (options.pipeline != NULL && !is_word(options.pipeline))
        problems_add(builder->problems, option_place(places, "pipeline", 0, 0),
                     "letters, digits, _ and -",
                     "'%s' cannot be the name of a pipeline", options.pipeline);
}

/* --- settings --- */

static const struct fb_option *
find_setting(const struct builder *builder, const char *name,
             const char *option, const struct fb_plugin **owner)
{
    for (size_t i = 0; i < registry_count(builder->registry); i++) {
        const struct fb_plugin *plugin = registry_at(builder->registry, i);
        const struct fb_option *found =
            strcmp(plugin->name, name) == 0
                ? options_find(plugin->options, option)
                : NULL;

        if (found != NULL) {
            *owner = plugin;
            return found;
        }
    }
    return NULL;
}

/* The option tables of all plugins of that name: a source and a sink. */
static size_t
setting_tables(const struct builder *builder, const char *name,
               const struct fb_option **tables)
{
    size_t count = 0;

    for (size_t i = 0; i < registry_count(builder->registry); i++) {
        const struct fb_plugin *plugin = registry_at(builder->registry, i);

        if (strcmp(plugin->name, name) == 0)
            tables[count++] = plugin->options;
    }
    return count;
}

static void
check_setting(const struct builder *builder, const char *name,
              const struct yaml_node *map)
{
    const char *subject = arena_printf(builder->arena, "the %s plugin", name);
    const struct fb_option **tables =
        arena_array(builder->arena, registry_count(builder->registry) + 1,
                    sizeof(const struct fb_option *));
    struct keys_context context = {.arena = builder->arena,
                                   .problems = builder->problems,
                                   .registry = builder->registry,
                                   .subject = subject,
                                   .tables = tables,
                                   .table_count =
                                       setting_tables(builder, name, tables)};
    struct options_reader reader = build_reader(builder, subject);

    (void)keys_check(&context, map);
    for (size_t i = 0; i < map->count; i++) {
        const struct yaml_pair *pair = &map->pairs[i];
        const struct fb_plugin *plugin;
        const struct fb_option *option =
            find_setting(builder, name, pair->key->text, &plugin);
        struct option_places *places =
            places_new(builder->arena, yaml_place(pair->key));

        /* Read here for its problems alone: every step that uses it reads it
         * again into its own instance. */
        if (option != NULL &&
            options_read_one(
                &reader, option,
                arena_zalloc(builder->arena, plugin->instance_size + 1), pair,
                FROM_SETTINGS, places) != 0)
            continue;
    }
}

static const char *
nearest_plugin(const struct builder *builder, const char *name)
{
    size_t count = registry_count(builder->registry);
    const char **names = arena_array(builder->arena, count + 1, sizeof(*names));

    for (size_t i = 0; i < count; i++)
        names[i] = registry_at(builder->registry, i)->name;
    return text_nearest(name, names, count);
}

static bool
is_plugin(const struct builder *builder, const char *name)
{
    for (size_t i = 0; i < registry_count(builder->registry); i++) {
        if (strcmp(registry_at(builder->registry, i)->name, name) == 0)
            return true;
    }
    return false;
}

static void
read_settings(struct builder *builder)
{
    const struct yaml_pair *pair = section(builder, "settings");

    if (pair == NULL)
        return;
    builder->settings = pair->value;
    for (size_t i = 0; i < pair->value->count; i++) {
        const struct yaml_pair *plugin = &pair->value->pairs[i];
        const char *name = plugin->key->text;
        const char *nearest;

        registry_load(builder->registry, name);
        if (!is_plugin(builder, name)) {
            nearest = nearest_plugin(builder, name);
            problems_add(builder->problems, yaml_place(plugin->key),
                         nearest != NULL
                             ? arena_printf(builder->arena,
                                            "did you mean '%s'?", nearest)
                             : "forebay plugins lists what is loaded",
                         "there is no plugin '%s'", name);
        } else if (plugin->value->kind != YAML_MAP) {
            problems_add(builder->problems, yaml_place(plugin->value),
                         "write the options of the plugin: {name: value}",
                         "the settings of '%s' are a map, not %s", name,
                         yaml_kind_name(plugin->value));
        } else {
            check_setting(builder, name, plugin->value);
        }
    }
}

const struct yaml_node *
build_settings(const struct builder *builder, const struct fb_plugin *plugin)
{
    const struct yaml_node *map = yaml_get(builder->settings, plugin->name);

    return map != NULL && map->kind == YAML_MAP ? map : NULL;
}

/* --- window and trigger --- */

static void
read_window(struct builder *builder)
{
    const struct fb_option *table = host_options("window");
    const struct yaml_pair *pair = section(builder, "window");
    struct window_config *window = &builder->pipeline->window;
    struct options_reader reader = build_reader(builder, "'window'");
    struct option_places *places;

    if (pair == NULL)
        return;
    window->given = true;
    window->place = yaml_place(pair->key);
    window->places = places = places_new(builder->arena, window->place);
    (void)check_keys(builder, "'window'", table, NULL, pair->value,
                     window->place);
    (void)options_read(&reader, table, window, pair->value, NULL, places);
    if (window->holidays != NULL)
        window->holidays =
            file_join(builder->arena,
                      file_folder(builder->arena, builder->document->path),
                      window->holidays);
}

static void
choose_trigger_plugin(struct builder *builder)
{
    struct trigger_config *trigger = &builder->pipeline->trigger;
    struct choice choice = {.id = "trigger",
                            .kind = FB_SOURCE,
                            .uri = trigger->uri,
                            .uri_place =
                                option_place(trigger->places, "uri", 0, 0)};

    trigger->plugin = choose_plugin(builder, &choice);
    if (trigger->plugin == NULL || trigger->plugin->discover != NULL)
        return;
    problems_add(builder->problems, choice.uri_place,
                 "use a source that can, such as file",
                 "the %s source cannot list what is there, so it cannot be a "
                 "trigger",
                 trigger->plugin->name);
    trigger->plugin = NULL;
}

static void
read_trigger_plugin(struct builder *builder, const struct yaml_node *map,
                    struct option_places *places)
{
    struct trigger_config *trigger = &builder->pipeline->trigger;
    const struct fb_plugin *plugin = trigger->plugin;
    struct options_reader reader = build_reader(
        builder, arena_printf(builder->arena, "the %s trigger", plugin->name));

    trigger->instance = arena_zalloc(builder->arena, plugin->instance_size + 1);
    (void)options_read(&reader, plugin->options, trigger->instance, map,
                       build_settings(builder, plugin), places);
}

/* The plugin of the objects that another one announces. */
static const struct fb_plugin *
choose_announced(struct builder *builder, struct place place)
{
    const struct choice choice = {.id = "trigger",
                                  .kind = FB_SOURCE,
                                  .uri = builder->pipeline->trigger.match,
                                  .uri_place = place};
    const struct fb_plugin *plugin = choose_plugin(builder, &choice);

    if (plugin == NULL ||
        (plugin->discover != NULL && (plugin->flags & FB_LISTS_OTHERS) == 0))
        return plugin;
    problems_add(builder->problems, place,
                 "name objects of a store, such as s3://BUCKET/raw/*.csv",
                 "the %s source cannot list what is there, so its objects "
                 "cannot be announced",
                 plugin->name);
    return NULL;
}

static void
read_announced(struct builder *builder)
{
    struct trigger_config *trigger = &builder->pipeline->trigger;
    struct place place = option_place(trigger->places, "match", 0, 0);
    const struct fb_plugin *plugin = choose_announced(builder, place);
    static const struct yaml_node nothing = {.kind = YAML_MAP};
    struct options_reader reader =
        build_reader(builder, "the trigger's objects");
    struct option_places *places;

    if (plugin == NULL)
        return;
    places = places_new(builder->arena, place);
    trigger->objects = (struct pipeline_step){
        .id = "trigger",
        .label = "trigger",
        .kind = FB_SOURCE,
        .place = place,
        .plugin = plugin,
        .uri = trigger->match,
        .uri_place = place,
        .instance = arena_zalloc(builder->arena, plugin->instance_size + 1),
        .places = places,
    };
    (void)options_read(&reader, plugin->options, trigger->objects.instance,
                       &nothing, build_settings(builder, plugin), places);
}

/* Who lists its own objects needs no second pattern; who announces those of
 * others must not start runs for all of them. */
static void
check_match(struct builder *builder, const struct yaml_node *map)
{
    const struct trigger_config *trigger = &builder->pipeline->trigger;
    const struct fb_plugin *plugin = trigger->plugin;
    bool announces = plugin != NULL && (plugin->flags & FB_LISTS_OTHERS) != 0;

    if (trigger->match != NULL && announces)
        read_announced(builder);
    else if (announces && yaml_get(map, "match") == NULL)
        problems_add(builder->problems,
                     option_place(trigger->places, "uri", 0, 0),
                     "write match: PATTERN, such as s3://BUCKET/raw/*.csv",
                     "the %s trigger does not say which objects may start a "
                     "run",
                     plugin->name);
    else if (trigger->match != NULL && (plugin != NULL || trigger->uri == NULL))
        problems_add(
            builder->problems, option_place(trigger->places, "match", 0, 0),
            "take it out; the pattern of a trigger stands in its 'uri'",
            "'match' is for triggers that announce objects of another "
            "store%s%s%s",
            plugin != NULL ? ", and the " : "",
            plugin != NULL ? plugin->name : "",
            plugin != NULL ? " trigger lists its own" : "");
}

static void
check_trigger_kind(struct builder *builder, const struct yaml_node *map,
                   bool unclear)
{
    const struct trigger_config *trigger = &builder->pipeline->trigger;

    if (!unclear && trigger->uri == NULL && trigger->after == NULL &&
        yaml_get(map, "uri") == NULL && yaml_get(map, "after") == NULL)
        problems_add(builder->problems, trigger->place,
                     "write uri: PATTERN or after: PIPELINE",
                     "the trigger says neither 'uri' nor 'after'");
    if (trigger->uri != NULL && trigger->after != NULL)
        problems_add(
            builder->problems, option_place(trigger->places, "after", 0, 0),
            "take one of the two out", "a trigger has either 'uri' or 'after'");
    if (trigger->after != NULL && !is_word(trigger->after))
        problems_add(builder->problems,
                     option_place(trigger->places, "after", 0, 0),
                     "it is what stands behind pipeline: in the other file",
                     "'%s' cannot be the name of a pipeline", trigger->after);
}

static void
read_trigger(struct builder *builder)
{
    const struct fb_option *table = host_options("trigger");
    const struct yaml_pair *pair = section(builder, "trigger");
    struct trigger_config *trigger = &builder->pipeline->trigger;
    struct options_reader reader = build_reader(builder, "'trigger'");
    struct trigger_options options = {.uri = NULL};
    struct option_places *places;
    size_t unknown;

    if (yaml_pair(builder->document->root, "trigger") != NULL && pair == NULL)
        names_set_trigger(builder->names, NULL);
    if (pair == NULL)
        return;
    trigger->given = true;
    trigger->place = yaml_place(pair->key);
    trigger->places = places = places_new(builder->arena, trigger->place);
    (void)options_read(&reader, table, &options, pair->value, NULL, places);
    trigger->uri = options.uri;
    trigger->match = options.match;
    trigger->after = options.after;
    trigger->portable_names = options.names == 2;
    trigger->wait_ms = options.wait_ms;
    trigger->attempts = options.attempts;
    if (trigger->uri != NULL) {
        choose_trigger_plugin(builder);
        if (trigger->plugin != NULL)
            read_trigger_plugin(builder, pair->value, places);
        names_set_trigger(builder->names, builder->scope->trigger_uri != NULL
                                              ? builder->scope->trigger_uri
                                              : trigger_pattern(trigger));
    } else if (trigger->after == NULL) {
        names_set_trigger(builder->names, NULL);
    }
    unknown = check_keys(builder, "'trigger'", table, trigger->plugin,
                         pair->value, trigger->place);
    check_trigger_kind(builder, pair->value, unknown > 0);
    check_match(builder, pair->value);
}

/* --- the whole --- */

static void
finish_digest(struct builder *builder)
{
    unsigned char digest[32];
    char *hex = arena_alloc(builder->arena, 2 * sizeof(digest) + 1);

    sha256_final(&builder->sha, digest);
    sha256_hex(digest, sizeof(digest), hex);
    builder->pipeline->digest = hex;
}

void
build_pipeline(struct builder *builder)
{
    const struct yaml_node *root = builder->document->root;
    const struct yaml_pair *vars;

    sha256_init(&builder->sha);
    sha256_update(&builder->sha, builder->document->source->text,
                  builder->document->source->size);
    if (root->kind != YAML_MAP) {
        problems_add(builder->problems, yaml_place(root),
                     "it begins with pipeline: NAME",
                     "a pipeline is a map, not %s", yaml_kind_name(root));
        return;
    }
    vars = section(builder, "vars");
    if (vars != NULL)
        names_define_vars(builder->names, vars->value);
    read_top(builder);
    read_settings(builder);
    read_window(builder);
    read_trigger(builder);
    tables_read(builder);
    steps_draft(builder);
    topology_link(builder);
    steps_make(builder);
    topology_check(builder);
    overlap_check(builder);
    names_report_unused(builder->names);
    finish_digest(builder);
}

struct options_reader
build_reader(const struct builder *builder, const char *subject)
{
    return (struct options_reader){.arena = builder->arena,
                                   .names = builder->names,
                                   .problems = builder->problems,
                                   .subject = subject};
}

void
build_init(struct builder *builder, struct arena *arena,
           const struct document *document, const struct scope *scope,
           const struct registry *registry, struct problems *problems)
{
    assert(document != NULL && scope != NULL && registry != NULL);
    *builder = (struct builder){
        .arena = arena,
        .document = document,
        .scope = scope,
        .registry = registry,
        .problems = problems,
        .names = names_new(arena, scope, document->root, problems),
        .pipeline = arena_zalloc(arena, sizeof(struct pipeline)),
    };
    builder->pipeline->arena = arena;
    builder->pipeline->path = arena_strdup(arena, document->path);
}

struct pipeline *
pipeline_build(const struct document *document, const struct scope *scope,
               const struct registry *registry, struct problems *problems)
{
    struct arena *arena = arena_new();
    size_t before = problems_added(problems);
    struct builder builder;

    build_init(&builder, arena, document, scope, registry, problems);
    build_pipeline(&builder);
    if (problems_added(problems) > before) {
        arena_free(arena);
        return NULL;
    }
    topology_order(&builder);
    assert(builder.pipeline->name != NULL);
    assert(builder.pipeline->step_count > 0);
    return builder.pipeline;
}

bool
pipeline_window(const struct document *document, const struct scope *scope,
                const struct registry *registry, struct arena *arena,
                struct window_config *window)
{
    struct problems *told = problems_new(); /* by pipeline_build() */
    const struct yaml_pair *vars;
    struct builder builder;
    size_t before;
    bool usable;

    build_init(&builder, arena, document, scope, registry, told);
    vars = yaml_pair(document->root, "vars");
    if (vars != NULL && vars->value->kind == YAML_MAP)
        names_define_vars(builder.names, vars->value);
    before = problems_added(told);
    read_window(&builder);
    usable = problems_added(told) == before;
    problems_free(told);
    *window = builder.pipeline->window;
    return usable && window->given;
}

void
pipeline_free(struct pipeline *pipeline)
{
    if (pipeline != NULL)
        arena_free(pipeline->arena);
}
