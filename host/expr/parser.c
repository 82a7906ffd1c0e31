/*
 * expr/parser.c: operators, by recursive descent, one function a level of
 * precedence.  What stands between the operators is parser_primary.c.
 */
#include "expr/parser.h"

#include <assert.h>

#include "expr/parse_state.h"
#include "util/limits.h"
#include "util/text.h"

int
parse_advance(struct parse *p)
{
    p->previous_end = p->token.place.offset + p->token.place.length;
    return lexer_next(&p->lexer, &p->token, p->place, p->err);
}

int
parse_fail(struct parse *p, struct expr_place place, const char *format, ...)
{
    va_list args;
    char text[FB_MESSAGE_MAX];

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    *p->place = place;
    return fb_fail(p->err, FB_E_CONFIG, "%s", text);
}

int
parse_fail_here(struct parse *p, const char *wanted)
{
    if (p->token.kind == TOKEN_END)
        return parse_fail(p, p->token.place,
                          "the expression ends where %s should follow", wanted);
    return parse_fail(p, p->token.place, "'%.60s' stands where %s should",
                      p->token.text, wanted);
}

bool
parse_at(const struct parse *p, const char *keyword)
{
    return token_is(&p->token, keyword);
}

bool
parse_at_op(const struct parse *p, const char *op)
{
    return token_is_op(&p->token, op);
}

int
parse_expect(struct parse *p, const char *keyword)
{
    if (parse_at(p, keyword))
        return parse_advance(p);
    return parse_fail_here(p, keyword);
}

int
parse_expect_op(struct parse *p, const char *op)
{
    if (parse_at_op(p, op))
        return parse_advance(p);
    if (p->token.kind == TOKEN_END && strcmp(op, ")") == 0) {
        (void)parse_fail(p, p->open, "this '(' is not closed");
        return fb_hint(p->err, "put the missing ')'");
    }
    return parse_fail_here(p, op);
}

struct ast *
parse_node(struct parse *p, enum ast_kind kind, size_t start, uint32_t count)
{
    struct ast *ast = arena_zalloc(p->lexer.arena, sizeof(*ast));

    ast->kind = kind;
    ast->place.offset = start;
    ast->count = count;
    if (count > 0)
        ast->args = arena_array(p->lexer.arena, count, sizeof(struct ast *));
    p->nodes++;
    return ast;
}

static int
too_deep(struct parse *p)
{
    (void)parse_fail(p, p->token.place,
                     "the expression is nested more than %d levels deep",
                     EXPR_DEPTH_MAX);
    return fb_hint(p->err, "split it over several derived columns");
}

int
parse_done(struct parse *p, struct ast *ast, struct ast **out)
{
    assert(p->previous_end >= ast->place.offset);
    ast->place.length = p->previous_end - ast->place.offset;
    *out = ast;
    ast->depth = 1;
    for (uint32_t i = 0; i < ast->count; i++) {
        assert(ast->args[i] != NULL);
        if (ast->args[i]->depth >= ast->depth)
            ast->depth = ast->args[i]->depth + 1;
    }
    if (ast->depth > EXPR_DEPTH_MAX)
        return too_deep(p);
    if (p->nodes <= EXPR_NODES_MAX)
        return 0;
    return parse_fail(p, ast->place, "the expression has more than %d parts",
                      EXPR_NODES_MAX);
}

void
parse_add(struct parse *p, struct ast *ast, struct ast *arg)
{
    uint32_t n = ast->count;

    /* The room doubles at each power of two: count is the capacity. */
    if ((n & (n - 1)) == 0) {
        size_t room = n == 0 ? 1 : 2 * (size_t)n;
        struct ast **args =
            arena_array(p->lexer.arena, room, sizeof(struct ast *));

        if (n > 0)
            memcpy(args, ast->args, n * sizeof(struct ast *));
        ast->args = args;
    }
    ast->args[n] = arg;
    ast->count = n + 1;
}

static int
binary(struct parse *p, enum ast_op op, struct ast *left, struct ast *right,
       struct ast **out)
{
    struct ast *ast;

    assert(left != NULL && right != NULL);
    ast = parse_node(p, AST_BINARY, left->place.offset, 2);

    ast->op = op;
    ast->args[0] = left;
    ast->args[1] = right;
    return parse_done(p, ast, out);
}

struct op_name {
    const char *text;
    enum ast_op op;
};

static enum ast_op
op_of(const struct parse *p, const struct op_name *names)
{
    for (; names->text != NULL; names++)
        if (parse_at_op(p, names->text))
            return names->op;
    return 0;
}

static int
parse_unary(struct parse *p, struct ast **out)
{
    size_t start = p->token.place.offset;
    struct ast *ast, *arg = NULL;

    if (parse_at_op(p, "-") || parse_at_op(p, "+")) {
        bool minus = parse_at_op(p, "-");

        if (p->depth >= EXPR_DEPTH_MAX)
            return too_deep(p);
        p->depth++;
        if (parse_advance(p) != 0 || parse_unary(p, &arg) != 0)
            return -1;
        p->depth--;
        if (!minus) {
            *out = arg;
            return 0;
        }
        ast = parse_node(p, AST_UNARY, start, 1);
        ast->op = OP_MINUS;
        ast->args[0] = arg;
        return parse_done(p, ast, out);
    }
    return parse_primary(p, out);
}

typedef int (*parse_level)(struct parse *p, struct ast **out);

/* A chain of left-associative operators gets as deep as it is long. */
static int
parse_left(struct parse *p, const struct op_name *names, parse_level tighter,
           struct ast **out)
{
    struct ast *left = NULL, *right = NULL;
    enum ast_op op;

    if (tighter(p, &left) != 0)
        return -1;
    while ((op = op_of(p, names)) != 0) {
        if (parse_advance(p) != 0 || tighter(p, &right) != 0 ||
            binary(p, op, left, right, &left) != 0)
            return -1;
    }
    *out = left;
    return 0;
}

static int
parse_product(struct parse *p, struct ast **out)
{
    static const struct op_name names[] = {
        {"*", OP_MULTIPLY}, {"/", OP_DIVIDE}, {"%", OP_MODULO}, {NULL, 0}};

    return parse_left(p, names, parse_unary, out);
}

static int
parse_sum(struct parse *p, struct ast **out)
{
    static const struct op_name names[] = {
        {"+", OP_ADD}, {"-", OP_SUBTRACT}, {NULL, 0}};

    return parse_left(p, names, parse_product, out);
}

/* AND, OR and || of any length are one node, as deep as one. */
static int
parse_chain(struct parse *p, enum ast_op op, parse_level tighter,
            struct ast **out)
{
    size_t start = p->token.place.offset;
    struct ast *first = NULL, *next = NULL, *chain = NULL;

    if (tighter(p, &first) != 0)
        return -1;
    while (op == OP_OR    ? parse_at(p, "or")
           : op == OP_AND ? parse_at(p, "and")
                          : parse_at_op(p, "||")) {
        if (chain == NULL) {
            chain = parse_node(p, AST_CHAIN, start, 0);
            chain->op = op;
            parse_add(p, chain, first);
        }
        if (parse_advance(p) != 0 || tighter(p, &next) != 0)
            return -1;
        parse_add(p, chain, next);
    }
    if (chain != NULL)
        return parse_done(p, chain, out);
    *out = first;
    return 0;
}

static int
parse_concat(struct parse *p, struct ast **out)
{
    return parse_chain(p, OP_CONCAT, parse_sum, out);
}

static int
parse_in(struct parse *p, struct ast *ast)
{
    struct expr_place outer = p->open;
    struct ast *item = NULL;

    p->open = p->token.place;
    if (!parse_at_op(p, "(")) {
        (void)parse_fail_here(p, "a list in parentheses");
        return fb_hint(p->err, "IN ('a', 'b')");
    }
    do {
        if (parse_advance(p) != 0)
            return -1;
        if (parse_at_op(p, ")"))
            return parse_fail_here(p, "a value");
        if (parse_at(p, "select"))
            return parse_fail(p, p->token.place,
                              "a query cannot stand in an expression");
        if (parse_or(p, &item) != 0)
            return -1;
        parse_add(p, ast, item);
    } while (parse_at_op(p, ","));
    if (parse_expect_op(p, ")") != 0)
        return -1;
    p->open = outer;
    return 0;
}

static int
parse_predicate_tail(struct parse *p, struct ast *left, bool negated,
                     struct ast **out)
{
    size_t start = left->place.offset;
    bool in = parse_at(p, "in"), like = parse_at(p, "like");
    struct ast *ast = parse_node(p,
                                 in     ? AST_IN
                                 : like ? AST_LIKE
                                        : AST_BETWEEN,
                                 start, 0),
               *arg;

    ast->negated = negated;
    parse_add(p, ast, left);
    if (parse_advance(p) != 0)
        return -1;
    if (in)
        return parse_in(p, ast) != 0 ? -1 : parse_done(p, ast, out);
    if (parse_concat(p, &arg) != 0)
        return -1;
    parse_add(p, ast, arg);
    if (like && !parse_at(p, "escape"))
        return parse_done(p, ast, out);
    if (parse_expect(p, like ? "ESCAPE" : "AND") != 0 ||
        parse_concat(p, &arg) != 0)
        return -1;
    parse_add(p, ast, arg);
    return parse_done(p, ast, out);
}

/* x [NOT] IN | LIKE | BETWEEN */
static int
parse_predicate(struct parse *p, struct ast **out)
{
    struct ast *left = NULL;
    bool negated = false;

    if (parse_concat(p, &left) != 0)
        return -1;
    if (parse_at(p, "not")) {
        negated = true;
        if (parse_advance(p) != 0)
            return -1;
    }
    if (parse_at(p, "in") || parse_at(p, "like") || parse_at(p, "between"))
        return parse_predicate_tail(p, left, negated, out);
    if (parse_at(p, "ilike") || parse_at(p, "similar") ||
        parse_at(p, "regexp") || parse_at(p, "rlike")) {
        (void)parse_fail(p, p->token.place, "'%.20s' is not supported",
                         p->token.text);
        return fb_hint(p->err, "use LIKE, with lower() on both sides to "
                               "ignore case");
    }
    if (negated)
        return parse_fail_here(p, "IN, LIKE or BETWEEN after NOT");
    *out = left;
    return 0;
}

static int
parse_comparison(struct parse *p, struct ast **out)
{
    static const struct op_name names[] = {
        {"=", OP_EQ},  {"<>", OP_NE}, {"!=", OP_NE}, {"<", OP_LT},
        {"<=", OP_LE}, {">", OP_GT},  {">=", OP_GE}, {NULL, 0}};
    struct ast *left = NULL, *right = NULL;
    enum ast_op op;

    if (parse_predicate(p, &left) != 0)
        return -1;
    op = op_of(p, names);
    if (op == 0) {
        *out = left;
        return 0;
    }
    if (parse_advance(p) != 0)
        return -1;
    if (parse_at_op(p, "=")) {
        (void)parse_fail(p, p->token.place, "'=' stands after a comparison");
        return fb_hint(p->err, "comparisons are = <> < <= > >=");
    }
    if (parse_predicate(p, &right) != 0)
        return -1;
    if (op_of(p, names) != 0) {
        (void)parse_fail(p, p->token.place,
                         "a comparison follows a comparison");
        return fb_hint(p->err, "write a < b AND b < c, or use parentheses");
    }
    return binary(p, op, left, right, out);
}

static int
parse_is_tail(struct parse *p, struct ast *ast)
{
    struct ast *right = NULL;

    if (parse_at(p, "null") || parse_at(p, "true") || parse_at(p, "false")) {
        ast->op = parse_at(p, "null")   ? OP_IS_NULL
                  : parse_at(p, "true") ? OP_IS_TRUE
                                        : OP_IS_FALSE;
        return parse_advance(p);
    }
    if (!parse_at(p, "distinct")) {
        (void)parse_fail_here(p, "NULL, TRUE, FALSE or DISTINCT FROM");
        return fb_hint(p->err, "equality with a value is written =");
    }
    ast->op = OP_DISTINCT;
    if (parse_advance(p) != 0 || parse_expect(p, "FROM") != 0 ||
        parse_comparison(p, &right) != 0)
        return -1;
    parse_add(p, ast, right);
    return 0;
}

/* x IS [NOT] NULL | TRUE | FALSE | DISTINCT FROM y, as often as written */
static int
parse_is(struct parse *p, struct ast **out)
{
    struct ast *left = NULL;

    if (parse_comparison(p, &left) != 0)
        return -1;
    while (parse_at(p, "is")) {
        struct ast *ast;

        assert(left != NULL);
        ast = parse_node(p, AST_IS, left->place.offset, 0);
        parse_add(p, ast, left);
        if (parse_advance(p) != 0)
            return -1;
        ast->negated = parse_at(p, "not");
        if ((ast->negated && parse_advance(p) != 0) ||
            parse_is_tail(p, ast) != 0 || parse_done(p, ast, &left) != 0)
            return -1;
    }
    *out = left;
    return 0;
}

static int
parse_not(struct parse *p, struct ast **out)
{
    size_t start = p->token.place.offset;
    struct ast *ast, *arg = NULL;

    if (!parse_at(p, "not"))
        return parse_is(p, out);
    if (p->depth >= EXPR_DEPTH_MAX)
        return too_deep(p);
    p->depth++;
    if (parse_advance(p) != 0 || parse_not(p, &arg) != 0)
        return -1;
    p->depth--;
    ast = parse_node(p, AST_UNARY, start, 1);
    ast->op = OP_NOT;
    ast->args[0] = arg;
    return parse_done(p, ast, out);
}

static int
parse_and(struct parse *p, struct ast **out)
{
    return parse_chain(p, OP_AND, parse_not, out);
}

int
parse_or(struct parse *p, struct ast **out)
{
    int status;

    if (p->depth >= EXPR_DEPTH_MAX)
        return too_deep(p);
    p->depth++;
    status = parse_chain(p, OP_OR, parse_and, out);
    p->depth--;
    return status;
}

static int
trailing(struct parse *p)
{
    (void)parse_fail(p, p->token.place, "'%.60s' stands after the expression",
                     p->token.text);
    if (parse_at_op(p, ")"))
        return fb_hint(p->err, "this ')' has no '('");
    if (p->token.kind == TOKEN_STRING)
        return fb_hint(p->err,
                       "is an operator missing? a quote within a string is "
                       "written twice: 'O''Brien'");
    if (p->token.kind == TOKEN_NAME) {
        static const char *const words[] = {"AND", "OR",   "NOT",     "IN",
                                            "IS",  "LIKE", "BETWEEN", "ESCAPE"};
        const char *near =
            text_nearest(p->token.text, words, ARRAY_SIZE(words));

        if (near != NULL)
            return fb_hint(p->err, "did you mean %s?", near);
    }
    return fb_hint(p->err, "is an operator missing, or are quotes missing "
                           "around a text or a name with spaces?");
}

int
parser_parse(struct arena *arena, const char *text, size_t length,
             const struct ast **ast, struct expr_place *place,
             struct fb_error *err)
{
    struct parse p = {
        .lexer = {.text = text, .length = length, .arena = arena},
        .place = place,
        .err = err,
    };
    struct ast *root = NULL;

    if (parse_advance(&p) != 0)
        return -1;
    p.previous_end = 0;
    if (p.token.kind == TOKEN_END)
        return parse_fail(&p, p.token.place, "the expression is empty");
    if (parse_or(&p, &root) != 0)
        return -1;
    if (p.token.kind != TOKEN_END)
        return trailing(&p);
    *ast = root;
    return 0;
}
