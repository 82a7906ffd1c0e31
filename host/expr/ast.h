/*
 * expr/ast.h: an expression as it was written: what the parser makes and
 * bind reads.  Knows no columns and no types, and never changes once made,
 * so it can be bound again.
 */
#ifndef EXPR_AST_H
#define EXPR_AST_H

#include "expr/expr.h"

enum ast_kind {
    AST_NULL = 1,
    AST_TRUE,
    AST_FALSE,
    AST_NUMBER,    /* text: as written, perhaps with a leading '-' */
    AST_STRING,    /* text, length: without its quotes */
    AST_DATE,      /* text: DATE '...' */
    AST_TIMESTAMP, /* text */
    AST_TIME,      /* text */
    AST_INTERVAL,  /* interval */
    AST_CURRENT_DATE,
    AST_CURRENT_TIMESTAMP,
    AST_NAME,    /* text; quoted */
    AST_UNARY,   /* op; args[0] */
    AST_BINARY,  /* op; args[0], args[1] */
    AST_CHAIN,   /* op is OP_AND, OP_OR or OP_CONCAT; two or more args */
    AST_IN,      /* negated; args[0] IN (args[1], ...) */
    AST_BETWEEN, /* negated; args[0] BETWEEN args[1] AND args[2] */
    AST_LIKE,    /* negated; args[0] LIKE args[1] ESCAPE args[2], if there */
    AST_IS,      /* op, negated; args[0] IS ... */
    AST_CASE,    /* has_operand, has_else; operand, when, then, ..., else */
    AST_CAST,    /* text: type name; is_try; width, scale (-1: not given) */
    AST_CALL,    /* text: function name */
};

enum ast_op {
    OP_OR = 1,
    OP_AND,
    OP_NOT,
    OP_EQ,
    OP_NE,
    OP_LT,
    OP_LE,
    OP_GT,
    OP_GE,
    OP_DISTINCT, /* IS [NOT] DISTINCT FROM */
    OP_IS_NULL,
    OP_IS_TRUE,
    OP_IS_FALSE,
    OP_CONCAT,
    OP_ADD,
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_MODULO,
    OP_MINUS, /* unary */
};

/* Months and days are not fractions of each other: each counts alone. */
struct interval {
    int32_t months, days;
    int64_t micros;
};

struct ast {
    enum ast_kind kind;
    enum ast_op op;
    struct expr_place place; /* the whole of it, in the text */
    const char *text;        /* ends with a NUL, which may not be its first */
    size_t length;           /* bytes of text */
    bool quoted, negated, is_try, has_operand, has_else;
    int width, scale;
    struct interval interval;
    int depth; /* 1 for a leaf */
    uint32_t count;
    struct ast **args;
};

struct node;

/* An expression: written, and once bound also understood. */
struct fb_expr {
    struct arena *arena;
    const char *text;
    size_t length;
    const struct ast *ast;
    const struct node *root; /* NULL until bound */
    const struct columns *columns;
};

#endif
