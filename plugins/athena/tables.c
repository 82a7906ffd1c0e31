#include "tables.h"

#include <stdlib.h>

#include "aws/buf.h"
#include "shared/declared.h"

struct work {
    struct declared_look look;
    struct catalog catalog;
    struct declared *items;
    uint32_t count;
};

/* All are looked at before one is made. */
static int
make_all(struct work *work, struct fb_error *err)
{
    struct declared_made made;

    for (uint32_t i = 0; i < work->count; i++)
        if (declared_open(&work->items[i], i, &work->look, err) != 0)
            return -1;
    if (declared_check_names(work->items, work->count, err) != 0)
        return -1;
    for (uint32_t i = 0; i < work->count; i++)
        if (declared_make(&work->items[i], &work->catalog, &made, err) != 0)
            return -1;
    return 0;
}

static int
do_work(struct fb_step *step, const struct aws_settings *glue,
        const struct aws_settings *s3, struct fb_error *err)
{
    struct work work = {.look = {.step = step, .s3 = s3},
                        .count = fb_table_count(step)};
    int status;

    if (work.count == 0)
        return 0;
    if (catalog_open(&work.catalog, glue, step, err) != 0)
        return -1;
    work.items = aws_alloc(sizeof(*work.items) * work.count);
    status = make_all(&work, err);
    for (uint32_t i = 0; i < work.count; i++)
        declared_release(&work.items[i]);
    free(work.items);
    catalog_close(&work.catalog);
    return status;
}

static int
keep_mark(struct fb_step *step, void **object, struct fb_error *err)
{
    (void)step;
    (void)err;
    *object = aws_alloc(1);
    return 0;
}

static int
look_for_mark(struct fb_step *step, void **object, struct fb_error *err)
{
    (void)step;
    (void)object;
    return fb_fail(err, FB_E_MISSING, "nobody made the tables yet");
}

/* What is shared is only the mark that it was done. */
int
tables_make(struct fb_step *step, const struct aws_settings *glue,
            const struct aws_settings *s3, struct fb_error *err)
{
    struct fb_error missing = {.code = FB_E_NONE};
    void *mark;

    if (fb_shared(step, "tables", look_for_mark, free, &mark, &missing) == 0)
        return 0;
    if (missing.code != FB_E_MISSING) {
        *err = missing;
        return -1;
    }
    if (do_work(step, glue, s3, err) != 0)
        return -1;
    return fb_shared(step, "tables", keep_mark, free, &mark, err);
}
