#include "tables.h"

#include <stdlib.h>

#include "aws/buf.h"
#include "shared/declared.h"
#include "shared/tableinput.h"

/* --- once --- */

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
    return fb_fail(err, FB_E_MISSING, "no step did so yet");
}

/* *marked: a step did so.  What is shared is only the mark. */
static int
look_up(struct fb_step *step, const char *what, bool *marked,
        struct fb_error *err)
{
    struct fb_error missing = {.code = FB_E_NONE};
    void *mark;

    *marked = fb_shared(step, what, look_for_mark, free, &mark, &missing) == 0;
    if (*marked || missing.code == FB_E_MISSING)
        return 0;
    *err = missing;
    return -1;
}

/* --- check --- */

static int
check_table(const struct fb_table *table, struct fb_error *err)
{
    struct tableinput input;

    if (table->columns == NULL)
        return tableinput_check(table, err);
    if (tableinput_make(table, NULL, &input, err) != 0)
        return -1;
    tableinput_release(&input);
    return 0;
}

int
tables_check(struct fb_step *step, struct fb_error *err)
{
    const struct fb_table *table;
    bool told;
    void *mark;

    if (look_up(step, "checked", &told, err) != 0)
        return -1;
    if (told)
        return 0;
    if (fb_shared(step, "checked", keep_mark, free, &mark, err) != 0)
        return -1;
    for (uint32_t i = 0; i < fb_table_count(step); i++)
        if (fb_table_at(step, i, &table, err) != 0 ||
            check_table(table, err) != 0)
            return -1;
    return 0;
}

int
tables_around(struct fb_step *step, const char *folder,
              const struct fb_table **table, struct fb_error *err)
{
    size_t length = strlen(folder);

    for (uint32_t i = 0; i < fb_table_count(step); i++) {
        size_t size;

        if (fb_table_at(step, i, table, err) != 0)
            return -1;
        size = strlen((*table)->location);
        /* A folder may be written without the slash at its end. */
        if (length + 1 >= size &&
            strncmp(folder, (*table)->location, size - 1) == 0 &&
            (length + 1 == size || folder[size - 1] == '/'))
            return 0;
    }
    *table = NULL;
    return 0;
}

/* --- make --- */

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

int
tables_make(struct fb_step *step, const struct aws_settings *glue,
            const struct aws_settings *s3, struct fb_error *err)
{
    bool made;
    void *mark;

    if (look_up(step, "tables", &made, err) != 0)
        return -1;
    if (made)
        return 0;
    if (do_work(step, glue, s3, err) != 0)
        return -1;
    return fb_shared(step, "tables", keep_mark, free, &mark, err);
}
