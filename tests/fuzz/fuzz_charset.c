/*
 * Any bytes in any charset: what decodes without a fault encodes to bytes
 * that decode to the same; what does not is described within its bounds.
 */
#include <stdlib.h>

#include "codec/charset.h"
#include "fuzz/replay.h"
#include "util/error.h"
#include "util/text.h"

static const char *const names[] = {
    "utf-8",    "cp932",  "shift_jis", "euc-jp", "euc-jp-ms",    "utf-16",
    "utf-16be", "utf-32", "gb18030",   "big5",   "windows-1252", "iso-8859-1",
};

static void
require(bool truth)
{
    if (!truth)
        abort(); /* which is what a fuzzer looks for */
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

    if (size < 1)
        return 0;
    require(charset_find(names[data[0] % (sizeof(names) / sizeof(names[0]))],
                         &charset, &err) == 0);
    data++;
    size--;
    buf_init(&text, (size_t)1 << 26);
    require(decoder_open(&charset, &decoder, &err) == 0);
    require(decoder_feed(decoder, data, size, &text, &bad, &err) == 0);
    require(text_is_utf8(text.data, text.size, NULL));
    if (bad.length > 0)
        require(bad.offset + bad.length <= size);
    (void)charset_likely_cause(&charset, data, size);
    if (size > 0)
        go_back(&charset, decoder, &text);
    decoder_close(decoder);
    buf_release(&text);
    return 0;
}
