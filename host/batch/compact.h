/*
 * batch/compact.h: a smaller copy of a block that holds chosen rows alone.
 */
#ifndef BATCH_COMPACT_H
#define BATCH_COMPACT_H

#include "batch/block.h"

/*
 * The rows whose bit is 1, each with its text, line end, cells and raw bytes;
 * no rejects.  The copy is as block_new would take it: every pointer is the
 * caller's to free (compact_release) or to give to block_new.
 */
void compact_block(const struct block *from, const uint64_t *selection,
                   uint32_t rows, struct block *copy);
void compact_release(struct block *copy);

#endif
