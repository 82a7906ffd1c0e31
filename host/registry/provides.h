/*
 * registry/provides.h: what a plugin file says of itself in words
 * (FB_PROVIDES), read before any of its code runs.  The descriptors have the
 * last word: once they are there, both must say the same.
 */
#ifndef REGISTRY_PROVIDES_H
#define REGISTRY_PROVIDES_H

#include "forebay/plugin.h"
#include "util/arena.h"

/*
 * "abi 1; source file file; sink file file" -> descriptors that have abi,
 * kind, name, schemes and formats, and nothing else; in the arena.  FB_E_CONFIG
 * for another ABI, and for a text that cannot be understood.
 */
int provides_parse(struct arena *arena, const char *text,
                   struct fb_plugin **plugins, size_t *count,
                   struct fb_error *err) FB_MUST_CHECK;

/* FB_E_CONFIG, naming the plugin, unless the descriptor (a checked copy) is of
 * the same kind and name and has the same schemes and formats, in the same
 * order. */
int provides_compare(const struct fb_plugin *promised,
                     const struct fb_plugin *plugin,
                     struct fb_error *err) FB_MUST_CHECK;

#endif
