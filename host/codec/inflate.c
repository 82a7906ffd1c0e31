/*
 * codec/inflate.c: gzip by zlib, zstd by libzstd, anything else as it is.
 */
#include "codec/inflate.h"

#include <assert.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "util/limits.h"
#include "util/mem.h"

/* zstd's windows may be 2 GiB; this holds for every level but --long. */
#define ZSTD_WINDOW_LOG 25 /* 32 MiB */

struct inflate {
    struct byte_input input;
    enum compression kind; /* never COMPRESSION_AUTO */
    uint64_t taken, given; /* bytes */
    bool ended;            /* the input has no more */
    bool inside;           /* a member has begun and not ended */
    size_t at, size;       /* what of `bytes` is still to be used */
    z_stream zlib;
    ZSTD_DStream *zstd;
    unsigned char bytes[READ_SIZE]; /* last: it is not cleared */
};

/* Get more input behind what is left. */
static int
fill(struct inflate *inflate, struct fb_error *err)
{
    size_t got;

    if (inflate->at > 0) {
        memmove(inflate->bytes, inflate->bytes + inflate->at,
                inflate->size - inflate->at);
        inflate->size -= inflate->at;
        inflate->at = 0;
    }
    if (inflate->input.read(inflate->input.arg, inflate->bytes + inflate->size,
                            sizeof(inflate->bytes) - inflate->size, &got,
                            err) != 0)
        return -1;
    assert(got <= sizeof(inflate->bytes) - inflate->size);
    inflate->ended = got == 0;
    inflate->size += got;
    inflate->taken += got;
    return 0;
}

static bool
begins_with(const struct inflate *inflate, const char *magic, size_t length)
{
    return inflate->size - inflate->at >= length &&
           memcmp(inflate->bytes + inflate->at, magic, length) == 0;
}

static enum compression
kind_of(const struct inflate *inflate)
{
    if (begins_with(inflate, "\x1f\x8b\x08", 3))
        return COMPRESSION_GZIP;
    if (begins_with(inflate, "\x28\xb5\x2f\xfd", 4))
        return COMPRESSION_ZSTD;
    return COMPRESSION_NONE;
}

static int
start_kind(struct inflate *inflate, struct fb_error *err)
{
    if (inflate->kind == COMPRESSION_GZIP) {
        if (inflateInit2(&inflate->zlib, 15 + 16) != Z_OK)
            return fb_fail(err, FB_E_LIMIT, "cannot get memory for zlib");
    } else if (inflate->kind == COMPRESSION_ZSTD) {
        inflate->zstd = ZSTD_createDStream();
        if (inflate->zstd == NULL)
            return fb_fail(err, FB_E_LIMIT, "cannot get memory for zstd");
        ZSTD_DCtx_setParameter(inflate->zstd, ZSTD_d_windowLogMax,
                               ZSTD_WINDOW_LOG);
    }
    return 0;
}

static const char *
kind_name(enum compression kind)
{
    return kind == COMPRESSION_GZIP ? "gzip" : "zstd";
}

static int
choose_kind(struct inflate *inflate, enum compression wanted,
            struct fb_error *err)
{
    enum compression found;

    inflate->kind = COMPRESSION_NONE;
    while (wanted != COMPRESSION_NONE && inflate->size < 4 && !inflate->ended)
        if (fill(inflate, err) != 0)
            return -1;
    found = kind_of(inflate);
    if (wanted != COMPRESSION_AUTO && wanted != COMPRESSION_NONE &&
        found != wanted) {
        fb_fail(err, FB_E_INPUT, "is not %s data", kind_name(wanted));
        return fb_hint(err, "compression: auto finds out by itself");
    }
    inflate->kind = wanted == COMPRESSION_NONE ? COMPRESSION_NONE : found;
    return start_kind(inflate, err);
}

int
inflate_open(const struct byte_input *input, enum compression compression,
             struct inflate **inflate, struct fb_error *err)
{
    struct inflate *i = mem_alloc(sizeof(*i));

    memset(i, 0, offsetof(struct inflate, bytes));
    i->input = *input;
    if (choose_kind(i, compression, err) != 0) {
        inflate_free(i);
        return -1;
    }
    *inflate = i;
    return 0;
}

void
inflate_free(struct inflate *inflate)
{
    if (inflate == NULL)
        return;
    if (inflate->kind == COMPRESSION_GZIP)
        inflateEnd(&inflate->zlib);
    ZSTD_freeDStream(inflate->zstd);
    free(inflate);
}

static int
copy_some(struct inflate *inflate, unsigned char *bytes, size_t size,
          size_t *got, struct fb_error *err)
{
    size_t left = inflate->size - inflate->at;

    if (left == 0) {
        if (inflate->input.read(inflate->input.arg, bytes, size, got, err) != 0)
            return -1;
        inflate->taken += *got;
        return 0;
    }
    *got = left < size ? left : size;
    memcpy(bytes, inflate->bytes + inflate->at, *got);
    inflate->at += *got;
    return 0;
}

static int
damaged(const struct inflate *inflate, const char *why, struct fb_error *err)
{
    return fb_fail(
        err, FB_E_INPUT, "%s data is damaged near byte %llu: %s",
        kind_name(inflate->kind),
        (unsigned long long)(inflate->taken - (inflate->size - inflate->at)),
        why);
}

/* Apart, for here alone the name is zlib's. */
static int
zlib_step(z_stream *z)
{
    return inflate(z, Z_NO_FLUSH);
}

static int
gzip_some(struct inflate *inflate, unsigned char *bytes, size_t size,
          size_t *got, struct fb_error *err)
{
    z_stream *z = &inflate->zlib;
    int status;

    z->next_in = inflate->bytes + inflate->at;
    z->avail_in = (uInt)(inflate->size - inflate->at);
    z->next_out = bytes;
    z->avail_out = (uInt)size;
    status = zlib_step(z);
    inflate->at = inflate->size - z->avail_in;
    *got = size - z->avail_out;
    if (status == Z_STREAM_END)
        inflate->inside = false;
    else if (status == Z_MEM_ERROR)
        return fb_fail(err, FB_E_LIMIT, "cannot get memory for zlib");
    else if (status != Z_OK && status != Z_BUF_ERROR)
        return damaged(inflate, z->msg != NULL ? z->msg : "unknown", err);
    return 0;
}

static int
zstd_some(struct inflate *inflate, unsigned char *bytes, size_t size,
          size_t *got, struct fb_error *err)
{
    ZSTD_inBuffer in = {inflate->bytes, inflate->size, inflate->at};
    ZSTD_outBuffer out = {bytes, size, 0};
    size_t status = ZSTD_decompressStream(inflate->zstd, &out, &in);

    inflate->at = in.pos;
    *got = out.pos;
    if (ZSTD_isError(status))
        return damaged(inflate, ZSTD_getErrorName(status), err);
    if (status == 0)
        inflate->inside = false;
    return 0;
}

/* Tape blocks are padded with zeros; gzip(1) lets these pass too. */
static int
skip_zeros(struct inflate *inflate, struct fb_error *err)
{
    for (;;) {
        if (inflate->at == inflate->size) {
            if (inflate->ended)
                return 0;
            if (fill(inflate, err) != 0)
                return -1;
        } else if (inflate->bytes[inflate->at++] != 0) {
            return damaged(inflate, "something else follows it", err);
        }
    }
}

/* Between members: another one, the end, or something that is neither. */
static int
next_member(struct inflate *inflate, bool *more, struct fb_error *err)
{
    while (inflate->size - inflate->at < 4 && !inflate->ended)
        if (fill(inflate, err) != 0)
            return -1;
    /* No member begins with a zero. */
    if (inflate->at < inflate->size && inflate->bytes[inflate->at] == 0 &&
        skip_zeros(inflate, err) != 0)
        return -1;
    *more = inflate->size > inflate->at;
    if (!*more)
        return 0;
    if (inflate->kind == COMPRESSION_GZIP) {
        if (kind_of(inflate) != COMPRESSION_GZIP)
            return damaged(inflate, "something else follows it", err);
        inflateReset(&inflate->zlib);
    }
    inflate->inside = true;
    return 0;
}

static int
check_growth(const struct inflate *inflate, struct fb_error *err)
{
    if (inflate->given <= INFLATE_RATIO_FLOOR ||
        inflate->given / INFLATE_RATIO_MAX <= inflate->taken)
        return 0;
    return fb_fail(err, FB_E_LIMIT,
                   "%s data grows more than %d times: it looks like a "
                   "decompression bomb",
                   kind_name(inflate->kind), INFLATE_RATIO_MAX);
}

int
inflate_read(struct inflate *inflate, unsigned char *bytes, size_t size,
             size_t *got, struct fb_error *err)
{
    bool more;

    *got = 0;
    if (size == 0)
        return 0;
    if (inflate->kind == COMPRESSION_NONE)
        return copy_some(inflate, bytes, size, got, err);
    while (*got == 0) {
        if (!inflate->inside) {
            if (next_member(inflate, &more, err) != 0)
                return -1;
            if (!more)
                return 0;
        }
        if (inflate->at == inflate->size && !inflate->ended &&
            fill(inflate, err) != 0)
            return -1;
        if ((inflate->kind == COMPRESSION_GZIP
                 ? gzip_some(inflate, bytes, size, got, err)
                 : zstd_some(inflate, bytes, size, got, err)) != 0)
            return -1;
        if (inflate->inside && *got == 0 && inflate->ended &&
            inflate->at == inflate->size)
            return damaged(inflate, "it is cut off", err);
    }
    inflate->given += *got;
    return check_growth(inflate, err);
}

uint64_t
inflate_taken(const struct inflate *inflate)
{
    return inflate->taken;
}
