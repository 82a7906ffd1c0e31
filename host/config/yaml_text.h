/*
 * config/yaml_text.h: a text as a YAML scalar that reads back as that text,
 * here and in readers of YAML 1.1.
 */
#ifndef CONFIG_YAML_TEXT_H
#define CONFIG_YAML_TEXT_H

#include "util/arena.h"

/* Without quotes where it may stand so.  In the arena, or the text itself. */
const char *yaml_text(struct arena *arena, const char *text);
/* For a place where ${...} is substituted: "$" is doubled. */
const char *yaml_text_kept(struct arena *arena, const char *text);

#endif
