/*
 * expr/parser.h: from the text of an expression to its tree.  Precedence is
 * that of PostgreSQL, which DuckDB and (for what is accepted here) Trino
 * share: OR, AND, NOT, IS, comparison, IN BETWEEN LIKE, ||, + -, * / %, unary
 * minus, from loose to tight.
 */
#ifndef EXPR_PARSER_H
#define EXPR_PARSER_H

#include "expr/ast.h"

/*
 * Parse the whole text (which lives as long as the arena, NUL at its end).
 * FB_E_CONFIG with *place; at most EXPR_DEPTH_MAX levels and EXPR_NODES_MAX
 * nodes.
 */
int parser_parse(struct arena *arena, const char *text, size_t length,
                 const struct ast **ast, struct expr_place *place,
                 struct fb_error *err) FB_MUST_CHECK;

#endif
