/*
 * config/bytes.h: what the bytes of a step or a table mean: its format, its
 * dialect, its schema.  For this room only.
 */
#ifndef CONFIG_BYTES_H
#define CONFIG_BYTES_H

#include "config/build.h"

/* A step (or the source of a table) while its bytes are understood. */
struct bytes_reading {
    struct builder *builder;
    const struct yaml_node *body;
    struct pipeline_step *step; /* its kind, plugin and codec are known */
    struct option_places *places;
    const char *subject; /* "the file source" */
};

/*
 * Keys of the body that neither `host`, nor the formats (when bytes are moved,
 * or may be), nor the plugin, nor the codec knows; and what these require and
 * is missing, told at `owner`.  Returns how many keys are unknown.
 */
size_t bytes_check_keys(const struct bytes_reading *reading,
                        const struct fb_option *host, struct place owner);

/* Whether the plugin moves bytes that the host makes sense of.  NULL: no. */
bool bytes_are_moved_by(const struct fb_plugin *plugin);

/* Fill step->codec when rows are not text: with `codec` (NULL: none) that
 * `type` named, or with the one that knows `format`. */
void bytes_find_codec(const struct bytes_reading *reading,
                      const struct fb_plugin *codec);

/* After that: fill step->format, and the options of the codec. */
void bytes_read_format(const struct bytes_reading *reading);

/* Batches have no dialect. */
void bytes_refuse_dialect(const struct bytes_reading *reading);

/* Fill step->schema; `name` (NULL: none) is relative to the pipeline file. */
void bytes_read_schema(const struct bytes_reading *reading, const char *name);

#endif
