/*
 * expr/fn_date.c: arithmetic with dates, timestamps and intervals.  The
 * calendar is datetime.c.
 */
#include "expr/functions.h"

#include <assert.h>

#include "expr/datetime.h"
#include "expr/eval.h"

static int
out_of_range(struct call *call)
{
    return fb_fail(call->err, FB_E_INPUT, "a date is out of range");
}

static int
add_days(struct call *call, int64_t days, int64_t more, union datum *out)
{
    if (__builtin_add_overflow(days, more, &out->i) || out->i > INT32_MAX ||
        out->i < INT32_MIN)
        return out_of_range(call);
    return KERNEL_OK;
}

int
fn_date_add_days(struct call *call, const union datum *args, union datum *out)
{
    return add_days(call, args[0].i, args[1].i, out);
}

int
fn_date_subtract_days(struct call *call, const union datum *args,
                      union datum *out)
{
    if (args[1].i == INT64_MIN)
        return out_of_range(call);
    return add_days(call, args[0].i, -args[1].i, out);
}

int
fn_date_subtract(struct call *call, const union datum *args, union datum *out)
{
    (void)call;
    out->i = args[0].i - args[1].i;
    return KERNEL_OK;
}

static bool
negate(struct interval *interval)
{
    return !__builtin_sub_overflow(0, interval->months, &interval->months) &&
           !__builtin_sub_overflow(0, interval->days, &interval->days) &&
           !__builtin_sub_overflow(0, interval->micros, &interval->micros);
}

int
fn_timestamp_add(struct call *call, const union datum *args, union datum *out)
{
    return timestamp_add(args[0].i, &args[1].interval, &out->i)
               ? KERNEL_OK
               : out_of_range(call);
}

int
fn_timestamp_subtract(struct call *call, const union datum *args,
                      union datum *out)
{
    struct interval interval = args[1].interval;

    return negate(&interval) && timestamp_add(args[0].i, &interval, &out->i)
               ? KERNEL_OK
               : out_of_range(call);
}

int
fn_interval_add(struct call *call, const union datum *args, union datum *out)
{
    struct interval a = args[0].interval, b = args[1].interval;

    if (__builtin_add_overflow(a.months, b.months, &a.months) ||
        __builtin_add_overflow(a.days, b.days, &a.days) ||
        __builtin_add_overflow(a.micros, b.micros, &a.micros))
        return out_of_range(call);
    out->interval = a;
    return KERNEL_OK;
}

int
fn_interval_negate(struct call *call, const union datum *args, union datum *out)
{
    out->interval = args[0].interval;
    return negate(&out->interval) ? KERNEL_OK : out_of_range(call);
}

int
fn_date_trunc(struct call *call, const union datum *args, union datum *out)
{
    out->i = timestamp_truncate(args[0].i, (enum date_unit)call->node->param);
    return KERNEL_OK;
}

int
fn_date_part(struct call *call, const union datum *args, union datum *out)
{
    out->i = timestamp_extract(args[0].i, (enum date_unit)call->node->param);
    return KERNEL_OK;
}

int
fn_date_diff(struct call *call, const union datum *args, union datum *out)
{
    out->i = timestamp_difference(args[0].i, args[1].i,
                                  (enum date_unit)call->node->param);
    return KERNEL_OK;
}
