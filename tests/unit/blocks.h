/*
 * Blocks for the tests of rows in memory: a few lines of plain CSV become a
 * block as a codec would fill it, a list or a grid.  It is not a CSV reader.
 */
#ifndef UNIT_BLOCKS_H
#define UNIT_BLOCKS_H

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "batch/block.h"
#include "util/mem.h"

#define BLOCKS_CELLS_MAX 4096

struct blocks_build {
    struct block block;
    unsigned char *text, *side, *raw;
    struct block_cell *cells;
    struct block_record *records;
    uint32_t cell_count;
};

/* A cell at `at`, which ends before a comma or a line end; returns the end. */
static inline size_t
blocks_cell(struct blocks_build *b, size_t at)
{
    struct block_cell *cell = &b->cells[b->cell_count++];
    size_t end = at + 1, side = b->block.side_size;

    if (b->text[at] != '"') {
        end = at + strcspn((char *)b->text + at, ",\n");
        cell->offset = (uint32_t)at;
        cell->length = (uint32_t)(end - at);
        return end;
    }
    for (; b->text[end] != '"' || b->text[end + 1] == '"'; end++) {
        b->side[b->block.side_size++] = b->text[end];
        if (b->text[end] == '"')
            end++;
    }
    cell->offset = (uint32_t)side;
    cell->length =
        (uint32_t)(b->block.side_size - side) | BLOCK_SIDE | BLOCK_QUOTED;
    return end + 1;
}

/*
 * Every line is a record of `columns` cells; quoted cells stand in the side
 * buffer.  With `recoded` the raw bytes are the text in upper case, else the
 * text itself.  The first record stands on line `line`.
 */
static inline struct block *
block_of(const char *text, uint32_t columns, uint64_t line, bool recoded)
{
    struct blocks_build b = {.block = {.column_count = columns}};
    size_t size = strlen(text);

    b.text = (unsigned char *)mem_strdup(text);
    b.raw = b.text;
    b.side = mem_alloc(size);
    b.cells = mem_array(BLOCKS_CELLS_MAX, sizeof(*b.cells));
    b.records = mem_array(BLOCKS_CELLS_MAX, sizeof(*b.records));
    for (size_t at = 0; at < size; at++) {
        struct block_record *r = &b.records[b.block.rows++];

        r->line = line++;
        r->text_offset = r->raw_offset = (uint32_t)at;
        for (uint32_t c = 0; c < columns; c++)
            at = blocks_cell(&b, at + (c > 0));
        r->text_length = r->raw_length = (uint32_t)at - r->text_offset;
        r->end_length = 1;
    }
    if (recoded) {
        b.raw = (unsigned char *)mem_strdup(text);
        for (size_t i = 0; i < size; i++)
            b.raw[i] = (unsigned char)toupper(b.raw[i]);
    }
    b.block.text = b.text;
    b.block.text_size = size;
    b.block.side = b.side;
    b.block.raw = b.raw;
    b.block.raw_size = size;
    b.block.cells = b.cells;
    b.block.records = b.records;
    return block_new(&b.block, NULL);
}

/* The line ends of a row, at `at`: 0 at the end of the text. */
static inline size_t
blocks_line_end(const char *text, size_t at)
{
    return text[at] == '\0' ? 0 : text[at] == '\r' ? 2 : 1;
}

/*
 * The same as a grid: cells may hold line feeds in quotes, lines may end with
 * \r\n, the last may have no end.
 */
static inline struct block *
grid_of(const char *text, uint32_t columns, uint64_t line, bool recoded)
{
    size_t size = strlen(text), count = 0, at = 0;
    uint32_t *ends = mem_array(BLOCKS_CELLS_MAX, sizeof(*ends));
    uint32_t *raw_ends = mem_array(BLOCKS_CELLS_MAX, sizeof(*raw_ends));
    uint32_t *lines = mem_array(BLOCKS_CELLS_MAX, sizeof(*lines)), now = 0;
    unsigned char *copy = (unsigned char *)mem_strdup(text);
    unsigned char *raw = (unsigned char *)mem_strdup(text);
    struct block b = {.column_count = columns,
                      .text = copy,
                      .text_size = size,
                      .raw = recoded ? raw : copy,
                      .raw_size = size,
                      .ends = ends,
                      .raw_ends = recoded ? raw_ends : NULL,
                      .lines = lines,
                      .first_line = line,
                      .quote = '"'};

    for (; at < size; at += blocks_line_end(text, at)) {
        lines[b.rows] = now++;
        for (uint32_t c = 0; c < columns; c++) {
            bool quoted = false;

            at += c > 0;
            for (; quoted || !strchr(",\r\n", text[at]); at++) {
                quoted ^= text[at] == '"';
                now += text[at] == '\n';
            }
            ends[count++] = (uint32_t)at;
        }
        raw_ends[b.rows++] = (uint32_t)at;
    }
    for (size_t i = 0; i < size; i++)
        raw[i] = (unsigned char)toupper(raw[i]);
    if (!recoded) {
        free(raw);
        free(raw_ends);
    }
    return block_new(&b, NULL);
}

#endif
