/*
 * aws/buf.c: see buf.h.  Growth copies by hand instead of realloc, because
 * realloc leaves the old bytes, which may be a secret, in freed memory.
 */
#include "aws/buf.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#define FIRST_CAPACITY 256

void *
aws_alloc(size_t size)
{
    void *memory = calloc(1, size == 0 ? 1 : size);

    if (memory == NULL) {
        fputs("forebay: out of memory\n", stderr);
        abort();
    }
    return memory;
}

char *
aws_strndup(const char *text, size_t size)
{
    char *copy = aws_alloc(size + 1);

    memcpy(copy, text, size);
    return copy;
}

char *
aws_strdup(const char *text)
{
    return text == NULL ? NULL : aws_strndup(text, strlen(text));
}

void
aws_wipe(void *memory, size_t size)
{
    OPENSSL_cleanse(memory, size);
}

void
aws_free_secret(char *text)
{
    if (text != NULL)
        aws_wipe(text, strlen(text));
    free(text);
}

void
aws_buf_init(struct aws_buf *buf, size_t max)
{
    *buf = (struct aws_buf){.max = max};
}

void
aws_buf_clear(struct aws_buf *buf)
{
    if (buf->bytes != NULL) {
        aws_wipe(buf->bytes, buf->len);
        buf->bytes[0] = '\0';
    }
    buf->len = 0;
    buf->failed = false;
}

void
aws_buf_release(struct aws_buf *buf)
{
    aws_buf_clear(buf);
    free(buf->bytes);
    aws_buf_init(buf, buf->max);
}

/* Room for size more bytes and the NUL; false when that is beyond max. */
static bool
make_room(struct aws_buf *buf, size_t size)
{
    unsigned char *bytes;
    size_t capacity = buf->capacity == 0 ? FIRST_CAPACITY : buf->capacity;

    if (size > buf->max - buf->len)
        return false;
    while (capacity - 1 < buf->len + size) {
        if (capacity > SIZE_MAX / 2)
            return false;
        capacity *= 2;
    }
    if (capacity == buf->capacity)
        return true;
    bytes = malloc(capacity);
    if (bytes == NULL)
        return false;
    if (buf->bytes != NULL) {
        memcpy(bytes, buf->bytes, buf->len);
        aws_wipe(buf->bytes, buf->len);
        free(buf->bytes);
    }
    buf->bytes = bytes;
    buf->capacity = capacity;
    return true;
}

void
aws_buf_add(struct aws_buf *buf, const void *bytes, size_t size)
{
    assert(buf->len <= buf->max);
    if (buf->failed || !make_room(buf, size)) {
        buf->failed = true;
        return;
    }
    if (size > 0)
        memcpy(buf->bytes + buf->len, bytes, size);
    buf->len += size;
    buf->bytes[buf->len] = '\0';
}

void
aws_buf_text(struct aws_buf *buf, const char *text)
{
    aws_buf_add(buf, text, strlen(text));
}

void
aws_buf_byte(struct aws_buf *buf, unsigned char byte)
{
    aws_buf_add(buf, &byte, 1);
}

void
aws_buf_vformat(struct aws_buf *buf, const char *format, va_list args)
{
    va_list again;
    int size;

    va_copy(again, args);
    size = vsnprintf(NULL, 0, format, args);
    assert(size >= 0);
    if (buf->failed || !make_room(buf, (size_t)size)) {
        buf->failed = true;
    } else {
        vsnprintf((char *)buf->bytes + buf->len, (size_t)size + 1, format,
                  again);
        buf->len += (size_t)size;
    }
    va_end(again);
}

void
aws_buf_format(struct aws_buf *buf, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    aws_buf_vformat(buf, format, args);
    va_end(args);
}

void
aws_buf_trim(struct aws_buf *buf, const char *bytes)
{
    while (buf->len > 0 &&
           memchr(bytes, buf->bytes[buf->len - 1], strlen(bytes)) != NULL)
        buf->bytes[--buf->len] = '\0';
}

const char *
aws_buf_string(const struct aws_buf *buf)
{
    return buf->bytes == NULL ? "" : (const char *)buf->bytes;
}

int
aws_buf_check(const struct aws_buf *buf, const char *what, struct fb_error *err)
{
    if (!buf->failed)
        return 0;
    return fb_fail(err, FB_E_LIMIT, "cannot hold the %s: larger than %zu bytes",
                   what, buf->max);
}
