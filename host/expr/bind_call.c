/*
 * expr/bind_call.c: calls of functions.  Those with fixed types come from the
 * table in functions.c; here are the others, and what is said about a name
 * that is no function.
 */
#include "expr/bind_state.h"

#include <assert.h>

#include "expr/cast.h"
#include "expr/datetime.h"
#include "util/text.h"

int
bind_concat(struct bind *b, const struct ast *ast, bool strict,
            struct node **out)
{
    struct etype text = etype_simple(T_TEXT);
    struct node **args;

    if (bind_args(b, ast, &args) != 0)
        return -1;
    for (uint32_t i = 0; i < ast->count; i++) {
        if (args[i]->type.kind == T_INTERVAL)
            return bind_fail(b, args[i]->place, "an interval has no text");
        if (bind_coerce(b, args[i], text, &args[i]) != 0)
            return -1;
    }
    return bind_call_nulls(b, ast->place, text, strict ? fn_join : fn_concat,
                           args, ast->count, !strict, out);
}

static int
call_concat(struct bind *b, const struct ast *ast, struct node **out)
{
    return bind_concat(b, ast, false, out);
}

static int
wrong_argument(struct bind *b, const struct ast *ast, const struct node *arg,
               const char *wanted, const char *type)
{
    (void)bind_fail(b, arg->place, "%s needs %s, and this is %s", ast->text,
                    wanted, bind_describe(b, arg));
    return fb_hint(b->err, "CAST(%s AS %s)", bind_name_of(b, arg), type);
}

static int
call_extreme(struct bind *b, const struct ast *ast, struct node **out)
{
    struct node **args;
    struct etype type;

    if (bind_args(b, ast, &args) != 0 ||
        bind_unify(b, ast->place, args, ast->count, "compare", "with", &type) !=
            0)
        return -1;
    return bind_call_nulls(b, ast->place, type,
                           text_equal_nocase(ast->text, "least") ? fn_least
                                                                 : fn_greatest,
                           args, ast->count, true, out);
}

static int
call_coalesce(struct bind *b, const struct ast *ast, struct node **out)
{
    bool before = b->certain;
    struct node *node =
        bind_new(b, NODE_COALESCE, etype_simple(T_NULL), ast->place);

    node->count = ast->count;
    node->args = arena_array(b->arena, ast->count, sizeof(struct node *));
    for (uint32_t i = 0; i < ast->count; i++) {
        if (bind_any(b, ast->args[i], &node->args[i]) != 0)
            return -1;
        b->certain = false;
    }
    if (bind_unify(b, ast->place, node->args, node->count, "mix", "and",
                   &node->type) != 0)
        return -1;
    b->certain = before;
    return bind_fold(b, node, out);
}

static int
call_nullif(struct bind *b, const struct ast *ast, struct node **out)
{
    struct node **pair, *args[3];
    struct etype type;

    if (bind_args(b, ast, &pair) != 0)
        return -1;
    args[0] = args[2] = pair[0];
    args[1] = pair[1];
    if (bind_unify(b, ast->place, args, 2, "compare", "with", &type) != 0)
        return -1;
    return bind_call_nulls(b, ast->place, args[2]->type, fn_nullif, args, 3,
                           true, out);
}

/* One number; NULL becomes a double. */
static int
number_argument(struct bind *b, const struct ast *ast, struct node **arg)
{
    if (bind_any(b, ast->args[0], arg) != 0)
        return -1;
    if ((*arg)->type.kind == T_NULL)
        return bind_coerce(b, *arg, etype_simple(T_DOUBLE), arg);
    if (etype_is_number((*arg)->type))
        return 0;
    return wrong_argument(b, ast, *arg, "a number", "DOUBLE");
}

static int
call_abs(struct bind *b, const struct ast *ast, struct node **out)
{
    struct node *arg;

    if (number_argument(b, ast, &arg) != 0)
        return -1;
    return bind_call(b, ast->place, arg->type, fn_abs, &arg, 1, out);
}

/* ceil and floor: DuckDB gives a double for an integer. */
static int
call_whole(struct bind *b, const struct ast *ast, struct node **out)
{
    struct node *arg;
    struct etype type;

    if (number_argument(b, ast, &arg) != 0)
        return -1;
    if (arg->type.kind == T_INT &&
        bind_coerce(b, arg, etype_simple(T_DOUBLE), &arg) != 0)
        return -1;
    type = arg->type;
    type.scale = 0;
    return bind_call(b, ast->place, type,
                     text_equal_nocase(ast->text, "floor") ? fn_floor : fn_ceil,
                     &arg, 1, out);
}

static int
round_decimal(struct bind *b, const struct ast *ast, struct node *arg,
              const struct node *digits, struct node **out)
{
    struct node *node;
    char type[32];
    int64_t keep = digits != NULL ? digits->value.i : 0;

    if (digits != NULL && (digits->kind != NODE_CONST || digits->is_null)) {
        (void)bind_fail(b, digits->place,
                        "the digits to round a decimal to must be a constant");
        return fb_hint(b->err, "round(CAST(x AS DOUBLE), n)");
    }
    *out = arg;
    if (keep >= arg->type.scale)
        return 0;
    if (keep < 0 && -keep >= arg->type.width - arg->type.scale) {
        /* DuckDB gives 0 here, also for 99.9 and even for NULL. */
        (void)bind_fail(b, ast->place,
                        "rounding to %lld digits leaves no digit of %s",
                        (long long)keep, etype_sql(arg->type, type));
        return fb_hint(b->err, "round(CAST(x AS DOUBLE), %lld)",
                       (long long)keep);
    }
    node = bind_new(b, NODE_CALL, arg->type, ast->place);
    node->type.scale = (uint8_t)(keep < 0 ? 0 : keep);
    node->kernel = fn_round_decimal;
    node->param = keep;
    node->count = 1;
    node->args = arena_array(b->arena, 1, sizeof(struct node *));
    node->args[0] = arg;
    return bind_fold(b, node, out);
}

static int
call_round(struct bind *b, const struct ast *ast, struct node **out)
{
    struct node *args[2] = {NULL, NULL};

    if (number_argument(b, ast, &args[0]) != 0)
        return -1;
    if (ast->count == 2) {
        if (bind_any(b, ast->args[1], &args[1]) != 0)
            return -1;
        if ((args[1]->type.kind != T_INT || args[1]->type.bits != 32) &&
            args[1]->type.kind != T_NULL)
            return wrong_argument(b, ast, args[1], "an integer as its digits",
                                  "INTEGER");
        if (bind_coerce(b, args[1], etype_simple(T_INT), &args[1]) != 0)
            return -1;
    }
    if (args[0]->type.kind == T_DECIMAL)
        return round_decimal(b, ast, args[0], args[1], out);
    return bind_call(b, ast->place, args[0]->type, fn_round, args, ast->count,
                     out);
}

static int
unit_argument(struct bind *b, const struct ast *ast, enum date_unit *unit)
{
    const struct ast *arg = ast->args[0];

    *unit = 0;
    if (arg->kind != AST_STRING) {
        (void)bind_fail(b, arg->place, "%s needs a unit as a string",
                        ast->text);
        return fb_hint(b->err, "%s('month', ...)", ast->text);
    }
    *unit = unit_of_name(arg->text);
    if (*unit != 0 &&
        (*unit <= UNIT_SECOND || text_equal_nocase(ast->text, "date_part")))
        return 0;
    (void)bind_fail(b, arg->place, "'%.40s' is no unit of %s", arg->text,
                    ast->text);
    return fb_hint(b->err,
                   "the units are year, quarter, month, week, day, hour, "
                   "minute, second; to extract also dow, isodow, doy");
}

static int
date_argument(struct bind *b, const struct ast *ast, uint32_t index,
              bool time_too, struct node **arg)
{
    if (bind_any(b, ast->args[index], arg) != 0)
        return -1;
    enum etype_kind kind = (*arg)->type.kind;

    /* A time of day is a moment of 1970-01-01. */
    if (kind == T_TIME && time_too)
        return 0;
    if (kind == T_DATE || kind == T_TIMESTAMP || kind == T_NULL)
        return bind_coerce(b, *arg, etype_simple(T_TIMESTAMP), arg);
    return wrong_argument(b, ast, *arg, "a date", "DATE");
}

static int
date_call(struct bind *b, const struct ast *ast, struct etype type,
          kernel_fn kernel, enum date_unit unit, struct node **args,
          uint32_t count, struct node **out)
{
    struct node *node = bind_new(b, NODE_CALL, type, ast->place);

    node->kernel = kernel;
    node->param = unit;
    node->count = count;
    node->args = arena_array(b->arena, count, sizeof(struct node *));
    memcpy(node->args, args, count * sizeof(struct node *));
    return bind_fold(b, node, out);
}

static int
call_date_trunc(struct bind *b, const struct ast *ast, struct node **out)
{
    enum date_unit unit;
    struct node *arg;

    if (unit_argument(b, ast, &unit) != 0 ||
        date_argument(b, ast, 1, false, &arg) != 0)
        return -1;
    return date_call(b, ast, arg->type, fn_date_trunc, unit, &arg, 1, out);
}

static int
call_date_diff(struct bind *b, const struct ast *ast, struct node **out)
{
    enum date_unit unit;
    struct node *args[2];

    if (unit_argument(b, ast, &unit) != 0 ||
        date_argument(b, ast, 1, false, &args[0]) != 0 ||
        date_argument(b, ast, 2, false, &args[1]) != 0)
        return -1;
    return date_call(b, ast, etype_simple(T_INT), fn_date_diff, unit, args, 2,
                     out);
}

static bool
is_of_day(enum date_unit unit)
{
    return unit == UNIT_HOUR || unit == UNIT_MINUTE || unit == UNIT_SECOND;
}

static int
call_date_part(struct bind *b, const struct ast *ast, struct node **out)
{
    enum date_unit unit;
    struct node *arg;

    if (unit_argument(b, ast, &unit) != 0 ||
        date_argument(b, ast, 1, is_of_day(unit), &arg) != 0)
        return -1;
    return date_call(b, ast, etype_simple(T_INT), fn_date_part, unit, &arg, 1,
                     out);
}

/* year(x), month(x), ...: the name is the unit. */
static int
call_part(struct bind *b, const struct ast *ast, struct node **out)
{
    enum date_unit unit = unit_of_name(ast->text);
    struct node *arg;

    assert(unit != 0);
    if (date_argument(b, ast, 0, is_of_day(unit), &arg) != 0)
        return -1;
    return date_call(b, ast, etype_simple(T_INT), fn_date_part, unit, &arg, 1,
                     out);
}

static const struct special {
    const char *name;
    uint32_t min, max; /* arguments; max 0: any number */
    int (*bind)(struct bind *, const struct ast *, struct node **);
} specials[] = {
    {"abs", 1, 1, call_abs},
    {"ceil", 1, 1, call_whole},
    {"ceiling", 1, 1, call_whole},
    {"coalesce", 1, 0, call_coalesce},
    {"concat", 1, 0, call_concat},
    {"date_diff", 3, 3, call_date_diff},
    {"date_part", 2, 2, call_date_part},
    {"date_trunc", 2, 2, call_date_trunc},
    {"day", 1, 1, call_part},
    {"floor", 1, 1, call_whole},
    {"greatest", 1, 0, call_extreme},
    {"hour", 1, 1, call_part},
    {"least", 1, 0, call_extreme},
    {"minute", 1, 1, call_part},
    {"month", 1, 1, call_part},
    {"nullif", 2, 2, call_nullif},
    {"quarter", 1, 1, call_part},
    {"round", 1, 2, call_round},
    {"second", 1, 1, call_part},
    {"week", 1, 1, call_part},
    {"year", 1, 1, call_part},
};

/* What other dialects call it. */
static const struct {
    const char *name, *hint;
} elsewhere[] = {
    {"ifnull", "use COALESCE(a, b)"},
    {"nvl", "use COALESCE(a, b)"},
    {"isnull", "use x IS NULL"},
    {"if", "use CASE WHEN a THEN b ELSE c END"},
    {"iif", "use CASE WHEN a THEN b ELSE c END"},
    {"len", "use length(x)"},
    {"char_length", "use length(x)"},
    {"ucase", "use upper(x)"},
    {"lcase", "use lower(x)"},
    {"instr", "use strpos(x, y)"},
    {"left", "use substr(x, 1, n)"},
    {"right", "use substr(x, -n)"},
    {"mod", "use a % b"},
    {"now", "use CURRENT_TIMESTAMP"},
    {"today", "use CURRENT_DATE"},
    {"getdate", "use CURRENT_DATE"},
    {"current_date", "write CURRENT_DATE without parentheses"},
    {"current_timestamp", "write CURRENT_TIMESTAMP without parentheses"},
    {"date", "use CAST(x AS DATE)"},
    {"to_date", "use CAST(x AS DATE)"},
    {"timestamp", "use CAST(x AS TIMESTAMP)"},
    {"date_add", "use d + INTERVAL '30' DAY"},
    {"dateadd", "use d + INTERVAL '30' DAY"},
    {"datediff", "use date_diff('day', a, b)"},
    {"day_of_week", "use extract(isodow FROM d)"},
    {"day_of_year", "use extract(doy FROM d)"},
    {"regexp_like", "regular expressions are not supported; use LIKE"},
    {"regexp_matches", "regular expressions are not supported; use LIKE"},
    {"contains", "use strpos(x, y) > 0"},
    {"count", "it would look at many rows; an expression sees one"},
    {"sum", "it would look at many rows; an expression sees one"},
    {"avg", "it would look at many rows; an expression sees one"},
    {"min", "for the smallest of several values use least(a, b)"},
    {"max", "for the largest of several values use greatest(a, b)"},
};

static int
unknown_function(struct bind *b, const struct ast *ast)
{
    size_t count;
    const char *const *names = function_names(&count);
    const char *near = text_nearest(ast->text, names, count);
    struct expr_place name = {ast->place.offset, ast->length};

    (void)bind_fail(b, name, "there is no function '%.60s'", ast->text);
    for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
        if (text_equal_nocase(ast->text, elsewhere[i].name))
            return fb_hint(b->err, "%s", elsewhere[i].hint);
    if (near != NULL)
        return fb_hint(b->err, "did you mean '%s'?", near);
    return fb_hint(b->err, "the functions are listed in docs/expressions.md");
}

static int
wrong_count(struct bind *b, const struct ast *ast, size_t min, size_t max)
{
    char wanted[64];

    if (max == 0)
        snprintf(wanted, sizeof(wanted), "at least %zu", min);
    else if (min == max)
        snprintf(wanted, sizeof(wanted), "%zu", min);
    else
        snprintf(wanted, sizeof(wanted), "%zu or %zu", min, max);
    (void)bind_fail(b, ast->place, "%s takes %s argument%s, and here are %u",
                    ast->text, wanted, max == 1 ? "" : "s", ast->count);
    return fb_hint(b->err, "docs/expressions.md shows how %s is written",
                   ast->text);
}

static int
fixed_argument(struct bind *b, const struct ast *ast, char kind,
               struct node **arg)
{
    enum etype_kind wanted = kind == 't' ? T_TEXT : T_INT;

    assert(kind == 't' || kind == 'i');
    if ((*arg)->type.kind == wanted || (*arg)->type.kind == T_NULL)
        return bind_coerce(b, *arg, etype_simple(wanted), arg);
    return wrong_argument(b, ast, *arg,
                          wanted == T_TEXT ? "a string" : "an integer",
                          wanted == T_TEXT ? "VARCHAR" : "INTEGER");
}

static int
bind_fixed(struct bind *b, const struct ast *ast,
           const struct function *function, struct node **out)
{
    const char *bar = strchr(function->arguments, '|');
    size_t all = strlen(function->arguments) - (bar != NULL);
    size_t min = bar != NULL ? (size_t)(bar - function->arguments) : all;
    struct node **args;
    const char *kind = function->arguments;

    if (ast->count < min || ast->count > all)
        return wrong_count(b, ast, min, all);
    if (bind_args(b, ast, &args) != 0)
        return -1;
    for (uint32_t i = 0; i < ast->count; i++, kind++) {
        kind += *kind == '|';
        if (fixed_argument(b, ast, *kind, &args[i]) != 0)
            return -1;
    }
    return bind_call(b, ast->place, etype_simple(function->result),
                     function->kernel, args, ast->count, out);
}

int
bind_function(struct bind *b, const struct ast *ast, struct node **out)
{
    const struct function *function = function_find(ast->text);

    if (function != NULL)
        return bind_fixed(b, ast, function, out);
    for (size_t i = 0; i < ARRAY_SIZE(specials); i++) {
        const struct special *s = &specials[i];

        if (!text_equal_nocase(ast->text, s->name))
            continue;
        if (ast->count < s->min || (s->max != 0 && ast->count > s->max))
            return wrong_count(b, ast, s->min, s->max);
        return s->bind(b, ast, out);
    }
    return unknown_function(b, ast);
}
