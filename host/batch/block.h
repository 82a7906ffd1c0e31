/*
 * batch/block.h: the bytes of consecutive records of one input, and the index
 * of where records and cells stand.  Filled once by a codec, then unchanging
 * and shared by reference count (atomic).  Which records are still in, and
 * what steps changed, is the business of batch.h.
 *
 * The index has one of two forms.  A list names every record and cell, which
 * may stand anywhere.  A grid is for text that is nothing but rows, one behind
 * the other, each with all its cells: where each cell ends says it all.
 */
#ifndef BATCH_BLOCK_H
#define BATCH_BLOCK_H

#include "batch/column.h"

/* Where a cell's text stands: in `text`, or in `side` when BLOCK_SIDE. */
struct block_cell {
    uint32_t offset;
    uint32_t length; /* the two top bits are flags */
};
#define BLOCK_QUOTED 0x80000000u /* stood in quotes */
#define BLOCK_SIDE 0x40000000u   /* unescaped: stands in the side buffer */
#define BLOCK_LENGTH 0x3fffffffu

struct block_record {
    uint64_t line;        /* of the input, on which it begins; 1 is first */
    uint32_t text_offset; /* the record as read, UTF-8, in `text` */
    uint32_t text_length; /* without its line end */
    uint32_t end_length;  /* bytes of the line end, directly behind; 0..n */
    uint32_t raw_offset;  /* the original bytes, in `raw` */
    uint32_t raw_length;  /* without the line end */
};

/* A record that could not be read as one: ragged, badly quoted, bad bytes. */
struct block_reject {
    struct block_record record;
    const char *column; /* NULL: none */
    const char *code;   /* a literal */
    const char *message;
    bool broken; /* the raw bytes are not one CSV record by themselves */
};

/* How the input was written: what `layout: return` must write again. */
struct block_origin {
    const char *charset;
    const unsigned char *header; /* original bytes of the header record */
    size_t header_length;        /* without its line end */
    struct fb_list header_names; /* as they stand there, UTF-8 */
    const unsigned char *bom;    /* bytes before it; may be empty */
    size_t bom_length;
    const char *line_end; /* of the header, in UTF-8: "\n", "\r\n", "\r" */
    unsigned char delimiter, quote;
    unsigned char escape, comment; /* 0: none */
    bool no_double_quote, skips_space;
};

struct block {
    uint64_t sequence; /* 0, 1, 2 ... within one input */
    uint32_t rows;
    uint32_t column_count; /* every row has this many cells */
    uint32_t reject_count;
    const unsigned char *text; /* UTF-8 */
    size_t text_size;
    const unsigned char *side;
    size_t side_size;
    const unsigned char *raw; /* == text when nothing was decoded */
    size_t raw_size;
    const struct block_reject *rejects; /* in line order */
    const struct block_origin *origin;  /* outlives the block: the input's */

    /* A list; NULL in a grid. */
    const struct block_cell *cells; /* rows x column_count, row by row */
    const struct block_record *records;

    /*
     * A grid; NULL in a list.  ends[row * column_count + column] is where the
     * cell ends: at its delimiter, at the first byte of the line end (\n or
     * \r\n), or at text_size.  The byte text[text_size] may be read.
     * A cell that begins with the quote is quoted to its end, and quotes in
     * it are doubled.
     */
    const uint32_t *ends;
    const uint32_t *raw_ends; /* the same in `raw`, of the last cell of each
                                 row; NULL when raw == text */
    const uint32_t *lines;    /* a row's line less first_line; NULL: `row` */
    uint64_t first_line;
    unsigned char quote;
};

/*
 * A block that takes over these pointers, each got from malloc or NULL, and
 * copies the rest of *from.  `arena` (taken over, may be NULL) holds what
 * rejects point to.  raw may equal text; it is freed once.
 */
struct block *block_new(const struct block *from, struct arena *arena);
void block_free(struct block *block); /* NULL is fine */

/* Where a row of a grid begins in `text`. */
static inline uint32_t
block_row_start(const struct block *block, uint32_t row)
{
    uint32_t end;

    if (row == 0)
        return 0;
    end = block->ends[(size_t)row * block->column_count - 1];
    return end + (block->text[end] == '\r' ? 2 : 1);
}

/* The line of the input on which a row begins. */
static inline uint64_t
block_line(const struct block *block, uint32_t row)
{
    if (block->ends == NULL)
        return block->records[row].line;
    return block->first_line + (block->lines != NULL ? block->lines[row] : row);
}

/* Of either form. */
struct block_record block_record(const struct block *block, uint32_t row);

/* Of cells in a list. */
static inline const unsigned char *
block_cell_text(const struct block *block, const struct block_cell *cell)
{
    const unsigned char *base =
        cell->length & BLOCK_SIDE ? block->side : block->text;

    return base + cell->offset;
}

#endif
