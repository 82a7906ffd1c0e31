/*
 * codec/records.c: the line of work from bytes to a block whose index is a
 * list: lines, chunk (decoding), lane (records and cells), and here: which
 * records are rows, and which are rejected and why (verdict.c).
 */
#include "codec/records.h"

#include <assert.h>
#include <stdlib.h>

#include "util/limits.h"
#include "util/mem.h"

void
records_init(struct records *records)
{
    *records = (struct records){.lines = NULL};
    chunk_init(&records->chunk);
    lane_output_init(&records->output);
}

void
records_release(struct records *records)
{
    lane_free(records->lane);
    decoder_close(records->decoder);
    lines_free(records->lines);
    chunk_release(&records->chunk);
    lane_output_release(&records->output);
}

int
records_open(struct records *records, const struct byte_input *input,
             struct fb_error *err)
{
    if (records->lines == NULL)
        records->lines = lines_new(input);
    if (lines_set(records->lines, records->charset,
                  format_terminator(records->format), err) != 0 ||
        decoder_open(records->charset, &records->decoder, err) != 0)
        return -1;
    return lane_choose(records->format, &records->lane, err);
}

void
records_begin(struct records *records, uint64_t line, uint64_t offset)
{
    chunk_begin(&records->chunk, line, offset);
    lines_begin(records->lines, line - 1);
    records->from = 0;
}

/* Nothing follows in the input, and all of it was read. */
static bool
has_ended(const struct records *records)
{
    return records->chunk.ended && records->from == records->chunk.count;
}

int
records_first(struct records *r, struct fb_error *err)
{
    struct lane_input input = {
        .chunk = &r->chunk, .records_max = 1, .cells_max = COLUMNS_MAX + 1};
    size_t target = 1; /* a line */
    uint32_t next;

    do {
        if (chunk_fill(&r->chunk, r->lines, r->decoder, target, BATCH_ROWS_MAX,
                       err) != 0)
            return -1;
        lane_output_clear(&r->output);
        if (lane_parse(r->lane, &input, &r->output, &next, err) != 0)
            return -1;
        if (r->output.count == 0 && next > 0 && !r->chunk.ended) {
            /* Comments and blank lines. */
            if (chunk_drop(&r->chunk, next, err) != 0)
                return -1;
        } else {
            target = 2 * r->chunk.text.size + READ_SIZE;
        }
    } while (r->output.count == 0 && !r->chunk.ended);
    r->from = next;
    return 0;
}

struct verdicts
records_verdicts(struct records *r, struct arena *arena)
{
    return (struct verdicts){
        .chunk = &r->chunk,
        .output = &r->output,
        .charset = r->charset,
        .decoder = r->decoder,
        .on_bad_char = (enum bad_char)r->format->on_bad_char,
        .columns = r->columns,
        .arena = arena,
    };
}

static int
fill(struct records *r, size_t target, uint32_t lines_max, bool all,
     struct fb_error *err)
{
    if (chunk_fill(&r->chunk, r->lines, r->decoder, target, lines_max, err) !=
        0)
        return -1;
    while (all && !r->chunk.ended)
        if (chunk_fill(&r->chunk, r->lines, r->decoder,
                       2 * r->chunk.text.size + READ_SIZE, UINT32_MAX,
                       err) != 0)
            return -1;
    return 0;
}

/* Lines for about one block, cut into records; false at the end. */
static int
read_records(struct records *r, size_t target, bool all, bool *got,
             struct fb_error *err)
{
    struct lane_input input = {.chunk = &r->chunk,
                               .records_max = all ? UINT32_MAX : BATCH_ROWS_MAX,
                               .cells_max = r->columns->count};
    size_t least = target;
    uint32_t lines_max = BATCH_ROWS_MAX, next;

    for (;;) {
        if (fill(r, target, lines_max, all, err) != 0)
            return -1;
        lane_output_clear(&r->output);
        if (buf_reserve(&r->output.cells, r->cells_size, err) != 0)
            return -1;
        input.from = r->from;
        if (lane_parse(r->lane, &input, &r->output, &next, err) != 0)
            return -1;
        *got = r->output.count > 0;
        r->from = next;
        if (*got || has_ended(r))
            return 0;
        /* Nothing but blank lines, or one record that is still open. */
        if (next > 0 && chunk_drop(&r->chunk, next, err) != 0)
            return -1;
        r->from = 0;
        target = 2 * r->chunk.text.size;
        if (target < least)
            target = least;
        lines_max = 2 * r->chunk.count + BATCH_ROWS_MAX;
    }
}

static void
note_record(const struct records *r, const struct lane_record *from,
            struct block_record *record)
{
    const struct text_line *first = &r->chunk.lines[from->first_line];
    const struct text_line *last = first + from->line_count - 1;

    *record = (struct block_record){
        .line = r->chunk.first_line + from->first_line,
        .text_offset = first->text_offset,
        .text_length =
            last->text_offset + last->text_length - first->text_offset,
        .end_length = last->text_end,
        .raw_offset = first->raw_offset,
        .raw_length = last->raw_offset + last->raw_length - first->raw_offset,
    };
}

/* What becomes a block: rows, their cells moved together, and rejects. */
struct rows {
    struct block_record *records;
    struct block_reject *rejects;
    uint32_t count, reject_count;
};

static int
judge_records(struct records *r, struct verdicts *v, struct rows *rows,
              struct fb_error *err)
{
    const struct lane_record *found = lane_records(&r->output);
    struct block_cell *cells = lane_cells(&r->output);
    size_t width = r->columns->count;

    for (uint32_t i = 0; i < r->output.count; i++) {
        struct block_reject reject = {.code = NULL};

        note_record(r, &found[i], &reject.record);
        if (verdict_of_record(v, &found[i], &reject, err) != 0)
            return -1;
        if (reject.code != NULL) {
            rows->rejects[rows->reject_count++] = reject;
            continue;
        }
        assert(found[i].stored == width && found[i].cell_count == width);
        if (found[i].first_cell != rows->count * width)
            memmove(cells + rows->count * width, cells + found[i].first_cell,
                    width * sizeof(*cells));
        rows->records[rows->count++] = reject.record;
    }
    return 0;
}

/* The block gets the memory of the chunk and of the output. */
static int
make_block(struct records *r, const struct rows *rows, struct arena *arena,
           struct block **block, struct fb_error *err)
{
    struct block from = {
        .rows = rows->count,
        .column_count = r->columns->count,
        .reject_count = rows->reject_count,
        .records = rows->records,
        .rejects = rows->rejects,
        .origin = r->origin,
    };
    struct buf text, raw;
    bool shared;

    if (chunk_take(&r->chunk, r->from, &text, &raw, &shared, err) != 0) {
        buf_release(&text);
        buf_release(&raw);
        return -1;
    }
    r->from = 0;
    from.text = text.data;
    from.text_size = text.size;
    from.raw = shared ? text.data : raw.data;
    from.raw_size = shared ? text.size : raw.size;
    from.cells = lane_cells(&r->output);
    from.side = r->output.side.data;
    from.side_size = r->output.side.size;
    r->cells_size = r->output.cells.size;
    r->output.cells.data = NULL;
    r->output.side.data = NULL;
    buf_release(&r->output.cells);
    buf_release(&r->output.side);
    *block = block_new(&from, arena);
    return 0;
}

int
records_next(struct records *r, size_t target, bool all, struct block **block,
             struct fb_error *err)
{
    struct rows rows = {.records = NULL};
    struct arena *arena;
    struct verdicts v;
    bool got;

    *block = NULL;
    if (has_ended(r))
        return 0;
    if (read_records(r, target, all, &got, err) != 0)
        return -1;
    if (!got)
        return 0;
    arena = arena_new();
    rows.records = mem_array(r->output.count, sizeof(*rows.records));
    rows.rejects = mem_array(r->output.count, sizeof(*rows.rejects));
    v = records_verdicts(r, arena);
    verdicts_start(&v);
    if (judge_records(r, &v, &rows, err) == 0 &&
        make_block(r, &rows, arena, block, err) == 0)
        return 0;
    free(rows.records);
    free(rows.rejects);
    arena_free(arena);
    return -1;
}
