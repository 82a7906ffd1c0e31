/*
 * codec/reader.c: the line of work from bytes to batches: inflate, lines,
 * chunk (decoding), lane (records and cells), header, and here: which records
 * are rows, and which are rejected and why (verdict.c).
 */
#include "codec/reader.h"

#include <assert.h>
#include <stdlib.h>

#include "codec/header.h"
#include "codec/lane.h"
#include "codec/verdict.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"

#define BOM_MAX 4

struct reader {
    struct reader_options options;
    struct arena *arena;
    bool input_failed; /* the error is the input's own */
    struct inflate *inflate;
    struct lines *lines;
    struct charset charset;
    struct decoder *decoder;
    struct lane *lane;
    struct chunk chunk;
    struct lane_output output;
    uint32_t from;     /* the first line of the chunk that was not read */
    size_t cells_size; /* of the last block: what the next may need */
    const struct columns *columns;
    struct block_origin origin;
    uint64_t sequence;
    struct reader_tools *tools; /* of reader_next */
};

/* --- opening ------------------------------------------------------------ */

static int
read_input(void *arg, unsigned char *bytes, size_t size, size_t *got,
           struct fb_error *err)
{
    struct reader *r = arg;

    if (r->options.input.read(r->options.input.arg, bytes, size, got, err) !=
        0) {
        r->input_failed = true;
        return -1;
    }
    return 0;
}

/* The input names itself in its own errors. */
static int
name_input(const struct reader *r, struct fb_error *err)
{
    if (!r->input_failed)
        error_context(err, "'%s'", r->options.name);
    return -1;
}

static int
take_bom(struct reader *r, struct fb_error *err)
{
    const unsigned char *bytes;
    size_t got, length;

    if (lines_peek(r->lines, BOM_MAX, &bytes, &got, err) != 0 ||
        charset_use_bom(&r->charset, bytes, got, &length, err) != 0)
        return -1;
    if (length > 0) {
        r->origin.bom = (const unsigned char *)arena_strndup(
            r->arena, (const char *)bytes, length);
        r->origin.bom_length = length;
        r->chunk.raw_base = length;
        lines_skip(r->lines, length);
    }
    return 0;
}

static int
open_parts(struct reader *r, struct fb_error *err)
{
    const struct format *format = &r->options.format;
    const struct byte_input input = {read_input, r};

    if (charset_find(format->charset, &r->charset, err) != 0 ||
        inflate_open(&input, (enum compression)format->compression, &r->inflate,
                     err) != 0)
        return -1;
    r->lines = lines_new(r->inflate);
    if (take_bom(r, err) != 0 ||
        lines_set(r->lines, &r->charset, format_terminator(format), err) != 0 ||
        decoder_open(&r->charset, &r->decoder, err) != 0)
        return -1;
    return lane_choose(format, &r->lane, err);
}

static void
fill_origin(struct reader *r)
{
    const struct format *format = &r->options.format;

    r->origin.charset = r->charset.name;
    r->origin.delimiter = format_delimiter(format);
    r->origin.quote = format_quote(format);
    r->origin.escape = format_escape(format);
    r->origin.comment = format_comment(format);
    r->origin.no_double_quote = !format->dialect.double_quote;
    r->origin.skips_space = format->dialect.skip_initial_space;
    r->origin.line_end = format_terminator(format);
    if (r->origin.line_end == NULL)
        r->origin.line_end = "\n";
}

/* --- the first record --------------------------------------------------- */

/* Parse until there is a record or the input ends. */
static int
read_first(struct reader *r, struct fb_error *err)
{
    struct lane_input input = {
        .chunk = &r->chunk, .records_max = 1, .cells_max = COLUMNS_MAX + 1};
    size_t target = READ_SIZE;
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

static const char *
line_end_of(const struct reader *r, uint32_t line)
{
    const struct text_line *l = &r->chunk.lines[line];
    const unsigned char *end =
        r->chunk.text.data + l->text_offset + l->text_length;

    if (format_terminator(&r->options.format) != NULL || l->text_end == 0)
        return r->origin.line_end;
    return l->text_end == 2 ? "\r\n" : *end == '\r' ? "\r" : "\n";
}

/* The record's cells as texts of their own. */
static const struct fb_cell *
cells_of(struct reader *r, const struct lane_record *record)
{
    struct fb_cell *cells =
        arena_array(r->arena, record->stored, sizeof(*cells));
    const struct block_cell *from = lane_cells(&r->output) + record->first_cell;
    const struct block view = {.text = r->chunk.text.data,
                               .side = r->output.side.data};

    for (uint32_t i = 0; i < record->stored; i++)
        cells[i] = (struct fb_cell){block_cell_text(&view, &from[i]),
                                    from[i].length & BLOCK_LENGTH, 0};
    return cells;
}

static void
keep_header(struct reader *r, const struct lane_record *record,
            const struct fb_cell *cells)
{
    const char **names = arena_array(r->arena, record->stored, sizeof(*names));
    const struct text_line *first = &r->chunk.lines[record->first_line];
    const struct text_line *last = first + record->line_count - 1;

    r->origin.header_length =
        last->raw_offset + last->raw_length - first->raw_offset;
    r->origin.header = (const unsigned char *)arena_strndup(
        r->arena, (const char *)chunk_raw(&r->chunk, record->first_line),
        r->origin.header_length);
    for (uint32_t i = 0; i < record->stored; i++)
        names[i] =
            arena_strndup(r->arena, (const char *)cells[i].ptr, cells[i].len);
    r->origin.header_names = (struct fb_list){record->stored, names};
}

static int
check_width(const struct lane_record *record, struct fb_error *err)
{
    if (record->cell_count > COLUMNS_MAX)
        return fb_fail(err, FB_E_LIMIT, "has more than %d columns",
                       COLUMNS_MAX);
    return 0;
}

static int
bind_header(struct reader *r, struct verdicts *v, struct fb_error *err)
{
    const struct lane_record *record = lane_records(&r->output);
    const struct text_line *first, *last;
    const struct fb_cell *cells;

    if (r->output.count == 0) {
        fb_fail(err, FB_E_INPUT, "has no header: there is no record in it");
        return fb_hint(err, "header: none is for files without a header");
    }
    first = &r->chunk.lines[record->first_line];
    last = first + record->line_count - 1;
    if (last->text_offset + last->text_length - first->text_offset > HEADER_MAX)
        return fb_fail(err, FB_E_LIMIT, "the header is longer than %zu bytes",
                       HEADER_MAX);
    if (verdict_of_header(v, record, err) != 0 || check_width(record, err) != 0)
        return -1;
    cells = cells_of(r, record);
    keep_header(r, record, cells);
    r->origin.line_end = line_end_of(r, record->first_line);
    return header_bind(r->arena, cells, record->cell_count, r->options.schema,
                       r->options.format.dialect.null_sequence, &r->columns,
                       err);
}

/* The first record is a row already: it is read again as one. */
static int
number_columns(struct reader *r, struct fb_error *err)
{
    const struct lane_record *record = lane_records(&r->output);
    uint32_t count = 0;

    if (r->output.count > 0) {
        if (record->problem == LANE_OK)
            count = record->cell_count;
        if (check_width(record, err) != 0)
            return -1;
        r->origin.line_end = line_end_of(r, record->first_line);
        r->from = record->first_line;
    }
    if (r->output.count > 0 && count == 0 && r->options.schema == NULL)
        return fb_fail(err, FB_E_INPUT,
                       "the first record cannot be read, so its columns "
                       "cannot be counted");
    return header_number(r->arena, count, r->options.schema,
                         r->options.format.dialect.null_sequence, &r->columns,
                         err);
}

static struct verdicts
verdicts_of(struct reader *r, struct arena *arena)
{
    return (struct verdicts){
        .chunk = &r->chunk,
        .output = &r->output,
        .charset = &r->charset,
        .decoder = r->decoder,
        .on_bad_char = (enum bad_char)r->options.format.on_bad_char,
        .columns = r->columns,
        .arena = arena,
    };
}

static int
open_and_bind(struct reader *r, struct fb_error *err)
{
    struct verdicts v;

    if (open_parts(r, err) != 0)
        return -1;
    fill_origin(r);
    if (read_first(r, err) != 0)
        return -1;
    if (r->options.format.header == HEADER_NONE)
        return number_columns(r, err);
    v = verdicts_of(r, r->arena);
    return bind_header(r, &v, err);
}

int
reader_open(const struct reader_options *options, struct reader **reader,
            struct fb_error *err)
{
    struct reader *r = mem_zalloc(sizeof(*r));

    r->options = *options;
    r->arena = arena_new();
    chunk_init(&r->chunk);
    lane_output_init(&r->output);
    r->tools = reader_tools_new(r);
    if (open_and_bind(r, err) != 0) {
        name_input(r, err);
        reader_free(r);
        return -1;
    }
    *reader = r;
    return 0;
}

void
reader_free(struct reader *reader)
{
    if (reader == NULL)
        return;
    reader_tools_free(reader->tools);
    lane_free(reader->lane);
    decoder_close(reader->decoder);
    lines_free(reader->lines);
    inflate_free(reader->inflate);
    chunk_release(&reader->chunk);
    lane_output_release(&reader->output);
    arena_free(reader->arena);
    free(reader);
}

const struct block_origin *
reader_origin(const struct reader *reader)
{
    return &reader->origin;
}

const struct columns *
reader_columns(const struct reader *reader)
{
    return reader->columns;
}

uint64_t
reader_bytes(const struct reader *reader)
{
    return reader->inflate != NULL ? inflate_taken(reader->inflate) : 0;
}

/* --- batches ------------------------------------------------------------ */

/* Lines for about one batch, cut into records; false at the end. */
static int
read_records(struct reader *r, bool *got, struct fb_error *err)
{
    struct lane_input input = {.chunk = &r->chunk,
                               .records_max = BATCH_ROWS_MAX,
                               .cells_max = r->columns->count};
    size_t target = BATCH_TEXT_TARGET;
    uint32_t lines_max = BATCH_ROWS_MAX, next;

    for (;;) {
        if (chunk_fill(&r->chunk, r->lines, r->decoder, target, lines_max,
                       err) != 0)
            return -1;
        lane_output_clear(&r->output);
        if (buf_reserve(&r->output.cells, r->cells_size, err) != 0)
            return -1;
        input.from = r->from;
        if (lane_parse(r->lane, &input, &r->output, &next, err) != 0)
            return -1;
        *got = r->output.count > 0;
        r->from = next;
        if (*got || (r->chunk.ended && next == r->chunk.count))
            return 0;
        /* Nothing but blank lines, or one record that is still open. */
        if (next > 0 && chunk_drop(&r->chunk, next, err) != 0)
            return -1;
        r->from = 0;
        target = 2 * r->chunk.text.size;
        if (target < BATCH_TEXT_TARGET)
            target = BATCH_TEXT_TARGET;
        lines_max = 2 * r->chunk.count + BATCH_ROWS_MAX;
    }
}

static void
note_record(const struct reader *r, const struct lane_record *from,
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
judge_records(struct reader *r, struct verdicts *v, struct rows *rows,
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
make_block(struct reader *r, const struct rows *rows, struct arena *arena,
           struct block **block, struct fb_error *err)
{
    struct block from = {
        .sequence = r->sequence++,
        .rows = rows->count,
        .column_count = r->columns->count,
        .reject_count = rows->reject_count,
        .records = rows->records,
        .rejects = rows->rejects,
        .origin = &r->origin,
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

static int
make_batch(struct reader *r, struct batch **batch, struct fb_error *err)
{
    struct arena *arena = arena_new();
    struct verdicts v = verdicts_of(r, arena);
    struct block *block;
    struct rows rows = {
        .records = mem_array(r->output.count, sizeof(*rows.records)),
        .rejects = mem_array(r->output.count, sizeof(*rows.rejects)),
    };

    verdicts_start(&v);
    if (judge_records(r, &v, &rows, err) != 0 ||
        make_block(r, &rows, arena, &block, err) != 0) {
        free(rows.records);
        free(rows.rejects);
        arena_free(arena);
        return -1;
    }
    *batch = batch_of_block(block, r->columns, r->options.host);
    return 0;
}

/* --- pieces ------------------------------------------------------------- */

struct piece {
    struct batch *batch;
};

struct reader_tools {
    const struct reader *reader;
};

int
reader_cut(struct reader *reader, struct piece **piece, struct fb_error *err)
{
    struct batch *batch = NULL;
    bool got = false;

    *piece = NULL;
    if (reader->chunk.ended && reader->from == reader->chunk.count)
        return 0;
    if (read_records(reader, &got, err) != 0 ||
        (got && make_batch(reader, &batch, err) != 0))
        return name_input(reader, err);
    if (got) {
        *piece = mem_zalloc(sizeof(**piece));
        (*piece)->batch = batch;
    }
    return 0;
}

void
piece_free(struct piece *piece)
{
    if (piece == NULL)
        return;
    batch_free(piece->batch);
    free(piece);
}

struct reader_tools *
reader_tools_new(const struct reader *reader)
{
    struct reader_tools *tools = mem_zalloc(sizeof(*tools));

    tools->reader = reader;
    return tools;
}

void
reader_tools_free(struct reader_tools *tools)
{
    free(tools);
}

int
reader_make(const struct reader *reader, struct reader_tools *tools,
            struct piece *piece, struct batch **batch, struct fb_error *err)
{
    assert(tools->reader == reader);
    (void)err;
    *batch = piece->batch;
    piece->batch = NULL;
    piece_free(piece);
    return 0;
}

int
reader_next(struct reader *reader, struct batch **batch, struct fb_error *err)
{
    struct piece *piece;

    *batch = NULL;
    while (*batch == NULL) {
        if (reader_cut(reader, &piece, err) != 0)
            return -1;
        if (piece == NULL)
            return 0;
        if (reader_make(reader, reader->tools, piece, batch, err) != 0)
            return -1;
    }
    return 0;
}
