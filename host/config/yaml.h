/*
 * config/yaml.h: YAML text as a tree in which every node knows where it
 * stands.
 *
 * The subset: maps with scalar keys, lists, scalars of every style, anchors
 * and aliases within a bound.  Refused, each at its place: duplicate keys,
 * tags, merge keys, several documents.  A scalar is text: nothing is guessed to
 * be a number or a boolean (https://yaml.org/spec/1.2.2/, failsafe schema);
 * what it means is decided by who asks for it.
 */
#ifndef CONFIG_YAML_H
#define CONFIG_YAML_H

#include "config/problems.h"
#include "util/arena.h"

/* The text of a file, for going from a byte to a line and a column. */
struct yaml_source {
    const char *file;
    const char *text;    /* UTF-8 without a byte order mark; NUL behind it */
    size_t size;         /* bytes */
    const size_t *lines; /* where each line begins */
    size_t line_count;
};

enum yaml_kind { YAML_SCALAR = 1, YAML_LIST, YAML_MAP };

enum yaml_style {
    YAML_PLAIN = 1,
    YAML_SINGLE,  /* 'single quoted' */
    YAML_DOUBLE,  /* "double quoted" */
    YAML_LITERAL, /* | */
    YAML_FOLDED,  /* > */
};

struct yaml_node;

struct yaml_pair {
    const struct yaml_node *key; /* a scalar */
    const struct yaml_node *value;
};

/* An alias is the node of its anchor itself: a tree that shares branches. */
struct yaml_node {
    enum yaml_kind kind;
    enum yaml_style style; /* scalars */
    const struct yaml_source *source;
    size_t start, end; /* bytes of the source, the anchor left out */
    const char *text;  /* scalars: UTF-8, no NUL within */
    size_t length;     /* bytes of text */
    size_t count;      /* items or pairs */
    const struct yaml_node *const *items; /* lists */
    const struct yaml_pair *pairs;        /* maps, in the order written */
    size_t weight; /* nodes below and with this one, aliases expanded */
    size_t height; /* levels below this one */
};

/*
 * Prepare a text; it must outlive the source, the lines live in the arena.
 * The file name is only for places.
 */
struct yaml_source *yaml_source_new(struct arena *arena, const char *file,
                                    const char *text, size_t size);

/*
 * Parse the one document of the source.  Problems are added; NULL when there
 * is no tree to look at.  A tree may come with problems: what could be kept
 * is there, so that more of them can be found.
 */
const struct yaml_node *yaml_parse(struct arena *arena,
                                   const struct yaml_source *source,
                                   struct problems *problems);

/* The value of a key of a map; NULL when there is none. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
const struct yaml_pair *yaml_pair(const struct yaml_node *map, const char *key);

/* `key:` with nothing behind it. */
bool yaml_is_empty(const struct yaml_node *node);

/* "a text", "a list", "a map": for messages. */
const char *yaml_kind_name(const struct yaml_node *node);

/* Where a node begins. */
struct place yaml_place(const struct yaml_node *node);
/* Where byte `offset` of a scalar's text stands: through quotes, escapes,
 * indentation and folded lines.  The end of the text is an offset, too. */
struct place yaml_place_at(const struct yaml_node *node, size_t offset);
/* Where a byte of the source stands. */
struct place yaml_source_place(const struct yaml_source *source, size_t offset);

#endif
