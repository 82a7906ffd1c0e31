/*
 * batch/rejects.h: a growing list of rejected rows and the cells under which
 * they go on as a stream of their own.
 */
#ifndef BATCH_REJECTS_H
#define BATCH_REJECTS_H

#include "batch/batch.h"
#include "batch/hold.h"

struct rejects {
    struct reject *items;
    uint32_t count, capacity;
};

void rejects_release(struct rejects *rejects);
void rejects_add(struct rejects *rejects, const struct reject *reject);

/* What a reject tells of its record: line, text and raw bytes. */
void reject_of_record(struct reject *reject, const struct block *block,
                      const struct block_record *record);
/* The same for a row that never was a record: its cells, by RFC 4180; line
 * is left alone. */
void reject_of_cells(struct reject *reject, const struct fb_cell *cells,
                     uint32_t count, struct hold **hold);
/* The records of the block that its reader rejected. */
void rejects_add_block(struct rejects *rejects, const struct block *block);

/* By line; rejects of one line stay in the order they came. */
void rejects_sort(struct rejects *rejects);

/* The arrays of cells of reject_columns, in memory of *hold. */
const struct fb_cell *const *rejects_cells(const struct reject *items,
                                           uint32_t count, struct hold **hold);

#endif
