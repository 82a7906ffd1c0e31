/*
 * example.c: the smallest plugin that does something useful; copy it to begin
 * your own.  It hides all but the last few characters of a column, so that
 * "4242424242424242" leaves as "************4242".
 */
#include "forebay/plugin.h"

/* One step of a pipeline.  The host fills in the options before anything is
 * called; the other fields begin as zero. */
struct example {
    const char *column; /* option */
    int64_t keep;       /* option */
    uint32_t from, to;  /* the column as it comes in, and as it leaves */
};

/* Say which columns leave: all that come in, one of them made anew. */
static int
example_bind(void *self, struct fb_step *step, struct fb_error *err)
{
    struct example *example = self;

    if (fb_column_find(step, "column", 0, example->column, &example->from,
                       err) != 0)
        return -1;
    for (uint32_t i = 0; i < fb_column_count(step); i++) {
        bool ours = i == example->from;

        if (fb_output_column(step, fb_column(step, i)->name,
                             ours ? FB_C_STRING : 0, ours ? FB_NEW : i,
                             ours ? &example->to : NULL, err) != 0)
            return -1;
    }
    return 0;
}

/* In UTF-8, bytes 10xxxxxx go on with a character and all others begin one. */
static bool
begins_character(unsigned char byte)
{
    return (byte & 0xc0) != 0x80;
}

/* A masked copy of a cell, in memory that lives as long as the batch. */
static struct fb_cell
mask(struct fb_batch *batch, const struct fb_cell *cell, int64_t keep)
{
    unsigned char *text = fb_batch_alloc(batch, cell->len);
    struct fb_cell masked = {.ptr = text, .flags = cell->flags};
    uint32_t tail = cell->len; /* where the characters to keep begin */

    while (tail > 0 && keep > 0)
        if (begins_character(cell->ptr[--tail]))
            keep--;
    for (uint32_t i = 0; i < tail; i++)
        if (begins_character(cell->ptr[i]))
            text[masked.len++] = '*';
    for (uint32_t i = tail; i < cell->len; i++)
        text[masked.len++] = cell->ptr[i];
    return masked;
}

/* A batch of rows passes by.  Work on those that are still selected. */
static int
example_process(void *self, struct fb_step *step, struct fb_batch *batch,
                struct fb_error *err)
{
    const struct example *example = self;
    const uint64_t *selection = fb_batch_selection(batch);
    uint32_t rows = fb_batch_rows(batch);
    struct fb_cell *made = fb_batch_alloc(batch, rows * sizeof(*made));
    const struct fb_cell *cells;

    (void)step;
    if (fb_batch_cells(batch, example->from, &cells, err) != 0)
        return -1;
    for (uint32_t row = 0; row < rows; row++)
        made[row] = fb_bit(selection, row)
                        ? mask(batch, &cells[row], example->keep)
                        : cells[row];
    fb_batch_set(batch, example->to, made);
    return 0;
}

/* The only place where the options exist: what users may write, the error
 * messages, the documentation and the editors' schema come from here. */
static const struct fb_option example_options[] = {
    {.name = "column",
     FB_STRING(struct example, column),
     .flags = FB_REQUIRED,
     .help = "The column to mask."},
    {.name = "keep",
     FB_INT(struct example, keep),
     .def = "4",
     .min = 0,
     .max = 1000,
     .help = "How many characters at the end stay readable."},
    {.name = NULL},
};

static const struct fb_plugin example_plugin = {
    FB_PLUGIN_HEAD,
    .kind = FB_TRANSFORM,
    .name = "example",
    .summary = "Masks all but the last characters of a column.",
    .flags = FB_PARALLEL, /* batches do not need each other */
    .options = example_options,
    .instance_size = sizeof(struct example),
    .bind = example_bind,
    .process = example_process,
};

FB_PROVIDES("transform example");
FB_PLUGINS(&example_plugin);
