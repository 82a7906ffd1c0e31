/*
 * batch/block.c: the life of a block.  Filling one is the codec's business.
 */
#include "batch/block.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "util/mem.h"

struct shared_block {
    struct block block; /* first: what callers hold points here */
    atomic_uint references;
    struct arena *arena;
};

static struct shared_block *
shared(struct block *block)
{
    return (struct shared_block *)block;
}

struct block *
block_new(const struct block *from, struct arena *arena)
{
    struct shared_block *s = mem_zalloc(sizeof(*s));

    assert(from->rows == 0 || from->records != NULL);
    assert(from->rows == 0 || from->column_count == 0 || from->cells != NULL);
    assert(from->reject_count == 0 || from->rejects != NULL);
    s->block = *from;
    s->arena = arena;
    atomic_init(&s->references, 1);
    return &s->block;
}

struct block *
block_ref(struct block *block)
{
    unsigned before = atomic_fetch_add_explicit(&shared(block)->references, 1,
                                                memory_order_relaxed);

    assert(before > 0);
    (void)before;
    return block;
}

/* What block_new took over is ours to free, though readers see it const. */
static void
drop(const void *owned)
{
    free((void *)(uintptr_t)owned);
}

void
block_unref(struct block *block)
{
    unsigned before;

    if (block == NULL)
        return;
    before = atomic_fetch_sub_explicit(&shared(block)->references, 1,
                                       memory_order_acq_rel);
    assert(before > 0);
    if (before > 1)
        return;
    if (block->raw != block->text)
        drop(block->raw);
    drop(block->text);
    drop(block->side);
    drop(block->cells);
    drop(block->records);
    drop(block->rejects);
    arena_free(shared(block)->arena);
    free(shared(block));
}
