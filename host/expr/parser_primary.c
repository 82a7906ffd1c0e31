/*
 * expr/parser_primary.c: literals, names, calls, and the forms that SQL
 * spells with words: CASE, CAST, EXTRACT, TRIM, SUBSTRING, POSITION.
 */
#include "expr/parser.h"

#include <assert.h>

#include "expr/interval.h"
#include "expr/parse_state.h"
#include "util/text.h"

static int
leaf(struct parse *p, enum ast_kind kind, struct ast **out)
{
    struct ast *ast = parse_node(p, kind, p->token.place.offset, 0);

    ast->text = p->token.text;
    ast->length = p->token.length;
    ast->quoted = p->token.kind == TOKEN_QUOTED;
    return parse_advance(p) != 0 ? -1 : parse_done(p, ast, out);
}

/* DATE '...' and the like: the word was read, the string is the token. */
static int
typed_literal(struct parse *p, enum ast_kind kind, size_t start,
              struct ast **out)
{
    if (leaf(p, kind, out) != 0)
        return -1;
    (*out)->place.offset = start;
    (*out)->place.length = p->previous_end - start;
    return 0;
}

/* '30 days': number and unit in one string. */
static bool
interval_in_one(struct parse *p, const struct token *token,
                struct interval *interval)
{
    const char *space = strchr(token->text, ' ');

    if (token->kind != TOKEN_STRING || space == NULL)
        return false;
    return interval_of(arena_dup_nul(p->lexer.arena, token->text,
                                     (size_t)(space - token->text)),
                       space + 1, interval);
}

static int
no_interval(struct parse *p, size_t start, const struct token *count)
{
    struct expr_place whole = {start, p->token.place.offset +
                                          p->token.place.length - start};

    (void)parse_fail(p, whole, "INTERVAL '%.40s' %.20s is no interval",
                     count->text,
                     p->token.kind == TOKEN_NAME ? p->token.text : "");
    return fb_hint(p->err, "write INTERVAL '30' DAY; the units are YEAR, "
                           "QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND");
}

static int
interval_literal(struct parse *p, size_t start, struct ast **out)
{
    struct ast *ast = parse_node(p, AST_INTERVAL, start, 0);
    bool round = parse_at_op(p, "(");
    struct token count;

    if (round && parse_advance(p) != 0)
        return -1;
    count = p->token;
    if (count.kind != TOKEN_NUMBER && count.kind != TOKEN_STRING)
        return parse_fail_here(p, "a number");
    if (parse_advance(p) != 0 || (round && parse_expect_op(p, ")") != 0))
        return -1;
    if (p->token.kind == TOKEN_NAME &&
        interval_of(count.text, p->token.text, &ast->interval))
        return parse_advance(p) != 0 ? -1 : parse_done(p, ast, out);
    if (interval_in_one(p, &count, &ast->interval))
        return parse_done(p, ast, out);
    return no_interval(p, start, &count);
}

static int
case_arm(struct parse *p, struct ast *ast)
{
    struct ast *arg = NULL;

    if (parse_expect(p, "WHEN") != 0 || parse_or(p, &arg) != 0)
        return -1;
    parse_add(p, ast, arg);
    if (parse_expect(p, "THEN") != 0 || parse_or(p, &arg) != 0)
        return -1;
    parse_add(p, ast, arg);
    return 0;
}

static int
case_form(struct parse *p, size_t start, struct ast **out)
{
    struct ast *ast = parse_node(p, AST_CASE, start, 0), *arg;
    struct expr_place word = {start, 4};

    ast->has_operand = !parse_at(p, "when");
    if (ast->has_operand) {
        if (parse_or(p, &arg) != 0)
            return -1;
        parse_add(p, ast, arg);
    }
    do {
        if (case_arm(p, ast) != 0)
            return -1;
    } while (parse_at(p, "when"));
    if (parse_at(p, "else")) {
        ast->has_else = true;
        if (parse_advance(p) != 0 || parse_or(p, &arg) != 0)
            return -1;
        parse_add(p, ast, arg);
    }
    if (p->token.kind == TOKEN_END) {
        (void)parse_fail(p, word, "this CASE has no END");
        return fb_hint(p->err, "CASE WHEN a THEN b ELSE c END");
    }
    return parse_expect(p, "END") != 0 ? -1 : parse_done(p, ast, out);
}

static int
small_number(struct parse *p, int *value)
{
    int64_t number;

    if (p->token.kind != TOKEN_NUMBER || !text_to_int(p->token.text, &number) ||
        number < 0 || number > 99)
        return parse_fail_here(p, "a small number");
    *value = (int)number;
    return parse_advance(p);
}

/* A type: its name, and perhaps (width[, scale]). */
static int
type_name(struct parse *p, struct ast *ast)
{
    if (p->token.kind != TOKEN_NAME)
        return parse_fail_here(p, "a type");
    ast->text = p->token.text;
    ast->width = ast->scale = -1;
    if (parse_advance(p) != 0)
        return -1;
    if (text_equal_nocase(ast->text, "double") && parse_at(p, "precision"))
        return parse_advance(p);
    if (!parse_at_op(p, "("))
        return 0;
    if (parse_advance(p) != 0 || small_number(p, &ast->width) != 0)
        return -1;
    if (parse_at_op(p, ",") &&
        (parse_advance(p) != 0 || small_number(p, &ast->scale) != 0))
        return -1;
    return parse_expect_op(p, ")");
}

static int
cast_form(struct parse *p, struct ast *ast)
{
    struct ast *arg = NULL;

    if (parse_or(p, &arg) != 0)
        return -1;
    parse_add(p, ast, arg);
    ast->kind = AST_CAST;
    ast->is_try = text_equal_nocase(ast->text, "try_cast");
    if (parse_at_op(p, ",")) {
        (void)parse_fail_here(p, "AS");
        return fb_hint(p->err, "CAST(x AS type)");
    }
    return parse_expect(p, "AS") != 0 ? -1 : type_name(p, ast);
}

/* EXTRACT(unit FROM x): the same as date_part('unit', x). */
static int
extract_form(struct parse *p, struct ast *ast)
{
    struct ast *unit, *arg;

    if (p->token.kind != TOKEN_NAME && p->token.kind != TOKEN_STRING)
        return parse_fail_here(p, "a unit such as YEAR");
    if (leaf(p, AST_STRING, &unit) != 0 || parse_expect(p, "FROM") != 0 ||
        parse_or(p, &arg) != 0)
        return -1;
    ast->text = "date_part";
    parse_add(p, ast, unit);
    parse_add(p, ast, arg);
    return 0;
}

/* The arguments after those that are there already, up to ')'. */
static int
plain_arguments(struct parse *p, struct ast *ast)
{
    struct ast *arg = NULL;

    if (parse_at_op(p, ")"))
        return 0;
    for (;;) {
        if (parse_or(p, &arg) != 0)
            return -1;
        parse_add(p, ast, arg);
        if (!parse_at_op(p, ","))
            return 0;
        if (parse_advance(p) != 0)
            return -1;
    }
}

/* TRIM([BOTH|LEADING|TRAILING] [y] FROM x) or TRIM(x[, y]) */
static int
trim_form(struct parse *p, struct ast *ast)
{
    bool leading = parse_at(p, "leading"), trailing = parse_at(p, "trailing");
    bool side = leading || trailing || parse_at(p, "both");
    struct ast *what = NULL, *from = NULL;

    if (side && parse_advance(p) != 0)
        return -1;
    if (!parse_at(p, "from") && parse_or(p, &what) != 0)
        return -1;
    if (!side && !parse_at(p, "from")) {
        parse_add(p, ast, what);
        if (!parse_at_op(p, ","))
            return 0;
        return parse_advance(p) != 0 ? -1 : plain_arguments(p, ast);
    }
    ast->text = leading ? "ltrim" : trailing ? "rtrim" : "trim";
    if (side && !parse_at(p, "from")) {
        parse_add(p, ast, what);
        return 0;
    }
    if (parse_expect(p, "FROM") != 0 || parse_or(p, &from) != 0)
        return -1;
    parse_add(p, ast, from);
    if (what != NULL)
        parse_add(p, ast, what);
    return 0;
}

/* SUBSTRING(x FROM a [FOR b]) or SUBSTRING(x, a[, b]) */
static int
substring_form(struct parse *p, struct ast *ast)
{
    struct ast *arg = NULL;

    if (parse_or(p, &arg) != 0)
        return -1;
    parse_add(p, ast, arg);
    if (parse_at_op(p, ","))
        return parse_advance(p) != 0 ? -1 : plain_arguments(p, ast);
    if (!parse_at(p, "from"))
        return 0;
    if (parse_advance(p) != 0 || parse_or(p, &arg) != 0)
        return -1;
    parse_add(p, ast, arg);
    if (!parse_at(p, "for"))
        return 0;
    if (parse_advance(p) != 0 || parse_or(p, &arg) != 0)
        return -1;
    parse_add(p, ast, arg);
    return 0;
}

/* POSITION(y IN x): the same as strpos(x, y).  IN would swallow the rest of
 * a full expression, so y is a string, a name or in parentheses. */
static int
position_form(struct parse *p, struct ast *ast)
{
    struct ast *what = NULL, *in = NULL;

    if (parse_primary(p, &what) != 0 || parse_expect(p, "IN") != 0 ||
        parse_or(p, &in) != 0)
        return -1;
    ast->text = "strpos";
    parse_add(p, ast, in);
    parse_add(p, ast, what);
    return 0;
}

static int
call_arguments(struct parse *p, struct ast *ast)
{
    static const struct {
        const char *name;
        int (*parse)(struct parse *p, struct ast *ast);
    } forms[] = {
        {"cast", cast_form},           {"try_cast", cast_form},
        {"extract", extract_form},     {"trim", trim_form},
        {"substring", substring_form}, {"position", position_form},
    };

    for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
        if (text_equal_nocase(ast->text, forms[i].name))
            return forms[i].parse(p, ast);
    return plain_arguments(p, ast);
}

/* name '(' ... ')': the name was read. */
static int
call(struct parse *p, const struct token *name, struct ast **out)
{
    struct ast *ast = parse_node(p, AST_CALL, name->place.offset, 0);
    struct expr_place outer = p->open;

    ast->text = name->text;
    ast->length = name->length;
    p->open = p->token.place;
    if (parse_advance(p) != 0)
        return -1;
    if (parse_at_op(p, "*") || parse_at(p, "distinct"))
        return parse_fail(p, name->place,
                          "'%.60s' would look at many rows; an expression "
                          "sees one",
                          name->text);
    if (call_arguments(p, ast) != 0 || parse_expect_op(p, ")") != 0)
        return -1;
    p->open = outer;
    if (!parse_at(p, "over"))
        return parse_done(p, ast, out);
    return parse_fail(p, p->token.place,
                      "OVER would look at many rows; an expression sees one");
}

/* Words that cannot be the name of a column unless quoted. */
static bool
is_reserved(const struct token *token)
{
    static const char *const words[] = {
        "all",    "and",   "any",    "as",     "between", "case", "distinct",
        "else",   "end",   "escape", "for",    "from",    "in",   "is",
        "like",   "not",   "or",     "select", "then",    "when", "where",
        "having", "group", "order",  "limit",  "union",   "using"};

    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (token_is(token, words[i]))
            return true;
    return false;
}

static int
qualified(struct parse *p, const struct token *name)
{
    struct expr_place place = {name->place.offset,
                               p->token.place.offset + 1 - name->place.offset};

    (void)parse_fail(p, place, "'%.60s.' stands before a name", name->text);
    return fb_hint(p->err, "columns are not qualified; a name with a dot in "
                           "it goes in double quotes");
}

static int
word_literal(struct parse *p, const struct token *word, struct ast **out)
{
    static const struct {
        const char *word;
        enum ast_kind kind;
    } words[] = {
        {"null", AST_NULL},
        {"true", AST_TRUE},
        {"false", AST_FALSE},
        {"current_date", AST_CURRENT_DATE},
        {"current_timestamp", AST_CURRENT_TIMESTAMP},
    };

    *out = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (token_is(word, words[i].word))
            return parse_done(
                p, parse_node(p, words[i].kind, word->place.offset, 0), out);
    return 0;
}

static int
string_follows(struct parse *p, const struct token *word, struct ast **out)
{
    size_t start = word->place.offset;

    if (token_is(word, "date"))
        return typed_literal(p, AST_DATE, start, out);
    if (token_is(word, "timestamp"))
        return typed_literal(p, AST_TIMESTAMP, start, out);
    if (token_is(word, "time"))
        return typed_literal(p, AST_TIME, start, out);
    (void)parse_fail(p, word->place, "'%.60s' stands before a string",
                     word->text);
    return fb_hint(p->err, "is an operator missing?");
}

static int
word(struct parse *p, struct ast **out)
{
    struct token name = p->token;
    bool interval = token_is(&name, "interval");
    struct ast *ast;

    if (is_reserved(&name)) {
        (void)parse_fail_here(p, "a value");
        if (token_is(&name, "not"))
            return fb_hint(p->err, "put parentheses around NOT ...");
        return fb_hint(p->err, "a column of this name goes in double quotes");
    }
    if (parse_advance(p) != 0)
        return -1;
    if (interval && (p->token.kind == TOKEN_STRING ||
                     p->token.kind == TOKEN_NUMBER || parse_at_op(p, "(")))
        return interval_literal(p, name.place.offset, out);
    if (p->token.kind == TOKEN_STRING && !token_is(&name, "null") &&
        !token_is(&name, "true"))
        return string_follows(p, &name, out);
    if (parse_at_op(p, "("))
        return call(p, &name, out);
    if (parse_at_op(p, "."))
        return qualified(p, &name);
    if (word_literal(p, &name, out) != 0 || *out != NULL)
        return *out != NULL ? 0 : -1;
    ast = parse_node(p, AST_NAME, name.place.offset, 0);
    ast->text = name.text;
    ast->length = name.length;
    return parse_done(p, ast, out);
}

static int
parenthesised(struct parse *p, struct ast **out)
{
    struct expr_place outer = p->open;
    size_t start = p->token.place.offset;

    p->open = p->token.place;
    if (parse_advance(p) != 0)
        return -1;
    if (parse_at(p, "select"))
        return parse_fail(p, p->token.place,
                          "a query cannot stand in an expression");
    if (parse_or(p, out) != 0)
        return -1;
    if (parse_at_op(p, ",")) {
        (void)parse_fail_here(p, "')'");
        return fb_hint(p->err, "a list can only follow IN");
    }
    if (parse_expect_op(p, ")") != 0)
        return -1;
    (*out)->place = (struct expr_place){start, p->previous_end - start};
    p->open = outer;
    return 0;
}

int
parse_primary(struct parse *p, struct ast **out)
{
    size_t start = p->token.place.offset;

    switch (p->token.kind) {
    case TOKEN_NUMBER:
        return leaf(p, AST_NUMBER, out);
    case TOKEN_STRING:
        return leaf(p, AST_STRING, out);
    case TOKEN_QUOTED:
        return leaf(p, AST_NAME, out);
    case TOKEN_NAME:
        if (!parse_at(p, "case"))
            return word(p, out);
        return parse_advance(p) != 0 ? -1 : case_form(p, start, out);
    case TOKEN_OP:
        if (parse_at_op(p, "("))
            return parenthesised(p, out);
        break;
    case TOKEN_END:
        break;
    }
    return parse_fail_here(p, "a value");
}
