/*
 * tuple.h: the values of some columns of a row as one byte string: two rows
 * have equal strings when all of these values are equal, and only then.  It
 * remembers no row but the last; see keys.h for that.
 */
#ifndef SHARED_TUPLE_H
#define SHARED_TUPLE_H

#include "forebay/plugin.h"

struct tuple {
    const uint32_t *columns; /* not owned */
    size_t count;
    size_t max; /* bytes it may take */

    unsigned char *bytes; /* of the row that tuple_make saw last */
    size_t length, size;  /* bytes used, and room there */
};

/* These columns of one batch; lives as long as the batch. */
struct tuple_view {
    const struct fb_value **values;
    const struct fb_cell **cells;
    enum fb_column_type *types;
};

int tuple_view(const struct tuple *tuple, struct fb_step *step,
               struct fb_batch *batch, struct tuple_view *view,
               struct fb_error *err) FB_MUST_CHECK;

/* Values are equal as their column's type compares them: the numbers 1 and
 * 1.0 are.  A missing value equals a missing value, and a text that is no
 * value of its type the same text.  FB_E_LIMIT beyond max. */
int tuple_make(struct tuple *tuple, const struct tuple_view *view, uint32_t row,
               struct fb_error *err) FB_MUST_CHECK;

/* Give the bytes back; the tuple can be used again. */
void tuple_release(struct tuple *tuple);

#endif
