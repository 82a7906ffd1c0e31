/*
 * util/buf.c: doubling growth with a bound.
 */
#include "util/buf.h"

#include <assert.h>
#include <stdlib.h>

#include "util/mem.h"

#define SPARE_MIN 16384 /* bytes */

void
buf_init(struct buf *buf, size_t max)
{
    assert(max > 0 && max < SIZE_MAX / 4);
    *buf = (struct buf){.max = max};
}

void
buf_release(struct buf *buf)
{
    free(buf->data);
    *buf = (struct buf){.max = buf->max};
}

void
buf_clear(struct buf *buf)
{
    buf->size = 0;
    if (buf->data != NULL)
        buf->data[0] = '\0';
}

/* realloc may have to copy all that the block holds, of which little may be
 * ours: then copy that alone. */
static unsigned char *
grow(struct buf *buf, size_t capacity)
{
    unsigned char *data;

    if (buf->data == NULL || buf->capacity - buf->size < SPARE_MIN)
        return mem_try_realloc(buf->data, capacity);
    data = mem_try_realloc(NULL, capacity);
    if (data != NULL) {
        memcpy(data, buf->data, buf->size);
        free(buf->data);
    }
    return data;
}

int
buf_reserve(struct buf *buf, size_t extra, struct fb_error *err)
{
    size_t need, capacity = buf->capacity ? buf->capacity : 64;
    unsigned char *data;

    assert(buf->max > 0);
    if (extra > buf->max || buf->size > buf->max - extra)
        return fb_fail(err, FB_E_LIMIT, "cannot hold more than %zu bytes here",
                       buf->max);
    need = buf->size + extra + 1;
    if (need <= buf->capacity)
        return 0;
    while (capacity < need)
        capacity *= 2;
    if (capacity > buf->max + 1) /* doubling must not pass the bound */
        capacity = buf->max + 1;
    data = grow(buf, capacity);
    if (data == NULL)
        return fb_fail(err, FB_E_LIMIT, "cannot get %zu bytes of memory",
                       capacity);
    buf->data = data;
    buf->capacity = capacity;
    buf->data[buf->size] = '\0';
    return 0;
}

int
buf_append(struct buf *buf, const void *bytes, size_t size,
           struct fb_error *err)
{
    if (buf_reserve(buf, size, err) != 0)
        return -1;
    if (size > 0)
        memcpy(buf->data + buf->size, bytes, size);
    buf->size += size;
    buf->data[buf->size] = '\0';
    return 0;
}

int
buf_puts(struct buf *buf, const char *text, struct fb_error *err)
{
    return buf_append(buf, text, strlen(text), err);
}

int
buf_printf(struct buf *buf, struct fb_error *err, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    if (buf_reserve(buf, (size_t)length, err) != 0)
        return -1;
    va_start(args, format);
    vsnprintf((char *)buf->data + buf->size, (size_t)length + 1, format, args);
    va_end(args);
    buf->size += (size_t)length;
    return 0;
}

void
buf_consume(struct buf *buf, size_t size)
{
    assert(size <= buf->size);
    if (size == 0)
        return;
    memmove(buf->data, buf->data + size, buf->size - size);
    buf->size -= size;
    buf->data[buf->size] = '\0';
}

const char *
buf_text(const struct buf *buf)
{
    return buf->data != NULL ? (const char *)buf->data : "";
}
