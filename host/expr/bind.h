/*
 * expr/bind.h: from what was written to what it means for certain columns:
 * names are resolved, types are found and made to meet, constants are folded.
 */
#ifndef EXPR_BIND_H
#define EXPR_BIND_H

#include "expr/node.h"

/* See expr_bind; *root lives in the arena. */
int bind_expression(struct arena *arena, const struct ast *ast,
                    const struct columns *columns,
                    const struct expr_clock *clock, const struct node **root,
                    struct expr_place *place,
                    struct fb_error *err) FB_MUST_CHECK;

#endif
