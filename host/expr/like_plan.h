/*
 * expr/like_plan.h: constant LIKE patterns without '_', cut into the texts
 * between their percent signs.  All other patterns are fn_like's.
 */
#ifndef EXPR_LIKE_PLAN_H
#define EXPR_LIKE_PLAN_H

#include "expr/node.h"
#include "util/arena.h"

struct like_plan;

/* `escape` may be NULL.  NULL: the pattern is not that simple. */
const struct like_plan *like_plan_new(struct arena *arena,
                                      const struct span *pattern,
                                      const struct span *escape);
/* What begins with this text. */
const struct like_plan *like_plan_of_prefix(struct arena *arena,
                                            const struct span *prefix);
bool like_plan_matches(const struct like_plan *plan, const struct span *text);

#endif
