/*
 * expr/bind_state.h: what the bind*.c files share; nobody else includes it.
 */
#ifndef EXPR_BIND_STATE_H
#define EXPR_BIND_STATE_H

#include "expr/ast.h"
#include "expr/functions.h"
#include "expr/types.h"
#include "util/mem.h"

struct bind {
    struct arena *arena;
    const struct columns *columns;
    const struct expr_clock *clock;
    struct expr_place *place;
    struct fb_error *err;
    uint32_t nodes; /* made so far */
    bool certain;   /* what is being bound is evaluated for every row */
};

/* FB_E_CONFIG at this place; -1. */
int bind_fail(struct bind *b, struct expr_place place, const char *format, ...)
    FB_PRINTF(3, 4);
/* "number 'Amount'" for a column, "a number" for anything else. */
const char *bind_describe(struct bind *b, const struct node *node);
/* How a CAST of this node would be written: "Amount", or "..." */
const char *bind_name_of(struct bind *b, const struct node *node);

struct node *bind_new(struct bind *b, enum node_kind kind, struct etype type,
                      struct expr_place place);
struct node *bind_const(struct bind *b, struct etype type,
                        struct expr_place place, union datum value);
struct node *bind_null(struct bind *b, struct etype type,
                       struct expr_place place);

/* Any expression. */
int bind_any(struct bind *b, const struct ast *ast,
             struct node **out) FB_MUST_CHECK;
/* All arguments of `ast`, in an array of the arena. */
int bind_args(struct bind *b, const struct ast *ast,
              struct node ***args) FB_MUST_CHECK;
/* One that is a condition; `who` needs it ("AND"). */
int bind_condition(struct bind *b, const struct ast *ast, const char *who,
                   struct node **out) FB_MUST_CHECK;

/*
 * Finish a node whose args are set: when all of them are constant, so is the
 * result.  What fails then fails here if every row would meet it.
 */
int bind_fold(struct bind *b, struct node *node,
              struct node **out) FB_MUST_CHECK;
/* A node of a kernel over these arguments, folded. */
int bind_call(struct bind *b, struct expr_place place, struct etype type,
              kernel_fn kernel, struct node *const *args, uint32_t count,
              struct node **out) FB_MUST_CHECK;
/* The same for kernels that see NULLs; more than CALL_ARGS_MAX arguments
 * are taken in groups, as fits kernels that are associative. */
int bind_call_nulls(struct bind *b, struct expr_place place, struct etype type,
                    kernel_fn kernel, struct node *const *args, uint32_t count,
                    bool sees_nulls, struct node **out) FB_MUST_CHECK;

/* Convert: a string literal is read as the type (or refused with its
 * place), NULL takes the type, everything else is cast. */
int bind_coerce(struct bind *b, struct node *node, struct etype type,
                struct node **out) FB_MUST_CHECK;
/* Bring all to their common type.  `verb` and `with` for the message:
 * "compare" "with", "mix" "and". */
int bind_unify(struct bind *b, struct expr_place place, struct node **nodes,
               uint32_t count, const char *verb, const char *with,
               struct etype *type) FB_MUST_CHECK;

/* bind_compare.c: = <> < <= > >= by `op`, and the others as they are written.
 */
int bind_compare(struct bind *b, struct expr_place place, enum ast_op op,
                 struct node *left, struct node *right,
                 struct node **out) FB_MUST_CHECK;
int bind_in(struct bind *b, const struct ast *ast,
            struct node **out) FB_MUST_CHECK;
int bind_between(struct bind *b, const struct ast *ast,
                 struct node **out) FB_MUST_CHECK;
int bind_like(struct bind *b, const struct ast *ast,
              struct node **out) FB_MUST_CHECK;
int bind_is(struct bind *b, const struct ast *ast,
            struct node **out) FB_MUST_CHECK;

/* bind_number.c: + - * / % and unary minus. */
int bind_arithmetic(struct bind *b, const struct ast *ast,
                    struct node **out) FB_MUST_CHECK;
int bind_minus(struct bind *b, const struct ast *ast,
               struct node **out) FB_MUST_CHECK;
int bind_number(struct bind *b, const struct ast *ast, bool negative,
                struct node **out) FB_MUST_CHECK;

/* bind_call.c: name(...) */
int bind_function(struct bind *b, const struct ast *ast,
                  struct node **out) FB_MUST_CHECK;
/* Everything as text, joined; NULL spoils it all when strict. */
int bind_concat(struct bind *b, const struct ast *ast, bool strict,
                struct node **out) FB_MUST_CHECK;

#endif
