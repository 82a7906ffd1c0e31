/*
 * item.h: one table that the sink registers: told apart when the pipeline is
 * checked, looked at before anything is written, made once the files are
 * there.
 */
#ifndef GLUE_ITEM_H
#define GLUE_ITEM_H

#include "forebay/plugin.h"
#include "shared/declared.h"

struct item {
    uint32_t index;               /* among the tables of the pipeline */
    const struct fb_table *table; /* columns NULL: only the data tells */
    bool registered; /* in S3: elsewhere there is nothing that Glue can have */
    struct declared declared;
    bool opened;     /* `declared` was looked at */
    uint32_t *order; /* owned; of the columns of an input; NULL: not known */
};

/* Find the table that item `number` of the option 'table' names, and refuse
 * what Athena could not read wherever its files are. */
int item_check(struct item *item, struct fb_step *step, const char *name,
               size_t number, struct fb_error *err) FB_MUST_CHECK;

/* Against the columns of an input of the step, and what the sinks write. */
int item_bind(const struct item *item, struct fb_step *step,
              const struct fb_input *input, size_t number,
              struct fb_error *err) FB_MUST_CHECK;

/* What lies there already, but for what this run replaces; and what Glue has
 * under its name. */
int item_open(struct item *item, struct fb_step *step,
              const struct aws_settings *s3, struct catalog *catalog,
              struct fb_error *err) FB_MUST_CHECK;
/* Then, for each input whose rows are written there: do its columns stand in
 * the order of the files that stay, and of the inputs before it? */
int item_check_order(struct item *item, const struct fb_input *input,
                     struct fb_error *err) FB_MUST_CHECK;

/* `forebay check`: would it work?  Tells when there is nothing to do. */
int item_probe(const struct item *item, struct fb_step *step,
               struct catalog *catalog, struct fb_error *err) FB_MUST_CHECK;

/* The files are there: look at them, which changes nothing yet. */
int item_look_again(struct item *item, struct fb_step *step,
                    const struct aws_settings *s3,
                    struct fb_error *err) FB_MUST_CHECK;

/* Then bring Glue up to date, and tell the report how that went. */
int item_register(struct item *item, struct fb_step *step,
                  struct catalog *catalog, struct fb_error *err) FB_MUST_CHECK;

void item_release(struct item *item);

#endif
