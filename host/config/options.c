/*
 * config/options.c: reading options by their types.  The same code reads what
 * people wrote and the defaults of the tables.
 */
#include "config/options.h"

#include <assert.h>
#include <inttypes.h>

#include "expr/expr.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

/* One option being read. */
struct reading {
    const struct options_reader *reader;
    const struct fb_option *option;
    unsigned char *instance;
    const struct option_places *places;
    struct option_entry *entry;
    const struct yaml_node *node; /* the value; of a default, too */
    struct place place;           /* of the value, for problems */
};

static void FB_PRINTF(4, 5)
    complain(const struct reading *reading, struct place place,
             const char *hint, const char *format, ...)
{
    const struct options_reader *reader = reading->reader;
    va_list args;
    const char *message;

    va_start(args, format);
    message = arena_vprintf(reader->arena, format, args);
    va_end(args);
    if (reading->entry->from == FROM_DEFAULT)
        message =
            arena_printf(reader->arena, "%s has a wrong default for '%s': %s",
                         reader->subject, reading->option->name, message);
    problems_add(reader->problems, place, hint, "%s", message);
}

/* What a value may be shown as: never a secret. */
static const char *
shown(const struct reading *reading, const struct value *value)
{
    if (reading->entry->secret)
        return "****";
    return text_escape(reading->reader->arena,
                       value_shown(reading->reader->arena, value),
                       strlen(value_shown(reading->reader->arena, value)), 60);
}

static void
store(const struct reading *reading, const void *field, size_t size)
{
    memcpy(reading->instance + reading->option->offset, field, size);
}

static struct place
place_of_value(const struct reading *reading, const struct value *value)
{
    if (reading->entry->from == FROM_DEFAULT || value->node == NULL)
        return reading->place;
    return yaml_place(value->node);
}

/* --- scalars --- */

static int
wrong_type(const struct reading *reading, const struct value *value,
           const char *expected, const char *hint)
{
    complain(reading, place_of_value(reading, value), hint,
             "expected %s for '%s', got '%s'", expected, reading->option->name,
             shown(reading, value));
    return -1;
}

/* A number as its option would write it. */
static const char *
number_text(const struct reading *reading, int64_t number)
{
    static const struct {
        const char *name;
        int64_t factor;
    } durations[] = {{"d", 86400000},
                     {"h", 3600000},
                     {"m", 60000},
                     {"s", 1000},
                     {"ms", 1}},
      sizes[] = {{"GiB", INT64_C(1) << 30},
                 {"MiB", INT64_C(1) << 20},
                 {"KiB", INT64_C(1) << 10},
                 {"", 1}};
    struct arena *arena = reading->reader->arena;

    if (reading->option->type == FB_T_DURATION && number != 0) {
        for (size_t i = 0; i < ARRAY_SIZE(durations); i++) {
            if (number % durations[i].factor == 0)
                return arena_printf(arena, "%" PRId64 "%s",
                                    number / durations[i].factor,
                                    durations[i].name);
        }
    }
    if (reading->option->type == FB_T_SIZE && number != 0) {
        for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
            if (number % sizes[i].factor == 0)
                return arena_printf(arena, "%" PRId64 "%s",
                                    number / sizes[i].factor, sizes[i].name);
        }
    }
    return arena_printf(arena, "%" PRId64, number);
}

/* A table that gives a minimum alone leaves the other 0. */
static bool
has_maximum(const struct fb_option *option)
{
    return option->max >= option->min;
}

static const char *
range_hint(const struct reading *reading)
{
    if (!has_maximum(reading->option))
        return arena_printf(reading->reader->arena, "write %s or more",
                            number_text(reading, reading->option->min));
    return arena_printf(reading->reader->arena, "write %s to %s",
                        number_text(reading, reading->option->min),
                        number_text(reading, reading->option->max));
}

static int
check_range(const struct reading *reading, const struct value *value,
            int64_t number)
{
    const struct fb_option *option = reading->option;

    if (option->min == 0 && option->max == 0)
        return 0;
    if (number < option->min) {
        complain(reading, place_of_value(reading, value), range_hint(reading),
                 "'%s' is at least %s, got '%s'", option->name,
                 number_text(reading, option->min), shown(reading, value));
        return -1;
    }
    if (has_maximum(option) && number > option->max) {
        complain(reading, place_of_value(reading, value), range_hint(reading),
                 "'%s' is at most %s, got '%s'", option->name,
                 number_text(reading, option->max), shown(reading, value));
        return -1;
    }
    return 0;
}

/* 0123 is 83 for some and 123 for others. */
static bool
has_leading_zero(const char *text)
{
    if (*text == '-' || *text == '+')
        text++;
    return text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

static int
read_int(const struct reading *reading, const struct value *value)
{
    int64_t number;

    if (has_leading_zero(value->text) || !text_to_int(value->text, &number))
        return wrong_type(reading, value, "a whole number",
                          has_leading_zero(value->text)
                              ? "write it without the leading 0"
                              : "write digits, such as 5");
    if (check_range(reading, value, number) != 0)
        return -1;
    store(reading, &number, sizeof(number));
    return 0;
}

static int
read_size(const struct reading *reading, const struct value *value)
{
    int64_t bytes;

    if (!text_to_size(value->text, &bytes))
        return wrong_type(reading, value, "a size such as 64MiB",
                          "a number and B, KiB, MiB, GiB, or KB, MB, GB");
    if (check_range(reading, value, bytes) != 0)
        return -1;
    store(reading, &bytes, sizeof(bytes));
    return 0;
}

static int
read_duration(const struct reading *reading, const struct value *value)
{
    int64_t ms;

    if (!text_to_duration(value->text, &ms))
        return wrong_type(reading, value, "a duration such as 30s or 1h30m",
                          "a number and ms, s, m, h or d, with no space");
    if (check_range(reading, value, ms) != 0)
        return -1;
    store(reading, &ms, sizeof(ms));
    return 0;
}

static int
read_bool(const struct reading *reading, const struct value *value)
{
    static const char *const yes[] = {"yes", "on", "y", "true", "1"};
    static const char *const no[] = {"no", "off", "n", "false", "0"};
    bool is_true = strcmp(value->text, "true") == 0;
    const char *hint = NULL;

    if (!is_true && strcmp(value->text, "false") != 0) {
        for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
            if (text_equal_nocase(value->text, yes[i]))
                hint = "write true";
            if (text_equal_nocase(value->text, no[i]))
                hint = "write false";
        }
        return wrong_type(reading, value, "true or false",
                          hint != NULL ? hint : "write true or false");
    }
    store(reading, &is_true, sizeof(is_true));
    return 0;
}

/* The index in the choices, or -1 after a problem. */
static int
find_choice(const struct reading *reading, const struct value *value)
{
    const char *const *choices = reading->option->choices;
    struct arena *arena = reading->reader->arena;
    const char *nearest, *all = NULL;
    size_t count = 0;

    assert(choices != NULL);
    for (; choices[count] != NULL; count++) {
        if (strcmp(choices[count], value->text) == 0)
            return (int)count;
        all = all == NULL ? choices[count]
                          : arena_printf(arena, "%s, %s", all, choices[count]);
    }
    nearest = text_nearest(value->text, choices, count);
    complain(reading, place_of_value(reading, value),
             nearest != NULL
                 ? arena_printf(arena, "did you mean '%s'?", nearest)
                 : arena_printf(arena, "write one of %s", all),
             "'%s' is none of the values of '%s': %s", shown(reading, value),
             reading->option->name, all != NULL ? all : "(none)");
    return -1;
}

static int
read_enum(const struct reading *reading, const struct value *value)
{
    int choice = find_choice(reading, value) + 1;

    if (choice == 0)
        return -1;
    store(reading, &choice, sizeof(choice));
    return 0;
}

static int
read_text(const struct reading *reading, const struct value *value)
{
    bool needed = reading->option->type != FB_T_STRING ||
                  (reading->option->flags & FB_REQUIRED) != 0;

    if (value->length == 0 && needed) {
        complain(reading, place_of_value(reading, value),
                 "write a value, or take it out", "'%s' is empty",
                 reading->option->name);
        return -1;
    }
    store(reading, &value->text, sizeof(value->text));
    return 0;
}

static int
parse_expr(const struct reading *reading, const struct value *value,
           struct fb_expr **expr)
{
    struct expr_place where = {.offset = 0};
    struct fb_error err = FB_ERROR_INIT;
    struct place place = reading->place;

    if (expr_parse(reading->reader->arena, value->text, expr, &where, &err) ==
        0)
        return 0;
    if (reading->entry->from != FROM_DEFAULT && value->node != NULL)
        place = value_place(value, where.offset);
    complain(reading, place,
             err.hint[0] != '\0' ? err.hint : reading->option->help, "%s",
             err.message);
    return -1;
}

static int
read_expr(const struct reading *reading, const struct value *value)
{
    struct fb_expr *expr;

    if (parse_expr(reading, value, &expr) != 0)
        return -1;
    store(reading, &expr, sizeof(expr));
    return 0;
}

static int
convert(const struct reading *reading, const struct value *value)
{
    switch (reading->option->type) {
    case FB_T_STRING:
    case FB_T_URI:
    case FB_T_SECRET:
        return read_text(reading, value);
    case FB_T_INT:
        return read_int(reading, value);
    case FB_T_SIZE:
        return read_size(reading, value);
    case FB_T_DURATION:
        return read_duration(reading, value);
    case FB_T_BOOL:
        return read_bool(reading, value);
    case FB_T_ENUM:
        return read_enum(reading, value);
    case FB_T_EXPR:
        return read_expr(reading, value);
    case FB_T_LIST:
    case FB_T_MAP:
    case FB_T_EXPR_MAP:
        break;
    }
    assert(!"a scalar type");
    return -1;
}

/* --- values of a node --- */

static bool
is_collection(enum fb_type type)
{
    return type == FB_T_LIST || type == FB_T_MAP || type == FB_T_EXPR_MAP;
}

static const char *
example_of(enum fb_type type)
{
    if (type == FB_T_LIST)
        return "a list such as [a, b]";
    if (type == FB_T_MAP || type == FB_T_EXPR_MAP)
        return "a map such as {name: value}";
    return "a single value";
}

static int
wrong_kind(const struct reading *reading, const struct yaml_node *node)
{
    struct place place = reading->entry->from == FROM_DEFAULT
                             ? reading->place
                             : yaml_place(node);
    bool wants_many = is_collection(reading->option->type);

    if (yaml_is_empty(node))
        complain(reading, reading->place, "write a value, or take it out",
                 "'%s' has no value", reading->option->name);
    else
        complain(reading, place,
                 node->count == 0 ? "write at least one"
                 : wants_many     ? "several values stand in [ ] or { }"
                                  : "write it without [ ], { } and -",
                 "expected %s for '%s', got %s",
                 example_of(reading->option->type), reading->option->name,
                 yaml_kind_name(node));
    return -1;
}

/* The value of a scalar; a default holds no ${...}, nor does a schema. */
static int
value_of(const struct reading *reading, const struct yaml_node *node,
         struct value *value)
{
    if (node->kind != YAML_SCALAR || yaml_is_empty(node))
        return wrong_kind(reading, node);
    *value = (struct value){.text = node->text, .length = node->length};
    if (reading->entry->from == FROM_DEFAULT)
        return 0;
    value->node = node;
    if (reading->reader->names == NULL)
        return 0;
    return substitute(reading->reader->names, node, value);
}

static struct option_item *
new_items(const struct reading *reading, size_t count)
{
    struct option_item *items =
        arena_array(reading->reader->arena, count + 1, sizeof(*items));

    reading->entry->items = items;
    reading->entry->count = count;
    return items;
}

static int
read_scalar(const struct reading *reading)
{
    struct option_item *items = new_items(reading, 1);

    if (value_of(reading, reading->node, &items->value) != 0)
        return -1;
    return convert(reading, &items->value);
}

static int
read_list(const struct reading *reading)
{
    const struct yaml_node *node = reading->node;
    bool single = node->kind == YAML_SCALAR;
    size_t count = single ? 1 : node->count;
    struct option_item *items = new_items(reading, count);
    const char **texts =
        arena_array(reading->reader->arena, count + 1, sizeof(*texts));
    struct fb_list list = {.count = count, .items = texts};
    int result = 0;

    if (node->kind == YAML_MAP)
        return wrong_kind(reading, node);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *item = single ? node : node->items[i];

        if (value_of(reading, item, &items[i].value) != 0 ||
            (reading->option->choices != NULL &&
             find_choice(reading, &items[i].value) < 0))
            result = -1;
        texts[i] = items[i].value.text;
    }
    if (count == 0 && (reading->option->flags & FB_REQUIRED) != 0)
        return wrong_kind(reading, node);
    if (result == 0)
        store(reading, &list, sizeof(list));
    return result;
}

static int
read_map(const struct reading *reading)
{
    const struct yaml_node *node = reading->node;
    struct option_item *items = new_items(reading, node->count);
    struct fb_pair *pairs =
        arena_array(reading->reader->arena, node->count + 1, sizeof(*pairs));
    struct fb_map map = {.count = node->count, .pairs = pairs};
    int result = 0;

    if (node->kind != YAML_MAP ||
        (node->count == 0 && (reading->option->flags & FB_REQUIRED) != 0))
        return wrong_kind(reading, node);
    for (size_t i = 0; i < node->count; i++) {
        items[i].key = pairs[i].key = node->pairs[i].key->text;
        if (value_of(reading, node->pairs[i].value, &items[i].value) != 0 ||
            (reading->option->type == FB_T_EXPR_MAP &&
             parse_expr(reading, &items[i].value, &pairs[i].expr) != 0))
            result = -1;
        pairs[i].value = items[i].value.text;
    }
    if (result == 0)
        store(reading, &map, sizeof(map));
    return result;
}

static int
read_node(const struct reading *reading)
{
    if (yaml_is_empty(reading->node))
        return wrong_kind(reading, reading->node);
    if (reading->option->type == FB_T_LIST)
        return read_list(reading);
    if (reading->option->type == FB_T_MAP ||
        reading->option->type == FB_T_EXPR_MAP)
        return read_map(reading);
    return read_scalar(reading);
}

int
options_read_one(const struct options_reader *reader,
                 const struct fb_option *option, void *instance,
                 const struct yaml_pair *pair, enum option_from from,
                 struct option_places *places)
{
    struct reading reading = {
        .reader = reader,
        .option = option,
        .instance = instance,
        .places = places,
        .entry = places_add(reader->arena, places, option, from),
        .node = pair->value,
        .place =
            yaml_place(yaml_is_empty(pair->value) ? pair->key : pair->value),
    };

    reading.entry->section = reader->section;
    reading.entry->node = pair->value;
    return read_node(&reading);
}

/* --- defaults --- */

/* The node that a default is: of lists and maps parsed, else its text. */
static const struct yaml_node *
default_node(const struct options_reader *reader,
             const struct fb_option *option)
{
    struct yaml_node *node;

    if (is_collection(option->type))
        return yaml_parse(reader->arena,
                          yaml_source_new(reader->arena, option->name,
                                          option->def, strlen(option->def)),
                          reader->problems);
    node = arena_zalloc(reader->arena, sizeof(*node));
    node->kind = YAML_SCALAR;
    node->style = YAML_DOUBLE;
    node->text = option->def;
    node->length = strlen(option->def);
    return node;
}

static int
read_default(const struct options_reader *reader,
             const struct fb_option *option, void *instance,
             struct option_places *places)
{
    struct reading reading = {
        .reader = reader,
        .option = option,
        .instance = instance,
        .places = places,
        .entry = places_add(reader->arena, places, option, FROM_DEFAULT),
        .node = default_node(reader, option),
        .place = places->owner,
    };

    reading.entry->section = reader->section;
    return reading.node != NULL ? read_node(&reading) : -1;
}

static int
read_option(const struct options_reader *reader, const struct fb_option *option,
            void *instance, const struct yaml_node *map,
            const struct yaml_node *settings, struct option_places *places)
{
    const struct yaml_pair *pair = yaml_pair(map, option->name);

    if (pair != NULL)
        return options_read_one(reader, option, instance, pair, FROM_STEP,
                                places);
    pair = yaml_pair(settings, option->name);
    if (pair != NULL)
        return options_read_one(reader, option, instance, pair, FROM_SETTINGS,
                                places);
    if (option->def != NULL)
        return read_default(reader, option, instance, places);
    return 0;
}

size_t
options_read(const struct options_reader *reader, const struct fb_option *table,
             void *instance, const struct yaml_node *map,
             const struct yaml_node *settings, struct option_places *places)
{
    size_t failed = 0;

    assert(reader->subject != NULL);
    for (const struct fb_option *option = table;
         option != NULL && option->name != NULL; option++) {
        if ((option->flags & OPTION_SECTION) != 0)
            continue;
        if (read_option(reader, option, instance, map, settings, places) != 0)
            failed++;
    }
    return failed;
}

const struct fb_option *
options_find(const struct fb_option *table, const char *name)
{
    for (; table != NULL && table->name != NULL; table++) {
        if (strcmp(table->name, name) == 0)
            return table;
    }
    return NULL;
}
