/*
 * codec/reader.h: bytes in, batches out: decompress, decode, find records and
 * cells, bind the header to a schema.  Knows nothing of pipelines, files or
 * plugins: bytes come from a function.
 *
 * Lanes: the CSV text is cut into records and cells by a lane (lane.h): libcsv
 * (which defines what a CSV file means), or the lane for dialects that libcsv
 * has no words for.  A vectorised lane can be added behind the same interface.
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

/* The next batch, or NULL at the end.  A batch may have no rows but rejects.
 * Rows and rejects together are the records of the input. */
int reader_next(struct reader *reader, struct batch **batch,
                struct fb_error *err) FB_MUST_CHECK;

/* Bytes taken from the input so far (before decompression). */
uint64_t reader_bytes(const struct reader *reader);

#endif
