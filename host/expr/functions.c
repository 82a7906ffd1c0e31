/*
 * expr/functions.c: the table of functions whose arguments have fixed types.
 * Those whose result depends on the types of their arguments, or that take
 * any type, are in bind_call.c.
 */
#include "expr/functions.h"

#include "util/mem.h"
#include "util/text.h"

static const struct function functions[] = {
    {"lower", "t", T_TEXT, fn_lower},
    {"upper", "t", T_TEXT, fn_upper},
    {"trim", "t|t", T_TEXT, fn_trim},
    {"ltrim", "t|t", T_TEXT, fn_ltrim},
    {"rtrim", "t|t", T_TEXT, fn_rtrim},
    {"length", "t", T_INT, fn_length},
    {"substr", "ti|i", T_TEXT, fn_substr},
    {"substring", "ti|i", T_TEXT, fn_substr},
    {"replace", "ttt", T_TEXT, fn_replace},
    {"starts_with", "tt", T_BOOL, fn_starts_with},
    {"strpos", "tt", T_INT, fn_strpos},
};

/* Every name, those of bind_call.c and of the parser too. */
static const char *const names[] = {
    "abs",       "cast",      "ceil",        "ceiling",    "coalesce",
    "concat",    "date_diff", "date_part",   "date_trunc", "day",
    "extract",   "floor",     "greatest",    "hour",       "least",
    "length",    "lower",     "ltrim",       "minute",     "month",
    "nullif",    "position",  "quarter",     "replace",    "round",
    "rtrim",     "second",    "starts_with", "strpos",     "substr",
    "substring", "trim",      "try_cast",    "upper",      "week",
    "year",
};

const struct function *
function_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
        if (text_equal_nocase(name, functions[i].name))
            return &functions[i];
    return NULL;
}

const char *const *
function_names(size_t *count)
{
    *count = ARRAY_SIZE(names);
    return names;
}
