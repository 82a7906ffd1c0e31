/*
 * batch/compact.c: copies chosen rows of a block.  The copy of a grid is a
 * grid again, for its rows still stand one behind the other.
 */
#include "batch/compact.h"

#include <assert.h>
#include <stdlib.h>

#include "util/mem.h"

/* The copy's buffers while they are being filled. */
struct filling {
    unsigned char *text, *side, *raw;
    struct block_cell *cells; /* of a list */
    struct block_record *records;
    uint32_t *ends, *raw_ends, *lines; /* of a grid */
    size_t text_size, side_size, raw_size;
};

static size_t
span(const struct block_record *record)
{
    return (size_t)record->text_length + record->end_length;
}

/* In a grid the raw bytes of a row have their line end with them. */
static size_t
raw_span(const struct block *block, const struct block_record *record)
{
    return (size_t)record->raw_length +
           (block->ends != NULL ? record->end_length : 0);
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

static size_t
side_of_row(const struct block *from, uint32_t row,
            const struct block_record *record)
{
    const struct block_cell *cells = row_cells(from, row);
    size_t side = 0;

    for (uint32_t c = 0; c < from->column_count; c++)
        if (!lies_within(&cells[c], record))
            side += cells[c].length & BLOCK_LENGTH;
    return side;
}

static void
make_index(const struct block *from, uint32_t rows, struct filling *f)
{
    size_t cells = (size_t)rows * from->column_count;

    if (from->ends == NULL) {
        f->cells = mem_array(cells, sizeof(*f->cells));
        f->records = mem_array(rows, sizeof(*f->records));
        return;
    }
    f->ends = mem_array(cells, sizeof(*f->ends));
    f->lines = mem_array(rows, sizeof(*f->lines));
    if (from->raw_ends != NULL)
        f->raw_ends = mem_array(rows, sizeof(*f->raw_ends));
}

static void
make_room(const struct block *from, const uint64_t *selection, uint32_t rows,
          struct filling *f)
{
    size_t text = 0, side = 0, raw = 0;

    for (uint32_t r = 0; r < from->rows; r++) {
        struct block_record record;

        if (!fb_bit(selection, r))
            continue;
        record = block_record(from, r);
        text += span(&record);
        raw += raw_span(from, &record);
        if (from->ends == NULL)
            side += side_of_row(from, r, &record);
    }
    assert(text <= UINT32_MAX && side <= UINT32_MAX && raw <= UINT32_MAX);
    f->text = mem_alloc(text + 1);
    f->text[text] = '\0';
    f->side = mem_alloc(side);
    f->raw = from->raw == from->text ? f->text : mem_alloc(raw);
    make_index(from, rows, f);
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
           raw_span(from, record));
    f->raw_size += raw_span(from, record);
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

static void
copy_row(const struct block *from, uint32_t row, uint32_t done,
         struct filling *f)
{
    const struct block_record record = block_record(from, row);
    const struct block_cell *cells = row_cells(from, row);
    struct block_cell *copies = f->cells + (size_t)done * from->column_count;

    copy_record(from, &record, f, &f->records[done]);
    for (uint32_t c = 0; c < from->column_count; c++)
        copy_cell(from, &cells[c], &record, f, &f->records[done], &copies[c]);
}

static void
copy_grid_row(const struct block *from, uint32_t row, uint32_t done,
              struct filling *f)
{
    const struct block_record record = block_record(from, row);
    const uint32_t *ends = from->ends + (size_t)row * from->column_count;
    uint32_t *copies = f->ends + (size_t)done * from->column_count;
    struct block_record copy;

    copy_record(from, &record, f, &copy);
    for (uint32_t c = 0; c < from->column_count; c++)
        copies[c] = ends[c] - record.text_offset + copy.text_offset;
    if (f->raw_ends != NULL)
        f->raw_ends[done] = copy.raw_offset + copy.raw_length;
    f->lines[done] = (uint32_t)(record.line - from->first_line);
}

void
compact_block(const struct block *from, const uint64_t *selection,
              uint32_t rows, struct block *copy)
{
    struct filling f = {0};
    uint32_t done = 0;

    make_room(from, selection, rows, &f);
    for (uint32_t r = 0; r < from->rows; r++) {
        if (!fb_bit(selection, r))
            continue;
        assert(done < rows);
        if (from->ends != NULL)
            copy_grid_row(from, r, done, &f);
        else
            copy_row(from, r, done, &f);
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
    copy->ends = f.ends;
    copy->raw_ends = f.raw_ends;
    copy->lines = f.lines;
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
    drop(copy->ends);
    drop(copy->raw_ends);
    drop(copy->lines);
    memset(copy, 0, sizeof(*copy));
}
