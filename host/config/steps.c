/*
 * config/steps.c: one step after another: which plugin it is, its options,
 * and what the host itself wants to know of it.  What it reads is found in
 * topology.c.
 */
#include <assert.h>

#include "config/build.h"
#include "config/keys.h"
#include "config/schema.h"
#include "util/error.h"
#include "util/file.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

static const struct {
    const char *section;
    enum fb_kind kind;
} sections[] = {
    {"sources", FB_SOURCE},
    {"transforms", FB_TRANSFORM},
    {"sinks", FB_SINK},
    {"notifiers", FB_NOTIFIER},
};

/* --- drafts --- */

static bool
is_id(const char *text)
{
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        bool letter = (*text >= 'a' && *text <= 'z') ||
                      (*text >= 'A' && *text <= 'Z') ||
                      (*text >= '0' && *text <= '9');

        if (!letter && *text != '_' && *text != '-')
            return false;
    }
    return true;
}

static const struct draft *
draft_by_id(const struct builder *builder, const char *id)
{
    for (size_t i = 0; i < builder->draft_count; i++) {
        if (strcmp(builder->drafts[i].id, id) == 0)
            return &builder->drafts[i];
    }
    return NULL;
}

static void
add_draft(struct builder *builder, enum fb_kind kind,
          const struct yaml_pair *pair)
{
    const char *id = pair->key->text;
    struct place place = yaml_place(pair->key);
    const struct draft *other = draft_by_id(builder, id);
    struct draft *draft = &builder->drafts[builder->draft_count];

    if (!is_id(id))
        problems_add(builder->problems, place, "letters, digits, _ and -",
                     "'%s' cannot be the id of a step", id);
    if (other != NULL) {
        problems_add(builder->problems, place, "give it another id",
                     "the id '%s' is taken by a %s in line %u", id,
                     registry_kind_name(other->kind), other->place.line);
        return;
    }
    builder->draft_count++;
    *draft = (struct draft){.id = id, .kind = kind, .place = place};
    if (pair->value->kind == YAML_MAP) {
        draft->body = pair->value;
        return;
    }
    builder->unclear = true;
    problems_add(builder->problems,
                 yaml_is_empty(pair->value) ? place : yaml_place(pair->value),
                 kind == FB_TRANSFORM
                     ? arena_printf(builder->arena, "write %s: {type: ...}", id)
                     : arena_printf(builder->arena, "write %s: {uri: ...}", id),
                 "a step is a map of its options, but here stands %s",
                 yaml_kind_name(pair->value));
}

static const struct yaml_pair *
section_pair(struct builder *builder, size_t index, bool tell)
{
    const struct yaml_pair *pair =
        yaml_pair(builder->document->root, sections[index].section);

    if (pair == NULL || pair->value->kind == YAML_MAP)
        return pair;
    builder->unclear = true;
    if (tell)
        problems_add(
            builder->problems,
            yaml_place(yaml_is_empty(pair->value) ? pair->key : pair->value),
            "write the id of a step, a colon, and its options",
            "'%s' is a map of steps, but here stands %s",
            sections[index].section, yaml_kind_name(pair->value));
    return NULL;
}

void
steps_draft(struct builder *builder)
{
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
        const struct yaml_pair *pair = section_pair(builder, i, true);

        count += pair != NULL ? pair->value->count : 0;
    }
    builder->drafts =
        arena_array(builder->arena, count + 1, sizeof(*builder->drafts));
    if (count > STEPS_MAX) {
        builder->unclear = true;
        problems_add(builder->problems, yaml_place(builder->document->root),
                     NULL, "a pipeline has at most %d steps", STEPS_MAX);
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
        const struct yaml_pair *pair = section_pair(builder, i, false);

        for (size_t j = 0; pair != NULL && j < pair->value->count; j++)
            add_draft(builder, sections[i].kind, &pair->value->pairs[j]);
    }
}

/* --- one step --- */

/* A step while it is read. */
struct making {
    struct builder *builder;
    const struct draft *draft;
    struct pipeline_step *step;
    struct step_options options;
    struct option_places *places;
    const char *subject; /* "the filter transform", "step 'x'" */
};

static struct options_reader
reader_of(const struct making *making)
{
    return (struct options_reader){.arena = making->builder->arena,
                                   .names = making->builder->names,
                                   .problems = making->builder->problems,
                                   .subject = making->subject};
}

static const char *
did_you_mean(const struct making *making, const char *nearest)
{
    if (nearest == NULL)
        return "forebay plugins lists what is loaded";
    return arena_printf(making->builder->arena, "did you mean '%s'?", nearest);
}

/* There is no plugin of this kind and name: say what is nearest to it. */
static void
explain_type(const struct making *making)
{
    const struct builder *builder = making->builder;
    const char *type = making->options.type;
    enum fb_kind kind = making->draft->kind;
    struct place place = option_place(making->places, "type", 0, 0);
    const struct registry_refusal *refusal =
        registry_refused_by_name(builder->registry, type);

    for (int other = FB_SOURCE; other <= FB_NOTIFIER; other++) {
        if (registry_by_name(builder->registry, (enum fb_kind)other, type) ==
            NULL)
            continue;
        problems_add(builder->problems, place,
                     arena_printf(builder->arena,
                                  "move '%s' to %s:", making->draft->id,
                                  sections[other - 1].section),
                     "'%s' is a %s, and '%s' stands under %s", type,
                     registry_kind_name((enum fb_kind)other), making->draft->id,
                     sections[kind - 1].section);
        return;
    }
    if (refusal != NULL)
        problems_add(builder->problems, place,
                     arena_printf(builder->arena, "'%s' was refused: %s",
                                  refusal->path, refusal->reason),
                     "the plugin '%s' was not loaded", type);
    else
        problems_add(builder->problems, place,
                     did_you_mean(making, registry_nearest(builder->registry,
                                                           kind, type)),
                     "there is no %s '%s'", registry_kind_name(kind), type);
}

static const struct fb_plugin *
plugin_by_type(const struct making *making)
{
    const struct builder *builder = making->builder;
    const struct step_options *options = &making->options;
    enum fb_kind kind = making->draft->kind;
    const struct fb_plugin *plugin =
        registry_by_name(builder->registry, kind, options->type);

    if (plugin == NULL) {
        explain_type(making);
        return NULL;
    }
    if (options->uri == NULL || plugin->schemes == NULL ||
        registry_by_uri(builder->registry, kind, options->uri) == plugin)
        return plugin;
    problems_add(builder->problems, option_place(making->places, "uri", 0, 0),
                 "take 'type' out: the uri picks the plugin",
                 "this uri is not one of the %s %s", plugin->name,
                 registry_kind_name(kind));
    return NULL;
}

static const struct fb_plugin *
choose_plugin(const struct making *making)
{
    const struct builder *builder = making->builder;
    const struct step_options *options = &making->options;
    const struct yaml_node *body = making->draft->body;
    enum fb_kind kind = making->draft->kind;
    const struct fb_plugin *plugin;

    if (options->type != NULL)
        return plugin_by_type(making);
    if (yaml_get(body, "type") != NULL ||
        (options->uri == NULL && yaml_get(body, "uri") != NULL))
        return NULL; /* they have a problem, which has been told */
    if (options->uri == NULL) {
        if (kind != FB_TRANSFORM)
            problems_add(builder->problems, making->draft->place,
                         "write uri: ... or type: ...",
                         "the %s '%s' has neither 'uri' nor 'type'",
                         registry_kind_name(kind), making->draft->id);
        return NULL;
    }
    plugin = registry_by_uri(builder->registry, kind, options->uri);
    if (plugin == NULL)
        problems_add(
            builder->problems, option_place(making->places, "uri", 0, 0),
            "forebay plugins lists what is loaded",
            "no %s plugin knows what this uri is", registry_kind_name(kind));
    return plugin;
}

static bool
is_bytes(const struct fb_plugin *plugin)
{
    return plugin != NULL &&
           (plugin->kind == FB_SOURCE
                ? plugin->read_bytes != NULL
                : plugin->kind == FB_SINK && plugin->write_bytes != NULL);
}

/* --- what bytes mean --- */

static size_t
read_dialect(const struct making *making)
{
    const struct builder *builder = making->builder;
    const struct yaml_pair *pair = yaml_pair(making->draft->body, "dialect");
    static const struct yaml_node nothing = {.kind = YAML_MAP};
    const struct fb_option *const tables[] = {dialect_options};
    struct keys_context keys = {.arena = builder->arena,
                                .problems = builder->problems,
                                .registry = builder->registry,
                                .subject = "'dialect'",
                                .tables = tables,
                                .table_count = 1};
    struct options_reader reader = reader_of(making);
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
                                                 &making->step->format.dialect,
                                                 map, NULL, making->places);
}

static void
read_format(const struct making *making)
{
    struct pipeline_step *step = making->step;
    struct options_reader reader = reader_of(making);
    struct fb_error err = FB_ERROR_INIT;
    const char *option = NULL;
    size_t failed;

    failed = options_read(&reader, format_options, &step->format,
                          making->draft->body, NULL, making->places);
    failed += read_dialect(making);
    if (failed > 0 || format_check(&step->format, &option, &err) == 0)
        return;
    problems_add_error(making->builder->problems,
                       option_place(making->places, option, 0, 0), &err);
}

static void
refuse_dialect(const struct making *making)
{
    const struct yaml_pair *pair = yaml_pair(making->draft->body, "dialect");

    if (pair != NULL)
        problems_add(making->builder->problems, yaml_place(pair->key), NULL,
                     "'dialect' is an option of sources and sinks of bytes, "
                     "not of %s",
                     making->subject);
}

static void
read_schema(const struct making *making)
{
    struct builder *builder = making->builder;
    struct known_schema *known = builder->schemas;
    const char *path;

    if (making->options.schema == NULL)
        return;
    path = file_join(builder->arena,
                     file_folder(builder->arena, builder->document->path),
                     making->options.schema);
    while (known != NULL && strcmp(known->path, path) != 0)
        known = known->next;
    if (known == NULL) {
        known = arena_zalloc(builder->arena, sizeof(*known));
        known->path = path;
        known->next = builder->schemas;
        builder->schemas = known;
        known->schema = schema_read(
            builder->arena, path, option_place(making->places, "schema", 0, 0),
            &builder->sha, builder->problems);
    }
    making->step->schema = known->schema;
}

/* --- the host's own options --- */

static void
take_sink_options(const struct making *making)
{
    struct pipeline_step *step = making->step;
    int when_empty = making->options.when_empty;

    step->layout =
        making->options.layout == LAYOUT_RETURN ? LAYOUT_RETURN : LAYOUT_TABLE;
    if (when_empty == 0)
        when_empty = step->layout == LAYOUT_RETURN ? EMPTY_SKIP : EMPTY_WRITE;
    step->when_empty = (enum when_empty)when_empty;
}

static void
take_outcomes(const struct making *making)
{
    const struct fb_list *on = &making->options.on;

    for (size_t i = 0; i < on->count; i++)
        making->step->notify_on |= strcmp(on->items[i], "success") == 0
                                       ? NOTIFY_SUCCESS
                                       : NOTIFY_FAILURE;
    if (on->count == 0 && yaml_get(making->draft->body, "on") != NULL)
        problems_add(making->builder->problems,
                     option_place(making->places, "on", 0, 0),
                     "write on: [success, failure], or take the step out",
                     "'%s' would never tell anybody", making->draft->id);
}

static void
check_uri_needed(const struct making *making)
{
    const struct fb_plugin *plugin = making->step->plugin;

    if (plugin->schemes != NULL && making->options.uri == NULL &&
        yaml_get(making->draft->body, "uri") == NULL &&
        (plugin->kind == FB_SOURCE || plugin->kind == FB_SINK))
        problems_add(making->builder->problems, making->draft->place,
                     "write uri: ...", "%s needs a 'uri'", making->subject);
}

static void
check_step_keys(const struct making *making, const struct fb_option *host)
{
    const struct builder *builder = making->builder;
    const struct fb_plugin *plugin = making->step->plugin;
    const struct fb_option *const tables[] = {
        host, is_bytes(plugin) ? format_options : NULL,
        plugin != NULL ? plugin->options : NULL};
    struct keys_context context = {.arena = builder->arena,
                                   .problems = builder->problems,
                                   .registry = builder->registry,
                                   .subject = making->subject,
                                   .tables = tables,
                                   .table_count = ARRAY_SIZE(tables),
                                   .open = plugin == NULL};

    (void)keys_check(&context, making->draft->body);
}

static void
read_plugin_options(const struct making *making)
{
    struct builder *builder = making->builder;
    struct pipeline_step *step = making->step;
    struct options_reader reader = reader_of(making);

    step->instance =
        arena_zalloc(builder->arena, step->plugin->instance_size + 1);
    (void)options_read(&reader, step->plugin->options, step->instance,
                       making->draft->body,
                       build_settings(builder, step->plugin), making->places);
}

/* So that a listing shows what an absent `inputs` means. */
static void
remember_inputs(const struct making *making)
{
    const struct draft *draft = making->draft;
    struct arena *arena = making->builder->arena;
    const struct fb_option *option =
        options_find(host_options("transform"), "inputs");
    struct option_entry *entry;
    struct option_item *items;

    if (draft->inputs_written || draft->input_count == 0)
        return;
    entry = places_add(arena, making->places, option, FROM_ORDER);
    entry->items = items = arena_array(arena, 1, sizeof(*items));
    entry->count = 1;
    items->value.text = draft->inputs[0].text;
    items->value.length = strlen(items->value.text);
}

static void
make_step(struct builder *builder, const struct draft *draft,
          struct pipeline_step *step)
{
    const char *kind = registry_kind_name(draft->kind);
    const struct fb_option *host = host_options(kind);
    struct making making = {
        .builder = builder,
        .draft = draft,
        .step = step,
        .places = places_new(builder->arena, draft->place),
        .subject = arena_printf(builder->arena, "the %s '%s'", kind, draft->id),
    };
    struct options_reader reader = reader_of(&making);

    assert(host != NULL);
    step->places = making.places;
    (void)options_read(&reader, host, &making.options, draft->body, NULL,
                       making.places);
    remember_inputs(&making);
    step->uri = making.options.uri;
    step->uri_place = option_place(making.places, "uri", 0, 0);
    step->on_reject = (enum on_reject)making.options.on_reject;
    step->plugin = choose_plugin(&making);
    if (step->plugin != NULL)
        making.subject =
            arena_printf(builder->arena, "the %s %s", step->plugin->name, kind);
    check_step_keys(&making, host);
    if (step->plugin != NULL) {
        check_uri_needed(&making);
        read_plugin_options(&making);
        if (is_bytes(step->plugin))
            read_format(&making);
        else
            refuse_dialect(&making);
    }
    read_schema(&making);
    take_sink_options(&making);
    take_outcomes(&making);
}

/* --- all steps --- */

static void
make_part(struct builder *builder, struct draft *draft, size_t part)
{
    struct pipeline_step *step = &draft->parts[part];
    const char *input = draft->split ? draft->inputs[part].text : NULL;

    step->id = draft->id;
    step->label = draft->id;
    step->kind = draft->kind;
    step->place = draft->place;
    if (draft->part_count > 1)
        step->label = arena_printf(builder->arena, "%s[%s]", draft->id, input);
    names_set_step(builder->names, draft->id, input);
    make_step(builder, draft, step);
    names_set_step(builder->names, NULL, NULL);
}

void
steps_make(struct builder *builder)
{
    size_t total = 0;

    for (size_t i = 0; i < builder->draft_count; i++) {
        struct draft *draft = &builder->drafts[i];

        draft->part_count = draft->split ? draft->input_count : 1;
        total += draft->part_count;
        if (total > STEPS_MAX) {
            problems_add(builder->problems, draft->place, NULL,
                         "a pipeline has at most %d steps, one for each input "
                         "of a sink with ${step.input}",
                         STEPS_MAX);
            draft->part_count = 0;
        }
        draft->parts = arena_array(builder->arena, draft->part_count + 1,
                                   sizeof(*draft->parts));
        for (size_t j = 0; draft->body != NULL && j < draft->part_count; j++)
            make_part(builder, draft, j);
    }
}
