/*
 * expr/fn_compare.c: comparing values, and the operators that see NULLs.
 * AND, OR, CASE, COALESCE and IN are no kernels: they are in eval.c.
 */
#include "expr/functions.h"

#include <assert.h>

#include "expr/cast.h"
#include "expr/eval.h"

#define ORDER(a_, b_) (((a_) > (b_)) - ((a_) < (b_)))

static int
compare_doubles(double a, double b)
{
    bool a_nan = a != a, b_nan = b != b;

    if (a_nan || b_nan)
        return a_nan - b_nan;
    return ORDER(a, b);
}

static int
compare_text(const struct span *a, const struct span *b)
{
    size_t shorter = a->len < b->len ? a->len : b->len;
    int order = shorter > 0 ? memcmp(a->ptr, b->ptr, shorter) : 0;

    return order != 0 ? ORDER(order, 0) : ORDER(a->len, b->len);
}

int
datum_compare(enum etype_kind kind, const union datum *a, const union datum *b)
{
    switch (kind) {
    case T_BOOL:
        return a->b - b->b;
    case T_INT:
    case T_DATE:
    case T_TIMESTAMP:
    case T_TIME:
        return ORDER(a->i, b->i);
    case T_DECIMAL:
        return ORDER(a->h, b->h);
    case T_DOUBLE:
        return compare_doubles(a->d, b->d);
    case T_TEXT:
        return compare_text(&a->s, &b->s);
    case T_NULL:
    case T_INTERVAL:
        break;
    }
    assert(false && "a type without an order");
    return 0;
}

static int
order_of(const struct call *call, const union datum *args)
{
    return datum_compare(call->node->args[0]->type.kind, &args[0], &args[1]);
}

int
fn_equal(struct call *call, const union datum *args, union datum *out)
{
    out->b = order_of(call, args) == 0;
    return KERNEL_OK;
}

int
fn_not_equal(struct call *call, const union datum *args, union datum *out)
{
    out->b = order_of(call, args) != 0;
    return KERNEL_OK;
}

int
fn_less(struct call *call, const union datum *args, union datum *out)
{
    out->b = order_of(call, args) < 0;
    return KERNEL_OK;
}

int
fn_less_equal(struct call *call, const union datum *args, union datum *out)
{
    out->b = order_of(call, args) <= 0;
    return KERNEL_OK;
}

int
fn_greater(struct call *call, const union datum *args, union datum *out)
{
    out->b = order_of(call, args) > 0;
    return KERNEL_OK;
}

int
fn_greater_equal(struct call *call, const union datum *args, union datum *out)
{
    out->b = order_of(call, args) >= 0;
    return KERNEL_OK;
}

/* x >= a AND x <= b: one of both FALSE decides although the other is NULL. */
int
fn_between(struct call *call, const union datum *args, union datum *out)
{
    enum etype_kind kind = call->node->args[0]->type.kind;
    const bool *null = call->nulls;

    if (null[0])
        return KERNEL_NULL;
    if ((!null[1] && datum_compare(kind, &args[0], &args[1]) < 0) ||
        (!null[2] && datum_compare(kind, &args[0], &args[2]) > 0)) {
        out->b = call->node->negated;
        return KERNEL_OK;
    }
    out->b = !call->node->negated;
    return null[1] || null[2] ? KERNEL_NULL : KERNEL_OK;
}

int
fn_not(struct call *call, const union datum *args, union datum *out)
{
    (void)call;
    out->b = !args[0].b;
    return KERNEL_OK;
}

int
fn_distinct(struct call *call, const union datum *args, union datum *out)
{
    const bool *null = call->nulls;
    bool distinct =
        null[0] || null[1] ? null[0] != null[1] : order_of(call, args) != 0;

    out->b = distinct != call->node->negated;
    return KERNEL_OK;
}

int
fn_is_null(struct call *call, const union datum *args, union datum *out)
{
    (void)args;
    out->b = call->nulls[0] != call->node->negated;
    return KERNEL_OK;
}

int
fn_is_bool(struct call *call, const union datum *args, union datum *out)
{
    bool same = !call->nulls[0] && args[0].b == (call->node->param != 0);

    out->b = same != call->node->negated;
    return KERNEL_OK;
}

/* args[2] is the first value before it was made comparable. */
int
fn_nullif(struct call *call, const union datum *args, union datum *out)
{
    const bool *null = call->nulls;

    *out = args[2];
    if (null[2] || (!null[0] && !null[1] && order_of(call, args) == 0))
        return KERNEL_NULL;
    return KERNEL_OK;
}

static int
extreme(const struct call *call, const union datum *args, int sign,
        union datum *out)
{
    enum etype_kind kind = call->node->type.kind;
    const union datum *best = NULL;

    for (uint32_t i = 0; i < call->node->count; i++)
        if (!call->nulls[i] &&
            (best == NULL || datum_compare(kind, &args[i], best) * sign > 0))
            best = &args[i];
    if (best == NULL)
        return KERNEL_NULL;
    *out = *best;
    return KERNEL_OK;
}

int
fn_greatest(struct call *call, const union datum *args, union datum *out)
{
    return extreme(call, args, 1, out);
}

int
fn_least(struct call *call, const union datum *args, union datum *out)
{
    return extreme(call, args, -1, out);
}
