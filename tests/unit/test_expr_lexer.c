/*
 * Cutting the text of an expression into tokens.
 */
#include "expr/lexer.h"

#include "unit/test_expr.h"

static void
first_token(struct arena *arena, const char *text, struct token *token)
{
    struct fb_error err = FB_ERROR_INIT;
    struct expr_place place;
    struct lexer lexer = {text, strlen(text), 0, arena};

    ck_assert_msg(lexer_next(&lexer, token, &place, &err) == 0, "%s: %s", text,
                  err.message);
}

static void
expect_token(const char *text, enum token_kind kind, const char *content)
{
    struct arena *arena = arena_new();
    struct token token;

    first_token(arena, text, &token);
    ck_assert_int_eq(token.kind, kind);
    ck_assert_str_eq(token.text, content);
    arena_free(arena);
}

START_TEST(reads_numbers_in_every_form)
{
    expect_token("42", TOKEN_NUMBER, "42");
    expect_token("1.5", TOKEN_NUMBER, "1.5");
    expect_token(".5", TOKEN_NUMBER, ".5");
    expect_token("5.", TOKEN_NUMBER, "5.");
    expect_token("1e6", TOKEN_NUMBER, "1e6");
    expect_token("1.5E-3)", TOKEN_NUMBER, "1.5E-3");
}
END_TEST

START_TEST(a_doubled_quote_stands_for_one)
{
    expect_token("'O''Brien'", TOKEN_STRING, "O'Brien");
    expect_token("\"a\"\"b\"", TOKEN_QUOTED, "a\"b");
    expect_token("''", TOKEN_STRING, "");
}
END_TEST

START_TEST(names_may_be_written_in_any_script)
{
    expect_token("\xe6\xb3\xa8\xe6\x96\x87=1", TOKEN_NAME,
                 "\xe6\xb3\xa8\xe6\x96\x87");
    expect_token("a_1 b", TOKEN_NAME, "a_1");
}
END_TEST

START_TEST(takes_the_longest_operator)
{
    expect_token("<=1", TOKEN_OP, "<=");
    expect_token("<>1", TOKEN_OP, "<>");
    expect_token("!=1", TOKEN_OP, "!=");
    expect_token("||x", TOKEN_OP, "||");
    expect_token("<1", TOKEN_OP, "<");
}
END_TEST

START_TEST(skips_white_space_and_block_comments)
{
    expect_token(" \t\r\n/* a * b */ x", TOKEN_NAME, "x");
    expect_token("/**/", TOKEN_END, "");
}
END_TEST

START_TEST(the_end_comes_again_and_again)
{
    struct arena *arena = arena_new();
    struct fb_error err = FB_ERROR_INIT;
    struct expr_place place;
    struct lexer lexer = {"x", 1, 0, arena};
    struct token token;

    ck_assert_int_eq(lexer_next(&lexer, &token, &place, &err), 0);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(lexer_next(&lexer, &token, &place, &err), 0);
        ck_assert_int_eq(token.kind, TOKEN_END);
        ck_assert_uint_eq(token.place.offset, 1);
    }
    arena_free(arena);
}
END_TEST

START_TEST(a_quote_without_an_end_is_shown_where_it_begins)
{
    test_refused("Name = 'abc", "a string does not end", "'", "O''Brien");
    test_refused("\"Name = 1", "a quoted name does not end", "\"", NULL);
    test_refused("Name /* = 1", "a comment does not end", "/*", NULL);
}
END_TEST

START_TEST(operators_of_other_languages_get_the_sql_one)
{
    test_refused("Count == 1", "'==' is no operator", "==", "written =");
    test_refused("Paid && Paid", "'&&'", "&&", "AND");
    test_refused("!Paid", "'!'", "!", "NOT");
    test_refused("Paid | Paid", "'|'", "|", "OR");
    test_refused("Count::DOUBLE", "'::'", "::", "CAST");
    test_refused("Count => 1", "'=>'", "=>", ">=");
    test_refused("`Name` = 'x'", "'`'", "`", "double quotes");
    test_refused("Count = 1;", "';'", ";", "semicolon");
    test_refused("Count ? 1 : 2", "'?'", "?", "CASE");
}
END_TEST

START_TEST(a_line_comment_is_refused_because_yaml_joins_lines)
{
    test_refused("Count = 1 -- new\n AND Paid", "'--'", "--", "/* ... */");
}
END_TEST

START_TEST(full_width_punctuation_is_named)
{
    test_refused("Count\xef\xbc\x9d"
                 "1",
                 "is not the plain =", "\xef\xbc\x9d", "half-width");
    test_refused("Count =\xe3\x80\x80"
                 "1",
                 "is not the plain space", "\xe3\x80\x80", "U+0020");
    test_refused("Name = \xe2\x80\x98x\xe2\x80\x99", "is not the plain '",
                 "\xe2\x80\x98", NULL);
}
END_TEST

START_TEST(a_name_beginning_with_a_digit_is_explained)
{
    test_refused("2nd = 1", "'2nd' is no number", "2nd", "double quotes");
    test_refused("1.2.3", "'1.2.3' is no number", "1.2.3", NULL);
}
END_TEST

START_TEST(bytes_that_are_no_utf8_are_refused)
{
    test_refused("Name = '\xff'", "not UTF-8", "\xff", NULL);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("expr_lexer");
    TCase *tcase = tcase_create("expr_lexer");

    tcase_add_test(tcase, reads_numbers_in_every_form);
    tcase_add_test(tcase, a_doubled_quote_stands_for_one);
    tcase_add_test(tcase, names_may_be_written_in_any_script);
    tcase_add_test(tcase, takes_the_longest_operator);
    tcase_add_test(tcase, skips_white_space_and_block_comments);
    tcase_add_test(tcase, the_end_comes_again_and_again);
    tcase_add_test(tcase, a_quote_without_an_end_is_shown_where_it_begins);
    tcase_add_test(tcase, operators_of_other_languages_get_the_sql_one);
    tcase_add_test(tcase, a_line_comment_is_refused_because_yaml_joins_lines);
    tcase_add_test(tcase, full_width_punctuation_is_named);
    tcase_add_test(tcase, a_name_beginning_with_a_digit_is_explained);
    tcase_add_test(tcase, bytes_that_are_no_utf8_are_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
