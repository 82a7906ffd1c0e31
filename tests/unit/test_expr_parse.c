/*
 * Precedence and the forms of SQL, and what is said about mistakes.
 */
#include "expr/parser.h"

#include "unit/test_expr.h"

#include "util/buf.h"
#include "util/limits.h"

static void
print_tree(const struct ast *ast, struct buf *out)
{
    static const char *const ops[] = {
        [OP_OR] = "or",          [OP_AND] = "and",
        [OP_NOT] = "not",        [OP_EQ] = "=",
        [OP_NE] = "<>",          [OP_LT] = "<",
        [OP_LE] = "<=",          [OP_GT] = ">",
        [OP_GE] = ">=",          [OP_ADD] = "+",
        [OP_SUBTRACT] = "-",     [OP_MULTIPLY] = "*",
        [OP_DIVIDE] = "/",       [OP_MODULO] = "%",
        [OP_MINUS] = "neg",      [OP_CONCAT] = "||",
        [OP_IS_NULL] = "isnull", [OP_DISTINCT] = "distinct"};
    struct fb_error err = FB_ERROR_INIT;
    const char *head = ast->op != 0               ? ops[ast->op]
                       : ast->kind == AST_IN      ? "in"
                       : ast->kind == AST_BETWEEN ? "between"
                       : ast->kind == AST_LIKE    ? "like"
                       : ast->kind == AST_CASE    ? "case"
                       : ast->text != NULL        ? ast->text
                                                  : "?";

    if (ast->count == 0) {
        ck_assert_int_eq(buf_puts(out, head, &err), 0);
        return;
    }
    ck_assert_int_eq(
        buf_printf(out, &err, "(%s%s", ast->negated ? "!" : "", head), 0);
    for (uint32_t i = 0; i < ast->count; i++) {
        ck_assert_int_eq(buf_puts(out, " ", &err), 0);
        print_tree(ast->args[i], out);
    }
    ck_assert_int_eq(buf_puts(out, ")", &err), 0);
}

static void
expect_tree(const char *text, const char *tree)
{
    struct arena *arena = arena_new();
    struct fb_error err = FB_ERROR_INIT;
    struct expr_place place;
    const struct ast *ast;
    AUTO_BUF struct buf out;

    buf_init(&out, 64 * KIB);
    ck_assert_msg(parser_parse(arena, text, strlen(text), &ast, &place, &err) ==
                      0,
                  "%s: %s", text, err.message);
    print_tree(ast, &out);
    ck_assert_str_eq(buf_text(&out), tree);
    arena_free(arena);
}

START_TEST(and_binds_tighter_than_or_and_not_than_and)
{
    expect_tree("a OR b AND NOT c", "(or a (and b (not c)))");
    expect_tree("NOT a AND b", "(and (not a) b)");
}
END_TEST

START_TEST(comparison_binds_tighter_than_not_and_is)
{
    expect_tree("NOT a = b", "(not (= a b))");
    expect_tree("a = b IS NULL", "(isnull (= a b))");
    expect_tree("NOT a IS NULL", "(not (isnull a))");
}
END_TEST

START_TEST(in_like_and_between_bind_tighter_than_comparison)
{
    expect_tree("a = b IN (c, d)", "(= a (in b c d))");
    expect_tree("a NOT LIKE b || c", "(!like a (|| b c))");
    expect_tree("a BETWEEN 1 AND 2 AND b", "(and (between a 1 2) b)");
}
END_TEST

START_TEST(sums_and_products_go_from_left_to_right)
{
    expect_tree("a - b - c", "(- (- a b) c)");
    expect_tree("a + b * -c", "(+ a (* b (neg c)))");
    expect_tree("a || b + c", "(|| a (+ b c))");
    expect_tree("a / b % c", "(% (/ a b) c)");
}
END_TEST

START_TEST(parentheses_change_the_order)
{
    expect_tree("(a OR b) AND c", "(and (or a b) c)");
    expect_tree("a - (b - c)", "(- a (- b c))");
}
END_TEST

START_TEST(both_forms_of_case_are_read)
{
    expect_tree("CASE WHEN a THEN b ELSE c END", "(case a b c)");
    expect_tree("case x when 1 then b when 2 then c end", "(case x 1 b 2 c)");
}
END_TEST

START_TEST(forms_spelled_with_words_become_calls)
{
    expect_tree("TRIM(BOTH 'x' FROM y)", "(trim y x)");
    expect_tree("TRIM(LEADING FROM y)", "(ltrim y)");
    expect_tree("trim(y, 'x')", "(trim y x)");
    expect_tree("SUBSTRING(x FROM 2 FOR 3)", "(SUBSTRING x 2 3)");
    expect_tree("POSITION('a' IN b)", "(strpos b a)");
    expect_tree("EXTRACT(YEAR FROM d)", "(date_part YEAR d)");
}
END_TEST

START_TEST(date_and_time_are_names_unless_a_string_follows)
{
    expect_tree("date > DATE '2025-01-01'", "(> date 2025-01-01)");
    expect_tree("time = interval", "(= time interval)");
}
END_TEST

START_TEST(intervals_are_read_in_all_their_forms)
{
    test_same("CAST(OrderDate + INTERVAL '3' DAY AS DATE)", "2025-02-13");
    test_same("CAST(OrderDate + INTERVAL 3 DAYS AS DATE)", "2025-02-13");
    test_same("CAST(OrderDate + INTERVAL '3 days' AS DATE)", "2025-02-13");
    test_same("CAST(OrderDate + INTERVAL (3) day AS DATE)", "2025-02-13");
    test_same("CAST(OrderDate - INTERVAL '-1' WEEK AS DATE)", "2025-02-17");
    test_same("Seen + INTERVAL '1.5' SECOND", "2025-02-10T09:05:01.500000Z");
    test_refused("OrderDate + INTERVAL '3' FORTNIGHT", "no interval",
                 "INTERVAL '3' FORTNIGHT", "units are");
    test_refused("OrderDate + INTERVAL '1.5' DAY", "no interval",
                 "INTERVAL '1.5' DAY", NULL);
}
END_TEST

START_TEST(long_chains_are_not_deep)
{
    struct arena *arena = arena_new();
    const char *text = "Paid";
    AUTO_BUF struct buf buf;
    struct fb_error err = FB_ERROR_INIT;

    buf_init(&buf, EXPR_TEXT_MAX);
    ck_assert_int_eq(buf_puts(&buf, text, &err), 0);
    for (int i = 0; i < 3000; i++)
        ck_assert_int_eq(buf_puts(&buf, " AND Paid", &err), 0);
    test_same(buf_text(&buf), "true");
    arena_free(arena);
}
END_TEST

static void
expect_too_deep(const char *open, const char *middle, const char *close,
                int times)
{
    AUTO_BUF struct buf buf;
    struct fb_error err = FB_ERROR_INIT;
    struct arena *arena = arena_new();
    struct expr_place place;
    struct fb_expr *expr;

    buf_init(&buf, EXPR_TEXT_MAX);
    for (int i = 0; i < times; i++)
        ck_assert_int_eq(buf_puts(&buf, open, &err), 0);
    ck_assert_int_eq(buf_puts(&buf, middle, &err), 0);
    for (int i = 0; i < times; i++)
        ck_assert_int_eq(buf_puts(&buf, close, &err), 0);
    ck_assert_int_eq(expr_parse(arena, buf_text(&buf), &expr, &place, &err),
                     -1);
    ck_assert_ptr_nonnull(strstr(err.message, "levels deep"));
    arena_free(arena);
}

START_TEST(nesting_beyond_the_bound_is_an_error_and_no_crash)
{
    expect_too_deep("(", "1", ")", EXPR_DEPTH_MAX + 1);
    expect_too_deep("NOT ", "Paid", "", EXPR_DEPTH_MAX + 1);
    expect_too_deep("- ", "1", "", EXPR_DEPTH_MAX + 1);
    expect_too_deep("lower(", "Name", ")", EXPR_DEPTH_MAX + 1);
    expect_too_deep("", "1", " + 1", EXPR_DEPTH_MAX + 1);
    expect_too_deep("((", "1", " + 1 + 1 + 1) + 1 + 1 + 1 + 1)", 60);
    expect_too_deep("", "Paid", " IS NULL", EXPR_DEPTH_MAX + 1);
    expect_too_deep("CASE WHEN TRUE THEN ", "1", " END", EXPR_DEPTH_MAX + 1);
}
END_TEST

START_TEST(a_text_beyond_the_bound_is_an_error)
{
    struct arena *arena = arena_new();
    char *text = arena_zalloc(arena, EXPR_TEXT_MAX + 2);
    struct fb_error err = FB_ERROR_INIT;
    struct expr_place place;
    struct fb_expr *expr;

    memset(text, ' ', EXPR_TEXT_MAX + 1);
    ck_assert_int_eq(expr_parse(arena, text, &expr, &place, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.message, "longer than"));
    arena_free(arena);
}
END_TEST

START_TEST(an_open_parenthesis_is_shown_where_it_stands)
{
    test_refused("lower(trim(Name) = 'x'", "this '(' is not closed", "(",
                 "missing ')'");
    test_refused("(Count = 1", "this '(' is not closed", "(", NULL);
    test_refused("Count IN (1, 2", "this '(' is not closed", "(", NULL);
}
END_TEST

START_TEST(a_parenthesis_too_many_is_shown)
{
    test_refused("Count = 1)", "')' stands after the expression", ")",
                 "no '('");
}
END_TEST

START_TEST(what_is_missing_is_named)
{
    test_refused("", "the expression is empty", "", NULL);
    test_refused("Count =", "ends where a value should follow", "", NULL);
    test_refused("Count = AND Paid", "'AND' stands where a value", "AND", NULL);
    test_refused("Count IN 1", "a list in parentheses", "1", "IN (");
    test_refused("Count IN ()", "where a value should", ")", NULL);
    test_refused("Count BETWEEN 1", "AND", "", NULL);
    test_refused("CASE WHEN Paid THEN 1", "has no END", "CASE", "END");
    test_refused("CAST(Count, DOUBLE)", "where AS should", ",", "CAST(x AS");
    test_refused("Name 'x'", "stands before a string", "Name", "operator");
    test_refused("Count = 1 ADN Paid", "stands after the expression", "ADN",
                 "did you mean AND?");
}
END_TEST

START_TEST(comparisons_do_not_chain)
{
    test_refused("1 < Count < 3", "a comparison follows a comparison", "<",
                 "AND");
}
END_TEST

START_TEST(queries_and_aggregates_are_refused_by_name)
{
    test_refused("Count IN (SELECT 1)", "a query cannot", "SELECT", NULL);
    test_refused("COUNT(*) > 1", "look at many rows", "COUNT", NULL);
    test_refused("o.Count = 1", "'o.' stands before a name", "o.",
                 "not qualified");
}
END_TEST

START_TEST(is_takes_no_value)
{
    test_refused("Count IS 5", "NULL, TRUE, FALSE", "5", "written =");
}
END_TEST

START_TEST(patterns_of_other_databases_point_to_like)
{
    test_refused("Name ILIKE 'a%'", "'ILIKE' is not supported", "ILIKE",
                 "lower()");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("expr_parse");
    TCase *tcase = tcase_create("expr_parse");

    tcase_add_test(tcase, and_binds_tighter_than_or_and_not_than_and);
    tcase_add_test(tcase, comparison_binds_tighter_than_not_and_is);
    tcase_add_test(tcase, in_like_and_between_bind_tighter_than_comparison);
    tcase_add_test(tcase, sums_and_products_go_from_left_to_right);
    tcase_add_test(tcase, parentheses_change_the_order);
    tcase_add_test(tcase, both_forms_of_case_are_read);
    tcase_add_test(tcase, forms_spelled_with_words_become_calls);
    tcase_add_test(tcase, date_and_time_are_names_unless_a_string_follows);
    tcase_add_test(tcase, intervals_are_read_in_all_their_forms);
    tcase_add_test(tcase, long_chains_are_not_deep);
    tcase_add_test(tcase, nesting_beyond_the_bound_is_an_error_and_no_crash);
    tcase_add_test(tcase, a_text_beyond_the_bound_is_an_error);
    tcase_add_test(tcase, an_open_parenthesis_is_shown_where_it_stands);
    tcase_add_test(tcase, a_parenthesis_too_many_is_shown);
    tcase_add_test(tcase, what_is_missing_is_named);
    tcase_add_test(tcase, comparisons_do_not_chain);
    tcase_add_test(tcase, queries_and_aggregates_are_refused_by_name);
    tcase_add_test(tcase, is_takes_no_value);
    tcase_add_test(tcase, patterns_of_other_databases_point_to_like);
    suite_add_tcase(suite, tcase);
    return suite;
}
