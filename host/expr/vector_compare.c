/*
 * expr/vector_compare.c: the vector forms of fn_compare.c.  Each of the six
 * comparisons is "equal" or "less", perhaps the other way round or negated.
 */
#include "expr/vector.h"

#include "expr/functions.h"
#include "util/mem.h"

struct order {
    bool swapped, negated;
};

static bool
same_double(double a, double b)
{
    return a == b || (a != a && b != b);
}

static bool
less_double(double a, double b)
{
    return a < b || (b != b && a == a);
}

static bool
same_text(const struct span *a, const struct span *b)
{
    return a->len == b->len &&
           (a->len == 0 || memcmp(a->ptr, b->ptr, a->len) == 0);
}

static bool
less_text(const union datum *a, const union datum *b)
{
    return datum_compare(T_TEXT, a, b) < 0;
}

/* `test_` is a condition on a and b, two data. */
#define COMPARE(name_, test_)                                        \
    static uint32_t name_(struct call *call, const struct vec *args, \
                          uint32_t from, uint32_t count,             \
                          const struct rows_out *out)                \
    {                                                                \
        const struct order *order = call->node->plan;                \
        const struct vec left = args[order->swapped];                \
        const struct vec right = args[!order->swapped];              \
        const bool negated = order->negated;                         \
                                                                     \
        for (uint32_t k = from; k < count; k++) {                    \
            const union datum *a = &left.at[k & left.mask];          \
            const union datum *b = &right.at[k & right.mask];        \
                                                                     \
            out->value[k].b = (test_) != negated;                    \
        }                                                            \
        return count;                                                \
    }

COMPARE(equal_bool, a->b == b->b)
COMPARE(equal_int, a->i == b->i)
COMPARE(equal_decimal, a->h == b->h)
COMPARE(equal_double, same_double(a->d, b->d))
COMPARE(equal_text, same_text(&a->s, &b->s))
COMPARE(less_bool, a->b < b->b)
COMPARE(less_int, a->i < b->i)
COMPARE(less_decimal, a->h < b->h)
COMPARE(less_double_, less_double(a->d, b->d))
COMPARE(less_text_, less_text(a, b))

static vector_fn
by_kind(enum etype_kind kind, bool equal)
{
    switch (kind) {
    case T_BOOL:
        return equal ? equal_bool : less_bool;
    case T_INT:
    case T_DATE:
    case T_TIMESTAMP:
    case T_TIME:
        return equal ? equal_int : less_int;
    case T_DECIMAL:
        return equal ? equal_decimal : less_decimal;
    case T_DOUBLE:
        return equal ? equal_double : less_double_;
    case T_TEXT:
        return equal ? equal_text : less_text_;
    case T_NULL:
    case T_INTERVAL:
        break;
    }
    return NULL;
}

/* x BETWEEN two constants. */
#define BETWEEN(name_, less_)                                        \
    static uint32_t name_(struct call *call, const struct vec *args, \
                          uint32_t from, uint32_t count,             \
                          const struct rows_out *out)                \
    {                                                                \
        const union datum *low = args[1].at, *high = args[2].at;     \
        const bool negated = call->node->negated;                    \
                                                                     \
        for (uint32_t k = from; k < count; k++) {                    \
            const union datum *x = &args[0].at[k];                   \
            bool inside = !less_(x, low) && !less_(high, x);         \
                                                                     \
            out->null[k] = args[0].null[k];                          \
            out->value[k].b = inside != negated;                     \
        }                                                            \
        return count;                                                \
    }

#define LESS_INT(a_, b_) ((a_)->i < (b_)->i)
#define LESS_DOUBLE(a_, b_) less_double((a_)->d, (b_)->d)

BETWEEN(between_int, LESS_INT)
BETWEEN(between_double, LESS_DOUBLE)
BETWEEN(between_text, less_text)

static vector_fn
between(const struct node *node)
{
    enum etype_kind kind = node->args[0]->type.kind;

    if (node->args[0]->kind == NODE_CONST)
        return NULL;
    for (uint32_t i = 1; i < 3; i++)
        if (node->args[i]->kind != NODE_CONST || node->args[i]->is_null)
            return NULL;
    return kind == T_DOUBLE ? between_double
           : kind == T_TEXT ? between_text
           : kind == T_INT || kind == T_DATE || kind == T_TIMESTAMP ||
                   kind == T_TIME
               ? between_int
               : NULL;
}

static uint32_t
not_bool(struct call *call, const struct vec *args, uint32_t from,
         uint32_t count, const struct rows_out *out)
{
    (void)call;
    for (uint32_t k = from; k < count; k++)
        out->value[k].b = !args[0].at[k & args[0].mask].b;
    return count;
}

static uint32_t
is_null(struct call *call, const struct vec *args, uint32_t from,
        uint32_t count, const struct rows_out *out)
{
    const bool negated = call->node->negated;

    for (uint32_t k = from; k < count; k++) {
        out->value[k].b = args[0].null[k & args[0].mask] != negated;
        out->null[k] = false;
    }
    return count;
}

static uint32_t
is_bool(struct call *call, const struct vec *args, uint32_t from,
        uint32_t count, const struct rows_out *out)
{
    const bool negated = call->node->negated, wanted = call->node->param != 0;

    for (uint32_t k = from; k < count; k++) {
        bool null = args[0].null[k & args[0].mask];
        bool same = !null && args[0].at[k & args[0].mask].b == wanted;

        out->value[k].b = same != negated;
        out->null[k] = false;
    }
    return count;
}

static const struct {
    kernel_fn kernel;
    bool equal;
    struct order order;
} comparisons[] = {
    {fn_equal, true, {false, false}},
    {fn_not_equal, true, {false, true}},
    {fn_less, false, {false, false}},
    {fn_less_equal, false, {true, true}},
    {fn_greater, false, {true, false}},
    {fn_greater_equal, false, {false, true}},
};

vector_fn
vector_of_comparison(struct node *node)
{
    for (size_t i = 0; i < ARRAY_SIZE(comparisons); i++)
        if (node->kernel == comparisons[i].kernel) {
            node->plan = &comparisons[i].order;
            return by_kind(node->args[0]->type.kind, comparisons[i].equal);
        }
    return node->kernel == fn_between   ? between(node)
           : node->kernel == fn_not     ? not_bool
           : node->kernel == fn_is_null ? is_null
           : node->kernel == fn_is_bool ? is_bool
                                        : NULL;
}
