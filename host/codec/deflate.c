/*
 * codec/deflate.c: gzip by zlib, zstd by libzstd, at their usual levels.
 */
#include "codec/deflate.h"

#include <assert.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

#define GZIP_LEVEL 6
#define ZSTD_LEVEL 3

struct deflate {
    struct byte_output output;
    enum compression kind;
    uint64_t given; /* bytes */
    z_stream zlib;
    ZSTD_CStream *zstd;
    unsigned char bytes[WRITE_SIZE]; /* compressed; last: not cleared */
};

enum compression
deflate_kind(enum compression wanted, const char *name)
{
    if (wanted != COMPRESSION_AUTO)
        return wanted;
    if (text_ends_with(name, ".gz"))
        return COMPRESSION_GZIP;
    if (text_ends_with(name, ".zst") || text_ends_with(name, ".zstd"))
        return COMPRESSION_ZSTD;
    return COMPRESSION_NONE;
}

int
deflate_open(const struct byte_output *output, enum compression kind,
             struct deflate **deflate, struct fb_error *err)
{
    struct deflate *d = mem_alloc(sizeof(*d));

    assert(kind != COMPRESSION_AUTO);
    memset(d, 0, offsetof(struct deflate, bytes));
    d->output = *output;
    d->kind = kind;
    /* 15 + 16: a gzip member; zlib's header has neither time nor name. */
    if ((kind == COMPRESSION_GZIP &&
         deflateInit2(&d->zlib, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8,
                      Z_DEFAULT_STRATEGY) != Z_OK) ||
        (kind == COMPRESSION_ZSTD &&
         (d->zstd = ZSTD_createCStream()) == NULL)) {
        free(d);
        return fb_fail(err, FB_E_LIMIT, "cannot get memory to compress");
    }
    if (kind == COMPRESSION_ZSTD) {
        ZSTD_CCtx_setParameter(d->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
        ZSTD_CCtx_setParameter(d->zstd, ZSTD_c_checksumFlag, 1);
    }
    *deflate = d;
    return 0;
}

void
deflate_free(struct deflate *deflate)
{
    if (deflate == NULL)
        return;
    if (deflate->kind == COMPRESSION_GZIP)
        deflateEnd(&deflate->zlib);
    ZSTD_freeCStream(deflate->zstd);
    free(deflate);
}

static int
give(struct deflate *d, const unsigned char *bytes, size_t size,
     struct fb_error *err)
{
    if (size == 0)
        return 0;
    d->given += size;
    return d->output.write(d->output.arg, bytes, size, err);
}

/* Apart, for here alone the name is zlib's. */
static int
zlib_step(z_stream *z, int flush)
{
    return deflate(z, flush);
}

static int
gzip_some(struct deflate *d, const unsigned char *bytes, size_t size, int flush,
          struct fb_error *err)
{
    z_stream *z = &d->zlib;

    assert(size <= UINT32_MAX);
    z->next_in = (unsigned char *)(uintptr_t)bytes;
    z->avail_in = (uInt)size;
    do {
        z->next_out = d->bytes;
        z->avail_out = (uInt)sizeof(d->bytes);
        if (zlib_step(z, flush) == Z_STREAM_ERROR)
            return fb_fail(err, FB_E_BUG, "zlib refuses to go on");
        if (give(d, d->bytes, sizeof(d->bytes) - z->avail_out, err) != 0)
            return -1;
    } while (z->avail_out == 0);
    assert(z->avail_in == 0);
    return 0;
}

static int
zstd_some(struct deflate *d, const unsigned char *bytes, size_t size,
          ZSTD_EndDirective end, struct fb_error *err)
{
    ZSTD_inBuffer in = {bytes, size, 0};
    size_t left;

    do {
        ZSTD_outBuffer out = {d->bytes, sizeof(d->bytes), 0};

        left = ZSTD_compressStream2(d->zstd, &out, &in, end);
        if (ZSTD_isError(left))
            return fb_fail(err, FB_E_LIMIT, "cannot compress: %s",
                           ZSTD_getErrorName(left));
        if (give(d, d->bytes, out.pos, err) != 0)
            return -1;
    } while (end == ZSTD_e_end ? left > 0 : in.pos < in.size);
    return 0;
}

int
deflate_write(struct deflate *d, const unsigned char *bytes, size_t size,
              struct fb_error *err)
{
    switch (d->kind) {
    case COMPRESSION_GZIP:
        while (size > 0) {
            size_t some = size < INT32_MAX ? size : INT32_MAX;

            if (gzip_some(d, bytes, some, Z_NO_FLUSH, err) != 0)
                return -1;
            bytes += some;
            size -= some;
        }
        return 0;
    case COMPRESSION_ZSTD:
        return zstd_some(d, bytes, size, ZSTD_e_continue, err);
    case COMPRESSION_NONE:
    case COMPRESSION_AUTO:
        break;
    }
    return give(d, bytes, size, err);
}

int
deflate_finish(struct deflate *d, struct fb_error *err)
{
    if (d->kind == COMPRESSION_GZIP)
        return gzip_some(d, NULL, 0, Z_FINISH, err);
    if (d->kind == COMPRESSION_ZSTD)
        return zstd_some(d, NULL, 0, ZSTD_e_end, err);
    return 0;
}

uint64_t
deflate_given(const struct deflate *d)
{
    return d->given;
}
