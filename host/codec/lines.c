/*
 * codec/lines.c: a window over the input.  Each kind of line end remembers
 * where it was seen last, so that no byte is looked at twice for one kind,
 * also when the file has a single one of the other.
 */
#include "codec/lines.h"

#include <assert.h>
#include <stdlib.h>

#include "util/limits.h"
#include "util/mem.h"

#define END_MAX 32 /* bytes: 8 characters of UTF-32 */
#define NOWHERE SIZE_MAX

/* A line end being looked for. */
struct hunt {
    unsigned char bytes[END_MAX];
    size_t size;
    size_t found;   /* its place in the window, or NOWHERE */
    size_t scanned; /* no other begins before this place */
};

struct lines {
    struct byte_input input;
    struct buf window;
    size_t start;                         /* of the next line in the window */
    bool ended;                           /* the input has no more */
    size_t unit;                          /* bytes of the smallest character */
    struct hunt newline, carriage_return; /* or a terminator in newline */
    const char *terminator;               /* NULL: any physical line end */
    uint64_t count;                       /* of lines returned or skipped */
};

struct lines *
lines_new(const struct byte_input *input)
{
    struct lines *lines = mem_zalloc(sizeof(*lines));

    lines->input = *input;
    lines->unit = 1;
    /* A line, its end, the start of the next, and what is read at once. */
    buf_init(&lines->window, RECORD_MAX + 4 * READ_SIZE);
    return lines;
}

void
lines_free(struct lines *lines)
{
    if (lines == NULL)
        return;
    buf_release(&lines->window);
    free(lines);
}

static void
hunt_shift(struct hunt *hunt, size_t by)
{
    if (hunt->found != NOWHERE)
        hunt->found = hunt->found < by ? NOWHERE : hunt->found - by;
    hunt->scanned = hunt->scanned < by ? 0 : hunt->scanned - by;
}

static int
refill(struct lines *lines, struct fb_error *err)
{
    size_t got;

    hunt_shift(&lines->newline, lines->start);
    hunt_shift(&lines->carriage_return, lines->start);
    buf_consume(&lines->window, lines->start);
    lines->start = 0;
    if (buf_reserve(&lines->window, READ_SIZE, err) != 0 ||
        lines->input.read(lines->input.arg,
                          lines->window.data + lines->window.size, READ_SIZE,
                          &got, err) != 0)
        return -1;
    lines->window.size += got;
    lines->window.data[lines->window.size] = '\0';
    lines->ended = got == 0;
    return 0;
}

int
lines_peek(struct lines *lines, size_t size, const unsigned char **bytes,
           size_t *got, struct fb_error *err)
{
    while (lines->window.size - lines->start < size && !lines->ended)
        if (refill(lines, err) != 0)
            return -1;
    *bytes = lines->window.data + lines->start;
    *got = lines->window.size - lines->start;
    if (*got > size)
        *got = size;
    return 0;
}

void
lines_skip(struct lines *lines, size_t size)
{
    assert(size <= lines->window.size - lines->start);
    lines->start += size;
}

static void
hunt_for(struct hunt *hunt, const void *bytes, size_t size)
{
    assert(size > 0 && size <= END_MAX);
    *hunt = (struct hunt){.size = size, .found = NOWHERE};
    memcpy(hunt->bytes, bytes, size);
}

int
lines_set(struct lines *lines, const struct charset *charset,
          const char *terminator, struct fb_error *err)
{
    struct encoder *encoder;
    struct buf encoded;
    size_t where;
    int status;

    lines->unit = charset->newline_size;
    lines->terminator = terminator;
    hunt_for(&lines->newline, charset->newline, lines->unit);
    hunt_for(&lines->carriage_return, charset->carriage_return, lines->unit);
    if (terminator == NULL)
        return 0;
    if (encoder_open(charset, &encoder, err) != 0)
        return -1;
    buf_init(&encoded, END_MAX);
    status = encoder_feed(encoder, (const unsigned char *)terminator,
                          strlen(terminator), false, &encoded, &where, err);
    if (status == 0)
        hunt_for(&lines->newline, encoded.data, encoded.size);
    buf_release(&encoded);
    encoder_close(encoder);
    return status;
}

/* Look in steps of `unit`; hunt->scanned moves to where the search ended. */
static void
find(struct hunt *hunt, const unsigned char *bytes, size_t size, size_t unit)
{
    const unsigned char *at;
    size_t i = hunt->scanned;

    hunt->found = NOWHERE;
    if (hunt->size == 1) {
        at = i < size ? memchr(bytes + i, hunt->bytes[0], size - i) : NULL;
        if (at != NULL)
            hunt->found = (size_t)(at - bytes);
        hunt->scanned = at != NULL ? hunt->found + 1 : size;
        return;
    }
    while (i + hunt->size <= size && hunt->found == NOWHERE) {
        if (bytes[i] == hunt->bytes[0] &&
            memcmp(bytes + i, hunt->bytes, hunt->size) == 0)
            hunt->found = i;
        i += unit;
    }
    hunt->scanned = i;
}

/* Where it stands at or behind the start of the line, as far as known. */
static size_t
hunt_next(struct lines *lines, struct hunt *hunt)
{
    if (hunt->found != NOWHERE && hunt->found >= lines->start)
        return hunt->found;
    if (hunt->scanned < lines->start)
        hunt->scanned = lines->start;
    find(hunt, lines->window.data, lines->window.size, lines->unit);
    return hunt->found;
}

static void
give(struct lines *lines, struct raw_line *line, size_t end, size_t end_length,
     const char *text)
{
    line->bytes = lines->window.data + lines->start;
    line->length = end - lines->start;
    line->end_length = end_length;
    line->end = text;
    lines->start = end + end_length;
    lines->count++;
}

/* Whether the window holds the whole line; then it is given. */
static bool
cut(struct lines *lines, struct raw_line *line)
{
    size_t unit = lines->unit, lf = hunt_next(lines, &lines->newline), cr;

    if (lines->terminator != NULL) {
        if (lf == NOWHERE)
            return false;
        give(lines, line, lf, lines->newline.size, lines->terminator);
        return true;
    }
    cr = hunt_next(lines, &lines->carriage_return);
    if (lf < cr) {
        give(lines, line, lf, unit, "\n");
        return true;
    }
    if (cr == NOWHERE)
        return false;
    if (lf == cr + unit)
        give(lines, line, cr, 2 * unit, "\r\n");
    else if (cr + 2 * unit <= lines->window.size || lines->ended)
        give(lines, line, cr, unit, "\r");
    else
        return false; /* the \n of \r\n may still come */
    return true;
}

static int
too_long(uint64_t line, struct fb_error *err)
{
    return fb_fail(err, FB_E_LIMIT, "line %llu is longer than %zu bytes",
                   (unsigned long long)line, RECORD_MAX);
}

int
lines_next(struct lines *lines, struct raw_line *line, bool *got,
           struct fb_error *err)
{
    *got = true;
    while (!cut(lines, line)) {
        size_t left = lines->window.size - lines->start;

        if (left > RECORD_MAX)
            return too_long(lines->count + 1, err);
        if (lines->ended) {
            *got = left > 0;
            if (left > 0)
                give(lines, line, lines->window.size, 0, "");
            return 0;
        }
        if (refill(lines, err) != 0)
            return -1;
    }
    if (line->length > RECORD_MAX)
        return too_long(lines->count, err);
    return 0;
}

size_t
lines_rest(const struct lines *lines, const unsigned char **bytes)
{
    *bytes = lines->window.data + lines->start;
    return lines->window.size - lines->start;
}

void
lines_begin(struct lines *lines, uint64_t count)
{
    buf_clear(&lines->window);
    lines->start = 0;
    lines->ended = false;
    lines->newline.found = lines->carriage_return.found = NOWHERE;
    lines->newline.scanned = lines->carriage_return.scanned = 0;
    lines->count = count;
}
