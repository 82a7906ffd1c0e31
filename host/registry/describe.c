#include "registry/describe.h"

#include <assert.h>

#include <jansson.h>

#include "registry/jsonschema.h"
#include "registry/optiontext.h"
#include "util/arena.h"
#include "util/text.h"

#define WIDTH 80
#define NAME_COLUMN_MAX 24 /* longer names get a line of their own */
#define PATH_SHOWN_MAX 4096

/* --- words on lines --- */

/* Code points; wide characters count as one, which is near enough here. */
static int
width_of(const char *text, size_t length)
{
    int width = 0;

    for (size_t i = 0; i < length; i++)
        width += ((unsigned char)text[i] & 0xC0) != 0x80;
    return width;
}

/* Fill lines up to WIDTH; the first begins at `column`, others at `indent`.
 * A word longer than a line stands on one of its own. */
static void
put_wrapped(FILE *out, const char *text, int column, int indent)
{
    bool first = true;

    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        int width = width_of(text, length);

        if (!first && column + 1 + width > WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        } else if (!first) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", (int)length, text);
        column += width;
        first = false;
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static const char *
join(struct arena *arena, const char *const *items, const char *quote)
{
    const char *text = "";

    for (size_t i = 0; items != NULL && items[i] != NULL; i++)
        text = arena_printf(arena, "%s%s%s%s%s", text, i == 0 ? "" : ", ",
                            quote, items[i], quote);
    return text;
}

static int
larger(int a, int b)
{
    return a > b ? a : b;
}

/* --- the list --- */

static void
list_plugins(const struct registry *registry, struct arena *arena, FILE *out)
{
    int names = 0, kinds = 0, schemes = 0;
    size_t count = registry_count(registry);

    for (size_t i = 0; i < count; i++) {
        const struct fb_plugin *plugin = registry_at(registry, i);

        names = larger(names, (int)strlen(plugin->name));
        kinds = larger(kinds, (int)strlen(registry_kind_name(plugin->kind)));
        schemes =
            larger(schemes, (int)strlen(join(arena, plugin->schemes, "")));
    }
    for (size_t i = 0; i < count; i++) {
        const struct fb_plugin *plugin = registry_at(registry, i);

        fprintf(out, "%-*s  %-*s  %-*s  %s\n", names, plugin->name, kinds,
                registry_kind_name(plugin->kind), schemes,
                join(arena, plugin->schemes, ""), plugin->summary);
    }
}

void
describe_list(const struct registry *registry, FILE *out)
{
    struct arena *arena = arena_new();
    size_t refused;

    registry_load(registry, NULL);
    refused = registry_refused_count(registry);
    list_plugins(registry, arena, out);
    if (refused > 0)
        fprintf(out, "%srefused:\n", registry_count(registry) > 0 ? "\n" : "");
    for (size_t i = 0; i < refused; i++) {
        const struct registry_refusal *refusal = registry_refused(registry, i);

        /* Who names files is not always who reads their names. */
        fprintf(out, "  %s\n    %s\n",
                text_escape(arena, refusal->path, strlen(refusal->path),
                            PATH_SHOWN_MAX),
                text_escape(arena, refusal->reason, strlen(refusal->reason),
                            PATH_SHOWN_MAX));
    }
    arena_free(arena);
}

/* --- text --- */

static int
name_column(const struct fb_option *options)
{
    int column = 0;

    for (; options->name != NULL; options++)
        if (strlen(options->name) <= NAME_COLUMN_MAX)
            column = larger(column, (int)strlen(options->name));
    return column;
}

static void
put_option(FILE *out, struct arena *arena, const struct fb_option *option,
           int column)
{
    const int indent = 4 + column + 2;
    const char *takes = option_takes(arena, option, "");

    fprintf(out, "    %-*s  ", column, option->name);
    if ((int)strlen(option->name) > column)
        fprintf(out, "\n%*s", indent, "");
    if ((option->flags & FB_REQUIRED) != 0)
        takes = arena_printf(arena, "%s, required", takes);
    else if (option->def != NULL)
        takes = arena_printf(arena, "%s, default %s", takes,
                             *option->def == '\0' ? "\"\"" : option->def);
    put_wrapped(out, takes, indent, indent);
    fprintf(out, "%*s", indent, "");
    put_wrapped(out, option->help, indent, indent);
}

static void
put_text(FILE *out, struct arena *arena, const struct fb_plugin *plugin)
{
    const struct fb_option *option = plugin->options;
    int column = option == NULL ? 0 : name_column(option);

    fprintf(out, "%s (%s)\n  ", plugin->name, registry_kind_name(plugin->kind));
    put_wrapped(out, plugin->summary, 2, 2);
    if (plugin->schemes != NULL && plugin->schemes[0] != NULL) {
        fprintf(out, "\n  schemes: ");
        put_wrapped(out, join(arena, plugin->schemes, ""), 11, 11);
    }
    if (option == NULL || option->name == NULL) {
        fprintf(out, "\n  no options\n");
        return;
    }
    fprintf(out, "\n  options:\n");
    for (; option->name != NULL; option++)
        put_option(out, arena, option, column);
}

/* --- Markdown --- */

/* Inside a table: no bar ends the cell, no tag is swallowed. */
static void
put_cell(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|' || *text == '<')
            fputc('\\', out);
        fputc(*text, out);
    }
}

/* In a table a bar ends the cell even within code. */
static void
put_code(FILE *out, const char *text)
{
    const char *fence = strchr(text, '`') == NULL ? "`" : "``";
    const char *space = *fence == fence[1] || *text == '\0' ? " " : "";

    fprintf(out, "%s%s", fence, space);
    for (; *text != '\0'; text++) {
        if (*text == '|')
            fputc('\\', out);
        fputc(*text, out);
    }
    fprintf(out, "%s%s", space, fence);
}

static void
put_row(FILE *out, struct arena *arena, const struct fb_option *option)
{
    bool required = (option->flags & FB_REQUIRED) != 0;

    fprintf(out, "| ");
    put_code(out, option->name);
    fprintf(out, " | ");
    put_cell(out, option_takes(arena, option, "`"));
    fprintf(out, " | ");
    if (option->def != NULL)
        put_code(out, *option->def == '\0' ? "\"\"" : option->def);
    fprintf(out, " | %s | ", required ? "yes" : "");
    put_cell(out, option->help);
    fprintf(out, " |\n");
}

static void
put_markdown(FILE *out, struct arena *arena, const struct fb_plugin *plugin)
{
    const char *kind = registry_kind_name(plugin->kind);
    const struct fb_option *option = plugin->options;

    fprintf(out, "## The %s `%s`\n\n%s\n\n", kind, plugin->name,
            plugin->summary);
    if (plugin->schemes != NULL && plugin->schemes[0] != NULL)
        fprintf(out, "Schemes: %s.\n\n", join(arena, plugin->schemes, "`"));
    if (option == NULL || option->name == NULL) {
        fprintf(out, "It has no options of its own.\n");
        return;
    }
    fprintf(out, "| Option | Type | Default | Required | Meaning |\n"
                 "| --- | --- | --- | --- | --- |\n");
    for (; option->name != NULL; option++)
        put_row(out, arena, option);
}

/* --- all of a name --- */

static bool
each_of_name(const struct registry *registry, const char *name, FILE *out,
             void (*put)(FILE *, struct arena *, const struct fb_plugin *))
{
    struct arena *arena = arena_new();
    bool found = false;

    registry_load(registry, name);
    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct fb_plugin *plugin = registry_at(registry, i);

        if (!registry_is_called(registry, i, name))
            continue;
        if (found)
            fputc('\n', out);
        put(out, arena, plugin);
        found = true;
    }
    arena_free(arena);
    return found;
}

bool
describe_text(const struct registry *registry, const char *name, FILE *out)
{
    return each_of_name(registry, name, out, put_text);
}

bool
describe_markdown(const struct registry *registry, const char *name, FILE *out)
{
    return each_of_name(registry, name, out, put_markdown);
}

bool
describe_jsonschema(const struct registry *registry, const char *name,
                    const struct describe_host *host, FILE *out)
{
    json_t *schema;

    registry_load(registry, NULL);
    schema = name == NULL ? jsonschema_pipeline(registry, host)
                          : jsonschema_step(registry, name, host);

    if (schema == NULL)
        return false;
    /* Sorted, so that two versions can be compared line by line. */
    (void)json_dumpf(schema, out, JSON_INDENT(2) | JSON_SORT_KEYS);
    fputc('\n', out);
    json_decref(schema);
    return true;
}
