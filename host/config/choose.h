/*
 * config/choose.h: which plugin a step is: by the scheme of its uri, or by its
 * type.  When there is none, what was probably meant is told.
 */
#ifndef CONFIG_CHOOSE_H
#define CONFIG_CHOOSE_H

#include "config/build.h"

struct choice {
    const char *id; /* of the step, for messages */
    enum fb_kind kind;
    const char *type; /* NULL: not given */
    struct place type_place;
    const char *uri; /* NULL: not given */
    struct place uri_place;
};

/* The plugin, or NULL after a problem.  Needs a type or a uri. */
const struct fb_plugin *choose_plugin(const struct builder *builder,
                                      const struct choice *choice);

/* "sources", "transforms", "sinks", "notifiers" */
const char *choose_section(enum fb_kind kind);

#endif
