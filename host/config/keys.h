/*
 * config/keys.h: keys that nobody knows, and where they may belong.
 */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "config/yaml.h"
#include "registry/registry.h"

/* Options for which a misspelling was told. */
struct keys_told {
    const char *names[16];
    size_t count;
};

struct keys_context {
    struct arena *arena;
    struct problems *problems;
    const struct registry *registry; /* NULL: do not look for other owners */
    const char *subject;             /* "the filter transform" */
    const struct fb_option *const *tables; /* entries may be NULL */
    size_t table_count;
    bool open; /* its plugin is not known: report only what cannot be its */
    struct keys_told *told;
};

/* Add a problem for each key of the map that is in none of the tables.
 * Returns how many there were. */
size_t keys_check(const struct keys_context *context,
                  const struct yaml_node *map);

/*
 * Add a problem for each option of one table that is required and stands
 * neither in the map nor in the settings (NULL: none), but for those that
 * keys_check() found misspelled.  Returns how many there were.
 */
size_t keys_require(const struct keys_context *context,
                    const struct fb_option *table, const struct yaml_node *map,
                    const struct yaml_node *settings, struct place owner);

#endif
