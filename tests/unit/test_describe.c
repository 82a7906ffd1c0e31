/*
 * registry/describe.h: what people and editors read of option tables.
 */
#include "registry/describe.h"

#include <jansson.h>
#include <stdlib.h>

#include "unit/main.h"
#include "util/mem.h"

struct instance {
    const char *path, *key;
    int64_t count, part, timeout;
    bool flag;
    int mode;
    struct fb_expr *where;
    struct fb_list keep;
    struct fb_map set, headers;
};

static const char *const modes[] = {"fast", "a|b", NULL};

static const struct fb_option options[] = {
    {.name = "path",
     FB_STRING(struct instance, path),
     .flags = FB_REQUIRED,
     .help = "Where <name>.csv lies, in a sentence that is too long for one "
             "line of a terminal with eighty columns."},
    {.name = "count",
     FB_INT(struct instance, count),
     .def = "3",
     .min = 1,
     .max = 10,
     .help = "How many."},
    {.name = "part_size",
     FB_SIZE(struct instance, part),
     .def = "8MiB",
     .min = 5242880,
     .max = INT64_MAX,
     .help = "How large."},
    {.name = "timeout",
     FB_DURATION(struct instance, timeout),
     .min = 1000,
     .max = 5400000,
     .help = "How long."},
    {.name = "flag",
     FB_BOOL(struct instance, flag),
     .def = "true",
     .help = "Whether."},
    {.name = "mode",
     FB_ENUM(struct instance, mode),
     .choices = modes,
     .def = "a|b",
     .help = "How | which."},
    {.name = "where", FB_EXPR(struct instance, where), .help = "A condition."},
    {.name = "keep", FB_LIST(struct instance, keep), .help = "Columns."},
    {.name = "set", FB_EXPR_MAP(struct instance, set), .help = "Columns."},
    {.name = "key",
     FB_SECRET(struct instance, key),
     .def = "",
     .help = "A secret."},
    {.name = "headers",
     FB_MAP(struct instance, headers),
     .flags = FB_SECRETS,
     .help = "Secrets by name."},
    {.name = NULL},
};

static int
read_nothing(void *self, struct fb_step *step, unsigned char *bytes,
             size_t size, size_t *got, struct fb_error *err)
{
    (void)self, (void)step, (void)bytes, (void)size, (void)err;
    *got = 0;
    return 0;
}

static int
write_nothing(void *self, struct fb_step *step, const unsigned char *bytes,
              size_t size, struct fb_error *err)
{
    (void)self, (void)step, (void)bytes, (void)size, (void)err;
    return 0;
}

static int
finish(void *self, struct fb_step *step, struct fb_error *err)
{
    (void)self, (void)step, (void)err;
    return 0;
}

static int
process(void *self, struct fb_step *step, struct fb_batch *batch,
        struct fb_error *err)
{
    (void)self, (void)step, (void)batch, (void)err;
    return 0;
}

static const struct fb_plugin file_source = {
    FB_PLUGIN_HEAD,
    .kind = FB_SOURCE,
    .name = "file",
    .summary = "Reads files.",
    .schemes = (const char *const[]){"file", NULL},
    .read_bytes = read_nothing};
static const struct fb_plugin file_sink = {
    FB_PLUGIN_HEAD,
    .kind = FB_SINK,
    .name = "file",
    .summary = "Writes files.",
    .schemes = (const char *const[]){"file", "arn:*:x.y", NULL},
    .write_bytes = write_nothing,
    .finish = finish};
static const struct fb_plugin probe = {
    FB_PLUGIN_HEAD,     .kind = FB_TRANSFORM,
    .name = "probe",    .summary = "Probes rows.",
    .options = options, .instance_size = sizeof(struct instance),
    .process = process};

/* Some keys of the host, enough to see where they go. */
static const struct fb_option step_keys[] = {
    {.name = "type", FB_STRING(struct instance, path), .help = "A plugin."},
    {.name = "uri", FB_URI(struct instance, path), .help = "Where."},
    {.name = "dialect", FB_MAP(struct instance, set), .help = "How."},
    {.name = NULL},
};
static const struct fb_option pipeline_keys[] = {
    {.name = "pipeline",
     FB_STRING(struct instance, path),
     .flags = FB_REQUIRED,
     .help = "Its name."},
    {.name = "window", FB_MAP(struct instance, set), .help = "When."},
    {.name = NULL},
};
static const struct fb_option window_keys[] = {
    {.name = "days", FB_LIST(struct instance, keep), .help = "Days."},
    {.name = NULL},
};
static const struct fb_option format_keys[] = {
    {.name = "charset", FB_STRING(struct instance, path), .help = "Which."},
    {.name = NULL},
};
static const struct describe_host host = {
    .pipeline = pipeline_keys,
    .window = window_keys,
    .trigger = step_keys,
    .source = step_keys,
    .transform = step_keys,
    .sink = step_keys,
    .notifier = step_keys,
    .format = format_keys,
    .dialect = window_keys,
};

static struct registry *registry;
static char *text;
static size_t text_size;
static FILE *out;
static json_t *schema;

static void
setup(void)
{
    static const struct fb_plugin *const plugins[] = {&file_source, &file_sink,
                                                      &probe};

    registry = registry_of(plugins, ARRAY_SIZE(plugins));
    out = open_memstream(&text, &text_size);
    ck_assert_ptr_nonnull(out);
}

static void
teardown(void)
{
    (void)fclose(out);
    json_decref(schema);
    schema = NULL;
    free(text);
    registry_free(registry);
}

static void
has_text(const char *part)
{
    ck_assert_int_eq(fflush(out), 0);
    ck_assert_msg(strstr(text, part) != NULL, "'%s' not in:\n%s", part, text);
}

static void
load_schema(const char *name)
{
    json_error_t error;

    ck_assert(describe_jsonschema(registry, name, &host, out));
    ck_assert_int_eq(fflush(out), 0);
    schema = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(schema != NULL, "%s", error.text);
}

/* What stands at "a/b/0/c". */
static json_t *
at(const json_t *value, const char *path)
{
    char key[64];

    for (;;) {
        size_t length = strcspn(path, "/");

        ck_assert_uint_lt(length, sizeof(key));
        memcpy(key, path, length);
        key[length] = '\0';
        value = json_is_array(value)
                    ? json_array_get(value, strtoul(key, NULL, 10))
                    : json_object_get(value, key);
        ck_assert_msg(value != NULL, "no '%s'", path);
        if (path[length] == '\0')
            return (json_t *)(uintptr_t)value;
        path += length + 1;
    }
}

static const char *
text_at(const char *path)
{
    return json_string_value(at(schema, path));
}

/* --- for people --- */

START_TEST(lists_name_kind_schemes_and_summary_in_columns)
{
    describe_list(registry, out);
    has_text("file   source     file             Reads files.\n"
             "file   sink       file, arn:*:x.y  Writes files.\n"
             "probe  transform                   Probes rows.\n");
}
END_TEST

START_TEST(prints_nothing_for_an_unknown_name)
{
    ck_assert(!describe_text(registry, "flie", out));
    ck_assert(!describe_markdown(registry, "flie", out));
    ck_assert(!describe_jsonschema(registry, "flie", &host, out));
    ck_assert_int_eq(fflush(out), 0);
    ck_assert_uint_eq(text_size, 0);
}
END_TEST

START_TEST(prints_every_kind_of_a_name)
{
    ck_assert(describe_text(registry, "file", out));
    has_text("file (source)\n  Reads files.\n");
    has_text("\nfile (sink)\n  Writes files.\n");
    has_text("  no options\n");
}
END_TEST

START_TEST(prints_every_option_with_its_type_default_and_help)
{
    ck_assert(describe_text(registry, "probe", out));
    has_text("    path       string, required\n");
    has_text("    count      integer from 1 to 10, default 3\n");
    has_text("    part_size  size of at least 5MiB, default 8MiB\n");
    has_text("    timeout    duration from 1s to 90m\n");
    has_text("    mode       one of fast, a|b, default a|b\n");
    has_text("    key        secret, default \"\"\n");
    has_text("    headers    map of secrets\n");
    for (const struct fb_option *option = options; option->name; option++) {
        has_text(option->name);
        if (strlen(option->help) < 40)
            has_text(option->help);
    }
}
END_TEST

START_TEST(wraps_text_at_eighty_columns)
{
    ck_assert(describe_text(registry, "probe", out));
    ck_assert_int_eq(fflush(out), 0);
    has_text("Where <name>.csv lies, in a sentence that is too long for one\n"
             "               line of a terminal");
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        ck_assert_uint_le(strlen(line), 80);
}
END_TEST

START_TEST(makes_a_table_row_of_each_option)
{
    ck_assert(describe_markdown(registry, "probe", out));
    has_text("## The transform `probe`\n\nProbes rows.\n\n");
    has_text("| Option | Type | Default | Required | Meaning |\n"
             "| --- | --- | --- | --- | --- |\n");
    has_text("| `count` | integer from 1 to 10 | `3` |  | How many. |\n");
    has_text("| `path` | string |  | yes | Where \\<name>.csv lies");
}
END_TEST

START_TEST(keeps_a_bar_from_ending_a_cell)
{
    ck_assert(describe_markdown(registry, "probe", out));
    has_text("| `mode` | one of `fast`, `a\\|b` | `a\\|b` |  | How \\| "
             "which. |\n");
}
END_TEST

START_TEST(names_the_schemes_of_a_page)
{
    ck_assert(describe_markdown(registry, "file", out));
    has_text("Schemes: `file`, `arn:*:x.y`.\n");
    has_text("It has no options of its own.\n");
}
END_TEST

/* --- for editors --- */

START_TEST(is_a_schema_of_the_stated_draft)
{
    load_schema(NULL);
    ck_assert_str_eq(text_at("$schema"),
                     "https://json-schema.org/draft/2020-12/schema");
    ck_assert_str_eq(text_at("required/0"), "pipeline");
    ck_assert(json_is_false(at(schema, "additionalProperties")));
}
END_TEST

START_TEST(prints_the_same_schema_each_time)
{
    char *first;

    load_schema(NULL);
    first = mem_strdup(text);
    rewind(out);
    ck_assert(describe_jsonschema(registry, NULL, &host, out));
    ck_assert_int_eq(fflush(out), 0);
    ck_assert_str_eq(text, first);
    free(first);
}
END_TEST

static void
check_refs(const json_t *value)
{
    const char *ref = json_string_value(json_object_get(value, "$ref"));
    json_t *inner;
    const char *key;
    size_t i;

    if (ref != NULL) {
        ck_assert(strncmp(ref, "#/$defs/", 8) == 0);
        ck_assert_msg(json_object_get(at(schema, "$defs"), ref + 8) != NULL,
                      "nothing is defined as '%s'", ref);
    }
    json_object_foreach((json_t *)(uintptr_t)value, key, inner)
    {
        check_refs(inner);
    }
    json_array_foreach(value, i, inner)
    {
        check_refs(inner);
    }
}

START_TEST(defines_all_that_it_refers_to)
{
    load_schema(NULL);
    check_refs(schema);
}
END_TEST

START_TEST(has_a_map_of_steps_for_each_kind)
{
    load_schema(NULL);
    ck_assert_str_eq(text_at("properties/sources/additionalProperties/$ref"),
                     "#/$defs/source");
    ck_assert_str_eq(text_at("properties/transforms/additionalProperties/$ref"),
                     "#/$defs/transform");
    ck_assert_str_eq(text_at("properties/sinks/additionalProperties/$ref"),
                     "#/$defs/sink");
    ck_assert_str_eq(text_at("properties/notifiers/additionalProperties/$ref"),
                     "#/$defs/notifier");
}
END_TEST

START_TEST(picks_the_options_of_a_step_by_its_type)
{
    load_schema(NULL);
    at(schema, "$defs/transform/properties/type");
    ck_assert_str_eq(
        text_at("$defs/transform/allOf/0/if/anyOf/0/properties/type/const"),
        "probe");
    ck_assert_str_eq(text_at("$defs/transform/allOf/0/then/$ref"),
                     "#/$defs/transform.probe");
    ck_assert(
        json_is_false(at(schema, "$defs/transform/unevaluatedProperties")));
}
END_TEST

START_TEST(picks_the_options_of_a_step_by_its_scheme)
{
    load_schema(NULL);
    ck_assert_str_eq(
        text_at("$defs/sink/allOf/0/if/anyOf/1/properties/uri/pattern"),
        "^[fF][iI][lL][eE]:|^(?!\\$\\{)(?![A-Za-z][A-Za-z0-9+.-]*:)|"
        "^[aA][rR][nN]:[^:]+:x\\.y:");
}
END_TEST

START_TEST(gives_the_keys_of_byte_steps_to_byte_steps_only)
{
    json_t *step;

    load_schema(NULL);
    at(schema, "$defs/source.file/properties/charset");
    at(schema, "$defs/sink.file/properties/dialect");
    step = at(schema, "$defs/transform.probe/properties");
    ck_assert_ptr_null(json_object_get(step, "charset"));
    step = at(schema, "$defs/sink/properties");
    ck_assert_ptr_null(json_object_get(step, "dialect"));
}
END_TEST

/* A required option may stand in the settings of its plugin instead. */
START_TEST(requires_an_option_unless_the_settings_may_have_it)
{
    load_schema(NULL);
    ck_assert_str_eq(text_at("allOf/0/if/not/properties/settings/required/0"),
                     "probe");
    ck_assert_str_eq(text_at("allOf/0/then/properties/transforms/"
                             "additionalProperties/then/required/0"),
                     "path");
    ck_assert_ptr_null(
        json_object_get(at(schema, "$defs/transform.probe"), "required"));
}
END_TEST

START_TEST(keeps_the_words_of_a_section)
{
    load_schema(NULL);
    ck_assert_str_eq(text_at("properties/window/description"), "When.");
    at(schema, "properties/window/properties/days");
}
END_TEST

START_TEST(describes_every_option)
{
    load_schema(NULL);
    for (const struct fb_option *option = options; option->name; option++) {
        json_t *one = json_object_get(
            at(schema, "$defs/transform.probe/properties"), option->name);

        ck_assert_ptr_nonnull(one);
        ck_assert_str_eq(json_string_value(at(one, "description")),
                         option->help);
        ck_assert_int_eq(json_object_get(one, "default") != NULL,
                         option->def != NULL);
    }
}
END_TEST

START_TEST(says_that_nobody_reads_a_secret_back)
{
    json_t *all;

    load_schema(NULL);
    all = at(schema, "$defs/transform.probe/properties");
    ck_assert(json_is_true(at(all, "key/writeOnly")));
    ck_assert(json_is_true(at(all, "headers/writeOnly")));
    ck_assert_ptr_null(json_object_get(at(all, "set"), "writeOnly"));
}
END_TEST

START_TEST(bounds_numbers_and_lets_a_substitution_stand_for_them)
{
    json_t *all, *part;

    load_schema(NULL);
    all = at(schema, "$defs/transform.probe/properties");
    ck_assert_int_eq(json_integer_value(at(all, "count/anyOf/0/minimum")), 1);
    ck_assert_int_eq(json_integer_value(at(all, "count/anyOf/0/maximum")), 10);
    ck_assert_str_eq(json_string_value(at(all, "count/anyOf/2/$ref")),
                     "#/$defs/substituted");
    ck_assert_int_eq(json_integer_value(at(all, "count/default")), 3);
    part = at(all, "part_size/anyOf/0");
    ck_assert_int_eq(json_integer_value(at(part, "minimum")), 5242880);
    ck_assert_ptr_null(json_object_get(part, "maximum"));
}
END_TEST

START_TEST(has_patterns_for_sizes_and_durations)
{
    json_t *all;

    load_schema(NULL);
    all = at(schema, "$defs/transform.probe/properties");
    ck_assert_str_eq(json_string_value(at(all, "part_size/anyOf/1/pattern")),
                     "^[0-9]+([bB]|[kKmMgGtT][iI]?[bB])?$");
    ck_assert_str_eq(json_string_value(at(all, "timeout/anyOf/0/pattern")),
                     "^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?"
                     "([0-9]+ms)?$");
}
END_TEST

START_TEST(takes_one_value_for_a_list_of_one)
{
    json_t *keep;

    load_schema(NULL);
    keep = at(schema, "$defs/transform.probe/properties/keep");
    ck_assert_str_eq(json_string_value(at(keep, "anyOf/0/type/0")), "string");
    ck_assert_str_eq(json_string_value(at(keep, "anyOf/1/type")), "array");
}
END_TEST

START_TEST(names_the_choices_of_an_enum)
{
    load_schema(NULL);
    ck_assert_str_eq(
        text_at("$defs/transform.probe/properties/mode/anyOf/0/enum/1"), "a|b");
}
END_TEST

START_TEST(has_a_schema_of_one_plugins_steps)
{
    load_schema("file");
    ck_assert_uint_eq(json_array_size(at(schema, "anyOf")), 2);
    ck_assert_str_eq(text_at("anyOf/0/allOf/1/$ref"), "#/$defs/source");
    ck_assert_str_eq(text_at("anyOf/1/allOf/1/$ref"), "#/$defs/sink");
    check_refs(schema);
}
END_TEST

static TCase *
people_case(void)
{
    TCase *tc = tcase_create("for people");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, lists_name_kind_schemes_and_summary_in_columns);
    tcase_add_test(tc, prints_nothing_for_an_unknown_name);
    tcase_add_test(tc, prints_every_kind_of_a_name);
    tcase_add_test(tc, prints_every_option_with_its_type_default_and_help);
    tcase_add_test(tc, wraps_text_at_eighty_columns);
    tcase_add_test(tc, makes_a_table_row_of_each_option);
    tcase_add_test(tc, keeps_a_bar_from_ending_a_cell);
    tcase_add_test(tc, names_the_schemes_of_a_page);
    return tc;
}

static TCase *
editors_case(void)
{
    TCase *tc = tcase_create("for editors");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, is_a_schema_of_the_stated_draft);
    tcase_add_test(tc, prints_the_same_schema_each_time);
    tcase_add_test(tc, defines_all_that_it_refers_to);
    tcase_add_test(tc, has_a_map_of_steps_for_each_kind);
    tcase_add_test(tc, picks_the_options_of_a_step_by_its_type);
    tcase_add_test(tc, picks_the_options_of_a_step_by_its_scheme);
    tcase_add_test(tc, gives_the_keys_of_byte_steps_to_byte_steps_only);
    tcase_add_test(tc, requires_an_option_unless_the_settings_may_have_it);
    tcase_add_test(tc, keeps_the_words_of_a_section);
    tcase_add_test(tc, describes_every_option);
    tcase_add_test(tc, says_that_nobody_reads_a_secret_back);
    tcase_add_test(tc, bounds_numbers_and_lets_a_substitution_stand_for_them);
    tcase_add_test(tc, has_patterns_for_sizes_and_durations);
    tcase_add_test(tc, takes_one_value_for_a_list_of_one);
    tcase_add_test(tc, names_the_choices_of_an_enum);
    tcase_add_test(tc, has_a_schema_of_one_plugins_steps);
    return tc;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("describe");

    suite_add_tcase(suite, people_case());
    suite_add_tcase(suite, editors_case());
    return suite;
}
