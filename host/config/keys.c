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

#define KEYS_SHOWN 12 /* more than these are no help in a hint */

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

/* "the filter transform", when a plugin has such an option. */
static const char *
plugin_owner(const struct keys_context *context, const char *key)
{
    for (size_t i = 0; i < registry_count(context->registry); i++) {
        const struct fb_plugin *plugin = registry_at(context->registry, i);

        if (options_find(plugin->options, key) != NULL)
            return arena_printf(context->arena, "the %s %s", plugin->name,
                                registry_kind_name(plugin->kind));
    }
    return NULL;
}

/* Who has a key of this name, in words, or NULL. */
static const char *
owner_of(const struct keys_context *context, const char *key)
{
    static const char *const subjects[] = {
        "a pipeline itself, at the top level",
        "'window'",
        "'trigger'",
        "a source",
        "a transform",
        "a sink",
        "a notifier",
    };

    for (size_t i = 0; host_groups[i] != NULL; i++) {
        if (options_find(host_options(host_groups[i]), key) != NULL)
            return subjects[i];
    }
    if (options_find(dialect_options, key) != NULL)
        return "'dialect'";
    if (options_find(format_options, key) != NULL)
        return "sources and sinks of bytes";
    return plugin_owner(context, key);
}

static const char *
hint_for(const struct keys_context *context, const char *key)
{
    const char **names, *all = NULL, *nearest;
    size_t count = collect(context, &names);

    nearest = text_nearest(key, names, count);
    if (nearest != NULL)
        return arena_printf(context->arena, "did you mean '%s'?", nearest);
    if (count == 0 || count > KEYS_SHOWN)
        return NULL;
    for (size_t i = 0; i < count; i++)
        all = i == 0 ? names[0]
                     : arena_printf(context->arena, "%s, %s", all, names[i]);
    return arena_printf(context->arena, "its keys are %s", all);
}

static bool
report(const struct keys_context *context, const struct yaml_node *key)
{
    const char *owner =
        context->registry != NULL ? owner_of(context, key->text) : NULL;

    if (context->open &&
        (owner == NULL || plugin_owner(context, key->text) != NULL))
        return false;
    if (owner != NULL)
        problems_add(context->problems, yaml_place(key),
                     hint_for(context, key->text),
                     "'%s' is an option of %s, not of %s", key->text, owner,
                     context->subject);
    else
        problems_add(context->problems, yaml_place(key),
                     hint_for(context, key->text), "%s has no option '%s'",
                     context->subject, key->text);
    return true;
}

size_t
keys_check(const struct keys_context *context, const struct yaml_node *map)
{
    size_t unknown = 0;

    for (size_t i = 0; i < map->count; i++) {
        const struct yaml_node *key = map->pairs[i].key;

        if (!is_known(context, key->text) && report(context, key))
            unknown++;
    }
    return unknown;
}
