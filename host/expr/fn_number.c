/*
 * expr/fn_number.c: arithmetic.  Integers and decimals overflow with an
 * error, doubles to infinity; a remainder by zero is NULL (but NaN for
 * doubles), a quotient is always a double.
 */
#include "expr/functions.h"

#include <assert.h>
#include <math.h>

#include "expr/cast.h"
#include "expr/eval.h"

static int
overflow(struct call *call, const union datum *args, const char *op)
{
    char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX], type[32];
    const struct node *node = call->node;

    cast_print(node->args[0]->type, &args[0], a);
    if (node->count < 2)
        return fb_fail(call->err, FB_E_INPUT, "%s of %s is out of range of %s",
                       op, a, etype_sql(node->type, type));
    cast_print(node->args[1]->type, &args[1], b);
    (void)fb_fail(call->err, FB_E_INPUT, "%s %s %s is out of range of %s", a,
                  op, b, etype_sql(node->type, type));
    return fb_hint(call->err, "cast one of them to %s",
                   node->type.kind == T_INT && node->type.bits == 32
                       ? "BIGINT"
                       : "DOUBLE");
}

static bool
int_fits(const struct call *call, int64_t value)
{
    return call->node->type.bits == 64 ||
           (value >= INT32_MIN && value <= INT32_MAX);
}

static bool
wide_fits(const struct call *call, int128 value)
{
    return decimal_fits(value, call->node->type.width);
}

int
fn_add(struct call *call, const union datum *args, union datum *out)
{
    bool bad = false;

    if (call->node->type.kind == T_DOUBLE)
        out->d = args[0].d + args[1].d;
    else if (call->node->type.kind == T_INT)
        bad = __builtin_add_overflow(args[0].i, args[1].i, &out->i) ||
              !int_fits(call, out->i);
    else
        bad = __builtin_add_overflow(args[0].h, args[1].h, &out->h) ||
              !wide_fits(call, out->h);
    return bad ? overflow(call, args, "+") : KERNEL_OK;
}

int
fn_subtract(struct call *call, const union datum *args, union datum *out)
{
    bool bad = false;

    if (call->node->type.kind == T_DOUBLE)
        out->d = args[0].d - args[1].d;
    else if (call->node->type.kind == T_INT)
        bad = __builtin_sub_overflow(args[0].i, args[1].i, &out->i) ||
              !int_fits(call, out->i);
    else
        bad = __builtin_sub_overflow(args[0].h, args[1].h, &out->h) ||
              !wide_fits(call, out->h);
    return bad ? overflow(call, args, "-") : KERNEL_OK;
}

int
fn_multiply(struct call *call, const union datum *args, union datum *out)
{
    bool bad = false;

    if (call->node->type.kind == T_DOUBLE)
        out->d = args[0].d * args[1].d;
    else if (call->node->type.kind == T_INT)
        bad = __builtin_mul_overflow(args[0].i, args[1].i, &out->i) ||
              !int_fits(call, out->i);
    else
        bad = __builtin_mul_overflow(args[0].h, args[1].h, &out->h) ||
              !wide_fits(call, out->h);
    return bad ? overflow(call, args, "*") : KERNEL_OK;
}

int
fn_divide(struct call *call, const union datum *args, union datum *out)
{
    (void)call;
    out->d = args[0].d / args[1].d;
    return KERNEL_OK;
}

int
fn_modulo(struct call *call, const union datum *args, union datum *out)
{
    if (call->node->type.kind == T_DOUBLE) {
        out->d = fmod(args[0].d, args[1].d);
        return KERNEL_OK;
    }
    if (call->node->type.kind == T_DECIMAL) {
        if (args[1].h == 0)
            return KERNEL_NULL;
        out->h = args[0].h % args[1].h;
        return KERNEL_OK;
    }
    if (args[1].i == 0)
        return KERNEL_NULL;
    if (args[1].i == -1 &&
        (args[0].i == INT64_MIN || !int_fits(call, -args[0].i)))
        return overflow(call, args, "%");
    out->i = args[1].i == -1 ? 0 : args[0].i % args[1].i;
    return KERNEL_OK;
}

int
fn_negate(struct call *call, const union datum *args, union datum *out)
{
    if (call->node->type.kind == T_DOUBLE)
        out->d = -args[0].d;
    else if (call->node->type.kind == T_DECIMAL)
        out->h = -args[0].h;
    else if (__builtin_sub_overflow(0, args[0].i, &out->i) ||
             !int_fits(call, out->i))
        return overflow(call, args, "the negative");
    return KERNEL_OK;
}

int
fn_abs(struct call *call, const union datum *args, union datum *out)
{
    *out = args[0];
    if (call->node->type.kind == T_DOUBLE)
        out->d = fabs(args[0].d);
    else if (call->node->type.kind == T_DECIMAL)
        out->h = args[0].h < 0 ? -args[0].h : args[0].h;
    else if (args[0].i < 0 && fn_negate(call, args, out) != KERNEL_OK)
        return overflow(call, args, "the absolute value");
    return KERNEL_OK;
}

/* Decimals lose their fraction: the type of the result has scale 0. */
static int
round_to(struct call *call, const union datum *args, bool up, union datum *out)
{
    int128 power, rest;

    if (call->node->type.kind == T_DOUBLE) {
        out->d = up ? ceil(args[0].d) : floor(args[0].d);
        return KERNEL_OK;
    }
    power = decimal_power(call->node->args[0]->type.scale);
    rest = args[0].h % power;
    out->h = args[0].h / power;
    if (up && rest > 0)
        out->h++;
    if (!up && rest < 0)
        out->h--;
    return KERNEL_OK;
}

int
fn_ceil(struct call *call, const union datum *args, union datum *out)
{
    return round_to(call, args, true, out);
}

int
fn_floor(struct call *call, const union datum *args, union datum *out)
{
    return round_to(call, args, false, out);
}

static double
round_double(double value, int64_t digits)
{
    double power, rounded;

    if (digits == 0)
        return round(value);
    power = pow(10.0, fabs((double)digits));
    rounded = digits < 0 ? round(value / power) * power
                         : round(value * power) / power;
    /* A power or a product beyond the doubles: there is nothing to round
     * that far right, and nothing left of it that far left. */
    if (isfinite(rounded))
        return rounded;
    return digits < 0 ? 0 : value;
}

static int
round_int(struct call *call, const union datum *args, int64_t digits,
          union datum *out)
{
    int128 value;

    *out = args[0];
    if (digits >= 0)
        return KERNEL_OK;
    out->i = 0;
    if (digits < -19)
        return KERNEL_OK;
    (void)decimal_rescale(args[0].i, (int)-digits, 0, &value);
    value *= decimal_power((int)-digits);
    if (value < INT64_MIN || value > INT64_MAX ||
        !int_fits(call, (int64_t)value))
        return overflow(call, args, "round");
    out->i = (int64_t)value;
    return KERNEL_OK;
}

int
fn_round(struct call *call, const union datum *args, union datum *out)
{
    int64_t digits = call->node->count == 2 ? args[1].i : 0;

    if (call->node->type.kind == T_INT)
        return round_int(call, args, digits, out);
    out->d = round_double(args[0].d, digits);
    return KERNEL_OK;
}

int
fn_round_decimal(struct call *call, const union datum *args, union datum *out)
{
    struct etype from = call->node->args[0]->type;
    int64_t digits = call->node->param;

    assert(digits >= 0 || -digits < from.width - from.scale);
    (void)decimal_rescale(args[0].h, from.scale, (int)digits, &out->h);
    if (digits < 0)
        out->h *= decimal_power((int)-digits);
    return KERNEL_OK;
}
