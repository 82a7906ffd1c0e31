/*
 * What the tests and fuzz targets of the lanes share: a text through one
 * lane, shown as text, so that two lanes can be compared.
 */
#ifndef UNIT_LANE_KIT_H
#define UNIT_LANE_KIT_H

#include <stdlib.h>

#include "codec/lane.h"
#include "util/error.h"

/* How a text comes to a lane. */
struct lane_case {
    const unsigned char *text;
    size_t size;
    size_t target;        /* bytes of text before the lane is called */
    uint32_t records_max; /* of one call */
    uint32_t cells_max;
};

struct lane_source {
    const struct lane_case *of;
    size_t at;
};

static inline int
lane_kit_read(void *arg, unsigned char *bytes, size_t size, size_t *got,
              struct fb_error *err)
{
    struct lane_source *s = (struct lane_source *)arg;

    (void)err;
    *got = s->of->size - s->at < size ? s->of->size - s->at : size;
    if (*got > 0)
        memcpy(bytes, s->of->text + s->at, *got);
    s->at += *got;
    return 0;
}

static inline void
lane_kit_check(int status)
{
    if (status != 0)
        abort(); /* the inputs are small: nothing may fail */
}

static inline void
lane_kit_show(const struct chunk *chunk, const struct lane_output *output,
              struct buf *out)
{
    const struct block view = {.text = chunk->text.data,
                               .side = output->side.data};
    struct fb_error err;

    for (uint32_t i = 0; i < output->count; i++) {
        const struct lane_record *r = &lane_records(output)[i];

        lane_kit_check(buf_printf(out, &err, "%u+%u %u/%u",
                                  (unsigned)chunk->first_line + r->first_line,
                                  r->line_count, r->stored, r->cell_count));
        if (r->problem != LANE_OK)
            lane_kit_check(buf_printf(
                out, &err, " problem %d at %u cell %u", (int)r->problem,
                (unsigned)chunk->raw_base + r->problem_offset,
                r->problem_cell));
        for (uint32_t c = 0; c < r->stored; c++) {
            const struct block_cell *cell =
                &lane_cells(output)[r->first_cell + c];

            lane_kit_check(buf_puts(
                out, cell->length & BLOCK_QUOTED ? " q[" : " [", &err));
            lane_kit_check(buf_append(out, block_cell_text(&view, cell),
                                      cell->length & BLOCK_LENGTH, &err));
            lane_kit_check(buf_puts(out, "]", &err));
        }
        lane_kit_check(buf_puts(out, "\n", &err));
    }
}

/* Everything that the lane says about the text, appended to out. */
static inline void
lane_kit_run(struct lane *lane, const struct format *format,
             const struct lane_case *of, struct buf *out)
{
    struct lane_source source = {of, 0};
    struct byte_input bytes = {lane_kit_read, &source};
    struct fb_error err = FB_ERROR_INIT;
    struct lines *lines;
    struct charset charset;
    struct decoder *decoder;
    struct chunk chunk;
    struct lane_output output;
    size_t target = of->target;
    uint32_t next = 0;

    lane_kit_check(charset_find("utf-8", &charset, &err));
    lane_kit_check(decoder_open(&charset, &decoder, &err));
    lines = lines_new(&bytes);
    lane_kit_check(lines_set(lines, &charset, format_terminator(format), &err));
    chunk_init(&chunk);
    lane_output_init(&output);
    do {
        struct lane_input input = {.chunk = &chunk,
                                   .records_max = of->records_max,
                                   .cells_max = of->cells_max};

        lane_kit_check(
            chunk_fill(&chunk, lines, decoder, target, UINT32_MAX, &err));
        lane_output_clear(&output);
        lane_kit_check(lane_parse(lane, &input, &output, &next, &err));
        lane_kit_show(&chunk, &output, out);
        lane_kit_check(chunk_drop(&chunk, next, &err));
        target = next > 0 ? of->target : 2 * chunk.text.size + 1;
    } while (!chunk.ended || chunk.count > 0);
    lane_output_release(&output);
    chunk_release(&chunk);
    decoder_close(decoder);
    lines_free(lines);
}

#endif
