/*
 * expr/eval.c: the machine that runs nodes.  What a node computes is its
 * kernel's business; how rows flow past it stands here.
 */
#include "expr/eval.h"

#include <assert.h>
#include <stdlib.h>

#include "batch/value.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

#define SHOWN_MAX 60 /* bytes of a cell in a message */

/* Memory for one node over one chunk. */
struct slab {
    struct slab *next_free, *next;
    uint32_t rows[EVAL_CHUNK]; /* a subset of the rows, in the batch */
    uint32_t at[EVAL_CHUNK];   /* and where those stand in the whole chunk */
    bool null[EVAL_CHUNK];
    union datum value[EVAL_CHUNK];
};

void
eval_init(struct eval *eval, struct batch *batch, const struct columns *columns,
          struct fb_error *err)
{
    *eval = (struct eval){.batch = batch,
                          .columns = columns,
                          .arena = arena_new(),
                          .arena_max = EXPR_SCRATCH_MAX,
                          .err = err};
}

void
eval_release(struct eval *eval)
{
    while (eval->all != NULL) {
        struct slab *slab = eval->all;

        eval->all = slab->next;
        free(slab);
    }
    arena_free(eval->arena);
}

void
eval_next_chunk(struct eval *eval)
{
    if (arena_used(eval->arena) == 0)
        return;
    arena_free(eval->arena);
    eval->arena = arena_new();
}

static struct slab *
slab_take(struct eval *eval)
{
    struct slab *slab = eval->free;

    if (slab != NULL) {
        eval->free = slab->next_free;
        return slab;
    }
    slab = mem_alloc(sizeof(*slab));
    slab->next = eval->all;
    eval->all = slab;
    return slab;
}

void
eval_done(struct eval *eval, struct slab *slab)
{
    if (slab == NULL)
        return;
    slab->next_free = eval->free;
    eval->free = slab;
}

unsigned char *
eval_alloc(struct call *call, size_t size)
{
    struct eval *eval = call->eval;
    size_t used = arena_used(eval->arena);

    if (size <= eval->arena_max && used <= eval->arena_max - size)
        return arena_alloc(eval->arena, size);
    (void)fb_fail(call->err, FB_E_LIMIT,
                  "the expression makes texts of more than %zu bytes at once",
                  eval->arena_max);
    return NULL;
}

int
eval_text(struct call *call, const void *text, size_t length, union datum *out)
{
    unsigned char *copy = eval_alloc(call, length);

    if (copy == NULL)
        return KERNEL_FAILED;
    memcpy(copy, text, length);
    out->s = (struct span){copy, length};
    return KERNEL_OK;
}

const char *
eval_show(struct eval *eval, const struct span *text)
{
    return text_escape(eval->arena, text->ptr, text->len, SHOWN_MAX);
}

int
eval_at_line(struct eval *eval, uint32_t row)
{
    if (eval->batch == NULL)
        return -1;
    return error_context(eval->err, "line %llu",
                         (unsigned long long)batch_line(eval->batch, row));
}

static int
bad_cell(struct eval *eval, uint32_t index, uint32_t row)
{
    const struct fb_column *column = &eval->columns->items[index];
    const struct fb_cell *cell = &batch_cells(eval->batch, index)[row];

    (void)fb_fail(eval->err, FB_E_INPUT,
                  "cannot read '%s' in column '%s' as %s",
                  eval_show(eval, &(struct span){cell->ptr, cell->len}),
                  column->name, value_expectation(column));
    (void)fb_hint(eval->err, "put a validate step before this one, so that "
                             "such rows are rejected instead");
    return eval_at_line(eval, row);
}

static void
take_text(struct eval *eval, uint32_t column, const uint32_t *rows,
          uint32_t count, struct slab *out)
{
    const struct fb_cell *cells = batch_cells(eval->batch, column);

    for (uint32_t k = 0; k < count; k++) {
        const struct fb_cell *cell = &cells[rows[k]];

        out->null[k] = (cell->flags & FB_CELL_NULL) != 0;
        out->value[k].s = (struct span){cell->ptr, cell->len};
    }
}

static int
take_values(struct eval *eval, uint32_t column, const uint32_t *rows,
            uint32_t count, struct slab *out)
{
    const struct fb_value *values = batch_values(eval->batch, column);
    enum fb_column_type type = eval->columns->items[column].type;

    for (uint32_t k = 0; k < count; k++) {
        const struct fb_value *value = &values[rows[k]];

        if (value->state == FB_V_BAD)
            return bad_cell(eval, column, rows[k]);
        out->null[k] = value->state == FB_V_NULL;
        if (type == FB_C_NUMBER)
            out->value[k].d = value->as.d;
        else if (type == FB_C_BOOLEAN)
            out->value[k].b = value->as.b;
        else
            out->value[k].i = value->as.i;
    }
    return 0;
}

static int
run_column(struct eval *eval, const struct node *node, const uint32_t *rows,
           uint32_t count, struct slab *out)
{
    assert(eval->batch != NULL && node->column < eval->columns->count);
    if (node->type.kind != T_TEXT)
        return take_values(eval, node->column, rows, count, out);
    take_text(eval, node->column, rows, count, out);
    return 0;
}

/* One row; its NULLs and a failing TRY_CAST included. */
static int
call_row(struct call *call, const union datum *args, const bool *nulls,
         bool *null, union datum *out)
{
    const struct node *node = call->node;
    int status;

    *null = false;
    for (uint32_t i = 0; !node->sees_nulls && i < node->count; i++)
        *null |= nulls[i];
    if (*null)
        return 0;
    status = node->kernel(call, args, out);
    *null = status == KERNEL_NULL;
    return status == KERNEL_FAILED ? -1 : 0;
}

static int
run_call(struct eval *eval, const struct node *node, const uint32_t *rows,
         uint32_t count, struct slab *out)
{
    struct vec vecs[CALL_ARGS_MAX] = {{0}};
    struct slab *slabs[CALL_ARGS_MAX] = {NULL};
    union datum args[CALL_ARGS_MAX];
    bool nulls[CALL_ARGS_MAX];
    struct call call = {node, nulls, eval, eval->err};

    assert(node->count <= CALL_ARGS_MAX && node->kernel != NULL);
    for (uint32_t i = 0; i < node->count; i++)
        if (eval_node(eval, node->args[i], rows, count, &vecs[i], &slabs[i]) !=
            0)
            return -1;
    for (uint32_t k = 0; k < count; k++) {
        for (uint32_t i = 0; i < node->count; i++) {
            assert(vecs[i].at != NULL && vecs[i].null != NULL);
            args[i] = vecs[i].at[k & vecs[i].mask];
            nulls[i] = vecs[i].null[k & vecs[i].mask];
        }
        if (call_row(&call, args, nulls, &out->null[k], &out->value[k]) != 0)
            return eval_at_line(eval, rows[k]);
    }
    for (uint32_t i = 0; i < node->count; i++)
        eval_done(eval, slabs[i]);
    return 0;
}

/* The rows that are still to be decided: all of them at first. */
static struct slab *
all_rows(struct eval *eval, const uint32_t *rows, uint32_t count)
{
    struct slab *left = slab_take(eval);

    memcpy(left->rows, rows, count * sizeof(rows[0]));
    for (uint32_t k = 0; k < count; k++)
        left->at[k] = k;
    return left;
}

static uint32_t
keep_row(struct slab *left, uint32_t kept, uint32_t k)
{
    left->rows[kept] = left->rows[k];
    left->at[kept] = left->at[k];
    return kept + 1;
}

/* FALSE decides an AND, TRUE an OR; a NULL only stands until then. */
static int
run_logic(struct eval *eval, const struct node *node, const uint32_t *rows,
          uint32_t count, struct slab *out)
{
    bool decisive = node->kind == NODE_OR;
    struct slab *left = all_rows(eval, rows, count), *slab;
    uint32_t open = count;
    struct vec vec;

    for (uint32_t k = 0; k < count; k++) {
        out->null[k] = false;
        out->value[k].b = !decisive;
    }
    for (uint32_t i = 0; i < node->count && open > 0; i++) {
        uint32_t kept = 0;

        if (eval_node(eval, node->args[i], left->rows, open, &vec, &slab) != 0)
            return -1;
        for (uint32_t k = 0; k < open; k++) {
            uint32_t to = left->at[k];
            bool null = vec.null[k & vec.mask];

            if (!null && vec.at[k & vec.mask].b == decisive) {
                out->null[to] = false;
                out->value[to].b = decisive;
                continue;
            }
            out->null[to] |= null;
            kept = keep_row(left, kept, k);
        }
        open = kept;
        eval_done(eval, slab);
    }
    eval_done(eval, left);
    return 0;
}

/* Evaluate over a subset, and put the results where they belong. */
static int
scatter(struct eval *eval, const struct node *node, const struct slab *subset,
        uint32_t count, struct slab *out)
{
    struct vec vec;
    struct slab *slab;

    if (count == 0)
        return 0;
    if (eval_node(eval, node, subset->rows, count, &vec, &slab) != 0)
        return -1;
    for (uint32_t k = 0; k < count; k++) {
        out->null[subset->at[k]] = vec.null[k & vec.mask];
        out->value[subset->at[k]] = vec.at[k & vec.mask];
    }
    eval_done(eval, slab);
    return 0;
}

/* Split the open rows: where the condition is TRUE they go to `taken`. */
static int
split(struct eval *eval, const struct node *condition, struct slab *left,
      uint32_t *open, struct slab *taken, uint32_t *taken_count)
{
    struct vec vec;
    struct slab *slab;
    uint32_t kept = 0;

    *taken_count = 0;
    if (eval_node(eval, condition, left->rows, *open, &vec, &slab) != 0)
        return -1;
    for (uint32_t k = 0; k < *open; k++) {
        if (!vec.null[k & vec.mask] && vec.at[k & vec.mask].b) {
            taken->rows[*taken_count] = left->rows[k];
            taken->at[(*taken_count)++] = left->at[k];
        } else {
            kept = keep_row(left, kept, k);
        }
    }
    *open = kept;
    eval_done(eval, slab);
    return 0;
}

static int
run_case(struct eval *eval, const struct node *node, const uint32_t *rows,
         uint32_t count, struct slab *out)
{
    struct slab *left = all_rows(eval, rows, count);
    struct slab *taken = slab_take(eval);
    uint32_t open = count, taken_count, i;

    for (i = 0; i + 1 < node->count && open > 0; i += 2)
        if (split(eval, node->args[i], left, &open, taken, &taken_count) != 0 ||
            scatter(eval, node->args[i + 1], taken, taken_count, out) != 0)
            return -1;
    if (node->count % 2 == 1) {
        if (scatter(eval, node->args[node->count - 1], left, open, out) != 0)
            return -1;
    } else {
        for (uint32_t k = 0; k < open; k++)
            out->null[left->at[k]] = true;
    }
    eval_done(eval, taken);
    eval_done(eval, left);
    return 0;
}

static int
run_coalesce(struct eval *eval, const struct node *node, const uint32_t *rows,
             uint32_t count, struct slab *out)
{
    struct slab *left = all_rows(eval, rows, count);
    uint32_t open = count;

    for (uint32_t i = 0; i < node->count && open > 0; i++) {
        uint32_t kept = 0;

        if (scatter(eval, node->args[i], left, open, out) != 0)
            return -1;
        for (uint32_t k = 0; k < open; k++)
            if (out->null[left->at[k]])
                kept = keep_row(left, kept, k);
        open = kept;
    }
    eval_done(eval, left);
    return 0;
}

static bool
in_set(const struct node *node, const union datum *value)
{
    enum etype_kind kind = node->args[0]->type.kind;
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

/* The constants of the list decide what they can; `left` keeps the rest. */
static uint32_t
try_set(const struct node *node, const struct vec *x, struct slab *left,
        uint32_t count, struct slab *out)
{
    uint32_t kept = 0;

    for (uint32_t k = 0; k < count; k++) {
        const union datum *value = &x->at[k & x->mask];

        out->null[k] = x->null[k & x->mask];
        out->value[k].b = !out->null[k] && in_set(node, value);
        if (out->null[k] || out->value[k].b)
            continue;
        out->null[k] = node->set_has_null;
        kept = keep_row(left, kept, k);
    }
    return kept;
}

static int
run_in(struct eval *eval, const struct node *node, const uint32_t *rows,
       uint32_t count, struct slab *out)
{
    struct slab *left = all_rows(eval, rows, count), *x_slab, *slab;
    enum etype_kind kind = node->args[0]->type.kind;
    struct vec x, item;
    uint32_t open;

    if (eval_node(eval, node->args[0], rows, count, &x, &x_slab) != 0)
        return -1;
    open = try_set(node, &x, left, count, out);
    for (uint32_t i = 1; i < node->count && open > 0; i++) {
        uint32_t kept = 0;

        if (eval_node(eval, node->args[i], left->rows, open, &item, &slab) != 0)
            return -1;
        for (uint32_t k = 0; k < open; k++) {
            uint32_t to = left->at[k];

            if (item.null[k & item.mask]) {
                out->null[to] = true;
            } else if (datum_compare(kind, &x.at[to & x.mask],
                                     &item.at[k & item.mask]) == 0) {
                out->null[to] = false;
                out->value[to].b = true;
                continue;
            }
            kept = keep_row(left, kept, k);
        }
        open = kept;
        eval_done(eval, slab);
    }
    for (uint32_t k = 0; node->negated && k < count; k++)
        out->value[k].b = !out->value[k].b;
    eval_done(eval, x_slab);
    eval_done(eval, left);
    return 0;
}

int
eval_node(struct eval *eval, const struct node *node, const uint32_t *rows,
          uint32_t count, struct vec *result, struct slab **slab)
{
    static int (*const run[])(struct eval *, const struct node *,
                              const uint32_t *, uint32_t, struct slab *) = {
        [NODE_COLUMN] = run_column, [NODE_CALL] = run_call,
        [NODE_AND] = run_logic,     [NODE_OR] = run_logic,
        [NODE_CASE] = run_case,     [NODE_COALESCE] = run_coalesce,
        [NODE_IN] = run_in,
    };

    assert(count > 0 && count <= EVAL_CHUNK);
    if (node->kind == NODE_CONST) {
        *slab = NULL;
        *result = (struct vec){0, &node->is_null, &node->value};
        return 0;
    }
    *slab = slab_take(eval);
    *result = (struct vec){UINT32_MAX, (*slab)->null, (*slab)->value};
    return run[node->kind](eval, node, rows, count, *slab);
}
