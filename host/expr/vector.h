/*
 * expr/vector.h: the vector forms of kernels: many rows in one call.  They do
 * what is simple and frequent (ASCII, no overflow) and leave every other row
 * to the kernel, which alone says what a function means.
 */
#ifndef EXPR_VECTOR_H
#define EXPR_VECTOR_H

#include "expr/node.h"
#include "util/arena.h"

/* The form for a NODE_CALL with all its arguments in place, and its plan, in
 * node->vector and node->plan; NULL when there is none. */
void vector_choose(struct arena *arena, struct node *node);

/* vector_compare.c: by the kernel and the type of args[0]. */
vector_fn vector_of_comparison(struct node *node);
/* vector_number.c: arithmetic with numbers and dates. */
vector_fn vector_of_number(const struct node *node);
/* vector_cast.c */
vector_fn vector_of_cast(const struct node *node);
/* vector_text.c */
vector_fn vector_of_text(struct arena *arena, struct node *node);

#endif
