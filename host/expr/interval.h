/*
 * expr/interval.h: the text of an INTERVAL literal.  What is done with
 * intervals is fn_date.c.
 */
#ifndef EXPR_INTERVAL_H
#define EXPR_INTERVAL_H

#include "expr/ast.h"

/*
 * "30" with a unit such as "DAY" or "days"; the count may have a sign, and a
 * fraction of seconds.  false: not understood, or out of range.
 */
bool interval_of(const char *count, const char *unit,
                 struct interval *interval);

#endif
