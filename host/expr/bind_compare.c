/*
 * expr/bind_compare.c: comparison, IN, BETWEEN, LIKE and IS, and the constants
 * that a list is looked up in.
 */
#include "expr/bind_state.h"

#include <stdlib.h>

#include "expr/text_set.h"

static kernel_fn
comparison(enum ast_op op)
{
    return op == OP_EQ   ? fn_equal
           : op == OP_NE ? fn_not_equal
           : op == OP_LT ? fn_less
           : op == OP_LE ? fn_less_equal
           : op == OP_GT ? fn_greater
                         : fn_greater_equal;
}

static int
order_int(const void *a, const void *b)
{
    return datum_compare(T_INT, a, b);
}

static int
order_bool(const void *a, const void *b)
{
    return datum_compare(T_BOOL, a, b);
}

static int
order_double(const void *a, const void *b)
{
    return datum_compare(T_DOUBLE, a, b);
}

static int
order_decimal(const void *a, const void *b)
{
    return datum_compare(T_DECIMAL, a, b);
}

static int
order_text(const void *a, const void *b)
{
    return datum_compare(T_TEXT, a, b);
}

/* lower(x) IN ('a') looks up x in the set, so that nothing is copied. */
static enum text_fold
fold_of(const struct node *node)
{
    const struct node *x = node->args[0];

    if (x->kind != NODE_CALL || node->count > 1)
        return FOLD_NONE;
    return x->kernel == fn_lower   ? FOLD_LOWER
           : x->kernel == fn_upper ? FOLD_UPPER
                                   : FOLD_NONE;
}

/* What is constant in the list goes to a sorted set, the rest stays. */
static void
make_set(struct bind *b, struct node *node, enum etype_kind kind)
{
    union datum *set = arena_array(b->arena, node->count, sizeof(*set));
    uint32_t kept = 1;

    for (uint32_t i = 1; i < node->count; i++) {
        const struct node *item = node->args[i];

        if (item->kind != NODE_CONST)
            node->args[kept++] = node->args[i];
        else if (item->is_null)
            node->set_has_null = true;
        else
            set[node->set_count++] = item->value;
    }
    qsort(set, node->set_count, sizeof(*set),
          kind == T_BOOL      ? order_bool
          : kind == T_DOUBLE  ? order_double
          : kind == T_DECIMAL ? order_decimal
          : kind == T_TEXT    ? order_text
                              : order_int);
    node->set = set;
    node->count = kept;
    if (kind == T_TEXT && node->set_count > 0)
        node->plan =
            text_set_new(b->arena, set, node->set_count, fold_of(node));
}

static bool
is_constant_text(const struct node *node)
{
    return node->kind == NODE_CONST && !node->is_null &&
           node->type.kind == T_TEXT;
}

/* x = 'a' is x IN ('a'), which is faster. */
static int
compare_with_text(struct bind *b, struct expr_place place, kernel_fn kernel,
                  struct node *const *args, struct node **out)
{
    struct node *node = bind_new(b, NODE_IN, etype_simple(T_BOOL), place);
    bool first = is_constant_text(args[0]);

    node->negated = kernel == fn_not_equal;
    node->count = 2;
    node->args = arena_array(b->arena, 2, sizeof(struct node *));
    node->args[0] = args[first];
    node->args[1] = args[!first];
    make_set(b, node, T_TEXT);
    return bind_fold(b, node, out);
}

int
bind_compare(struct bind *b, struct expr_place place, enum ast_op op,
             struct node *left, struct node *right, struct node **out)
{
    struct node *args[] = {left, right};
    kernel_fn kernel = comparison(op);
    struct etype type;

    if (bind_unify(b, place, args, 2, "compare", "with", &type) != 0)
        return -1;
    if ((kernel == fn_equal || kernel == fn_not_equal) &&
        is_constant_text(args[0]) != is_constant_text(args[1]))
        return compare_with_text(b, place, kernel, args, out);
    return bind_call(b, place, etype_simple(T_BOOL), kernel, args, 2, out);
}

int
bind_in(struct bind *b, const struct ast *ast, struct node **out)
{
    struct node *node = bind_new(b, NODE_IN, etype_simple(T_BOOL), ast->place);
    struct etype type;

    node->count = ast->count;
    node->negated = ast->negated;
    if (bind_args(b, ast, &node->args) != 0 ||
        bind_unify(b, ast->place, node->args, node->count, "compare", "with",
                   &type) != 0)
        return -1;
    make_set(b, node, type.kind);
    return bind_fold(b, node, out);
}

int
bind_between(struct bind *b, const struct ast *ast, struct node **out)
{
    struct node *node =
        bind_new(b, NODE_CALL, etype_simple(T_BOOL), ast->place);
    struct etype type;

    node->kernel = fn_between;
    node->sees_nulls = true;
    node->negated = ast->negated;
    node->count = 3;
    if (bind_args(b, ast, &node->args) != 0 ||
        bind_unify(b, ast->place, node->args, 3, "compare", "with", &type) != 0)
        return -1;
    return bind_fold(b, node, out);
}

int
bind_like(struct bind *b, const struct ast *ast, struct node **out)
{
    struct node *node =
        bind_new(b, NODE_CALL, etype_simple(T_BOOL), ast->place);

    node->kernel = fn_like;
    node->negated = ast->negated;
    node->count = ast->count;
    if (bind_args(b, ast, &node->args) != 0)
        return -1;
    for (uint32_t i = 0; i < node->count; i++) {
        struct node *arg = node->args[i];

        if (arg->type.kind != T_TEXT && arg->type.kind != T_NULL) {
            (void)bind_fail(b, arg->place,
                            "LIKE needs strings, and this is "
                            "%s",
                            bind_describe(b, arg));
            return fb_hint(b->err, "CAST(%s AS VARCHAR)", bind_name_of(b, arg));
        }
        if (bind_coerce(b, arg, etype_simple(T_TEXT), &node->args[i]) != 0)
            return -1;
    }
    return bind_fold(b, node, out);
}

int
bind_is(struct bind *b, const struct ast *ast, struct node **out)
{
    struct node *node =
        bind_new(b, NODE_CALL, etype_simple(T_BOOL), ast->place);
    bool truth = ast->op == OP_IS_TRUE || ast->op == OP_IS_FALSE;
    struct etype type;

    node->kernel = truth                   ? fn_is_bool
                   : ast->op == OP_IS_NULL ? fn_is_null
                                           : fn_distinct;
    node->param = ast->op == OP_IS_TRUE;
    node->sees_nulls = true;
    node->negated = ast->negated;
    node->count = ast->count;
    node->args = arena_array(b->arena, 1, sizeof(struct node *));
    if (truth ? bind_condition(b, ast->args[0], "IS TRUE or IS FALSE",
                               &node->args[0]) != 0
              : bind_args(b, ast, &node->args) != 0)
        return -1;
    if (ast->op == OP_DISTINCT &&
        bind_unify(b, ast->place, node->args, 2, "compare", "with", &type) != 0)
        return -1;
    return bind_fold(b, node, out);
}
