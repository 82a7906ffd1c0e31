#include "registry/jsonstep.h"

#include <assert.h>

#include "registry/jsonvalue.h"

/* What a plain path looks like: no scheme, and none that a substitution
 * could bring. */
static const char plain_path[] = "^(?!\\$\\{)(?![A-Za-z][A-Za-z0-9+.-]*:)";
/* A substitution that may bring the scheme. */
static const char open_uri[] = "^[^/]*\\$\\{";

const char *
jsonstep_definition(const struct jsonstep *step, const struct fb_plugin *plugin)
{
    return arena_printf(step->arena, "%s.%s", registry_kind_name(plugin->kind),
                        plugin->name);
}

/* --- which plugin a step is of --- */

/* The beginning of its uris, as a regular expression of ECMA-262, which has
 * no switch for the case of letters. */
static const char *
scheme_pattern(struct arena *arena, const char *scheme)
{
    const char *text = "^";
    bool first = true;

    if (strcmp(scheme, "file") == 0)
        return arena_printf(arena, "^[fF][iI][lL][eE]:|%s", plain_path);
    for (; *scheme != '\0'; scheme++) {
        char c = *scheme;

        if (c == '*')
            text = arena_printf(arena, "%s[^:]+", text);
        else if (first && c >= 'a' && c <= 'z')
            text = arena_printf(arena, "%s[%c%c]", text, c, c - 'a' + 'A');
        else if (c == '.' || c == '+')
            text = arena_printf(arena, "%s\\%c", text, c);
        else
            text = arena_printf(arena, "%s%c", text, c);
        first = first && c != ':';
    }
    return arena_printf(arena, "%s:", text);
}

static const char *
schemes_pattern(struct arena *arena, const char *const *schemes)
{
    const char *text = NULL;

    for (; schemes != NULL && *schemes != NULL; schemes++) {
        const char *one = scheme_pattern(arena, *schemes);

        text = text == NULL ? one : arena_printf(arena, "%s|%s", text, one);
    }
    return text;
}

static json_t *
has_uri_without_type(const char *pattern)
{
    json_t *schema = js_has("uri", js_single("pattern", js_text(pattern)));

    js_put(schema, "not", js_single("required", js_list_of("type")));
    return schema;
}

json_t *
jsonstep_is_of(const struct jsonstep *step, const struct fb_plugin *plugin)
{
    const char *pattern = schemes_pattern(step->arena, plugin->schemes);
    json_t *ways = json_array();

    js_add(ways, js_has("type", js_single("const", js_text(plugin->name))));
    if (pattern != NULL)
        js_add(ways, has_uri_without_type(pattern));
    return js_single("anyOf", ways);
}

static json_t *
is_open(const struct jsonstep *step)
{
    json_t *ways = json_array();

    js_add(ways, js_has("type", js_ref(step->arena, "substituted")));
    js_add(ways, has_uri_without_type(open_uri));
    return js_single("anyOf", ways);
}

/* --- steps --- */

/* Its options, and those of every step that moves bytes when it is one. */
json_t *
jsonstep_plugin(const struct jsonstep *step, const struct fb_plugin *plugin)
{
    json_t *properties = json_object();
    json_t *schema = js_object_of(properties);

    if (plugin->read_bytes != NULL || plugin->write_bytes != NULL) {
        jsonvalue_properties(step->arena, properties, step->host->format);
        if (step->host->dialect != NULL)
            js_put(properties, "dialect", js_ref(step->arena, "dialect"));
    }
    jsonvalue_properties(step->arena, properties, plugin->options);
    js_put(schema, "description", js_text(plugin->summary));
    return schema;
}

/* Every option of every plugin of a kind, whatever its value. */
static json_t *
all_options(const struct jsonstep *step, enum fb_kind kind)
{
    json_t *properties = json_object();

    for (size_t i = 0; i < registry_count(step->registry); i++) {
        const struct fb_plugin *plugin = registry_at(step->registry, i);
        json_t *definition, *value;
        const char *key;

        if (plugin->kind != kind)
            continue;
        definition = json_object_get(step->definitions,
                                     jsonstep_definition(step, plugin));
        definition = json_object_get(definition, "properties");
        json_object_foreach(definition, key, value)
        {
            js_put(properties, key, json_true());
        }
    }
    return js_single("properties", properties);
}

static json_t *
type_schema(const struct jsonstep *step, enum fb_kind kind)
{
    json_t *names = json_array(), *ways = json_array(), *schema;

    for (size_t i = 0; i < registry_count(step->registry); i++) {
        const struct fb_plugin *plugin = registry_at(step->registry, i);

        if (plugin->kind == kind && (plugin->flags & FB_LISTS_OTHERS) == 0)
            js_add(names, js_text(plugin->name));
    }
    js_add(ways, js_single("enum", names));
    js_add(ways, js_ref(step->arena, "substituted"));
    schema = js_single("anyOf", ways);
    js_put(schema, "description",
           js_text("The plugin; left out, the uri's scheme says it."));
    return schema;
}

/* What the host's tables cannot say: which plugins there are, and that a
 * dialect is for some of them only. */
static void
refine_keys(const struct jsonstep *step, enum fb_kind kind, json_t *properties)
{
    if (json_object_get(properties, "type") != NULL)
        js_put(properties, "type", type_schema(step, kind));
    (void)json_object_del(properties, "dialect");
}

/* One case a plugin, and one where a substitution decides. */
static json_t *
cases_of(const struct jsonstep *step, enum fb_kind kind)
{
    json_t *cases = json_array();

    for (size_t i = 0; i < registry_count(step->registry); i++) {
        const struct fb_plugin *plugin = registry_at(step->registry, i);
        const char *definition;

        if (plugin->kind != kind)
            continue;
        definition = jsonstep_definition(step, plugin);
        assert(json_object_get(step->definitions, definition) != NULL);
        js_add(cases, js_if_then(jsonstep_is_of(step, plugin),
                                 js_ref(step->arena, definition)));
    }
    js_add(cases, js_if_then(is_open(step), all_options(step, kind)));
    return cases;
}

json_t *
jsonstep_of_kind(const struct jsonstep *step, enum fb_kind kind,
                 const struct fb_option *keys)
{
    json_t *properties = json_object();
    json_t *schema = js_object_of(properties);

    jsonvalue_properties(step->arena, properties, keys);
    refine_keys(step, kind, properties);
    js_put(schema, "allOf", cases_of(step, kind));
    js_put_required(schema, jsonvalue_required(keys));
    js_put(schema, "unevaluatedProperties", json_false());
    return schema;
}
