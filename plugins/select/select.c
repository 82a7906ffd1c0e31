/*
 * select.c: which columns leave, in which order, under which names.  Cells
 * are not touched; it all happens in bind.
 */
#include "forebay/plugin.h"

struct select {
    struct fb_list keep, drop;
    struct fb_map rename;
};

struct choice {
    bool *dropped;          /* one a column of the input */
    const char **new_names; /* NULL: keeps its own */
    uint32_t *order;        /* of the columns that leave */
    uint32_t count;
};

static int
read_renames(const struct select *select, struct fb_step *step,
             struct choice *choice, struct fb_error *err)
{
    for (size_t i = 0; i < select->rename.count; i++) {
        const struct fb_pair *pair = &select->rename.pairs[i];
        uint32_t column;

        if (fb_column_find(step, "rename", i, pair->key, &column, err) != 0)
            return -1;
        if (pair->value[0] == '\0')
            return fb_bad_option(step, err, "rename", i,
                                 "the new name of '%s' is empty", pair->key);
        if (choice->new_names[column] != NULL)
            return fb_bad_option(step, err, "rename", i,
                                 "column '%s' is renamed twice", pair->key);
        choice->new_names[column] = pair->value;
    }
    return 0;
}

/* keep: these and no others, in this order. */
static int
keep_columns(const struct select *select, struct fb_step *step,
             struct choice *choice, struct fb_error *err)
{
    uint32_t total = fb_column_count(step);

    for (uint32_t i = 0; i < total; i++)
        choice->dropped[i] = true;
    for (size_t i = 0; i < select->keep.count; i++) {
        const char *name = select->keep.items[i];
        uint32_t column;

        if (fb_column_find(step, "keep", i, name, &column, err) != 0)
            return -1;
        if (!choice->dropped[column])
            return fb_bad_option(step, err, "keep", i,
                                 "column '%s' is named twice", name);
        choice->dropped[column] = false;
        choice->order[choice->count++] = column;
    }
    return 0;
}

/* drop: all but these, in the order of the input. */
static int
drop_columns(const struct select *select, struct fb_step *step,
             struct choice *choice, struct fb_error *err)
{
    uint32_t column, total = fb_column_count(step);

    for (size_t i = 0; i < select->drop.count; i++) {
        if (fb_column_find(step, "drop", i, select->drop.items[i], &column,
                           err) != 0)
            return -1;
        choice->dropped[column] = true;
    }
    for (column = 0; column < total; column++)
        if (!choice->dropped[column])
            choice->order[choice->count++] = column;
    if (choice->count == 0)
        return fb_bad_option(step, err, "drop", 0,
                             "'drop' names every column: none would be left");
    return 0;
}

/* A column that is renamed and does not leave was not meant. */
static int
check_renames(const struct select *select, struct fb_step *step,
              const struct choice *choice, struct fb_error *err)
{
    for (size_t i = 0; i < select->rename.count; i++) {
        const char *name = select->rename.pairs[i].key;
        uint32_t column;

        if (fb_column_find(step, "rename", i, name, &column, err) != 0)
            return -1;
        if (choice->dropped[column])
            return fb_bad_option(step, err, "rename", i,
                                 "column '%s' is renamed but does not leave",
                                 name);
    }
    return 0;
}

static const char *
name_of(struct fb_step *step, const struct choice *choice, uint32_t column)
{
    const char *name = choice->new_names[column];

    return name != NULL ? name : fb_column(step, column)->name;
}

/* The host refuses two columns of one name too, but only here it is known
 * which rename did it. */
static int
check_names(const struct select *select, struct fb_step *step,
            const struct choice *choice, struct fb_error *err)
{
    for (size_t i = 0; i < select->rename.count; i++) {
        const char *name = select->rename.pairs[i].value;
        uint32_t found = 0;

        for (uint32_t n = 0; n < choice->count; n++)
            found += strcmp(name_of(step, choice, choice->order[n]), name) == 0;
        if (found > 1)
            return fb_bad_option(step, err, "rename", i,
                                 "another column that leaves is named '%s'",
                                 name);
    }
    return 0;
}

static int
select_check(void *self, struct fb_step *step, struct fb_error *err)
{
    const struct select *select = self;

    if (select->keep.count > 0 && select->drop.count > 0)
        return fb_bad_option(step, err, "drop", 0,
                             "'keep' and 'drop' cannot stand together");
    if (select->keep.count + select->drop.count + select->rename.count == 0)
        return fb_fail(err, FB_E_CONFIG,
                       "select needs 'keep', 'drop' or 'rename'");
    return 0;
}

static int
select_bind(void *self, struct fb_step *step, struct fb_error *err)
{
    const struct select *select = self;
    uint32_t total = fb_column_count(step);
    struct choice choice = {
        .dropped = fb_alloc(step, total * sizeof(*choice.dropped)),
        .new_names = fb_alloc(step, total * sizeof(*choice.new_names)),
        .order = fb_alloc(step, total * sizeof(*choice.order)),
    };

    if (read_renames(select, step, &choice, err) != 0 ||
        (select->keep.count > 0
             ? keep_columns(select, step, &choice, err)
             : drop_columns(select, step, &choice, err)) != 0 ||
        check_renames(select, step, &choice, err) != 0 ||
        check_names(select, step, &choice, err) != 0)
        return -1;
    for (uint32_t i = 0; i < choice.count; i++)
        if (fb_output_column(step, name_of(step, &choice, choice.order[i]), 0,
                             choice.order[i], NULL, err) != 0)
            return -1;
    return 0;
}

static int
select_process(void *self, struct fb_step *step, struct fb_batch *batch,
               struct fb_error *err)
{
    (void)self;
    (void)step;
    (void)batch;
    (void)err;
    return 0;
}

static const struct fb_option select_options[] = {
    {.name = "keep",
     FB_LIST(struct select, keep),
     .help = "The columns that leave, in this order."},
    {.name = "drop",
     FB_LIST(struct select, drop),
     .help = "The columns that do not leave; all others do, in the order "
             "they came."},
    {.name = "rename",
     FB_MAP(struct select, rename),
     .help = "New names, each written as old name: new name; 'keep' and "
             "'drop' name columns as they came."},
    {.name = NULL},
};

static const struct fb_plugin select_plugin = {
    FB_PLUGIN_HEAD,
    .kind = FB_TRANSFORM,
    .name = "select",
    .summary = "Chooses, orders and renames columns.",
    .flags = FB_PARALLEL,
    .options = select_options,
    .instance_size = sizeof(struct select),
    .check = select_check,
    .bind = select_bind,
    .process = select_process,
};

FB_PROVIDES("transform select");
FB_PLUGINS(&select_plugin);
