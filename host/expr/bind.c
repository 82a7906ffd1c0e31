/*
 * expr/bind.c: names, literals, logic, CASE and CAST.  Comparison is in
 * bind_compare.c, arithmetic in bind_number.c, calls in bind_call.c,
 * conversion in bind_types.c.
 */
#include "expr/bind.h"

#include <assert.h>

#include "expr/bind_state.h"
#include "expr/cast.h"
#include "util/limits.h"
#include "util/text.h"

int
bind_fail(struct bind *b, struct expr_place place, const char *format, ...)
{
    char text[FB_MESSAGE_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    *b->place = place;
    return fb_fail(b->err, FB_E_CONFIG, "%s", text);
}

struct node *
bind_new(struct bind *b, enum node_kind kind, struct etype type,
         struct expr_place place)
{
    struct node *node = arena_zalloc(b->arena, sizeof(*node));

    node->kind = kind;
    node->type = type;
    node->place = place;
    b->nodes++;
    return node;
}

struct node *
bind_const(struct bind *b, struct etype type, struct expr_place place,
           union datum value)
{
    struct node *node = bind_new(b, NODE_CONST, type, place);

    node->value = value;
    return node;
}

struct node *
bind_null(struct bind *b, struct etype type, struct expr_place place)
{
    struct node *node = bind_new(b, NODE_CONST, type, place);

    node->is_null = true;
    return node;
}

int
bind_args(struct bind *b, const struct ast *ast, struct node ***args)
{
    *args = arena_array(b->arena, ast->count, sizeof(struct node *));
    for (uint32_t i = 0; i < ast->count; i++)
        if (bind_any(b, ast->args[i], &(*args)[i]) != 0)
            return -1;
    return 0;
}

int
bind_condition(struct bind *b, const struct ast *ast, const char *who,
               struct node **out)
{
    if (bind_any(b, ast, out) != 0)
        return -1;
    if ((*out)->type.kind == T_NULL)
        return bind_coerce(b, *out, etype_simple(T_BOOL), out);
    if ((*out)->type.kind == T_BOOL)
        return 0;
    (void)bind_fail(b, ast->place, "%s needs a condition, and this is %s", who,
                    bind_describe(b, *out));
    return fb_hint(b->err, "compare it with something, such as %s",
                   (*out)->type.kind == T_TEXT ? "x = 'yes'" : "x <> 0");
}

static int64_t
find_exactly(const struct columns *columns, const char *name)
{
    for (uint32_t i = 0; i < columns->count; i++)
        if (strcmp(columns->items[i].name, name) == 0)
            return i;
    return -1;
}

static int
unknown_column(struct bind *b, const struct ast *ast)
{
    const char *near = columns_nearest(b->columns, ast->text);
    bool twice = false;

    for (uint32_t i = 0; i < b->columns->count; i++)
        twice |= text_equal_nocase(b->columns->items[i].name, ast->text);
    if (twice && !ast->quoted) {
        (void)bind_fail(b, ast->place, "column '%s' is ambiguous", ast->text);
        return fb_hint(b->err,
                       "several differ only in case; quote the one "
                       "that is meant: \"%s\"",
                       near != NULL ? near : ast->text);
    }
    (void)bind_fail(b, ast->place, "there is no column '%.200s'", ast->text);
    if (near != NULL)
        return fb_hint(b->err, "did you mean '%s'?", near);
    if (ast->quoted)
        return fb_hint(b->err,
                       "double quotes are for names; a string takes "
                       "single quotes: '%.100s'",
                       ast->text);
    if (b->columns->count == 0)
        return -1;
    return fb_hint(b->err,
                   "the columns begin with '%.100s'; a string takes "
                   "single quotes",
                   b->columns->items[0].name);
}

static int
bind_name(struct bind *b, const struct ast *ast, struct node **out)
{
    int64_t index = ast->quoted ? find_exactly(b->columns, ast->text)
                                : columns_find(b->columns, ast->text);

    if (index < 0)
        return unknown_column(b, ast);
    *out = bind_new(b, NODE_COLUMN,
                    etype_of_column(b->columns->items[index].type), ast->place);
    (*out)->column = (uint32_t)index;
    (*out)->certain = b->certain;
    return 0;
}

static int
bind_string(struct bind *b, const struct ast *ast, struct node **out)
{
    struct span text = {(const unsigned char *)ast->text, ast->length};

    *out = bind_const(b, etype_simple(T_TEXT), ast->place,
                      (union datum){.s = text});
    (*out)->is_literal = true;
    return 0;
}

/* DATE '...' and the like: a string literal that must be of the type. */
static int
bind_typed(struct bind *b, const struct ast *ast, enum etype_kind kind,
           struct node **out)
{
    return bind_string(b, ast, out) != 0
               ? -1
               : bind_coerce(b, *out, etype_simple(kind), out);
}

static int
bind_literal(struct bind *b, const struct ast *ast, enum etype_kind kind,
             union datum value, struct node **out)
{
    *out = bind_const(b, etype_simple(kind), ast->place, value);
    (*out)->is_null = ast->kind == AST_NULL;
    return 0;
}

static int
bind_binary(struct bind *b, const struct ast *ast, struct node **out)
{
    struct node *left, *right;

    if (ast->op >= OP_ADD)
        return bind_arithmetic(b, ast, out);
    if (bind_any(b, ast->args[0], &left) != 0 ||
        bind_any(b, ast->args[1], &right) != 0)
        return -1;
    return bind_compare(b, ast->place, ast->op, left, right, out);
}

static int
bind_unary(struct bind *b, const struct ast *ast, struct node **out)
{
    if (ast->op == OP_MINUS)
        return bind_minus(b, ast, out);
    if (bind_condition(b, ast->args[0], "NOT", out) != 0)
        return -1;
    return bind_call(b, ast->place, etype_simple(T_BOOL), fn_not, out, 1, out);
}

static int
bind_logic(struct bind *b, const struct ast *ast, struct node **out)
{
    bool is_or = ast->op == OP_OR, before = b->certain;
    struct node *node = bind_new(b, is_or ? NODE_OR : NODE_AND,
                                 etype_simple(T_BOOL), ast->place);

    node->count = ast->count;
    node->args = arena_array(b->arena, ast->count, sizeof(struct node *));
    for (uint32_t i = 0; i < ast->count; i++) {
        if (bind_condition(b, ast->args[i], is_or ? "OR" : "AND",
                           &node->args[i]) != 0)
            return -1;
        b->certain = false;
    }
    b->certain = before;
    return bind_fold(b, node, out);
}

static int
bind_chain(struct bind *b, const struct ast *ast, struct node **out)
{
    return ast->op == OP_CONCAT ? bind_concat(b, ast, true, out)
                                : bind_logic(b, ast, out);
}

/* CASE x WHEN y is CASE WHEN x = y. */
static int
bind_when(struct bind *b, const struct ast *ast, uint32_t i, struct node **out)
{
    struct node *left, *right;

    if (!ast->has_operand)
        return bind_condition(b, ast->args[i], "WHEN", out);
    if (bind_any(b, ast->args[0], &left) != 0 ||
        bind_any(b, ast->args[i], &right) != 0)
        return -1;
    return bind_compare(b, ast->args[i]->place, OP_EQ, left, right, out);
}

/* The results stand at the odd places, and at the end that of ELSE. */
static int
unify_results(struct bind *b, struct node *node)
{
    struct node **results =
        arena_array(b->arena, node->count, sizeof(struct node *));
    uint32_t count = 0;

    for (uint32_t i = 0; i < node->count; i++)
        if (i % 2 == 1 || i + 1 == node->count)
            results[count++] = node->args[i];
    if (bind_unify(b, node->place, results, count, "mix", "and", &node->type) !=
        0)
        return -1;
    count = 0;
    for (uint32_t i = 0; i < node->count; i++)
        if (i % 2 == 1 || i + 1 == node->count)
            node->args[i] = results[count++];
    return 0;
}

static int
bind_case(struct bind *b, const struct ast *ast, struct node **out)
{
    struct node *node =
        bind_new(b, NODE_CASE, etype_simple(T_NULL), ast->place);
    uint32_t first = ast->has_operand;
    bool before = b->certain;

    node->count = ast->count - first;
    node->args = arena_array(b->arena, node->count, sizeof(struct node *));
    for (uint32_t i = 0; i < node->count; i++) {
        bool result = i % 2 == 1 || i + 1 == node->count;
        int status = result ? bind_any(b, ast->args[first + i], &node->args[i])
                            : bind_when(b, ast, first + i, &node->args[i]);

        if (status != 0)
            return -1;
        b->certain = false;
    }
    if (unify_results(b, node) != 0)
        return -1;
    b->certain = before;
    return bind_fold(b, node, out);
}

static int
bind_cast(struct bind *b, const struct ast *ast, struct node **out)
{
    struct node *node =
        bind_new(b, NODE_CALL, etype_simple(T_NULL), ast->place);
    const char *nearest;
    char name[32];

    if (!etype_of_name(ast, &node->type, &nearest)) {
        (void)bind_fail(b, ast->place, "there is no type '%.40s'%s", ast->text,
                        nearest == NULL && ast->width >= 0 ? " of this width"
                                                           : "");
        return fb_hint(b->err, "did you mean %s?",
                       nearest != NULL ? nearest : "DECIMAL(18,3)");
    }
    node->count = 1;
    node->is_try = ast->is_try;
    if (bind_args(b, ast, &node->args) != 0)
        return -1;
    if (node->args[0]->is_null && node->args[0]->kind == NODE_CONST) {
        *out = bind_null(b, node->type, ast->place);
        return 0;
    }
    node->kernel = cast_kernel(node->args[0]->type, node->type);
    if (node->kernel != NULL)
        return bind_fold(b, node, out);
    return bind_fail(b, ast->place, "cannot cast %s to %s",
                     bind_describe(b, node->args[0]),
                     etype_sql(node->type, name));
}

int
bind_any(struct bind *b, const struct ast *ast, struct node **out)
{
    static int (*const forms[])(struct bind *, const struct ast *,
                                struct node **) = {
        [AST_NAME] = bind_name,       [AST_STRING] = bind_string,
        [AST_UNARY] = bind_unary,     [AST_BINARY] = bind_binary,
        [AST_CHAIN] = bind_chain,     [AST_IN] = bind_in,
        [AST_BETWEEN] = bind_between, [AST_LIKE] = bind_like,
        [AST_IS] = bind_is,           [AST_CASE] = bind_case,
        [AST_CAST] = bind_cast,       [AST_CALL] = bind_function,
    };
    union datum value = {.i = 0};

    /* CASE x WHEN ... binds x again for each WHEN. */
    if (b->nodes > EXPR_NODES_MAX)
        return bind_fail(b, ast->place, "the expression has more than %d parts",
                         EXPR_NODES_MAX);
    if (ast->kind == AST_NULL)
        return bind_literal(b, ast, T_NULL, value, out);
    if (ast->kind == AST_NUMBER)
        return bind_number(b, ast, false, out);
    if (ast->kind == AST_DATE)
        return bind_typed(b, ast, T_DATE, out);
    if (ast->kind == AST_TIMESTAMP)
        return bind_typed(b, ast, T_TIMESTAMP, out);
    if (ast->kind == AST_TIME)
        return bind_typed(b, ast, T_TIME, out);
    if (ast->kind == AST_TRUE || ast->kind == AST_FALSE)
        return bind_literal(b, ast, T_BOOL,
                            (union datum){.b = ast->kind == AST_TRUE}, out);
    if (ast->kind == AST_INTERVAL)
        return bind_literal(b, ast, T_INTERVAL,
                            (union datum){.interval = ast->interval}, out);
    if (ast->kind == AST_CURRENT_DATE)
        return bind_literal(b, ast, T_DATE, (union datum){.i = b->clock->date},
                            out);
    if (ast->kind == AST_CURRENT_TIMESTAMP)
        return bind_literal(b, ast, T_TIMESTAMP,
                            (union datum){.i = b->clock->now_us}, out);
    assert(ast->kind < ARRAY_SIZE(forms) && forms[ast->kind] != NULL);
    return forms[ast->kind](b, ast, out);
}

int
bind_expression(struct arena *arena, const struct ast *ast,
                const struct columns *columns, const struct expr_clock *clock,
                const struct node **root, struct expr_place *place,
                struct fb_error *err)
{
    struct bind b = {.arena = arena,
                     .columns = columns,
                     .clock = clock,
                     .place = place,
                     .err = err,
                     .certain = true};
    struct node *node;

    if (bind_any(&b, ast, &node) != 0)
        return -1;
    if (node->type.kind == T_INTERVAL) {
        (void)bind_fail(&b, ast->place,
                        "the result is an interval, which no "
                        "column can hold");
        return fb_hint(err, "add it to a date");
    }
    if (node->type.kind == T_NULL)
        node = bind_null(&b, etype_simple(T_TEXT), ast->place);
    *root = node;
    return 0;
}
