/*
 * codec/records.h: reading record by record: lines, decoded and cut by a lane,
 * a verdict on each.  It reads everything; grid.h is faster where there is
 * nothing to judge.  One thread has one of these.
 */
#ifndef CODEC_RECORDS_H
#define CODEC_RECORDS_H

#include "codec/lane.h"
#include "codec/verdict.h"

struct records {
    const struct format *format;
    const struct charset *charset;
    const struct columns *columns; /* NULL before the header is bound */
    const struct block_origin *origin;
    struct lines *lines;
    struct decoder *decoder;
    struct lane *lane;
    struct chunk chunk;
    struct lane_output output;
    uint32_t from;     /* the first line of the chunk that was not read */
    size_t cells_size; /* of the last block: what the next may need */
};

/* To zeros; the pointers are the caller's to set before the first call. */
void records_init(struct records *records);
void records_release(struct records *records);

/* The parts that the format and the charset decide. */
int records_open(struct records *records, const struct byte_input *input,
                 struct fb_error *err) FB_MUST_CHECK;

/* Begin anew with what the input gives next: this line, at this offset. */
void records_begin(struct records *records, uint64_t line, uint64_t offset);

/* Read lines until there is a record or the input ends; it is in `output`. */
int records_first(struct records *records, struct fb_error *err) FB_MUST_CHECK;

struct verdicts records_verdicts(struct records *records, struct arena *arena);

/*
 * The next block, of about `target` bytes of text, or NULL at the end.  With
 * `all` it is everything that the input gives.
 */
int records_next(struct records *records, size_t target, bool all,
                 struct block **block, struct fb_error *err) FB_MUST_CHECK;

#endif
