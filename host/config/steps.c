/*
 * config/steps.c: one step after another: which plugin it is, its options,
 * and what the host itself wants to know of it.  What it reads is found in
 * topology.c.
 */
#include <assert.h>

#include "config/build.h"
#include "config/bytes.h"
#include "config/choose.h"
#include "config/keys.h"
#include "util/error.h"
#include "util/file.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

static const enum fb_kind kinds[] = {FB_SOURCE, FB_TRANSFORM, FB_SINK,
                                     FB_NOTIFIER};

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

    if (!is_id(id) || other != NULL)
        builder->unclear = true; /* others may name it otherwise */
    if (!is_id(id))
        problems_add(builder->problems, place, "letters, digits, _ and -",
                     "'%s' cannot be the id of a step", id);
    if (other != NULL) {
        problems_add(builder->problems, place, "give it another name",
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
section_pair(struct builder *builder, enum fb_kind kind, bool tell)
{
    const struct yaml_pair *pair =
        yaml_pair(builder->document->root, choose_section(kind));

    if (pair == NULL || pair->value->kind == YAML_MAP)
        return pair;
    builder->unclear = true;
    if (tell)
        problems_add(
            builder->problems,
            yaml_place(yaml_is_empty(pair->value) ? pair->key : pair->value),
            "write the id of a step, a colon, and its options",
            "'%s' is a map of steps, but here stands %s", choose_section(kind),
            yaml_kind_name(pair->value));
    return NULL;
}

void
steps_draft(struct builder *builder)
{
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        const struct yaml_pair *pair = section_pair(builder, kinds[i], true);

        count += pair != NULL ? pair->value->count : 0;
    }
    builder->drafts =
        arena_array(builder->arena, count + 1, sizeof(*builder->drafts));
    if (count > STEPS_MAX) {
        builder->unclear = true;
        problems_add(builder->problems, yaml_place(builder->document->root),
                     "make two pipelines of it",
                     "a pipeline has at most %d steps", STEPS_MAX);
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        const struct yaml_pair *pair = section_pair(builder, kinds[i], false);

        for (size_t j = 0; pair != NULL && j < pair->value->count; j++)
            add_draft(builder, kinds[i], &pair->value->pairs[j]);
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
    const char *subject;           /* "the filter transform", "step 'x'" */
    const struct fb_plugin *codec; /* what makes sense of bytes; NULL: us */
};

/* `type` may name what codes the rows; then the uri names what moves the
 * bytes. */
static bool
is_codec(const struct making *making)
{
    const struct step_options *options = &making->options;
    const struct fb_plugin *plugin =
        options->type != NULL && options->uri != NULL
            ? registry_by_name(making->builder->registry, making->draft->kind,
                               options->type)
            : NULL;

    return plugin != NULL && plugin->formats != NULL;
}

static const struct fb_plugin *
plugin_of(struct making *making)
{
    const struct step_options *options = &making->options;
    const struct yaml_node *body = making->draft->body;
    struct choice choice = {
        .id = making->draft->id,
        .kind = making->draft->kind,
        .type = options->type,
        .type_place = option_place(making->places, "type", 0, 0),
        .uri = options->uri,
        .uri_place = option_place(making->places, "uri", 0, 0)};

    if (options->type == NULL && yaml_get(body, "type") != NULL)
        return NULL; /* it has a problem, which has been told */
    if (options->type == NULL && options->uri == NULL)
        return NULL;
    if (is_codec(making)) {
        making->codec = registry_by_name(making->builder->registry, choice.kind,
                                         choice.type);
        choice.type = NULL;
    }
    return choose_plugin(making->builder, &choice);
}

/* Nothing says which plugin it is; a transform's type is required anyway. */
static void
check_plugin_named(const struct making *making, size_t unknown)
{
    const struct draft *draft = making->draft;

    if (unknown == 0 && draft->kind != FB_TRANSFORM &&
        yaml_get(draft->body, "uri") == NULL &&
        yaml_get(draft->body, "type") == NULL)
        problems_add(making->builder->problems, draft->place,
                     "write uri: ... or type: ...",
                     "the %s '%s' has neither 'uri' nor 'type'",
                     registry_kind_name(draft->kind), draft->id);
}

/* What only hears of objects can start runs, but there is nothing in it that
 * a step could read. */
static bool
is_readable(const struct making *making)
{
    const struct fb_plugin *plugin = making->step->plugin;
    struct place place = option_place(
        making->places, making->options.uri != NULL ? "uri" : "type", 0, 0);

    if (plugin->kind != FB_SOURCE || (plugin->flags & FB_LISTS_OTHERS) == 0)
        return true;
    problems_add(making->builder->problems, place,
                 "move it to trigger:, and read uri: ${trigger.uri} here",
                 "the %s source announces objects and cannot read them",
                 plugin->name);
    return false;
}

/* --- the host's own options --- */

/* So that a listing shows what is meant where nothing is written. */
static void
remember_text(const struct making *making, const char *name,
              enum option_from from, const char *text)
{
    const char *kind = registry_kind_name(making->draft->kind);
    const struct fb_option *option = options_find(host_options(kind), name);
    struct arena *arena = making->builder->arena;
    struct option_item *item = arena_array(arena, 1, sizeof(*item));
    struct option_entry *entry;

    assert(option != NULL);
    entry = places_add(arena, making->places, option, from);
    entry->items = item;
    entry->count = 1;
    item->value.text = text;
    item->value.length = strlen(text);
}

static void
take_sink_options(const struct making *making)
{
    struct pipeline_step *step = making->step;
    int when_empty = making->options.when_empty;

    step->layout =
        making->options.layout == LAYOUT_RETURN ? LAYOUT_RETURN : LAYOUT_TABLE;
    if (when_empty == 0) {
        when_empty = step->layout == LAYOUT_RETURN ? EMPTY_SKIP : EMPTY_WRITE;
        if (making->draft->kind == FB_SINK)
            remember_text(making, "when_empty", FROM_DEFAULT,
                          when_empty == EMPTY_SKIP ? "skip" : "write");
    }
    step->when_empty = (enum when_empty)when_empty;
}

static void
take_outcomes(const struct making *making)
{
    const struct fb_list *on = &making->options.on;
    const struct yaml_node *node = yaml_get(making->draft->body, "on");

    for (size_t i = 0; i < on->count; i++)
        making->step->notify_on |= strcmp(on->items[i], "success") == 0
                                       ? NOTIFY_SUCCESS
                                       : NOTIFY_FAILURE;
    if (node != NULL && node->kind == YAML_LIST && node->count == 0)
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
read_plugin_options(const struct making *making)
{
    struct builder *builder = making->builder;
    struct pipeline_step *step = making->step;
    struct options_reader reader =
        build_reader(making->builder, making->subject);

    step->instance =
        arena_zalloc(builder->arena, step->plugin->instance_size + 1);
    (void)options_read(&reader, step->plugin->options, step->instance,
                       making->draft->body,
                       build_settings(builder, step->plugin), making->places);
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
    struct options_reader reader = build_reader(making.builder, making.subject);
    struct bytes_reading bytes = {.builder = builder,
                                  .body = draft->body,
                                  .step = step,
                                  .places = making.places};

    assert(host != NULL);
    step->places = making.places;
    (void)options_read(&reader, host, &making.options, draft->body, NULL,
                       making.places);
    if (!draft->inputs_written && draft->input_count > 0)
        remember_text(&making, "inputs", FROM_ORDER, draft->inputs[0].text);
    step->uri = making.options.uri;
    if (making.options.title != NULL)
        step->title = making.options.title;
    step->uri_place = option_place(making.places, "uri", 0, 0);
    step->on_reject = (enum on_reject)making.options.on_reject;
    step->plugin = plugin_of(&making);
    if (step->plugin != NULL && !is_readable(&making))
        step->plugin = NULL;
    if (step->plugin != NULL)
        making.subject =
            arena_printf(builder->arena, "the %s %s", step->plugin->name, kind);
    bytes.subject = making.subject;
    if (bytes_are_moved_by(step->plugin))
        bytes_find_codec(&bytes, making.codec);
    check_plugin_named(&making, bytes_check_keys(&bytes, host, draft->place));
    if (step->plugin != NULL) {
        check_uri_needed(&making);
        read_plugin_options(&making);
        if (bytes_are_moved_by(step->plugin))
            bytes_read_format(&bytes);
        else
            bytes_refuse_dialect(&bytes);
    }
    bytes_read_schema(&bytes, making.options.schema);
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
    step->title = draft->id;
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
            problems_add(builder->problems, draft->place,
                         "make two pipelines of it",
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
