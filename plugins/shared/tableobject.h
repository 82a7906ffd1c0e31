/*
 * shared/tableobject.h: what the name of an object below a table's location
 * tells: how Athena would unpack it, and of which partition it is.  It makes
 * no call.
 */
#ifndef SHARED_TABLEOBJECT_H
#define SHARED_TABLEOBJECT_H

#include "shared/tableinput.h"

/*
 * What an object's name says of how Athena would read it: it goes by the end
 * of the name (.gz, .zst, ...), whatever the pipeline says.  FB_E_CONFIG when
 * the two differ.
 */
int tableobject_check(const struct fb_table *table, const char *uri,
                      struct fb_error *err) FB_MUST_CHECK;

/* The PartitionInput of the folder in which an object lies; NULL when its
 * path below the location does not have the keys in their order, or is of no
 * partition.  The caller owns it. */
json_t *tableobject_partition(const struct tableinput *input,
                              const struct fb_table *table, const char *uri);

#endif
