/*
 * expr/functions.h: the kernels of operators and functions, and the table of
 * those whose arguments have fixed types.  Which kernel serves which types
 * when it is not that simple is the business of bind.
 */
#ifndef EXPR_FUNCTIONS_H
#define EXPR_FUNCTIONS_H

#include "expr/node.h"

/*
 * A function whose arguments have fixed types: in `arguments`, t is a string,
 * i an integer, d a date or datetime; those behind '|' can be left out.
 */
struct function {
    const char *name;
    const char *arguments;
    enum etype_kind result;
    kernel_fn kernel;
};

/* NULL: none. */
const struct function *function_find(const char *name);
/* All names that can be called, special ones too; for did-you-mean. */
const char *const *function_names(size_t *count);

/* fn_compare.c: both arguments have the type of args[0]. */
int fn_equal(struct call *, const union datum *, union datum *);
int fn_not_equal(struct call *, const union datum *, union datum *);
int fn_less(struct call *, const union datum *, union datum *);
int fn_less_equal(struct call *, const union datum *, union datum *);
int fn_greater(struct call *, const union datum *, union datum *);
int fn_greater_equal(struct call *, const union datum *, union datum *);
int fn_between(struct call *, const union datum *, union datum *);
int fn_not(struct call *, const union datum *, union datum *);
/* These see NULLs; the first three negate when the node says so. */
int fn_distinct(struct call *, const union datum *, union datum *);
int fn_is_null(struct call *, const union datum *, union datum *);
int fn_is_bool(struct call *, const union datum *, union datum *); /* param */
int fn_nullif(struct call *, const union datum *, union datum *);
int fn_greatest(struct call *, const union datum *, union datum *);
int fn_least(struct call *, const union datum *, union datum *);
int fn_concat(struct call *, const union datum *, union datum *);

/* fn_text.c: all text. */
int fn_join(struct call *, const union datum *, union datum *); /* || */
int fn_like(struct call *, const union datum *, union datum *);
int fn_lower(struct call *, const union datum *, union datum *);
int fn_upper(struct call *, const union datum *, union datum *);
int fn_trim(struct call *, const union datum *, union datum *);
int fn_ltrim(struct call *, const union datum *, union datum *);
int fn_rtrim(struct call *, const union datum *, union datum *);
int fn_length(struct call *, const union datum *, union datum *);
int fn_substr(struct call *, const union datum *, union datum *);
int fn_replace(struct call *, const union datum *, union datum *);
int fn_starts_with(struct call *, const union datum *, union datum *);
int fn_strpos(struct call *, const union datum *, union datum *);

/* fn_number.c: the operands have the type of the result, but for those of a
 * decimal product, which keep their own scale. */
int fn_add(struct call *, const union datum *, union datum *);
int fn_subtract(struct call *, const union datum *, union datum *);
int fn_multiply(struct call *, const union datum *, union datum *);
int fn_divide(struct call *, const union datum *, union datum *);
int fn_modulo(struct call *, const union datum *, union datum *);
int fn_negate(struct call *, const union datum *, union datum *);
int fn_abs(struct call *, const union datum *, union datum *);
int fn_ceil(struct call *, const union datum *, union datum *);
int fn_floor(struct call *, const union datum *, union datum *);
int fn_round(struct call *, const union datum *, union datum *);
/* The result's scale is smaller than the argument's; param: digits. */
int fn_round_decimal(struct call *, const union datum *, union datum *);

/* fn_date.c */
int fn_date_add_days(struct call *, const union datum *, union datum *);
int fn_date_subtract_days(struct call *, const union datum *, union datum *);
int fn_date_subtract(struct call *, const union datum *, union datum *);
int fn_timestamp_add(struct call *, const union datum *, union datum *);
int fn_timestamp_subtract(struct call *, const union datum *, union datum *);
int fn_interval_add(struct call *, const union datum *, union datum *);
int fn_interval_negate(struct call *, const union datum *, union datum *);
/* Over a timestamp; param is an enum date_unit. */
int fn_date_trunc(struct call *, const union datum *, union datum *);
int fn_date_part(struct call *, const union datum *, union datum *);
int fn_date_diff(struct call *, const union datum *, union datum *);

#endif
