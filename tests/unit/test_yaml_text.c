/*
 * Texts as YAML scalars: what needs quotes gets them, and everything is read
 * back as it was.
 */
#include "unit/main.h"

#include <stdlib.h>

#include "config/document.h"
#include "config/yaml_text.h"
#include "util/mem.h"

static void
expect(const char *text, const char *written)
{
    struct arena *arena = arena_new();

    ck_assert_str_eq(yaml_text(arena, text), written);
    arena_free(arena);
}

START_TEST(leaves_names_as_they_are)
{
    expect("OrderID", "OrderID");
    expect("a_b/c.d-e", "a_b/c.d-e");
}
END_TEST

START_TEST(quotes_what_yaml_would_take_for_something_else)
{
    expect("", "\"\"");
    expect("no", "\"no\"");
    expect("Y", "\"Y\"");
    expect("12", "\"12\"");
    expect("1:30", "\"1:30\"");
    expect("-", "\"-\"");
    expect("a: b", "\"a: b\"");
    expect("#a", "\"#a\"");
    expect("a\nb\x01", "\"a\\nb\\x01\"");
    expect("say \"hi\"", "\"say \\\"hi\\\"\"");
}
END_TEST

START_TEST(doubles_a_dollar_only_where_texts_are_substituted)
{
    struct arena *arena = arena_new();

    ck_assert_str_eq(yaml_text(arena, "${A}"), "\"${A}\"");
    ck_assert_str_eq(yaml_text_kept(arena, "${A}"), "\"$${A}\"");
    arena_free(arena);
}
END_TEST

START_TEST(reads_back_every_text)
{
    static const char *const texts[] = {
        "",      " ",    "a b",  "a\tb",     "a\nb",         "\x01\x7f", "\\",
        "\"",    "'",    "注文", "- a",      "{a}",          "[a]",      "a #b",
        "a: b",  "null", "0x1f", "%a",       "@a",           "`a`",      "*a",
        "&a",    "!a",   "|",    ">",        "? a",          "a,b",      "true",
        "\\x41", "$$",   "${x}", "\xc2\x85", "\xe2\x80\xa8", "...",      "---",
        ".5"};

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct problems *problems = problems_new();
        struct arena *arena = arena_new();
        char *line = mem_printf("k: %s\n", yaml_text(arena, texts[i]));
        struct document *document =
            document_of_text("t.yaml", line, strlen(line), problems);

        ck_assert_msg(document != NULL, "%s", line);
        ck_assert_str_eq(yaml_get(document->root, "k")->text, texts[i]);
        document_free(document);
        free(line);
        arena_free(arena);
        problems_free(problems);
    }
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("yaml_text");
    TCase *tests = tcase_create("texts");

    tcase_add_test(tests, leaves_names_as_they_are);
    tcase_add_test(tests, quotes_what_yaml_would_take_for_something_else);
    tcase_add_test(tests, doubles_a_dollar_only_where_texts_are_substituted);
    tcase_add_test(tests, reads_back_every_text);
    suite_add_tcase(suite, tests);
    return suite;
}
