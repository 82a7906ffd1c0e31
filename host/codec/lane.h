/*
 * codec/lane.h: a lane cuts decoded text into records and cells.  Every lane
 * that can read a dialect gives the same records, cells and problems on every
 * input; libcsv (csv_libcsv.c) says which these are, csv_dialect.c knows the
 * dialects that libcsv has no words for.
 *
 * A record is one or more whole physical lines.  Blank lines and, at the
 * start of a record, lines that begin with the comment character are none.
 * When the quoting of a record is wrong, its first physical line alone is a
 * record with a problem, and reading resumes on the next line: one stray
 * quote costs one row.
 */
#ifndef CODEC_LANE_H
#define CODEC_LANE_H

#include "batch/block.h"
#include "codec/chunk.h"

enum lane_problem {
    LANE_OK = 0,
    LANE_QUOTE_IN_CELL,    /* a quote inside an unquoted cell, or without
                              doubleQuote behind one that closes it */
    LANE_TEXT_AFTER_QUOTE, /* text between closing quote and delimiter */
    LANE_UNCLOSED_QUOTE,   /* at the end of the input or past RECORD_MAX */
    LANE_ESCAPE_AT_END,    /* an escape character that ends the input */
};

struct lane_record {
    uint32_t first_line, line_count; /* in chunk->lines */
    uint32_t first_cell;             /* in the output's cells */
    uint32_t stored;                 /* cells kept: cell_count or cells_max */
    uint32_t cell_count;
    enum lane_problem problem;
    uint32_t problem_offset; /* in the text; an unclosed quote: where it
                                opened, others: the character at fault */
    uint32_t problem_cell;   /* index of the cell at fault */
};

/* What a lane has found; its memory is used again for the next chunk. */
struct lane_output {
    struct buf records; /* struct lane_record */
    struct buf cells;   /* struct block_cell, record after record */
    struct buf side;    /* cells that do not stand in the text verbatim */
    uint32_t count;     /* of records */
};

/* What to look at and how far to go. */
struct lane_input {
    const struct chunk *chunk;
    uint32_t from;        /* the line to begin with */
    uint32_t records_max; /* stop after so many */
    uint32_t cells_max;   /* keep so many of a record; count the others */
};

struct lane;

struct lane_class {
    const char *name;
    /* Adds records to the output; *next gets the first line that is in none
     * (an open record, unless chunk->ended).  Fails with FB_E_LIMIT only. */
    int (*parse)(struct lane *lane, const struct lane_input *input,
                 struct lane_output *output, uint32_t *next,
                 struct fb_error *err);
    void (*free)(struct lane *lane);
};

struct lane {
    const struct lane_class *class;
};

/* The lane for a format: the fastest that knows the dialect, or what
 * FOREBAY_CSV in the environment demands (libcsv).  FB_E_CONFIG when that
 * names none. */
int lane_choose(const struct format *format, struct lane **lane,
                struct fb_error *err) FB_MUST_CHECK;

/* Single lanes, for lane_choose and the tests. */
bool lane_libcsv_knows(const struct format *format);
struct lane *lane_libcsv_new(const struct format *format);
/* For what libcsv knows: asks it only about records that begin with a line
 * that holds a quote. */
struct lane *lane_plain_new(const struct format *format);
struct lane *lane_dialect_new(const struct format *format);

static inline int FB_MUST_CHECK
lane_parse(struct lane *lane, const struct lane_input *input,
           struct lane_output *output, uint32_t *next, struct fb_error *err)
{
    return lane->class->parse(lane, input, output, next, err);
}

static inline void
lane_free(struct lane *lane)
{
    if (lane != NULL)
        lane->class->free(lane);
}

void lane_output_init(struct lane_output *output);
void lane_output_release(struct lane_output *output);
void lane_output_clear(struct lane_output *output);

static inline struct lane_record *
lane_records(const struct lane_output *output)
{
    return (struct lane_record *)(void *)output->records.data;
}

static inline struct block_cell *
lane_cells(const struct lane_output *output)
{
    return (struct block_cell *)(void *)output->cells.data;
}

/*
 * For lanes: a record under construction.  lane_begin starts one, lane_line
 * makes room for the cells of one more line (so that lane_cell cannot fail),
 * lane_end adds it; lane_fail drops its cells and adds its first line with a
 * problem; lane_drop forgets it, to be read again when more lines have come.
 */
struct lane_builder {
    const struct lane_input *input;
    struct lane_output *output;
    struct lane_record record;
    size_t side_start;
};

void lane_begin(struct lane_builder *builder, uint32_t line);
int lane_line(struct lane_builder *builder, uint32_t line,
              struct fb_error *err) FB_MUST_CHECK;
void lane_cell(struct lane_builder *builder, uint32_t offset, uint32_t length);
int lane_end(struct lane_builder *builder, struct fb_error *err) FB_MUST_CHECK;
int lane_fail(struct lane_builder *builder, enum lane_problem problem,
              uint32_t offset, struct fb_error *err) FB_MUST_CHECK;

void lane_drop(struct lane_builder *builder);

/* The record that begins on line `first`; *next stays there when the record
 * is still open where the lines end. */
typedef int (*lane_record_fn)(struct lane *lane, uint32_t first, uint32_t *next,
                              struct fb_error *err);

/* The `parse` of a lane that reads one record after the other: blank lines,
 * and lines that begin with `comment` (0: none), are no records. */
int lane_each_record(struct lane *lane, const struct lane_input *input,
                     struct lane_output *output, unsigned char comment,
                     lane_record_fn read, uint32_t *next,
                     struct fb_error *err) FB_MUST_CHECK;

/* Whether an open record has become longer than a record may be. */
bool lane_is_too_long(const struct lane_builder *builder);

#endif
