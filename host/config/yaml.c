/*
 * config/yaml.c: from libyaml's events to a tree.  The events are used and
 * not libyaml's documents, which forget comments of style and guess types.
 */
#include "config/yaml.h"

#include <assert.h>
#include <yaml.h>

#include "config/yaml_error.h"
#include "util/limits.h"
#include "util/text.h"

#define INDEX_STEP ((size_t)64) /* characters between two known bytes */

struct anchor {
    const char *name;
    const struct yaml_node *node; /* NULL while the node is still open */
    struct anchor *next;
};

struct reader {
    yaml_parser_t parser;
    struct arena *arena;
    const struct yaml_source *source;
    struct problems *problems;
    size_t *index; /* the byte of every INDEX_STEPth character */
    size_t characters;
    struct anchor *anchors;
    size_t nodes;
    bool failed;     /* no use to read on */
    bool incomplete; /* a part is missing: told, but the tree is no use */
};

/* libyaml counts characters; everybody here counts bytes. */
static void
index_characters(struct reader *reader)
{
    const struct yaml_source *source = reader->source;

    reader->index = arena_array(reader->arena, source->size / INDEX_STEP + 2,
                                sizeof(*reader->index));
    for (size_t i = 0; i < source->size; i++) {
        if (((unsigned char)source->text[i] & 0xC0) == 0x80)
            continue;
        if (reader->characters % INDEX_STEP == 0)
            reader->index[reader->characters / INDEX_STEP] = i;
        reader->characters++;
    }
}

static size_t
byte_of(const struct reader *reader, size_t character)
{
    size_t at;

    if (character >= reader->characters)
        return reader->source->size;
    at = reader->index[character / INDEX_STEP];
    for (size_t left = character % INDEX_STEP; left > 0; left--) {
        at++;
        while (((unsigned char)reader->source->text[at] & 0xC0) == 0x80)
            at++;
    }
    return at;
}

static struct place
place_of(const struct reader *reader, yaml_mark_t mark)
{
    return yaml_source_place(reader->source, byte_of(reader, mark.index));
}

static void
syntax_error(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    struct yaml_complaint complaint = {
        .problem = parser->problem,
        .context = parser->context,
        .at = byte_of(reader, parser->problem_mark.index),
        .context_at = byte_of(reader, parser->context_mark.index),
    };

    reader->failed = true;
    if (parser->error == YAML_READER_ERROR)
        complaint.at = complaint.context_at = parser->problem_offset;
    if (complaint.at > reader->source->size)
        complaint.at = reader->source->size;
    yaml_explain(reader->arena, reader->source, &complaint, reader->problems);
}

static bool
next_event(struct reader *reader, yaml_event_t *event)
{
    if (reader->failed)
        return false;
    if (yaml_parser_parse(&reader->parser, event) != 1) {
        syntax_error(reader);
        return false;
    }
    return true;
}

static void
refuse_tag(struct reader *reader, const yaml_event_t *event,
           const yaml_char_t *tag)
{
    const char *text = (const char *)tag;

    if (text == NULL)
        return;
    if (text_starts_with(text, "tag:yaml.org,2002:"))
        text += strlen("tag:yaml.org,2002:");
    else if (*text == '!')
        text++;
    problems_add(reader->problems, place_of(reader, event->start_mark),
                 "take the '!...' out: what a value means depends on its key",
                 "tags such as '!%s' are not supported", text);
}

/* The start mark of a node with an anchor or a tag is that of the anchor. */
static size_t
skip_properties(const struct yaml_source *source, size_t at, size_t end)
{
    while (at < end && (source->text[at] == '&' || source->text[at] == '!')) {
        while (at < end && strchr(" \t\r\n", source->text[at]) == NULL)
            at++;
        while (at < end && strchr(" \t\r\n", source->text[at]) != NULL)
            at++;
    }
    return at;
}

static struct yaml_node *
new_node(struct reader *reader, enum yaml_kind kind, const yaml_event_t *event)
{
    struct yaml_node *node = arena_zalloc(reader->arena, sizeof(*node));

    node->kind = kind;
    node->source = reader->source;
    node->start = byte_of(reader, event->start_mark.index);
    node->end = byte_of(reader, event->end_mark.index);
    node->start = skip_properties(reader->source, node->start, node->end);
    node->weight = 1;
    return node;
}

/* False once the tree is larger than a tree may be. */
static bool
count_nodes(struct reader *reader, struct place place, size_t weight)
{
    reader->nodes += weight;
    if (reader->nodes <= YAML_NODES_MAX)
        return true;
    problems_add(
        reader->problems, place, "an alias counts as often as it is used",
        "the file has more than %d values, aliases expanded", YAML_NODES_MAX);
    reader->failed = true;
    return false;
}

static bool
check_depth(struct reader *reader, struct place place, size_t depth)
{
    if (depth <= YAML_DEPTH_MAX)
        return true;
    problems_add(reader->problems, place, "is a bracket not closed?",
                 "more than %d levels deep", YAML_DEPTH_MAX);
    reader->failed = true;
    return false;
}

static struct anchor *
open_anchor(struct reader *reader, const yaml_char_t *name)
{
    struct anchor *anchor;

    if (name == NULL)
        return NULL;
    anchor = arena_zalloc(reader->arena, sizeof(*anchor));
    anchor->name = arena_strdup(reader->arena, (const char *)name);
    anchor->next = reader->anchors; /* a later one of that name hides it */
    reader->anchors = anchor;
    return anchor;
}

/* Stands for what could not be read, so that more can be looked at. */
static const struct yaml_node *
placeholder(struct reader *reader, const yaml_event_t *event)
{
    struct yaml_node *node = new_node(reader, YAML_SCALAR, event);

    node->style = YAML_DOUBLE;
    node->text = "";
    reader->incomplete = true;
    return node;
}

static const struct yaml_node *
read_alias(struct reader *reader, const yaml_event_t *event, size_t depth)
{
    const char *name = (const char *)event->data.alias.anchor;
    struct place place = place_of(reader, event->start_mark);
    const struct anchor *anchor = reader->anchors;

    while (anchor != NULL && strcmp(anchor->name, name) != 0)
        anchor = anchor->next;
    if (anchor == NULL) {
        problems_add(reader->problems, place,
                     "an alias stands behind its anchor; a text that begins "
                     "with * stands in quotes",
                     "there is no anchor '&%s' above", name);
        return placeholder(reader, event);
    }
    if (anchor->node == NULL) {
        problems_add(reader->problems, place,
                     "an anchor ends before its alias begins",
                     "the alias '*%s' stands inside its own anchor", name);
        reader->failed = true;
        return NULL;
    }
    if (!check_depth(reader, place, depth + anchor->node->height) ||
        !count_nodes(reader, place, anchor->node->weight))
        return NULL;
    return anchor->node;
}

static const struct yaml_node *
read_scalar(struct reader *reader, const yaml_event_t *event)
{
    static const enum yaml_style styles[] = {
        [YAML_ANY_SCALAR_STYLE] = YAML_PLAIN,
        [YAML_PLAIN_SCALAR_STYLE] = YAML_PLAIN,
        [YAML_SINGLE_QUOTED_SCALAR_STYLE] = YAML_SINGLE,
        [YAML_DOUBLE_QUOTED_SCALAR_STYLE] = YAML_DOUBLE,
        [YAML_LITERAL_SCALAR_STYLE] = YAML_LITERAL,
        [YAML_FOLDED_SCALAR_STYLE] = YAML_FOLDED,
    };
    struct yaml_node *node = new_node(reader, YAML_SCALAR, event);
    const char *text = (const char *)event->data.scalar.value;

    node->style = styles[event->data.scalar.style];
    node->length = event->data.scalar.length;
    node->text = arena_dup_nul(reader->arena, text, node->length);
    if (strlen(node->text) != node->length) {
        problems_add(reader->problems, yaml_place(node), "take it out",
                     "a text cannot hold the character \\0");
        node->length = strlen(node->text);
    }
    refuse_tag(reader, event, event->data.scalar.tag);
    return count_nodes(reader, yaml_place(node), 1) ? node : NULL;
}

static const struct yaml_node *read_node(struct reader *reader,
                                         yaml_event_t *event, size_t depth);

/* Read the next node; *end when there is none because `closing` came. */
static const struct yaml_node *
read_next(struct reader *reader, yaml_event_type_t closing, size_t depth,
          struct yaml_node *parent, bool *end)
{
    const struct yaml_node *node = NULL;
    yaml_event_t event;

    *end = false;
    if (!next_event(reader, &event))
        return NULL;
    if (event.type == closing) {
        *end = true;
        parent->end = byte_of(reader, event.end_mark.index);
    } else {
        node = read_node(reader, &event, depth);
    }
    yaml_event_delete(&event);
    if (node != NULL) {
        parent->weight += node->weight;
        if (parent->height <= node->height)
            parent->height = node->height + 1;
    }
    return node;
}

/* Room for one more item, by doubling inside an arena: what is left behind is
 * less than what is kept, and the number of nodes is bounded. */
static void *
grow(struct arena *arena, void *items, size_t count, size_t size)
{
    void *larger;

    if (items == NULL)
        return arena_array(arena, 4, size);
    if (count < 4 || (count & (count - 1)) != 0)
        return items;
    larger = arena_array(arena, 2 * count, size);
    memcpy(larger, items, count * size);
    return larger;
}

static const struct yaml_node *
read_list(struct reader *reader, const yaml_event_t *event, size_t depth)
{
    struct yaml_node *list = new_node(reader, YAML_LIST, event);
    const struct yaml_node **items = NULL;
    bool end;

    refuse_tag(reader, event, event->data.sequence_start.tag);
    for (;;) {
        const struct yaml_node *item =
            read_next(reader, YAML_SEQUENCE_END_EVENT, depth, list, &end);

        if (item == NULL)
            break;
        items = grow(reader->arena, items, list->count, sizeof(*items));
        items[list->count++] = item;
    }
    list->items = items;
    return end ? list : NULL;
}

/* Whether a pair of this key can be kept; if not, why is told. */
static bool
check_key(struct reader *reader, const struct yaml_node *map,
          const struct yaml_node *key)
{
    const struct yaml_pair *first;

    if (key->kind != YAML_SCALAR) {
        problems_add(reader->problems, yaml_place(key),
                     "a text with { or [ at its begin stands in quotes",
                     "a key is a text, not %s", yaml_kind_name(key));
        return false;
    }
    if (key->style == YAML_PLAIN && strcmp(key->text, "<<") == 0) {
        problems_add(reader->problems, yaml_place(key),
                     "write the keys out, or use an alias for a whole value",
                     "merge keys ('<<') are not supported");
        return false;
    }
    first = yaml_pair(map, key->text);
    if (first != NULL) {
        problems_add(reader->problems, yaml_place(key), "keep one of the two",
                     "'%s' stands here a second time, "
                     "first in line %u",
                     key->text, yaml_place(first->key).line);
        return false;
    }
    return true;
}

static const struct yaml_node *
read_map(struct reader *reader, const yaml_event_t *event, size_t depth)
{
    struct yaml_node *map = new_node(reader, YAML_MAP, event);
    struct yaml_pair *pairs = NULL;
    bool end;

    refuse_tag(reader, event, event->data.mapping_start.tag);
    for (;;) {
        const struct yaml_node *value,
            *key = read_next(reader, YAML_MAPPING_END_EVENT, depth, map, &end);
        bool none;

        if (key == NULL)
            break;
        value = read_next(reader, YAML_NO_EVENT, depth, map, &none);
        if (value == NULL)
            break;
        if (!check_key(reader, map, key))
            continue;
        pairs = grow(reader->arena, pairs, map->count, sizeof(*pairs));
        pairs[map->count++] = (struct yaml_pair){.key = key, .value = value};
        map->pairs = pairs;
    }
    return end ? map : NULL;
}

static const yaml_char_t *
anchor_of(const yaml_event_t *event)
{
    if (event->type == YAML_SCALAR_EVENT)
        return event->data.scalar.anchor;
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return event->data.sequence_start.anchor;
    return event->data.mapping_start.anchor;
}

static const struct yaml_node *
read_node(struct reader *reader, yaml_event_t *event, size_t depth)
{
    const struct yaml_node *node;
    struct anchor *anchor;

    if (event->type == YAML_ALIAS_EVENT)
        return read_alias(reader, event, depth);
    if (!check_depth(reader, place_of(reader, event->start_mark), depth))
        return NULL;
    anchor = open_anchor(reader, anchor_of(event));
    if (event->type == YAML_SCALAR_EVENT)
        node = read_scalar(reader, event);
    else if (!count_nodes(reader, place_of(reader, event->start_mark), 1))
        node = NULL;
    else if (event->type == YAML_SEQUENCE_START_EVENT)
        node = read_list(reader, event, depth + 1);
    else
        node = read_map(reader, event, depth + 1);
    if (anchor != NULL)
        anchor->node = node;
    return node;
}

static const struct yaml_node *
read_stream(struct reader *reader)
{
    const struct yaml_node *root = NULL;
    bool more = true;

    while (more) {
        yaml_event_t event;

        if (!next_event(reader, &event))
            return NULL;
        more = event.type != YAML_STREAM_END_EVENT;
        if (event.type == YAML_DOCUMENT_START_EVENT && root != NULL) {
            problems_add(reader->problems, place_of(reader, event.start_mark),
                         "one file holds one document: take the '---' out, "
                         "or make two files",
                         "a second document begins here");
            more = false;
        } else if (event.type >= YAML_ALIAS_EVENT &&
                   event.type != YAML_SEQUENCE_END_EVENT &&
                   event.type != YAML_MAPPING_END_EVENT) {
            root = read_node(reader, &event, 1);
        }
        yaml_event_delete(&event);
        if (reader->failed)
            return NULL;
    }
    return root;
}

static bool
check_text(const struct yaml_source *source, struct problems *problems)
{
    struct place whole = {.file = source->file};
    size_t bad;

    if (source->size > YAML_SIZE_MAX) {
        problems_add(problems, whole, "make it smaller",
                     "the file is larger than %zu MiB", YAML_SIZE_MAX / MIB);
        return false;
    }
    if (!text_is_utf8((const unsigned char *)source->text, source->size,
                      &bad)) {
        problems_add(problems, yaml_source_place(source, bad),
                     "save the file as UTF-8",
                     "the byte 0x%02x is no UTF-8 text here",
                     (unsigned char)source->text[bad]);
        return false;
    }
    return true;
}

const struct yaml_node *
yaml_parse(struct arena *arena, const struct yaml_source *source,
           struct problems *problems)
{
    struct reader reader = {
        .arena = arena, .source = source, .problems = problems};
    const struct yaml_node *root;

    if (!check_text(source, problems))
        return NULL;
    index_characters(&reader);
    if (yaml_parser_initialize(&reader.parser) != 1) {
        problems_add(problems, (struct place){.file = source->file},
                     "try again later", "cannot get memory to read the file");
        return NULL;
    }
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &reader.parser, (const unsigned char *)source->text, source->size);
    root = read_stream(&reader);
    yaml_parser_delete(&reader.parser);
    if (root == NULL && !reader.failed)
        problems_add(problems, (struct place){.file = source->file},
                     "a pipeline begins with pipeline: NAME, a schema with "
                     "fields:",
                     "the file is empty");
    return reader.incomplete ? NULL : root;
}

const struct yaml_pair *
yaml_pair(const struct yaml_node *map, const char *key)
{
    if (map == NULL || map->kind != YAML_MAP)
        return NULL;
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->pairs[i].key->text, key) == 0)
            return &map->pairs[i];
    }
    return NULL;
}

const struct yaml_node *
yaml_get(const struct yaml_node *map, const char *key)
{
    const struct yaml_pair *pair = yaml_pair(map, key);

    return pair != NULL ? pair->value : NULL;
}

bool
yaml_is_empty(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR && node->style == YAML_PLAIN &&
           node->length == 0;
}

const char *
yaml_kind_name(const struct yaml_node *node)
{
    return node->kind == YAML_LIST  ? "a list"
           : node->kind == YAML_MAP ? "a map"
           : yaml_is_empty(node)    ? "nothing"
                                    : "a text";
}
