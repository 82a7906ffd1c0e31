/*
 * derive.c: columns made by expressions.  Every expression sees the rows as
 * they came in, never what another one made of them, so their order does not
 * matter.
 */
#include <strings.h>

#include "forebay/plugin.h"

struct derived {
    struct fb_expr *expr;
    uint32_t output; /* the column that it fills */
};

struct derive {
    struct fb_map set;
    struct derived *columns; /* one a pair of set */
};

/* The input column that a pair replaces; FB_NEW when it adds one.  Names are
 * those of the output: they match exactly. */
static uint32_t
replaced_by(struct fb_step *step, const char *name)
{
    for (uint32_t i = 0; i < fb_column_count(step); i++)
        if (strcmp(fb_column(step, i)->name, name) == 0)
            return i;
    return FB_NEW;
}

/* SQL takes names that differ only in case for one; two such columns could
 * not be told apart by those who come after. */
static int
check_case(const struct fb_map *set, struct fb_step *step, size_t pair,
           struct fb_error *err)
{
    const char *name = set->pairs[pair].key, *other = NULL;

    for (uint32_t i = 0; i < fb_column_count(step); i++)
        if (strcasecmp(fb_column(step, i)->name, name) == 0)
            other = fb_column(step, i)->name;
    for (size_t i = 0; i < pair; i++)
        if (strcasecmp(set->pairs[i].key, name) == 0)
            other = set->pairs[i].key;
    if (other == NULL || replaced_by(step, name) != FB_NEW)
        return 0;
    fb_bad_option(step, err, "set", pair,
                  "column '%s' differs from '%s' only in case", name, other);
    return fb_hint(err, "write '%s' to replace it, or choose another name",
                   other);
}

static int
derive_check(void *self, struct fb_step *step, struct fb_error *err)
{
    const struct derive *derive = self;

    if (derive->set.count == 0)
        return fb_bad_option(step, err, "set", 0,
                             "'set' is empty: it names the columns to make");
    for (size_t i = 0; i < derive->set.count; i++)
        if (derive->set.pairs[i].key[0] == '\0')
            return fb_bad_option(step, err, "set", i, "a column needs a name");
    return 0;
}

static int
bind_pair(struct derive *derive, struct fb_step *step, size_t pair,
          enum fb_column_type *type, struct fb_error *err)
{
    derive->columns[pair].expr = derive->set.pairs[pair].expr;
    return fb_expr_bind(step, derive->columns[pair].expr, type, err);
}

/* Replaced columns stay where they were; new ones come after them all. */
static int
derive_bind(void *self, struct fb_step *step, struct fb_error *err)
{
    struct derive *derive = self;
    const struct fb_map *set = &derive->set;
    uint32_t count = fb_column_count(step);
    enum fb_column_type *types = fb_alloc(step, set->count * sizeof(*types));
    size_t *maker = fb_alloc(step, (count + 1) * sizeof(*maker));

    derive->columns = fb_alloc(step, set->count * sizeof(*derive->columns));
    for (size_t i = 0; i < set->count; i++) {
        uint32_t column = replaced_by(step, set->pairs[i].key);

        if (check_case(set, step, i, err) != 0 ||
            bind_pair(derive, step, i, &types[i], err) != 0)
            return -1;
        if (column != FB_NEW)
            maker[column] = i + 1;
    }
    for (uint32_t column = 0; column < count; column++) {
        const char *name = fb_column(step, column)->name;
        size_t i = maker[column];

        if (fb_output_column(
                step, name, i > 0 ? types[i - 1] : 0, i > 0 ? FB_NEW : column,
                i > 0 ? &derive->columns[i - 1].output : NULL, err) != 0)
            return -1;
    }
    for (size_t i = 0; i < set->count; i++)
        if (replaced_by(step, set->pairs[i].key) == FB_NEW &&
            fb_output_column(step, set->pairs[i].key, types[i], FB_NEW,
                             &derive->columns[i].output, err) != 0)
            return -1;
    return 0;
}

/* All are computed before the first is set: none sees another's result. */
static int
derive_process(void *self, struct fb_step *step, struct fb_batch *batch,
               struct fb_error *err)
{
    const struct derive *derive = self;
    size_t count = derive->set.count;
    const struct fb_cell **cells =
        fb_batch_alloc(batch, count * sizeof(*cells));

    (void)step;
    for (size_t i = 0; i < count; i++)
        if (fb_expr_cells(batch, derive->columns[i].expr, &cells[i], err) != 0)
            return -1;
    for (size_t i = 0; i < count; i++)
        fb_batch_set(batch, derive->columns[i].output, cells[i]);
    return 0;
}

static const struct fb_option derive_options[] = {
    {.name = "set",
     FB_EXPR_MAP(struct derive, set),
     .flags = FB_REQUIRED,
     .help = "The columns to make, each written as name: expression; a column "
             "of that name is replaced, others are added at the end."},
    {.name = NULL},
};

static const struct fb_plugin derive_plugin = {
    FB_PLUGIN_HEAD,
    .kind = FB_TRANSFORM,
    .name = "derive",
    .summary = "Makes columns by expressions.",
    .flags = FB_PARALLEL,
    .options = derive_options,
    .instance_size = sizeof(struct derive),
    .check = derive_check,
    .bind = derive_bind,
    .process = derive_process,
};

FB_PROVIDES("transform derive");
FB_PLUGINS(&derive_plugin);
