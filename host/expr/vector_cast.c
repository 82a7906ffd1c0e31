/*
 * expr/vector_cast.c: the vector forms of casts: between numbers, between
 * dates, and from text, where a text that cannot be read is the kernel's.
 */
#include "expr/vector.h"

#include "expr/cast.h"
#include "expr/datetime.h"

static bool
int_fits(const struct node *node, int64_t value)
{
    return node->type.bits == 64 || (value >= INT32_MIN && value <= INT32_MAX);
}

/* The product of what fits into 64 bits needs no test of its own. */
static bool
small_product(int128 a, int128 b, int128 *result)
{
    int64_t small_a = (int64_t)a, small_b = (int64_t)b;

    *result = (int128)small_a * small_b;
    return small_a != a || small_b != b;
}

static uint32_t
int_to_double(struct call *call, const struct vec *args, uint32_t from,
              uint32_t count, const struct rows_out *out)
{
    (void)call;
    for (uint32_t k = from; k < count; k++)
        out->value[k].d = (double)args[0].at[k & args[0].mask].i;
    return count;
}

static uint32_t
int_to_int(struct call *call, const struct vec *args, uint32_t from,
           uint32_t count, const struct rows_out *out)
{
    for (uint32_t k = from; k < count; k++) {
        int64_t value = args[0].at[k & args[0].mask].i;

        if (!int_fits(call->node, value))
            return k;
        out->value[k].i = value;
    }
    return count;
}

/* To more digits behind the point; args[0] is an integer or a decimal. */
static uint32_t
to_decimal(struct call *call, const struct vec *args, uint32_t from,
           uint32_t count, const struct rows_out *out)
{
    const struct etype type = call->node->args[0]->type;
    const int128 power = decimal_power(call->node->type.scale - type.scale);
    const int128 limit = decimal_power(call->node->type.width);

    for (uint32_t k = from; k < count; k++) {
        const union datum *value = &args[0].at[k & args[0].mask];
        int128 result;

        if (small_product(type.kind == T_INT ? value->i : value->h, power,
                          &result) ||
            result >= limit || result <= -limit)
            return k;
        out->value[k].h = result;
    }
    return count;
}

/* No calendar's day lies beyond the timestamps; others are the kernel's. */
static uint32_t
date_to_timestamp(struct call *call, const struct vec *args, uint32_t from,
                  uint32_t count, const struct rows_out *out)
{
    const int64_t most = 100 * INT64_C(1000000);

    (void)call;
    for (uint32_t k = from; k < count; k++) {
        int64_t days = args[0].at[k & args[0].mask].i;

        if (days > most || days < -most)
            return k;
        out->value[k].i = days * DAY_US;
    }
    return count;
}

static uint32_t
timestamp_to_date(struct call *call, const struct vec *args, uint32_t from,
                  uint32_t count, const struct rows_out *out)
{
    (void)call;
    for (uint32_t k = from; k < count; k++)
        out->value[k].i = timestamp_days(args[0].at[k & args[0].mask].i);
    return count;
}

/* `reads_` is a condition that puts what `text` says into `to`: not at once
 * into the result, which may stand where the text does. */
#define READ(name_, reads_)                                          \
    static uint32_t name_(struct call *call, const struct vec *args, \
                          uint32_t from, uint32_t count,             \
                          const struct rows_out *out)                \
    {                                                                \
        const struct etype type = call->node->type;                  \
        union datum to = {.i = 0};                                   \
                                                                     \
        (void)type;                                                  \
        for (uint32_t k = from; k < count; k++) {                    \
            const struct span text = args[0].at[k & args[0].mask].s; \
                                                                     \
            if (out->null[k])                                        \
                continue;                                            \
            if (!(reads_))                                           \
                return k;                                            \
            out->value[k] = to;                                      \
        }                                                            \
        return count;                                                \
    }

READ(text_to_date, date_read(text.ptr, text.len, &to.i))
READ(text_to_timestamp, timestamp_read(text.ptr, text.len, &to.i))
READ(text_to_double, double_read(text.ptr, text.len, &to.d))
READ(text_to_decimal, decimal_read(text.ptr, text.len, type.scale, &to.h) &&
                          decimal_fits(to.h, type.width))

static vector_fn
from_text(enum etype_kind to)
{
    return to == T_DATE        ? text_to_date
           : to == T_TIMESTAMP ? text_to_timestamp
           : to == T_DOUBLE    ? text_to_double
           : to == T_DECIMAL   ? text_to_decimal
                               : NULL;
}

vector_fn
vector_of_cast(const struct node *node)
{
    struct etype from, to = node->type;

    if (node->count != 1)
        return NULL;
    from = node->args[0]->type;
    if (node->kernel != cast_kernel(from, to))
        return NULL;
    if (from.kind == T_TEXT)
        return from_text(to.kind);
    if (from.kind == T_INT && to.kind == T_DOUBLE)
        return int_to_double;
    if (from.kind == T_INT && to.kind == T_INT)
        return int_to_int;
    if ((from.kind == T_INT || from.kind == T_DECIMAL) &&
        to.kind == T_DECIMAL && to.scale >= from.scale)
        return to_decimal;
    if (from.kind == T_DATE && to.kind == T_TIMESTAMP)
        return date_to_timestamp;
    if (from.kind == T_TIMESTAMP && to.kind == T_DATE)
        return timestamp_to_date;
    return NULL;
}
