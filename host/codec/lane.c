/*
 * codec/lane.c: choosing a lane, and what all lanes need to note records.
 */
#include "codec/lane.h"

#include <assert.h>
#include <stdlib.h>

#include "util/limits.h"

/* Of every two bytes of text one can be a cell; two times that for what a
 * record may pass RECORD_MAX. */
#define CELLS_BYTES_MAX (64 * RECORD_MAX)

int
lane_choose(const struct format *format, struct lane **lane,
            struct fb_error *err)
{
    const char *wanted = getenv("FOREBAY_CSV");

    if (wanted != NULL && wanted[0] != '\0' && strcmp(wanted, "libcsv") != 0) {
        fb_fail(err, FB_E_CONFIG, "FOREBAY_CSV names no lane: '%s'", wanted);
        return fb_hint(err, "the only one to demand is 'libcsv'");
    }
    if (!lane_libcsv_knows(format))
        *lane = lane_dialect_new(format);
    else if (wanted != NULL && wanted[0] != '\0')
        *lane = lane_libcsv_new(format);
    else
        *lane = lane_plain_new(format);
    return 0;
}

void
lane_output_init(struct lane_output *output)
{
    *output = (struct lane_output){.count = 0};
    buf_init(&output->records, CELLS_BYTES_MAX);
    buf_init(&output->cells, CELLS_BYTES_MAX);
    buf_init(&output->side, 4 * RECORD_MAX);
}

void
lane_output_release(struct lane_output *output)
{
    buf_release(&output->records);
    buf_release(&output->cells);
    buf_release(&output->side);
}

void
lane_output_clear(struct lane_output *output)
{
    buf_clear(&output->records);
    buf_clear(&output->cells);
    buf_clear(&output->side);
    output->count = 0;
}

void
lane_begin(struct lane_builder *builder, uint32_t line)
{
    struct lane_output *output = builder->output;

    builder->record = (struct lane_record){
        .first_line = line,
        .first_cell =
            (uint32_t)(output->cells.size / sizeof(struct block_cell)),
    };
    builder->side_start = output->side.size;
}

int
lane_line(struct lane_builder *builder, uint32_t line, struct fb_error *err)
{
    size_t most = (size_t)builder->input->chunk->lines[line].text_length + 1;
    uint32_t room = builder->input->cells_max - builder->record.stored;

    if (most > room)
        most = room;
    builder->record.line_count++;
    return buf_reserve(&builder->output->cells,
                       most * sizeof(struct block_cell), err);
}

void
lane_cell(struct lane_builder *builder, uint32_t offset, uint32_t length)
{
    struct buf *cells = &builder->output->cells;
    struct block_cell cell = {offset, length};

    builder->record.cell_count++;
    if (builder->record.stored == builder->input->cells_max)
        return;
    assert(cells->size + sizeof(cell) < cells->capacity);
    memcpy(cells->data + cells->size, &cell, sizeof(cell));
    cells->size += sizeof(cell);
    builder->record.stored++;
}

int
lane_end(struct lane_builder *builder, struct fb_error *err)
{
    builder->output->count++;
    return buf_append(&builder->output->records, &builder->record,
                      sizeof(builder->record), err);
}

void
lane_drop(struct lane_builder *builder)
{
    builder->output->cells.size =
        builder->record.first_cell * sizeof(struct block_cell);
    builder->output->side.size = builder->side_start;
}

int
lane_fail(struct lane_builder *builder, enum lane_problem problem,
          uint32_t offset, struct fb_error *err)
{
    struct lane_record *record = &builder->record;

    lane_drop(builder);
    record->problem = problem;
    record->problem_offset = offset;
    record->problem_cell = record->cell_count;
    record->cell_count = 0;
    record->stored = 0;
    record->line_count = 1;
    return lane_end(builder, err);
}

bool
lane_is_too_long(const struct lane_builder *builder)
{
    const struct text_line *lines = builder->input->chunk->lines;
    const struct lane_record *record = &builder->record;
    const struct text_line *last =
        &lines[record->first_line + record->line_count - 1];

    return last->text_offset + last->text_length -
               lines[record->first_line].text_offset >
           RECORD_MAX;
}

int
lane_each_record(struct lane *lane, const struct lane_input *input,
                 struct lane_output *output, unsigned char comment,
                 lane_record_fn read, uint32_t *next, struct fb_error *err)
{
    const struct chunk *chunk = input->chunk;

    *next = input->from;
    while (*next < chunk->count && output->count < input->records_max) {
        const struct text_line *line = &chunk->lines[*next];
        uint32_t before = *next;

        if (line->text_length == 0 ||
            (comment != 0 && chunk->text.data[line->text_offset] == comment))
            ++*next;
        else if (read(lane, before, next, err) != 0)
            return -1;
        else if (*next == before)
            break;
    }
    return 0;
}
