/*
 * shared/partitions.h: the partitions of a table in the AWS Glue Data
 * Catalog: those that are missing are made, those that say something else
 * (another location, other columns) are updated; none is ever deleted, and
 * those that nobody asks for stay as they are.
 * https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-partitions.html
 */
#ifndef SHARED_PARTITIONS_H
#define SHARED_PARTITIONS_H

#include "shared/catalog.h"

#define PARTITIONS_BATCH 100 /* in one call, at most */

struct partitions_count {
    size_t made, changed, same;
};

/*
 * Bring these (an array of PartitionInputs, each with other Values) up to
 * date, and add to *count what was done.  Others may do the same at the same
 * time.  What others wrote into a partition stays.  Changes are logged.
 */
int partitions_register(struct catalog *catalog, const char *database,
                        const char *table, const json_t *wanted,
                        struct partitions_count *count,
                        struct fb_error *err) FB_MUST_CHECK;

#endif
