/*
 * What the tests and fuzz targets of pieces share: all that a reader says of a
 * text, as bytes, so that two ways of reading can be compared.
 */
#ifndef UNIT_PIECES_KIT_H
#define UNIT_PIECES_KIT_H

#include <stdlib.h>

#include "codec/reader.h"
#include "util/buf.h"
#include "util/error.h"

static inline void
pieces_check(bool truth)
{
    if (!truth)
        abort(); /* which is what a fuzzer looks for */
}

struct pieces_input {
    const unsigned char *bytes;
    size_t size, at;
    size_t step; /* bytes given at once; 0: as many as asked for */
};

static inline int
pieces_read_bytes(void *arg, unsigned char *bytes, size_t size, size_t *got,
                  struct fb_error *err)
{
    struct pieces_input *in = (struct pieces_input *)arg;

    (void)err;
    *got = in->size - in->at < size ? in->size - in->at : size;
    if (in->step > 0 && *got > in->step)
        *got = in->step;
    if (*got > 0)
        memcpy(bytes, in->bytes + in->at, *got);
    in->at += *got;
    return 0;
}

/* What was read: the rows, then the rejects, then the error. */
struct pieces_shown {
    struct buf rows, rejects;
};

static inline void
pieces_show(struct buf *out, const char *text)
{
    struct fb_error err;

    pieces_check(buf_puts(out, text, &err) == 0);
}

static inline void
pieces_show_bytes(struct buf *out, const char *name, const unsigned char *bytes,
                  size_t size)
{
    struct fb_error err;

    pieces_check(buf_printf(out, &err, " %s%zu=", name, size) == 0);
    pieces_check(buf_append(out, bytes, size, &err) == 0);
}

static inline void
pieces_show_number(struct buf *out, uint64_t number)
{
    struct fb_error err;

    pieces_check(buf_printf(out, &err, " %llu", (unsigned long long)number) ==
                 0);
}

static inline void
pieces_show_rows(struct pieces_shown *s, struct batch *batch)
{
    const struct block *block = batch_block(batch);

    for (uint32_t row = 0; row < batch_rows(batch); row++) {
        const struct block_record r = block_record(block, row);

        pieces_check(r.line == batch_line(batch, row));
        pieces_show_number(&s->rows, r.line);
        pieces_show_number(&s->rows, r.end_length);
        pieces_show_bytes(&s->rows, "text", block->text + r.text_offset,
                          r.text_length + r.end_length);
        pieces_show_bytes(&s->rows, "raw", block->raw + r.raw_offset,
                          r.raw_length);
        for (uint32_t c = 0; c < batch_columns(batch)->count; c++) {
            const struct fb_cell *cell = &batch_cells(batch, c)[row];

            pieces_show_number(&s->rows, cell->flags);
            pieces_show_bytes(&s->rows, "cell", cell->ptr, cell->len);
        }
        pieces_show(&s->rows, "\n");
    }
}

static inline void
pieces_show_rejects(struct pieces_shown *s, struct batch *batch)
{
    struct batch *rejects = batch_take_rejects(batch);

    for (uint32_t i = 0; rejects != NULL && i < batch_rows(rejects); i++) {
        const struct reject *r = batch_reject_of(rejects, i);

        pieces_show_number(&s->rejects, r->line);
        pieces_show_number(&s->rejects, r->broken);
        pieces_show(&s->rejects, r->code);
        pieces_show(&s->rejects, r->column != NULL ? r->column : "-");
        pieces_show(&s->rejects, r->message);
        pieces_show_bytes(&s->rejects, "text", r->text, r->text_length);
        pieces_show_bytes(&s->rejects, "raw", r->raw, r->raw_length);
        pieces_show(&s->rejects, "\n");
    }
    batch_free(rejects);
}

/* One way to read a text. */
struct pieces_way {
    const char *csv; /* FOREBAY_CSV; NULL: unset */
    size_t piece_size, step;
};

static inline int
pieces_read_all(struct reader *reader, struct pieces_shown *s,
                struct fb_error *err)
{
    struct batch *batch;
    int status;

    while ((status = reader_next(reader, &batch, err)) == 0 && batch != NULL) {
        pieces_show_rows(s, batch);
        pieces_show_rejects(s, batch);
        batch_free(batch);
    }
    return status;
}

/* Everything as bytes; freed by the caller. */
static inline struct buf
pieces_read(const struct pieces_way *way, const void *bytes, size_t size,
            const struct format *format)
{
    struct pieces_input input = {(const unsigned char *)bytes, size, 0,
                                 way->step};
    struct reader_options options = {.name = "in.csv",
                                     .input = {pieces_read_bytes, &input},
                                     .format = *format,
                                     .piece_size = way->piece_size};
    struct fb_error err = FB_ERROR_INIT, none;
    struct reader *reader = NULL;
    struct pieces_shown s;

    if (way->csv != NULL)
        setenv("FOREBAY_CSV", way->csv, 1);
    buf_init(&s.rows, (size_t)1 << 30);
    buf_init(&s.rejects, (size_t)1 << 30);
    if (reader_open(&options, &reader, &err) != 0 ||
        pieces_read_all(reader, &s, &err) != 0) {
        /* How much was read before is nobody's promise. */
        buf_clear(&s.rows);
        buf_clear(&s.rejects);
        pieces_show(&s.rejects, err.message);
        pieces_show(&s.rejects, err.hint);
    } else {
        for (uint32_t c = 0; c < reader_columns(reader)->count; c++)
            pieces_show(&s.rejects, reader_columns(reader)->items[c].name);
        pieces_show(&s.rejects, reader_origin(reader)->line_end);
    }
    pieces_check(buf_append(&s.rows, s.rejects.data, s.rejects.size, &none) ==
                 0);
    buf_release(&s.rejects);
    reader_free(reader);
    unsetenv("FOREBAY_CSV");
    return s.rows;
}

#endif
