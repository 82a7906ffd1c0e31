/*
 * codec/charset_encode.c: UTF-8 to any charset.  What a table can hold goes by
 * charset_table.c; all else, and all that the charset lacks, is iconv's.
 */
#include "codec/charset.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

#include "codec/charset_parts.h"
#include "util/mem.h"

#define UTF8_MAX 4 /* bytes of a character */

struct encoder {
    const struct charset *charset;
    iconv_t cd;
    bool tabled;
    struct encode_table *table; /* NULL until it is needed */
};

int
encoder_open(const struct charset *charset, struct encoder **encoder,
             struct fb_error *err)
{
    iconv_t cd = iconv_open(charset->name, "UTF-8");
    struct encoder *e;

    if (cd == (iconv_t)-1)
        return fb_fail(err, FB_E_CONFIG, "cannot encode charset '%s': %s",
                       charset->name, strerror(errno));
    e = mem_zalloc(sizeof(*e));
    e->charset = charset;
    e->cd = cd;
    e->tabled = charset->stateless && !charset->is_utf8;
    *encoder = e;
    return 0;
}

void
encoder_close(struct encoder *encoder)
{
    if (encoder == NULL)
        return;
    iconv_close(encoder->cd);
    free(encoder->table);
    free(encoder);
}

void
encoder_drop_table(struct encoder *encoder)
{
    encoder->tabled = false;
}

/* Where encoding stands in the text, and where its result goes. */
struct encoding {
    const unsigned char *text;
    size_t size, at;
    bool replace;
    struct buf *out;
    size_t *where;
};

/* One call of iconv; its errno in *why, 0 when all was taken.  in NULL:
 * back to the initial shift state. */
static int
encode_some(struct encoder *encoder, char **in, size_t *left, struct buf *out,
            int *why, struct fb_error *err)
{
    size_t room, before;
    char *to;

    if (buf_reserve(out, (left != NULL ? *left * 2 : 0) + 16, err) != 0)
        return -1;
    before = room = out->capacity - out->size - 1;
    to = (char *)out->data + out->size;
    *why = 0;
    if (iconv(encoder->cd, in, left, &to, &room) == (size_t)-1)
        *why = errno;
    out->size += before - room;
    out->data[out->size] = '\0';
    return 0;
}

/* Length and code point of the character that the text begins with. */
static size_t
character(const unsigned char *text, size_t size, uint32_t *code)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t length = text[0] < 0x80   ? 1
                    : text[0] < 0xe0 ? 2
                    : text[0] < 0xf0 ? 3
                                     : 4;

    if (length > size)
        length = size;
    *code = text[0] & masks[length];
    for (size_t i = 1; i < length; i++)
        *code = *code << 6 | (text[i] & 0x3f);
    return length;
}

static int
lacks(const struct charset *charset, const unsigned char *text, size_t length,
      uint32_t code, struct fb_error *err)
{
    bool shown = code >= 0x20 && code != 0x7f && !(code >= 0x80 && code < 0xa0);

    return fb_fail(
        err, FB_E_INPUT, "charset '%s' has no character U+%04X%s%.*s%s",
        charset->name, code, shown ? " (" : "", shown ? (int)length : 0,
        (const char *)text, shown ? ")" : "");
}

/* The charset has no such character, or it is none. */
static int
replace_character(struct encoder *encoder, struct encoding *e,
                  struct fb_error *err)
{
    const unsigned char *text = e->text + e->at;
    char mark[] = "?", *question = mark;
    size_t one = 1, length;
    uint32_t code;
    int why;

    length = character(text, e->size - e->at, &code);
    if (!e->replace) {
        *e->where = e->at;
        (void)iconv(encoder->cd, NULL, NULL, NULL, NULL);
        return lacks(encoder->charset, text, length, code, err);
    }
    e->at += length;
    return encode_some(encoder, &question, &one, e->out, &why, err);
}

static int
feed_iconv(struct encoder *encoder, struct encoding *e, struct fb_error *err)
{
    int why;

    while (e->at < e->size) {
        char *in = (char *)(uintptr_t)(e->text + e->at); /* it only reads */
        size_t left = e->size - e->at;

        if (encode_some(encoder, &in, &left, e->out, &why, err) != 0)
            return -1;
        e->at = e->size - left;
        if ((why == EILSEQ || why == EINVAL) &&
            replace_character(encoder, e, err) != 0)
            return -1;
    }
    return encode_some(encoder, NULL, NULL, e->out, &why, err);
}

/* One character, or the rest where iconv waits for what follows. */
static int
feed_odd(struct encoder *encoder, struct encoding *e, struct fb_error *err)
{
    size_t left = e->size - e->at, size = 0;
    struct answer answer;

    do {
        answer = charset_ask(encoder->cd, e->text + e->at, ++size);
    } while (answer.why == EINVAL && size < left && size < UTF8_MAX);
    if (answer.why == EILSEQ || (answer.why == EINVAL && size == left))
        return replace_character(encoder, e, err);
    if (answer.why != 0 || answer.held || answer.size == 0)
        return feed_iconv(encoder, e, err);
    e->at += size;
    return buf_append(e->out, answer.out, answer.size, err);
}

static int
feed_table(struct encoder *encoder, struct encoding *e, struct fb_error *err)
{
    struct buf *out = e->out;

    if (encoder->table == NULL)
        encoder->table = encode_table_new(encoder->cd);
    while (e->at < e->size) {
        size_t left = e->size - e->at;
        size_t block = left < TABLE_BLOCK ? left : TABLE_BLOCK, taken;
        unsigned char *to;

        if (charset_make_room(out, block, left) != 0)
            return feed_iconv(encoder, e, err);
        to = out->data + out->size;
        taken =
            encode_table_run(encoder->table, e->text + e->at, block, left, &to);
        e->at += taken;
        out->size = (size_t)(to - out->data);
        out->data[out->size] = '\0';
        if (taken < block && feed_odd(encoder, e, err) != 0)
            return -1;
    }
    return 0;
}

int
encoder_feed(struct encoder *encoder, const unsigned char *text, size_t size,
             bool replace, struct buf *out, size_t *where, struct fb_error *err)
{
    struct encoding e = {text, size, 0, replace, out, where};

    if (encoder->charset->is_utf8)
        return buf_append(out, text, size, err);
    return encoder->tabled ? feed_table(encoder, &e, err)
                           : feed_iconv(encoder, &e, err);
}
