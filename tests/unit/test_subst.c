/*
 * config/subst.c and names.c: every form of ${...}, where values come from,
 * and where they are placed.
 */
#include "config/subst.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "config/names.h"
#include "support/folder.h"
#include "support/pipeline_kit.h"
#include "unit/main.h"
#include "util/limits.h"

static const struct setting settings[] = {
    {"SET", "from --set"}, {"BOTH", "set wins"}, {"EMPTY_SET", ""}};

static struct scope scope;
static struct problems *problems;
static struct document *document;
static struct names *names;

static void
begin(void)
{
    scope = (struct scope){.settings = settings,
                           .setting_count = 3,
                           .run_id = "0abc",
                           .run_date = "2025-05-10",
                           .run_started = "20250510T093000Z"};
    problems = problems_new();
    setenv("FOREBAY_T_ENV", "from env", 1);
    setenv("BOTH", "env loses", 1);
    setenv("FOREBAY_T_EMPTY", "", 1);
    setenv("FOREBAY_T_LINES", "one\ntwo", 1);
    setenv("FOREBAY_T_BYTES", "\xFF", 1);
    unsetenv("FOREBAY_T_UNSET");
}

static void
end(void)
{
    document_free(document);
    document = NULL;
    problems_free(problems);
}

/* The names of a document whose map may hold `vars`. */
static void
read_names(const char *text)
{
    const struct yaml_node *vars;

    document = document_of_text("t.yaml", text, strlen(text), problems);
    ck_assert_msg(document != NULL, "%s", kit_told(problems));
    names = names_new(document->arena, &scope, document->root, problems);
    vars = yaml_get(document->root, "vars");
    if (vars != NULL)
        names_define_vars(names, vars);
}

static struct value
value_of(const char *text, int expected)
{
    struct value value;

    read_names(text);
    ck_assert_int_eq(substitute(names, yaml_get(document->root, "a"), &value),
                     expected);
    return value;
}

static void
gives(const char *text, const char *expected)
{
    struct value value = value_of(text, 0);

    ck_assert_str_eq(value.text, expected);
    ck_assert_uint_eq(value.length, strlen(expected));
    ck_assert_uint_eq(problems_count(problems), 0);
    document_free(document);
    document = NULL;
}

static void
fails(const char *text, unsigned line, unsigned column, const char *message,
      const char *hint)
{
    (void)value_of(text, -1);
    kit_expect(problems, line, column, message, hint);
    problems_free(problems);
    problems = problems_new();
    document_free(document);
    document = NULL;
}

START_TEST(leaves_a_text_without_a_dollar_alone)
{
    gives("a: some text\n", "some text");
}
END_TEST

START_TEST(puts_in_a_setting_a_variable_of_the_environment_and_a_var)
{
    gives("a: <${SET}>\n", "<from --set>");
    gives("a: <${FOREBAY_T_ENV}>\n", "<from env>");
    gives("vars: {V: from vars}\na: <${V}>\n", "<from vars>");
}
END_TEST

START_TEST(prefers_set_over_environment_over_vars)
{
    gives("vars: {BOTH: v, FOREBAY_T_ENV: v}\na: ${BOTH}, ${FOREBAY_T_ENV}\n",
          "set wins, from env");
}
END_TEST

START_TEST(takes_the_default_of_what_is_unset_or_empty)
{
    gives("a: ${FOREBAY_T_UNSET:-x y}\n", "x y");
    gives("a: ${FOREBAY_T_EMPTY:-x}\n", "x");
    gives("a: '${FOREBAY_T_UNSET:-}'\n", "");
    gives("a: ${SET:-x}\n", "from --set");
    gives("a: ${FOREBAY_T_UNSET:-a$$b}\n", "a$b");
}
END_TEST

START_TEST(takes_an_empty_variable_as_set)
{
    gives("a: <${FOREBAY_T_EMPTY}>\n", "<>");
    gives("a: <${EMPTY_SET}>\n", "<>");
}
END_TEST

START_TEST(tells_the_message_of_what_is_unset_or_empty)
{
    fails("a: x${FOREBAY_T_UNSET:?where is it}\n", 1, 5,
          "'FOREBAY_T_UNSET' is not set: where is it", "--set");
    fails("a: ${FOREBAY_T_EMPTY:?where is it}\n", 1, 4, "is empty: where is it",
          "--set");
    gives("a: ${SET:?where is it}\n", "from --set");
}
END_TEST

START_TEST(writes_dollars)
{
    gives("a: $$5 and $${SET}\n", "$5 and ${SET}");
    gives("a: ^a$\n", "^a$");
    gives("a: a$ b\n", "a$ b");
    gives("a: $1\n", "$1");
}
END_TEST

START_TEST(never_looks_at_a_value_again)
{
    static const struct setting nested[] = {{"SET", "${BOTH} $$ ${"}};

    scope.settings = nested;
    scope.setting_count = 1;
    gives("a: ${SET}\n", "${BOTH} $$ ${");
    gives("vars: {V: \"${SET}\"}\na: ${V}\n", "${BOTH} $$ ${");
}
END_TEST

START_TEST(refuses_what_it_cannot_understand)
{
    fails("a: \"x ${SET\"\n", 1, 7, "not closed", "${NAME}");
    fails("a: ${}\n", 1, 4, "needs a name", "${NAME}");
    fails("a: ${1X}\n", 1, 4, "needs a name", "${NAME}");
    fails("a: ${SET:+x}\n", 1, 4, "cannot be understood", ":-default");
    fails("a: ${SET-x}\n", 1, 4, "cannot be understood", ":-default");
    fails("a: $SET/x\n", 1, 4, "braces", "$$");
    fails("a: ${A:-${SET}}\n", 1, 4, "inside ${...}", "vars:");
}
END_TEST

START_TEST(names_the_place_and_the_nearest_name_of_what_is_unset)
{
    fails("vars: {STORE: x}\na: one ${STROE}\n", 2, 8,
          "the variable 'STROE' is not set", "'STORE'");
    fails("a: ${FOREBAY_T_UNSET}\n", 1, 4, "is not set", "--set");
    fails("a: ${trigger.nmae}\n", 1, 4, "is not set", "'trigger.name'");
}
END_TEST

START_TEST(tells_every_unset_name_of_a_scalar)
{
    (void)value_of("a: ${FOREBAY_U1}${SET}${FOREBAY_U2}\n", -1);
    ck_assert_uint_eq(problems_count(problems), 2);
    ck_assert_uint_eq(problems_at(problems, 1)->place.column, 23);
}
END_TEST

START_TEST(lets_a_variable_use_those_above_it)
{
    gives("vars: {A: x, B: \"${A}/y\"}\na: ${B}\n", "x/y");
    read_names("vars: {B: \"${A}\", A: x}\na: ${B}\n");
    kit_expect(problems, 1, 12, "'A' is not set", "above it");
}
END_TEST

START_TEST(tells_what_is_wrong_with_a_variable_once)
{
    struct value value =
        value_of("vars: {B: \"${FOREBAY_T_UNSET}\"}\na: ${B}${B}\n", -1);

    (void)value;
    kit_expect(problems, 1, 12, "is not set", "");
}
END_TEST

START_TEST(does_not_evaluate_a_variable_that_is_overridden)
{
    gives("vars: {SET: \"${FOREBAY_T_UNSET}\"}\na: ${SET}\n", "from --set");
}
END_TEST

START_TEST(refuses_names_that_no_variable_can_have)
{
    read_names("vars: {a-b: x}\na: y\n");
    kit_expect(problems, 1, 8, "'a-b' cannot be the name", "letters");
}
END_TEST

START_TEST(refuses_line_ends_from_the_environment_without_showing_them)
{
    (void)value_of("a: ${FOREBAY_T_LINES}\n", -1);
    kit_expect(problems, 1, 4, "'FOREBAY_T_LINES' holds a line end", "--set");
    ck_assert_ptr_null(strstr(kit_told(problems), "two"));
}
END_TEST

START_TEST(refuses_an_environment_that_is_no_utf8)
{
    (void)value_of("a: ${FOREBAY_T_BYTES}\n", -1);
    ck_assert_uint_eq(problems_count(problems), 1);
}
END_TEST

START_TEST(knows_the_names_of_the_run)
{
    struct value value;

    read_names("a: ${run.id} ${run.date} ${run.started}\n"
               "b: ${trigger.uri} ${trigger.name} ${trigger.stem} "
               "${trigger.dir}\n"
               "c: ${step.id} ${step.input}\n");
    names_set_trigger(names, "s3://bucket/in/a.b.csv");
    names_set_step(names, "out", "one");
    ck_assert_int_eq(substitute(names, yaml_get(document->root, "a"), &value),
                     0);
    ck_assert_str_eq(value.text, "0abc 2025-05-10 20250510T093000Z");
    ck_assert_int_eq(substitute(names, yaml_get(document->root, "b"), &value),
                     0);
    ck_assert_str_eq(value.text,
                     "s3://bucket/in/a.b.csv a.b.csv a.b s3://bucket/in");
    ck_assert_int_eq(substitute(names, yaml_get(document->root, "c"), &value),
                     0);
    ck_assert_str_eq(value.text, "out one");
}
END_TEST

START_TEST(says_where_names_of_the_run_have_a_meaning)
{
    fails("a: ${trigger.uri}\n", 1, 4, "need a trigger", "uri");
    fails("a: ${step.input}\n", 1, 4, "only in a sink", "");
    fails("a: ${step.id}\n", 1, 4, "only in a step", "");
}
END_TEST

START_TEST(keeps_silent_about_names_of_a_trigger_that_is_wrong)
{
    struct value value;

    read_names("a: ${trigger.uri}\n");
    names_set_trigger(names, NULL);
    ck_assert_int_eq(substitute(names, yaml_get(document->root, "a"), &value),
                     -1);
    ck_assert_uint_eq(problems_count(problems), 0);
}
END_TEST

START_TEST(bounds_the_length_of_a_value)
{
    char *text = malloc(SUBSTITUTED_MAX + 1);
    struct setting large = {"SET", text};

    memset(text, 'x', SUBSTITUTED_MAX);
    text[SUBSTITUTED_MAX] = '\0';
    scope.settings = &large;
    scope.setting_count = 1;
    (void)value_of("a: ${SET}${SET}\n", -1);
    ck_assert_uint_eq(problems_count(problems), 1);
    ck_assert_ptr_nonnull(
        strstr(problems_at(problems, 0)->message, "longer than"));
    free(text);
}
END_TEST

/* --- files --- */

static struct value
value_of_file(const struct folder *folder, const char *content, mode_t mode,
              int expected)
{
    char text[2 * FOLDER_PATH_MAX];

    folder_write(folder, "secret", content);
    ck_assert_int_eq(chmod(folder_path(folder, "secret"), mode), 0);
    snprintf(text, sizeof(text), "a: <${file:%s}>\n",
             folder_path(folder, "secret"));
    return value_of(text, expected);
}

START_TEST(reads_a_file_without_its_last_line_end)
{
    struct folder folder;

    folder_make(&folder);
    ck_assert_str_eq(value_of_file(&folder, "hush\n\n", 0600, 0).text,
                     "<hush\n>");
    document_free(document);
    ck_assert_str_eq(value_of_file(&folder, "hush\r\n", 0640, 0).text,
                     "<hush>");
    folder_remove(&folder);
}
END_TEST

START_TEST(masks_the_content_of_a_file)
{
    struct folder folder;
    struct value value;

    folder_make(&folder);
    value = value_of_file(&folder, "hush", 0600, 0);
    ck_assert(value.secret);
    ck_assert_str_eq(value_shown(document->arena, &value), "<****>");
    folder_remove(&folder);
}
END_TEST

START_TEST(refuses_files_that_everybody_may_read)
{
    struct folder folder;

    folder_make(&folder);
    (void)value_of_file(&folder, "hush", 0644, -1);
    kit_expect(problems, 1, 5, "everybody may read it", "chmod o-r");
    folder_remove(&folder);
}
END_TEST

START_TEST(refuses_empty_files_and_files_that_are_no_text)
{
    struct folder folder;

    folder_make(&folder);
    (void)value_of_file(&folder, "\n", 0600, -1);
    document_free(document);
    (void)value_of_file(&folder, "\xFF", 0600, -1);
    ck_assert_uint_eq(problems_count(problems), 2);
    folder_remove(&folder);
}
END_TEST

START_TEST(refuses_files_that_are_not_there_or_not_named_from_the_root)
{
    fails("a: ${file:/nonexistent/x}\n", 1, 4, "cannot read '/nonexistent/x'",
          "may read");
    fails("a: ${file:x}\n", 1, 4, "begins with a /", "");
}
END_TEST

/* --- places --- */

static void
stands(const char *text, const char *word, unsigned line, unsigned column)
{
    struct value value = value_of(text, 0);
    const char *found = strstr(value.text, word);
    struct place place;

    ck_assert_msg(found != NULL, "no '%s' in '%s'", word, value.text);
    place = value_place(&value, (size_t)(found - value.text));
    ck_assert_uint_eq(place.line, line);
    ck_assert_uint_eq(place.column, column);
    document_free(document);
    document = NULL;
}

START_TEST(places_what_stands_behind_a_value)
{
    stands("a: x ${SET} y\n", "y", 1, 13);
    stands("a: ${SET} ${BOTH} here\n", "here", 1, 19);
    stands("a: $$ here\n", "here", 1, 7);
}
END_TEST

START_TEST(places_what_is_in_a_value_at_its_dollar)
{
    stands("a: x ${SET} y\n", "--set", 1, 6);
}
END_TEST

START_TEST(places_words_of_folded_lines_behind_values)
{
    stands("a: ${SET} = 'x'\n   OR here\n", "here", 2, 7);
    stands("a: >\n  ${SET}\n  ${BOTH} here\n", "here", 3, 11);
}
END_TEST

/* --- unused --- */

START_TEST(reports_variables_that_nothing_uses)
{
    scope.setting_count = 0;
    read_names("vars: {A: x, B: y}\na: ${A}\n");
    names_report_unused(names);
    kit_expect(problems, 1, 14, "'B' is never used", "take it out");
}
END_TEST

START_TEST(reports_settings_that_nothing_uses)
{
    static const struct setting typo[] = {{"STROE", "x"}};

    scope.settings = typo;
    scope.setting_count = 1;
    read_names("vars: {STORE: x}\na: ${STORE}\n");
    names_report_unused(names);
    kit_expect(problems, 0, 0, "--set STROE has no effect", "'STORE'");
}
END_TEST

START_TEST(does_not_report_a_variable_whose_name_was_misspelled)
{
    scope.setting_count = 0;
    (void)value_of("vars: {STORE: x}\na: ${STROE}\n", -1);
    names_report_unused(names);
    ck_assert_uint_eq(problems_count(problems), 1);
}
END_TEST

START_TEST(finds_the_names_that_a_text_mentions)
{
    ck_assert(subst_mentions("x${step.input}.csv", "step.input"));
    ck_assert(subst_mentions("${A}${step.input:-x}", "step.input"));
    ck_assert(!subst_mentions("$${step.input}", "step.input"));
    ck_assert(!subst_mentions("${step.inputs}", "step.input"));
}
END_TEST

static void
add_tests(TCase *tests)
{
    tcase_add_test(tests, leaves_a_text_without_a_dollar_alone);
    tcase_add_test(tests,
                   puts_in_a_setting_a_variable_of_the_environment_and_a_var);
    tcase_add_test(tests, prefers_set_over_environment_over_vars);
    tcase_add_test(tests, takes_the_default_of_what_is_unset_or_empty);
    tcase_add_test(tests, takes_an_empty_variable_as_set);
    tcase_add_test(tests, tells_the_message_of_what_is_unset_or_empty);
    tcase_add_test(tests, writes_dollars);
    tcase_add_test(tests, never_looks_at_a_value_again);
    tcase_add_test(tests, refuses_what_it_cannot_understand);
    tcase_add_test(tests,
                   names_the_place_and_the_nearest_name_of_what_is_unset);
    tcase_add_test(tests, tells_every_unset_name_of_a_scalar);
    tcase_add_test(tests, lets_a_variable_use_those_above_it);
    tcase_add_test(tests, tells_what_is_wrong_with_a_variable_once);
    tcase_add_test(tests, does_not_evaluate_a_variable_that_is_overridden);
    tcase_add_test(tests, refuses_names_that_no_variable_can_have);
    tcase_add_test(tests,
                   refuses_line_ends_from_the_environment_without_showing_them);
    tcase_add_test(tests, refuses_an_environment_that_is_no_utf8);
    tcase_add_test(tests, knows_the_names_of_the_run);
    tcase_add_test(tests, says_where_names_of_the_run_have_a_meaning);
    tcase_add_test(tests, keeps_silent_about_names_of_a_trigger_that_is_wrong);
    tcase_add_test(tests, bounds_the_length_of_a_value);
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("subst");
    TCase *forms = tcase_create("forms"), *files = tcase_create("files"),
          *places = tcase_create("places"), *unused = tcase_create("unused");

    add_tests(forms);
    tcase_add_test(files, reads_a_file_without_its_last_line_end);
    tcase_add_test(files, masks_the_content_of_a_file);
    tcase_add_test(files, refuses_files_that_everybody_may_read);
    tcase_add_test(files, refuses_empty_files_and_files_that_are_no_text);
    tcase_add_test(files,
                   refuses_files_that_are_not_there_or_not_named_from_the_root);
    tcase_add_test(places, places_what_stands_behind_a_value);
    tcase_add_test(places, places_what_is_in_a_value_at_its_dollar);
    tcase_add_test(places, places_words_of_folded_lines_behind_values);
    tcase_add_test(unused, reports_variables_that_nothing_uses);
    tcase_add_test(unused, reports_settings_that_nothing_uses);
    tcase_add_test(unused,
                   does_not_report_a_variable_whose_name_was_misspelled);
    tcase_add_test(unused, finds_the_names_that_a_text_mentions);
    tcase_add_checked_fixture(forms, begin, end);
    tcase_add_checked_fixture(files, begin, end);
    tcase_add_checked_fixture(places, begin, end);
    tcase_add_checked_fixture(unused, begin, end);
    suite_add_tcase(suite, forms);
    suite_add_tcase(suite, files);
    suite_add_tcase(suite, places);
    suite_add_tcase(suite, unused);
    return suite;
}
