/*
 * codec/csv_dialect.c: the lane for dialects that libcsv has no words for:
 * an escape character, no doubling of quotes, no quotes at all, spaces to
 * skip, line ends of their own.  For dialects that libcsv knows it gives what
 * libcsv gives, which is how it is tested.
 *
 * An escape character takes the meaning from what follows it, inside quotes
 * and outside: a quote, a delimiter, itself, or a whole line end.
 */
#include <assert.h>
#include <stdlib.h>

#include "codec/lane.h"
#include "util/mem.h"

enum state {
    AT_START = 1, /* of a cell: nothing of it was seen */
    IN_PLAIN,
    IN_QUOTES,
    AFTER_QUOTE, /* that closes the cell, or is the first of two */
};

struct dialect_lane {
    struct lane lane;
    unsigned char delimiter, quote, escape, comment; /* 0: none */
    bool double_quote, skip_space;
    bool special[256]; /* bytes at which more than copying is to be done */
    struct lane_builder builder;
    const unsigned char *text;
    enum state state;
    uint32_t opened;  /* where the cell begins in the text, its quote too */
    uint32_t piece;   /* from here on nothing of it was copied aside */
    uint32_t side_at; /* where it begins in the side buffer */
    bool aside;       /* some of it was copied aside */
    bool escaped;     /* an escape character ends the line */
    enum lane_problem problem;
    uint32_t problem_offset;
};

static void
start_cell(struct dialect_lane *l, uint32_t offset)
{
    l->state = AT_START;
    l->opened = l->piece = offset;
    l->aside = false;
}

/* Copy what was not copied, up to `offset`, and go on behind the `skipped`
 * bytes that are no part of the cell. */
static int
put_aside(struct dialect_lane *l, uint32_t offset, uint32_t skipped,
          struct fb_error *err)
{
    struct buf *side = &l->builder.output->side;
    uint32_t from = l->piece;

    if (!l->aside)
        l->side_at = (uint32_t)side->size;
    l->aside = true;
    l->piece = offset + skipped;
    return buf_append(side, l->text + from, offset - from, err);
}

/* The cell ends before `end`, where its text (without a closing quote) does. */
static int
end_cell(struct dialect_lane *l, uint32_t end, struct fb_error *err)
{
    uint32_t flags = l->state == AFTER_QUOTE ? BLOCK_QUOTED : 0;

    if (l->aside) {
        if (put_aside(l, end, 0, err) != 0)
            return -1;
        lane_cell(&l->builder, l->side_at,
                  ((uint32_t)l->builder.output->side.size - l->side_at) |
                      flags | BLOCK_SIDE);
    } else {
        lane_cell(&l->builder, l->piece, (end - l->piece) | flags);
    }
    return 0;
}

static int
on_delimiter(struct dialect_lane *l, uint32_t at, struct fb_error *err)
{
    if (l->state == IN_QUOTES)
        return 0;
    if (end_cell(l, l->state == AFTER_QUOTE ? at - 1 : at, err) != 0)
        return -1;
    start_cell(l, at + 1);
    return 0;
}

static void
refuse(struct dialect_lane *l, enum lane_problem problem, uint32_t at)
{
    l->problem = problem;
    l->problem_offset = at;
}

static int
on_quote(struct dialect_lane *l, uint32_t at, struct fb_error *err)
{
    switch (l->state) {
    case AT_START:
        l->state = IN_QUOTES;
        l->opened = at;
        l->piece = at + 1;
        return 0;
    case IN_PLAIN:
        refuse(l, LANE_QUOTE_IN_CELL, at);
        return 0;
    case IN_QUOTES:
        l->state = AFTER_QUOTE;
        return 0;
    case AFTER_QUOTE:
        if (!l->double_quote) {
            refuse(l, LANE_QUOTE_IN_CELL, at);
            return 0;
        }
        l->state = IN_QUOTES;
        /* The first of the two stays, the second goes. */
        return put_aside(l, at, 1, err);
    }
    abort(); /* no other state */
}

static int
on_escape(struct dialect_lane *l, uint32_t at, struct fb_error *err)
{
    if (l->state == AFTER_QUOTE) {
        refuse(l, LANE_TEXT_AFTER_QUOTE, at);
        return 0;
    }
    if (l->state == AT_START)
        l->state = IN_PLAIN;
    return put_aside(l, at, 1, err);
}

static void
on_plain(struct dialect_lane *l, uint32_t at)
{
    if (l->state == AT_START && l->skip_space && l->text[at] == ' ')
        l->opened = l->piece = at + 1;
    else if (l->state == AT_START)
        l->state = IN_PLAIN;
    else if (l->state == AFTER_QUOTE)
        refuse(l, LANE_TEXT_AFTER_QUOTE, at);
}

/* The content of one line, without its end. */
static int
read_line(struct dialect_lane *l, const struct text_line *line,
          struct fb_error *err)
{
    uint32_t at = line->text_offset, end = at + line->text_length;
    int status = 0;

    l->escaped = false;
    for (; at < end && status == 0 && l->problem == LANE_OK; at++) {
        unsigned char c = l->text[at];

        if (c == l->delimiter) {
            status = on_delimiter(l, at, err);
        } else if (c == l->quote && l->quote != 0) {
            status = on_quote(l, at, err);
        } else if (c == l->escape && l->escape != 0) {
            status = on_escape(l, at, err);
            l->escaped = at + 1 == end;
            at++; /* what follows has no meaning */
        } else {
            on_plain(l, at);
            while ((l->state == IN_PLAIN || l->state == IN_QUOTES) &&
                   at + 1 < end && !l->special[l->text[at + 1]])
                at++;
        }
    }
    return status;
}

/* Whether the line end just read belongs to a cell. */
static bool
is_open(const struct dialect_lane *l)
{
    return l->state == IN_QUOTES || l->escaped;
}

static int
fail_record(struct dialect_lane *l, uint32_t *next, struct fb_error *err)
{
    *next = l->builder.record.first_line + 1;
    return lane_fail(&l->builder, l->problem, l->problem_offset, err);
}

/* The record needs a line more, which will not come. */
static int
fail_open(struct dialect_lane *l, uint32_t *next, struct fb_error *err)
{
    if (l->state == IN_QUOTES)
        refuse(l, LANE_UNCLOSED_QUOTE, l->opened);
    else
        refuse(l, LANE_ESCAPE_AT_END, l->piece > 0 ? l->piece - 1 : 0);
    return fail_record(l, next, err);
}

static int
end_record(struct dialect_lane *l, uint32_t line, uint32_t *next,
           struct fb_error *err)
{
    const struct text_line *last = &l->builder.input->chunk->lines[line];
    uint32_t end = last->text_offset + last->text_length;

    if (end_cell(l, l->state == AFTER_QUOTE ? end - 1 : end, err) != 0)
        return -1;
    *next = line + 1;
    return lane_end(&l->builder, err);
}

/* The record that begins on line `first`; *next stays when it is open. */
static int
read_record(struct lane *lane, uint32_t first, uint32_t *next,
            struct fb_error *err)
{
    struct dialect_lane *l = (struct dialect_lane *)lane;
    const struct chunk *chunk = l->builder.input->chunk;

    lane_begin(&l->builder, first);
    start_cell(l, chunk->lines[first].text_offset);
    l->problem = LANE_OK;
    for (uint32_t line = first; line < chunk->count; line++) {
        if (lane_line(&l->builder, line, err) != 0 ||
            read_line(l, &chunk->lines[line], err) != 0)
            return -1;
        if (l->problem != LANE_OK)
            return fail_record(l, next, err);
        /* A last line without an end may still be a part of one. */
        if (!is_open(l) && (chunk->lines[line].text_end > 0 || chunk->ended))
            return end_record(l, line, next, err);
        if (!is_open(l))
            break;
        if (lane_is_too_long(&l->builder) ||
            (chunk->ended && line + 1 == chunk->count))
            return fail_open(l, next, err);
    }
    /* Open: it is read again when more lines have come. */
    lane_drop(&l->builder);
    return 0;
}

static int
parse(struct lane *lane, const struct lane_input *input,
      struct lane_output *output, uint32_t *next, struct fb_error *err)
{
    struct dialect_lane *l = (struct dialect_lane *)lane;

    l->builder = (struct lane_builder){.input = input, .output = output};
    l->text = input->chunk->text.data;
    return lane_each_record(lane, input, output, l->comment, read_record, next,
                            err);
}

static void
release(struct lane *lane)
{
    free(lane);
}

static const struct lane_class dialect_class = {
    .name = "dialect",
    .parse = parse,
    .free = release,
};

struct lane *
lane_dialect_new(const struct format *format)
{
    struct dialect_lane *l = mem_zalloc(sizeof(*l));

    l->lane.class = &dialect_class;
    l->delimiter = format_delimiter(format);
    l->quote = format_quote(format);
    l->escape = format_escape(format);
    l->comment = format_comment(format);
    l->double_quote = format->dialect.double_quote;
    l->skip_space = format->dialect.skip_initial_space;
    l->special[l->delimiter] = true;
    l->special[l->quote] = l->quote != 0;
    if (l->escape != 0)
        l->special[l->escape] = true;
    return &l->lane;
}
