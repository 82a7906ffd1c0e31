/*
 * expr/eval_state.h: what the eval*.c files share; nobody else includes it.
 */
#ifndef EXPR_EVAL_STATE_H
#define EXPR_EVAL_STATE_H

#include "expr/eval.h"

/* Rows that are not decided yet: in the batch, and where their results stand
 * in the whole chunk. */
struct open_rows {
    uint32_t rows[EVAL_CHUNK];
    uint32_t at[EVAL_CHUNK];
};

/* Memory for one node over one chunk. */
struct slab {
    struct slab *next_free, *next;
    union {
        struct {
            bool null[EVAL_CHUNK];
            union datum value[EVAL_CHUNK]; /* all zero where null */
        };
        struct open_rows open;
    };
};

struct slab *eval_slab(struct eval *eval);

/* What a node of each kind does; *out gets its results. */
typedef int (*eval_fn)(struct eval *eval, const struct node *node,
                       const uint32_t *rows, uint32_t count, struct slab **out);

/* eval_column.c */
int eval_column(struct eval *, const struct node *, const uint32_t *, uint32_t,
                struct slab **);
/* eval_logic.c */
int eval_logic(struct eval *, const struct node *, const uint32_t *, uint32_t,
               struct slab **);
int eval_case(struct eval *, const struct node *, const uint32_t *, uint32_t,
              struct slab **);
int eval_coalesce(struct eval *, const struct node *, const uint32_t *,
                  uint32_t, struct slab **);
/* eval_in.c */
int eval_in(struct eval *, const struct node *, const uint32_t *, uint32_t,
            struct slab **);

#endif
