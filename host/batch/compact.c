/*
 * batch/compact.c: copies chosen rows of a block.
 */
#include "batch/compact.h"

#include <assert.h>
#include <stdlib.h>

#include "util/mem.h"

/* The copy's buffers while they are being filled. */
struct filling {
    unsigned char *text, *side, *raw;
    struct block_cell *cells;
    struct block_record *records;
    size_t text_size, side_size, raw_size;
};

static size_t
span(const struct block_record *record)
{
    return (size_t)record->text_length + record->end_length;
}

static const struct block_cell *
row_cells(const struct block *block, uint32_t row)
{
    return block->cells + (size_t)row * block->column_count;
}

/* Whether the cell can move with the text of its record. */
static bool
lies_within(const struct block_cell *cell, const struct block_record *record)
{
    size_t length = cell->length & BLOCK_LENGTH;

    return !(cell->length & BLOCK_SIDE) &&
           cell->offset >= record->text_offset &&
           cell->offset + length <= record->text_offset + span(record);
}

static void
make_room(const struct block *from, const uint64_t *selection, uint32_t rows,
          struct filling *f)
{
    size_t text = 0, side = 0, raw = 0;

    for (uint32_t r = 0; r < from->rows; r++) {
        const struct block_record *record = &from->records[r];
        const struct block_cell *cells = row_cells(from, r);

        if (!fb_bit(selection, r))
            continue;
        text += span(record);
        raw += record->raw_length;
        for (uint32_t c = 0; c < from->column_count; c++)
            if (!lies_within(&cells[c], record))
                side += cells[c].length & BLOCK_LENGTH;
    }
    assert(text <= UINT32_MAX && side <= UINT32_MAX && raw <= UINT32_MAX);
    f->text = mem_alloc(text);
    f->side = mem_alloc(side);
    f->raw = from->raw == from->text ? f->text : mem_alloc(raw);
    f->cells = mem_array((size_t)rows * from->column_count, sizeof(*f->cells));
    f->records = mem_array(rows, sizeof(*f->records));
}

static void
copy_record(const struct block *from, const struct block_record *record,
            struct filling *f, struct block_record *copy)
{
    *copy = *record;
    copy->text_offset = (uint32_t)f->text_size;
    memcpy(f->text + f->text_size, from->text + record->text_offset,
           span(record));
    f->text_size += span(record);
    if (f->raw == f->text) {
        assert(record->raw_offset == record->text_offset);
        copy->raw_offset = copy->text_offset;
        return;
    }
    copy->raw_offset = (uint32_t)f->raw_size;
    memcpy(f->raw + f->raw_size, from->raw + record->raw_offset,
           record->raw_length);
    f->raw_size += record->raw_length;
}

static void
copy_cell(const struct block *from, const struct block_cell *cell,
          const struct block_record *record, struct filling *f,
          const struct block_record *record_copy, struct block_cell *copy)
{
    size_t length = cell->length & BLOCK_LENGTH;

    copy->length = cell->length;
    if (lies_within(cell, record)) {
        copy->offset =
            record_copy->text_offset + (cell->offset - record->text_offset);
        return;
    }
    copy->length |= BLOCK_SIDE;
    copy->offset = (uint32_t)f->side_size;
    if (length > 0)
        memcpy(f->side + f->side_size, block_cell_text(from, cell), length);
    f->side_size += length;
}

void
compact_block(const struct block *from, const uint64_t *selection,
              uint32_t rows, struct block *copy)
{
    struct filling f = {0};
    struct block_cell *cell;
    uint32_t done = 0;

    make_room(from, selection, rows, &f);
    cell = f.cells;
    for (uint32_t r = 0; r < from->rows; r++) {
        const struct block_record *record = &from->records[r];

        if (!fb_bit(selection, r))
            continue;
        assert(done < rows);
        copy_record(from, record, &f, &f.records[done]);
        for (uint32_t c = 0; c < from->column_count; c++)
            copy_cell(from, &row_cells(from, r)[c], record, &f,
                      &f.records[done], cell++);
        done++;
    }
    assert(done == rows);
    *copy = *from;
    copy->rows = rows;
    copy->reject_count = 0;
    copy->rejects = NULL;
    copy->text = f.text;
    copy->text_size = f.text_size;
    copy->side = f.side;
    copy->side_size = f.side_size;
    copy->raw = f.raw;
    copy->raw_size = f.raw == f.text ? f.text_size : f.raw_size;
    copy->cells = f.cells;
    copy->records = f.records;
}

static void
drop(const void *owned)
{
    free((void *)(uintptr_t)owned);
}

void
compact_release(struct block *copy)
{
    if (copy->raw != copy->text)
        drop(copy->raw);
    drop(copy->text);
    drop(copy->side);
    drop(copy->cells);
    drop(copy->records);
    memset(copy, 0, sizeof(*copy));
}
