/*
 * table/infer.h: the types of columns, decided by their values.  Knows no
 * files and no tables: it is shown batches of texts.
 *
 * A column gets the first of these types that every value of it has: boolean
 * (true, false), integer, number, date, datetime; else it is text.  Numbers
 * that begin with a needless 0, and whole numbers beyond 64 bits, are texts:
 * they are the names of something, and a number would change them.
 */
#ifndef TABLE_INFER_H
#define TABLE_INFER_H

#include "batch/batch.h"

struct infer;

/* For columns of these names (copied). */
struct infer *infer_new(const struct columns *columns);
void infer_free(struct infer *infer); /* NULL is fine */

/* The columns by name, all of them texts. */
const struct columns *infer_columns(const struct infer *infer);

/*
 * Look at the selected rows of a batch: column i of the inference is column
 * from[i] of the batch.  At most rows_max of them; `name` is of the object,
 * for the reasons.
 */
void infer_rows(struct infer *infer, struct batch *batch, const uint32_t *from,
                uint32_t rows_max, const char *name);
uint64_t infer_row_count(const struct infer *infer);

/* What was found: a column as a schema would have it, and why, in a
 * sentence.  Texts live in the arena. */
void infer_column(const struct infer *infer, uint32_t column,
                  struct arena *arena, struct fb_column *found,
                  const char **why);

#endif
