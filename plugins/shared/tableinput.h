/*
 * shared/tableinput.h: a table that a pipeline declares, as Glue writes
 * tables down for Athena.  Everything that Athena would read wrongly without
 * a word is refused here, before anything is made.  It makes no call.
 *
 * A text format becomes two: `orders__text`, whose columns are all texts, and
 * the view `orders`, which gives them their types.  Why: no CSV reader of
 * Athena has quotes, types and empty cells at once.  OpenCSVSerde fails on an
 * empty cell of a numeric column and reads no ISO dates; LazySimpleSerDe knows
 * no quotes and turns what it cannot read into NULL without a word.
 */
#ifndef SHARED_TABLEINPUT_H
#define SHARED_TABLEINPUT_H

#include "forebay/plugin.h"

#include <jansson.h>

#define TABLEINPUT_TEXTS "__text" /* what the name of the texts ends with */

struct tableinput {
    char *database;   /* owned, as all of it; lower case */
    char *table;      /* what queries name */
    char *stored;     /* the table that has files and partitions */
    json_t *files;    /* TableInput of `stored` */
    json_t *view;     /* TableInput of the view; NULL: none is needed */
    uint32_t keys;    /* partition columns */
    char **key_names; /* as in the paths */
};

/* Whether its files are texts: csv or tsv. */
bool tableinput_is_text(const struct fb_table *table);

/* What tableinput_make refuses and can be told without the columns. */
int tableinput_check(const struct fb_table *table,
                     struct fb_error *err) FB_MUST_CHECK;

/*
 * order[i], i < column_count - partition_count: which of the table's columns
 * stands i-th in the files; NULL: as declared.
 *
 * FB_E_CONFIG: a name that Athena cannot name, two columns that are one after
 * folding to lower case, a location that is not in S3, a charset other than
 * UTF-8, a format or a dialect that no SerDe reads.  Release on success.
 */
int tableinput_make(const struct fb_table *table, const uint32_t *order,
                    struct tableinput *input,
                    struct fb_error *err) FB_MUST_CHECK;
/* May be called twice, and on one that is all zero. */
void tableinput_release(struct tableinput *input);

#endif
