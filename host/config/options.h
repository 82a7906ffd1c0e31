/*
 * config/options.h: from YAML nodes to the fields of an instance, by an
 * option table.
 */
#ifndef CONFIG_OPTIONS_H
#define CONFIG_OPTIONS_H

#include "config/names.h"
#include "config/places.h"

/* A flag beside FB_REQUIRED: the value is a map with a table of its own,
 * read by who knows it. */
#define OPTION_SECTION (1U << 16)

struct options_reader {
    struct arena *arena; /* everything that is read lives here */
    struct names *names; /* NULL: ${...} is text like any other */
    struct problems *problems;
    const char *subject; /* "the filter transform": for messages */
    const char *section; /* "dialect"; NULL: at the top */
};

/*
 * Fill the instance by the table: from `map` (NULL: nothing is written), else
 * from `settings` (NULL: none), else from the defaults.  Problems are added
 * for what is not of its type.  Keys of the map that are not in the table,
 * and what is required and missing, are for config/keys.h.  Returns how many
 * options had a problem.
 */
size_t options_read(const struct options_reader *reader,
                    const struct fb_option *table, void *instance,
                    const struct yaml_node *map,
                    const struct yaml_node *settings,
                    struct option_places *places);

/* One option as written; -1 after a problem. */
int options_read_one(const struct options_reader *reader,
                     const struct fb_option *option, void *instance,
                     const struct yaml_pair *pair, enum option_from from,
                     struct option_places *places) FB_MUST_CHECK;

/* NULL: no such option; the table may be NULL. */
const struct fb_option *options_find(const struct fb_option *table,
                                     const char *name);

#endif
