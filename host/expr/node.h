/*
 * expr/node.h: an expression as it was understood: every node has a type and
 * knows what computes it.  Made by bind, run by eval, unchanging in between.
 */
#ifndef EXPR_NODE_H
#define EXPR_NODE_H

#include "expr/ast.h"
#include "expr/decimal.h"

enum etype_kind {
    T_NULL = 1, /* NULL itself: fits everywhere */
    T_BOOL,
    T_INT, /* bits: 32 (INTEGER) or 64 (BIGINT) */
    T_DECIMAL,
    T_DOUBLE,
    T_TEXT,
    T_DATE,
    T_TIMESTAMP, /* UTC */
    T_TIME,
    T_INTERVAL,
};

struct etype {
    enum etype_kind kind;
    uint8_t bits;         /* T_INT */
    uint8_t width, scale; /* T_DECIMAL: digits in all, and of the fraction */
};

struct span {
    const unsigned char *ptr;
    size_t len; /* bytes */
};

/* A value that is not NULL; its node's type says which member it is. */
union datum {
    bool b;
    int64_t i; /* also dates (days), timestamps and times (microseconds) */
    double d;
    int128 h; /* DECIMAL: the value times ten to its scale */
    struct span s;
    struct interval interval;
};

struct node;
struct eval;

/* What a kernel may look at beside its arguments. */
struct call {
    const struct node *node;
    const bool *nulls; /* of the arguments; only with sees_nulls */
    struct eval *eval;
    struct fb_error *err;
};

/* The values of some rows: row k's is at[k & mask].  Where null is true, `at`
 * is false, zero, or a text of no bytes. */
struct vec {
    uint32_t mask; /* 0: the same in every row */
    const bool *null;
    const union datum *at;
};

/* Where the values of some rows go; may be those of one of the arguments. */
struct rows_out {
    bool *null;
    union datum *value;
};

enum { KERNEL_OK = 0, KERNEL_NULL = 1, KERNEL_FAILED = -1 };

/*
 * One row of one function.  Without sees_nulls it is not called for a row
 * with a NULL argument: the result is NULL.  Errors do not name the line.
 */
typedef int (*kernel_fn)(struct call *call, const union datum *args,
                         union datum *out);

/*
 * Rows from `from` up to `count` at once, as the kernel would do them one by
 * one.  Returns the first row that is left to the kernel, because it fails
 * or is not simple; `count` when there is none.  Without sees_nulls
 * out->null says already which rows have a NULL argument: what is computed
 * for those is thrown away.
 */
typedef uint32_t (*vector_fn)(struct call *call, const struct vec *args,
                              uint32_t from, uint32_t count,
                              const struct rows_out *out);

enum node_kind {
    NODE_CONST = 1, /* value, is_null */
    NODE_COLUMN,    /* column */
    NODE_CALL,      /* kernel over all args */
    NODE_AND,
    NODE_OR,
    NODE_CASE, /* when, then, ...; and else when count is odd */
    NODE_COALESCE,
    NODE_IN, /* args[0] in args[1...] or in set */
};

struct node {
    enum node_kind kind;
    struct etype type;
    struct expr_place place;
    uint32_t count;
    struct node **args;
    kernel_fn kernel;
    vector_fn vector; /* the same for many rows; NULL: there is none */
    const void *plan; /* for `vector` and IN: what constants were made to */
    bool sees_nulls;
    bool is_try;     /* a kernel that fails gives NULL */
    bool is_literal; /* a string as written: takes the type it is used as */
    bool is_null;
    bool negated;
    bool set_has_null;
    bool certain; /* a column that every row needs */
    uint32_t column;
    uint32_t set_count;
    const union datum *set; /* sorted */
    union datum value;
    int64_t param; /* for the kernel */
};

#define CALL_ARGS_MAX 8

/* -1, 0, 1.  NaN equals itself and is greater than all other numbers; text
 * goes by its bytes.  Not for intervals. */
int datum_compare(enum etype_kind kind, const union datum *a,
                  const union datum *b);

#endif
