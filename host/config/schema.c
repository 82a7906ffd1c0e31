/*
 * config/schema.c: the fields of a Table Schema as columns.  Whether data keep
 * to them is judged elsewhere (batch/value.h and the validate plugin); here
 * only whether the schema makes sense.
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "config/schema.h"

#include <assert.h>
#include <pcre2.h>
#include <unistd.h>

#include "batch/value.h"
#include "config/keys.h"
#include "config/names.h"
#include "config/options.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

/* A limit inside a constant text. */
#define LIMIT_TEXT_(number_) #number_
#define LIMIT_TEXT(number_) LIMIT_TEXT_(number_)

/* The keys by level, for reading and for "did you mean". */
struct schema_fields {
    struct fb_list missing, primary_key;
    struct fb_map ignored;
};

/* A field as the tables fill it. */
struct field {
    const char *name, *type, *format, *ignored;
    const char *decimal_char, *group_char;
    struct fb_list true_values, false_values, aliases;
    struct fb_map section;
    bool bare_number;
};

static const struct fb_option schema_table[] = {
    {.name = "fields",
     FB_MAP(struct schema_fields, ignored),
     .flags = OPTION_SECTION | FB_REQUIRED},
    {.name = "missingValues", FB_LIST(struct schema_fields, missing)},
    {.name = "primaryKey", FB_LIST(struct schema_fields, primary_key)},
    {.name = "title",
     FB_MAP(struct schema_fields, ignored),
     .flags = OPTION_SECTION},
    {.name = "description",
     FB_MAP(struct schema_fields, ignored),
     .flags = OPTION_SECTION},
    {.name = "name",
     FB_MAP(struct schema_fields, ignored),
     .flags = OPTION_SECTION},
    {.name = "profile",
     FB_MAP(struct schema_fields, ignored),
     .flags = OPTION_SECTION},
    {.name = "$schema",
     FB_MAP(struct schema_fields, ignored),
     .flags = OPTION_SECTION},
    {.name = NULL},
};

static const struct fb_option field_table[] = {
    {.name = "name", FB_STRING(struct field, name), .flags = FB_REQUIRED},
    {.name = "type", FB_STRING(struct field, type)},
    {.name = "format", FB_STRING(struct field, format)},
    {.name = "constraints",
     FB_MAP(struct field, section),
     .flags = OPTION_SECTION},
    {.name = "aliases", FB_LIST(struct field, aliases)},
    {.name = "decimalChar", FB_STRING(struct field, decimal_char)},
    {.name = "groupChar", FB_STRING(struct field, group_char)},
    {.name = "bareNumber", FB_BOOL(struct field, bare_number), .def = "true"},
    {.name = "trueValues", FB_LIST(struct field, true_values)},
    {.name = "falseValues", FB_LIST(struct field, false_values)},
    {.name = "title", FB_MAP(struct field, section), .flags = OPTION_SECTION},
    {.name = "description",
     FB_MAP(struct field, section),
     .flags = OPTION_SECTION},
    {.name = "example", FB_MAP(struct field, section), .flags = OPTION_SECTION},
    {.name = "rdfType", FB_MAP(struct field, section), .flags = OPTION_SECTION},
    {.name = NULL},
};

static const struct fb_option constraint_table[] = {
    {.name = "required",
     FB_BOOL(struct fb_constraints, required),
     .def = "false"},
    {.name = "unique", FB_BOOL(struct fb_constraints, unique), .def = "false"},
    {.name = "enum", FB_LIST(struct fb_constraints, enumeration)},
    {.name = "pattern", FB_STRING(struct fb_constraints, pattern)},
    {.name = "minimum", FB_STRING(struct fb_constraints, minimum)},
    {.name = "maximum", FB_STRING(struct fb_constraints, maximum)},
    {.name = "minLength",
     FB_INT(struct fb_constraints, min_length),
     .max = INT32_MAX},
    {.name = "maxLength",
     FB_INT(struct fb_constraints, max_length),
     .max = INT32_MAX},
    {.name = NULL},
};

struct schema_reader {
    struct arena *arena;
    struct problems *problems;
    const struct yaml_node *root;
    struct fb_column *columns;
    struct fb_list *aliases;
    const struct yaml_node **nodes; /* of each field's name */
    uint32_t count;
    size_t failed; /* problems of the fields */
};

static const char *
join(struct arena *arena, const char *const *names)
{
    const char *all = names[0];

    for (size_t i = 1; names[i] != NULL; i++)
        all = arena_printf(arena, "%s, %s", all, names[i]);
    return all;
}

static const char *const type_names[] = {"string",  "integer", "number",
                                         "boolean", "date",    "datetime",
                                         "time",    "any",     NULL};

/* --- constraints --- */

static void
check_value(struct schema_reader *reader, const struct fb_column *column,
            const char *option, size_t index, const char *text,
            const struct option_places *places)
{
    struct fb_value value;

    if (text == NULL)
        return;
    value_parse(column, (const unsigned char *)text, (uint32_t)strlen(text),
                &value);
    if (value.state == FB_V_OK)
        return;
    reader->failed++;
    problems_add(reader->problems, option_place(places, option, index, 0),
                 "it is written like the cells of the column",
                 "'%s' in '%s' is not %s", text, option,
                 value_expectation(column));
}

/* min above max: no cell would pass. */
static void
check_order(struct schema_reader *reader, const struct fb_column *column,
            const struct option_places *places)
{
    const struct fb_constraints *rules = &column->constraints;
    struct fb_value low, high;
    bool wrong;

    if (rules->min_length >= 0 && rules->max_length >= 0 &&
        rules->min_length > rules->max_length) {
        reader->failed++;
        problems_add(reader->problems, option_place(places, "minLength", 0, 0),
                     "swap them", "\'minLength\' is greater than 'maxLength'");
    }
    if (rules->minimum == NULL || rules->maximum == NULL ||
        column->type == FB_C_STRING || column->type == FB_C_BOOLEAN)
        return;
    value_parse(column, (const unsigned char *)rules->minimum,
                (uint32_t)strlen(rules->minimum), &low);
    value_parse(column, (const unsigned char *)rules->maximum,
                (uint32_t)strlen(rules->maximum), &high);
    if (low.state != FB_V_OK || high.state != FB_V_OK)
        return;
    wrong = column->type == FB_C_NUMBER ? low.as.d > high.as.d
                                        : low.as.i > high.as.i;
    if (!wrong)
        return;
    reader->failed++;
    problems_add(reader->problems, option_place(places, "minimum", 0, 0),
                 "swap them", "'minimum' is greater than 'maximum'");
}

static void
check_pattern(struct schema_reader *reader, const char *pattern,
              const struct option_places *places)
{
    PCRE2_UCHAR text[200];
    PCRE2_SIZE at;
    pcre2_code *code;
    int error;

    if (pattern == NULL)
        return;
    code = pcre2_compile((PCRE2_SPTR)pattern, strlen(pattern),
                         PCRE2_UTF | PCRE2_UCP, &error, &at, NULL);
    if (code != NULL) {
        pcre2_code_free(code);
        return;
    }
    pcre2_get_error_message(error, text, sizeof(text));
    reader->failed++;
    problems_add(reader->problems, option_place(places, "pattern", 0, 0),
                 "the syntax is that of PCRE2; a sign that means itself "
                 "stands behind a backslash",
                 "cannot understand the pattern: %s, at byte %zu",
                 (const char *)text, (size_t)at);
}

/* Which constraints a type has. */
static void
check_applies(struct schema_reader *reader, const struct fb_column *column,
              const struct option_places *places)
{
    const struct fb_constraints *rules = &column->constraints;
    bool ordered = column->type != FB_C_STRING && column->type != FB_C_BOOLEAN;
    const char *option = NULL;

    if (!ordered && (rules->minimum != NULL || rules->maximum != NULL))
        option = rules->minimum != NULL ? "minimum" : "maximum";
    else if (column->type != FB_C_STRING && rules->pattern != NULL)
        option = "pattern";
    else if (column->type != FB_C_STRING &&
             (rules->min_length >= 0 || rules->max_length >= 0))
        option = rules->min_length >= 0 ? "minLength" : "maxLength";
    if (option == NULL)
        return;
    reader->failed++;
    problems_add(reader->problems, option_place(places, option, 0, 0),
                 "take it out, or check the type",
                 "'%s' means nothing for a column of type '%s'", option,
                 column_type_name(column->type));
}

static void
check_constraints(struct schema_reader *reader, const struct fb_column *column,
                  const struct option_places *places)
{
    const struct fb_constraints *rules = &column->constraints;

    check_applies(reader, column, places);
    if (column->type != FB_C_STRING) {
        check_value(reader, column, "minimum", 0, rules->minimum, places);
        check_value(reader, column, "maximum", 0, rules->maximum, places);
        for (size_t i = 0; i < rules->enumeration.count; i++)
            check_value(reader, column, "enum", i, rules->enumeration.items[i],
                        places);
    }
    check_order(reader, column, places);
    check_pattern(reader, rules->pattern, places);
}

/* --- reading --- */

/* Read a map by one table; a schema has no ${...}: other tools read it. */
static struct option_places *
read_map(struct schema_reader *reader, const char *subject,
         const struct fb_option *table, void *instance,
         const struct yaml_node *map, struct place owner)
{
    const struct fb_option *const tables[] = {table};
    struct keys_told told = {.count = 0};
    struct keys_context keys = {.arena = reader->arena,
                                .problems = reader->problems,
                                .subject = subject,
                                .tables = tables,
                                .table_count = 1,
                                .told = &told};
    struct options_reader options = {.arena = reader->arena,
                                     .problems = reader->problems,
                                     .subject = subject};
    struct option_places *places = places_new(reader->arena, owner);

    reader->failed += keys_check(&keys, map);
    reader->failed +=
        options_read(&options, table, instance, map, NULL, places);
    reader->failed += keys_require(&keys, table, map, NULL, owner);
    return places;
}

static void
read_constraints(struct schema_reader *reader, const struct yaml_node *field,
                 struct fb_column *column)
{
    const struct yaml_pair *pair = yaml_pair(field, "constraints");
    const struct option_places *places;
    size_t failed = reader->failed;

    column->constraints.min_length = column->constraints.max_length = -1;
    if (pair == NULL)
        return;
    if (pair->value->kind != YAML_MAP) {
        reader->failed++;
        problems_add(reader->problems, yaml_place(pair->value),
                     "write constraints: {required: true}",
                     "'constraints' is a map, not %s",
                     yaml_kind_name(pair->value));
        return;
    }
    places = read_map(reader, "'constraints'", constraint_table,
                      &column->constraints, pair->value, yaml_place(pair->key));
    if (reader->failed == failed && column->type != 0)
        check_constraints(reader, column, places);
}

static enum fb_column_type
read_type(struct schema_reader *reader, const char *text,
          const struct option_places *places)
{
    static const char *const others[] = {"object",    "array",    "year",
                                         "yearmonth", "duration", "geopoint",
                                         "geojson",   NULL};
    enum fb_column_type type =
        text == NULL ? FB_C_STRING : column_type_of_name(text);
    const char *nearest;

    if (type != 0)
        return type;
    reader->failed++;
    for (size_t i = 0; others[i] != NULL; i++) {
        if (strcmp(text, others[i]) == 0) {
            problems_add(reader->problems, option_place(places, "type", 0, 0),
                         "use 'string'", "the type '%s' is not supported",
                         text);
            return 0;
        }
    }
    nearest = text_nearest(text, type_names, ARRAY_SIZE(type_names) - 1);
    problems_add(
        reader->problems, option_place(places, "type", 0, 0),
        nearest != NULL
            ? arena_printf(reader->arena, "did you mean '%s'?", nearest)
            : arena_printf(reader->arena, "the types are %s",
                           join(reader->arena, type_names)),
        "there is no type '%s'", text);
    return 0;
}

static void
check_format(struct schema_reader *reader, const struct fb_column *column,
             const struct option_places *places)
{
    const char *why = NULL;

    if (column->type == 0 || column->format == NULL ||
        value_format_is_valid(column->type, column->format, &why))
        return;
    reader->failed++;
    problems_add(reader->problems, option_place(places, "format", 0, 0),
                 "take it out for the default of the type",
                 "cannot use the format '%s': %s", column->format,
                 why != NULL ? why : "it means nothing for this type");
}

static void
check_number_chars(struct schema_reader *reader, const struct field *field,
                   const struct option_places *places)
{
    static const char *const names[] = {"decimalChar", "groupChar"};
    const char *texts[] = {field->decimal_char, field->group_char};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        bool one =
            texts[i] == NULL || (texts[i][0] != '\0' && texts[i][1] == '\0' &&
                                 strchr("0123456789+-eE", texts[i][0]) == NULL);

        if (one)
            continue;
        reader->failed++;
        problems_add(reader->problems, option_place(places, names[i], 0, 0),
                     "write one character, such as ,",
                     "\'%s\' is one character that no number holds, not "
                     "'%s'",
                     names[i], texts[i]);
        return;
    }
    if (texts[1] != NULL &&
        strcmp(texts[1], texts[0] != NULL ? texts[0] : ".") == 0) {
        reader->failed++;
        problems_add(reader->problems, option_place(places, names[1], 0, 0),
                     "decimalChar is . unless it is given",
                     "\'groupChar\' and the decimal character are the "
                     "same");
    }
    if (!field->bare_number) {
        reader->failed++;
        problems_add(reader->problems, option_place(places, "bareNumber", 0, 0),
                     "take the signs out with a derive transform",
                     "numbers with signs around them are not supported");
    }
}

static void
read_field(struct schema_reader *reader, const struct yaml_node *node)
{
    const struct yaml_pair *name = yaml_pair(node, "name");
    struct fb_column *column = &reader->columns[reader->count];
    struct field field = {.name = NULL};
    const struct option_places *places;

    if (node->kind != YAML_MAP) {
        reader->failed++;
        problems_add(reader->problems, yaml_place(node),
                     "write - {name: ..., type: ...}",
                     "a field is a map, not %s", yaml_kind_name(node));
        return;
    }
    places = read_map(reader, "a field", field_table, &field, node,
                      yaml_place(node));
    if (field.name == NULL)
        return;
    *column = (struct fb_column){.name = field.name,
                                 .format = field.format,
                                 .decimal_char = field.decimal_char,
                                 .group_char = field.group_char,
                                 .true_values = field.true_values,
                                 .false_values = field.false_values};
    column->type = read_type(reader, field.type, places);
    if (column->format != NULL && strcmp(column->format, "default") == 0)
        column->format = NULL;
    check_format(reader, column, places);
    check_number_chars(reader, &field, places);
    read_constraints(reader, node, column);
    reader->aliases[reader->count] = field.aliases;
    reader->nodes[reader->count++] = name->value;
}

/* --- names --- */

struct known_name {
    const char *folded;
    const struct yaml_node *node; /* of the field's name */
    uint32_t field;
};

/* Names bind when they fold to the same text, so two such are one. */
static bool
claim_name(struct schema_reader *reader, struct known_name *known,
           size_t *count, const char *name, uint32_t field)
{
    const char *folded = text_fold_name(reader->arena, name, strlen(name));

    for (size_t i = 0; i < *count; i++) {
        if (strcmp(known[i].folded, folded) != 0)
            continue;
        reader->failed++;
        problems_add(reader->problems, yaml_place(reader->nodes[field]),
                     "headers are compared without case and width",
                     "the name '%s' stands for two fields: see line %u", name,
                     yaml_place(known[i].node).line);
        return false;
    }
    known[(*count)++] = (struct known_name){
        .folded = folded, .node = reader->nodes[field], .field = field};
    return true;
}

static void
check_names(struct schema_reader *reader)
{
    struct known_name *known;
    size_t max = reader->count, count = 0;

    for (uint32_t i = 0; i < reader->count; i++)
        max += reader->aliases[i].count;
    known = arena_array(reader->arena, max + 1, sizeof(*known));
    for (uint32_t i = 0; i < reader->count; i++)
        (void)claim_name(reader, known, &count, reader->columns[i].name, i);
    for (uint32_t i = 0; i < reader->count; i++) {
        for (size_t j = 0; j < reader->aliases[i].count; j++)
            (void)claim_name(reader, known, &count, reader->aliases[i].items[j],
                             i);
    }
}

static void
tell_no_field(struct schema_reader *reader, const struct schema *schema,
              const char *name, struct place place)
{
    const char *nearest = columns_nearest(&schema->columns, name);

    reader->failed++;
    problems_add(reader->problems, place,
                 nearest != NULL ? arena_printf(reader->arena,
                                                "did you mean '%s'?", nearest)
                                 : "it is the name of a field, or a list of "
                                   "such",
                 "there is no field '%s'", name);
}

static void
read_primary_key(struct schema_reader *reader, const struct schema *schema,
                 const struct option_places *places)
{
    const struct fb_list *key = &schema->primary_key;

    for (size_t i = 0; i < key->count; i++) {
        struct place place = option_place(places, "primaryKey", i, 0);
        int64_t at = columns_find(&schema->columns, key->items[i]);
        struct fb_constraints *rules;

        if (at < 0) {
            tell_no_field(reader, schema, key->items[i], place);
            continue;
        }
        assert(reader->columns != NULL && at < reader->count);
        rules = &reader->columns[at].constraints;
        if (rules->primary_key != 0) {
            reader->failed++;
            problems_add(reader->problems, place, "name each field once",
                         "'%s' stands twice in the primary key",
                         reader->columns[at].name);
        }
        rules->primary_key = (uint32_t)key->count;
    }
}

static void
read_fields(struct schema_reader *reader)
{
    const struct yaml_node *fields = yaml_get(reader->root, "fields");

    if (fields == NULL)
        return; /* that it is missing has been told */
    if (fields->kind != YAML_LIST || fields->count == 0 ||
        fields->count > COLUMNS_MAX) {
        reader->failed++;
        problems_add(
            reader->problems, yaml_place(fields),
            "write fields: and below it - {name: ..., type: ...}",
            fields->count > COLUMNS_MAX
                ? "a schema has at most " LIMIT_TEXT(COLUMNS_MAX) " fields"
                : "the fields of a schema are a list");
        return;
    }
    reader->columns =
        arena_array(reader->arena, fields->count, sizeof(*reader->columns));
    reader->aliases =
        arena_array(reader->arena, fields->count, sizeof(*reader->aliases));
    reader->nodes =
        arena_array(reader->arena, fields->count, sizeof(*reader->nodes));
    for (size_t i = 0; i < fields->count; i++)
        read_field(reader, fields->items[i]);
    check_names(reader);
}

const struct schema *
schema_of(struct arena *arena, const struct yaml_node *root,
          struct problems *problems)
{
    static const char *const empty[] = {""};
    struct schema_reader reader = {
        .arena = arena, .problems = problems, .root = root};
    struct schema_fields fields = {.missing = {.count = 1, .items = empty}};
    struct schema *schema = arena_zalloc(arena, sizeof(*schema));
    struct option_places *places;

    if (root->kind != YAML_MAP) {
        problems_add(problems, yaml_place(root),
                     "write fields: and below it - {name: ..., type: ...}",
                     "a schema is a map, not %s", yaml_kind_name(root));
        return NULL;
    }
    places = read_map(&reader, "a schema", schema_table, &fields, root,
                      yaml_place(root));
    read_fields(&reader);
    schema->path = arena_strdup(arena, root->source->file);
    schema->columns = (struct columns){.count = reader.count,
                                       .items = reader.columns,
                                       .missing = fields.missing};
    schema->aliases = reader.aliases;
    schema->primary_key = fields.primary_key;
    if (reader.failed == 0)
        read_primary_key(&reader, schema, places);
    return reader.failed == 0 ? schema : NULL;
}

const struct schema *
schema_read(struct arena *arena, const char *path, struct place named,
            struct schema_text *read, struct problems *problems)
{
    AUTO_BUF struct buf bytes;
    const struct yaml_source *source;
    const struct yaml_node *root;
    const char *text;

    if (read != NULL)
        *read = (struct schema_text){.bytes = NULL};
    buf_init(&bytes, YAML_SIZE_MAX);
    if (access(path, F_OK) != 0) {
        problems_add(problems, named,
                     "the path is relative to the pipeline file",
                     "there is no schema '%s'", path);
        return NULL;
    }
    if (document_read(path, &bytes, problems) != 0)
        return NULL;
    text = arena_dup_nul(arena, buf_text(&bytes), bytes.size);
    source = yaml_source_new(arena, path, text, bytes.size);
    if (read != NULL)
        *read = (struct schema_text){text, bytes.size};
    root = yaml_parse(arena, source, problems);
    return root != NULL ? schema_of(arena, root, problems) : NULL;
}
