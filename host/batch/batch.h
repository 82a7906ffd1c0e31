/*
 * batch/batch.h: rows in memory as the steps see them: a view of a block with
 * a selection (which records are still in), overlay columns (what steps added
 * or replaced), and the rows rejected on the way.  Materialises columns when
 * they are asked for, never before.
 *
 * A batch belongs to one step at a time and is not locked.  Several batches
 * may share one block (fan-out): batch_clone is cheap.
 */
#ifndef BATCH_BATCH_H
#define BATCH_BATCH_H

#include "batch/block.h"
#include "batch/column.h"

/* Columns of the stream that carries rejected rows. */
extern const struct columns reject_columns; /* _line _column _code _message
                                               _record */

/* A rejected row: why, and the record as it came. */
struct reject {
    uint64_t line;
    const char *column; /* NULL: none */
    const char *code;
    const char *message;
    const unsigned char *text; /* the record in UTF-8 */
    uint32_t text_length;
    const unsigned char *raw; /* the original bytes, no line end */
    uint32_t raw_length;
    bool broken;  /* raw is not one record by itself */
    bool has_raw; /* false: the row did not come from bytes */
};

struct batch; /* begins with struct fb_batch */

static inline struct fb_batch *
batch_public(struct batch *batch)
{
    return (struct fb_batch *)batch;
}

static inline struct batch *
batch_of(struct fb_batch *batch)
{
    return (struct batch *)batch;
}

/*
 * A batch of all rows of a block (taken over).  columns must outlive the
 * batch (they are the input's).  Records that the reader rejected are in the
 * block; batch_take_rejects gives them.  `host` is what plugins see.
 */
struct batch *batch_of_block(struct block *block, const struct columns *columns,
                             const struct fb_host *host);
/* A batch without a block whose cells are given: columns->count arrays of
 * `rows` cells, which live in `arena` (taken over). */
struct batch *batch_of_cells(const struct columns *columns, uint32_t rows,
                             const struct fb_cell *const *cells,
                             struct arena *arena, uint64_t sequence,
                             const struct fb_host *host);
/*
 * Where the rows of a batch without a block come from: `lines` (NULL: rows
 * count from 1), `rejects` (NULL: not a batch of rejects) and `origin` (NULL:
 * unknown).  The arrays have one item a row and live as long as the batch.
 */
void batch_set_sources(struct batch *batch, const uint64_t *lines,
                       const struct reject *rejects,
                       const struct block_origin *origin);
/* Forget how the input was written: for a batch that outlives its reader. */
void batch_forget_origin(struct batch *batch);
/* An independent view of the same rows, with counts of its own.  Rejects not
 * yet taken stay with the original: every one leaves once. */
struct batch *batch_clone(struct batch *batch);
void batch_free(struct batch *batch); /* NULL is fine */

uint32_t batch_rows(const struct batch *batch);
const struct columns *batch_columns(const struct batch *batch);
const uint64_t *batch_selection(const struct batch *batch);
uint32_t batch_selected_count(const struct batch *batch);
uint64_t batch_line(const struct batch *batch, uint32_t row);
uint64_t batch_sequence(const struct batch *batch);
/* Memory, not zeroed, that lives as long as the batch, its clones and the
 * rejects taken from it. */
void *batch_alloc(struct batch *batch, size_t size);

/* See fb_batch_cells and fb_batch_values.  A cell whose text is one of the
 * columns' missing values has FB_CELL_NULL. */
const struct fb_cell *batch_cells(struct batch *batch, uint32_t column);
const struct fb_value *batch_values(struct batch *batch, uint32_t column);
/* The values when somebody asked for them before, else NULL: for who needs
 * only a few, and can read those by value_parse. */
const struct fb_value *batch_values_made(const struct batch *batch,
                                         uint32_t column);

void batch_filter(struct batch *batch, const uint64_t *keep);
/* Copies the texts; `column` indexes the current columns, or FB_NEW.  A row
 * that is no longer selected stays as it is: a row leaves once, with the
 * first reason given. */
void batch_reject(struct batch *batch, uint32_t row, uint32_t column,
                  const char *code, const char *message);
/* Add a row that was rejected before it got into the batch.  What it points
 * to must live as long as batch_alloc's memory.  It is not counted. */
void batch_add_reject(struct batch *batch, const struct reject *reject);

/* Rows dropped by batch_filter / batch_reject since the last call of
 * batch_reset_counts: what one step did. */
uint64_t batch_filtered_count(const struct batch *batch);
uint64_t batch_rejected_count(const struct batch *batch);
void batch_reset_counts(struct batch *batch);

/*
 * Give a column of the *next* shape its cells (one a row, living as
 * batch_alloc's memory does); see batch_reshape.  A cell with FB_CELL_NULL and
 * no text gets the text that means a missing value in the next shape.
 */
void batch_set(struct batch *batch, uint32_t output_column,
               const struct fb_cell *cells);
/*
 * The step is done: from now on the batch has `columns`, where column i shows
 * the old column from[i], or with FB_NEW what batch_set gave it.  A column
 * that batch_set gave nothing, or one that it gave cells though it is not new,
 * is a broken promise: FB_E_BUG, and the batch is as before.  When the new
 * columns are the old ones in place and order (names may differ), records
 * stay untouched.
 */
int batch_reshape(struct batch *batch, const struct columns *columns,
                  const uint32_t *from, struct fb_error *err) FB_MUST_CHECK;

/*
 * Whether the rows can be written as the records that were read: no column
 * was added, replaced, dropped or moved.  Then row r is the record
 * block_record(batch_block(batch), r).
 */
bool batch_untouched(const struct batch *batch);
const struct block *batch_block(const struct batch *batch); /* or NULL */
/* The column of the block that this column shows; FB_NEW when a step gave
 * its cells or there is no block. */
uint32_t batch_block_column(const struct batch *batch, uint32_t column);

/*
 * The rows rejected so far (by the reader and by batch_reject), in line
 * order, as a stream of its own with reject_columns; NULL when there are
 * none.  They are taken: a second call gives NULL until more come.
 */
struct batch *batch_take_rejects(struct batch *batch);
/* One batch of rejects out of several of the same input (each taken over), in
 * line order; rows of one line keep the order of the parts. */
struct batch *batch_merge_rejects(struct batch *const *parts, uint32_t count);
/* For a batch of rejects: the row's origin; NULL for any other batch. */
const struct reject *batch_reject_of(const struct batch *batch, uint32_t row);
/* How the input of the batch was written; NULL when unknown. */
const struct block_origin *batch_origin(const struct batch *batch);
/* The object that its rows come from, for errors: NULL until it is set, by
 * somebody whose text outlives the batch. */
const char *batch_name(const struct batch *batch);
void batch_set_name(struct batch *batch, const char *name);

#endif
