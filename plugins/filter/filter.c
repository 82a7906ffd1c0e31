/*
 * filter.c: lets through the rows for which a condition is true.  What an
 * expression means is the host's business; this plugin only asks it.
 */
#include "forebay/plugin.h"

struct filter {
    struct fb_expr *where;
};

static int
filter_bind(void *self, struct fb_step *step, struct fb_error *err)
{
    struct filter *filter = self;
    enum fb_column_type type;

    if (fb_expr_bind(step, filter->where, &type, err) != 0)
        return -1;
    if (type == FB_C_BOOLEAN)
        return 0;
    fb_bad_option(step, err, "where", 0,
                  "'where' must be a condition, true or false for each row");
    return fb_hint(err, "compare the value with something, "
                        "such as Status = 'shipped'");
}

static int
filter_process(void *self, struct fb_step *step, struct fb_batch *batch,
               struct fb_error *err)
{
    struct filter *filter = self;
    uint64_t *keep;

    (void)step;
    keep =
        fb_batch_alloc(batch, FB_WORDS(fb_batch_rows(batch)) * sizeof(*keep));
    if (fb_expr_test(batch, filter->where, keep, err) != 0)
        return -1;
    fb_batch_filter(batch, keep);
    return 0;
}

static const struct fb_option filter_options[] = {
    {.name = "where",
     FB_EXPR(struct filter, where),
     .flags = FB_REQUIRED,
     .help = "The condition; rows for which it is false or unknown (NULL) "
             "are dropped."},
    {.name = NULL},
};

static const struct fb_plugin filter_plugin = {
    FB_PLUGIN_HEAD,
    .kind = FB_TRANSFORM,
    .name = "filter",
    .summary = "Keeps the rows for which a condition is true.",
    .flags = FB_PARALLEL,
    .options = filter_options,
    .instance_size = sizeof(struct filter),
    .bind = filter_bind,
    .process = filter_process,
};

FB_PROVIDES("transform filter");
FB_PLUGINS(&filter_plugin);
