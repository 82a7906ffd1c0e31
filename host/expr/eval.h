/*
 * expr/eval.h: running a bound expression: node by node over a chunk of the
 * selected rows, so that what lies in between stays small whatever the batch
 * is.  AND, OR, CASE, COALESCE and IN go on only with the rows that are not
 * yet decided: a branch not taken cannot fail.
 */
#ifndef EXPR_EVAL_H
#define EXPR_EVAL_H

#include "expr/node.h"

#define EVAL_CHUNK 1024 /* rows */

struct slab;

/* One evaluation.  Strings made by kernels live until the next chunk. */
struct eval {
    struct batch *batch; /* NULL while constants are folded */
    const struct columns *columns;
    unsigned char *room, *room_end; /* for strings: what is left */
    unsigned char *piece;           /* where that begins in each chunk */
    struct arena *arena; /* of the chunk; more room; NULL: none yet */
    size_t arena_max;    /* bytes; more fails with FB_E_LIMIT */
    struct slab *free, *all;
    struct fb_error *err;
};

void eval_init(struct eval *eval, struct batch *batch,
               const struct columns *columns, struct fb_error *err);
void eval_release(struct eval *eval);
/* Forget the strings of the chunk before. */
void eval_next_chunk(struct eval *eval);

/*
 * The node over `count` (1 .. EVAL_CHUNK) rows of the batch.  The result
 * lives until eval_done gives it back; after a failure only eval_release may
 * follow.
 */
int eval_node(struct eval *eval, const struct node *node, const uint32_t *rows,
              uint32_t count, struct vec *result,
              struct slab **slab) FB_MUST_CHECK;
void eval_done(struct eval *eval, struct slab *slab); /* NULL is fine */

unsigned char *eval_alloc_more(struct call *call, size_t size);

/* For kernels: memory of the chunk, not aligned; NULL and the error filled in
 * when the chunk would need too much. */
static inline unsigned char *
eval_alloc(struct call *call, size_t size)
{
    struct eval *eval = call->eval;
    unsigned char *room = eval->room;

    if (size >= (size_t)(eval->room_end - room))
        return eval_alloc_more(call, size);
    eval->room = room + size;
    return room;
}

/* The same of what is at hand; NULL without an error when that is too
 * little. */
static inline unsigned char *
eval_room(struct call *call, size_t size)
{
    struct eval *eval = call->eval;
    unsigned char *room = eval->room;

    if (size >= (size_t)(eval->room_end - room))
        return NULL;
    eval->room = room + size;
    return room;
}

/* Make a text result from a copy; returns what a kernel returns. */
int eval_text(struct call *call, const void *text, size_t length,
              union datum *out);
/* A cell's text made fit for a message. */
const char *eval_show(struct eval *eval, const struct span *text);

/* Put the line of this row before the message; -1. */
int eval_at_line(struct eval *eval, uint32_t row);

#endif
