/*
 * registry/jsonstep.h: JSON Schema of one step: the host's keys, and those of
 * the plugin that its `type` or its `uri` picks.
 */
#ifndef REGISTRY_JSONSTEP_H
#define REGISTRY_JSONSTEP_H

#include <jansson.h>

#include "registry/describe.h"
#include "util/arena.h"

/* What the parts of a schema are made with and from. */
struct jsonstep {
    struct arena *arena;
    const struct registry *registry;
    const struct describe_host *host;
    json_t *definitions; /* "$defs" */
};

/* "source.file": under which name a plugin's options are defined. */
const char *jsonstep_definition(const struct jsonstep *step,
                                const struct fb_plugin *plugin);
/* That definition.  The caller owns it, and what the others return. */
json_t *jsonstep_plugin(const struct jsonstep *step,
                        const struct fb_plugin *plugin);
/* True of the steps that are of this plugin. */
json_t *jsonstep_is_of(const struct jsonstep *step,
                       const struct fb_plugin *plugin);
/* A step of this kind with these keys of the host.  The plugins' definitions
 * must be there already. */
json_t *jsonstep_of_kind(const struct jsonstep *step, enum fb_kind kind,
                         const struct fb_option *keys);

#endif
