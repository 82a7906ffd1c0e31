/*
 * config/show.c: the pipeline as understood, as YAML that could be run again:
 * every value substituted, with where it came from behind it.  Secrets are
 * masked, so what held one cannot.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>

#include "config/build.h"
#include "config/yaml_text.h"
#include "util/conceal.h"
#include "util/mem.h"
#include "util/text.h"

#define COMMENT_COLUMN 48

struct printer {
    struct arena *arena;
    FILE *out;
    size_t column; /* bytes of the line until now */
};

static void FB_PRINTF(2, 3)
    put(struct printer *printer, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = vfprintf(printer->out, format, args);
    va_end(args);
    printer->column += length > 0 ? (size_t)length : 0;
}

static void
end_line(struct printer *printer)
{
    fputc('\n', printer->out);
    printer->column = 0;
}

/* --- scalars --- */

static void
put_text(struct printer *printer, const char *text)
{
    /* What was substituted is not again. */
    put(printer, "%s", yaml_text_kept(printer->arena, text));
}

static bool
is_bare_type(enum fb_type type)
{
    return type == FB_T_BOOL || type == FB_T_INT || type == FB_T_SIZE ||
           type == FB_T_DURATION || type == FB_T_ENUM;
}

/* Expressions and lists hold no places to be let in at. */
static const char *
shown(struct printer *printer, const struct option_entry *entry,
      const struct value *value)
{
    const char *text = value_shown(printer->arena, value);

    return entry->type == FB_T_URI || entry->type == FB_T_STRING
               ? conceal(printer->arena, text)
               : text;
}

static void
put_item(struct printer *printer, const struct option_entry *entry,
         size_t index)
{
    const struct value *value = &entry->items[index].value;

    if (entry->secret)
        put(printer, "\"****\"");
    else if (is_bare_type(entry->type))
        put(printer, "%s", value_shown(printer->arena, value));
    else
        put_text(printer, shown(printer, entry, value));
}

/* --- origins --- */

static const char *
place_text(struct printer *printer, struct place place)
{
    return arena_printf(printer->arena, "%s:%" PRIu32 ":%" PRIu32, place.file,
                        place.line, place.column);
}

static const char *
piece_text(struct printer *printer, const struct value_piece *piece)
{
    switch (piece->origin) {
    case ORIGIN_TEXT:
        return NULL;
    case ORIGIN_SETTING:
        return arena_printf(printer->arena, "%s: --set", piece->name);
    case ORIGIN_ENVIRONMENT:
        return arena_printf(printer->arena, "%s: environment", piece->name);
    case ORIGIN_VARS:
        return arena_printf(printer->arena, "%s: vars at %s", piece->name,
                            place_text(printer, piece->place));
    case ORIGIN_RUN:
        return arena_printf(printer->arena, "%s: the run", piece->name);
    case ORIGIN_INLINE:
        return arena_printf(printer->arena, "%s: its default", piece->name);
    case ORIGIN_FILE:
        return arena_printf(printer->arena, "file %s", piece->name);
    }
    return NULL;
}

static void
put_pieces(struct printer *printer, const struct value *value,
           const char **last)
{
    for (size_t i = 0; i < value->piece_count; i++) {
        const char *text = piece_text(printer, &value->pieces[i]);

        if (text == NULL || (*last != NULL && strcmp(text, *last) == 0))
            continue;
        /* A path may hold anything; a comment ends with its line. */
        put(printer, "; %s",
            text_escape(printer->arena, text, strlen(text), 400));
        *last = text;
    }
}

static void
put_origin(struct printer *printer, const struct option_entry *entry)
{
    const char *last = NULL;

    do
        put(printer, " ");
    while (printer->column < COMMENT_COLUMN);
    if (entry->from == FROM_DEFAULT)
        put(printer, "# default");
    else if (entry->from == FROM_ORDER)
        put(printer, "# from the order of the steps");
    else
        put(printer, "# from %s%s",
            entry->from == FROM_SETTINGS ? "settings at " : "",
            place_text(printer, yaml_place(entry->node)));
    for (size_t i = 0; i < entry->count; i++)
        put_pieces(printer, &entry->items[i].value, &last);
    end_line(printer);
}

/* --- options and steps --- */

static void
put_entry(struct printer *printer, const struct option_entry *entry, int indent)
{
    bool map = entry->type == FB_T_MAP || entry->type == FB_T_EXPR_MAP;
    bool list = entry->type == FB_T_LIST;

    put(printer, "%*s%s: ", indent, "", entry->name);
    if (map || list)
        put(printer, map ? "{" : "[");
    for (size_t i = 0; i < entry->count; i++) {
        if (i > 0)
            put(printer, ", ");
        if (map) {
            put_text(printer, entry->items[i].key);
            put(printer, ": ");
        }
        put_item(printer, entry, i);
    }
    if (map || list)
        put(printer, map ? "}" : "]");
    put_origin(printer, entry);
}

static void
put_section(struct printer *printer, const struct option_places *places,
            const char *section, int indent)
{
    bool begun = false;

    for (const struct option_entry *entry = places->first; entry != NULL;
         entry = entry->next) {
        bool inside = entry->section != NULL;

        if (inside != (section != NULL))
            continue;
        if (inside && !begun) {
            put(printer, "%*s%s:", indent - 2, "", section);
            end_line(printer);
        }
        begun = true;
        put_entry(printer, entry, indent);
    }
}

static void
put_options(struct printer *printer, const struct option_places *places,
            int indent)
{
    put_section(printer, places, NULL, indent);
    put_section(printer, places, "dialect", indent + 2);
}

static void
put_map(struct printer *printer, const char *name,
        const struct option_places *places)
{
    put(printer, "%s:", name);
    end_line(printer);
    put_options(printer, places, 2);
}

static void
put_step(struct printer *printer, const struct pipeline_step *step)
{
    put(printer, "  ");
    put_text(printer, step->label);
    put(printer, ":");
    while (printer->column < COMMENT_COLUMN)
        put(printer, " ");
    put(printer, "# %s %s, from %s", pipeline_step_worker(step)->name,
        registry_kind_name(step->kind), place_text(printer, step->place));
    end_line(printer);
    put_options(printer, step->places, 4);
}

static void
put_steps(struct printer *printer, const struct pipeline *pipeline,
          const char *section, enum fb_kind kind)
{
    bool begun = false;

    for (uint32_t i = 0; i < pipeline->step_count; i++) {
        if (pipeline->steps[i].kind != kind)
            continue;
        if (!begun) {
            put(printer, "%s:", section);
            end_line(printer);
        }
        begun = true;
        put_step(printer, &pipeline->steps[i]);
    }
}

static void
put_tables(struct printer *printer, const struct pipeline *pipeline)
{
    if (pipeline->table_count > 0) {
        put(printer, "tables:");
        end_line(printer);
    }
    for (uint32_t i = 0; i < pipeline->table_count; i++)
        put_step(printer, &pipeline->tables[i].source);
}

static void
put_pipeline(struct printer *printer, const struct builder *builder)
{
    const struct pipeline *pipeline = builder->pipeline;

    put_section(printer, builder->places, NULL, 0);
    if (pipeline->window.given)
        put_map(printer, "window", pipeline->window.places);
    if (pipeline->trigger.given)
        put_map(printer, "trigger", pipeline->trigger.places);
    put_tables(printer, pipeline);
    put_steps(printer, pipeline, "sources", FB_SOURCE);
    put_steps(printer, pipeline, "transforms", FB_TRANSFORM);
    put_steps(printer, pipeline, "sinks", FB_SINK);
    put_steps(printer, pipeline, "notifiers", FB_NOTIFIER);
}

int
pipeline_show(const struct document *document, const struct scope *scope,
              const struct registry *registry, FILE *out,
              struct problems *problems)
{
    struct arena *arena = arena_new();
    struct builder builder;
    struct printer printer = {.arena = arena, .out = out};
    size_t before = problems_added(problems);
    int result = -1;

    build_init(&builder, arena, document, scope, registry, problems);
    build_pipeline(&builder);
    if (problems_added(problems) == before) {
        topology_order(&builder);
        put_pipeline(&printer, &builder);
        result = 0;
    }
    arena_free(arena);
    if (result != 0 || (fflush(out) == 0 && !ferror(out)))
        return result;
    problems_add(problems, (struct place){.file = document->path}, NULL,
                 "cannot print the pipeline: %s", strerror(errno));
    return -1;
}
