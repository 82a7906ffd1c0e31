/*
 * registry/optiontext.h: what an option takes, in words for people.
 */
#ifndef REGISTRY_OPTIONTEXT_H
#define REGISTRY_OPTIONTEXT_H

#include "forebay/plugin.h"
#include "util/arena.h"

/* "string", "integer from 1 to 10", "size of at least 5MiB", "one of a, b";
 * a choice stands between two `quote`s. */
const char *option_takes(struct arena *arena, const struct fb_option *option,
                         const char *quote);

#endif
