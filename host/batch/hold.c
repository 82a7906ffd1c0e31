/*
 * batch/hold.c: a chain of arenas, each unchanging once it is shared.
 */
#include "batch/hold.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "util/mem.h"

struct hold {
    atomic_uint references;
    struct arena *arena;
    struct block *block;
    struct hold *before; /* one reference of it is ours */
};

struct hold *
hold_new(struct arena *arena, struct block *block)
{
    struct hold *hold = mem_zalloc(sizeof(*hold));

    atomic_init(&hold->references, 1);
    hold->arena = arena;
    hold->block = block;
    return hold;
}

struct hold *
hold_ref(struct hold *hold)
{
    unsigned before =
        atomic_fetch_add_explicit(&hold->references, 1, memory_order_relaxed);

    assert(before > 0);
    (void)before;
    return hold;
}

void
hold_unref(struct hold *hold)
{
    while (hold != NULL) {
        struct hold *before = hold->before;
        unsigned references = atomic_fetch_sub_explicit(&hold->references, 1,
                                                        memory_order_acq_rel);

        assert(references > 0);
        if (references > 1)
            return;
        arena_free(hold->arena);
        block_free(hold->block);
        free(hold);
        hold = before;
    }
}

/*
 * With a count of one nobody else can reach the arena, nor come to: only the
 * owner of that one reference could hand out another.
 */
static struct arena *
writable(struct hold **hold)
{
    if (atomic_load_explicit(&(*hold)->references, memory_order_acquire) > 1) {
        struct hold *front = hold_new(NULL, NULL);

        front->before = *hold;
        *hold = front;
    }
    if ((*hold)->arena == NULL)
        (*hold)->arena = arena_new();
    return (*hold)->arena;
}

void *
hold_alloc(struct hold **hold, size_t size)
{
    return arena_alloc(writable(hold), size);
}

void *
hold_array(struct hold **hold, size_t count, size_t size)
{
    return arena_array(writable(hold), count, size);
}

char *
hold_strdup(struct hold **hold, const char *text)
{
    return arena_strdup(writable(hold), text);
}
