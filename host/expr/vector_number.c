/*
 * expr/vector_number.c: the vector forms of arithmetic.  A row that overflows
 * is the kernel's.
 */
#include "expr/vector.h"

#include "expr/datetime.h"
#include "expr/decimal.h"
#include "expr/functions.h"
#include "util/mem.h"

/* A double for two doubles. */
#define DOUBLES(name_, expression_)                                  \
    static uint32_t name_(struct call *call, const struct vec *args, \
                          uint32_t from, uint32_t count,             \
                          const struct rows_out *out)                \
    {                                                                \
        (void)call;                                                  \
        for (uint32_t k = from; k < count; k++) {                    \
            double a = args[0].at[k & args[0].mask].d;               \
            double b = args[1].at[k & args[1].mask].d;               \
                                                                     \
            out->value[k].d = (expression_);                         \
        }                                                            \
        return count;                                                \
    }

DOUBLES(add_double, a + b)
DOUBLES(subtract_double, a - b)
DOUBLES(multiply_double, a *b)
DOUBLES(divide_double, a / b)

static bool
int_fits(const struct node *node, int64_t value)
{
    return node->type.bits == 64 || (value >= INT32_MIN && value <= INT32_MAX);
}

/* `overflows_` is a builtin that puts the result into its third argument. */
#define INTEGERS(name_, overflows_)                                         \
    static uint32_t name_(struct call *call, const struct vec *args,        \
                          uint32_t from, uint32_t count,                    \
                          const struct rows_out *out)                       \
    {                                                                       \
        for (uint32_t k = from; k < count; k++) {                           \
            int64_t a = args[0].at[k & args[0].mask].i;                     \
            int64_t b = args[1].at[k & args[1].mask].i;                     \
            int64_t result;                                                 \
                                                                            \
            if (overflows_(a, b, &result) || !int_fits(call->node, result)) \
                return k;                                                   \
            out->value[k].i = result;                                       \
        }                                                                   \
        return count;                                                       \
    }

INTEGERS(add_int, __builtin_add_overflow)
INTEGERS(subtract_int, __builtin_sub_overflow)
INTEGERS(multiply_int, __builtin_mul_overflow)

#define DECIMALS(name_, overflows_)                                  \
    static uint32_t name_(struct call *call, const struct vec *args, \
                          uint32_t from, uint32_t count,             \
                          const struct rows_out *out)                \
    {                                                                \
        const int128 limit = decimal_power(call->node->type.width);  \
                                                                     \
        for (uint32_t k = from; k < count; k++) {                    \
            int128 a = args[0].at[k & args[0].mask].h;               \
            int128 b = args[1].at[k & args[1].mask].h;               \
            int128 result;                                           \
                                                                     \
            if (overflows_(a, b, &result) || result >= limit ||      \
                result <= -limit)                                    \
                return k;                                            \
            out->value[k].h = result;                                \
        }                                                            \
        return count;                                                \
    }

DECIMALS(add_decimal, __builtin_add_overflow)
DECIMALS(subtract_decimal, __builtin_sub_overflow)

/* The product of what fits into 64 bits needs no test of its own. */
static bool
small_product(int128 a, int128 b, int128 *result)
{
    int64_t small_a = (int64_t)a, small_b = (int64_t)b;

    *result = (int128)small_a * small_b;
    return small_a != a || small_b != b;
}

DECIMALS(multiply_decimal, small_product)

static vector_fn
by_kind(const struct node *node, vector_fn of_double, vector_fn of_int,
        vector_fn of_decimal)
{
    return node->type.kind == T_DOUBLE ? of_double
           : node->type.kind == T_INT  ? of_int
                                       : of_decimal;
}

/* A date and days; a date may not leave 32 bits. */
static uint32_t
add_days(const struct vec *args, int sign, uint32_t from, uint32_t count,
         const struct rows_out *out)
{
    for (uint32_t k = from; k < count; k++) {
        int64_t days = args[1].at[k & args[1].mask].i;
        int64_t result;

        if (days > INT32_MAX || days < -INT32_MAX)
            return k;
        result = args[0].at[k & args[0].mask].i + sign * days;
        if (result > INT32_MAX || result < INT32_MIN)
            return k;
        out->value[k].i = result;
    }
    return count;
}

static uint32_t
date_add_days(struct call *call, const struct vec *args, uint32_t from,
              uint32_t count, const struct rows_out *out)
{
    (void)call;
    return add_days(args, 1, from, count, out);
}

static uint32_t
date_subtract_days(struct call *call, const struct vec *args, uint32_t from,
                   uint32_t count, const struct rows_out *out)
{
    (void)call;
    return add_days(args, -1, from, count, out);
}

static uint32_t
date_subtract(struct call *call, const struct vec *args, uint32_t from,
              uint32_t count, const struct rows_out *out)
{
    (void)call;
    for (uint32_t k = from; k < count; k++)
        out->value[k].i =
            args[0].at[k & args[0].mask].i - args[1].at[k & args[1].mask].i;
    return count;
}

/* Far from the ends of the timestamps and of what is added to them. */
#define MOMENT_MAX INT64_C(4000000000000000000)

/* The interval as microseconds; false: not simple. */
static bool
simple_interval(const struct interval *interval, int64_t *us)
{
    return interval->months == 0 &&
           !__builtin_mul_overflow(interval->days, DAY_US, us) &&
           !__builtin_add_overflow(*us, interval->micros, us) &&
           *us <= MOMENT_MAX && *us >= -MOMENT_MAX &&
           interval->micros <= MOMENT_MAX && interval->micros >= -MOMENT_MAX;
}

/* A timestamp and a constant interval without months. */
static uint32_t
timestamp_shift(const struct vec *args, int sign, uint32_t from, uint32_t count,
                const struct rows_out *out)
{
    int64_t us;

    if (args[1].mask != 0 || !simple_interval(&args[1].at->interval, &us))
        return from;
    for (uint32_t k = from; k < count; k++) {
        int64_t moment = args[0].at[k & args[0].mask].i;

        if (moment > MOMENT_MAX || moment < -MOMENT_MAX)
            return k;
        out->value[k].i = moment + sign * us;
    }
    return count;
}

static uint32_t
timestamp_plus(struct call *call, const struct vec *args, uint32_t from,
               uint32_t count, const struct rows_out *out)
{
    (void)call;
    return timestamp_shift(args, 1, from, count, out);
}

static uint32_t
timestamp_minus(struct call *call, const struct vec *args, uint32_t from,
                uint32_t count, const struct rows_out *out)
{
    (void)call;
    return timestamp_shift(args, -1, from, count, out);
}

vector_fn
vector_of_number(const struct node *node)
{
    const struct {
        kernel_fn kernel;
        vector_fn vector;
    } forms[] = {
        {fn_add, by_kind(node, add_double, add_int, add_decimal)},
        {fn_subtract,
         by_kind(node, subtract_double, subtract_int, subtract_decimal)},
        {fn_multiply,
         by_kind(node, multiply_double, multiply_int, multiply_decimal)},
        {fn_divide, divide_double},
        {fn_date_add_days, date_add_days},
        {fn_date_subtract_days, date_subtract_days},
        {fn_date_subtract, date_subtract},
        {fn_timestamp_add, timestamp_plus},
        {fn_timestamp_subtract, timestamp_minus},
    };

    for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
        if (node->kernel == forms[i].kernel)
            return forms[i].vector;
    return NULL;
}
