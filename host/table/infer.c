/*
 * table/infer.c: for each column the types that are still possible, and the
 * value that ruled each other one out.
 */
#include "table/infer.h"

#include <assert.h>
#include <stdlib.h>

#include "batch/value.h"
#include "util/mem.h"
#include "util/text.h"

#define SHOWN_MAX 40 /* bytes of a value in a reason */
#define NAME_MAX_SHOWN 120

/* What a column may be, the likeliest first. */
static const struct candidate {
    enum fb_column_type type;
    const char *format;
    const char *words; /* "every value is ..." */
} candidates[] = {
    {FB_C_BOOLEAN, NULL, "true or false"},
    {FB_C_INTEGER, NULL, "a whole number"},
    {FB_C_NUMBER, NULL, "a number"},
    {FB_C_DATE, NULL, "a date (YYYY-MM-DD)"},
    {FB_C_DATE, "any", "a date (YYYY-MM-DD, YYYY/MM/DD or YYYYMMDD)"},
    {FB_C_DATETIME, NULL, "a datetime"},
    {FB_C_DATETIME, "any", "a datetime"},
};
#define CANDIDATES ARRAY_SIZE(candidates)

struct seen {
    bool open[CANDIDATES]; /* still possible */
    uint64_t values;       /* that are not missing */
    uint64_t missing;
    char *against;           /* the value that ruled out the last but text */
    uint64_t line;           /* on which it stands */
    char *name;              /* of its object */
    enum fb_column_type was; /* what all values before it were; 0: nothing */
};

struct infer {
    struct arena *arena;
    const struct columns *columns;
    struct seen *seen;
    uint64_t rows;
};

struct infer *
infer_new(const struct columns *columns)
{
    struct infer *infer = mem_zalloc(sizeof(*infer));
    const char **names = mem_array(columns->count, sizeof(*names));

    infer->arena = arena_new();
    for (uint32_t i = 0; i < columns->count; i++)
        names[i] = columns->items[i].name;
    infer->columns = columns_of_names(infer->arena, names, columns->count);
    free(names);
    infer->seen =
        arena_array(infer->arena, columns->count, sizeof(*infer->seen));
    for (uint32_t i = 0; i < columns->count; i++)
        for (size_t k = 0; k < CANDIDATES; k++)
            infer->seen[i].open[k] = true;
    return infer;
}

void
infer_free(struct infer *infer)
{
    if (infer == NULL)
        return;
    arena_free(infer->arena);
    free(infer);
}

const struct columns *
infer_columns(const struct infer *infer)
{
    return infer->columns;
}

static bool
is_digits(const unsigned char *text, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return length > 0;
}

/* 007, and what a double would round: the name of something. */
static bool
is_a_name(const struct fb_cell *cell)
{
    const unsigned char *text = cell->ptr;
    uint32_t length = cell->len;

    if (length > 0 && (*text == '+' || *text == '-')) {
        text++;
        length--;
    }
    if (length > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9')
        return true;
    return is_digits(text, length) && length > 18;
}

static bool
is_word(const struct fb_cell *cell)
{
    return cell->len > 0 && (cell->ptr[0] < '0' || cell->ptr[0] > '9');
}

static bool
fits(const struct candidate *candidate, const struct fb_cell *cell)
{
    struct fb_column column = {.type = candidate->type,
                               .format = candidate->format};
    struct fb_value value;

    if (candidate->type == FB_C_BOOLEAN && !is_word(cell))
        return false; /* 1 and 0 are numbers */
    if ((candidate->type == FB_C_INTEGER || candidate->type == FB_C_NUMBER) &&
        is_a_name(cell))
        return false;
    value_parse(&column, cell->ptr, cell->len, &value);
    return value.state == FB_V_OK;
}

static enum fb_column_type
type_of(const struct seen *seen)
{
    for (size_t k = 0; seen->values > 0 && k < CANDIDATES; k++)
        if (seen->open[k])
            return candidates[k].type;
    return 0;
}

static void
look_at(struct infer *infer, struct seen *seen, const struct fb_cell *cell,
        uint64_t line, const char *name)
{
    enum fb_column_type was = type_of(seen);
    bool any = false;

    if (cell->flags & FB_CELL_NULL) {
        seen->missing++;
        return;
    }
    for (size_t k = 0; k < CANDIDATES; k++) {
        if (seen->open[k])
            seen->open[k] = fits(&candidates[k], cell);
        any |= seen->open[k];
    }
    seen->values++;
    if (any || seen->against != NULL)
        return;
    seen->against =
        arena_strdup(infer->arena, text_escape(infer->arena, cell->ptr,
                                               cell->len, SHOWN_MAX));
    seen->line = line;
    seen->name =
        arena_dup_nul(infer->arena, name, strnlen(name, NAME_MAX_SHOWN));
    seen->was = was;
}

void
infer_rows(struct infer *infer, struct batch *batch, const uint32_t *from,
           uint32_t rows_max, const char *name)
{
    const uint64_t *selection = batch_selection(batch);
    uint32_t rows = batch_rows(batch), done = 0;

    for (uint32_t c = 0; c < infer->columns->count; c++) {
        const struct fb_cell *cells = batch_cells(batch, from[c]);

        done = 0;
        for (uint32_t row = 0; row < rows && done < rows_max; row++) {
            if (!fb_bit(selection, row))
                continue;
            done++;
            look_at(infer, &infer->seen[c], &cells[row], batch_line(batch, row),
                    name);
        }
    }
    infer->rows += done;
}

uint64_t
infer_row_count(const struct infer *infer)
{
    return infer->rows;
}

void
infer_column(const struct infer *infer, uint32_t column, struct arena *arena,
             struct fb_column *found, const char **why)
{
    const struct seen *seen = &infer->seen[column];
    size_t k = 0;

    assert(column < infer->columns->count);
    *found = (struct fb_column){
        .name = arena_strdup(arena, infer->columns->items[column].name),
        .type = FB_C_STRING,
        .constraints = {.min_length = -1, .max_length = -1}};
    while (k < CANDIDATES && !seen->open[k])
        k++;
    if (seen->values == 0) {
        *why = "there is no value to decide by";
    } else if (k < CANDIDATES) {
        found->type = candidates[k].type;
        found->format = candidates[k].format;
        *why =
            arena_printf(arena, "each of %llu values is %s",
                         (unsigned long long)seen->values, candidates[k].words);
    } else if (seen->was != 0) {
        *why = arena_printf(arena, "'%s' on line %llu of '%s' is no %s",
                            seen->against, (unsigned long long)seen->line,
                            seen->name, column_type_name(seen->was));
    } else {
        *why =
            arena_printf(arena, "values such as '%s' are text", seen->against);
    }
    if (seen->missing > 0)
        *why = arena_printf(arena, "%s; %llu %s missing", *why,
                            (unsigned long long)seen->missing,
                            seen->missing == 1 ? "is" : "are");
}
