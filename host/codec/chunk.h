/*
 * codec/chunk.h: decoded physical lines, gathered until they are worth a
 * batch; with what is needed to go back from text to the original bytes.
 */
#ifndef CODEC_CHUNK_H
#define CODEC_CHUNK_H

#include "codec/lines.h"

/* One physical line in `text` and in `raw`. */
struct text_line {
    uint32_t text_offset, text_length; /* without the line end */
    uint32_t raw_offset, raw_length;
    uint16_t text_end, raw_end; /* bytes of the line end behind it */
};

struct bad_line {
    uint32_t line;          /* index in `lines` */
    struct charset_bad bad; /* the first; offset within the raw line */
};

struct chunk {
    struct buf text; /* UTF-8 */
    struct buf raw;  /* as it came; unused while `shared` */
    bool shared;     /* raw and text have been the same so far */
    struct text_line *lines;
    uint32_t count, capacity; /* of lines */
    struct bad_line *bad;     /* in line order */
    uint32_t bad_count, bad_capacity;
    uint64_t first_line; /* number of lines[0]; 1 is the input's first */
    uint64_t raw_base;   /* offset in the input of the first raw byte */
    bool ended;          /* nothing follows in the input */
};

void chunk_init(struct chunk *chunk);
void chunk_release(struct chunk *chunk);

/* Add lines until the text has `target` bytes, there are `lines_max` lines,
 * or the input ends. */
int chunk_fill(struct chunk *chunk, struct lines *lines,
               struct decoder *decoder, size_t target, uint32_t lines_max,
               struct fb_error *err) FB_MUST_CHECK;

/*
 * Give the first `count` lines away: *text and *raw (which is *text when both
 * are the same) get malloc'ed memory; the other lines move to the front.
 */
int chunk_take(struct chunk *chunk, uint32_t count, struct buf *text,
               struct buf *raw, bool *shared,
               struct fb_error *err) FB_MUST_CHECK;

/* Forget the first `count` lines. */
int chunk_drop(struct chunk *chunk, uint32_t count,
               struct fb_error *err) FB_MUST_CHECK;

/* Forget all lines; the next is number first_line, at raw_base. */
void chunk_begin(struct chunk *chunk, uint64_t first_line, uint64_t raw_base);

/* The original bytes of a line. */
const unsigned char *chunk_raw(const struct chunk *chunk, uint32_t line);

/* Index of the line that holds this place of the text. */
uint32_t chunk_line_at(const struct chunk *chunk, uint32_t text_offset);

#endif
