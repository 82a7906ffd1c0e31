/*
 * expr/eval_logic.c: AND, OR, CASE and COALESCE, which go on only with the
 * rows that are not yet decided.
 */
#include "expr/eval_state.h"

#include <assert.h>

/* The results of a first argument, to be worked on: a copy of a constant. */
static int
begin(struct eval *eval, const struct node *node, const uint32_t *rows,
      uint32_t count, struct slab **out)
{
    struct vec vec;

    if (eval_node(eval, node, rows, count, &vec, out) != 0)
        return -1;
    if (*out != NULL)
        return 0;
    *out = eval_slab(eval);
    for (uint32_t k = 0; k < count; k++) {
        (*out)->null[k] = *vec.null;
        (*out)->value[k] = *vec.at;
    }
    return 0;
}

/* Keeps those rows of `left` for which `keep` was said; without branches,
 * because which ones are kept is anybody's guess. */
static uint32_t
keep_row(struct open_rows *left, uint32_t kept, uint32_t k, bool keep)
{
    left->rows[kept] = left->rows[k];
    left->at[kept] = left->at[k];
    return kept + keep;
}

static uint32_t
open_row(struct open_rows *left, uint32_t kept, uint32_t row, uint32_t k,
         bool keep)
{
    left->rows[kept] = row;
    left->at[kept] = k;
    return kept + keep;
}

static struct slab *
all_rows(struct eval *eval, const uint32_t *rows, uint32_t count)
{
    struct slab *left = eval_slab(eval);

    for (uint32_t k = 0; k < count; k++)
        (void)open_row(&left->open, k, rows[k], k, true);
    return left;
}

/* FALSE decides an AND, TRUE an OR.  The value of a NULL is false. */
static bool
decides(bool decisive, bool value, bool null)
{
    return decisive ? value : !value && !null;
}

/* One more argument for the rows still open; a NULL stands until decided. */
static uint32_t
settle(bool decisive, const struct vec *vec, struct open_rows *left,
       uint32_t open, struct slab *out)
{
    uint32_t kept = 0;

    for (uint32_t k = 0; k < open; k++) {
        uint32_t to = left->at[k];
        bool null = vec->null[k & vec->mask];
        bool decided = decides(decisive, vec->at[k & vec->mask].b, null);

        null = (out->null[to] | null) & !decided;
        out->null[to] = null;
        out->value[to].b = decisive ? decided : !(null | decided);
        kept = keep_row(left, kept, k, !decided);
    }
    return kept;
}

int
eval_logic(struct eval *eval, const struct node *node, const uint32_t *rows,
           uint32_t count, struct slab **out)
{
    bool decisive = node->kind == NODE_OR;
    struct slab *left, *slab;
    uint32_t open = 0;
    struct vec vec;

    assert(node->count > 0);
    if (begin(eval, node->args[0], rows, count, out) != 0)
        return -1;
    left = eval_slab(eval);
    for (uint32_t k = 0; k < count; k++)
        open =
            open_row(&left->open, open, rows[k], k,
                     !decides(decisive, (*out)->value[k].b, (*out)->null[k]));
    for (uint32_t i = 1; i < node->count && open > 0; i++) {
        if (eval_node(eval, node->args[i], left->open.rows, open, &vec,
                      &slab) != 0)
            return -1;
        open = settle(decisive, &vec, &left->open, open, *out);
        eval_done(eval, slab);
    }
    eval_done(eval, left);
    return 0;
}

/* Evaluate over some rows, and put the results where they belong. */
static int
scatter(struct eval *eval, const struct node *node,
        const struct open_rows *some, uint32_t count, struct slab *out)
{
    struct vec vec;
    struct slab *slab;

    if (count == 0)
        return 0;
    if (eval_node(eval, node, some->rows, count, &vec, &slab) != 0)
        return -1;
    for (uint32_t k = 0; k < count; k++) {
        out->null[some->at[k]] = vec.null[k & vec.mask];
        out->value[some->at[k]] = vec.at[k & vec.mask];
    }
    eval_done(eval, slab);
    return 0;
}

/* Split the open rows: where the condition is TRUE they go to `taken`. */
static int
split(struct eval *eval, const struct node *condition, struct open_rows *left,
      uint32_t *open, struct open_rows *taken, uint32_t *taken_count)
{
    struct vec vec;
    struct slab *slab;
    uint32_t kept = 0, gone = 0;

    if (eval_node(eval, condition, left->rows, *open, &vec, &slab) != 0)
        return -1;
    for (uint32_t k = 0; k < *open; k++) {
        bool take = vec.at[k & vec.mask].b;

        gone = open_row(taken, gone, left->rows[k], left->at[k], take);
        kept = keep_row(left, kept, k, !take);
    }
    *open = kept;
    *taken_count = gone;
    eval_done(eval, slab);
    return 0;
}

static void
all_null(const struct open_rows *some, uint32_t count, struct slab *out)
{
    for (uint32_t k = 0; k < count; k++) {
        out->null[some->at[k]] = true;
        memset(&out->value[some->at[k]], 0, sizeof(out->value[0]));
    }
}

int
eval_case(struct eval *eval, const struct node *node, const uint32_t *rows,
          uint32_t count, struct slab **out)
{
    struct slab *left = all_rows(eval, rows, count);
    struct slab *taken = eval_slab(eval);
    uint32_t open = count, taken_count, i;

    *out = eval_slab(eval);
    for (i = 0; i + 1 < node->count && open > 0; i += 2)
        if (split(eval, node->args[i], &left->open, &open, &taken->open,
                  &taken_count) != 0 ||
            scatter(eval, node->args[i + 1], &taken->open, taken_count, *out) !=
                0)
            return -1;
    if (node->count % 2 == 0)
        all_null(&left->open, open, *out);
    else if (scatter(eval, node->args[node->count - 1], &left->open, open,
                     *out) != 0)
        return -1;
    eval_done(eval, taken);
    eval_done(eval, left);
    return 0;
}

int
eval_coalesce(struct eval *eval, const struct node *node, const uint32_t *rows,
              uint32_t count, struct slab **out)
{
    struct slab *left;
    uint32_t open = 0;

    assert(node->count > 0);
    if (begin(eval, node->args[0], rows, count, out) != 0)
        return -1;
    left = eval_slab(eval);
    for (uint32_t k = 0; k < count; k++)
        open = open_row(&left->open, open, rows[k], k, (*out)->null[k]);
    for (uint32_t i = 1; i < node->count && open > 0; i++) {
        uint32_t kept = 0;

        if (scatter(eval, node->args[i], &left->open, open, *out) != 0)
            return -1;
        for (uint32_t k = 0; k < open; k++)
            kept =
                keep_row(&left->open, kept, k, (*out)->null[left->open.at[k]]);
        open = kept;
    }
    eval_done(eval, left);
    return 0;
}
