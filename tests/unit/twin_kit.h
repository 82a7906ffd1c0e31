/*
 * What the tests and fuzz targets of the whole reader share: everything that
 * a reader gives for some bytes, shown as text, once the fast way and once as
 * libcsv reads it; the two must be alike.  How the records are shared out
 * among batches is not shown.
 */
#ifndef UNIT_TWIN_KIT_H
#define UNIT_TWIN_KIT_H

#include "codec/reader.h"
#include "unit/lane_kit.h"

/* What is read, and how it comes. */
struct twin_case {
    const struct format *format;
    const struct schema *schema;
    const unsigned char *bytes;
    size_t size;
    size_t step;       /* bytes given at once; 0: as many as asked for */
    size_t piece_size; /* see reader_options */
};

/* What a reader gave; `error` came last, when it is not empty. */
struct twin {
    struct buf rows, rejects, error;
};

struct twin_source {
    const struct twin_case *of;
    size_t at;
};

static inline int
twin_give(void *arg, unsigned char *bytes, size_t size, size_t *got,
          struct fb_error *err)
{
    struct twin_source *s = (struct twin_source *)arg;
    size_t left = s->of->size - s->at;

    (void)err;
    *got = left < size ? left : size;
    if (s->of->step > 0 && *got > s->of->step)
        *got = s->of->step;
    if (*got > 0)
        memcpy(bytes, s->of->bytes + s->at, *got);
    s->at += *got;
    return 0;
}

static inline void
twin_init(struct twin *twin)
{
    buf_init(&twin->rows, (size_t)1 << 30);
    buf_init(&twin->rejects, (size_t)1 << 30);
    buf_init(&twin->error, (size_t)1 << 20);
}

static inline void
twin_release(struct twin *twin)
{
    buf_release(&twin->rows);
    buf_release(&twin->rejects);
    buf_release(&twin->error);
}

static inline void
twin_show_bytes(struct buf *out, const char *before, const void *bytes,
                size_t size)
{
    struct fb_error err;

    lane_kit_check(buf_puts(out, before, &err));
    if (size > 0)
        lane_kit_check(buf_append(out, bytes, size, &err));
    lane_kit_check(buf_puts(out, "]", &err));
}

static inline void
twin_show_row(struct twin *twin, struct batch *batch, uint32_t row)
{
    const struct block *block = batch_block(batch);
    struct block_record record = block_record(block, row);
    struct fb_error err;

    lane_kit_check(buf_printf(&twin->rows, &err, "%u/%u end %u",
                              (unsigned)batch_line(batch, row),
                              (unsigned)record.line, record.end_length));
    twin_show_bytes(&twin->rows, " text[", block->text + record.text_offset,
                    (size_t)record.text_length + record.end_length);
    twin_show_bytes(&twin->rows, " raw[", block->raw + record.raw_offset,
                    record.raw_length);
    for (uint32_t c = 0; c < batch_columns(batch)->count; c++) {
        const struct fb_cell *cell = &batch_cells(batch, c)[row];

        lane_kit_check(buf_printf(&twin->rows, &err, " %x", cell->flags));
        twin_show_bytes(&twin->rows, "[", cell->ptr, cell->len);
    }
    lane_kit_check(buf_puts(&twin->rows, "\n", &err));
}

static inline void
twin_show_reject(struct twin *twin, const struct reject *reject)
{
    struct buf *out = &twin->rejects;
    struct fb_error err;

    lane_kit_check(buf_printf(
        out, &err, "%u %s%s %s: %s", (unsigned)reject->line, reject->code,
        reject->broken ? " broken" : "",
        reject->column != NULL ? reject->column : "-", reject->message));
    twin_show_bytes(out, " text[", reject->text, reject->text_length);
    lane_kit_check(reject->has_raw ? 0 : -1);
    twin_show_bytes(out, " raw[", reject->raw, reject->raw_length);
    lane_kit_check(buf_puts(out, "\n", &err));
}

static inline void
twin_show_batch(struct twin *twin, struct batch *batch)
{
    struct batch *rejects = batch_take_rejects(batch);

    for (uint32_t row = 0; row < batch_rows(batch); row++)
        twin_show_row(twin, batch, row);
    for (uint32_t i = 0; rejects != NULL && i < batch_rows(rejects); i++)
        twin_show_reject(twin, batch_reject_of(rejects, i));
    batch_free(rejects);
}

static inline void
twin_show_header(struct twin *twin, const struct reader *reader)
{
    const struct columns *columns = reader_columns(reader);
    struct fb_error err;

    for (uint32_t c = 0; c < columns->count; c++)
        lane_kit_check(
            buf_printf(&twin->rows, &err, "(%s)", columns->items[c].name));
    lane_kit_check(buf_printf(&twin->rows, &err, " end '%s'\n",
                              reader_origin(reader)->line_end));
}

/* With `lane` demanded by the environment; NULL: as it is fastest. */
static inline void
twin_read(const struct twin_case *of, const char *lane, struct twin *twin)
{
    struct twin_source source = {of, 0};
    struct reader_options options = {.name = "in.csv",
                                     .input = {twin_give, &source},
                                     .format = *of->format,
                                     .schema = of->schema,
                                     .piece_size = of->piece_size};
    struct fb_error err = FB_ERROR_INIT, full;
    struct reader *reader = NULL;
    struct batch *batch = NULL;
    uint64_t least = 0;
    int status;

    if (lane != NULL)
        setenv("FOREBAY_CSV", lane, 1);
    else
        unsetenv("FOREBAY_CSV");
    status = reader_open(&options, &reader, &err);
    unsetenv("FOREBAY_CSV");
    if (status == 0)
        twin_show_header(twin, reader);
    while (status == 0 && (status = reader_next(reader, &batch, &err)) == 0 &&
           batch != NULL) {
        /* They come in order. */
        lane_kit_check(batch_sequence(batch) >= least ? 0 : -1);
        least = batch_sequence(batch) + 1;
        twin_show_batch(twin, batch);
        batch_free(batch);
    }
    if (status != 0)
        lane_kit_check(buf_printf(&twin->error, &full, "%d %s (%s)",
                                  (int)err.code, err.message, err.hint));
    reader_free(reader);
}

/* What libcsv reads; release it. */
static inline struct twin
twin_of_libcsv(const struct twin_case *of)
{
    struct twin twin;

    twin_init(&twin);
    twin_read(of, "libcsv", &twin);
    return twin;
}

static inline struct twin
twin_of_fastest(const struct twin_case *of)
{
    struct twin twin;

    twin_init(&twin);
    twin_read(of, NULL, &twin);
    return twin;
}

static inline bool
twin_starts_with(const struct buf *whole, const struct buf *part)
{
    return part->size <= whole->size &&
           (part->size == 0 ||
            memcmp(whole->data, part->data, part->size) == 0);
}

/* Alike: the same to the end; or to the same error, before which one of them
 * may have given more. */
static inline bool
twin_alike(const struct twin *a, const struct twin *b)
{
    bool failed = a->error.size > 0;

    if (a->error.size != b->error.size ||
        !twin_starts_with(&a->error, &b->error))
        return false;
    if (!failed &&
        (a->rows.size != b->rows.size || a->rejects.size != b->rejects.size))
        return false;
    return (twin_starts_with(&a->rows, &b->rows) ||
            (failed && twin_starts_with(&b->rows, &a->rows))) &&
           (twin_starts_with(&a->rejects, &b->rejects) ||
            (failed && twin_starts_with(&b->rejects, &a->rejects)));
}

#endif
