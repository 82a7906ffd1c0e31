/*
 * shared/order.h: in which order the columns stand in the files of a table. Our
 * readers bind columns by their names; Athena skips the header and goes by
 * position, and would read one column for another without a word.
 */
#ifndef SHARED_ORDER_H
#define SHARED_ORDER_H

#include "aws/client.h"
#include "aws/settings.h"
#include "forebay/plugin.h"

/* What the headers say; all zero: nothing yet. */
struct order {
    uint32_t *columns; /* owned; NULL: nothing was said, or as declared */
    uint32_t count;
    struct aws_client *client; /* owned; from the first header on */
};

/*
 * Look at the header of one more object.  Tables without headers, formats
 * that are no text and packed objects say nothing.  FB_E_CONFIG when it names
 * what is no column of the table, or has another order than those before it.
 * The step is the same each time and outlives the order.
 */
int order_add(struct order *order, const struct fb_table *table,
              const char *uri, const struct aws_settings *s3,
              struct fb_step *step, struct fb_error *err) FB_MUST_CHECK;
void order_release(struct order *order);

/* Whether an object's header can tell the order of its columns. */
bool order_is_told(const struct fb_table *table, const char *uri);

/* Which column of the files a header's name means; UINT32_MAX: none. */
uint32_t order_find_column(const struct fb_table *table, const char *name);

#endif
