/*
 * codec/reader.h: bytes in, batches out: decompress, decode, find records and
 * cells, bind the header to a schema.  Knows nothing of pipelines, files or
 * plugins: bytes come from a function.
 *
 * Text that is regular (scan.h) is cut into pieces by a vectorised scan; the
 * rest, and all of it where the format or FOREBAY_CSV in the environment wants
 * it so, is cut into records and cells by a lane (lane.h).  Both give the same.
 */
#ifndef CODEC_READER_H
#define CODEC_READER_H

#include "batch/batch.h"
#include "codec/format.h"

/* Where bytes come from: at most `size` bytes; *got 0 is the end. */
struct byte_input {
    int (*read)(void *arg, unsigned char *bytes, size_t size, size_t *got,
                struct fb_error *err);
    void *arg;
};

struct reader_options {
    const char *name; /* for messages: the uri */
    struct byte_input input;
    struct format format;
    const struct schema *schema; /* NULL: every column is text */
    const struct fb_host *host;  /* what the batches show to plugins */
    size_t piece_size;           /* bytes, for tests; 0: as it is fastest */
};

struct reader;

/*
 * Reads as far as the header and binds it.  Everything that *options points
 * to must outlive the reader; batches may outlive it only until reader_free.
 * Errors: FB_E_INPUT (no header, missing, extra or duplicate columns, bad
 * bytes with on_bad_char: fail), FB_E_LIMIT, FB_E_CONFIG (charset), and those
 * of input.read.
 */
int reader_open(const struct reader_options *options, struct reader **reader,
                struct fb_error *err) FB_MUST_CHECK;
void reader_free(struct reader *reader); /* NULL is fine */

/* In the order of the input; names and types are the schema's. */
const struct columns *reader_columns(const struct reader *reader);

/* How the input is written; lives as long as the reader. */
const struct block_origin *reader_origin(const struct reader *reader);

/*
 * Reading has two halves.  reader_cut takes bytes from the input and finds out
 * where a number of whole records ends; it belongs to one thread at a time.
 * reader_make turns such a piece into a batch, and may run in any number of
 * threads at once, each with tools of its own.
 */
struct piece;
struct reader_tools; /* decoder, lane and buffers; their memory is used again */

/* The next piece, or NULL at the end.  Pieces come in the order of the input,
 * and batches made of them have sequence numbers in this order.  A failure
 * comes after the pieces before it: these are good. */
int reader_cut(struct reader *reader, struct piece **piece,
               struct fb_error *err) FB_MUST_CHECK;
void piece_free(struct piece *piece); /* NULL is fine */

/* The tools must be freed before the reader. */
struct reader_tools *reader_tools_new(const struct reader *reader);
void reader_tools_free(struct reader_tools *tools); /* NULL is fine */

/*
 * The batch of a piece, which is taken over (also on failure).  A batch may
 * have no rows but rejects; *batch is NULL when there was no record at all.
 * Rows and rejects together are the records of the input.
 */
int reader_make(const struct reader *reader, struct reader_tools *tools,
                struct piece *piece, struct batch **batch,
                struct fb_error *err) FB_MUST_CHECK;

/* Both halves: the next batch, or NULL at the end. */
int reader_next(struct reader *reader, struct batch **batch,
                struct fb_error *err) FB_MUST_CHECK;

/* Bytes taken from the input so far (before decompression). */
uint64_t reader_bytes(const struct reader *reader);

#endif
