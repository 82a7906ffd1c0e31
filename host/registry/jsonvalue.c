#include "registry/jsonvalue.h"

#include <assert.h>
#include <stdlib.h>

#include "util/text.h"

/* What util/text.h takes; see text_to_int, text_to_size, text_to_duration. */
static const char int_pattern[] = "^-?[0-9]+$";
static const char size_pattern[] = "^[0-9]+([bB]|[kKmMgGtT][iI]?[bB])?$";
static const char duration_pattern[] =
    "^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$";

/* --- building --- */

void
js_put(json_t *object, const char *key, json_t *value)
{
    assert(json_is_object(object));
    if (value == NULL || json_object_set_new(object, key, value) != 0)
        abort();
}

void
js_add(json_t *array, json_t *value)
{
    assert(json_is_array(array));
    if (value == NULL || json_array_append_new(array, value) != 0)
        abort();
}

json_t *
js_text(const char *text)
{
    return json_string(text);
}

json_t *
js_single(const char *key, json_t *value)
{
    json_t *object = json_object();

    js_put(object, key, value);
    return object;
}

json_t *
js_list_of(const char *text)
{
    json_t *array = json_array();

    js_add(array, js_text(text));
    return array;
}

json_t *
js_ref(struct arena *arena, const char *definition)
{
    return js_single("$ref",
                     js_text(arena_printf(arena, "#/$defs/%s", definition)));
}

json_t *
js_object_of(json_t *properties)
{
    json_t *schema = js_single("type", js_text("object"));

    js_put(schema, "properties", properties);
    return schema;
}

void
js_put_required(json_t *schema, json_t *names)
{
    if (json_array_size(names) > 0)
        js_put(schema, "required", names);
    else
        json_decref(names);
}

json_t *
js_has(const char *key, json_t *value)
{
    json_t *schema = js_single("properties", js_single(key, value));

    js_put(schema, "required", js_list_of(key));
    return schema;
}

json_t *
js_if_then(json_t *condition, json_t *then)
{
    json_t *schema = js_single("if", condition);

    js_put(schema, "then", then);
    return schema;
}

/* --- values --- */

static json_t *
of_type(const char *type)
{
    return js_single("type", js_text(type));
}

static json_t *
pattern(const char *text)
{
    json_t *schema = of_type("string");

    js_put(schema, "pattern", js_text(text));
    return schema;
}

json_t *
jsonvalue_substituted(void)
{
    json_t *schema = pattern("\\$\\{");

    js_put(schema, "description",
           js_text("A text in which ${...} is replaced."));
    return schema;
}

json_t *
jsonvalue_scalar(void)
{
    json_t *types = json_array();

    js_add(types, js_text("string"));
    js_add(types, js_text("number"));
    js_add(types, js_text("boolean"));
    return js_single("type", types);
}

/* Takes over; NULL: only the first and a substitution. */
static json_t *
either(struct arena *arena, json_t *first, json_t *second)
{
    json_t *all = json_array();

    js_add(all, first);
    if (second != NULL)
        js_add(all, second);
    js_add(all, js_ref(arena, "substituted"));
    return js_single("anyOf", all);
}

static json_t *
integer(const struct fb_option *option)
{
    json_t *schema = of_type("integer");

    if (option->min == 0 && option->max == 0)
        return schema;
    if (option->min != INT64_MIN)
        js_put(schema, "minimum", json_integer(option->min));
    if (option->max != INT64_MAX)
        js_put(schema, "maximum", json_integer(option->max));
    return schema;
}

static json_t *
choices(const char *const *texts)
{
    json_t *all = json_array();

    for (size_t i = 0; texts[i] != NULL; i++)
        js_add(all, js_text(texts[i]));
    return js_single("enum", all);
}

static json_t *
boolean(void)
{
    static const char *const words[] = {"true", "false", NULL};
    json_t *schema = choices(words);

    js_add(json_object_get(schema, "enum"), json_true());
    js_add(json_object_get(schema, "enum"), json_false());
    return schema;
}

/* One value stands for a list of one. */
static json_t *
list(struct arena *arena, const char *const *texts)
{
    json_t *many = of_type("array");

    if (texts == NULL) {
        js_put(many, "items", jsonvalue_scalar());
        return either(arena, jsonvalue_scalar(), many);
    }
    js_put(many, "items", either(arena, choices(texts), NULL));
    return either(arena, choices(texts), many);
}

static json_t *
map(void)
{
    json_t *schema = of_type("object");

    js_put(schema, "additionalProperties", jsonvalue_scalar());
    return schema;
}

static json_t *
shape(struct arena *arena, const struct fb_option *option)
{
    switch (option->type) {
    case FB_T_INT:
        return either(arena, integer(option), pattern(int_pattern));
    case FB_T_SIZE:
        return either(arena, integer(option), pattern(size_pattern));
    case FB_T_DURATION:
        return either(arena, pattern(duration_pattern), NULL);
    case FB_T_BOOL:
        return either(arena, boolean(), NULL);
    case FB_T_ENUM:
        return either(arena, choices(option->choices), NULL);
    case FB_T_LIST:
        return list(arena, option->choices);
    case FB_T_MAP:
    case FB_T_EXPR_MAP:
        return map();
    case FB_T_URI:
        return of_type("string");
    case FB_T_STRING:
    case FB_T_EXPR: /* 1 and TRUE are expressions, too */
    case FB_T_SECRET:
        return jsonvalue_scalar();
    }
    abort();
}

static json_t *
default_of(const struct fb_option *option)
{
    int64_t number;

    if (option->type == FB_T_BOOL)
        return json_boolean(strcmp(option->def, "true") == 0);
    if (option->type == FB_T_INT && text_to_int(option->def, &number))
        return json_integer(number);
    return js_text(option->def);
}

static json_t *
value_of(struct arena *arena, const struct fb_option *option)
{
    json_t *schema = shape(arena, option);

    js_put(schema, "description", js_text(option->help));
    if (option->def != NULL)
        js_put(schema, "default", default_of(option));
    if (option->type == FB_T_SECRET || (option->flags & FB_SECRETS) != 0)
        js_put(schema, "writeOnly", json_true());
    return schema;
}

void
jsonvalue_properties(struct arena *arena, json_t *properties,
                     const struct fb_option *options)
{
    for (; options != NULL && options->name != NULL; options++)
        js_put(properties, options->name, value_of(arena, options));
}

json_t *
jsonvalue_required(const struct fb_option *options)
{
    json_t *names = json_array();

    for (; options != NULL && options->name != NULL; options++)
        if ((options->flags & FB_REQUIRED) != 0)
            js_add(names, js_text(options->name));
    return names;
}
