/*
 * config/choose.c: asking the registry, and explaining what it does not know.
 */
#include "config/choose.h"

#include <assert.h>

#include "util/text.h"

const char *
choose_section(enum fb_kind kind)
{
    switch (kind) {
    case FB_SOURCE:
        return "sources";
    case FB_TRANSFORM:
        return "transforms";
    case FB_SINK:
        return "sinks";
    case FB_NOTIFIER:
        return "notifiers";
    }
    return "";
}

/* It is a plugin, but of another kind. */
static bool
explain_kind(const struct builder *builder, const struct choice *choice)
{
    for (int i = FB_SOURCE; i <= FB_NOTIFIER; i++) {
        enum fb_kind other = (enum fb_kind)i;

        if (registry_by_name(builder->registry, other, choice->type) == NULL)
            continue;
        problems_add(builder->problems, choice->type_place,
                     arena_printf(builder->arena,
                                  "it is a %s: move '%s' to %s:",
                                  registry_kind_name(other), choice->id,
                                  choose_section(other)),
                     "there is no %s '%s'", registry_kind_name(choice->kind),
                     choice->type);
        return true;
    }
    return false;
}

static void
explain_type(const struct builder *builder, const struct choice *choice)
{
    const struct registry_refusal *refusal =
        registry_refused_by_name(builder->registry, choice->type);
    const char *nearest =
        registry_nearest(builder->registry, choice->kind, choice->type);
    const char *hint = "forebay plugins lists what is loaded";

    if (explain_kind(builder, choice))
        return;
    if (refusal != NULL) {
        problems_add(builder->problems, choice->type_place,
                     arena_printf(builder->arena, "'%s' was refused: %s",
                                  refusal->path, refusal->reason),
                     "the plugin '%s' was not loaded", choice->type);
        return;
    }
    if (nearest != NULL)
        hint = arena_printf(builder->arena, "did you mean '%s'?", nearest);
    problems_add(builder->problems, choice->type_place, hint,
                 "there is no %s '%s'", registry_kind_name(choice->kind),
                 choice->type);
}

/* What stands before the colon; a plain path is a file.  The rest is not
 * shown: it may hold a secret. */
static const char *
scheme_of(const struct builder *builder, const char *uri)
{
    const char *colon = strchr(uri, ':');
    const char *slash = strchr(uri, '/');

    if (colon == NULL || (slash != NULL && slash < colon))
        return "file";
    return arena_dup_nul(builder->arena, uri, (size_t)(colon - uri));
}

static const char *
known_schemes(const struct builder *builder, enum fb_kind kind)
{
    const char *all = NULL;

    for (size_t i = 0; i < registry_count(builder->registry); i++) {
        const struct fb_plugin *plugin = registry_at(builder->registry, i);
        const char *const *scheme = plugin->schemes;

        for (; plugin->kind == kind && scheme != NULL && *scheme != NULL;
             scheme++)
            all = all == NULL
                      ? *scheme
                      : arena_printf(builder->arena, "%s, %s", all, *scheme);
    }
    if (all == NULL)
        return "forebay plugins lists what is loaded";
    return arena_printf(builder->arena, "the loaded plugins know %s", all);
}

static void
explain_uri(const struct builder *builder, const struct choice *choice)
{
    const char *scheme = scheme_of(builder, choice->uri);
    const char *hint = known_schemes(builder, choice->kind);

    if (registry_by_uri(builder->registry, FB_NOTIFIER, choice->uri) != NULL)
        hint = arena_printf(
            builder->arena,
            "this is a notifier: move '%s' to notifiers:", choice->id);
    problems_add(builder->problems, choice->uri_place, hint,
                 "no %s plugin knows the scheme '%s'",
                 registry_kind_name(choice->kind), scheme);
}

static const struct fb_plugin *
by_type(const struct builder *builder, const struct choice *choice)
{
    const struct fb_plugin *plugin =
        registry_by_name(builder->registry, choice->kind, choice->type);

    if (plugin == NULL) {
        explain_type(builder, choice);
        return NULL;
    }
    if (choice->uri == NULL || plugin->schemes == NULL ||
        registry_by_uri(builder->registry, choice->kind, choice->uri) == plugin)
        return plugin;
    problems_add(builder->problems, choice->uri_place,
                 "take 'type' out: the uri alone picks the plugin",
                 "the scheme '%s' is not one of the %s %s",
                 scheme_of(builder, choice->uri), plugin->name,
                 registry_kind_name(choice->kind));
    return NULL;
}

const struct fb_plugin *
choose_plugin(const struct builder *builder, const struct choice *choice)
{
    const struct fb_plugin *plugin;

    assert(choice->type != NULL || choice->uri != NULL);
    if (choice->type != NULL)
        return by_type(builder, choice);
    plugin = registry_by_uri(builder->registry, choice->kind, choice->uri);
    if (plugin == NULL)
        explain_uri(builder, choice);
    return plugin;
}
