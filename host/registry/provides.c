#include "registry/provides.h"

#include <stdlib.h>

#include "registry/descriptor.h"
#include "registry/scheme.h"
#include "util/mem.h"
#include "util/text.h"

#define TEXT_MAX 4096  /* bytes */
#define PLUGINS_MAX 64 /* of one file */
#define TEXT_SHOWN_MAX 200

static int
misunderstood(const char *text, const char *why, struct fb_error *err)
{
    struct arena *arena = arena_new();

    fb_fail(err, FB_E_CONFIG, "FB_PROVIDES says '%s': %s",
            text_escape(arena, text, strlen(text), TEXT_SHOWN_MAX), why);
    arena_free(arena);
    return fb_hint(err, "write kind, name and schemes of each plugin, as in "
                        "FB_PROVIDES(\"source file file; sink file file\")");
}

/* The next word of the item, or NULL at its end. */
static char *
next_word(char **item)
{
    char *word;

    do
        word = strsep(item, " ");
    while (word != NULL && *word == '\0');
    return word;
}

static bool
find_kind(const char *word, enum fb_kind *kind)
{
    for (int i = FB_SOURCE; i <= FB_NOTIFIER; i++) {
        if (strcmp(word, descriptor_kind_name((enum fb_kind)i)) != 0)
            continue;
        *kind = (enum fb_kind)i;
        return true;
    }
    return false;
}

/* Schemes, and formats with a dot before them. */
static int
read_words(struct arena *arena, char *item, struct fb_plugin *plugin,
           const char *text, struct fb_error *err)
{
    const size_t room = DESCRIPTOR_SCHEMES_MAX + 1;
    const char **schemes = arena_array(arena, room, sizeof(const char *));
    const char **formats = arena_array(arena, room, sizeof(const char *));
    size_t scheme_count = 0, format_count = 0;
    const char *word;

    while ((word = next_word(&item)) != NULL) {
        if (scheme_count + format_count == DESCRIPTOR_SCHEMES_MAX)
            return misunderstood(text, "too many schemes", err);
        if (*word == '.' && descriptor_is_name(word + 1))
            formats[format_count++] = word + 1;
        else if (scheme_is_valid(word))
            schemes[scheme_count++] = word;
        else
            return misunderstood(text, "a scheme is none", err);
    }
    schemes[scheme_count] = NULL;
    formats[format_count] = NULL;
    plugin->schemes = scheme_count > 0 ? schemes : NULL;
    plugin->formats = format_count > 0 ? formats : NULL;
    return 0;
}

static int
read_plugin(struct arena *arena, char *item, struct fb_plugin *plugin,
            const char *text, struct fb_error *err)
{
    const char *kind = next_word(&item), *name = next_word(&item);

    *plugin = (struct fb_plugin){FB_PLUGIN_HEAD};
    if (kind == NULL || !find_kind(kind, &plugin->kind))
        return misunderstood(text, "a kind is none", err);
    if (name == NULL || !descriptor_is_name(name))
        return misunderstood(text, "a name is none", err);
    plugin->name = name;
    return read_words(arena, item, plugin, text, err);
}

static int
read_abi(char *item, const char *text, struct fb_error *err)
{
    const char *word = next_word(&item), *number = next_word(&item);
    int64_t abi;

    if (word == NULL || strcmp(word, "abi") != 0 || number == NULL ||
        !text_to_int(number, &abi) || abi < 0 || abi > UINT32_MAX)
        return misunderstood(text, "it does not begin with its ABI", err);
    return descriptor_check_abi((uint32_t)abi, err);
}

int
provides_parse(struct arena *arena, const char *text,
               struct fb_plugin **plugins, size_t *count, struct fb_error *err)
{
    char *rest, *item;

    *count = 0;
    if (strlen(text) > TEXT_MAX)
        return misunderstood(text, "it is too long", err);
    rest = arena_strdup(arena, text);
    if (read_abi(strsep(&rest, ";"), text, err) != 0)
        return -1;
    *plugins = arena_array(arena, PLUGINS_MAX, sizeof(**plugins));
    while ((item = strsep(&rest, ";")) != NULL) {
        if (*count == PLUGINS_MAX)
            return misunderstood(text, "too many plugins", err);
        if (read_plugin(arena, item, &(*plugins)[*count], text, err) != 0)
            return -1;
        ++*count;
    }
    return *count > 0 ? 0 : misunderstood(text, "it names no plugin", err);
}

/* "source file file", "sink duckdb .parquet" */
static const char *
in_words(struct arena *arena, const struct fb_plugin *plugin)
{
    const char *const *schemes = plugin->schemes;
    const char *const *formats = plugin->formats;
    const char *text = arena_printf(
        arena, "%s %s", descriptor_kind_name(plugin->kind), plugin->name);

    for (size_t i = 0; schemes != NULL && schemes[i] != NULL; i++)
        text = arena_printf(arena, "%s %s", text, schemes[i]);
    for (size_t i = 0; formats != NULL && formats[i] != NULL; i++)
        text = arena_printf(arena, "%s .%s", text, formats[i]);
    return text;
}

int
provides_compare(const struct fb_plugin *promised,
                 const struct fb_plugin *plugin, struct fb_error *err)
{
    struct arena *arena = arena_new();
    const char *said = in_words(arena, promised);
    const char *is = in_words(arena, plugin);
    int result = 0;

    if (strcmp(said, is) != 0) {
        fb_fail(err, FB_E_CONFIG,
                "plugin '%s': FB_PROVIDES says '%s', its descriptor says '%s'",
                plugin->name, said, is);
        result = fb_hint(err, "let FB_PROVIDES say what the descriptor says, "
                              "or take it out");
    }
    arena_free(arena);
    return result;
}
