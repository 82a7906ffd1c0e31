/*
 * shared/tablediff.h: a table or a partition that is in Glue against the one
 * that is wanted.  It makes no call.
 */
#ifndef SHARED_TABLEDIFF_H
#define SHARED_TABLEDIFF_H

#include <jansson.h>
#include <stdbool.h>

/*
 * What is there (Table of GetTable, Partition of BatchGetPartition) against
 * what is wanted (TableInput, PartitionInput).  True when nothing of what is
 * wanted differs.  Otherwise *update is what to send: all that is there and
 * that an update takes, parameters of others among it, with ours laid over it;
 * and *what names what differs, in words between commas.  The caller owns both.
 */
bool tablediff_is_same(const json_t *found, const json_t *wanted,
                       json_t **update, char **what);

#endif
