/*
 * expr/eval_in.c: IN, and = and <> with a constant text, which bind makes an
 * IN of.  The constants decide first, all rows in one go; then each other
 * item of the list, for the rows that are still open.
 */
#include "expr/eval_state.h"

#include <assert.h>

#include "expr/text_set.h"

/* Of sorted texts, numbers or days. */
static bool
in_set(const struct node *node, enum etype_kind kind, const union datum *value)
{
    uint32_t from = 0, to = node->set_count;

    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        int order = datum_compare(kind, value, &node->set[middle]);

        if (order == 0)
            return true;
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return false;
}

static bool
is_whole(enum etype_kind kind)
{
    return kind == T_INT || kind == T_DATE || kind == T_TIMESTAMP ||
           kind == T_TIME;
}

/* A handful of integers is compared with each without a branch. */
#define FEW_INTEGERS 8

static void
find_integers(const struct node *node, const struct vec *x, uint32_t count,
              union datum *found)
{
    for (uint32_t k = 0; k < count; k++) {
        int64_t value = x->at[k & x->mask].i;
        bool has = false;

        for (uint32_t i = 0; i < node->set_count; i++)
            has |= node->set[i].i == value;
        found[k].b = has;
    }
}

/* lower(x) IN (...) where x is not ASCII: what lower gives is looked up. */
static int
find_by_kernel(struct eval *eval, const struct node *node,
               const union datum *text, bool *found)
{
    const struct node *fold = node->args[0];
    struct call call = {fold, NULL, eval, eval->err};
    union datum folded;

    if (fold->kernel(&call, text, &folded) != KERNEL_OK)
        return -1;
    *found = text_set_has(node->plan, &folded.s);
    return 0;
}

static int
find_texts(struct eval *eval, const struct node *node, const struct vec *x,
           const uint32_t *rows, uint32_t count, union datum *found)
{
    for (uint32_t k = 0; k < count; k++) {
        union datum text;

        k = text_set_find(node->plan, x, k, count, found);
        if (k == count)
            break;
        text = x->at[k & x->mask];
        if (find_by_kernel(eval, node, &text, &found[k].b) != 0)
            return eval_at_line(eval, rows[k]);
    }
    return 0;
}

/* found[k].b: whether the value is among the constants; NULL is in none. */
static int
find(struct eval *eval, const struct node *node, const struct vec *x,
     const uint32_t *rows, uint32_t count, union datum *found)
{
    enum etype_kind kind = node->args[0]->type.kind;

    if (node->plan != NULL)
        return find_texts(eval, node, x, rows, count, found);
    if (is_whole(kind) && node->set_count <= FEW_INTEGERS) {
        find_integers(node, x, count, found);
        return 0;
    }
    for (uint32_t k = 0; k < count; k++)
        found[k].b = in_set(node, kind, &x->at[k & x->mask]);
    return 0;
}

/* The value that is looked for: what bind found to be folded on the way is
 * taken as it is. */
static const struct node *
subject(const struct node *node)
{
    if (node->plan == NULL || text_set_fold(node->plan) == FOLD_NONE)
        return node->args[0];
    return node->args[0]->args[0];
}

/* One more item for the rows still open. */
static uint32_t
compare_item(enum etype_kind kind, const struct vec *x, const struct vec *item,
             struct open_rows *left, uint32_t open, struct slab *out)
{
    uint32_t kept = 0;

    for (uint32_t k = 0; k < open; k++) {
        uint32_t to = left->at[k];

        if (item->null[k & item->mask]) {
            out->null[to] = true;
        } else if (datum_compare(kind, &x->at[to & x->mask],
                                 &item->at[k & item->mask]) == 0) {
            out->null[to] = false;
            out->value[to].b = true;
            continue;
        }
        left->rows[kept] = left->rows[k];
        left->at[kept++] = to;
    }
    return kept;
}

static int
compare_items(struct eval *eval, const struct node *node, const struct vec *x,
              const uint32_t *rows, uint32_t count, struct slab *out)
{
    struct slab *left = eval_slab(eval), *slab;
    uint32_t open = 0;
    struct vec item;

    for (uint32_t k = 0; k < count; k++) {
        left->open.rows[open] = rows[k];
        left->open.at[open] = k;
        open += !x->null[k & x->mask] && !out->value[k].b;
    }
    for (uint32_t i = 1; i < node->count && open > 0; i++) {
        if (eval_node(eval, node->args[i], left->open.rows, open, &item,
                      &slab) != 0)
            return -1;
        open = compare_item(node->args[0]->type.kind, x, &item, &left->open,
                            open, out);
        eval_done(eval, slab);
    }
    eval_done(eval, left);
    return 0;
}

/* From what was found among the constants to TRUE, FALSE and NULL. */
static void
judge(const struct node *node, const struct vec *x, uint32_t count,
      struct slab *out)
{
    for (uint32_t k = 0; k < count; k++) {
        bool null = x->null[k & x->mask];
        bool found = out->value[k].b & !null;

        out->null[k] = null | (node->set_has_null & !found);
        out->value[k].b = found;
    }
}

int
eval_in(struct eval *eval, const struct node *node, const uint32_t *rows,
        uint32_t count, struct slab **out)
{
    struct vec x;
    struct slab *x_slab;

    if (eval_node(eval, subject(node), rows, count, &x, &x_slab) != 0)
        return -1;
    *out = node->count == 1 && x_slab != NULL ? x_slab : eval_slab(eval);
    if (find(eval, node, &x, rows, count, (*out)->value) != 0)
        return -1;
    judge(node, &x, count, *out);
    if (node->count > 1 &&
        compare_items(eval, node, &x, rows, count, *out) != 0)
        return -1;
    for (uint32_t k = 0; k < count; k++)
        (*out)->value[k].b =
            ((*out)->value[k].b != node->negated) & !(*out)->null[k];
    if (x_slab != *out)
        eval_done(eval, x_slab);
    return 0;
}
