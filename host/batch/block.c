/*
 * batch/block.c: the life of a block.  Filling one is the codec's business.
 */
#include "batch/block.h"

#include <assert.h>
#include <stdlib.h>

#include "util/mem.h"

struct owned_block {
    struct block block; /* first: what callers hold points here */
    struct arena *arena;
};

struct block *
block_new(const struct block *from, struct arena *arena)
{
    struct owned_block *owned = mem_zalloc(sizeof(*owned));

    assert(from->rows == 0 || (from->records == NULL) != (from->ends == NULL));
    assert(from->rows == 0 || from->column_count == 0 || from->ends != NULL ||
           from->cells != NULL);
    assert(from->ends == NULL || from->column_count > 0);
    assert(from->ends == NULL ||
           (from->raw == from->text) == (from->raw_ends == NULL));
    assert(from->reject_count == 0 || from->rejects != NULL);
    owned->block = *from;
    owned->arena = arena;
    return &owned->block;
}

/* What block_new took over is ours to free, though readers see it const. */
static void
drop(const void *owned)
{
    free((void *)(uintptr_t)owned);
}

void
block_free(struct block *block)
{
    if (block == NULL)
        return;
    if (block->raw != block->text)
        drop(block->raw);
    drop(block->text);
    drop(block->side);
    drop(block->cells);
    drop(block->records);
    drop(block->rejects);
    drop(block->ends);
    drop(block->raw_ends);
    drop(block->lines);
    arena_free(((struct owned_block *)block)->arena);
    free(block);
}

static struct block_record
record_of_grid(const struct block *block, uint32_t row)
{
    size_t last = ((size_t)row + 1) * block->column_count - 1;
    uint32_t start = block_row_start(block, row), end = block->ends[last];
    struct block_record record = {
        .line = block_line(block, row),
        .text_offset = start,
        .text_length = end - start,
        .end_length = end == block->text_size    ? 0
                      : block->text[end] == '\r' ? 2
                                                 : 1,
        .raw_offset = start,
        .raw_length = end - start,
    };

    if (block->raw_ends == NULL)
        return record;
    record.raw_offset = 0;
    if (row > 0) {
        end = block->raw_ends[row - 1];
        record.raw_offset = end + (block->raw[end] == '\r' ? 2 : 1);
    }
    record.raw_length = block->raw_ends[row] - record.raw_offset;
    return record;
}

struct block_record
block_record(const struct block *block, uint32_t row)
{
    assert(row < block->rows);
    return block->ends == NULL ? block->records[row]
                               : record_of_grid(block, row);
}
