/*
 * registry/jsonschema.h: JSON Schema (draft 2020-12) of what a pipeline file
 * may hold.  https://json-schema.org/draft/2020-12
 *
 * The schema helps while typing; the host decides.  So it must accept all
 * that the host accepts, and may accept more: any scalar may come from a
 * substitution, a required option may stand in `settings`.
 */
#ifndef REGISTRY_JSONSCHEMA_H
#define REGISTRY_JSONSCHEMA_H

#include <jansson.h>

#include "registry/describe.h"

/* The caller decrefs both. */
json_t *jsonschema_pipeline(const struct registry *registry,
                            const struct describe_host *host);
/* One step of the plugin of this name; NULL when there is none. */
json_t *jsonschema_step(const struct registry *registry, const char *name,
                        const struct describe_host *host);

#endif
