/*
 * config/places.h: which options a step, a trigger or a window has, where each
 * came from and where it stands.  option_place() of config/pipeline.h asks
 * here, and so does the listing of config/show.c.
 */
#ifndef CONFIG_PLACES_H
#define CONFIG_PLACES_H

#include "config/pipeline.h"
#include "config/subst.h"

enum option_from {
    FROM_STEP = 1, /* written there */
    FROM_SETTINGS, /* of the plugin, under settings: */
    FROM_DEFAULT,  /* of the option's table */
    FROM_ORDER,    /* inputs: the step written before it */
};

struct option_item {
    const char *key; /* of a map; else NULL */
    struct value value;
};

/* One option that has a value. */
struct option_entry {
    const char *name;
    const char *section; /* "dialect", or NULL: at the top */
    enum fb_type type;
    bool secret; /* its values are never shown */
    enum option_from from;
    const struct yaml_node *node;    /* the value as written; NULL: not so */
    const struct option_item *items; /* a scalar is one */
    size_t count;
    struct option_entry *next;
};

struct option_places {
    struct place owner; /* the id of the step */
    struct option_entry *first, *last;
};

struct option_places *places_new(struct arena *arena, struct place owner);
/* The entry is zeroed but for the name and what belongs to the option. */
struct option_entry *places_add(struct arena *arena,
                                struct option_places *places,
                                const struct fb_option *option,
                                enum option_from from);
const struct option_entry *places_find(const struct option_places *places,
                                       const char *option);

#endif
