/*
 * table/sniff.c: each delimiter is tried by reading with it.
 */
#include "table/sniff.h"

#include "codec/reader.h"
#include "step/step.h"
#include "table/infer.h"
#include "util/mem.h"
#include "util/text.h"

#define SAMPLE_ROWS 1000

static const struct candidate {
    const char *text, *name;
} candidates[] = {
    {",", "comma"}, {"\t", "tab"}, {";", "semicolon"}, {"|", "pipe"}};

struct memory {
    const struct sniff_text *text;
    size_t at;
};

static int
read_memory(void *arg, unsigned char *bytes, size_t size, size_t *got,
            struct fb_error *err)
{
    struct memory *memory = arg;
    size_t left = memory->text->size - memory->at;

    (void)err;
    *got = left < size ? left : size;
    memcpy(bytes, memory->text->bytes + memory->at, *got);
    memory->at += *got;
    return 0;
}

/* Nothing is known of a header: every record is a row. */
static struct reader_options
options_of(const struct format *format, struct memory *memory)
{
    struct reader_options options = {.name = "text",
                                     .input = {read_memory, memory},
                                     .format = *format,
                                     .host = &step_services};

    options.format.header = HEADER_NONE;
    options.format.on_bad_char = BAD_CHAR_REPLACE;
    options.format.compression = COMPRESSION_NONE;
    return options;
}

/* --- delimiter ------------------------------------------------------------ */

/* How a text looks with some delimiter. */
struct cut {
    uint32_t width; /* cells of the first record; 0: it cannot be read */
    uint64_t even;  /* records of as many cells */
    uint64_t odd;   /* other records */
};

static void
count_rows(struct reader *reader, struct cut *cut)
{
    struct fb_error ignored = {.code = FB_E_NONE};
    struct batch *batch = NULL;

    while (cut->even + cut->odd < SAMPLE_ROWS &&
           reader_next(reader, &batch, &ignored) == 0 && batch != NULL) {
        struct batch *rejects = batch_take_rejects(batch);

        cut->even += batch_selected_count(batch);
        cut->odd += rejects != NULL ? batch_rows(rejects) : 0;
        batch_free(rejects);
        batch_free(batch);
        batch = NULL;
    }
}

static struct cut
cut_with(const struct sniff_text *text, const struct format *format)
{
    struct memory memory = {.text = text};
    const struct reader_options options = options_of(format, &memory);
    struct fb_error ignored = {.code = FB_E_NONE};
    struct cut cut = {.width = 0};
    struct reader *reader;

    if (reader_open(&options, &reader, &ignored) != 0)
        return cut;
    cut.width = reader_columns(reader)->count;
    count_rows(reader, &cut);
    reader_free(reader);
    if (!text->whole && cut.odd > 0)
        cut.odd--; /* the last one may be cut off */
    return cut;
}

/* A delimiter that the first record lacks cuts nothing; else the fewest odd
 * records, then the most cells. */
static bool
is_better(const struct cut *a, const struct cut *b)
{
    uint64_t left = a->odd * (b->even + b->odd);
    uint64_t right = b->odd * (a->even + a->odd);

    if ((a->width > 1) != (b->width > 1))
        return a->width > 1;
    return left != right ? left < right : a->width > b->width;
}

const char *
sniff_delimiter(const struct sniff_text *text, struct format *format)
{
    struct cut best = {.width = 0};
    size_t chosen = 0;

    for (size_t i = 0; i < ARRAY_SIZE(candidates); i++) {
        struct cut cut;

        format->dialect.delimiter = candidates[i].text;
        cut = cut_with(text, format);
        if (i > 0 && !is_better(&cut, &best))
            continue;
        best = cut;
        chosen = i;
    }
    format->dialect.delimiter = candidates[chosen].text;
    if (best.width <= 1)
        return "no comma, tab, semicolon or pipe stands in its first record";
    return arena_printf(text->arena,
                        "a %s: %u cells in %s of its first %s records",
                        candidates[chosen].name, best.width,
                        text_grouped(text->arena, best.even),
                        text_grouped(text->arena, best.even + best.odd));
}

/* --- header --------------------------------------------------------------- */

/* Why the first record does not name columns; NULL: it may. */
static const char *
why_no_header(struct arena *arena, struct batch *batch)
{
    const struct columns *columns = batch_columns(batch);
    struct infer *infer = infer_new(columns);
    uint32_t *from = arena_array(arena, columns->count, sizeof(*from));
    const char *found = NULL;

    for (uint32_t i = 0; i < columns->count; i++)
        from[i] = i;
    infer_rows(infer, batch, from, 1, "the first record");
    for (uint32_t i = 0; i < columns->count && found == NULL; i++) {
        const struct fb_cell *cell = &batch_cells(batch, i)[0];
        const char *shown = text_escape(arena, cell->ptr, cell->len, 40);
        struct fb_column column;
        const char *why;

        infer_column(infer, i, arena, &column, &why);
        if (cell->len == 0)
            found = "its first record has an empty cell";
        else if (strspn(shown, "0123456789") == cell->len ||
                 column.type != FB_C_STRING)
            found = arena_printf(arena, "'%s' in its first record is a value",
                                 shown);
    }
    infer_free(infer);
    return found;
}

const char *
sniff_header(const struct sniff_text *text, struct format *format)
{
    struct memory memory = {.text = text};
    const struct reader_options options = options_of(format, &memory);
    struct fb_error ignored = {.code = FB_E_NONE};
    struct batch *batch = NULL;
    const char *why = NULL;
    struct reader *reader;

    format->header = HEADER_REQUIRED;
    if (reader_open(&options, &reader, &ignored) != 0)
        return "the first record cannot be read"; /* reading it will say why */
    if (reader_next(reader, &batch, &ignored) == 0 && batch != NULL &&
        batch_rows(batch) > 0)
        why = why_no_header(text->arena, batch);
    batch_free(batch);
    reader_free(reader);
    if (why == NULL)
        return "nothing in its first record is empty, a number or a date";
    format->header = HEADER_NONE;
    return why;
}
