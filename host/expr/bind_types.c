/*
 * expr/bind_types.c: making nodes, converting them, bringing several to one
 * type, and folding constants.
 */
#include "expr/bind_state.h"

#include <assert.h>

#include "expr/cast.h"
#include "expr/datetime.h"
#include "expr/eval.h"
#include "expr/vector.h"
#include "util/error.h"
#include "util/text.h"

const char *
bind_name_of(struct bind *b, const struct node *node)
{
    const char *name;
    bool plain;

    if (node->kind != NODE_COLUMN)
        return "...";
    name = b->columns->items[node->column].name;
    plain = (*name | 0x20) >= 'a' && (*name | 0x20) <= 'z';
    for (const char *c = name; *c != '\0'; c++)
        plain &= ((*c | 0x20) >= 'a' && (*c | 0x20) <= 'z') || *c == '_' ||
                 (*c >= '0' && *c <= '9');
    return plain ? name : arena_printf(b->arena, "\"%s\"", name);
}

const char *
bind_describe(struct bind *b, const struct node *node)
{
    if (node->kind != NODE_COLUMN)
        return etype_article(node->type);
    return arena_printf(b->arena, "%s '%s'", etype_word(node->type),
                        b->columns->items[node->column].name);
}

static bool
all_const(const struct node *node)
{
    for (uint32_t i = 0; i < node->count; i++)
        if (node->args[i]->kind != NODE_CONST)
            return false;
    return true;
}

/* Texts that kernels made must outlive the evaluation. */
static void
keep_result(struct bind *b, struct node *node, const struct vec *vec)
{
    node->kind = NODE_CONST;
    node->is_null = vec->null[0];
    node->value = vec->at[0];
    node->args = NULL;
    node->count = 0;
    if (node->is_null || node->type.kind != T_TEXT)
        return;
    node->value.s.ptr = (const unsigned char *)arena_dup_nul(
        b->arena, (const char *)vec->at[0].s.ptr, vec->at[0].s.len);
}

/* A NULL among the arguments settles the result, whatever the others are. */
static bool
is_always_null(const struct node *node)
{
    if (node->kind != NODE_CALL || node->sees_nulls)
        return false;
    for (uint32_t i = 0; i < node->count; i++)
        if (node->args[i]->kind == NODE_CONST && node->args[i]->is_null)
            return true;
    return false;
}

int
bind_fold(struct bind *b, struct node *node, struct node **out)
{
    struct fb_error err = FB_ERROR_INIT;
    struct eval eval;
    struct vec vec;
    struct slab *slab;
    uint32_t row = 0;
    int status;

    *out = node;
    if (is_always_null(node)) {
        *out = bind_null(b, node->type, node->place);
        return 0;
    }
    if (!all_const(node)) {
        if (node->kind == NODE_CALL)
            vector_choose(b->arena, node);
        return 0;
    }
    eval_init(&eval, NULL, b->columns, &err);
    status = eval_node(&eval, node, &row, 1, &vec, &slab);
    if (status == 0)
        keep_result(b, node, &vec);
    eval_release(&eval);
    /* A branch that may never be taken fails only when it is. */
    if (status == 0 || !b->certain)
        return 0;
    (void)bind_fail(b, node->place, "%s", err.message);
    return fb_hint(b->err, "%s", err.hint);
}

int
bind_call(struct bind *b, struct expr_place place, struct etype type,
          kernel_fn kernel, struct node *const *args, uint32_t count,
          struct node **out)
{
    return bind_call_nulls(b, place, type, kernel, args, count, false, out);
}

static int
call_group(struct bind *b, struct expr_place place, struct etype type,
           kernel_fn kernel, struct node *const *args, uint32_t count,
           bool sees_nulls, struct node **out)
{
    struct node *node = bind_new(b, NODE_CALL, type, place);

    assert(count <= CALL_ARGS_MAX);
    node->kernel = kernel;
    node->sees_nulls = sees_nulls;
    node->count = count;
    node->args = arena_array(b->arena, count, sizeof(struct node *));
    memcpy(node->args, args, count * sizeof(struct node *));
    return bind_fold(b, node, out);
}

int
bind_call_nulls(struct bind *b, struct expr_place place, struct etype type,
                kernel_fn kernel, struct node *const *args, uint32_t count,
                bool sees_nulls, struct node **out)
{
    uint32_t groups = (count + CALL_ARGS_MAX - 1) / CALL_ARGS_MAX;
    struct node **grouped;

    if (count <= CALL_ARGS_MAX)
        return call_group(b, place, type, kernel, args, count, sees_nulls, out);
    grouped = arena_array(b->arena, groups, sizeof(struct node *));
    for (uint32_t i = 0; i < groups; i++) {
        uint32_t from = i * CALL_ARGS_MAX;
        uint32_t size =
            count - from < CALL_ARGS_MAX ? count - from : CALL_ARGS_MAX;

        if (call_group(b, place, type, kernel, args + from, size, sees_nulls,
                       &grouped[i]) != 0)
            return -1;
    }
    return bind_call_nulls(b, place, type, kernel, grouped, groups, sees_nulls,
                           out);
}

static const char *
example_of(struct etype type)
{
    switch (type.kind) {
    case T_BOOL:
        return "'true' or 'false'";
    case T_INT:
        return "an integer such as 42";
    case T_DECIMAL:
    case T_DOUBLE:
        return "a number such as 1.5";
    case T_DATE:
        return "a date such as '2025-02-01'";
    case T_TIMESTAMP:
        return "a datetime in UTC such as '2025-02-01 09:30:00'";
    case T_TIME:
        return "a time such as '09:30:00'";
    case T_NULL:
    case T_TEXT:
    case T_INTERVAL:
        break;
    }
    return "something else";
}

/* A date with a time behind it would lose that in silence. */
static bool
loses_time(struct etype type, const struct span *text)
{
    return type.kind == T_DATE && memchr(text->ptr, ':', text->len) != NULL;
}

static int
coerce_literal(struct bind *b, const struct node *node, struct etype type,
               struct node **out)
{
    struct node *arg = bind_new(b, NODE_CONST, node->type, node->place);
    bool certain = b->certain;
    struct node *cast;
    int status;

    arg->value = node->value;
    b->certain = false;
    status = bind_call(b, node->place, type, cast_kernel(node->type, type),
                       &arg, 1, &cast);
    b->certain = certain;
    if (status == 0 && cast->kind == NODE_CONST &&
        !loses_time(type, &node->value.s)) {
        *out = cast;
        return 0;
    }
    (void)bind_fail(
        b, node->place, "'%s' is not %s",
        text_escape(b->arena, node->value.s.ptr, node->value.s.len, 60),
        etype_article(type));
    return fb_hint(b->err, "write %s", example_of(type));
}

int
bind_coerce(struct bind *b, struct node *node, struct etype type,
            struct node **out)
{
    *out = node;
    if (etype_equal(node->type, type))
        return 0;
    if (node->kind == NODE_CONST && node->is_null) {
        *out = bind_null(b, type, node->place);
        return 0;
    }
    if (node->is_literal)
        return coerce_literal(b, node, type, out);
    return bind_call(b, node->place, type, cast_kernel(node->type, type), &node,
                     1, out);
}

static int
cannot_meet(struct bind *b, struct expr_place place, const struct node *left,
            const struct node *right, const char *verb, const char *with)
{
    const struct node *text = left->type.kind == T_TEXT    ? left
                              : right->type.kind == T_TEXT ? right
                                                           : NULL;
    const struct node *other = text == left ? right : left;
    char type[32];

    (void)bind_fail(b, place, "cannot %s %s %s %s", verb,
                    bind_describe(b, left), with, bind_describe(b, right));
    if (text != NULL && other->type.kind != T_INTERVAL)
        return fb_hint(b->err,
                       "CAST(%s AS %s), or give the column a type in the "
                       "schema",
                       bind_name_of(b, text),
                       etype_is_number(other->type)
                           ? "DOUBLE"
                           : etype_sql(other->type, type));
    if (etype_is_number(left->type) && etype_is_number(right->type))
        return fb_hint(b->err, "together they need more than 38 digits: CAST "
                               "one to DOUBLE");
    if (left->type.kind == T_BOOL || right->type.kind == T_BOOL)
        return fb_hint(b->err, "a boolean stands by itself: x, NOT x");
    return fb_hint(b->err, "CAST one of them to the type of the other");
}

int
bind_unify(struct bind *b, struct expr_place place, struct node **nodes,
           uint32_t count, const char *verb, const char *with,
           struct etype *type)
{
    const struct node *first = NULL;

    *type = etype_simple(T_NULL);
    for (uint32_t i = 0; i < count; i++) {
        struct etype seen = *type;

        if (nodes[i]->is_literal || nodes[i]->type.kind == T_NULL)
            continue;
        if (nodes[i]->type.kind == T_INTERVAL)
            return bind_fail(b, nodes[i]->place, "cannot %s intervals", verb);
        if (!etype_common(seen, nodes[i]->type, type)) {
            assert(first != NULL);
            return cannot_meet(b, place, first, nodes[i], verb, with);
        }
        if (first == NULL || !etype_equal(seen, *type))
            first = nodes[i];
    }
    if (type->kind == T_NULL)
        *type = etype_simple(T_TEXT);
    for (uint32_t i = 0; i < count; i++)
        if (bind_coerce(b, nodes[i], *type, &nodes[i]) != 0)
            return -1;
    return 0;
}
