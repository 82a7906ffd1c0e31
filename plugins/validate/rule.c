#include "rule.h"

#include <assert.h>
#include <inttypes.h>

#include "show.h"

#define ALLOWED_SHOWN 6

bool
rule_is_needed(const struct fb_column *column)
{
    const struct fb_constraints *c = &column->constraints;

    return column->type != FB_C_STRING || c->required || c->unique ||
           c->pattern != NULL || c->minimum != NULL || c->maximum != NULL ||
           c->min_length >= 0 || c->max_length >= 0 || c->enumeration.count > 0;
}

static const char *
noun(const struct fb_column *column)
{
    switch (column->type) {
    case FB_C_STRING:
        return "a text";
    case FB_C_INTEGER:
        return "an integer";
    case FB_C_NUMBER:
        return "a number";
    case FB_C_BOOLEAN:
        return "true or false";
    case FB_C_DATE:
        return "a date";
    case FB_C_DATETIME:
        return "a date and time";
    case FB_C_TIME:
        return "a time";
    }
    return "a value";
}

/* What dates look like, for messages; "" when the noun says it all. */
static const char *
shape(const struct fb_column *column)
{
    if (column->format != NULL && strcmp(column->format, "default") != 0)
        return strcmp(column->format, "any") == 0 ? "" : column->format;
    switch (column->type) {
    case FB_C_DATE:
        return "YYYY-MM-DD";
    case FB_C_DATETIME:
        return "YYYY-MM-DDThh:mm:ss";
    case FB_C_TIME:
        return "hh:mm:ss";
    case FB_C_STRING:
    case FB_C_INTEGER:
    case FB_C_NUMBER:
    case FB_C_BOOLEAN:
        break;
    }
    return "";
}

/* A constraint's value in the column's own notation. */
static int
parse_bound(const struct rule *rule, struct fb_step *step, const char *what,
            const char *text, struct fb_value *value, struct fb_error *err)
{
    const struct fb_cell cell = {
        .ptr = (const unsigned char *)text,
        .len = (uint32_t)strlen(text),
    };

    fb_value_parse(step, rule->column, &cell, value);
    if (value->state == FB_V_OK)
        return 0;
    return fb_fail(err, FB_E_CONFIG,
                   "the %s '%s' of column '%s' in the schema is not %s", what,
                   text, rule->column->name, noun(rule->column));
}

static int
parse_range(struct rule *rule, struct fb_step *step, struct fb_error *err)
{
    const struct fb_constraints *c = &rule->column->constraints;

    rule->has_minimum = c->minimum != NULL;
    rule->has_maximum = c->maximum != NULL;
    if (!rule->has_minimum && !rule->has_maximum)
        return 0;
    if (rule->column->type == FB_C_STRING || rule->column->type == FB_C_BOOLEAN)
        return fb_fail(err, FB_E_CONFIG,
                       "column '%s' has a minimum or maximum in the schema, "
                       "but its values have no order",
                       rule->column->name);
    if (rule->has_minimum && parse_bound(rule, step, "minimum", c->minimum,
                                         &rule->minimum, err) != 0)
        return -1;
    if (rule->has_maximum && parse_bound(rule, step, "maximum", c->maximum,
                                         &rule->maximum, err) != 0)
        return -1;
    return 0;
}

void
rule_key(const struct rule *rule, const struct fb_value *value, struct key *key)
{
    int64_t number = value->as.i;

    assert(value->state == FB_V_OK);
    if (rule->column->type == FB_C_STRING) {
        key->bytes = value->as.s;
        key->length = value->len;
        return;
    }
    if (rule->column->type == FB_C_BOOLEAN)
        number = value->as.b;
    else if (rule->column->type == FB_C_NUMBER && value->as.d == 0)
        number = 0; /* -0 equals 0 */
    memcpy(key->room, &number, sizeof(number));
    key->bytes = key->room;
    key->length = sizeof(number);
}

static int
parse_allowed(struct rule *rule, struct fb_step *step, struct fb_error *err)
{
    const struct fb_list *list = &rule->column->constraints.enumeration;
    struct key *keys = fb_alloc(step, (list->count + 1) * sizeof(*keys));

    for (size_t i = 0; i < list->count; i++) {
        struct fb_value value;

        if (parse_bound(rule, step, "enum value", list->items[i], &value,
                        err) != 0)
            return -1;
        rule_key(rule, &value, &keys[i]);
    }
    allowed_prepare(&rule->allowed, step, keys, list->count);
    return 0;
}

int
rule_prepare(struct rule *rule, struct fb_step *step, uint32_t index,
             struct fb_error *err)
{
    *rule = (struct rule){.index = index, .column = fb_column(step, index)};
    if (parse_range(rule, step, err) != 0 ||
        parse_allowed(rule, step, err) != 0)
        return -1;
    /* Compiled for good in open; here to say early what is wrong with it. */
    if (rule_open(rule, err) != 0)
        return -1;
    rule_close(rule);
    return 0;
}

int
rule_open(struct rule *rule, struct fb_error *err)
{
    const char *text = rule->column->constraints.pattern;
    char why[FB_MESSAGE_MAX];

    assert(rule->pattern == NULL);
    if (text == NULL || pattern_compile(text, &rule->pattern, err) == 0)
        return 0;
    memcpy(why, err->message, sizeof(why));
    return fb_fail(err, err->code, "column '%s' of the schema: %s",
                   rule->column->name, why);
}

void
rule_close(struct rule *rule)
{
    pattern_free(rule->pattern);
    rule->pattern = NULL;
}

/* -1, 0, 1; a number that is none (NaN) is beyond every bound: 2. */
static int
compare_values(const struct fb_column *column, const struct fb_value *a,
               const struct fb_value *b)
{
    if (column->type == FB_C_NUMBER) {
        if (a->as.d < b->as.d)
            return -1;
        return a->as.d == b->as.d ? 0 : a->as.d > b->as.d ? 1 : 2;
    }
    return a->as.i < b->as.i ? -1 : a->as.i > b->as.i;
}

/* The text of the cell, then what is wrong with it. */
static void FB_PRINTF(3, 4)
    say(char text[FB_MESSAGE_MAX], const struct fb_cell *cell,
        const char *format, ...)
{
    char shown[SHOW_SIZE];
    va_list args;
    int used;

    used = snprintf(text, FB_MESSAGE_MAX, "%s ",
                    show(cell->ptr, cell->len, shown));
    va_start(args, format);
    vsnprintf(text + used, FB_MESSAGE_MAX - (size_t)used, format, args);
    va_end(args);
}

static bool
is_out_of_range(const struct rule *rule, const struct fb_cell *cell,
                const struct fb_value *value, char text[FB_MESSAGE_MAX])
{
    const struct fb_constraints *c = &rule->column->constraints;
    int order;

    if (rule->has_minimum) {
        order = compare_values(rule->column, value, &rule->minimum);
        if (order < 0 || order == 2) {
            say(text, cell, "is less than the minimum %.40s", c->minimum);
            return true;
        }
    }
    if (rule->has_maximum) {
        order = compare_values(rule->column, value, &rule->maximum);
        if (order > 0) {
            say(text, cell, "is more than the maximum %.40s", c->maximum);
            return true;
        }
    }
    return false;
}

static bool
is_not_allowed(const struct rule *rule, const struct fb_cell *cell,
               const struct fb_value *value, char text[FB_MESSAGE_MAX])
{
    const struct fb_list *list = &rule->column->constraints.enumeration;
    char some[ALLOWED_SHOWN * 44] = "";
    size_t used = 0;
    struct key key;

    if (rule->allowed.count == 0)
        return false;
    rule_key(rule, value, &key);
    if (allowed_has(&rule->allowed, key.bytes, key.length))
        return false;
    for (size_t i = 0; i < list->count && i < ALLOWED_SHOWN; i++)
        used += (size_t)snprintf(some + used, sizeof(some) - used, "%s%.40s",
                                 i > 0 ? ", " : "", list->items[i]);
    say(text, cell, "is not one of %s%s", some,
        list->count > ALLOWED_SHOWN ? ", ..." : "");
    return true;
}

static bool
has_wrong_length(const struct rule *rule, const struct fb_cell *cell,
                 char text[FB_MESSAGE_MAX])
{
    const struct fb_constraints *c = &rule->column->constraints;
    uint64_t count;

    if (c->min_length < 0 && c->max_length < 0)
        return false;
    count = show_count_characters(cell->ptr, cell->len);
    if (c->min_length >= 0 && count < (uint64_t)c->min_length)
        say(text, cell,
            "has %" PRIu64 " characters, at least %" PRId64 " are needed",
            count, c->min_length);
    else if (c->max_length >= 0 && count > (uint64_t)c->max_length)
        say(text, cell,
            "has %" PRIu64 " characters, at most %" PRId64 " are allowed",
            count, c->max_length);
    else
        return false;
    return true;
}

static bool
has_wrong_form(const struct rule *rule, const struct fb_cell *cell,
               struct pattern_room *room, char text[FB_MESSAGE_MAX])
{
    const char *pattern = rule->column->constraints.pattern;

    if (rule->pattern == NULL)
        return false;
    switch (pattern_match(rule->pattern, room, cell->ptr, cell->len)) {
    case PATTERN_MATCHES:
        return false;
    case PATTERN_DIFFERS:
        say(text, cell, "does not match the pattern %.200s", pattern);
        break;
    case PATTERN_GAVE_UP:
        say(text, cell,
            "cannot be matched in bounded time with the pattern %.200s",
            pattern);
        break;
    }
    return true;
}

const char *
rule_judge(const struct rule *rule, const struct fb_cell *cell,
           const struct fb_value *value, struct pattern_room *room,
           char text[FB_MESSAGE_MAX])
{
    const char *form;

    if (value->state == FB_V_NULL) {
        if (!rule->column->constraints.required)
            return NULL;
        snprintf(text, FB_MESSAGE_MAX, "a value is required");
        return "constraint-error";
    }
    if (value->state == FB_V_BAD) {
        form = shape(rule->column);
        say(text, cell, "is not %s%s%.100s%s", noun(rule->column),
            form[0] ? " (" : "", form, form[0] ? ")" : "");
        return "type-error";
    }
    if (is_out_of_range(rule, cell, value, text) ||
        is_not_allowed(rule, cell, value, text) ||
        has_wrong_length(rule, cell, text) ||
        has_wrong_form(rule, cell, room, text))
        return "constraint-error";
    return NULL;
}
