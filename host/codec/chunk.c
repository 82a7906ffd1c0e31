/*
 * codec/chunk.c: text and raw bytes share one buffer until the first line
 * whose bytes are not its UTF-8.
 */
#include "codec/chunk.h"

#include <assert.h>
#include <stdlib.h>

#include "util/limits.h"
#include "util/mem.h"

/* A line may decode to three times its bytes (half-width kana), and an open
 * record is looked at until it passes RECORD_MAX. */
#define TEXT_MAX (8 * RECORD_MAX)

static void
buffers_init(struct chunk *chunk)
{
    buf_init(&chunk->text, TEXT_MAX);
    buf_init(&chunk->raw, TEXT_MAX);
    chunk->shared = true;
}

void
chunk_init(struct chunk *chunk)
{
    *chunk = (struct chunk){.first_line = 1};
    buffers_init(chunk);
}

void
chunk_release(struct chunk *chunk)
{
    buf_release(&chunk->text);
    buf_release(&chunk->raw);
    free(chunk->lines);
    free(chunk->bad);
    chunk->lines = NULL;
    chunk->bad = NULL;
}

static struct text_line *
add_line(struct chunk *chunk)
{
    if (chunk->count == chunk->capacity) {
        chunk->capacity = chunk->capacity ? chunk->capacity * 2 : 1024;
        chunk->lines =
            mem_regrow(chunk->lines, chunk->capacity, sizeof(*chunk->lines));
    }
    return &chunk->lines[chunk->count++];
}

static void
add_bad(struct chunk *chunk, uint32_t line, const struct charset_bad *bad)
{
    if (chunk->bad_count == chunk->bad_capacity) {
        chunk->bad_capacity = chunk->bad_capacity ? chunk->bad_capacity * 2 : 8;
        chunk->bad =
            mem_regrow(chunk->bad, chunk->bad_capacity, sizeof(*chunk->bad));
    }
    chunk->bad[chunk->bad_count++] = (struct bad_line){line, *bad};
}

static bool
is_same(const struct raw_line *raw, const unsigned char *text, size_t length)
{
    return raw->length == length && memcmp(raw->bytes, text, length) == 0 &&
           raw->end_length == strlen(raw->end);
}

/* From here on raw bytes have a buffer of their own. */
static int
split(struct chunk *chunk, size_t same, struct fb_error *err)
{
    chunk->shared = false;
    return buf_append(&chunk->raw, chunk->text.data, same, err);
}

static int
add_raw(struct chunk *chunk, const struct raw_line *raw, size_t text_offset,
        struct text_line *line, struct fb_error *err)
{
    const unsigned char *text = chunk->text.data + text_offset;

    line->raw_offset = (uint32_t)text_offset;
    line->raw_length = (uint32_t)raw->length;
    line->raw_end = (uint16_t)raw->end_length;
    if (chunk->shared && is_same(raw, text, line->text_length))
        return 0;
    if (chunk->shared && split(chunk, text_offset, err) != 0)
        return -1;
    line->raw_offset = (uint32_t)chunk->raw.size;
    /* The line end stands directly behind the line in the window. */
    return buf_append(&chunk->raw, raw->bytes, raw->length + raw->end_length,
                      err);
}

static int
add(struct chunk *chunk, const struct raw_line *raw, struct decoder *decoder,
    struct fb_error *err)
{
    size_t offset = chunk->text.size;
    struct text_line *line = add_line(chunk);
    struct charset_bad bad;

    /* mem_regrow and buf_append must not see a line half made on failure. */
    *line = (struct text_line){.text_offset = (uint32_t)offset};
    if (decoder_feed(decoder, raw->bytes, raw->length, &chunk->text, &bad,
                     err) != 0)
        return -1;
    line->text_length = (uint32_t)(chunk->text.size - offset);
    line->text_end = (uint16_t)strlen(raw->end);
    if (add_raw(chunk, raw, offset, line, err) != 0 ||
        buf_append(&chunk->text, raw->end, line->text_end, err) != 0)
        return -1;
    if (bad.length > 0)
        add_bad(chunk, chunk->count - 1, &bad);
    return 0;
}

int
chunk_fill(struct chunk *chunk, struct lines *lines, struct decoder *decoder,
           size_t target, uint32_t lines_max, struct fb_error *err)
{
    struct raw_line raw;
    bool got;

    /* A line more than wanted, and not a buffer twice as large. */
    if (buf_reserve(&chunk->text, 0, err) != 0 ||
        (chunk->text.capacity < target &&
         buf_reserve(&chunk->text, target + target / 8 - chunk->text.size,
                     err) != 0))
        return -1;
    while (!chunk->ended && chunk->text.size < target &&
           chunk->count < lines_max) {
        if (lines_next(lines, &raw, &got, err) != 0)
            return -1;
        if (!got)
            chunk->ended = true;
        else if (add(chunk, &raw, decoder, err) != 0)
            return -1;
    }
    return 0;
}

static size_t
raw_offset_of(const struct chunk *chunk, uint32_t line)
{
    if (line < chunk->count)
        return chunk->lines[line].raw_offset;
    return chunk->shared ? chunk->text.size : chunk->raw.size;
}

/* The lines behind those taken become the first ones. */
static void
move_lines(struct chunk *chunk, uint32_t count, size_t text, size_t raw)
{
    uint32_t kept = 0;

    chunk->count -= count;
    if (chunk->count > 0)
        memmove(chunk->lines, chunk->lines + count,
                chunk->count * sizeof(*chunk->lines));
    for (uint32_t i = 0; i < chunk->count; i++) {
        chunk->lines[i].text_offset -= (uint32_t)text;
        chunk->lines[i].raw_offset -= (uint32_t)raw;
    }
    for (uint32_t i = 0; i < chunk->bad_count; i++)
        if (chunk->bad[i].line >= count) {
            chunk->bad[kept] = chunk->bad[i];
            chunk->bad[kept++].line -= count;
        }
    chunk->bad_count = kept;
    chunk->first_line += count;
    chunk->raw_base += raw;
}

int
chunk_take(struct chunk *chunk, uint32_t count, struct buf *text,
           struct buf *raw, bool *shared, struct fb_error *err)
{
    size_t text_size, raw_size;

    assert(count <= chunk->count);
    text_size = count < chunk->count ? chunk->lines[count].text_offset
                                     : chunk->text.size;
    raw_size = raw_offset_of(chunk, count);
    *text = chunk->text;
    *raw = chunk->raw;
    *shared = chunk->shared;
    buffers_init(chunk);
    if (buf_append(&chunk->text, text->data + text_size, text->size - text_size,
                   err) != 0)
        return -1;
    if (!*shared && count < chunk->count) {
        chunk->shared = false;
        if (buf_append(&chunk->raw, raw->data + raw_size, raw->size - raw_size,
                       err) != 0)
            return -1;
    }
    text->size = text_size;
    if (!*shared)
        raw->size = raw_size;
    move_lines(chunk, count, text_size, raw_size);
    return 0;
}

int
chunk_drop(struct chunk *chunk, uint32_t count, struct fb_error *err)
{
    struct buf text, raw;
    bool shared;
    int status = chunk_take(chunk, count, &text, &raw, &shared, err);

    buf_release(&text);
    buf_release(&raw);
    return status;
}

void
chunk_begin(struct chunk *chunk, uint64_t first_line, uint64_t raw_base)
{
    buf_clear(&chunk->text);
    buf_release(&chunk->raw); /* which has none while it is shared */
    chunk->shared = true;
    chunk->count = chunk->bad_count = 0;
    chunk->first_line = first_line;
    chunk->raw_base = raw_base;
    chunk->ended = false;
}

const unsigned char *
chunk_raw(const struct chunk *chunk, uint32_t line)
{
    const struct buf *raw = chunk->shared ? &chunk->text : &chunk->raw;

    return raw->data + chunk->lines[line].raw_offset;
}

uint32_t
chunk_line_at(const struct chunk *chunk, uint32_t text_offset)
{
    uint32_t low = 0, high = chunk->count;

    assert(chunk->count > 0);
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;

        if (chunk->lines[middle].text_offset <= text_offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}
