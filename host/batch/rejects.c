/*
 * batch/rejects.c: rejected rows as a list and as cells.  Writing them back
 * in the uploader's own notation is the codec's business.
 */
#include "batch/rejects.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "util/mem.h"

enum { LINE, COLUMN, CODE, MESSAGE, RECORD, REJECT_COLUMNS };

#define REJECT_COLUMN(name_, type_)                    \
    {                                                  \
        .name = name_, .type = type_, .constraints = { \
            .min_length = -1,                          \
            .max_length = -1                           \
        }                                              \
    }

static const struct fb_column reject_items[REJECT_COLUMNS] = {
    [LINE] = REJECT_COLUMN("_line", FB_C_INTEGER),
    [COLUMN] = REJECT_COLUMN("_column", FB_C_STRING),
    [CODE] = REJECT_COLUMN("_code", FB_C_STRING),
    [MESSAGE] = REJECT_COLUMN("_message", FB_C_STRING),
    [RECORD] = REJECT_COLUMN("_record", FB_C_STRING),
};

static const char *const reject_missing[] = {""};

const struct columns reject_columns = {
    .count = REJECT_COLUMNS,
    .items = reject_items,
    .missing = {ARRAY_SIZE(reject_missing), reject_missing},
};

void
rejects_release(struct rejects *rejects)
{
    free(rejects->items);
    memset(rejects, 0, sizeof(*rejects));
}

void
rejects_add(struct rejects *rejects, const struct reject *reject)
{
    if (rejects->count == rejects->capacity) {
        assert(rejects->capacity < UINT32_MAX / 2);
        rejects->capacity = rejects->capacity ? rejects->capacity * 2 : 8;
        rejects->items = mem_regrow(rejects->items, rejects->capacity,
                                    sizeof(*rejects->items));
    }
    rejects->items[rejects->count++] = *reject;
}

void
reject_of_record(struct reject *reject, const struct block *block,
                 const struct block_record *record)
{
    assert((size_t)record->text_offset + record->text_length <=
           block->text_size);
    assert((size_t)record->raw_offset + record->raw_length <= block->raw_size);
    reject->line = record->line;
    reject->text = block->text + record->text_offset;
    reject->text_length = record->text_length;
    reject->raw = block->raw + record->raw_offset;
    reject->raw_length = record->raw_length;
    reject->has_raw = true;
}

static bool
needs_quotes(const struct fb_cell *cell)
{
    for (uint32_t i = 0; i < cell->len; i++)
        if (memchr(",\"\r\n", cell->ptr[i], 4) != NULL)
            return true;
    return false;
}

static unsigned char *
put_cell(unsigned char *to, const struct fb_cell *cell)
{
    bool quotes = needs_quotes(cell);

    if (quotes)
        *to++ = '"';
    for (uint32_t i = 0; i < cell->len; i++) {
        if (cell->ptr[i] == '"')
            *to++ = '"';
        *to++ = cell->ptr[i];
    }
    if (quotes)
        *to++ = '"';
    return to;
}

void
reject_of_cells(struct reject *reject, const struct fb_cell *cells,
                uint32_t count, struct hold **hold)
{
    size_t size = 0;
    unsigned char *text, *end;

    for (uint32_t c = 0; c < count; c++)
        size += 2 * (size_t)cells[c].len + 3; /* quotes and a comma */
    text = end = hold_alloc(hold, size);
    for (uint32_t c = 0; c < count; c++) {
        if (c > 0)
            *end++ = ',';
        end = put_cell(end, &cells[c]);
    }
    assert((size_t)(end - text) <= size && size <= UINT32_MAX);
    reject->text = text;
    reject->text_length = (uint32_t)(end - text);
}

void
rejects_add_block(struct rejects *rejects, const struct block *block)
{
    for (uint32_t i = 0; i < block->reject_count; i++) {
        const struct block_reject *from = &block->rejects[i];
        struct reject reject = {
            .column = from->column,
            .code = from->code,
            .message = from->message,
            .broken = from->broken,
        };

        reject_of_record(&reject, block, &from->record);
        rejects_add(rejects, &reject);
    }
}

static bool
in_order(const struct rejects *rejects)
{
    for (uint32_t i = 1; i < rejects->count; i++)
        if (rejects->items[i].line < rejects->items[i - 1].line)
            return false;
    return true;
}

/* Merge the sorted halves of from[0..count) into to. */
static void
merge(struct reject *to, const struct reject *from, uint32_t half,
      uint32_t count)
{
    uint32_t left = 0, right = half;

    for (uint32_t i = 0; i < count; i++)
        if (right == count ||
            (left < half && from[left].line <= from[right].line))
            to[i] = from[left++];
        else
            to[i] = from[right++];
}

/* Sorts items[0..count) with room for as many in `room`. */
static void
merge_sort(struct reject *items, struct reject *room, uint32_t count)
{
    uint32_t half = count / 2;

    if (count < 2)
        return;
    merge_sort(items, room, half);
    merge_sort(items + half, room + half, count - half);
    memcpy(room, items, count * sizeof(*items));
    merge(items, room, half, count);
}

/* qsort is not stable, and its order would differ between C libraries. */
void
rejects_sort(struct rejects *rejects)
{
    AUTO_FREE struct reject *room = NULL;

    if (in_order(rejects))
        return;
    room = mem_array(rejects->count, sizeof(*room));
    merge_sort(rejects->items, room, rejects->count);
}

static struct fb_cell
cell_of_text(const char *text)
{
    struct fb_cell cell = {(const unsigned char *)"", 0, 0};

    if (text != NULL) {
        cell.ptr = (const unsigned char *)text;
        cell.len = (uint32_t)strlen(text);
    }
    return cell;
}

static struct fb_cell
cell_of_line(uint64_t line, struct hold **hold)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRIu64, line);
    return cell_of_text(hold_strdup(hold, text));
}

const struct fb_cell *const *
rejects_cells(const struct reject *items, uint32_t count, struct hold **hold)
{
    const struct fb_cell **columns =
        hold_array(hold, REJECT_COLUMNS, sizeof(const struct fb_cell *));
    struct fb_cell *cells[REJECT_COLUMNS];

    for (uint32_t c = 0; c < REJECT_COLUMNS; c++)
        columns[c] = cells[c] = hold_array(hold, count, sizeof(**cells));
    for (uint32_t i = 0; i < count; i++) {
        const struct reject *r = &items[i];

        cells[LINE][i] = cell_of_line(r->line, hold);
        cells[COLUMN][i] = cell_of_text(r->column);
        cells[CODE][i] = cell_of_text(r->code);
        cells[MESSAGE][i] = cell_of_text(r->message);
        cells[RECORD][i].ptr = r->text;
        cells[RECORD][i].len = r->text_length;
    }
    return columns;
}
