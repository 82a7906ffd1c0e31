/*
 * config/show.c: that what is shown can be read again and means the same,
 * that every value has its origin, and that secrets are masked.
 */
#include "config/pipeline.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "support/folder.h"
#include "support/pipeline_kit.h"
#include "unit/main.h"
#include "util/mem.h"

/* What is shown of a text; the caller frees it. */
static char *
shown(const char *text, const struct scope *scope)
{
    struct problems *problems = problems_new();
    struct registry *registry = kit_registry();
    struct document *document =
        document_of_text("p.yaml", text, strlen(text), problems);
    char *result = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&result, &size);
    int status;

    ck_assert_msg(document != NULL, "%s", kit_told(problems));
    status = pipeline_show(document, scope, registry, out, problems);
    fclose(out);
    ck_assert_msg(status == 0, "%s", kit_told(problems));
    document_free(document);
    registry_free(registry);
    problems_free(problems);
    return result;
}

static void
holds(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "no '%s' in\n%s", part, text);
}

/* That some line begins with `value` and has `origin` in its comment. */
static void
has_line(const char *text, const char *value, const char *origin)
{
    const char *line = strstr(text, value), *end;
    char *whole;

    ck_assert_msg(line != NULL, "no '%s' in\n%s", value, text);
    end = line + strcspn(line, "\n");
    whole = mem_dup_nul(line, (size_t)(end - line));
    ck_assert_msg(strstr(whole, "# ") != NULL &&
                      strstr(strstr(whole, "# "), origin) != NULL,
                  "no '%s' behind: %s", origin, whole);
    free(whole);
}

static const char everything[] =
    "pipeline: p\n"
    "description: 'it''s: \"so\"'\n"
    "vars: {DIR: data}\n"
    "settings: {probe: {flag: true}}\n"
    "window: {days: [mon, tue]}\n"
    "trigger: {uri: \"${DIR}/in/*.csv\"}\n"
    "sources: {a: {uri: \"${trigger.uri}\", on_reject: fail, dialect: "
    "{delimiter: \";\"}}}\n"
    "transforms:\n"
    "  b:\n"
    "    type: probe\n"
    "    text: \"$${NOT} \\t# x\"\n"
    "    address: ${FOREBAY_T_DIR}/x\n"
    "    count: ${COUNT:-4}\n"
    "    where: x = 'a b'\n"
    "           OR y > 1\n"
    "    list: ['on', '1', \"a, b\", '']\n"
    "    map: {'k: 1': v, z: '- w'}\n"
    "    set: {n: x || 'y'}\n"
    "    secret: hush\n"
    "sinks: {z: {uri: \"out/${step.input}.csv\", inputs: [b]}}\n"
    "notifiers: {n: {type: log}}\n";

static const struct setting sets[] = {{"DIR", "/set"}};
static const struct scope scope = {.settings = sets, .setting_count = 1};

START_TEST(names_the_origin_of_each_value)
{
    char *text;

    setenv("FOREBAY_T_DIR", "/env", 1);
    text = shown(everything, &scope);
    has_line(text, "pipeline: p", "from p.yaml:1:11");
    has_line(text, "uri: \"/set/in/*.csv\"", "from p.yaml:6:16; DIR: --set");
    has_line(text, "address: ", "FOREBAY_T_DIR: environment");
    has_line(text, "count: 4", "COUNT: its default");
    has_line(text, "flag: true", "from settings at p.yaml:4:26");
    has_line(text, "colour: green", "default");
    has_line(text, "inputs: [a]", "from the order of the steps");
    has_line(text, "inputs: [b]", "from p.yaml:20:");
    has_line(text, "when_empty: write", "default");
    has_line(text, "attempts: 5", "default");
    has_line(text, "  b:", "probe transform, from p.yaml:9:3");
    free(text);
}
END_TEST

START_TEST(names_the_variable_and_where_it_is_defined)
{
    static const struct scope none;
    char *text;

    setenv("FOREBAY_T_DIR", "/env", 1);
    text = shown(everything, &none);
    has_line(text, "uri: \"data/in/*.csv\"", "DIR: vars at p.yaml:3:13");
    free(text);
}
END_TEST

START_TEST(masks_secrets)
{
    char *text;

    setenv("FOREBAY_T_DIR", "/env", 1);
    text = shown(everything, &scope);
    ck_assert_ptr_null(strstr(text, "hush"));
    has_line(text, "secret: \"****\"", "from p.yaml:19:13");
    free(text);
}
END_TEST

START_TEST(masks_the_values_of_secret_lists_and_maps)
{
    char *text;

    setenv("FOREBAY_T_TOKEN", "hush", 1);
    text = shown("pipeline: p\n"
                 "sources: {a: {uri: d/in.csv, on_reject: fail}}\n"
                 "transforms:\n"
                 "  b:\n"
                 "    type: probe\n"
                 "    secret_list: [hush, \"${FOREBAY_T_TOKEN}\"]\n"
                 "    secret_map: {X-Key: \"Bearer ${FOREBAY_T_TOKEN}\"}\n"
                 "sinks: {z: {uri: out.csv}}\n",
                 &(struct scope){.run_id = NULL});
    ck_assert_ptr_null(strstr(text, "hush"));
    ck_assert_ptr_null(strstr(text, "Bearer"));
    has_line(text, "secret_list: [\"****\", \"****\"]",
             "FOREBAY_T_TOKEN: environment");
    has_line(text, "secret_map: {X-Key: \"****\"}", "from p.yaml:7:17");
    free(text);
}
END_TEST

START_TEST(masks_what_in_a_uri_would_let_somebody_in)
{
    char *text = shown("pipeline: p\n"
                       "sources: {a: {uri: d/in.csv, on_reject: fail}}\n"
                       "transforms:\n"
                       "  b:\n"
                       "    type: probe\n"
                       "    address: https://h.example/x?token=hush\n"
                       "    text: http://shop:hush@proxy.example:3128\n"
                       "    where: x = 'https://h.example/x?y=z'\n"
                       "sinks: {z: {uri: out.csv}}\n",
                       &(struct scope){.run_id = NULL});

    ck_assert_ptr_null(strstr(text, "hush"));
    holds(text, "https://h.example/x?****");
    holds(text, "http://shop:****@proxy.example:3128");
    holds(text, "x = 'https://h.example/x?y=z'");
    free(text);
}
END_TEST

START_TEST(masks_what_came_from_a_file)
{
    struct folder folder;
    char *source, *text;

    folder_make(&folder);
    folder_write(&folder, "s", "hush\n");
    ck_assert_int_eq(chmod(folder_path(&folder, "s"), 0600), 0);
    source = mem_printf("pipeline: p\nvars: {S: \"${file:%s}\"}\n"
                        "sources: {a: {uri: \"d/${S}\", on_reject: fail}}\n"
                        "sinks: {z: {uri: out.csv}}\n",
                        folder_path(&folder, "s"));
    text = shown(source, &(struct scope){.run_id = NULL});
    ck_assert_ptr_null(strstr(text, "hush"));
    holds(text, "uri: \"d/****\"");
    free(text);
    free(source);
    folder_remove(&folder);
}
END_TEST

static int
compare_lines(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;

    return strcmp(*a, *b);
}

/* The lines without their comments, sorted: what is a default the first time
 * is written the second time, and may move within its step. */
static char *
values_of(char *text)
{
    char *lines[200] = {NULL}, *all = mem_strdup(""), *state = NULL;
    size_t count = 0;

    for (char *line = strtok_r(text, "\n", &state); line != NULL;
         line = strtok_r(NULL, "\n", &state)) {
        char *end = strstr(line, " # ");

        end = end != NULL ? end : line + strlen(line);
        while (end > line && end[-1] == ' ')
            end--;
        *end = '\0';
        ck_assert_uint_lt(count, ARRAY_SIZE(lines));
        lines[count++] = line;
    }
    qsort(lines, count, sizeof(lines[0]), compare_lines);
    for (size_t i = 0; i < count; i++) {
        char *more = mem_printf("%s%s\n", all, lines[i]);

        free(all);
        all = more;
    }
    return all;
}

START_TEST(shows_yaml_that_is_shown_the_same_again)
{
    static const struct scope none;
    char *once, *twice, *first, *second;

    setenv("FOREBAY_T_DIR", "/env", 1);
    once = shown(everything, &scope);
    twice = shown(once, &none);
    first = values_of(once);
    second = values_of(twice);
    ck_assert_msg(strcmp(first, second) == 0, "%.1500s", second);
    free(first);
    free(second);
    free(once);
    free(twice);
}
END_TEST

START_TEST(shows_nothing_of_a_pipeline_with_problems)
{
    static const char text[] = "pipeline: p\n";
    static const struct scope none;
    struct problems *problems = problems_new();
    struct registry *registry = kit_registry();
    struct document *document =
        document_of_text("p.yaml", text, strlen(text), problems);
    char *result = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&result, &size);

    ck_assert_int_eq(pipeline_show(document, &none, registry, out, problems),
                     -1);
    fclose(out);
    ck_assert_uint_eq(size, 0);
    ck_assert_uint_eq(problems_count(problems), 1);
    free(result);
    document_free(document);
    registry_free(registry);
    problems_free(problems);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("show");
    TCase *tests = tcase_create("show");

    tcase_add_test(tests, names_the_origin_of_each_value);
    tcase_add_test(tests, names_the_variable_and_where_it_is_defined);
    tcase_add_test(tests, masks_secrets);
    tcase_add_test(tests, masks_the_values_of_secret_lists_and_maps);
    tcase_add_test(tests, masks_what_in_a_uri_would_let_somebody_in);
    tcase_add_test(tests, masks_what_came_from_a_file);
    tcase_add_test(tests, shows_yaml_that_is_shown_the_same_again);
    tcase_add_test(tests, shows_nothing_of_a_pipeline_with_problems);
    suite_add_tcase(suite, tests);
    return suite;
}
