/*
 * codec/verdict.h: whether a record that a lane found is a row, and if not,
 * why: codes are Frictionless's where it has one (missing-cell, extra-cell,
 * encoding-error), else quote-error and control-character.
 */
#ifndef CODEC_VERDICT_H
#define CODEC_VERDICT_H

#include "batch/block.h"
#include "codec/lane.h"

/* What the records are judged by; the caller fills it but for the last
 * two, which verdicts_start sets for each chunk. */
struct verdicts {
    const struct chunk *chunk;
    const struct lane_output *output;
    const struct charset *charset;
    struct decoder *decoder; /* to find which cell bad bytes stand in */
    enum bad_char on_bad_char;
    const struct columns *columns; /* NULL before the header is bound */
    struct arena *arena;           /* for the messages of rejects */
    bool has_controls;             /* somewhere in the chunk's text */
    uint32_t bad_at;               /* the next of chunk->bad */
};

void verdicts_start(struct verdicts *v);

/*
 * For records in order.  reject->record is filled in; code, column, message
 * and broken get values when the record is no row; its code stays NULL when
 * it is one.  Fails with FB_E_INPUT for bad bytes when they are to fail.
 */
int verdict_of_record(struct verdicts *v, const struct lane_record *record,
                      struct block_reject *reject,
                      struct fb_error *err) FB_MUST_CHECK;

/* A header must be whole: anything wrong in it is FB_E_INPUT. */
int verdict_of_header(struct verdicts *v, const struct lane_record *record,
                      struct fb_error *err) FB_MUST_CHECK;

#endif
