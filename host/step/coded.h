/*
 * step/coded.h: objects in a format that a plugin codes (`format: parquet`).
 * The bytes travel by the step's own plugin; in between lies a file on this
 * machine, in the run's folder for temporary files, which the codec may seek
 * in.  Mirrors codec/reader.h and codec/writer.h.
 */
#ifndef STEP_CODED_H
#define STEP_CODED_H

#include "step/step.h"

struct coded_reader;

/*
 * Fetch all that the open source `bytes` reads and open the codec of its
 * `config` on it.  All three outlive the reader.
 */
int coded_reader_open(struct step *bytes, const struct pipeline_step *config,
                      const struct step_context *context,
                      struct coded_reader **reader,
                      struct fb_error *err) FB_MUST_CHECK;
void coded_reader_free(struct coded_reader *reader); /* NULL is fine */

/* As the codec names and types them; live as long as the reader. */
const struct columns *coded_reader_columns(const struct coded_reader *reader);
/* The next batch, or NULL at the end. */
int coded_reader_next(struct coded_reader *reader, struct batch **batch,
                      struct fb_error *err) FB_MUST_CHECK;
uint64_t coded_reader_bytes(const struct coded_reader *reader);

struct coded_writer;

/*
 * The codec of a sink's `config`, for rows of these columns (NULL when its
 * inputs need not be alike).  inputs: what it reads, as step_set_inputs takes
 * it.
 */
int coded_writer_open(struct step *bytes, const struct pipeline_step *config,
                      const struct step_context *context,
                      const struct fb_input *inputs, uint32_t input_count,
                      const struct columns *columns,
                      struct coded_writer **writer,
                      struct fb_error *err) FB_MUST_CHECK;
void coded_writer_free(struct coded_writer *writer); /* NULL is fine */

/* Write the selected rows of this input; the batch stays the caller's. */
int coded_writer_write(struct coded_writer *writer, uint32_t input,
                       struct batch *batch, struct fb_error *err) FB_MUST_CHECK;
/* End the file and give its bytes to the open sink. */
int coded_writer_finish(struct coded_writer *writer,
                        struct fb_error *err) FB_MUST_CHECK;
uint64_t coded_writer_bytes(const struct coded_writer *writer);

/* What check and bind of a sink's codec have to say, without a file. */
int coded_check(const struct pipeline_step *config,
                const struct step_context *context,
                const struct fb_input *inputs, uint32_t input_count,
                const struct columns *columns, struct place *place,
                struct fb_error *err) FB_MUST_CHECK;

#endif
