/*
 * codec/writer.h: batches in, bytes out: the mirror of reader.h.
 *
 * An untouched record leaves byte for byte as it came: its original bytes
 * when the charsets are the same, its decoded text otherwise, and its own line
 * end unless the dialect names one.  Other records are written from their
 * cells, quoted when needed or when they were quoted in the input.
 *
 * A byte order mark is written for charset utf-16 and utf-32, and where the
 * header leaves as it came, mark included.  A record is written from its cells
 * also when the two dialects differ, or when the sink has a nullSequence.
 */
#ifndef CODEC_WRITER_H
#define CODEC_WRITER_H

#include "batch/batch.h"
#include "codec/format.h"
#include "util/buf.h"

/* Where bytes go. */
struct byte_output {
    int (*write)(void *arg, const unsigned char *bytes, size_t size,
                 struct fb_error *err);
    void *arg;
};

enum layout {
    LAYOUT_TABLE = 1, /* the columns of the stream */
    LAYOUT_RETURN,    /* rejected rows in the uploader's charset and dialect:
                         _line, _column, _code, _message, then the original
                         header and the original bytes of each row; what is not
                         one record by itself stands in one quoted cell */
};

struct writer_options {
    const char *name; /* for messages; its end picks compression: auto */
    struct byte_output output;
    struct format format;
    enum layout layout;
};

struct writer;

int writer_open(const struct writer_options *options, struct writer **writer,
                struct fb_error *err) FB_MUST_CHECK;
void writer_free(struct writer *writer); /* NULL is fine; writes nothing */

/*
 * The columns that will come; writes the header.  Called once for a table,
 * before the first batch.  `origin` (may be NULL) is how the input was
 * written: when the names are still those of its header, the header record
 * leaves as it came.
 */
int writer_begin(struct writer *writer, const struct columns *columns,
                 const struct block_origin *origin,
                 struct fb_error *err) FB_MUST_CHECK;

/*
 * Writing has two halves.  Encoding makes bytes of a batch; several threads
 * may do it at once for one writer, each with tools of its own.  Appending
 * takes these bytes, in the order in which the rows are to stand; it is cheap
 * but for compression, and belongs to one thread at a time.
 */
struct writer_tools; /* what a thread needs to encode, to be used again */

/* After writer_begin.  They must not outlive the writer. */
int writer_tools_new(const struct writer *writer, struct writer_tools **tools,
                     struct fb_error *err) FB_MUST_CHECK;
void writer_tools_free(struct writer_tools *tools); /* NULL is fine */

/* The selected rows of a batch in the writer's charset, not compressed. */
struct encoded {
    struct buf bytes;
    uint32_t rows;
    bool owes_end; /* the last one has no line end, and needs one before more */
};

void encoded_init(struct encoded *encoded);
void encoded_release(struct encoded *encoded);

/*
 * Forgets what *encoded held before; the batch stays the caller's.  FB_E_INPUT
 * when a character does not exist in the charset (naming line and column),
 * FB_E_LIMIT when the rows need more than ENCODED_MAX bytes.
 */
int writer_encode(const struct writer *writer, struct writer_tools *tools,
                  struct batch *batch, struct encoded *encoded,
                  struct fb_error *err) FB_MUST_CHECK;
int writer_append(struct writer *writer, const struct encoded *encoded,
                  struct fb_error *err) FB_MUST_CHECK;

/* Both halves at once. */
int writer_write(struct writer *writer, struct batch *batch,
                 struct fb_error *err) FB_MUST_CHECK;

/* Flush everything to the output, end compression. */
int writer_finish(struct writer *writer, struct fb_error *err) FB_MUST_CHECK;

uint64_t writer_rows(const struct writer *writer);
uint64_t writer_bytes(const struct writer *writer); /* given to the output */

#endif
