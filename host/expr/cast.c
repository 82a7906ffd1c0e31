/*
 * expr/cast.c: the kernels of CAST, explicit or not: one for each target.
 */
#include "expr/cast.h"

#include <assert.h>
#include <math.h>

#include "expr/datetime.h"
#include "expr/eval.h"
#include "util/mem.h"
#include "util/text.h"

static int
fail_cast(struct call *call, const union datum *value)
{
    struct etype from = call->node->args[0]->type;
    char type[32], text[NUMBER_TEXT_MAX];
    const char *shown = text;

    /* TRY_CAST drops the message: do not spend time on it. */
    if (call->node->is_try)
        return KERNEL_NULL;
    if (from.kind == T_TEXT)
        shown = eval_show(call->eval, &value->s);
    else
        cast_print(from, value, text);
    return fb_fail(call->err, FB_E_INPUT, "cannot cast '%s' to %s", shown,
                   etype_sql(call->node->type, type));
}

size_t
cast_print(struct etype type, const union datum *value, char *text)
{
    switch (type.kind) {
    case T_BOOL:
        return (size_t)snprintf(text, NUMBER_TEXT_MAX, "%s",
                                value->b ? "true" : "false");
    case T_INT:
        return integer_print(value->i, text);
    case T_DECIMAL:
        return decimal_print(value->h, type.width, type.scale, text);
    case T_DOUBLE:
        return double_print(value->d, text);
    case T_DATE:
        return date_print(value->i, text);
    case T_TIMESTAMP:
        return timestamp_print(value->i, text);
    case T_TIME:
        return time_print(value->i, text);
    case T_NULL:
    case T_TEXT:
    case T_INTERVAL:
        break;
    }
    assert(false && "a type without a text");
    return 0;
}

static int
to_text(struct call *call, const union datum *args, union datum *out)
{
    char text[NUMBER_TEXT_MAX];
    size_t length = cast_print(call->node->args[0]->type, args, text);

    return eval_text(call, text, length, out);
}

static int
same(struct call *call, const union datum *args, union datum *out)
{
    (void)call;
    *out = args[0];
    return KERNEL_OK;
}

static bool
fits_bits(int64_t value, int bits)
{
    return bits == 64 || (value >= INT32_MIN && value <= INT32_MAX);
}

/* 2^63 itself is a double and no int64_t. */
static bool
int_of_double(double value, int64_t *result)
{
    value = nearbyint(value);
    if (isnan(value) || value < -9223372036854775808.0 ||
        value >= 9223372036854775808.0)
        return false;
    *result = (int64_t)value;
    return true;
}

static bool
int_of_wide(int128 value, int64_t *result)
{
    *result = (int64_t)value;
    return value >= INT64_MIN && value <= INT64_MAX;
}

static int
to_int(struct call *call, const union datum *args, union datum *out)
{
    struct etype from = call->node->args[0]->type;
    int128 wide;
    bool ok = true;

    if (from.kind == T_TEXT)
        ok = decimal_read(args->s.ptr, args->s.len, 0, &wide) &&
             int_of_wide(wide, &out->i);
    else if (from.kind == T_DECIMAL)
        ok = decimal_rescale(args->h, from.scale, 0, &wide) &&
             int_of_wide(wide, &out->i);
    else if (from.kind == T_DOUBLE)
        ok = int_of_double(args->d, &out->i);
    else
        *out = (union datum){.i = from.kind == T_BOOL ? args->b : args->i};
    return ok && fits_bits(out->i, call->node->type.bits)
               ? KERNEL_OK
               : fail_cast(call, args);
}

static int
to_decimal(struct call *call, const union datum *args, union datum *out)
{
    struct etype from = call->node->args[0]->type, to = call->node->type;
    int128 value = 0;
    bool ok;

    if (from.kind == T_TEXT)
        ok = decimal_read(args->s.ptr, args->s.len, to.scale, &value);
    else if (from.kind == T_DOUBLE)
        ok = decimal_from_double(args->d, to.width, to.scale, &value);
    else if (from.kind == T_DECIMAL)
        ok = decimal_rescale(args->h, from.scale, to.scale, &value);
    else
        ok = decimal_rescale(from.kind == T_BOOL ? args->b : args->i, 0,
                             to.scale, &value);
    out->h = value;
    return ok && decimal_fits(value, to.width) ? KERNEL_OK
                                               : fail_cast(call, args);
}

static int
to_double(struct call *call, const union datum *args, union datum *out)
{
    struct etype from = call->node->args[0]->type;

    if (from.kind == T_TEXT)
        return double_read(args->s.ptr, args->s.len, &out->d)
                   ? KERNEL_OK
                   : fail_cast(call, args);
    out->d = from.kind == T_DECIMAL ? decimal_to_double(args->h, from.scale)
             : from.kind == T_BOOL  ? (double)args->b
                                    : (double)args->i;
    return KERNEL_OK;
}

static bool
read_bool(const struct span *text, bool *result)
{
    static const char *const words[] = {"false", "f", "no",  "n", "0",
                                        "true",  "t", "yes", "y", "1"};

    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        char word[8] = "";

        if (text->len != strlen(words[i]))
            continue;
        memcpy(word, text->ptr, text->len);
        if (strlen(word) == text->len && text_equal_nocase(word, words[i])) {
            *result = i >= ARRAY_SIZE(words) / 2;
            return true;
        }
    }
    return false;
}

static int
to_bool(struct call *call, const union datum *args, union datum *out)
{
    struct etype from = call->node->args[0]->type;

    if (from.kind == T_TEXT)
        return read_bool(&args->s, &out->b) ? KERNEL_OK : fail_cast(call, args);
    out->b = from.kind == T_DECIMAL  ? args->h != 0
             : from.kind == T_DOUBLE ? args->d != 0
                                     : args->i != 0;
    return KERNEL_OK;
}

static int
to_date(struct call *call, const union datum *args, union datum *out)
{
    if (call->node->args[0]->type.kind == T_TEXT)
        return date_read(args->s.ptr, args->s.len, &out->i)
                   ? KERNEL_OK
                   : fail_cast(call, args);
    out->i = timestamp_days(args->i);
    return KERNEL_OK;
}

static int
to_timestamp(struct call *call, const union datum *args, union datum *out)
{
    bool ok = call->node->args[0]->type.kind == T_TEXT
                  ? timestamp_read(args->s.ptr, args->s.len, &out->i)
                  : timestamp_of_days(args->i, &out->i);

    return ok ? KERNEL_OK : fail_cast(call, args);
}

static int
to_time(struct call *call, const union datum *args, union datum *out)
{
    if (call->node->args[0]->type.kind == T_TEXT)
        return time_read(args->s.ptr, args->s.len, &out->i)
                   ? KERNEL_OK
                   : fail_cast(call, args);
    out->i = args->i - timestamp_days(args->i) * DAY_US;
    return KERNEL_OK;
}

/* From text or a number to one of those. */
static kernel_fn
value_kernel(enum etype_kind to)
{
    return to == T_INT       ? to_int
           : to == T_DECIMAL ? to_decimal
           : to == T_DOUBLE  ? to_double
                             : to_bool;
}

kernel_fn
cast_kernel(struct etype from, struct etype to)
{
    bool text = from.kind == T_TEXT;
    bool value = text || etype_is_number(from) || from.kind == T_BOOL;

    if (from.kind == T_NULL || etype_equal(from, to))
        return same;
    switch (to.kind) {
    case T_TEXT:
        return from.kind != T_INTERVAL ? to_text : NULL;
    case T_INT:
    case T_DECIMAL:
    case T_DOUBLE:
    case T_BOOL:
        return value ? value_kernel(to.kind) : NULL;
    case T_DATE:
        return text || from.kind == T_TIMESTAMP ? to_date : NULL;
    case T_TIMESTAMP:
        return text || from.kind == T_DATE ? to_timestamp : NULL;
    case T_TIME:
        return text || from.kind == T_TIMESTAMP ? to_time : NULL;
    case T_NULL:
    case T_INTERVAL:
        break;
    }
    return NULL;
}
