/*
 * shared/declared.h: a table that a pipeline declares, on its way into Glue:
 * first it is looked at, with all the objects below its location, and what
 * Athena would read wrongly is refused; then it is made, with its database,
 * its view and its partitions.  When each happens is the plugins' business.
 */
#ifndef SHARED_DECLARED_H
#define SHARED_DECLARED_H

#include "aws/settings.h"
#include "forebay/plugin.h"
#include "shared/catalog.h"
#include "shared/order.h"
#include "shared/partitions.h"
#include "shared/tableinput.h"

#define DECLARED_HEADERS_MAX 100 /* objects whose headers are looked at */
#define DECLARED_PARTITIONS_MAX 100000

/* How to look; outlives the table. */
struct declared_look {
    struct fb_step *step;
    const struct aws_settings *s3;
    /* Objects that are none of it, for they are about to be replaced; NULL:
     * there are none. */
    bool (*skip)(void *arg, const char *uri);
    void *arg;
};

struct declared {
    const struct fb_table *table;
    struct tableinput input; /* columns as declared, until it is made */
    struct order order;
    json_t *folders; /* of partitions: location -> an object in it; owned */
    size_t header_count, object_count;
};

/*
 * Look at table number `index` and its objects: makes no change anywhere.
 * FB_E_CONFIG: see tableinput_make, tableobject_check and order_add; or an
 * object lies outside of the partitions' folders.  Release also after a
 * failure.
 */
int declared_open(struct declared *declared, uint32_t index,
                  const struct declared_look *look,
                  struct fb_error *err) FB_MUST_CHECK;
/* One more object of the table, in the same way. */
int declared_add(struct declared *declared, const struct declared_look *look,
                 const char *uri, struct fb_error *err) FB_MUST_CHECK;
/* All zero is fine. */
void declared_release(struct declared *declared);

/* FB_E_CONFIG: two tables whose names are one in Glue, or one with the name
 * of another's texts. */
int declared_check_names(const struct declared *items, uint32_t count,
                         struct fb_error *err) FB_MUST_CHECK;

struct declared_made {
    enum catalog_outcome table; /* CATALOG_SAME: nor was its view changed */
    struct partitions_count partitions;
};

/* Make it or bring it up to date. */
int declared_make(struct declared *declared, struct catalog *catalog,
                  struct declared_made *made,
                  struct fb_error *err) FB_MUST_CHECK;

#endif
