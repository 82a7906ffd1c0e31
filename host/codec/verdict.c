/*
 * codec/verdict.c: one question after the other: do the bytes decode, is the
 * quoting right, are there control characters, are there as many cells as
 * columns.
 */
#define _GNU_SOURCE 1 /* memmem */
#include "codec/verdict.h"

#include <assert.h>
#include <stdlib.h>

#include "util/limits.h"
#include "util/text.h"

#define NAME_SHOWN 80 /* bytes of a name in a message */
static const unsigned char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

static bool
is_control(unsigned char c)
{
    return c < 0x20 && c != '\t' && c != '\r' && c != '\n';
}

#define STRIDE 64 /* bytes; a count that compilers vectorise at -O2 */

/* Without a branch in the inner loop. */
static bool
holds_control(const unsigned char *bytes, size_t size)
{
    unsigned char found = 0;
    size_t i = 0;

    for (; size - i >= STRIDE; i += STRIDE)
        for (size_t k = 0; k < STRIDE; k++) {
            unsigned char c = bytes[i + k];

            found |= (unsigned char)((c < 0x20) & (c != '\t') & (c != '\n') &
                                     (c != '\r'));
        }
    for (; i < size; i++)
        found |= is_control(bytes[i]);
    return found != 0;
}

void
verdicts_start(struct verdicts *v)
{
    v->has_controls = holds_control(v->chunk->text.data, v->chunk->text.size);
    v->bad_at = 0;
}

static const struct text_line *
line_of(const struct verdicts *v, uint32_t line)
{
    return &v->chunk->lines[line];
}

static uint64_t
number_of(const struct verdicts *v, uint32_t line)
{
    return v->chunk->first_line + line;
}

/* The name of a cell's column as shown, or its number beyond the columns. */
static const char *
column_name(const struct verdicts *v, uint32_t cell)
{
    if (v->columns != NULL && cell < v->columns->count)
        return v->columns->items[cell].name;
    return NULL;
}

static const unsigned char *
cell_text(const struct verdicts *v, const struct lane_record *record,
          uint32_t cell, size_t *length)
{
    const struct block view = {.text = v->chunk->text.data,
                               .side = v->output->side.data};
    const struct block_cell *c =
        lane_cells(v->output) + record->first_cell + cell;

    *length = c->length & BLOCK_LENGTH;
    return block_cell_text(&view, c);
}

/* --- bytes that do not decode ------------------------------------------- */

static size_t
count_replacements(const unsigned char *text, size_t size)
{
    size_t count = 0;

    for (const unsigned char *p = text; size > 0; count++) {
        const unsigned char *next = memmem(p, size, replacement, 3);

        if (next == NULL)
            break;
        size -= (size_t)(next + 3 - p);
        p = next + 3;
    }
    return count;
}

/* How many U+FFFD stand in the record before the bad bytes.  None is ever
 * lost on the way from the text to the cells, so the same number stands in
 * the cells before them. */
static int
replacements_before(struct verdicts *v, const struct lane_record *record,
                    const struct bad_line *bad, size_t *count,
                    struct fb_error *err)
{
    const struct text_line *first = line_of(v, record->first_line);
    const struct text_line *line = line_of(v, bad->line);
    struct charset_bad ignored;
    struct buf decoded;
    int status;

    buf_init(&decoded, 4 * RECORD_MAX);
    status = decoder_feed(v->decoder, chunk_raw(v->chunk, bad->line),
                          bad->bad.offset, &decoded, &ignored, err);
    *count = count_replacements(v->chunk->text.data + first->text_offset,
                                line->text_offset - first->text_offset);
    if (status == 0)
        *count += count_replacements(decoded.data, decoded.size);
    buf_release(&decoded);
    return status;
}

/* The cell that holds the n-th (from 0) U+FFFD of the record. */
static uint32_t
cell_of_replacement(const struct verdicts *v, const struct lane_record *record,
                    size_t n)
{
    for (uint32_t i = 0; i < record->stored; i++) {
        size_t length, here;
        const unsigned char *text = cell_text(v, record, i, &length);

        here = count_replacements(text, length);
        if (n < here)
            return i;
        n -= here;
    }
    return record->stored;
}

static const char *
in_hex(struct arena *arena, const struct charset_bad *bad)
{
    char text[3 * sizeof(bad->bytes) + 1] = "";
    size_t shown =
        bad->length < sizeof(bad->bytes) ? bad->length : sizeof(bad->bytes);

    for (size_t i = 0, at = 0; i < shown; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%02X",
                               i > 0 ? " " : "", bad->bytes[i]);
    return arena_strdup(arena, text);
}

static uint64_t
file_offset(const struct verdicts *v, const struct bad_line *bad)
{
    return v->chunk->raw_base + line_of(v, bad->line)->raw_offset +
           bad->bad.offset;
}

static const char *
likely_cause(const struct verdicts *v, const struct bad_line *bad)
{
    return charset_likely_cause(v->charset, chunk_raw(v->chunk, bad->line),
                                line_of(v, bad->line)->raw_length);
}

/* where: "column 'x'" or "header" */
static int
fail_bad(const struct verdicts *v, const struct bad_line *bad,
         const char *where, struct fb_error *err)
{
    const char *cause = likely_cause(v, bad);

    fb_fail(err, FB_E_INPUT,
            "line %llu, %s, byte %llu: %s %s %s no character of charset '%s'",
            (unsigned long long)number_of(v, bad->line), where,
            (unsigned long long)file_offset(v, bad),
            bad->bad.length == 1 ? "byte" : "bytes",
            in_hex(v->arena, &bad->bad), bad->bad.length == 1 ? "is" : "are",
            v->charset->name);
    return cause != NULL ? fb_hint(err, "the line %s", cause) : -1;
}

static const char *
where_of(const struct verdicts *v, uint32_t cell)
{
    const char *name = column_name(v, cell);

    if (name == NULL)
        return arena_printf(v->arena, "cell %u", cell + 1);
    return arena_printf(v->arena, "column '%s'",
                        text_escape(v->arena, name, strlen(name), NAME_SHOWN));
}

static int
judge_bad(struct verdicts *v, const struct lane_record *record,
          const struct bad_line *bad, struct block_reject *reject,
          struct fb_error *err)
{
    const char *cause;
    uint32_t cell;
    size_t before;

    if (v->on_bad_char == BAD_CHAR_REPLACE)
        return 0;
    if (replacements_before(v, record, bad, &before, err) != 0)
        return -1;
    cell = cell_of_replacement(v, record, before);
    if (v->on_bad_char == BAD_CHAR_FAIL)
        return fail_bad(v, bad, where_of(v, cell), err);
    cause = likely_cause(v, bad);
    reject->code = "encoding-error";
    reject->column = column_name(v, cell);
    reject->message = arena_printf(
        v->arena, "%s %s at byte %llu %s no character of charset '%s'%s%s",
        bad->bad.length == 1 ? "byte" : "bytes", in_hex(v->arena, &bad->bad),
        (unsigned long long)file_offset(v, bad),
        bad->bad.length == 1 ? "is" : "are", v->charset->name,
        cause != NULL ? ": " : "", cause != NULL ? cause : "");
    reject->broken = record->problem != LANE_OK;
    return 0;
}

/* The first bad line of the record; NULL when all its bytes decode. */
static const struct bad_line *
bad_line_of(struct verdicts *v, const struct lane_record *record)
{
    const struct chunk *chunk = v->chunk;

    while (v->bad_at < chunk->bad_count &&
           chunk->bad[v->bad_at].line < record->first_line)
        v->bad_at++;
    if (v->bad_at == chunk->bad_count ||
        chunk->bad[v->bad_at].line >= record->first_line + record->line_count)
        return NULL;
    return &chunk->bad[v->bad_at];
}

/* --- quoting ------------------------------------------------------------ */

static const char *
quote_message(const struct verdicts *v, const struct lane_record *record)
{
    uint32_t line = chunk_line_at(v->chunk, record->problem_offset);
    unsigned long long number = number_of(v, line);

    switch (record->problem) {
    case LANE_QUOTE_IN_CELL:
        return arena_printf(v->arena,
                            "a quote stands inside an unquoted cell on line "
                            "%llu",
                            number);
    case LANE_TEXT_AFTER_QUOTE:
        return arena_printf(
            v->arena, "text follows a closing quote on line %llu", number);
    case LANE_UNCLOSED_QUOTE:
        return arena_printf(
            v->arena, "a quote opened on line %llu is not closed", number);
    case LANE_ESCAPE_AT_END:
        return "the input ends with an escape character";
    case LANE_OK:
        break;
    }
    abort(); /* only for records with a problem */
}

/* --- control characters ------------------------------------------------- */

/* The first cell with a control character; false when there is none. */
static bool
find_control(const struct verdicts *v, const struct lane_record *record,
             uint32_t *cell, unsigned char *byte)
{
    for (*cell = 0; *cell < record->stored; ++*cell) {
        size_t length;
        const unsigned char *text = cell_text(v, record, *cell, &length);

        for (size_t i = 0; i < length; i++)
            if (is_control(text[i])) {
                *byte = text[i];
                return true;
            }
    }
    return false;
}

static void
judge_controls(const struct verdicts *v, const struct lane_record *record,
               struct block_reject *reject)
{
    unsigned char byte;
    uint32_t cell;

    if (!v->has_controls || !find_control(v, record, &cell, &byte))
        return;
    reject->code = "control-character";
    reject->column = column_name(v, cell);
    reject->message =
        arena_printf(v->arena, "%s holds the control character U+%04X%s",
                     where_of(v, cell), byte, byte == 0 ? " (NUL)" : "");
}

/* --- cells and columns -------------------------------------------------- */

static void
judge_width(const struct verdicts *v, const struct lane_record *record,
            struct block_reject *reject)
{
    uint32_t want = v->columns->count, have = record->cell_count;

    if (have == want)
        return;
    if (have < want) {
        reject->code = "missing-cell";
        reject->column = column_name(v, have);
        reject->message = arena_printf(
            v->arena, "row has %u of %u cells; first missing is '%s'", have,
            want, reject->column);
    } else {
        reject->code = "extra-cell";
        reject->message = arena_printf(
            v->arena, "row has %u cells for %u columns", have, want);
    }
}

int
verdict_of_record(struct verdicts *v, const struct lane_record *record,
                  struct block_reject *reject, struct fb_error *err)
{
    const struct bad_line *bad = bad_line_of(v, record);

    if (bad != NULL && judge_bad(v, record, bad, reject, err) != 0)
        return -1;
    if (reject->code != NULL)
        return 0;
    if (record->problem != LANE_OK) {
        reject->code = "quote-error";
        reject->column = record->problem == LANE_ESCAPE_AT_END
                             ? NULL
                             : column_name(v, record->problem_cell);
        reject->message = quote_message(v, record);
        reject->broken = true;
        return 0;
    }
    judge_width(v, record, reject);
    if (reject->code == NULL)
        judge_controls(v, record, reject);
    return 0;
}

/* What people upload for a CSV file most often.  It begins as each ZIP archive
 * does (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.7). */
static bool
is_workbook(const struct verdicts *v, const struct lane_record *record)
{
    size_t length = 0;
    const unsigned char *text =
        record->stored > 0 ? cell_text(v, record, 0, &length) : NULL;

    return length >= 4 && memcmp(text, "PK\x03\x04", 4) == 0;
}

int
verdict_of_header(struct verdicts *v, const struct lane_record *record,
                  struct fb_error *err)
{
    const struct bad_line *bad;
    unsigned char byte;
    uint32_t cell;

    verdicts_start(v);
    if (is_workbook(v, record)) {
        fb_fail(err, FB_E_INPUT,
                "the header cannot be read: this is an Excel workbook or "
                "another archive, not text");
        return fb_hint(err, "save it as CSV");
    }
    bad = bad_line_of(v, record);
    if (bad != NULL && v->on_bad_char != BAD_CHAR_REPLACE)
        return fail_bad(v, bad, "header", err);
    if (record->problem != LANE_OK)
        return fb_fail(err, FB_E_INPUT, "the header cannot be read: %s",
                       quote_message(v, record));
    if (v->has_controls && find_control(v, record, &cell, &byte))
        return fb_fail(err, FB_E_INPUT,
                       "the header cannot be used: the name of column %u "
                       "holds the control character U+%04X",
                       cell + 1, byte);
    return 0;
}
