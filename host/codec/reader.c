/*
 * codec/reader.c: opens an input as far as its header, and then chooses for
 * every piece who reads it: the scan (cut.h, grid.h) what is regular, and
 * record by record (records.h) whatever else there is.
 */
#include "codec/reader.h"

#include <assert.h>
#include <stdlib.h>

#include "codec/cut.h"
#include "codec/grid.h"
#include "codec/header.h"
#include "codec/records.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"

#define BOM_MAX 4

struct reader {
    struct reader_options options;
    struct arena *arena;
    bool input_failed; /* the error is the input's own */
    struct inflate *inflate;
    struct cut *cut;
    struct charset charset;
    struct records records; /* of what must be read in order */
    const struct columns *columns;
    struct block_origin origin;
    bool in_pieces; /* regular text is cut, not read */
    const struct scan_kernel *kernel;
    uint64_t line, offset; /* in the input, of what comes next */
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
    struct lines *lines = r->records.lines;
    const unsigned char *bytes;
    size_t got, length;

    if (lines_peek(lines, BOM_MAX, &bytes, &got, err) != 0 ||
        charset_use_bom(&r->charset, bytes, got, &length, err) != 0)
        return -1;
    if (length > 0) {
        r->origin.bom = (const unsigned char *)arena_dup_nul(
            r->arena, (const char *)bytes, length);
        r->origin.bom_length = length;
        r->records.chunk.raw_base = length;
        lines_skip(lines, length);
    }
    return 0;
}

/* What these read with; the header may not be bound yet. */
static void
settle_records(const struct reader *r, struct records *records)
{
    records_init(records);
    records->format = &r->options.format;
    records->charset = &r->charset;
    records->columns = r->columns;
    records->origin = &r->origin;
}

/* Whether pieces can be cut: libcsv would read the text, and is not demanded,
 * and its bytes can be scanned. */
static int
choose_pieces(struct reader *r, struct fb_error *err)
{
    const struct format *format = &r->options.format;
    const char *lane = getenv("FOREBAY_CSV");
    size_t size = r->options.piece_size;

    if (scan_choose(&r->kernel, err) != 0)
        return -1;
    if ((lane != NULL && lane[0] != '\0') || !lane_libcsv_knows(format) ||
        format_comment(format) != 0)
        return 0;
    if (grid_suits(&r->charset, r->records.decoder, format_delimiter(format),
                   format_quote(format), &r->in_pieces, err) != 0)
        return -1;
    if (r->in_pieces)
        cut_set(r->cut, r->kernel, format_delimiter(format),
                format_quote(format), size > 0 ? size : PIECE_SIZE);
    return 0;
}

static int
open_parts(struct reader *r, struct fb_error *err)
{
    const struct format *format = &r->options.format;
    const struct byte_input input = {read_input, r};
    struct byte_input pulled = {cut_pull, NULL};

    if (charset_find(format->charset, &r->charset, err) != 0 ||
        inflate_open(&input, (enum compression)format->compression, &r->inflate,
                     err) != 0)
        return -1;
    r->cut = cut_new(r->inflate);
    pulled.arg = r->cut;
    r->records.lines = lines_new(&pulled);
    if (take_bom(r, err) != 0 || records_open(&r->records, &pulled, err) != 0)
        return -1;
    return choose_pieces(r, err);
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

static const char *
line_end_of(const struct reader *r, uint32_t line)
{
    const struct text_line *l = &r->records.chunk.lines[line];
    const unsigned char *end =
        r->records.chunk.text.data + l->text_offset + l->text_length;

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
    const struct block_cell *from =
        lane_cells(&r->records.output) + record->first_cell;
    const struct block view = {.text = r->records.chunk.text.data,
                               .side = r->records.output.side.data};

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
    const struct text_line *first = &r->records.chunk.lines[record->first_line];
    const struct text_line *last = first + record->line_count - 1;

    r->origin.header_length =
        last->raw_offset + last->raw_length - first->raw_offset;
    r->origin.header = (const unsigned char *)arena_dup_nul(
        r->arena,
        (const char *)chunk_raw(&r->records.chunk, record->first_line),
        r->origin.header_length);
    for (uint32_t i = 0; i < record->stored; i++)
        names[i] =
            arena_dup_nul(r->arena, (const char *)cells[i].ptr, cells[i].len);
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
    const struct lane_record *record = lane_records(&r->records.output);
    const struct text_line *first, *last;
    const struct fb_cell *cells;

    if (r->records.output.count == 0) {
        fb_fail(err, FB_E_INPUT, "has no header: there is no record in it");
        return fb_hint(err, "header: none is for files without a header");
    }
    first = &r->records.chunk.lines[record->first_line];
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
    const struct lane_record *record = lane_records(&r->records.output);
    uint32_t count = 0;

    if (r->records.output.count > 0) {
        if (record->problem == LANE_OK)
            count = record->cell_count;
        if (check_width(record, err) != 0)
            return -1;
        r->origin.line_end = line_end_of(r, record->first_line);
        r->records.from = record->first_line;
    }
    if (r->records.output.count > 0 && count == 0 && r->options.schema == NULL)
        return fb_fail(err, FB_E_INPUT,
                       "the first record cannot be read, so its columns "
                       "cannot be counted");
    return header_number(r->arena, count, r->options.schema,
                         r->options.format.dialect.null_sequence, &r->columns,
                         err);
}

/* What was read and not used is there again to be cut. */
static int
hand_back(struct reader *r, struct fb_error *err)
{
    const struct chunk *chunk = &r->records.chunk;
    const struct buf *raw = chunk->shared ? &chunk->text : &chunk->raw;
    const unsigned char *rest;
    size_t size = lines_rest(r->records.lines, &rest);

    r->line = chunk->first_line;
    r->offset = chunk->raw_base;
    if (cut_put_back(r->cut, rest, size, err) != 0)
        return -1;
    return cut_put_back(r->cut, raw->data, raw->size, err);
}

static int
open_and_bind(struct reader *r, struct fb_error *err)
{
    struct verdicts v;
    int status;

    if (open_parts(r, err) != 0)
        return -1;
    fill_origin(r);
    if (records_first(&r->records, err) != 0)
        return -1;
    v = records_verdicts(&r->records, r->arena);
    status = r->options.format.header == HEADER_NONE ? number_columns(r, err)
                                                     : bind_header(r, &v, err);
    r->records.columns = r->columns;
    if (status != 0 || !r->in_pieces)
        return status;
    if (chunk_drop(&r->records.chunk, r->records.from, err) != 0)
        return -1;
    return hand_back(r, err);
}

int
reader_open(const struct reader_options *options, struct reader **reader,
            struct fb_error *err)
{
    struct reader *r = mem_zalloc(sizeof(*r));

    r->options = *options;
    r->arena = arena_new();
    settle_records(r, &r->records);
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
    records_release(&reader->records);
    cut_free(reader->cut);
    inflate_free(reader->inflate);
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

/* --- pieces ------------------------------------------------------------- */

/* What was cut, or a block when it had to be read at once. */
struct piece {
    struct block *block;
    struct cut_piece cut;
    uint64_t line, offset; /* in the input, of its first byte */
    uint64_t sequence;
};

static struct piece *
piece_new(struct reader *r)
{
    struct piece *piece = mem_zalloc(sizeof(*piece));

    piece->line = r->line;
    piece->offset = r->offset;
    piece->sequence = r->sequence++;
    return piece;
}

void
piece_free(struct piece *piece)
{
    if (piece == NULL)
        return;
    block_free(piece->block);
    cut_piece_release(&piece->cut);
    free(piece);
}

/* The next block, read record by record; NULL at the end. */
static int
read_piece(struct reader *r, size_t target, struct piece **piece,
           struct fb_error *err)
{
    struct block *block;

    if (records_next(&r->records, target, false, &block, err) != 0)
        return -1;
    if (block != NULL) {
        *piece = piece_new(r);
        (*piece)->block = block;
    }
    return 0;
}

/* Text that is not regular: some of it, and the rest may be again. */
static int
read_irregular(struct reader *r, struct piece **piece, struct fb_error *err)
{
    size_t size = r->options.piece_size;

    records_begin(&r->records, r->line, r->offset);
    if (read_piece(r, size > 0 ? size : PIECE_SIZE, piece, err) != 0)
        return -1;
    return hand_back(r, err);
}

static int
cut_piece(struct reader *r, struct piece **piece, struct fb_error *err)
{
    struct cut_piece cut = {.bytes = NULL};
    enum cut_found found;

    if (cut_next(r->cut, &cut, &found, err) != 0)
        return -1;
    if (found == CUT_IRREGULAR)
        return read_irregular(r, piece, err);
    if (found == CUT_PIECE) {
        *piece = piece_new(r);
        (*piece)->cut = cut;
        r->line += cut.lines;
        r->offset += cut.size;
    }
    return 0;
}

int
reader_cut(struct reader *reader, struct piece **piece, struct fb_error *err)
{
    int status;

    *piece = NULL;
    status = reader->in_pieces
                 ? cut_piece(reader, piece, err)
                 : read_piece(reader, BATCH_TEXT_TARGET, piece, err);
    if (status != 0) {
        piece_free(*piece);
        *piece = NULL;
        return name_input(reader, err);
    }
    return 0;
}

/* --- batches ------------------------------------------------------------ */

struct reader_tools {
    const struct reader *reader;
    struct records records; /* opened when they are needed */
    const struct piece *piece;
    size_t at; /* of the piece: read so far */
};

struct reader_tools *
reader_tools_new(const struct reader *reader)
{
    struct reader_tools *tools = mem_zalloc(sizeof(*tools));

    tools->reader = reader;
    records_init(&tools->records);
    return tools;
}

void
reader_tools_free(struct reader_tools *tools)
{
    if (tools == NULL)
        return;
    records_release(&tools->records);
    free(tools);
}

/* The bytes of a piece as an input. */
static int
read_tools(void *arg, unsigned char *bytes, size_t size, size_t *got,
           struct fb_error *err)
{
    struct reader_tools *tools = arg;
    size_t left = tools->piece->cut.size - tools->at;

    (void)err;
    *got = left < size ? left : size;
    memcpy(bytes, tools->piece->cut.bytes + tools->at, *got);
    tools->at += *got;
    return 0;
}

static int
open_tools(struct reader_tools *tools, struct fb_error *err)
{
    const struct byte_input input = {read_tools, tools};

    if (tools->records.lane != NULL)
        return 0;
    records_release(&tools->records);
    settle_records(tools->reader, &tools->records);
    return records_open(&tools->records, &input, err);
}

/* A grid, or whatever else it is; NULL: blank lines alone. */
static int
make_block(const struct reader *r, struct reader_tools *tools,
           struct piece *piece, struct block **block, struct fb_error *err)
{
    const struct grid grid = {.kernel = r->kernel,
                              .charset = &r->charset,
                              .columns = r->columns,
                              .origin = &r->origin};

    if (open_tools(tools, err) != 0 ||
        grid_make(&grid, tools->records.decoder, &piece->cut, piece->line,
                  block, err) != 0)
        return -1;
    if (*block != NULL)
        return 0;
    tools->piece = piece;
    tools->at = 0;
    records_begin(&tools->records, piece->line, piece->offset);
    return records_next(&tools->records, piece->cut.size, true, block, err);
}

int
reader_make(const struct reader *reader, struct reader_tools *tools,
            struct piece *piece, struct batch **batch, struct fb_error *err)
{
    struct block *block = piece->block;
    int status = 0;

    assert(tools->reader == reader);
    *batch = NULL;
    piece->block = NULL;
    if (block == NULL)
        status = make_block(reader, tools, piece, &block, err);
    if (block != NULL) {
        block->sequence = piece->sequence;
        *batch = batch_of_block(block, reader->columns, reader->options.host);
    }
    piece_free(piece);
    return status == 0 ? 0 : error_context(err, "'%s'", reader->options.name);
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
