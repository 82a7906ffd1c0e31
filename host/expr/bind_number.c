/*
 * expr/bind_number.c: number literals, arithmetic and its result types, and
 * arithmetic with dates.  The rules for DECIMAL are DuckDB's.
 */
#include "expr/bind_state.h"

#include <assert.h>

#include "util/text.h"

/* Up to 18 digits fit into 64 bits; DuckDB does not leave them by itself. */
#define DECIMAL_WIDTH_SMALL 18

static struct etype
decimal_type(int width, int scale)
{
    assert(scale <= DECIMAL_WIDTH_MAX);
    return (struct etype){
        .kind = T_DECIMAL,
        .width =
            (uint8_t)(width > DECIMAL_WIDTH_MAX ? DECIMAL_WIDTH_MAX : width),
        .scale = (uint8_t)scale};
}

static int
bind_integer(struct bind *b, const struct ast *ast, bool negative,
             struct node **out)
{
    struct etype type = etype_simple(T_INT);
    int64_t value;
    /* The sign belongs to the number: -2^63 has no positive twin. */
    const char *text =
        arena_printf(b->arena, "%s%s", negative ? "-" : "", ast->text);

    if (!text_to_int(text, &value)) {
        (void)bind_fail(b, ast->place, "%.60s is out of range of BIGINT",
                        ast->text);
        return fb_hint(b->err, "write it with a point: %.60s.0", ast->text);
    }
    if (!negative && value <= INT32_MAX)
        type.bits = 32;
    *out = bind_const(b, type, ast->place, (union datum){.i = value});
    return 0;
}

int
bind_number(struct bind *b, const struct ast *ast, bool negative,
            struct node **out)
{
    const unsigned char *text = (const unsigned char *)ast->text;
    const char *point = strchr(ast->text, '.');
    int digits = (int)strlen(ast->text) - (point != NULL);
    union datum value;

    if (point == NULL && strpbrk(ast->text, "eE") == NULL)
        return bind_integer(b, ast, negative, out);
    if (point != NULL && strpbrk(ast->text, "eE") == NULL &&
        digits <= DECIMAL_WIDTH_MAX) {
        struct etype type = decimal_type(digits, (int)strlen(point + 1));

        if (!decimal_read(text, ast->length, type.scale, &value.h))
            return bind_fail(b, ast->place, "'%s' is no number", ast->text);
        *out = bind_const(b, type, ast->place, value);
        return 0;
    }
    if (!double_read(text, ast->length, &value.d))
        return bind_fail(b, ast->place, "'%.60s' is no number", ast->text);
    *out = bind_const(b, etype_simple(T_DOUBLE), ast->place, value);
    return 0;
}

int
bind_minus(struct bind *b, const struct ast *ast, struct node **out)
{
    const struct ast *arg = ast->args[0];
    struct node *node;

    if (arg->kind == AST_NUMBER &&
        strcmp(arg->text, "9223372036854775808") == 0) {
        if (bind_number(b, arg, true, out) != 0)
            return -1;
        (*out)->place = ast->place;
        return 0;
    }
    if (bind_any(b, arg, &node) != 0)
        return -1;
    if (node->type.kind == T_INTERVAL)
        return bind_call(b, ast->place, node->type, fn_interval_negate, &node,
                         1, out);
    if (node->type.kind == T_NULL &&
        bind_coerce(b, node, etype_simple(T_INT), &node) != 0)
        return -1;
    if (etype_is_number(node->type))
        return bind_call(b, ast->place, node->type, fn_negate, &node, 1, out);
    return bind_fail(b, ast->place, "there is no negative of %s",
                     bind_describe(b, node));
}

static int
coerce_both(struct bind *b, struct node **args, struct etype type)
{
    return bind_coerce(b, args[0], type, &args[0]) != 0
               ? -1
               : bind_coerce(b, args[1], type, &args[1]);
}

/* The width that a sum or a product has, when it needs this one. */
static int
settle_width(int needed, int a, int b)
{
    if (needed > DECIMAL_WIDTH_SMALL && a <= DECIMAL_WIDTH_SMALL &&
        b <= DECIMAL_WIDTH_SMALL)
        return DECIMAL_WIDTH_SMALL;
    return needed > DECIMAL_WIDTH_MAX ? DECIMAL_WIDTH_MAX : needed;
}

static int
decimal_product(struct bind *b, const struct ast *ast, struct node **args,
                struct etype *type)
{
    struct etype x = etype_as_decimal(args[0]->type);
    struct etype y = etype_as_decimal(args[1]->type);
    int scale = x.scale + y.scale, width = x.width + y.width;

    if (scale > DECIMAL_WIDTH_MAX) {
        (void)bind_fail(b, ast->place,
                        "the product has %d digits behind the "
                        "point, more than %d",
                        scale, DECIMAL_WIDTH_MAX);
        return fb_hint(b->err, "CAST one of both to DOUBLE");
    }
    *type = decimal_type(scale < DECIMAL_WIDTH_SMALL
                             ? settle_width(width, x.width, y.width)
                             : width,
                         scale);
    return bind_coerce(b, args[0], x, &args[0]) != 0
               ? -1
               : bind_coerce(b, args[1], y, &args[1]);
}

static int
decimal_sum(struct bind *b, struct node **args, struct etype *type)
{
    struct etype x = etype_as_decimal(args[0]->type);
    struct etype y = etype_as_decimal(args[1]->type);
    int whole = x.width - x.scale > y.width - y.scale ? x.width - x.scale
                                                      : y.width - y.scale;
    int scale = x.scale > y.scale ? x.scale : y.scale;

    *type =
        decimal_type(settle_width(whole + scale + 1, x.width, y.width), scale);
    return coerce_both(b, args, *type);
}

static int
number_operands(struct bind *b, const struct ast *ast, struct node **args,
                struct etype *type)
{
    if (!etype_common(args[0]->type, args[1]->type, type)) {
        (void)bind_fail(b, ast->place,
                        "the numbers together need more than "
                        "%d digits",
                        DECIMAL_WIDTH_MAX);
        return fb_hint(b->err, "CAST one of both to DOUBLE");
    }
    if (ast->op == OP_DIVIDE)
        *type = etype_simple(T_DOUBLE);
    if (type->kind != T_DECIMAL || ast->op == OP_MODULO)
        return coerce_both(b, args, *type);
    return ast->op == OP_MULTIPLY ? decimal_product(b, ast, args, type)
                                  : decimal_sum(b, args, type);
}

static bool
is_date(const struct node *node)
{
    return node->type.kind == T_DATE || node->type.kind == T_TIMESTAMP;
}

static int
interval_sum(struct bind *b, const struct ast *ast, struct node **args,
             struct node **out)
{
    bool plus = ast->op == OP_ADD;

    if (args[0]->type.kind == T_INTERVAL && args[1]->type.kind == T_INTERVAL) {
        if (!plus && bind_call(b, args[1]->place, args[1]->type,
                               fn_interval_negate, &args[1], 1, &args[1]) != 0)
            return -1;
        return bind_call(b, ast->place, args[0]->type, fn_interval_add, args, 2,
                         out);
    }
    if (plus && args[0]->type.kind == T_INTERVAL) {
        struct node *date = args[1];

        args[1] = args[0];
        args[0] = date;
    }
    if (bind_coerce(b, args[0], etype_simple(T_TIMESTAMP), &args[0]) != 0)
        return -1;
    return bind_call(b, ast->place, args[0]->type,
                     plus ? fn_timestamp_add : fn_timestamp_subtract, args, 2,
                     out);
}

/* date + 1, 1 + date, date - 1, date - date: whole days. */
static int
day_sum(struct bind *b, const struct ast *ast, struct node **args,
        struct node **out)
{
    struct etype integer = etype_simple(T_INT);
    bool plus = ast->op == OP_ADD;

    if (args[1]->type.kind == T_DATE && !plus)
        return bind_call(b, ast->place, integer, fn_date_subtract, args, 2,
                         out);
    if (args[1]->type.kind == T_DATE) {
        struct node *date = args[1];

        args[1] = args[0];
        args[0] = date;
    }
    if (bind_coerce(b, args[1], integer, &args[1]) != 0)
        return -1;
    return bind_call(b, ast->place, args[0]->type,
                     plus ? fn_date_add_days : fn_date_subtract_days, args, 2,
                     out);
}

/* DuckDB adds no BIGINT to a date. */
static bool
is_integer(const struct node *node)
{
    return node->type.kind == T_INT && node->type.bits == 32;
}

static bool
is_day_sum(const struct ast *ast, struct node *const *args)
{
    enum etype_kind a = args[0]->type.kind, b = args[1]->type.kind;

    if (a == T_DATE)
        return is_integer(args[1]) || (b == T_DATE && ast->op == OP_SUBTRACT);
    return is_integer(args[0]) && b == T_DATE && ast->op == OP_ADD;
}

static bool
is_interval_sum(const struct ast *ast, struct node *const *args)
{
    bool a = args[0]->type.kind == T_INTERVAL;
    bool b = args[1]->type.kind == T_INTERVAL;

    return (a && b) || (b && is_date(args[0])) ||
           (a && is_date(args[1]) && ast->op == OP_ADD);
}

static int
no_arithmetic(struct bind *b, const struct ast *ast, struct node *const *args)
{
    static const char *const verbs[] = {
        [OP_ADD] = "add",
        [OP_SUBTRACT] = "subtract",
        [OP_MULTIPLY] = "multiply",
        [OP_DIVIDE] = "divide",
        [OP_MODULO] = "take the remainder of",
    };
    const struct node *text = args[0]->type.kind == T_TEXT   ? args[0]
                              : args[1]->type.kind == T_TEXT ? args[1]
                                                             : NULL;

    (void)bind_fail(b, ast->place, "cannot %s %s and %s", verbs[ast->op],
                    bind_describe(b, args[0]), bind_describe(b, args[1]));
    if (text != NULL && ast->op == OP_ADD &&
        args[0]->type.kind == args[1]->type.kind)
        return fb_hint(b->err, "strings are joined with ||");
    if (text != NULL)
        return fb_hint(b->err,
                       "CAST(%s AS DOUBLE), or give the column a "
                       "type in the schema",
                       bind_name_of(b, text));
    if (is_date(args[0]) && is_date(args[1]))
        return fb_hint(b->err, "date_diff('day', a, b) counts what lies "
                               "between two dates");
    if ((is_date(args[0]) && args[1]->type.kind == T_INT) ||
        (args[0]->type.kind == T_INT && is_date(args[1])))
        return fb_hint(b->err, "days are added to a date as an INTEGER: "
                               "d + CAST(n AS INTEGER)");
    if (is_date(args[0]) || is_date(args[1]))
        return fb_hint(b->err, "to a date an interval is added: d + INTERVAL "
                               "'30' DAY");
    return fb_hint(b->err, "arithmetic is for numbers");
}

static kernel_fn
arithmetic(enum ast_op op)
{
    return op == OP_ADD        ? fn_add
           : op == OP_SUBTRACT ? fn_subtract
           : op == OP_MULTIPLY ? fn_multiply
           : op == OP_DIVIDE   ? fn_divide
                               : fn_modulo;
}

/* NULL takes the type of the other side, and INTEGER when there is none. */
static int
settle_null(struct bind *b, struct node **arg, const struct node *other)
{
    struct etype type = {.kind = T_INT, .bits = 32};

    if ((*arg)->type.kind != T_NULL)
        return 0;
    return bind_coerce(b, *arg,
                       etype_is_number(other->type) ? other->type : type, arg);
}

int
bind_arithmetic(struct bind *b, const struct ast *ast, struct node **out)
{
    struct node **args;
    struct etype type;

    if (bind_args(b, ast, &args) != 0 ||
        settle_null(b, &args[0], args[1]) != 0 ||
        settle_null(b, &args[1], args[0]) != 0)
        return -1;
    if (ast->op == OP_ADD || ast->op == OP_SUBTRACT) {
        if (is_interval_sum(ast, args))
            return interval_sum(b, ast, args, out);
        if (is_day_sum(ast, args))
            return day_sum(b, ast, args, out);
    }
    if (!etype_is_number(args[0]->type) || !etype_is_number(args[1]->type))
        return no_arithmetic(b, ast, args);
    if (number_operands(b, ast, args, &type) != 0)
        return -1;
    return bind_call(b, ast->place, type, arithmetic(ast->op), args, 2, out);
}
