/*
 * Any bytes in any charset: what decodes without a fault encodes to bytes
 * that decode to the same; what does not is described within its bounds; and
 * tables give what iconv gives, both ways, also in two pieces.
 */
#include <stdlib.h>
#include <string.h>

#include "codec/charset_parts.h"
#include "fuzz/replay.h"
#include "util/error.h"
#include "util/text.h"

static const char *const names[] = {
    "utf-8",        "cp932",        "shift_jis", "euc-jp",  "euc-jp-ms",
    "utf-16",       "utf-16be",     "utf-32",    "gb18030", "big5",
    "windows-1252", "iso-8859-1",   "gbk",       "euc-kr",  "cp949",
    "big5-hkscs",   "euc-jisx0213", "tscii",     "cp1255",  "cp1258",
    "johab",        "iso-2022-jp",
};

/* The first of these, whose text comes back as it went. */
#define FAITHFUL 12

static void
require(bool truth)
{
    if (!truth)
        abort(); /* which is what a fuzzer looks for */
}

static bool
is_same(const struct buf *a, const struct buf *b)
{
    return a->size == b->size &&
           (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

/* A piece through both decoders. */
static void
decode_both(struct decoder *const decoders[2], const uint8_t *data, size_t size)
{
    struct fb_error err = FB_ERROR_INIT;
    struct charset_bad bad[2];
    struct buf out[2];

    for (int i = 0; i < 2; i++) {
        buf_init(&out[i], (size_t)1 << 26);
        require(decoder_feed(decoders[i], data, size, &out[i], &bad[i], &err) ==
                0);
    }
    require(is_same(&out[0], &out[1]));
    require(bad[0].length == bad[1].length && bad[0].offset == bad[1].offset);
    for (int i = 0; i < 2; i++)
        buf_release(&out[i]);
}

/* A piece of what may be UTF-8 through both encoders. */
static void
encode_both(struct encoder *const encoders[2], const uint8_t *data, size_t size,
            bool replace)
{
    struct fb_error err = FB_ERROR_INIT;
    size_t where[2] = {0, 0};
    struct buf out[2];
    int status[2];

    for (int i = 0; i < 2; i++) {
        buf_init(&out[i], (size_t)1 << 26);
        status[i] = encoder_feed(encoders[i], data, size, replace, &out[i],
                                 &where[i], &err);
    }
    require(status[0] == status[1] && where[0] == where[1]);
    require(status[0] != 0 || is_same(&out[0], &out[1]));
    for (int i = 0; i < 2; i++)
        buf_release(&out[i]);
}

static void
compare_with_iconv(const struct charset *charset, const uint8_t *data,
                   size_t size)
{
    struct fb_error err = FB_ERROR_INIT;
    size_t cut = size > 0 ? data[0] % size : 0;
    struct decoder *decoders[2];
    struct encoder *encoders[2];

    for (int i = 0; i < 2; i++) {
        require(decoder_open(charset, &decoders[i], &err) == 0);
        require(encoder_open(charset, &encoders[i], &err) == 0);
    }
    decoder_drop_table(decoders[1]);
    encoder_drop_table(encoders[1]);
    decode_both(decoders, data, cut);
    decode_both(decoders, data + cut, size - cut);
    decode_both(decoders, data, size);
    encode_both(encoders, data, size, true);
    encode_both(encoders, data + cut, size - cut, false);
    for (int i = 0; i < 2; i++) {
        decoder_close(decoders[i]);
        encoder_close(encoders[i]);
    }
}

/* Text that came from a charset must go back and come again. */
static void
go_back(const struct charset *charset, struct decoder *decoder,
        const struct buf *text)
{
    struct fb_error err = FB_ERROR_INIT;
    struct encoder *encoder;
    struct charset_bad bad;
    struct buf bytes, again;
    size_t where = 0;

    buf_init(&bytes, (size_t)1 << 26);
    buf_init(&again, (size_t)1 << 26);
    require(encoder_open(charset, &encoder, &err) == 0);
    require(encoder_feed(encoder, text->data, text->size, true, &bytes, &where,
                         &err) == 0);
    require(decoder_feed(decoder, bytes.data, bytes.size, &again, &bad, &err) ==
            0);
    require(bad.length == 0);
    if (encoder_feed(encoder, text->data, text->size, false, &bytes, &where,
                     &err) == 0)
        require(again.size == text->size &&
                (text->size == 0 ||
                 memcmp(again.data, text->data, text->size) == 0));
    else
        require(where < text->size);
    encoder_close(encoder);
    buf_release(&bytes);
    buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fb_error err = FB_ERROR_INIT;
    struct charset charset;
    struct decoder *decoder;
    struct charset_bad bad;
    struct buf text;
    size_t which;

    if (size < 1)
        return 0;
    which = data[0] % (sizeof(names) / sizeof(names[0]));
    require(charset_find(names[which], &charset, &err) == 0);
    data++;
    size--;
    buf_init(&text, (size_t)1 << 26);
    require(decoder_open(&charset, &decoder, &err) == 0);
    require(decoder_feed(decoder, data, size, &text, &bad, &err) == 0);
    require(text_is_utf8(text.data, text.size, NULL));
    if (bad.length > 0)
        require(bad.offset + bad.length <= size);
    (void)charset_likely_cause(&charset, data, size);
    compare_with_iconv(&charset, data, size);
    if (size > 0 && which < FAITHFUL)
        go_back(&charset, decoder, &text);
    decoder_close(decoder);
    buf_release(&text);
    return 0;
}
