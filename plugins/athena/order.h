/*
 * order.h: in which order the columns stand in the files of a table.  Our
 * readers bind columns by their names; Athena skips the header and goes by
 * position, and would read one column for another without a word.
 */
#ifndef ATHENA_ORDER_H
#define ATHENA_ORDER_H

#include "aws/settings.h"
#include "forebay/plugin.h"

#define ORDER_OBJECTS_MAX 100 /* of a table, whose headers are looked at */

/* What the headers say. */
struct order {
    uint32_t *columns; /* owned; NULL: nothing was said, or as declared */
    uint32_t count;
};

/*
 * Look at the headers of objects, those that are not packed.  FB_E_CONFIG when
 * a header names what is no column of the table, or when two have different
 * orders. Release also after a failure.
 */
int order_find(struct order *order, const struct fb_table *table,
               const char *const *uris, size_t count,
               const struct aws_settings *s3, struct fb_step *step,
               struct fb_error *err) FB_MUST_CHECK;
void order_release(struct order *order);

#endif
