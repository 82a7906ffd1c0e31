/*
 * What the tests of the codec share: bytes in memory through a reader, shown
 * as text; and through a reader and a writer, as bytes.
 *
 * A table is shown as
 *     (a)(b)                     the columns
 *     2:[x]["y"]                 a row: its line, cells, quoted where quoted
 *     3!missing-cell b: row ...  a reject: line, code, column, message
 *     4!!quote-error ...         a reject that is not one record by itself
 */
#ifndef UNIT_CODEC_KIT_H
#define UNIT_CODEC_KIT_H

#include <check.h>
#include <stdlib.h>

#include "codec/reader.h"
#include "codec/writer.h"
#include "unit/main.h"
#include "util/buf.h"
#include "util/error.h"

struct kit_bytes {
    const unsigned char *bytes;
    size_t size, at;
    size_t step; /* bytes given at once; 0: as many as asked for */
};

static inline int
kit_read_bytes(void *arg, unsigned char *bytes, size_t size, size_t *got,
               struct fb_error *err)
{
    struct kit_bytes *k = (struct kit_bytes *)arg;

    (void)err;
    *got = k->size - k->at < size ? k->size - k->at : size;
    if (k->step > 0 && *got > k->step)
        *got = k->step;
    if (*got > 0)
        memcpy(bytes, k->bytes + k->at, *got);
    k->at += *got;
    return 0;
}

static inline int
kit_write_bytes(void *arg, const unsigned char *bytes, size_t size,
                struct fb_error *err)
{
    return buf_append((struct buf *)arg, bytes, size, err);
}

static inline struct format
kit_format(void)
{
    struct format format;

    format_init(&format);
    return format;
}

static inline void
kit_show_cell(struct buf *out, const struct fb_cell *cell)
{
    struct fb_error err;
    const char *quote = cell->flags & FB_CELL_QUOTED ? "\"" : "";

    ck_assert_int_eq(buf_printf(out, &err, "[%s", quote), 0);
    ck_assert_int_eq(buf_append(out, cell->ptr, cell->len, &err), 0);
    ck_assert_int_eq(buf_printf(out, &err, "%s]", quote), 0);
}

static inline void
kit_show_rejects(struct buf *out, struct batch *batch)
{
    struct batch *rejects = batch_take_rejects(batch);
    struct fb_error err;

    for (uint32_t i = 0; rejects != NULL && i < batch_rows(rejects); i++) {
        const struct reject *r = batch_reject_of(rejects, i);

        ck_assert_int_eq(buf_printf(out, &err, "%d!%s%s %s: %s\n", (int)r->line,
                                    r->broken ? "!" : "", r->code,
                                    r->column ? r->column : "-", r->message),
                         0);
    }
    batch_free(rejects);
}

static inline void
kit_show_batch(struct buf *out, struct batch *batch)
{
    struct fb_error err;

    for (uint32_t row = 0; row < batch_rows(batch); row++) {
        ck_assert_int_eq(
            buf_printf(out, &err, "%d:", (int)batch_line(batch, row)), 0);
        for (uint32_t c = 0; c < batch_columns(batch)->count; c++)
            kit_show_cell(out, &batch_cells(batch, c)[row]);
        ck_assert_int_eq(buf_puts(out, "\n", &err), 0);
    }
    kit_show_rejects(out, batch);
}

static inline void
kit_show_columns(struct buf *out, const struct columns *columns)
{
    struct fb_error err;

    for (uint32_t c = 0; c < columns->count; c++)
        ck_assert_int_eq(buf_printf(out, &err, "(%s)", columns->items[c].name),
                         0);
    ck_assert_int_eq(buf_puts(out, "\n", &err), 0);
}

/* Everything as text (freed by the caller), or NULL with *err. */
static inline char *
kit_read(const void *bytes, size_t size, size_t step,
         const struct format *format, const struct schema *schema,
         struct fb_error *err)
{
    struct kit_bytes input = {(const unsigned char *)bytes, size, 0, step};
    struct reader_options options = {.name = "in.csv",
                                     .input = {kit_read_bytes, &input},
                                     .format = *format,
                                     .schema = schema};
    struct reader *reader = NULL;
    struct batch *batch = NULL;
    struct buf out;
    char *text = NULL;
    int status = reader_open(&options, &reader, err);

    buf_init(&out, (size_t)1 << 30);
    if (status == 0)
        kit_show_columns(&out, reader_columns(reader));
    while (status == 0 && (status = reader_next(reader, &batch, err)) == 0 &&
           batch != NULL) {
        kit_show_batch(&out, batch);
        batch_free(batch);
    }
    if (status == 0)
        text = strdup(buf_text(&out));
    buf_release(&out);
    reader_free(reader);
    return text;
}

/* What a change does to a batch on its way; NULL: nothing. */
typedef void (*kit_change)(struct batch *batch);

/* Bytes through a reader and a writer; out must be initialised. */
static inline int
kit_copy(const void *bytes, size_t size, const struct format *from,
         const struct format *to, enum layout layout, kit_change change,
         struct buf *out, struct fb_error *err)
{
    struct kit_bytes input = {(const unsigned char *)bytes, size, 0, 0};
    struct reader_options in = {
        .name = "in.csv", .input = {kit_read_bytes, &input}, .format = *from};
    struct writer_options put = {.name = "out.csv",
                                 .output = {kit_write_bytes, out},
                                 .format = *to,
                                 .layout = layout};
    struct reader *reader = NULL;
    struct writer *writer = NULL;
    struct batch *batch = NULL, *rejects, *written;
    int status = reader_open(&in, &reader, err);

    if (status == 0)
        status = writer_open(&put, &writer, err);
    if (status == 0)
        status = writer_begin(writer,
                              layout == LAYOUT_RETURN ? &reject_columns
                                                      : reader_columns(reader),
                              reader_origin(reader), err);
    while (status == 0 && (status = reader_next(reader, &batch, err)) == 0 &&
           batch != NULL) {
        if (change != NULL)
            change(batch);
        rejects = batch_take_rejects(batch);
        written = layout == LAYOUT_RETURN ? rejects : batch;
        if (written != NULL)
            status = writer_write(writer, written, err);
        batch_free(rejects);
        batch_free(batch);
    }
    if (status == 0)
        status = writer_finish(writer, err);
    writer_free(writer);
    reader_free(reader);
    return status;
}

#endif
