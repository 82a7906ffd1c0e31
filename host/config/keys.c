/*
 * config/keys.c: a key that stands in the wrong place is told from one that
 * is misspelled.
 */
#include "config/keys.h"

#include "codec/format.h"
#include "config/host_options.h"
#include "config/options.h"
#include "util/mem.h"
#include "util/text.h"

static bool
is_known(const struct keys_context *context, const char *key)
{
    for (size_t i = 0; i < context->table_count; i++) {
        if (options_find(context->tables[i], key) != NULL)
            return true;
    }
    return false;
}

static size_t
collect(const struct keys_context *context, const char ***names)
{
    size_t count = 0;

    for (size_t i = 0; i < context->table_count; i++) {
        for (const struct fb_option *option = context->tables[i];
             option != NULL && option->name != NULL; option++)
            count++;
    }
    *names = arena_array(context->arena, count + 1, sizeof(**names));
    count = 0;
    for (size_t i = 0; i < context->table_count; i++) {
        for (const struct fb_option *option = context->tables[i];
             option != NULL && option->name != NULL; option++)
            (*names)[count++] = option->name;
    }
    return count;
}

/* The option of a plugin: "the filter transform", or NULL. */
static const char *
plugin_owner(const struct keys_context *context, const char *key)
{
    registry_load(context->registry, NULL);
    for (size_t i = 0; i < registry_count(context->registry); i++) {
        const struct fb_plugin *plugin = registry_at(context->registry, i);

        if (options_find(plugin->options, key) != NULL)
            return arena_printf(context->arena, "the %s %s", plugin->name,
                                registry_kind_name(plugin->kind));
    }
    return NULL;
}

/* Who else has a key of this name. */
struct owner {
    const char *name; /* NULL: nobody */
    const char *hint;
    bool plugin;
};

static struct owner
owner_of(const struct keys_context *context, const char *key)
{
    static const struct owner owners[] = {
        {"the pipeline itself", "write it at the begin of a line", false},
        {"'window'", "write it below window:", false},
        {"'trigger'", "write it below trigger:", false},
        {"a source", "move it to the source, or take it out", false},
        {"a transform", "move it to a transform, or take it out", false},
        {"a sink", "move it to a sink, or take it out", false},
        {"a notifier", "move it to a notifier, or take it out", false},
    };
    struct owner owner = {.plugin = true};

    for (size_t i = 0; host_groups[i] != NULL; i++) {
        if (options_find(host_options(host_groups[i]), key) != NULL)
            return owners[i];
    }
    if (options_find(dialect_options, key) != NULL)
        return (struct owner){
            "'dialect'",
            arena_printf(context->arena, "write dialect: {%s: ...}", key),
            false};
    if (options_find(format_options, key) != NULL)
        return (struct owner){"sources and sinks of bytes",
                              "move it to the source or the sink", false};
    owner.name = plugin_owner(context, key);
    if (owner.name != NULL)
        owner.hint = arena_printf(context->arena,
                                  "move it to %s, or take it out", owner.name);
    return owner;
}

static void
remember(const struct keys_context *context, const char *name)
{
    struct keys_told *told = context->told;

    if (told != NULL && told->count < ARRAY_SIZE(told->names))
        told->names[told->count++] = name;
}

static const char *
nearest_key(const struct keys_context *context, const char *key)
{
    const char **names;
    size_t count = collect(context, &names);

    return text_nearest(key, names, count);
}

static const char *
all_keys(const struct keys_context *context)
{
    const char **names, *all = "its keys are";
    size_t count = collect(context, &names);

    if (count == 0)
        return "it has no options; take it out";
    for (size_t i = 0; i < count; i++)
        all = arena_printf(context->arena, "%s%s %s", all, i > 0 ? "," : "",
                           names[i]);
    return all;
}

static bool
report(const struct keys_context *context, const struct yaml_node *map,
       const struct yaml_node *key)
{
    struct owner owner = {.name = NULL};
    const char *nearest = nearest_key(context, key->text);
    const char *hint = all_keys(context);

    if (context->registry != NULL)
        owner = owner_of(context, key->text);
    if (context->open && owner.name != NULL && owner.plugin)
        return false;
    if (nearest != NULL && yaml_get(map, nearest) == NULL)
        hint = arena_printf(context->arena, "did you mean '%s'?", nearest);
    else if (context->open && owner.name == NULL)
        return false;
    if (owner.name != NULL)
        problems_add(context->problems, yaml_place(key), owner.hint,
                     "'%s' is an option of %s; it stands here in %s", key->text,
                     owner.name, context->subject);
    else
        problems_add(context->problems, yaml_place(key), hint,
                     "%s has no option '%s'", context->subject, key->text);
    if (nearest != NULL)
        remember(context, nearest);
    return true;
}

size_t
keys_check(const struct keys_context *context, const struct yaml_node *map)
{
    size_t unknown = 0;

    for (size_t i = 0; i < map->count; i++) {
        const struct yaml_node *key = map->pairs[i].key;

        if (!is_known(context, key->text) && report(context, map, key))
            unknown++;
    }
    return unknown;
}

static bool
was_told(const struct keys_context *context, const char *name)
{
    for (size_t i = 0; context->told != NULL && i < context->told->count; i++) {
        if (strcmp(context->told->names[i], name) == 0)
            return true;
    }
    return false;
}

size_t
keys_require(const struct keys_context *context, const struct fb_option *table,
             const struct yaml_node *map, const struct yaml_node *settings,
             struct place owner)
{
    size_t missing = 0;

    for (const struct fb_option *option = table;
         option != NULL && option->name != NULL; option++) {
        if ((option->flags & FB_REQUIRED) == 0 || option->def != NULL ||
            yaml_get(map, option->name) != NULL ||
            yaml_get(settings, option->name) != NULL)
            continue;
        missing++;
        if (was_told(context, option->name))
            continue;
        problems_add(
            context->problems, owner,
            option->help != NULL
                ? arena_printf(context->arena, "write %s: %s", option->name,
                               option->help)
                : arena_printf(context->arena, "write %s: ...", option->name),
            "%s needs '%s'", context->subject, option->name);
    }
    return missing;
}
