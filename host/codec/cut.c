/*
 * codec/cut.c: bytes are read straight into the memory that the piece keeps;
 * the part of a record behind its last row is put back for the next.
 */
#include "codec/cut.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"

/* A longer record is read line by line.  Decoded it is still far from what a
 * record may have. */
#define CUT_RECORD_MAX (RECORD_MAX / 4)

struct cut {
    struct inflate *input;
    bool ended; /* the input has no more */
    struct buf back;
    size_t at; /* of what was put back and not pulled again */
    const struct scan_kernel *kernel;
    unsigned char delimiter, quote;
    size_t piece_size;
};

/* A piece in the making. */
struct filling {
    unsigned char *bytes;
    size_t size, capacity;
    struct scan scan;
};

struct cut *
cut_new(struct inflate *input)
{
    struct cut *cut = mem_zalloc(sizeof(*cut));

    cut->input = input;
    buf_init(&cut->back, 4 * RECORD_MAX);
    return cut;
}

void
cut_free(struct cut *cut)
{
    if (cut == NULL)
        return;
    buf_release(&cut->back);
    free(cut);
}

void
cut_set(struct cut *cut, const struct scan_kernel *kernel,
        unsigned char delimiter, unsigned char quote, size_t piece_size)
{
    assert(piece_size > 0 && piece_size <= CUT_RECORD_MAX);
    cut->kernel = kernel;
    cut->delimiter = delimiter;
    cut->quote = quote;
    cut->piece_size = piece_size;
}

void
cut_piece_release(struct cut_piece *piece)
{
    free(piece->bytes);
    free(piece->ends);
    *piece = (struct cut_piece){.bytes = NULL};
}

int
cut_pull(void *arg, unsigned char *bytes, size_t size, size_t *got,
         struct fb_error *err)
{
    struct cut *cut = arg;
    size_t left = cut->back.size - cut->at;

    *got = 0;
    if (left > 0) {
        *got = left < size ? left : size;
        memcpy(bytes, cut->back.data + cut->at, *got);
        cut->at += *got;
        return 0;
    }
    if (cut->ended)
        return 0;
    if (inflate_read(cut->input, bytes, size, got, err) != 0)
        return -1;
    cut->ended = *got == 0 && size > 0;
    return 0;
}

int
cut_put_back(struct cut *cut, const unsigned char *bytes, size_t size,
             struct fb_error *err)
{
    size_t left = cut->back.size - cut->at;

    if (size == 0)
        return 0;
    if (left == 0) {
        buf_clear(&cut->back);
        cut->at = 0;
        return buf_append(&cut->back, bytes, size, err);
    }
    if (cut->at < size) {
        if (buf_reserve(&cut->back, size - cut->at, err) != 0)
            return -1;
        memmove(cut->back.data + size, cut->back.data + cut->at, left);
        cut->at = size;
        cut->back.size = size + left;
    }
    cut->at -= size;
    memcpy(cut->back.data + cut->at, bytes, size);
    return 0;
}

static int
grow(struct filling *f, size_t capacity, struct fb_error *err)
{
    unsigned char *bytes = mem_try_realloc(f->bytes, capacity + 1);
    uint32_t *ends = NULL;

    if (bytes != NULL) {
        f->bytes = bytes;
        ends = mem_try_realloc(f->scan.ends,
                               (capacity + SCAN_SLACK) * sizeof(*ends));
    }
    if (ends == NULL)
        return fb_fail(err, FB_E_LIMIT, "cannot get %zu bytes of memory",
                       capacity);
    f->scan.ends = ends;
    f->capacity = capacity;
    return 0;
}

/* Until the piece is full, the input ends, or the text proves irregular. */
static int
fill(struct cut *cut, struct filling *f, struct fb_error *err)
{
    size_t got = 1;

    while (f->size < f->capacity && got > 0 &&
           !(f->scan.flags & SCAN_IRREGULAR)) {
        if (cut_pull(cut, f->bytes + f->size, f->capacity - f->size, &got,
                     err) != 0)
            return -1;
        f->size += got;
        scan_more(&f->scan, f->bytes, f->size);
    }
    return 0;
}

/* Until it holds a whole record, if that is not too long. */
static int
fill_records(struct cut *cut, struct filling *f, bool *regular,
             struct fb_error *err)
{
    size_t capacity = cut->piece_size;

    do {
        if (grow(f, capacity, err) != 0 || fill(cut, f, err) != 0)
            return -1;
        capacity *= 2;
    } while (f->size == f->capacity && f->scan.rows == 0 &&
             !(f->scan.flags & SCAN_IRREGULAR) && capacity <= CUT_RECORD_MAX);
    if (f->size < f->capacity)
        scan_end(&f->scan);
    *regular = !(f->scan.flags & SCAN_IRREGULAR) &&
               (f->size < f->capacity || f->scan.rows > 0);
    return 0;
}

#define STRIDE 64 /* bytes; a count that compilers vectorise at -O2 */

static uint64_t
count_line_feeds(const unsigned char *bytes, size_t size)
{
    uint64_t count = 0;
    size_t i = 0;

    for (; size - i >= STRIDE; i += STRIDE) {
        unsigned char here = 0;

        for (size_t k = 0; k < STRIDE; k++)
            here = (unsigned char)(here + (bytes[i + k] == '\n'));
        count += here;
    }
    for (; i < size; i++)
        count += bytes[i] == '\n';
    return count;
}

/* What was scanned up to the last row, or to the end of the input. */
static int
give(struct cut *cut, struct filling *f, struct cut_piece *piece,
     struct fb_error *err)
{
    const struct scan *scan = &f->scan;
    bool whole = f->size < f->capacity && f->size > scan->row_bytes;

    *piece = (struct cut_piece){
        .bytes = f->bytes,
        .size = whole ? (uint32_t)f->size : scan->row_bytes,
        .ends = scan->ends,
        .count = whole ? scan->count : scan->row_ends,
        .rows = scan->rows,
        .flags = scan->flags,
    };
    if (cut_put_back(cut, f->bytes + piece->size, f->size - piece->size, err) !=
        0)
        return -1;
    piece->bytes[piece->size] = '\0';
    if (whole) {
        piece->ends[piece->count++] = piece->size;
        piece->rows++;
    }
    piece->lines = piece->rows;
    if (piece->flags & SCAN_QUOTED_LF)
        piece->lines = count_line_feeds(piece->bytes, piece->size) + whole;
    return 0;
}

static void
filling_release(struct filling *f)
{
    free(f->bytes);
    free(f->scan.ends);
}

int
cut_next(struct cut *cut, struct cut_piece *piece, enum cut_found *found,
         struct fb_error *err)
{
    struct filling f = {.bytes = NULL};
    bool regular;

    scan_start(&f.scan, cut->kernel, cut->delimiter, cut->quote, NULL);
    if (fill_records(cut, &f, &regular, err) != 0)
        goto fail;
    if (regular && f.size > 0) {
        *found = CUT_PIECE;
        if (give(cut, &f, piece, err) != 0)
            goto fail;
        piece->ends =
            mem_regrow(piece->ends, piece->count, sizeof(*piece->ends));
        return 0;
    }
    *found = f.size == 0 ? CUT_END : CUT_IRREGULAR;
    if (cut_put_back(cut, f.bytes, f.size, err) != 0)
        goto fail;
    filling_release(&f);
    return 0;
fail:
    filling_release(&f);
    return -1;
}
