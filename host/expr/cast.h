/*
 * expr/cast.h: converting a value of one type to another, as CAST does.
 */
#ifndef EXPR_CAST_H
#define EXPR_CAST_H

#include "expr/types.h"

/* The kernel of a node with one argument that converts args[0]->type to
 * node->type; NULL when there is no such cast. */
kernel_fn cast_kernel(struct etype from, struct etype to);

/* The text of a value as CAST(x AS VARCHAR) gives it (not for T_TEXT, NULL
 * and intervals); needs NUMBER_TEXT_MAX bytes; returns its length. */
size_t cast_print(struct etype type, const union datum *value, char *text);

#endif
