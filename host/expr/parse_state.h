/*
 * expr/parse_state.h: what parser.c and parser_primary.c share; nobody else
 * includes it.
 */
#ifndef EXPR_PARSE_STATE_H
#define EXPR_PARSE_STATE_H

#include "expr/ast.h"
#include "expr/lexer.h"
#include "util/mem.h"

struct parse {
    struct lexer lexer;
    struct token token;     /* the next one, not yet used */
    size_t previous_end;    /* offset behind the token before it */
    struct expr_place open; /* the innermost '(' */
    int depth;              /* of nesting */
    uint32_t nodes;         /* made so far */
    struct expr_place *place;
    struct fb_error *err;
};

/* Errors return -1 with *place and err filled in. */
int parse_fail(struct parse *p, struct expr_place place, const char *format,
               ...) FB_PRINTF(3, 4);
/* "'x' stands where WANTED should" */
int parse_fail_here(struct parse *p, const char *wanted);

int parse_advance(struct parse *p) FB_MUST_CHECK;
bool parse_at(const struct parse *p, const char *keyword);
bool parse_at_op(const struct parse *p, const char *op);
int parse_expect(struct parse *p, const char *keyword) FB_MUST_CHECK;
int parse_expect_op(struct parse *p, const char *op) FB_MUST_CHECK;

/* A node that begins at `start`; parse_add appends an argument (count must
 * have begun with 0), parse_done gives it its end. */
struct ast *parse_node(struct parse *p, enum ast_kind kind, size_t start,
                       uint32_t count);
void parse_add(struct parse *p, struct ast *ast, struct ast *arg);
int parse_done(struct parse *p, struct ast *ast,
               struct ast **out) FB_MUST_CHECK;

int parse_or(struct parse *p, struct ast **out) FB_MUST_CHECK;
int parse_primary(struct parse *p, struct ast **out) FB_MUST_CHECK;

#endif
