/*
 * codec/grid.c: what the scan found is the index already; here it is looked
 * at once a row, and a piece that must be decoded is scanned again.
 */
#include "codec/grid.h"

#include <assert.h>
#include <stdlib.h>

#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

/* A piece on its way to a block. */
struct making {
    const struct grid *grid;
    const unsigned char *text;
    size_t size;
    uint32_t *ends;
    uint32_t rows, count;
    unsigned flags;
};

/*
 * Whether every row has as many cells as there are columns: as many ends as
 * there should be, and those of the last cells are all the line ends there
 * are.  Then these become the first bytes of their line ends.
 */
static bool
settle_ends(const struct making *m)
{
    uint32_t width = m->grid->columns->count, start = 0;
    uint32_t *last = m->ends + width - 1;

    assert((uint64_t)m->rows * width == m->count);
    for (uint32_t r = 0; r < m->rows; r++, last += width) {
        uint32_t end = *last;

        if (end < m->size && m->text[end] != '\n')
            return false;
        if ((m->flags & SCAN_CR) && end > start && m->text[end - 1] == '\r')
            *last = --end;
        if (width == 1 && end == start)
            return false; /* a blank line is no record */
        start = *last + (m->text[end] == '\r' ? 2 : 1);
    }
    return true;
}

/* Line feeds within rows move those behind them. */
static uint32_t *
count_lines(const struct making *m)
{
    uint32_t *lines = mem_alloc(m->rows * sizeof(*lines)), line = 0;
    uint32_t width = m->grid->columns->count;
    const unsigned char *at = m->text;

    for (uint32_t r = 0; r < m->rows; r++) {
        const unsigned char *end =
            m->text + m->ends[((size_t)r + 1) * width - 1];

        lines[r] = line;
        while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
            line++;
            at++;
        }
        line++;
        at = end + (*end == '\r' ? 2 : 1);
    }
    return lines;
}

static struct block *
block_of(const struct making *m, const struct cut_piece *piece,
         uint32_t *raw_ends, uint64_t first_line)
{
    struct block from = {
        .rows = m->rows,
        .column_count = m->grid->columns->count,
        .text = m->text,
        .text_size = m->size,
        .raw = piece->bytes,
        .raw_size = piece->size,
        .origin = m->grid->origin,
        .ends = m->ends,
        .raw_ends = raw_ends,
        .lines = m->flags & SCAN_QUOTED_LF ? count_lines(m) : NULL,
        .first_line = first_line,
        .quote = m->grid->origin->quote,
    };

    return block_new(&from, NULL);
}

/* --- as it came --------------------------------------------------------- */

static struct making
making_of(const struct grid *grid, const struct cut_piece *piece)
{
    return (struct making){
        .grid = grid,
        .text = piece->bytes,
        .size = piece->size,
        .ends = piece->ends,
        .rows = piece->rows,
        .count = piece->count,
        .flags = piece->flags,
    };
}

static struct block *
make_plain(const struct grid *grid, struct cut_piece *piece,
           uint64_t first_line)
{
    struct making m = making_of(grid, piece);
    struct block *block;

    if ((m.flags & SCAN_HIGH) && !text_is_utf8(m.text, m.size, NULL))
        return NULL;
    if (!settle_ends(&m))
        return NULL;
    block = block_of(&m, piece, NULL, first_line);
    *piece = (struct cut_piece){.bytes = NULL};
    return block;
}

/* --- decoded ------------------------------------------------------------ */

/* The index of the decoded text, in memory of its own. */
static int
scan_text(struct making *m, const struct cut_piece *piece, struct fb_error *err)
{
    const struct block_origin *origin = m->grid->origin;
    struct scan scan;

    m->ends = mem_try_realloc(NULL, (m->size + SCAN_SLACK) * sizeof(*m->ends));
    if (m->ends == NULL)
        return fb_fail(err, FB_E_LIMIT,
                       "cannot get memory for the index of "
                       "decoded text");
    scan_start(&scan, m->grid->kernel, origin->delimiter, origin->quote,
               m->ends);
    scan_more(&scan, m->text, m->size);
    scan_end(&scan);
    m->rows = scan.rows;
    m->count = scan.count;
    m->flags = scan.flags;
    if (scan.row_bytes < m->size) {
        m->ends[m->count++] = (uint32_t)m->size;
        m->rows++;
    }
    /* What grid_suits found out does not hold for the charset after all. */
    if ((scan.flags & SCAN_IRREGULAR) || m->rows != piece->rows ||
        m->count != piece->count) {
        fb_fail(err, FB_E_FAILED,
                "charset '%s' hides delimiters, quotes or line ends",
                m->grid->charset->name);
        return fb_hint(err, "with FOREBAY_CSV=libcsv in the environment it is "
                            "read line by line");
    }
    m->ends = mem_regrow(m->ends, m->count, sizeof(*m->ends));
    return 0;
}

/* Where the last cells of the rows end in the raw bytes: a delimiter or line
 * feed there is one in the text, and the other way round. */
static uint32_t *
take_raw_ends(const struct making *m, const struct cut_piece *piece)
{
    uint32_t *raw_ends = mem_alloc(m->rows * sizeof(*raw_ends));
    uint32_t width = m->grid->columns->count;

    for (uint32_t r = 0; r < m->rows; r++) {
        uint32_t end = piece->ends[((size_t)r + 1) * width - 1];

        if (end < piece->size && end > 0 && piece->bytes[end - 1] == '\r')
            end--;
        raw_ends[r] = end;
    }
    return raw_ends;
}

static int
make_decoded(const struct grid *grid, struct decoder *decoder,
             struct cut_piece *piece, uint64_t first_line, struct block **block,
             struct fb_error *err)
{
    struct making m = making_of(grid, piece);
    struct charset_bad bad;
    struct buf text;

    buf_init(&text, 8 * RECORD_MAX);
    m.ends = NULL;
    if (buf_reserve(&text, m.size + m.size / 2, err) != 0 ||
        decoder_feed(decoder, piece->bytes, piece->size, &text, &bad, err) != 0)
        goto fail;
    m.text = text.data;
    m.size = text.size;
    if (bad.length == 0) {
        if (scan_text(&m, piece, err) != 0)
            goto fail;
        if (!(m.flags & SCAN_CONTROL) && settle_ends(&m)) {
            *block = block_of(&m, piece, take_raw_ends(&m, piece), first_line);
            piece->bytes = NULL;
            cut_piece_release(piece);
            return 0;
        }
    }
    free(m.ends);
    buf_release(&text);
    return 0;
fail:
    free(m.ends);
    buf_release(&text);
    return -1;
}

int
grid_make(const struct grid *grid, struct decoder *decoder,
          struct cut_piece *piece, uint64_t first_line, struct block **block,
          struct fb_error *err)
{
    const struct charset *charset = grid->charset;

    *block = NULL;
    if ((piece->flags & SCAN_CONTROL) ||
        (uint64_t)piece->rows * grid->columns->count != piece->count)
        return 0;
    if (charset->is_utf8 ||
        (charset->ascii_plain && !(piece->flags & SCAN_HIGH))) {
        *block = make_plain(grid, piece, first_line);
        return 0;
    }
    return make_decoded(grid, decoder, piece, first_line, block, err);
}

/* Whether no byte but these characters themselves decodes to one of them. */
static int
no_other_means(struct decoder *decoder, const char *these, bool *suits,
               struct fb_error *err)
{
    struct charset_bad bad;
    struct buf AUTO_BUF out;

    buf_init(&out, 64);
    *suits = true;
    for (unsigned i = 1; i <= 0xff && *suits; i++) {
        unsigned char byte = (unsigned char)i;

        buf_clear(&out);
        if (decoder_feed(decoder, &byte, 1, &out, &bad, err) != 0)
            return -1;
        *suits = strchr(these, byte) != NULL || bad.length > 0 ||
                 strpbrk(buf_text(&out), these) == NULL;
    }
    return 0;
}

int
grid_suits(const struct charset *charset, struct decoder *decoder,
           unsigned char delimiter, unsigned char quote, bool *suits,
           struct fb_error *err)
{
    const char these[] = {(char)delimiter, (char)quote, '\r', '\n', '\0'};

    *suits = delimiter < 0x80 && quote < 0x80 && delimiter != quote &&
             strchr("\r\n", delimiter) == NULL && strchr("\r\n", quote) == NULL;
    if (charset->is_utf8)
        return 0;
    for (size_t i = 0; i < 4 && *suits; i++)
        *suits = charset_stands_alone(charset, (unsigned char)these[i]);
    return *suits ? no_other_means(decoder, these, suits, err) : 0;
}
