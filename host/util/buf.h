/*
 * util/buf.h: bytes that grow up to a declared maximum.
 */
#ifndef UTIL_BUF_H
#define UTIL_BUF_H

#include "forebay/plugin.h"

/* Zero-initialised except max is unusable: use buf_init. */
struct buf {
    unsigned char *data; /* NUL after `size` bytes once anything was added */
    size_t size;         /* bytes used */
    size_t capacity;
    size_t max; /* more than this fails with FB_E_LIMIT */
};

void buf_init(struct buf *buf, size_t max);
void buf_release(struct buf *buf);
#define AUTO_BUF CLEANUP(buf_release)

/* Keep the memory, forget the content. */
void buf_clear(struct buf *buf);

/* Room for `extra` more bytes behind the content.  FB_E_LIMIT beyond max,
 * or when memory is exhausted; the buffer is then as it was. */
int buf_reserve(struct buf *buf, size_t extra,
                struct fb_error *err) FB_MUST_CHECK;
int buf_append(struct buf *buf, const void *bytes, size_t size,
               struct fb_error *err) FB_MUST_CHECK;
int buf_puts(struct buf *buf, const char *text,
             struct fb_error *err) FB_MUST_CHECK;
int buf_printf(struct buf *buf, struct fb_error *err, const char *format,
               ...) FB_MUST_CHECK FB_PRINTF(3, 4);

/* Remove `size` bytes from the front. */
void buf_consume(struct buf *buf, size_t size);

/* The content as text; "" when empty.  Valid until the next change. */
const char *buf_text(const struct buf *buf);

#endif
