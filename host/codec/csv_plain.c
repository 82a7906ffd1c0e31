/*
 * codec/csv_plain.c: the lane for the common case.  A physical line without a
 * quote is a record by itself, and its cells stand between its delimiters:
 * nobody needs to ask libcsv.  Every record that begins with another line is
 * libcsv's, so the two can only say the same.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "codec/lane.h"
#include "util/mem.h"

struct plain_lane {
    struct lane lane;
    struct lane *libcsv;
    unsigned char delimiter, quote, comment;
    struct lane_builder builder;
};

/* A last line without an end may still be a part of one. */
static bool
is_plain(const struct plain_lane *l, const struct text_line *line)
{
    const struct chunk *chunk = l->builder.input->chunk;

    return (line->text_end > 0 || chunk->ended) &&
           memchr(chunk->text.data + line->text_offset, l->quote,
                  line->text_length) == NULL;
}

static int
read_plain(struct plain_lane *l, uint32_t first, struct fb_error *err)
{
    const struct chunk *chunk = l->builder.input->chunk;
    const struct text_line *line = &chunk->lines[first];
    const unsigned char *text = chunk->text.data;
    uint32_t at = line->text_offset, end = at + line->text_length;
    const unsigned char *delimiter;

    lane_begin(&l->builder, first);
    if (lane_line(&l->builder, first, err) != 0)
        return -1;
    while ((delimiter = memchr(text + at, l->delimiter, end - at)) != NULL) {
        lane_cell(&l->builder, at, (uint32_t)(delimiter - text) - at);
        at = (uint32_t)(delimiter - text) + 1;
    }
    lane_cell(&l->builder, at, end - at);
    return lane_end(&l->builder, err);
}

static int
read_record(struct lane *lane, uint32_t first, uint32_t *next,
            struct fb_error *err)
{
    struct plain_lane *l = (struct plain_lane *)lane;
    struct lane_input one = *l->builder.input;

    if (is_plain(l, &one.chunk->lines[first])) {
        *next = first + 1;
        return read_plain(l, first, err);
    }
    one.from = first;
    one.records_max = l->builder.output->count + 1;
    return lane_parse(l->libcsv, &one, l->builder.output, next, err);
}

static int
parse(struct lane *lane, const struct lane_input *input,
      struct lane_output *output, uint32_t *next, struct fb_error *err)
{
    struct plain_lane *l = (struct plain_lane *)lane;

    l->builder = (struct lane_builder){.input = input, .output = output};
    return lane_each_record(lane, input, output, l->comment, read_record, next,
                            err);
}

static void
release(struct lane *lane)
{
    struct plain_lane *l = (struct plain_lane *)lane;

    lane_free(l->libcsv);
    free(l);
}

static const struct lane_class plain_class = {
    .name = "plain",
    .parse = parse,
    .free = release,
};

struct lane *
lane_plain_new(const struct format *format)
{
    struct plain_lane *l = mem_zalloc(sizeof(*l));

    assert(lane_libcsv_knows(format));
    l->lane.class = &plain_class;
    l->libcsv = lane_libcsv_new(format);
    l->delimiter = format_delimiter(format);
    l->quote = format_quote(format);
    l->comment = format_comment(format);
    return &l->lane;
}
