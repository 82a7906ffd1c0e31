/*
 * config/schema.c: Table Schemas, right and wrong.
 */
#include "config/schema.h"

#include "support/folder.h"
#include "support/pipeline_kit.h"
#include "unit/main.h"

static struct arena *arena;
static struct problems *problems;

static void
begin(void)
{
    arena = arena_new();
    problems = problems_new();
}

static void
end(void)
{
    problems_free(problems);
    arena_free(arena);
}

static const struct schema *
read(const char *text)
{
    const struct yaml_node *root = yaml_parse(
        arena, yaml_source_new(arena, "s.yaml", text, strlen(text)), problems);

    ck_assert_ptr_nonnull(root);
    return schema_of(arena, root, problems);
}

static const struct schema *
right(const char *text)
{
    const struct schema *schema = read(text);

    ck_assert_msg(schema != NULL, "%s", kit_told(problems));
    ck_assert_uint_eq(problems_count(problems), 0);
    return schema;
}

static void
wrong(const char *text, unsigned line, unsigned column, const char *message,
      const char *hint)
{
    ck_assert_ptr_null(read(text));
    kit_expect(problems, line, column, message, hint);
    problems_free(problems);
    problems = problems_new();
}

/* One field with this text behind its name, in line 2. */
static void
wrong_field(const char *text, unsigned column, const char *message,
            const char *hint)
{
    wrong(arena_printf(arena, "fields:\n- {name: a, %s}\n", text), 2, column,
          message, hint);
}

START_TEST(reads_fields_in_order_with_types)
{
    const struct schema *schema =
        right("fields:\n"
              "  - {name: id, type: integer}\n"
              "  - {name: note}\n"
              "  - {name: at, type: datetime, format: any}\n"
              "  - {name: on, type: date, format: default}\n"
              "  - {name: x, type: any}\n");

    ck_assert_uint_eq(schema->columns.count, 5);
    ck_assert_str_eq(schema->columns.items[0].name, "id");
    ck_assert_int_eq(schema->columns.items[0].type, FB_C_INTEGER);
    ck_assert_int_eq(schema->columns.items[1].type, FB_C_STRING);
    ck_assert_str_eq(schema->columns.items[2].format, "any");
    ck_assert_ptr_null(schema->columns.items[3].format);
    ck_assert_int_eq(schema->columns.items[4].type, FB_C_STRING);
    ck_assert_str_eq(schema->path, "s.yaml");
}
END_TEST

START_TEST(reads_constraints)
{
    const struct schema *schema =
        right("fields:\n"
              "  - name: a\n"
              "    constraints: {required: true, unique: true, "
              "pattern: '[a-z]+', minLength: 1, maxLength: 5, enum: [a, b]}\n"
              "  - name: n\n"
              "    type: number\n"
              "    constraints: {minimum: -1.5, maximum: 1e3}\n"
              "  - name: none\n");
    const struct fb_constraints *a = &schema->columns.items[0].constraints;
    const struct fb_constraints *n = &schema->columns.items[1].constraints;
    const struct fb_constraints *none = &schema->columns.items[2].constraints;

    ck_assert(a->required && a->unique);
    ck_assert_str_eq(a->pattern, "[a-z]+");
    ck_assert_int_eq(a->min_length, 1);
    ck_assert_int_eq(a->max_length, 5);
    ck_assert_uint_eq(a->enumeration.count, 2);
    ck_assert_str_eq(n->minimum, "-1.5");
    ck_assert_str_eq(n->maximum, "1e3");
    ck_assert_int_eq(none->min_length, -1);
    ck_assert_int_eq(none->max_length, -1);
    ck_assert_ptr_null(none->pattern);
}
END_TEST

START_TEST(reads_missing_values_and_the_primary_key)
{
    const struct schema *schema =
        right("fields: [{name: a}, {name: b}]\n"
              "missingValues: ['', NA]\nprimaryKey: [a, b]\n");

    ck_assert_uint_eq(schema->columns.missing.count, 2);
    ck_assert_str_eq(schema->columns.missing.items[1], "NA");
    ck_assert_uint_eq(schema->primary_key.count, 2);
    schema = right("fields: [{name: a}]\nprimaryKey: a\n");
    ck_assert_uint_eq(schema->primary_key.count, 1);
    ck_assert_uint_eq(schema->columns.items[0].constraints.primary_key, 1);
    ck_assert_uint_eq(schema->columns.missing.count, 1);
    ck_assert_str_eq(schema->columns.missing.items[0], "");
    schema = right("fields: [{name: a}]\nmissingValues: []\n");
    ck_assert_uint_eq(schema->columns.missing.count, 0);
}
END_TEST

START_TEST(marks_the_columns_of_the_primary_key)
{
    const struct schema *schema =
        right("fields: [{name: a, constraints: {unique: true}}, {name: b}, "
              "{name: c}]\nprimaryKey: [c, a]\n");

    ck_assert_uint_eq(schema->columns.items[0].constraints.primary_key, 2);
    ck_assert(schema->columns.items[0].constraints.unique);
    ck_assert_uint_eq(schema->columns.items[1].constraints.primary_key, 0);
    ck_assert_uint_eq(schema->columns.items[2].constraints.primary_key, 2);
}
END_TEST

START_TEST(reads_aliases_numbers_and_booleans)
{
    const struct schema *schema = right(
        "fields:\n"
        "  - {name: a, aliases: [b, c]}\n"
        "  - {name: n, type: number, decimalChar: ',', groupChar: '.'}\n"
        "  - {name: t, type: boolean, trueValues: [Y], falseValues: [N]}\n");

    ck_assert_uint_eq(schema->aliases[0].count, 2);
    ck_assert_str_eq(schema->aliases[0].items[1], "c");
    ck_assert_uint_eq(schema->aliases[1].count, 0);
    ck_assert_str_eq(schema->columns.items[1].decimal_char, ",");
    ck_assert_str_eq(schema->columns.items[1].group_char, ".");
    ck_assert_str_eq(schema->columns.items[2].true_values.items[0], "Y");
}
END_TEST

START_TEST(reads_json)
{
    ck_assert_uint_eq(right("{\"fields\": [{\"name\": \"a\", \"type\": "
                            "\"integer\"}], \"missingValues\": [\"\"]}")
                          ->columns.count,
                      1);
}
END_TEST

START_TEST(takes_what_other_tools_write)
{
    (void)right("$schema: https://example.org/x\ntitle: T\ndescription: D\n"
                "fields:\n  - {name: a, title: A, description: d, rdfType: "
                "'http://x', example: [1]}\n");
}
END_TEST

START_TEST(leaves_dollars_alone)
{
    ck_assert_str_eq(right("fields: [{name: '${A}'}]\n")->columns.items[0].name,
                     "${A}");
}
END_TEST

START_TEST(refuses_types_that_are_not_there)
{
    wrong_field("type: dat", 19, "there is no type 'dat'", "'date'");
    wrong_field("type: varchar", 19, "no type 'varchar'", "string, integer");
    wrong_field("type: object", 19, "'object' is not supported", "'string'");
}
END_TEST

START_TEST(refuses_unknown_keys)
{
    wrong_field("tpye: date", 13, "has no option 'tpye'", "'type'");
    wrong_field("constraints: {min: 1}", 27, "has no option 'min'", "minimum");
    wrong("fields: [{name: a}]\nmissingvalues: ['']\n", 2, 1,
          "has no option 'missingvalues'", "'missingValues'");
}
END_TEST

START_TEST(refuses_constraints_that_are_not_of_the_type)
{
    wrong_field("type: integer, constraints: {minimum: low}", 51,
                "'low' in 'minimum' is not", "cells");
    wrong_field("type: date, constraints: {enum: [2025-01-01, 2025-02-30]}", 58,
                "'2025-02-30' in 'enum' is not", "");
    wrong_field("constraints: {minimum: 1}", 36, "means nothing", "");
    wrong_field("type: number, constraints: {pattern: x}", 50,
                "'pattern' means nothing for a column of type 'number'", "");
    wrong_field("type: number, constraints: {minLength: 1}", 52,
                "'minLength' means nothing", "");
    wrong_field("constraints: [required]", 26, "is a map, not a list",
                "required: true");
    wrong_field("constraints: {required: yes}", 37, "true or false", "true");
    wrong_field("constraints: {minLength: -1}", 38, "at least 0", "");
}
END_TEST

START_TEST(refuses_constraints_that_no_cell_meets)
{
    wrong_field("type: integer, constraints: {minimum: 10, maximum: 9}", 51,
                "greater than 'maximum'", "swap");
    wrong_field("constraints: {minLength: 3, maxLength: 2}", 38,
                "greater than 'maxLength'", "swap");
}
END_TEST

START_TEST(refuses_patterns_that_do_not_compile)
{
    wrong_field("constraints: {pattern: '[a-z'}", 36,
                "cannot understand the pattern", "PCRE2");
}
END_TEST

START_TEST(refuses_formats_that_mean_nothing)
{
    wrong_field("type: date, format: '%Q'", 33, "cannot use the format '%Q'",
                "");
}
END_TEST

START_TEST(refuses_characters_that_numbers_hold)
{
    wrong_field("type: number, decimalChar: '5'", 40, "'decimalChar' is one",
                "");
    wrong_field("type: number, groupChar: '.'", 38, "are the same", "");
    wrong_field("type: number, bareNumber: false", 39, "not supported",
                "derive");
}
END_TEST

START_TEST(refuses_names_that_bind_to_two_fields)
{
    wrong("fields:\n- {name: a}\n- {name: a}\n", 3, 10,
          "'a' stands for two fields: see line 2", "case and width");
    wrong("fields:\n- {name: a}\n- {name: b, aliases: [A]}\n", 3, 10,
          "'A' stands for two", "");
}
END_TEST

START_TEST(refuses_keys_of_no_field)
{
    wrong("fields: [{name: OrderID}]\nprimaryKey: OrderId2\n", 2, 13,
          "there is no field 'OrderId2'", "'OrderID'");
}
END_TEST

START_TEST(refuses_a_key_that_names_a_field_twice)
{
    wrong("fields: [{name: a}, {name: b}]\nprimaryKey: [a, b, A]\n", 2, 20,
          "'a' stands twice in the primary key", "once");
}
END_TEST

START_TEST(refuses_fields_that_are_none)
{
    wrong("missingValues: ['']\n", 1, 1, "a schema needs 'fields'", "fields");
    wrong("fields: []\n", 1, 9, "are a list", "name");
    wrong("fields: {a: integer}\n", 1, 9, "are a list", "name");
    wrong("fields: [a]\n", 1, 10, "a field is a map, not a text", "name");
    wrong("fields: [{type: integer}]\n", 1, 10, "a field needs 'name'", "name");
    wrong("- a\n", 1, 1, "a schema is a map", "fields");
}
END_TEST

START_TEST(tells_all_problems_in_one_go)
{
    (void)read("fields:\n- {name: a, type: dat}\n- {name: b, typ: date}\n"
               "- {name: c, type: integer, constraints: {minimum: x}}\n");
    ck_assert_uint_eq(problems_count(problems), 3);
}
END_TEST

START_TEST(tells_that_a_file_is_missing_where_it_is_named)
{
    struct place named = {.file = "p.yaml", .line = 4, .column = 2};

    ck_assert_ptr_null(
        schema_read(arena, "/nonexistent.yaml", named, NULL, problems));
    kit_expect(problems, 4, 2, "there is no schema '/nonexistent.yaml'",
               "relative to the pipeline file");
}
END_TEST

START_TEST(outlives_its_file)
{
    struct folder folder;
    struct schema_text text;
    const struct schema *schema;

    folder_make(&folder);
    folder_write(&folder, "s.yaml", "fields: [{name: a}]\n");
    schema = schema_read(arena, folder_path(&folder, "s.yaml"),
                         (struct place){.file = "p"}, &text, problems);
    folder_remove(&folder);
    ck_assert_ptr_nonnull(schema);
    ck_assert_str_eq(schema->columns.items[0].name, "a");
    ck_assert_uint_eq(text.size, strlen("fields: [{name: a}]\n"));
    ck_assert_str_eq(text.bytes, "fields: [{name: a}]\n");
}
END_TEST

static void
add_refusals(TCase *tests)
{
    tcase_add_test(tests, refuses_types_that_are_not_there);
    tcase_add_test(tests, refuses_unknown_keys);
    tcase_add_test(tests, refuses_constraints_that_are_not_of_the_type);
    tcase_add_test(tests, refuses_constraints_that_no_cell_meets);
    tcase_add_test(tests, refuses_patterns_that_do_not_compile);
    tcase_add_test(tests, refuses_formats_that_mean_nothing);
    tcase_add_test(tests, refuses_characters_that_numbers_hold);
    tcase_add_test(tests, refuses_names_that_bind_to_two_fields);
    tcase_add_test(tests, refuses_keys_of_no_field);
    tcase_add_test(tests, refuses_a_key_that_names_a_field_twice);
    tcase_add_test(tests, refuses_fields_that_are_none);
    tcase_add_test(tests, tells_all_problems_in_one_go);
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("schema");
    TCase *tests = tcase_create("schema");

    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, reads_fields_in_order_with_types);
    tcase_add_test(tests, reads_constraints);
    tcase_add_test(tests, reads_missing_values_and_the_primary_key);
    tcase_add_test(tests, marks_the_columns_of_the_primary_key);
    tcase_add_test(tests, reads_aliases_numbers_and_booleans);
    tcase_add_test(tests, reads_json);
    tcase_add_test(tests, takes_what_other_tools_write);
    tcase_add_test(tests, leaves_dollars_alone);
    tcase_add_test(tests, tells_that_a_file_is_missing_where_it_is_named);
    tcase_add_test(tests, outlives_its_file);
    add_refusals(tests);
    suite_add_tcase(suite, tests);
    return suite;
}
