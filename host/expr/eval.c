/*
 * expr/eval.c: the machine that runs nodes.  What a node computes is its
 * kernel's business; how rows flow past it stands here, and for what looks at
 * some rows alone in eval_logic.c and eval_in.c.
 */
#include "expr/eval.h"

#include <assert.h>
#include <stdlib.h>

#include "batch/batch.h"
#include "expr/eval_state.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

#define SHOWN_MAX 60              /* bytes of a cell in a message */
#define ROOM_SIZE ((size_t)16384) /* bytes; texts of most chunks fit in */

void
eval_init(struct eval *eval, struct batch *batch, const struct columns *columns,
          struct fb_error *err)
{
    *eval = (struct eval){.batch = batch,
                          .columns = columns,
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
    free(eval->piece);
    arena_free(eval->arena);
}

void
eval_next_chunk(struct eval *eval)
{
    eval->room = eval->piece;
    eval->room_end = eval->piece == NULL ? NULL : eval->piece + ROOM_SIZE;
    arena_free(eval->arena);
    eval->arena = NULL;
}

static struct arena *
chunk_arena(struct eval *eval)
{
    if (eval->arena == NULL)
        eval->arena = arena_new();
    return eval->arena;
}

struct slab *
eval_slab(struct eval *eval)
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

/* The first room is kept from chunk to chunk. */
static unsigned char *
first_room(struct eval *eval, size_t size)
{
    eval->piece = mem_alloc(ROOM_SIZE);
    eval->room = eval->piece + size;
    eval->room_end = eval->piece + ROOM_SIZE;
    return eval->piece;
}

unsigned char *
eval_alloc_more(struct call *call, size_t size)
{
    struct eval *eval = call->eval;
    size_t used = eval->arena == NULL ? 0 : arena_used(eval->arena);

    if (eval->piece == NULL && size <= ROOM_SIZE)
        return first_room(eval, size);
    if (size > eval->arena_max || used > eval->arena_max - size) {
        (void)fb_fail(
            call->err, FB_E_LIMIT,
            "the expression makes texts of more than %zu bytes at once",
            eval->arena_max);
        return NULL;
    }
    if (size > ROOM_SIZE / 4)
        return arena_alloc(chunk_arena(eval), size);
    eval->room = arena_alloc(chunk_arena(eval), ROOM_SIZE);
    eval->room_end = eval->room + ROOM_SIZE;
    return eval_alloc(call, size);
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
    return text_escape(chunk_arena(eval), text->ptr, text->len, SHOWN_MAX);
}

int
eval_at_line(struct eval *eval, uint32_t row)
{
    if (eval->batch == NULL)
        return -1;
    return error_context(eval->err, "line %llu",
                         (unsigned long long)batch_line(eval->batch, row));
}

/* One row by the kernel; a failing TRY_CAST included. */
static int
call_row(struct call *call, const struct vec *vecs, uint32_t k,
         const struct rows_out *out)
{
    const struct node *node = call->node;
    union datum args[CALL_ARGS_MAX];
    bool nulls[CALL_ARGS_MAX];
    int status;

    if (!node->sees_nulls && out->null[k])
        return 0;
    for (uint32_t i = 0; i < node->count; i++) {
        assert(vecs[i].at != NULL && vecs[i].null != NULL);
        args[i] = vecs[i].at[k & vecs[i].mask];
        nulls[i] = vecs[i].null[k & vecs[i].mask];
    }
    call->nulls = nulls;
    status = node->kernel(call, args, &out->value[k]);
    out->null[k] = status == KERNEL_NULL;
    return status == KERNEL_FAILED ? -1 : 0;
}

/* out->null is that of one of the arguments already, or all false. */
static void
unite_nulls(const struct node *node, const struct vec *vecs, uint32_t count,
            const struct rows_out *out)
{
    for (uint32_t i = 0; i < node->count; i++) {
        const bool *null = vecs[i].null;

        assert(null != NULL);
        if (null == out->null)
            continue;
        if (vecs[i].mask == 0 && *null)
            memset(out->null, true, count);
        for (uint32_t k = 0; vecs[i].mask != 0 && k < count; k++)
            out->null[k] |= null[k];
    }
}

static void
zero_nulls(const struct rows_out *out, uint32_t count)
{
    if (memchr(out->null, 1, count) == NULL)
        return;
    for (uint32_t k = 0; k < count; k++)
        if (out->null[k])
            memset(&out->value[k], 0, sizeof(out->value[k]));
}

/* By the vector form as far as it goes, and by the kernel where it stops. */
static int
call_rows(struct eval *eval, const struct node *node, const struct vec *vecs,
          const uint32_t *rows, uint32_t count, const struct rows_out *out)
{
    struct call call = {node, NULL, eval, eval->err};

    if (!node->sees_nulls)
        unite_nulls(node, vecs, count, out);
    for (uint32_t k = 0; k < count; k++) {
        if (node->vector != NULL) {
            k = node->vector(&call, vecs, k, count, out);
            assert(k <= count);
            if (k == count)
                break;
        }
        if (call_row(&call, vecs, k, out) != 0)
            return eval_at_line(eval, rows[k]);
    }
    zero_nulls(out, count);
    return 0;
}

/* The results take the place of an argument's values, when there is one that
 * is no constant: a row is read before it is written. */
static int
run_call(struct eval *eval, const struct node *node, const uint32_t *rows,
         uint32_t count, struct slab **out)
{
    struct vec vecs[CALL_ARGS_MAX] = {{0}};
    struct slab *slabs[CALL_ARGS_MAX] = {NULL};

    assert(node->count <= CALL_ARGS_MAX && node->kernel != NULL);
    *out = NULL;
    for (uint32_t i = 0; i < node->count; i++) {
        if (eval_node(eval, node->args[i], rows, count, &vecs[i], &slabs[i]) !=
            0)
            return -1;
        if (*out == NULL)
            *out = slabs[i];
    }
    if (*out == NULL) {
        *out = eval_slab(eval);
        memset((*out)->null, false, count);
    }
    if (call_rows(eval, node, vecs, rows, count,
                  &(struct rows_out){(*out)->null, (*out)->value}) != 0)
        return -1;
    for (uint32_t i = 0; i < node->count; i++)
        if (slabs[i] != *out)
            eval_done(eval, slabs[i]);
    return 0;
}

int
eval_node(struct eval *eval, const struct node *node, const uint32_t *rows,
          uint32_t count, struct vec *result, struct slab **slab)
{
    static const eval_fn run[] = {
        [NODE_COLUMN] = eval_column, [NODE_CALL] = run_call,
        [NODE_AND] = eval_logic,     [NODE_OR] = eval_logic,
        [NODE_CASE] = eval_case,     [NODE_COALESCE] = eval_coalesce,
        [NODE_IN] = eval_in,
    };

    assert(count > 0 && count <= EVAL_CHUNK);
    *slab = NULL;
    if (node->kind == NODE_CONST) {
        *result = (struct vec){0, &node->is_null, &node->value};
        return 0;
    }
    if (run[node->kind](eval, node, rows, count, slab) != 0)
        return -1;
    *result = (struct vec){UINT32_MAX, (*slab)->null, (*slab)->value};
    return 0;
}
