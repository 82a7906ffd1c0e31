/*
 * config/topology.c: which step reads which, whether that is a graph that can
 * run, and in which order.
 */
#include <assert.h>

#include "config/build.h"
#include "util/mem.h"
#include "util/text.h"

#define REJECTED ".rejected"

static bool
is_readable(const struct draft *draft)
{
    return draft->kind == FB_SOURCE || draft->kind == FB_TRANSFORM;
}

static bool
is_reader(const struct draft *draft)
{
    return draft->kind == FB_TRANSFORM || draft->kind == FB_SINK;
}

static const struct fb_plugin *
plugin_of(const struct draft *draft)
{
    return draft->part_count > 0 ? pipeline_step_worker(&draft->parts[0])
                                 : NULL;
}

/* Bytes can always be no records: too many cells, a quote that never ends. */
static bool
can_reject(const struct fb_plugin *plugin)
{
    return (plugin->flags & FB_REJECTS) != 0 ||
           (plugin->kind == FB_SOURCE && plugin->read_bytes != NULL);
}

/* --- what a step reads --- */

static const char *
nearest_output(const struct builder *builder, const char *name)
{
    const char **names = arena_array(
        builder->arena, 2 * builder->draft_count + 1, sizeof(*names));
    size_t count = 0;

    for (size_t i = 0; i < builder->draft_count; i++) {
        const struct draft *draft = &builder->drafts[i];

        if (!is_readable(draft))
            continue;
        names[count++] = draft->id;
        names[count++] = arena_printf(builder->arena, "%s" REJECTED, draft->id);
    }
    return text_nearest(name, names, count);
}

static bool
find_draft(const struct builder *builder, const char *id, size_t *index)
{
    for (*index = 0; *index < builder->draft_count; (*index)++) {
        if (strcmp(builder->drafts[*index].id, id) == 0)
            return true;
    }
    return false;
}

static void
explain_input(struct builder *builder, const struct draft_input *input)
{
    size_t length = strcspn(input->text, ".");
    const char *id = arena_dup_nul(builder->arena, input->text, length);
    bool rejected = text_ends_with(input->text, REJECTED);
    const char *nearest = nearest_output(builder, rejected ? id : input->text);
    const char *hint = "the steps of sources: and transforms: can be read";
    size_t index;

    if (nearest != NULL)
        hint = arena_printf(builder->arena, "did you mean '%s%s'?", nearest,
                            rejected ? REJECTED : "");
    if (input->text[length] == '.' && find_draft(builder, id, &index) &&
        !rejected)
        problems_add(builder->problems, input->place,
                     arena_printf(builder->arena,
                                  "there are '%s' and '%s" REJECTED "'", id,
                                  id),
                     "'%s' has no output '%s'", id, input->text + length + 1);
    else if (!builder->unclear)
        problems_add(builder->problems, input->place, hint,
                     "there is no step '%s'", rejected ? id : input->text);
}

/* Find what one input names. */
static bool
resolve(struct builder *builder, struct draft *draft, struct draft_input *input)
{
    const char *id = input->text;
    const struct draft *other;

    input->rejected = text_ends_with(id, REJECTED);
    if (input->rejected)
        id = arena_dup_nul(builder->arena, id, strlen(id) - strlen(REJECTED));
    if (!find_draft(builder, id, &input->draft)) {
        explain_input(builder, input);
        return false;
    }
    other = &builder->drafts[input->draft];
    if (!is_readable(other)) {
        problems_add(builder->problems, input->place,
                     "only sources and transforms give rows",
                     "'%s' cannot read '%s', which is a %s", draft->id, id,
                     registry_kind_name(other->kind));
        return false;
    }
    for (const struct draft_input *earlier = draft->inputs; earlier < input;
         earlier++) {
        if (strcmp(earlier->text, input->text) != 0)
            continue;
        problems_add(builder->problems, input->place, "name it once",
                     "'%s' reads '%s' twice", draft->id, input->text);
        return false;
    }
    return true;
}

static void
read_inputs(struct builder *builder, struct draft *draft,
            const struct yaml_pair *pair)
{
    const struct fb_option *option =
        options_find(host_options("transform"), "inputs");
    struct options_reader reader = build_reader(builder, draft->id);
    struct option_places *places = places_new(builder->arena, draft->place);
    struct step_options scratch = {.type = NULL};
    const struct option_entry *entry;

    draft->inputs_written = true;
    if (options_read_one(&reader, option, &scratch, pair, FROM_STEP, places) !=
        0) {
        draft->inputs_wrong = true;
        return;
    }
    entry = places_find(places, "inputs");
    assert(entry != NULL && entry->count == scratch.inputs.count);
    draft->inputs =
        arena_array(builder->arena, entry->count + 1, sizeof(*draft->inputs));
    for (size_t i = 0; i < entry->count; i++) {
        struct draft_input *input = &draft->inputs[draft->input_count];

        *input =
            (struct draft_input){.text = entry->items[i].value.text,
                                 .value = entry->items[i].value,
                                 .place = option_place(places, "inputs", i, 0)};
        if (resolve(builder, draft, input))
            draft->input_count++;
        else
            draft->inputs_wrong = true;
    }
    if (entry->count == 0) {
        draft->inputs_wrong = true;
        problems_add(builder->problems, yaml_place(pair->value),
                     "name a step, or leave 'inputs' out", "'%s' reads nothing",
                     draft->id);
    }
}

/* Without `inputs` a step reads the one written before it: for the first
 * transform that is the source, for a sink the last transform.  What that one
 * rejects is not meant. */
static void
default_input(struct builder *builder, struct draft *draft)
{
    size_t self = (size_t)(draft - builder->drafts);
    size_t found = SIZE_MAX, sources = 0;

    for (size_t i = 0; i < self; i++) {
        const struct draft *other = &builder->drafts[i];

        if (is_readable(other))
            found = i;
        sources += other->kind == FB_SOURCE;
    }
    if (found == SIZE_MAX) {
        draft->inputs_wrong = true; /* no source at all: told elsewhere */
        return;
    }
    if (builder->drafts[found].kind == FB_SOURCE && sources > 1) {
        draft->inputs_wrong = true;
        problems_add(builder->problems, draft->place,
                     arena_printf(builder->arena,
                                  "write inputs: %s, or a list of steps",
                                  builder->drafts[found].id),
                     "'%s' does not say which of the %zu sources it reads",
                     draft->id, sources);
        return;
    }
    draft->inputs = arena_array(builder->arena, 1, sizeof(*draft->inputs));
    draft->input_count = 1;
    draft->inputs[0] = (struct draft_input){.text = builder->drafts[found].id,
                                            .draft = found,
                                            .place = draft->place};
}

static bool
is_split(const struct draft *draft)
{
    const struct yaml_node *uri = yaml_get(draft->body, "uri");

    return draft->kind == FB_SINK && uri != NULL && uri->kind == YAML_SCALAR &&
           subst_mentions(uri->text, "step.input");
}

void
topology_link(struct builder *builder)
{
    for (size_t i = 0; i < builder->draft_count; i++) {
        struct draft *draft = &builder->drafts[i];
        const struct yaml_pair *pair = yaml_pair(draft->body, "inputs");

        if (draft->body == NULL)
            draft->inputs_wrong = true;
        if (draft->body == NULL || !is_reader(draft))
            continue;
        if (pair != NULL)
            read_inputs(builder, draft, pair);
        else
            default_input(builder, draft);
        /* With wrong inputs it is read once, to find what else is wrong. */
        draft->split = is_split(draft) && draft->input_count > 0;
    }
}

/* --- cycles --- */

enum visit { VISIT_NEW = 0, VISIT_OPEN, VISIT_DONE };

struct walk {
    struct builder *builder;
    enum visit *visits;
    size_t *path; /* the drafts that are open, each reads the next */
    size_t depth;
    bool found; /* a cycle */
};

/* The input that was not meant: of those in the circle, one that names a step
 * written behind its reader. */
static const struct draft_input *
culprit(const struct walk *walk, size_t begin,
        const struct draft_input *closing)
{
    const struct draft *drafts = walk->builder->drafts;

    for (size_t i = begin; i + 1 < walk->depth; i++) {
        const struct draft *draft = &drafts[walk->path[i]];

        for (size_t j = 0; j < draft->input_count; j++) {
            if (draft->inputs[j].draft == walk->path[i + 1] &&
                walk->path[i + 1] >= walk->path[i])
                return &draft->inputs[j];
        }
    }
    return closing;
}

/* In the direction in which rows flow. */
static void
tell_cycle(struct walk *walk, size_t first, const struct draft_input *closing)
{
    const struct draft *drafts = walk->builder->drafts;
    const char *text = drafts[first].id;
    size_t begin = walk->depth;

    do {
        begin--;
        text = arena_printf(walk->builder->arena, "%s -> %s", text,
                            drafts[walk->path[begin]].id);
    } while (walk->path[begin] != first);
    walk->found = true;
    if (begin + 1 == walk->depth)
        problems_add(walk->builder->problems, closing->place,
                     "name the step whose rows it shall read",
                     "'%s' reads itself", drafts[first].id);
    else
        problems_add(walk->builder->problems,
                     culprit(walk, begin, closing)->place,
                     "one of them must read a step outside of the circle",
                     "the steps read each other in a circle: %s", text);
}

static void
visit(struct walk *walk, size_t index)
{
    const struct draft *draft = &walk->builder->drafts[index];

    if (walk->visits[index] != VISIT_NEW)
        return;
    walk->visits[index] = VISIT_OPEN;
    walk->path[walk->depth++] = index;
    for (size_t i = 0; i < draft->input_count; i++) {
        const struct draft_input *input = &draft->inputs[i];

        if (walk->visits[input->draft] == VISIT_OPEN)
            tell_cycle(walk, input->draft, input);
        else
            visit(walk, input->draft);
    }
    walk->depth--;
    walk->visits[index] = VISIT_DONE;
}

static bool
has_cycles(struct builder *builder)
{
    struct walk walk = {
        .builder = builder,
        .visits = arena_array(builder->arena, builder->draft_count + 1,
                              sizeof(*walk.visits)),
        .path = arena_array(builder->arena, builder->draft_count + 1,
                            sizeof(*walk.path)),
    };

    for (size_t i = 0; i < builder->draft_count; i++)
        visit(&walk, i);
    return walk.found;
}

/* --- what nobody reads --- */

static const struct draft_input *
reader_of(const struct builder *builder, size_t index, bool rejected,
          const struct draft **reader)
{
    for (size_t i = 0; i < builder->draft_count; i++) {
        const struct draft *draft = &builder->drafts[i];

        for (size_t j = 0; j < draft->input_count; j++) {
            if (draft->inputs[j].draft == index &&
                draft->inputs[j].rejected == rejected) {
                *reader = draft;
                return &draft->inputs[j];
            }
        }
    }
    return NULL;
}

/* A sink that returns rejected rows reads the good ones: a problem of its own,
 * which check_layout tells. */
static bool
is_meant(const struct builder *builder, size_t index)
{
    for (size_t i = 0; i < builder->draft_count; i++) {
        const struct draft *draft = &builder->drafts[i];

        if (draft->kind != FB_SINK || draft->part_count == 0 ||
            draft->parts[0].layout != LAYOUT_RETURN)
            continue;
        for (size_t j = 0; j < draft->input_count; j++) {
            if (draft->inputs[j].draft == index && !draft->inputs[j].rejected)
                return true;
        }
    }
    return false;
}

static void
check_rejects(struct builder *builder, size_t index)
{
    const struct draft *draft = &builder->drafts[index], *reader = NULL;
    const struct fb_plugin *plugin = plugin_of(draft);
    const struct draft_input *input = reader_of(builder, index, true, &reader);
    enum on_reject on_reject = draft->parts[0].on_reject;
    struct place place = draft->place;

    if (plugin == NULL)
        return;
    if (!can_reject(plugin)) {
        if (input != NULL)
            problems_add(builder->problems, input->place, "take it out",
                         "'%s' rejects no rows: the %s %s has no such output",
                         draft->id, plugin->name,
                         registry_kind_name(plugin->kind));
        if (on_reject != ON_REJECT_READ)
            problems_add(
                builder->problems,
                option_place(draft->parts[0].places, "on_reject", 0, 0),
                "take it out", "the %s %s rejects no rows", plugin->name,
                registry_kind_name(plugin->kind));
        return;
    }
    if (input != NULL && on_reject != ON_REJECT_READ)
        problems_add(builder->problems,
                     option_place(draft->parts[0].places, "on_reject", 0, 0),
                     "take 'on_reject' out, or the input",
                     "'on_reject' says that no step reads '%s" REJECTED
                     "', but '%s' does",
                     draft->id, reader->id);
    if (input == NULL && yaml_get(draft->body, "on_reject") == NULL &&
        !is_meant(builder, index))
        problems_add(builder->problems, place,
                     arena_printf(builder->arena,
                                  "let a sink read '%s" REJECTED
                                  "', or write on_reject: fail, or on_reject: "
                                  "drop",
                                  draft->id),
                     "nobody reads '%s" REJECTED
                     "', the rows that '%s' rejects",
                     draft->id, draft->id);
}

static bool
any_inputs_wrong(const struct builder *builder)
{
    for (size_t i = 0; i < builder->draft_count; i++) {
        if (builder->drafts[i].inputs_wrong)
            return true;
    }
    return builder->unclear;
}

static void
check_read(struct builder *builder)
{
    const struct draft *reader;

    if (any_inputs_wrong(builder))
        return; /* who would read them may be what is misspelled */
    for (size_t i = 0; i < builder->draft_count; i++) {
        const struct draft *draft = &builder->drafts[i];

        if (!is_readable(draft) || draft->part_count == 0)
            continue;
        if (reader_of(builder, i, false, &reader) == NULL)
            problems_add(builder->problems, draft->place,
                         arena_printf(builder->arena,
                                      "write inputs: %s in the step that "
                                      "shall read it, or take it out",
                                      draft->id),
                         "nobody reads '%s'", draft->id);
        else
            check_rejects(builder, i);
    }
}

/* --- sinks --- */

/* layout: return is how rejected rows look, and nothing else. */
static void
check_layout(struct builder *builder, const struct draft *draft)
{
    const struct pipeline_step *step = &draft->parts[0];

    if (draft->kind != FB_SINK || draft->part_count == 0 ||
        step->layout != LAYOUT_RETURN)
        return;
    for (size_t i = 0; i < draft->input_count; i++) {
        if (draft->inputs[i].rejected)
            continue;
        problems_add(builder->problems,
                     draft->inputs_written
                         ? draft->inputs[i].place
                         : option_place(step->places, "layout", 0, 0),
                     arena_printf(builder->arena,
                                  "read '%s" REJECTED "', or take 'layout' out",
                                  draft->inputs[i].text),
                     "'%s' returns rejected rows, but reads the good rows of "
                     "'%s'",
                     draft->id, draft->inputs[i].text);
    }
}

/* Rows come from somewhere and go somewhere. */
static bool
has_ends(struct builder *builder)
{
    bool source = false, sink = false;
    struct place begin = yaml_place(builder->document->root);

    for (size_t i = 0; i < builder->draft_count; i++) {
        source = source || builder->drafts[i].kind == FB_SOURCE;
        sink = sink || builder->drafts[i].kind == FB_SINK;
    }
    if (builder->unclear)
        return true;
    if (!source)
        problems_add(builder->problems, begin,
                     "write sources: and below it NAME: {uri: ...}",
                     "the pipeline has no sources");
    if (source && !sink)
        problems_add(builder->problems, begin,
                     "write sinks: and below it NAME: {uri: ...}",
                     "the pipeline has no sinks, so nobody reads its rows");
    return source && sink;
}

void
topology_check(struct builder *builder)
{
    if (has_cycles(builder) || !has_ends(builder))
        return; /* what follows from that is no mistake of its own */
    check_read(builder);
    for (size_t i = 0; i < builder->draft_count; i++)
        check_layout(builder, &builder->drafts[i]);
}

/* --- the order --- */

static bool
is_ready(const struct builder *builder, const struct draft *draft)
{
    for (size_t i = 0; i < draft->input_count; i++) {
        if (!builder->drafts[draft->inputs[i].draft].placed)
            return false;
    }
    return true;
}

static void
place_draft(struct builder *builder, struct draft *draft)
{
    struct pipeline *pipeline = builder->pipeline;

    draft->index = pipeline->step_count;
    draft->placed = true;
    for (size_t i = 0; i < draft->part_count; i++) {
        struct pipeline_step *step = &pipeline->steps[pipeline->step_count++];
        size_t first = draft->split ? i : 0;
        size_t count = draft->split ? 1 : draft->input_count;
        struct step_input *inputs =
            arena_array(builder->arena, count + 1, sizeof(*inputs));

        *step = draft->parts[i];
        for (size_t j = 0; j < count; j++) {
            const struct draft_input *input = &draft->inputs[first + j];

            inputs[j] = (struct step_input){
                .step = (uint32_t)builder->drafts[input->draft].index,
                .rejected = input->rejected,
                .place = input->place};
        }
        step->inputs = inputs;
        step->input_count = (uint32_t)count;
    }
}

/* As written, but for what reads a step that is written behind it. */
void
topology_order(struct builder *builder)
{
    size_t total = 0, left = builder->draft_count;

    for (size_t i = 0; i < builder->draft_count; i++)
        total += builder->drafts[i].part_count;
    builder->pipeline->steps = arena_array(builder->arena, total + 1,
                                           sizeof(*builder->pipeline->steps));
    while (left > 0) {
        size_t i = 0;

        while (i < builder->draft_count &&
               (builder->drafts[i].placed ||
                !is_ready(builder, &builder->drafts[i])))
            i++;
        assert(i < builder->draft_count); /* there are no cycles */
        place_draft(builder, &builder->drafts[i]);
        left--;
    }
}
