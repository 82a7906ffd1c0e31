/*
 * config/yaml.c over the YAML test suite (https://github.com/yaml/yaml-test-
 * suite) and over pipelines of other projects: what is in our subset parses to
 * the tree that the suite expects; what is no YAML is refused; all else stands
 * in the lists here, with its reason.
 */
#include "config/yaml.h"

#include <dirent.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "support/pipeline_kit.h"
#include "unit/corpora.h"
#include "unit/main.h"
#include "util/mem.h"
#include "util/text.h"

/* Refused by design (config/yaml.h), by what is said. */
static const char *const refusals[] = {
    "tags such as",      "a second document", "a key is a text",
    "the file is empty", "merge keys",        "cannot hold the character \\0",
};

/* What libyaml 0.2.5 reads otherwise than the suite, which is of YAML 1.2.
 * None of it is lost: it is refused, or stands in no pipeline. */
static const struct {
    const char *why, *names; /* names between spaces */
} differences[] = {
    {"keys that are nothing at all",
     " 2JQS 6M2F CFD4 FRK4 M2N8/00 NHX8 NKF9 S3PD SM9W/01 UKK6/00 "},
    {"directives other than %YAML 1.1 and 1.2",
     " 2LFX 6LVF BEC7 MUS6/00 MUS6/05 MUS6/06 W4TN "},
    {"names of anchors with other than letters, digits, _ and -",
     " 2SXE 8XYN W5VH Y2GN "},
    {"a ':' or '?' that touches its neighbours between { } or [ ], or a ':' on "
     "a line of its own there",
     " 4ABK 4MUZ/00 4MUZ/01 4MUZ/02 58MP 5MUD 5T43 652Z 9SA2 DBG4 HM87/00 "
     "HM87/01 K3WX NJ66 UT92 VJP3/01 "},
    {"tabs behind an indicator or at the begin of a line of text",
     " 6BCT 6CA3 96NN/00 96NN/01 A2M4 DK95/00 DK95/03 DK95/04 Q5MG R4YG "
     "Y79Y/001 Y79Y/010 "},
    {"what stands behind '...', or '...' alone",
     " 7Z25 DK3J FP8R HWV9 M7A3 QT73 "},
    {"spaces in the last line of a block", " JEF9/02 L24T/01 "},
    {"mistakes that libyaml forgives: indentation between brackets or quotes, "
     "a comment that touches what it follows, a lone - in [ ]",
     " 9C9N 9JBA CVW2 DK95/01 G5U8 QB6E S98Z SU5Z X4QW Y79Y/003 YJV2 "},
};

struct counts {
    size_t equal, refused, listed, errors;
};

static bool
exists(const char *folder, const char *name)
{
    char *path = mem_printf("%s/%s", folder, name);
    struct stat status;
    bool found = stat(path, &status) == 0;

    free(path);
    return found;
}

/* --- trees --- */

/* JSON has types where a scalar of ours is text; a plain one may be one. */
static bool
same_scalar(const struct yaml_node *node, const json_t *json)
{
    bool plain = node->style == YAML_PLAIN;

    if (json_is_string(json))
        return strcmp(node->text, json_string_value(json)) == 0;
    if (json_is_null(json))
        return plain && (node->length == 0 || strcmp(node->text, "~") == 0 ||
                         strcmp(node->text, "null") == 0);
    if (json_is_boolean(json))
        return plain &&
               strcmp(node->text, json_is_true(json) ? "true" : "false") == 0;
    return plain && json_is_number(json) &&
           strtod(node->text, NULL) == json_number_value(json);
}

static bool
same(const struct yaml_node *node, const json_t *json)
{
    if (node->kind == YAML_SCALAR)
        return same_scalar(node, json);
    if (node->kind == YAML_LIST) {
        if (!json_is_array(json) || json_array_size(json) != node->count)
            return false;
        for (size_t i = 0; i < node->count; i++) {
            if (!same(node->items[i], json_array_get(json, i)))
                return false;
        }
        return true;
    }
    if (!json_is_object(json) || json_object_size(json) != node->count)
        return false;
    for (size_t i = 0; i < node->count; i++) {
        const json_t *value = json_object_get(json, node->pairs[i].key->text);

        if (value == NULL || !same(node->pairs[i].value, value))
            return false;
    }
    return true;
}

/* The last byte of each scalar has a place inside the file. */
static void
walk_places(const struct yaml_node *node)
{
    if (node->kind == YAML_SCALAR) {
        for (size_t i = 0; i <= node->length; i++)
            ck_assert_uint_gt(yaml_place_at(node, i).line, 0);
        return;
    }
    for (size_t i = 0; i < node->count; i++)
        walk_places(node->kind == YAML_LIST ? node->items[i]
                                            : node->pairs[i].value);
}

/* --- the suite --- */

static bool
is_refusal(struct problems *problems)
{
    for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
        if (strstr(problems_at(problems, 0)->message, refusals[i]) != NULL)
            return true;
    }
    return false;
}

static bool
is_listed(const char *name)
{
    char *word = mem_printf(" %s ", name);
    bool listed = false;

    for (size_t i = 0; i < ARRAY_SIZE(differences); i++)
        listed = listed || strstr(differences[i].names, word) != NULL;
    free(word);
    return listed;
}

/* What happened, in a word; NULL: as expected. */
static const char *
judge(const char *folder, const struct yaml_node *root,
      struct problems *problems, struct counts *counts)
{
    AUTO_BUF struct buf expected = {.max = 1};
    json_t *json;
    bool equal;

    if (exists(folder, "error")) {
        counts->errors += problems_count(problems) > 0;
        return problems_count(problems) > 0 ? NULL : "is taken";
    }
    if (problems_count(problems) > 0) {
        counts->refused++;
        return is_refusal(problems) ? NULL : kit_told(problems);
    }
    if (!exists(folder, "in.json"))
        return NULL; /* nothing to compare with */
    expected = corpora_read(folder, "in.json");
    json =
        json_loadb(buf_text(&expected), expected.size, JSON_DECODE_ANY, NULL);
    if (json == NULL)
        return "comes with a tree that is no JSON";
    ck_assert_ptr_nonnull(root);
    equal = root != NULL && same(root, json);
    json_decref(json);
    counts->equal += equal;
    return equal ? NULL : "gives another tree";
}

static void
run_case(const char *folder, const char *name, struct counts *counts)
{
    AUTO_BUF struct buf bytes = corpora_read(folder, "in.yaml");
    struct arena *arena = arena_new();
    struct problems *problems = problems_new();
    const struct yaml_node *root;
    const char *verdict;

    root = yaml_parse(
        arena, yaml_source_new(arena, name, buf_text(&bytes), bytes.size),
        problems);
    if (root != NULL)
        walk_places(root);
    verdict = judge(folder, root, problems, counts);
    counts->listed += is_listed(name);
    ck_assert_msg(verdict == NULL || is_listed(name), "%s: %s", name, verdict);
    ck_assert_msg(verdict != NULL || !is_listed(name),
                  "%s is as expected: take it off the list", name);
    problems_free(problems);
    arena_free(arena);
}

static int
by_name(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;

    return strcmp(*a, *b);
}

/* Each folder with an in.yaml, below this one too, in order. */
static void
run_below(const char *folder, const char *name, struct counts *counts)
{
    DIR *dir = opendir(folder);
    char *names[1000] = {NULL};
    size_t count = 0;

    ck_assert_ptr_nonnull(dir);
    if (exists(folder, "in.yaml"))
        run_case(folder, name, counts);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
            ck_assert_uint_lt(count, ARRAY_SIZE(names));
            names[count++] = mem_strdup(entry->d_name);
        }
    }
    closedir(dir);
    qsort(names, count, sizeof(names[0]), by_name);
    for (size_t i = 0; i < count; i++) {
        char *below = mem_printf("%s/%s", folder, names[i]);
        char *full = *name == '\0' ? mem_strdup(names[i])
                                   : mem_printf("%s/%s", name, names[i]);

        run_below(below, full, counts);
        free(below);
        free(full);
        free(names[i]);
    }
}

START_TEST(reads_the_test_suite_as_expected)
{
    const char *corpora = corpora_folder();
    struct counts counts = {.equal = 0};
    char *folder;

    if (corpora == NULL)
        return;
    folder = mem_printf("%s/yaml-test-suite/data", corpora);
    run_below(folder, "", &counts);
    printf("yaml-test-suite: %zu equal, %zu refused as no YAML, %zu refused "
           "by design, %zu listed\n",
           counts.equal, counts.errors, counts.refused, counts.listed);
    ck_assert_uint_gt(counts.equal, 180);
    ck_assert_uint_gt(counts.errors, 80);
    free(folder);
}
END_TEST

/* --- pipelines of others --- */

static size_t
read_real(const char *folder)
{
    DIR *dir = opendir(folder);
    size_t count = 0;

    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char *path = mem_printf("%s/%s", folder, entry->d_name);

        if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
            count += read_real(path);
        } else if (text_ends_with(path, ".yaml") ||
                   text_ends_with(path, ".yml")) {
            AUTO_BUF struct buf bytes = corpora_read(folder, entry->d_name);
            struct arena *arena = arena_new();
            struct problems *problems = problems_new();
            const struct yaml_node *root = yaml_parse(
                arena,
                yaml_source_new(arena, path, buf_text(&bytes), bytes.size),
                problems);

            ck_assert_msg(problems_count(problems) == 0 || is_refusal(problems),
                          "%s: %s", path, kit_told(problems));
            if (root != NULL)
                walk_places(root);
            problems_free(problems);
            arena_free(arena);
            count++;
        }
        free(path);
    }
    closedir(dir);
    return count;
}

START_TEST(reads_the_pipelines_of_other_projects)
{
    const char *corpora = corpora_folder();
    char *folder;

    if (corpora == NULL)
        return;
    folder = mem_printf("%s/yaml-real-pipelines", corpora);
    ck_assert_uint_gt(read_real(folder), 50);
    free(folder);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("yaml corpora");
    TCase *tests = tcase_create("corpora");

    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, reads_the_test_suite_as_expected);
    tcase_add_test(tests, reads_the_pipelines_of_other_projects);
    suite_add_tcase(suite, tests);
    return suite;
}
