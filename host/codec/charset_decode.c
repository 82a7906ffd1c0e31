/*
 * codec/charset_decode.c: any charset to UTF-8.  UTF-8 is only checked; what
 * a table can hold goes by charset_table.c; all else, and every byte that is
 * no character, is iconv's, one piece or one character at a time.
 */
#include "codec/charset.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "codec/charset_parts.h"
#include "util/mem.h"
#include "util/text.h"

#define CHARACTER_MAX 8 /* bytes; longer than any charset has */

struct decoder {
    const struct charset *charset;
    iconv_t cd;
    bool flushes; /* has no shift state that must outlive a piece */
    bool tabled;
    struct decode_table *table; /* NULL until it is needed */
};

int
decoder_open(const struct charset *charset, struct decoder **decoder,
             struct fb_error *err)
{
    static const unsigned char escape[] = "\x1b";
    iconv_t cd = iconv_open("UTF-8", charset->name);
    struct decoder *d;

    if (cd == (iconv_t)-1)
        return fb_fail(err, FB_E_CONFIG, "cannot decode charset '%s': %s",
                       charset->name, strerror(errno));
    d = mem_zalloc(sizeof(*d));
    d->charset = charset;
    d->cd = cd;
    d->flushes =
        charset->newline_size > 1 || charset_ask(cd, escape, 1).size == 1;
    d->tabled = charset->stateless;
    *decoder = d;
    return 0;
}

void
decoder_close(struct decoder *decoder)
{
    if (decoder == NULL)
        return;
    iconv_close(decoder->cd);
    free(decoder->table);
    free(decoder);
}

void
decoder_drop_table(struct decoder *decoder)
{
    decoder->tabled = false;
}

/* Where decoding stands in the piece, and where its result goes. */
struct decoding {
    const unsigned char *bytes;
    size_t size, at;
    struct buf *out;
    struct charset_bad *bad;
};

/* U+FFFD for one unit of bytes that are no character. */
static int
replace_unit(struct decoding *d, size_t length, struct fb_error *err)
{
    struct charset_bad *bad = d->bad;

    assert(length <= d->size - d->at);
    if (bad->length == 0) {
        /* glibc's UHC has taken the last bytes before it refuses them. */
        size_t taken = length == 0 && d->at > 0;

        bad->offset = d->at - taken;
        bad->length = length + taken;
        memcpy(bad->bytes, d->bytes + bad->offset,
               bad->length < sizeof(bad->bytes) ? bad->length
                                                : sizeof(bad->bytes));
    }
    d->at += length;
    return buf_append(d->out, "\xef\xbf\xbd", 3, err);
}

static int
feed_utf8(struct decoding *d, struct fb_error *err)
{
    size_t valid;

    while (!text_is_utf8(d->bytes + d->at, d->size - d->at, &valid)) {
        if (buf_append(d->out, d->bytes + d->at, valid, err) != 0)
            return -1;
        d->at += valid;
        if (replace_unit(d, 1, err) != 0)
            return -1;
    }
    return buf_append(d->out, d->bytes + d->at, d->size - d->at, err);
}

/* --- by iconv ----------------------------------------------------------- */

/* A character that iconv held back, waiting for a combining one. */
static int
flush(struct decoder *decoder, struct buf *out, struct fb_error *err)
{
    char *to;
    size_t room = 16;

    if (buf_reserve(out, room, err) != 0)
        return -1;
    to = (char *)out->data + out->size;
    (void)iconv(decoder->cd, NULL, NULL, &to, &room);
    out->size += 16 - room;
    return 0;
}

/* One call of iconv; its errno in *why, 0 when all was taken. */
static int
decode_some(struct decoder *decoder, struct decoding *d, int *why,
            struct fb_error *err)
{
    char *in = (char *)(uintptr_t)(d->bytes + d->at); /* it only reads */
    size_t left = d->size - d->at, room, before;
    char *to;

    if (buf_reserve(d->out, left * 2 + 16, err) != 0)
        return -1;
    before = room = d->out->capacity - d->out->size - 1;
    to = (char *)d->out->data + d->out->size;
    *why = 0;
    if (iconv(decoder->cd, &in, &left, &to, &room) == (size_t)-1)
        *why = errno;
    d->out->size += before - room;
    d->at = d->size - left;
    return 0;
}

static int
feed_iconv(struct decoder *decoder, struct decoding *d, struct fb_error *err)
{
    int why;

    while (d->at < d->size) {
        if (decode_some(decoder, d, &why, err) != 0)
            return -1;
        if (why == EILSEQ || why == EINVAL) {
            size_t unit = decoder->charset->newline_size;
            size_t left = d->size - d->at;

            /* EINVAL: a character that the end of the piece cuts off. */
            unit = why == EINVAL || unit > left ? left : unit;
            if (replace_unit(d, unit, err) != 0)
                return -1;
        }
    }
    return decoder->flushes ? flush(decoder, d->out, err) : 0;
}

/* --- by table ----------------------------------------------------------- */

/* One character, or the rest where its meaning depends on what follows. */
static int
feed_odd(struct decoder *decoder, struct decoding *d, struct fb_error *err)
{
    size_t left = d->size - d->at, size = 0;
    struct answer answer;

    /* As few bytes as say something: no other character begins in them. */
    do {
        answer = charset_ask(decoder->cd, d->bytes + d->at, ++size);
    } while (answer.why == EINVAL && size < left && size < CHARACTER_MAX);
    if (answer.why == EINVAL && size == left)
        return replace_unit(d, left, err);
    if (answer.why == EILSEQ && answer.taken == 0)
        return replace_unit(d, 1, err);
    if (answer.why != 0 || answer.held || answer.size == 0)
        return feed_iconv(decoder, d, err);
    d->at += size;
    return buf_append(d->out, answer.out, answer.size, err);
}

static int
feed_table(struct decoder *decoder, struct decoding *d, struct fb_error *err)
{
    struct buf *out = d->out;

    if (decoder->table == NULL)
        decoder->table = decode_table_new(decoder->charset, decoder->cd);
    while (d->at < d->size) {
        size_t left = d->size - d->at,
               block = left < TABLE_BLOCK ? left : TABLE_BLOCK;
        unsigned char *to;
        size_t taken;

        if (charset_make_room(out, block, left + left / 2) != 0)
            return feed_iconv(decoder, d, err);
        to = out->data + out->size;
        taken = decode_table_run(decoder->table, d->bytes + d->at, block, left,
                                 &to);
        d->at += taken;
        out->size = (size_t)(to - out->data);
        if (taken < block && feed_odd(decoder, d, err) != 0)
            return -1;
    }
    return 0;
}

static bool
is_ascii(const unsigned char *bytes, size_t size)
{
    unsigned char high = 0;
    uint64_t word;

    for (; size >= sizeof(word); bytes += sizeof(word), size -= sizeof(word)) {
        memcpy(&word, bytes, sizeof(word));
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            return false;
    }
    while (size-- > 0)
        high |= bytes[size];
    return high < 0x80;
}

int
decoder_feed(struct decoder *decoder, const unsigned char *bytes, size_t size,
             struct buf *out, struct charset_bad *bad, struct fb_error *err)
{
    const struct charset *charset = decoder->charset;
    struct decoding d;
    int status;

    *bad = (struct charset_bad){.length = 0};
    d = (struct decoding){bytes, size, 0, out, bad};
    if (charset->is_utf8)
        return feed_utf8(&d, err);
    if (charset->ascii_plain && is_ascii(bytes, size))
        return buf_append(out, bytes, size, err);
    status = decoder->tabled ? feed_table(decoder, &d, err)
                             : feed_iconv(decoder, &d, err);
    if (status == 0 && out->data != NULL)
        out->data[out->size] = '\0';
    return status;
}
