/*
 * registry/jsonvalue.h: JSON Schema of the value of one option, and the few
 * helpers that building a schema takes.  Running out of memory ends the
 * process, as everywhere (util/mem.h).
 */
#ifndef REGISTRY_JSONVALUE_H
#define REGISTRY_JSONVALUE_H

#include <jansson.h>

#include "forebay/plugin.h"
#include "util/arena.h"

/* Takes over `value`; what stood under the key is gone. */
void js_put(json_t *object, const char *key, json_t *value);
void js_add(json_t *array, json_t *value);
json_t *js_text(const char *text);
/* {key: value} and [text]; both take over their values. */
json_t *js_single(const char *key, json_t *value);
json_t *js_list_of(const char *text);
/* An object with these properties; takes over. */
json_t *js_object_of(json_t *properties);
/* Names that must be there, if any; takes over. */
void js_put_required(json_t *schema, json_t *names);
/* True of objects that have the key, with such a value; takes over. */
json_t *js_has(const char *key, json_t *value);
json_t *js_if_then(json_t *condition, json_t *then);
json_t *js_ref(struct arena *arena, const char *definition);

/* What a value with ${...} in it looks like; refers to the definition
 * "substituted", which jsonvalue_substituted() is. */
json_t *jsonvalue_substituted(void);
/* Any scalar of YAML. */
json_t *jsonvalue_scalar(void);

/* Add every option of a table to a "properties" object; NULL: none. */
void jsonvalue_properties(struct arena *arena, json_t *properties,
                          const struct fb_option *options);
/* The names of the required ones, as an array. */
json_t *jsonvalue_required(const struct fb_option *options);

#endif
