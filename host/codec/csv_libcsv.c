/*
 * codec/csv_libcsv.c: the lane that libcsv drives.  It is fed one physical
 * line at a time, in strict mode, and never asked to trim: cells keep their
 * spaces (RFC 4180).  Where a cell stands in the text follows from what
 * libcsv gave so far, so that only cells with doubled quotes are copied.
 */
#include <assert.h>
#include <csv.h>
#include <stdlib.h>

#include "codec/lane.h"
#include "util/limits.h"
#include "util/mem.h"

#define OPTIONS (CSV_STRICT | CSV_STRICT_FINI)
#define GROWTH (64 * KIB) /* libcsv's own step, 128 bytes, is quadratic */

struct libcsv_lane {
    struct lane lane;
    struct csv_parser parser;
    unsigned char delimiter, quote, comment;
    struct lane_builder builder;
    const unsigned char *text;
    uint32_t cursor; /* where the next cell begins in the text */
    bool row_ended;
    bool failed; /* `error` says why; the callbacks cannot */
    struct fb_error error;
};

static int
is_no_space(unsigned char c)
{
    (void)c;
    return 0;
}

/* Copy a cell whose quotes were doubled; the length to note for it. */
static uint32_t
put_aside(struct libcsv_lane *l, const void *cell, size_t size,
          uint32_t *offset)
{
    struct buf *side = &l->builder.output->side;

    *offset = (uint32_t)side->size;
    if (buf_append(side, cell, size, &l->error) != 0)
        l->failed = true;
    return (uint32_t)size | BLOCK_QUOTED | BLOCK_SIDE;
}

static size_t
count_byte(const unsigned char *bytes, size_t size, unsigned char byte)
{
    const unsigned char *end = bytes + size;
    size_t count = 0;

    for (const unsigned char *p = bytes;
         (p = memchr(p, byte, (size_t)(end - p))) != NULL; p++)
        count++;
    return count;
}

/* Every quote of a cell stood twice in the text; nothing else was changed. */
static void
on_cell(void *cell, size_t size, void *arg)
{
    struct libcsv_lane *l = arg;
    uint32_t offset = l->cursor, length = (uint32_t)size;
    size_t doubled;

    /* An empty cell may be the last of the text. */
    if (offset >= l->builder.input->chunk->text.size ||
        l->text[offset] != l->quote) {
        l->cursor += length + 1;
        lane_cell(&l->builder, offset, length);
        return;
    }
    doubled = size > 0 ? count_byte(cell, size, l->quote) : 0;
    l->cursor += length + (uint32_t)doubled + 3;
    offset++;
    length |= BLOCK_QUOTED;
    if (doubled > 0)
        length = put_aside(l, cell, size, &offset);
    lane_cell(&l->builder, offset, length);
}

static void
on_row(int terminator, void *arg)
{
    struct libcsv_lane *l = arg;

    (void)terminator;
    l->row_ended = true;
}

/* Leave whatever record was begun; strict libcsv would keep an open quote. */
static void
forget(struct libcsv_lane *l)
{
    csv_set_opts(&l->parser, 0);
    csv_fini(&l->parser, NULL, NULL, NULL);
    csv_set_opts(&l->parser, OPTIONS);
}

static int
fail_record(struct libcsv_lane *l, enum lane_problem problem, uint32_t offset,
            uint32_t *next, struct fb_error *err)
{
    forget(l);
    *next = l->builder.record.first_line + 1;
    return lane_fail(&l->builder, problem, offset, err);
}

/* What strict libcsv refused, by the byte at which it stopped. */
static int
refuse(struct libcsv_lane *l, uint32_t offset, uint32_t *next,
       struct fb_error *err)
{
    if (csv_error(&l->parser) != CSV_EPARSE)
        return fb_fail(err, FB_E_LIMIT, "cannot get memory for a cell");
    return fail_record(l,
                       l->text[offset] == l->quote ? LANE_QUOTE_IN_CELL
                                                   : LANE_TEXT_AFTER_QUOTE,
                       offset, next, err);
}

/* The input ends with a line that has no end. */
static int
finish_last(struct libcsv_lane *l, uint32_t *next, struct fb_error *err)
{
    if (csv_fini(&l->parser, on_cell, on_row, l) != 0)
        return fail_record(l, LANE_UNCLOSED_QUOTE, l->cursor, next, err);
    return 0;
}

/* One line more of the record; l->row_ended tells whether it is whole, and
 * *next moves only when the record was refused. */
static int
feed_line(struct libcsv_lane *l, uint32_t index, uint32_t *next,
          struct fb_error *err)
{
    const struct chunk *chunk = l->builder.input->chunk;
    const struct text_line *line = &chunk->lines[index];
    size_t size = line->text_length + line->text_end, taken;

    if (lane_line(&l->builder, index, err) != 0)
        return -1;
    taken = csv_parse(&l->parser, l->text + line->text_offset, size, on_cell,
                      on_row, l);
    if (taken != size)
        return refuse(l, line->text_offset + (uint32_t)taken, next, err);
    if (!l->row_ended && chunk->ended && index + 1 == chunk->count)
        return finish_last(l, next, err);
    if (!l->row_ended && lane_is_too_long(&l->builder))
        return fail_record(l, LANE_UNCLOSED_QUOTE, l->cursor, next, err);
    return 0;
}

/* The record that begins on line `first`; *next stays when it is open. */
static int
read_record(struct lane *lane, uint32_t first, uint32_t *next,
            struct fb_error *err)
{
    struct libcsv_lane *l = (struct libcsv_lane *)lane;
    const struct chunk *chunk = l->builder.input->chunk;
    uint32_t line = first;

    lane_begin(&l->builder, first);
    l->cursor = chunk->lines[first].text_offset;
    l->row_ended = false;
    while (!l->row_ended && *next == first && line < chunk->count)
        if (feed_line(l, line++, next, err) != 0)
            return -1;
    if (l->failed) {
        *err = l->error;
        return -1;
    }
    if (*next != first)
        return 0;
    if (l->row_ended) {
        *next = line;
        return lane_end(&l->builder, err);
    }
    /* Open: it is read again when more lines have come. */
    forget(l);
    lane_drop(&l->builder);
    return 0;
}

static int
parse(struct lane *lane, const struct lane_input *input,
      struct lane_output *output, uint32_t *next, struct fb_error *err)
{
    struct libcsv_lane *l = (struct libcsv_lane *)lane;

    l->builder = (struct lane_builder){.input = input, .output = output};
    l->text = input->chunk->text.data;
    return lane_each_record(lane, input, output, l->comment, read_record, next,
                            err);
}

static void
release(struct lane *lane)
{
    struct libcsv_lane *l = (struct libcsv_lane *)lane;

    csv_free(&l->parser);
    free(l);
}

static const struct lane_class libcsv_class = {
    .name = "libcsv",
    .parse = parse,
    .free = release,
};

bool
lane_libcsv_knows(const struct format *format)
{
    const struct dialect *d = &format->dialect;

    return format_quote(format) != 0 && d->double_quote &&
           format_escape(format) == 0 && !d->skip_initial_space &&
           format_terminator(format) == NULL;
}

struct lane *
lane_libcsv_new(const struct format *format)
{
    struct libcsv_lane *l = mem_zalloc(sizeof(*l));

    assert(lane_libcsv_knows(format));
    l->lane.class = &libcsv_class;
    l->delimiter = format_delimiter(format);
    l->quote = format_quote(format);
    l->comment = format_comment(format);
    if (csv_init(&l->parser, OPTIONS) != 0)
        abort(); /* only for options that it does not know */
    csv_set_delim(&l->parser, l->delimiter);
    csv_set_quote(&l->parser, l->quote);
    csv_set_space_func(&l->parser, is_no_space);
    csv_set_realloc_func(&l->parser, mem_try_realloc);
    csv_set_blk_size(&l->parser, GROWTH);
    return &l->lane;
}
