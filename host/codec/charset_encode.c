/*
 * codec/charset_encode.c: UTF-8 to any charset; the other half of charset.h.
 */
#include "codec/charset.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

#include "util/mem.h"

struct encoder {
    const struct charset *charset;
    iconv_t cd;
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
    *encoder = e;
    return 0;
}

void
encoder_close(struct encoder *encoder)
{
    if (encoder == NULL)
        return;
    iconv_close(encoder->cd);
    free(encoder);
}

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

int
encoder_feed(struct encoder *encoder, const unsigned char *text, size_t size,
             bool replace, struct buf *out, size_t *where, struct fb_error *err)
{
    char *in = (char *)(uintptr_t)text; /* iconv does not write there */
    size_t left = size;
    int why;

    if (encoder->charset->is_utf8)
        return buf_append(out, text, size, err);
    while (left > 0) {
        if (encode_some(encoder, &in, &left, out, &why, err) != 0)
            return -1;
        if (why == EILSEQ || why == EINVAL) {
            const unsigned char *at = text + (size - left);
            char mark[] = "?", *question = mark;
            size_t one = 1, length;
            uint32_t code;

            length = character(at, left, &code);
            if (!replace) {
                *where = size - left;
                (void)iconv(encoder->cd, NULL, NULL, NULL, NULL);
                return lacks(encoder->charset, at, length, code, err);
            }
            if (encode_some(encoder, &question, &one, out, &why, err) != 0)
                return -1;
            in += length;
            left -= length;
        }
    }
    return encode_some(encoder, NULL, NULL, out, &why, err);
}
