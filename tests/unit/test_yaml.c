/*
 * config/yaml.c, yaml_place.c, yaml_error.c: trees, places, bounds, and what
 * is said about texts that are no YAML.
 */
#include "config/yaml.h"

#include <stdlib.h>

#include "support/pipeline_kit.h"
#include "unit/main.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"

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

static const struct yaml_node *
parse_bytes(const char *text, size_t size)
{
    return yaml_parse(arena, yaml_source_new(arena, "t.yaml", text, size),
                      problems);
}

static const struct yaml_node *
parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static const struct yaml_node *
right(const char *text)
{
    const struct yaml_node *root = parse(text);

    ck_assert_msg(problems_count(problems) == 0, "%s", kit_told(problems));
    ck_assert_ptr_nonnull(root);
    return root;
}

static void
expect_place(struct place place, unsigned line, unsigned column)
{
    ck_assert_msg(place.line == line && place.column == column,
                  "%u:%u instead of %u:%u", place.line, place.column, line,
                  column);
}

/* That the text `word` of the scalar at key `a` stands there. */
static void
expect_word(const char *text, const char *word, unsigned line, unsigned column)
{
    const struct yaml_node *node = yaml_get(right(text), "a");
    const char *found;

    ck_assert_ptr_nonnull(node);
    found = strstr(node->text, word);
    ck_assert_msg(found != NULL, "no '%s' in '%s'", word, node->text);
    expect_place(yaml_place_at(node, (size_t)(found - node->text)), line,
                 column);
}

/* --- trees --- */

START_TEST(keeps_every_scalar_as_text)
{
    static const char *const texts[] = {"no",   "on",   "1e3", "0123",
                                        "null", "~",    "yes", "12:30",
                                        "true", "0x1F", ".5",  "2025-01-01"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const struct yaml_node *root =
            right(arena_printf(arena, "a: %s\n", texts[i]));

        ck_assert_str_eq(yaml_get(root, "a")->text, texts[i]);
    }
}
END_TEST

START_TEST(knows_the_style_of_a_scalar)
{
    const struct yaml_node *list =
        right("- a\n- 'b'\n- \"c\"\n- |\n  d\n- >\n  e\n");

    ck_assert_int_eq(list->items[0]->style, YAML_PLAIN);
    ck_assert_int_eq(list->items[1]->style, YAML_SINGLE);
    ck_assert_int_eq(list->items[2]->style, YAML_DOUBLE);
    ck_assert_int_eq(list->items[3]->style, YAML_LITERAL);
    ck_assert_int_eq(list->items[4]->style, YAML_FOLDED);
}
END_TEST

START_TEST(keeps_maps_in_the_order_written)
{
    const struct yaml_node *map = right("z: 1\na: {y: 2, b: [3, 4]}\n");

    ck_assert_uint_eq(map->count, 2);
    ck_assert_str_eq(map->pairs[0].key->text, "z");
    ck_assert_str_eq(map->pairs[1].value->pairs[0].key->text, "y");
    ck_assert_str_eq(yaml_get(map->pairs[1].value, "b")->items[1]->text, "4");
}
END_TEST

START_TEST(tells_nothing_from_an_empty_text)
{
    const struct yaml_node *map = right("a:\nb: ''\n");

    ck_assert(yaml_is_empty(yaml_get(map, "a")));
    ck_assert(!yaml_is_empty(yaml_get(map, "b")));
}
END_TEST

START_TEST(shares_the_node_of_an_anchor)
{
    const struct yaml_node *map = right("a: &x {b: 1}\nc: *x\n");

    ck_assert_ptr_eq(yaml_get(map, "a"), yaml_get(map, "c"));
}
END_TEST

START_TEST(reads_lists_of_many_items)
{
    AUTO_BUF struct buf text;
    struct fb_error err = FB_ERROR_INIT;
    const struct yaml_node *list;

    buf_init(&text, MIB);
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(buf_printf(&text, &err, "- %d\n", i), 0);
    list = right(buf_text(&text));
    ck_assert_uint_eq(list->count, 1000);
    for (size_t i = 0; i < 1000; i++)
        ck_assert_str_eq(list->items[i]->text, arena_printf(arena, "%zu", i));
}
END_TEST

/* --- places --- */

START_TEST(counts_columns_in_characters)
{
    const struct yaml_node *map = right("名前: {値: x}\n");

    expect_place(yaml_place(map->pairs[0].value), 1, 5);
    expect_place(yaml_place(yaml_get(map->pairs[0].value, "値")), 1, 9);
}
END_TEST

START_TEST(counts_lines_that_end_with_cr_lf)
{
    const struct yaml_node *map = right("a: 1\r\nb:\r\n  c: 2\r\n");

    expect_place(yaml_place(yaml_get(yaml_get(map, "b"), "c")), 3, 6);
}
END_TEST

START_TEST(places_a_node_behind_its_anchor)
{
    expect_place(yaml_place(yaml_get(right("a: &x foo\n"), "a")), 1, 7);
}
END_TEST

START_TEST(finds_a_word_in_a_plain_scalar_of_several_lines)
{
    expect_word("a: one two\n   three\n\n     four\n", "three", 2, 4);
    expect_word("a: one two\n   three\n\n     four\n", "four", 4, 6);
}
END_TEST

START_TEST(finds_a_word_behind_doubled_quotes)
{
    expect_word("a: 'it''s ''here'' now'\n", "now", 1, 20);
}
END_TEST

START_TEST(finds_a_word_in_single_quotes_over_lines)
{
    expect_word("a: 'one\n\n  two'\n", "two", 3, 3);
}
END_TEST

START_TEST(finds_a_word_behind_escapes)
{
    expect_word("a: \"\\x41\\u3042\\U0001F600\\\\ here\"\n", "here", 1, 28);
    expect_word("a: \"one\\ttwo\\n three\"\n", "three", 1, 16);
    expect_word("a: \"one\\\n   two\"\n", "two", 2, 4);
}
END_TEST

START_TEST(finds_a_word_in_a_literal_block)
{
    expect_word("a: |\n  one\n    two\n\n  three\n", "two", 3, 5);
    expect_word("a: |2-\n   one\n  three\n", "three", 3, 3);
}
END_TEST

START_TEST(finds_a_word_in_a_folded_block)
{
    expect_word("a: > # said\n  one\n  two\n\n  three\n", "three", 5, 3);
}
END_TEST

START_TEST(finds_a_word_behind_wide_characters)
{
    expect_word("a: 表 ソ 能 here\n", "here", 1, 10);
}
END_TEST

START_TEST(places_the_end_of_a_text_behind_its_last_character)
{
    const struct yaml_node *node = yaml_get(right("a: one two\n"), "a");

    expect_place(yaml_place_at(node, node->length), 1, 11);
}
END_TEST

START_TEST(places_a_space_where_it_stands)
{
    const struct yaml_node *node = yaml_get(right("a: one  two\n"), "a");

    expect_place(yaml_place_at(node, 4), 1, 8);
}
END_TEST

/* --- what is refused --- */

static void
wrong(const char *text, unsigned line, unsigned column, const char *message,
      const char *hint)
{
    (void)parse(text);
    kit_expect(problems, line, column, message, hint);
    problems_free(problems);
    problems = problems_new();
}

START_TEST(refuses_duplicate_keys)
{
    wrong("a: 1\nb: 2\na: 3\n", 3, 1, "'a' stands here a second time",
          "keep one");
    wrong("{a: 1, \"a\": 2}\n", 1, 8, "first in line 1", "");
}
END_TEST

START_TEST(refuses_tags)
{
    wrong("a: !foo bar\n", 1, 4, "'!foo'", "take");
    wrong("a: !!str bar\n", 1, 4, "'!str'", "take");
    wrong("a: ! bar\n", 1, 4, "tags", "take");
    wrong("a: !!python/object:os.system {b: 1}\n", 1, 4, "tags", "");
    wrong("a: !!set [b]\n", 1, 4, "tags", "");
}
END_TEST

START_TEST(refuses_merge_keys)
{
    wrong("a: &a {b: 1}\nc: {<<: *a}\n", 2, 5, "merge keys", "alias");
}
END_TEST

START_TEST(refuses_keys_that_are_no_text)
{
    wrong("{[a]: 1}\n", 1, 2, "a key is a text, not a list", "quotes");
    wrong("? {a: 1}\n: 2\n", 1, 3, "a key is a text, not a map", "quotes");
}
END_TEST

START_TEST(refuses_a_second_document)
{
    wrong("a: 1\n---\nb: 2\n", 2, 1, "a second document", "two files");
}
END_TEST

START_TEST(refuses_an_empty_file)
{
    wrong("", 0, 0, "empty", "pipeline:");
    wrong("# nothing\n\n", 0, 0, "empty", "pipeline:");
}
END_TEST

START_TEST(refuses_unknown_and_circular_anchors)
{
    wrong("a: *b\n", 1, 4, "no anchor '&b'", "quotes");
    (void)parse("a: &a [*a]\n");
    ck_assert_uint_eq(problems_count(problems), 1);
    ck_assert_ptr_nonnull(
        strstr(problems_at(problems, 0)->message, "inside its own anchor"));
}
END_TEST

START_TEST(refuses_bytes_that_are_no_utf8)
{
    wrong("a: b\nc: \x82\xA0\n", 2, 4, "0x82", "UTF-8");
}
END_TEST

START_TEST(refuses_utf16)
{
    static const char text[] = "\xFF\xFE\x61\0:\0";

    ck_assert_ptr_null(parse_bytes(text, sizeof(text) - 1));
    kit_expect(problems, 1, 1, "0xff", "UTF-8");
}
END_TEST

START_TEST(refuses_a_nul_in_a_text)
{
    (void)parse("a: \"b\\0c\"\n");
    ck_assert_uint_eq(problems_count(problems), 1);
    ck_assert_ptr_nonnull(strstr(problems_at(problems, 0)->message, "\\0"));
}
END_TEST

START_TEST(refuses_control_characters_at_their_place)
{
    wrong("a: b\nc: d\x01\n", 2, 5, "0x01", "take it out");
}
END_TEST

START_TEST(tells_several_problems_in_one_go)
{
    (void)parse("a: 1\na: 2\nb: !x 3\n<<: {c: 4}\n");
    ck_assert_uint_eq(problems_count(problems), 3);
}
END_TEST

/* --- bounds --- */

static char *
repeat(const char *text, size_t count)
{
    size_t length = strlen(text);
    char *all = arena_alloc(arena, count * length + 1);

    for (size_t i = 0; i < count; i++)
        memcpy(all + i * length, text, length);
    all[count * length] = '\0';
    return all;
}

START_TEST(takes_as_many_levels_as_are_allowed)
{
    (void)right(arena_printf(arena, "%sx%s\n", repeat("[", YAML_DEPTH_MAX - 1),
                             repeat("]", YAML_DEPTH_MAX - 1)));
}
END_TEST

START_TEST(refuses_more_levels_than_are_allowed)
{
    wrong(arena_printf(arena, "%sx%s\n", repeat("[", YAML_DEPTH_MAX + 1),
                       repeat("]", YAML_DEPTH_MAX + 1)),
          1, YAML_DEPTH_MAX + 1, "levels deep", "");
    wrong(repeat("[", 10000), 1, YAML_DEPTH_MAX + 1, "levels deep", "");
}
END_TEST

START_TEST(refuses_levels_that_aliases_add)
{
    char *text = arena_strdup(arena, "a0: &a0 [x]\n");

    for (int i = 1; i <= YAML_DEPTH_MAX; i++)
        text = arena_printf(arena, "%sa%d: &a%d [*a%d]\n", text, i, i, i - 1);
    (void)parse(text);
    ck_assert_uint_eq(problems_count(problems), 1);
    ck_assert_ptr_nonnull(
        strstr(problems_at(problems, 0)->message, "levels deep"));
}
END_TEST

START_TEST(refuses_a_billion_laughs)
{
    char *text = arena_strdup(arena, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");

    for (int i = 1; i < 10; i++)
        text = arena_printf(
            arena, "%sa%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n",
            text, i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    ck_assert_ptr_null(parse(text));
    ck_assert_uint_eq(problems_count(problems), 1);
    ck_assert_ptr_nonnull(
        strstr(problems_at(problems, 0)->message, "aliases expanded"));
}
END_TEST

START_TEST(refuses_more_values_than_are_allowed)
{
    ck_assert_ptr_null(parse(repeat("- x\n", YAML_NODES_MAX + 1)));
    ck_assert_uint_eq(problems_count(problems), 1);
}
END_TEST

START_TEST(refuses_more_text_than_is_allowed)
{
    ck_assert_ptr_null(parse(repeat("# 45678\n", YAML_SIZE_MAX / 8 + 1)));
    ck_assert_uint_eq(problems_count(problems), 1);
    ck_assert_ptr_nonnull(
        strstr(problems_at(problems, 0)->message, "larger than 4 MiB"));
}
END_TEST

/* --- syntax --- */

static const struct {
    const char *text;
    unsigned line, column;
    const char *message, *hint;
} mistakes[] = {
    {"a:\n\tb: 1\n", 2, 1, "a tab", "spaces"},
    {"a:\n  b: 1\n \tc: 2\n", 3, 2, "a tab", "spaces"},
    {"a: b: c\n", 1, 5, "a second ': '", "quotes"},
    {"a: 1\n  b: 2\n", 2, 3, "indented deeper than 'a: 1'", "quote"},
    {"a:\n  b: 1\n c: 2\n", 3, 2, "the indentation", "same column"},
    {"a:\n    b: 1\n  c: 2\n", 3, 3, "the indentation", "same column"},
    {"pipeline orders\nvars: 1\n", 1, 1, "a ':' is missing", "key: value"},
    {"a: 1\nvars\nb:\n  c: 1\n", 2, 1, "a ':' is missing in 'vars'",
     "key: value"},
    {"sources:\n  upload\n    uri: x\n", 2, 3, "a ':' is missing",
     "key: value"},
    {"a: 1\nb:foo\nc: 1\n", 2, 2, "a space is missing", "key: value"},
    {"a: {b: 1, c: 2\nd: 3\n", 1, 4, "'{' opened here is not closed", ","},
    {"a: [b, c\nd: 3\n", 1, 4, "'[' opened here is not closed", ","},
    {"a: {b: 1 c: 2}\n", 1, 10, "a ',' or '}' is missing", ", "},
    {"a: \"foo\nb: 1\n", 1, 4, "never closed", "close"},
    {"a: 'foo\nb: 'c'\n", 1, 4, "not closed before line 2", "close"},
    {"a: 'foo' bar\nb: 1\n", 1, 10, "follows a value", "quotes"},
    {"a: @foo\n", 1, 4, "cannot begin with '@'", "quotes"},
    {"a: %foo\n", 1, 4, "cannot begin with '%'", "quotes"},
    {"a: `foo`\n", 1, 4, "cannot begin with '`'", "quotes"},
    {"a: *\n", 1, 4, "cannot begin with '*'", "quotes"},
    {"a: &\n", 1, 4, "cannot begin with '&'", "quotes"},
    {"a: \"\\d+\"\n", 1, 5, "'\\d' means nothing", "single quotes"},
    {"a: - b\n", 1, 4, "a list cannot begin here", "line of its own"},
    {"a: {uri: ${STORE}/x}\n", 1, 10, "stands in quotes", "\"${NAME}\""},
    {"a: 1\n- b\n", 2, 1, "a list item", "indent"},
    {"a: [b, c]]\n", 1, 10, "nothing is open", "take it out"},
    {"a: }\n", 1, 4, "a value is missing", "quotes"},
    {"a: |x\n b\n", 1, 5, "nothing may follow the '|'", "next line"},
    {"a: 1\n...\nb: 1\n", 3, 1, "behind the end", "one document"},
    {"a: ? b\n", 1, 4, "cannot begin with '? '", "quotes"},
    {"where: a = 1\n  AND b: 2\n", 2, 3, "indented deeper", "quote"},
    {"where: a = 1\n  AND b\n  OR c: 2\n", 3, 7, "': '", "quotes"},
};

START_TEST(explains_what_is_no_yaml)
{
    wrong(mistakes[_i].text, mistakes[_i].line, mistakes[_i].column,
          mistakes[_i].message, mistakes[_i].hint);
}
END_TEST

static TCase *
test_case(const char *name)
{
    TCase *tests = tcase_create(name);

    tcase_add_checked_fixture(tests, begin, end);
    return tests;
}

static void
add_places(Suite *suite)
{
    TCase *places = test_case("places");

    tcase_add_test(places, counts_columns_in_characters);
    tcase_add_test(places, counts_lines_that_end_with_cr_lf);
    tcase_add_test(places, places_a_node_behind_its_anchor);
    tcase_add_test(places, finds_a_word_in_a_plain_scalar_of_several_lines);
    tcase_add_test(places, finds_a_word_behind_doubled_quotes);
    tcase_add_test(places, finds_a_word_in_single_quotes_over_lines);
    tcase_add_test(places, finds_a_word_behind_escapes);
    tcase_add_test(places, finds_a_word_in_a_literal_block);
    tcase_add_test(places, finds_a_word_in_a_folded_block);
    tcase_add_test(places, finds_a_word_behind_wide_characters);
    tcase_add_test(places, places_the_end_of_a_text_behind_its_last_character);
    tcase_add_test(places, places_a_space_where_it_stands);
    suite_add_tcase(suite, places);
}

static void
add_refusals(Suite *suite)
{
    TCase *refused = test_case("refused");

    tcase_add_test(refused, refuses_duplicate_keys);
    tcase_add_test(refused, refuses_tags);
    tcase_add_test(refused, refuses_merge_keys);
    tcase_add_test(refused, refuses_keys_that_are_no_text);
    tcase_add_test(refused, refuses_a_second_document);
    tcase_add_test(refused, refuses_an_empty_file);
    tcase_add_test(refused, refuses_unknown_and_circular_anchors);
    tcase_add_test(refused, refuses_bytes_that_are_no_utf8);
    tcase_add_test(refused, refuses_utf16);
    tcase_add_test(refused, refuses_a_nul_in_a_text);
    tcase_add_test(refused, refuses_control_characters_at_their_place);
    tcase_add_test(refused, tells_several_problems_in_one_go);
    tcase_add_test(refused, takes_as_many_levels_as_are_allowed);
    tcase_add_test(refused, refuses_more_levels_than_are_allowed);
    tcase_add_test(refused, refuses_levels_that_aliases_add);
    tcase_add_test(refused, refuses_a_billion_laughs);
    tcase_add_test(refused, refuses_more_values_than_are_allowed);
    tcase_add_test(refused, refuses_more_text_than_is_allowed);
    tcase_add_loop_test(refused, explains_what_is_no_yaml, 0,
                        (int)(sizeof(mistakes) / sizeof(mistakes[0])));
    suite_add_tcase(suite, refused);
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("yaml");
    TCase *trees = test_case("trees");

    tcase_add_test(trees, keeps_every_scalar_as_text);
    tcase_add_test(trees, knows_the_style_of_a_scalar);
    tcase_add_test(trees, keeps_maps_in_the_order_written);
    tcase_add_test(trees, tells_nothing_from_an_empty_text);
    tcase_add_test(trees, shares_the_node_of_an_anchor);
    tcase_add_test(trees, reads_lists_of_many_items);
    suite_add_tcase(suite, trees);
    add_places(suite);
    add_refusals(suite);
    return suite;
}
