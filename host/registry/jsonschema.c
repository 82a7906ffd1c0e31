#include "registry/jsonschema.h"

#include <assert.h>

#include "registry/jsonstep.h"
#include "registry/jsonvalue.h"
#include "util/arena.h"
#include "util/mem.h"

static const struct {
    enum fb_kind kind;
    const char *map; /* the key in the pipeline */
} kinds[] = {
    {FB_SOURCE, "sources"},
    {FB_TRANSFORM, "transforms"},
    {FB_SINK, "sinks"},
    {FB_NOTIFIER, "notifiers"},
};

static const struct fb_option *
host_options_of(const struct describe_host *host, enum fb_kind kind)
{
    switch (kind) {
    case FB_SOURCE:
        return host->source;
    case FB_TRANSFORM:
        return host->transform;
    case FB_SINK:
        return host->sink;
    case FB_NOTIFIER:
        return host->notifier;
    }
    return NULL;
}

/* --- definitions --- */

static json_t *
table_schema(const struct jsonstep *step, const struct fb_option *options)
{
    json_t *properties = json_object();
    json_t *schema = js_object_of(properties);

    jsonvalue_properties(step->arena, properties, options);
    js_put_required(schema, jsonvalue_required(options));
    js_put(schema, "additionalProperties", json_false());
    return schema;
}

/* The plugins first, for the steps are made from them. */
static void
define_all(const struct jsonstep *step)
{
    const struct describe_host *host = step->host;
    json_t *definitions = step->definitions;

    js_put(definitions, "substituted", jsonvalue_substituted());
    if (host->dialect != NULL)
        js_put(definitions, "dialect", table_schema(step, host->dialect));
    for (size_t i = 0; i < registry_count(step->registry); i++) {
        const struct fb_plugin *plugin = registry_at(step->registry, i);

        js_put(definitions, jsonstep_definition(step, plugin),
               jsonstep_plugin(step, plugin));
    }
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        js_put(definitions, registry_kind_name(kinds[i].kind),
               jsonstep_of_kind(step, kinds[i].kind,
                                host_options_of(host, kinds[i].kind)));
}

/* --- the whole --- */

/* Defaults for all steps of a plugin, of whatever kind they are. */
static json_t *
settings_schema(const struct jsonstep *step)
{
    json_t *properties = json_object();
    json_t *schema = js_object_of(properties);

    for (size_t i = 0; i < registry_count(step->registry); i++) {
        const struct fb_plugin *plugin = registry_at(step->registry, i);
        json_t *one = json_object_get(properties, plugin->name);

        if (one == NULL) {
            one = js_single("type", js_text("object"));
            js_put(one, "anyOf", json_array());
            js_put(one, "unevaluatedProperties", json_false());
            js_put(properties, plugin->name, one);
        }
        js_add(json_object_get(one, "anyOf"),
               js_ref(step->arena, jsonstep_definition(step, plugin)));
    }
    js_put(schema, "additionalProperties", json_false());
    return schema;
}

/* Under which key of the pipeline steps of a kind stand. */
static const char *
map_of(enum fb_kind kind)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (kinds[i].kind == kind)
            return kinds[i].map;
    return NULL;
}

static json_t *
steps_schema(json_t *step)
{
    json_t *schema = js_single("type", js_text("object"));

    js_put(schema, "additionalProperties", step);
    return schema;
}

/* An option that a step must have, unless the settings of its plugin may
 * give it: NULL when the plugin has none. */
static json_t *
requirement(const struct jsonstep *step, const struct fb_plugin *plugin)
{
    json_t *names = jsonvalue_required(plugin->options);
    json_t *steps, *settings;

    if (json_array_size(names) == 0) {
        json_decref(names);
        return NULL;
    }
    steps = steps_schema(
        js_if_then(jsonstep_is_of(step, plugin), js_single("required", names)));
    settings =
        js_has("settings", js_single("required", js_list_of(plugin->name)));
    return js_if_then(
        js_single("not", settings),
        js_single("properties", js_single(map_of(plugin->kind), steps)));
}

static json_t *
requirements(const struct jsonstep *step)
{
    json_t *all = json_array();

    for (size_t i = 0; i < registry_count(step->registry); i++) {
        json_t *one = requirement(step, registry_at(step->registry, i));

        if (one != NULL)
            js_add(all, one);
    }
    return all;
}

/* Put a section in, with the words that the host's table has for it. */
static void
put_section(json_t *properties, const char *key, json_t *section)
{
    json_t *old = json_object_get(properties, key);
    json_t *words = json_object_get(old, "description");

    if (words != NULL)
        js_put(section, "description", json_incref(words));
    js_put(properties, key, section);
}

static json_t *
vars_schema(void)
{
    json_t *schema = js_single("type", js_text("object"));

    js_put(schema, "additionalProperties", jsonvalue_scalar());
    return schema;
}

static void
put_sections(const struct jsonstep *step, json_t *properties)
{
    const struct describe_host *host = step->host;

    put_section(properties, "vars", vars_schema());
    put_section(properties, "settings", settings_schema(step));
    if (host->window != NULL)
        put_section(properties, "window", table_schema(step, host->window));
    if (host->trigger != NULL)
        put_section(properties, "trigger",
                    jsonstep_of_kind(step, FB_SOURCE, host->trigger));
    if (host->table != NULL)
        put_section(
            properties, "tables",
            steps_schema(jsonstep_of_kind(step, FB_SOURCE, host->table)));
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        put_section(properties, kinds[i].map,
                    steps_schema(js_ref(step->arena,
                                        registry_kind_name(kinds[i].kind))));
}

static json_t *
finish_schema(struct jsonstep *step, json_t *schema)
{
    js_put(schema, "$schema",
           js_text("https://json-schema.org/draft/2020-12/schema"));
    js_put(schema, "$defs", step->definitions);
    arena_free(step->arena);
    return schema;
}

static void
begin(struct jsonstep *step, const struct registry *registry,
      const struct describe_host *host)
{
    assert(host != NULL);
    *step = (struct jsonstep){.arena = arena_new(),
                              .registry = registry,
                              .host = host,
                              .definitions = json_object()};
    define_all(step);
}

json_t *
jsonschema_pipeline(const struct registry *registry,
                    const struct describe_host *host)
{
    struct jsonstep step;
    json_t *properties = json_object(), *schema = js_object_of(properties);
    json_t *required;

    begin(&step, registry, host);
    jsonvalue_properties(step.arena, properties, host->pipeline);
    put_sections(&step, properties);
    required = requirements(&step);
    if (json_array_size(required) > 0)
        js_put(schema, "allOf", required);
    else
        json_decref(required);
    js_put_required(schema, jsonvalue_required(host->pipeline));
    js_put(schema, "title", js_text("A Forebay pipeline"));
    js_put(schema, "additionalProperties", json_false());
    return finish_schema(&step, schema);
}

/* A step as in a pipeline, of which `type` or `uri` says that it is of this
 * plugin. */
json_t *
jsonschema_step(const struct registry *registry, const char *name,
                const struct describe_host *host)
{
    struct jsonstep step;
    json_t *ways = json_array(), *schema;

    begin(&step, registry, host);
    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct fb_plugin *plugin = registry_at(registry, i);
        json_t *both;

        if (strcmp(plugin->name, name) != 0)
            continue;
        both = json_array();
        js_add(both, jsonstep_is_of(&step, plugin));
        js_add(both, js_ref(step.arena, registry_kind_name(plugin->kind)));
        js_add(ways, js_single("allOf", both));
    }
    if (json_array_size(ways) == 0) {
        json_decref(ways);
        json_decref(step.definitions);
        arena_free(step.arena);
        return NULL;
    }
    schema = js_single("anyOf", ways);
    js_put(schema, "title",
           js_text(arena_printf(step.arena, "A step of the plugin %s", name)));
    return finish_schema(&step, schema);
}
