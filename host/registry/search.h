/*
 * registry/search.h: in which folders plugins are looked for.  It opens none.
 */
#ifndef REGISTRY_SEARCH_H
#define REGISTRY_SEARCH_H

#include "forebay/plugin.h"
#include "util/arena.h"

/*
 * The folders to search: `flag` (--plugins, NULL: none; colon-separated), else
 * $FOREBAY_PLUGINS, else the `plugins` folder beside the program, else the
 * installed one.  The texts live in the arena.  An empty name in the list
 * would mean the working directory, and is FB_E_CONFIG.
 */
int search_folders(struct arena *arena, const char *flag,
                   const char *const **folders, size_t *count,
                   struct fb_error *err) FB_MUST_CHECK;

#endif
