#include "item.h"

#include <assert.h>
#include <stdlib.h>

#include "aws/buf.h"
#include "match.h"
#include "shared/tableinput.h"

/* --- check --- */

static bool
is_in_s3(const struct fb_table *table)
{
    return strncmp(table->location, "s3://", 5) == 0;
}

static int
find_table(struct item *item, struct fb_step *step, const char *name,
           size_t number, struct fb_error *err)
{
    char names[FB_HINT_MAX] = "";
    size_t used = 0;

    for (uint32_t i = 0; i < fb_table_count(step); i++) {
        if (fb_table_at(step, i, &item->table, err) != 0)
            return -1;
        item->index = i;
        if (strcmp(item->table->name, name) == 0)
            return 0;
        if (used < sizeof(names))
            used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
                                     i > 0 ? ", " : "", item->table->name);
    }
    fb_bad_option(step, err, "table", number,
                  "the pipeline declares no table '%s'", name);
    return names[0] != '\0' ? fb_hint(err, "under 'tables:' stand %s", names)
                            : fb_hint(err, "declare it under 'tables:'");
}

/* The same wherever it lies, so that a laptop tells what the cloud would. */
static int
check_table(const struct fb_table *table, struct fb_error *err)
{
    struct fb_table copy = *table;
    struct tableinput input;

    if (!is_in_s3(table))
        copy.location = "s3://bucket/folder/";
    if (table->columns == NULL)
        return tableinput_check(&copy, err);
    if (tableinput_make(&copy, NULL, &input, err) != 0)
        return -1;
    tableinput_release(&input);
    return 0;
}

/* With the place of the option: the pipeline is what is wrong. */
static int
at_option(struct fb_step *step, size_t number, struct fb_error *err)
{
    struct fb_error why = *err;

    fb_bad_option(step, err, "table", number, "%s", why.message);
    return why.hint[0] != '\0' ? fb_hint(err, "%s", why.hint) : -1;
}

int
item_check(struct item *item, struct fb_step *step, const char *name,
           size_t number, struct fb_error *err)
{
    *item = (struct item){.index = 0};
    if (find_table(item, step, name, number, err) != 0)
        return -1;
    item->registered = is_in_s3(item->table);
    if (check_table(item->table, err) == 0)
        return 0;
    return err->code == FB_E_CONFIG ? at_option(step, number, err) : -1;
}

/* --- bind --- */

/* As fb_table_objects has it. */
static bool
is_below(const struct item *item, const char *uri)
{
    const char *location = item->table->location;
    const char *slash = strrchr(uri, '/');

    return strncmp(uri, location, strlen(location)) == 0 && slash[1] != '_' &&
           slash[1] != '.';
}

static bool
is_written(const struct item *item, struct fb_step *step)
{
    for (uint32_t i = 0; i < fb_target_count(step); i++)
        if (is_below(item, fb_target_at(step, i)->uri))
            return true;
    return false;
}

/* Where no header tells the order of the columns, it must be the declared
 * one: nobody could know it later. */
static int
check_order(const struct item *item, struct fb_step *step,
            const struct fb_input *input, struct fb_error *err)
{
    const struct fb_table *table = item->table;
    uint32_t *order = match_order(table, input);
    bool declared = match_is_declared(order, table);
    int status = 0;

    free(order);
    for (uint32_t i = 0; i < fb_target_count(step) && !declared; i++) {
        const char *uri = fb_target_at(step, i)->uri;

        if (!is_below(item, uri) || order_is_told(table, uri) || status != 0)
            continue;
        status = fb_fail(err, FB_E_CONFIG,
                         "the columns of '%s' stand in another order than "
                         "those of the table '%s', and no header of '%s' "
                         "could be asked",
                         input->step, table->name, uri);
        fb_hint(err, "Athena goes by their position: put them in the table's "
                     "order with a 'select'");
    }
    return status;
}

int
item_bind(const struct item *item, struct fb_step *step,
          const struct fb_input *input, size_t number, struct fb_error *err)
{
    const struct fb_table *table = item->table;

    if (item->registered && !is_written(item, step)) {
        fb_bad_option(step, err, "table", number,
                      "no sink of this pipeline writes below '%s', where the "
                      "table '%s' lies",
                      table->location, table->name);
        return fb_hint(err, "name the table that the sinks write");
    }
    if (table->columns == NULL)
        return 0;
    if (match_columns(table, input, err) != 0)
        return at_option(step, number, err);
    if (tableinput_is_text(table) && item->registered &&
        check_order(item, step, input, err) != 0)
        return at_option(step, number, err);
    return 0;
}

/* --- open --- */

static bool
is_replaced(void *arg, const char *uri)
{
    struct fb_step *step = arg;

    for (uint32_t i = 0; i < fb_target_count(step); i++)
        if (strcmp(fb_target_at(step, i)->uri, uri) == 0)
            return true;
    return false;
}

/* That it can be asked, and that what it has is nobody else's. */
static int
look_at_catalog(const struct tableinput *input, struct catalog *catalog,
                struct fb_error *err)
{
    bool there;

    if (catalog_look_at_table(catalog, input->database, input->files, &there,
                              err) != 0)
        return -1;
    if (input->view == NULL)
        return 0;
    return catalog_look_at_table(catalog, input->database, input->view, &there,
                                 err);
}

int
item_open(struct item *item, struct fb_step *step,
          const struct aws_settings *s3, struct catalog *catalog,
          struct fb_error *err)
{
    const struct declared_look look = {
        .step = step, .s3 = s3, .skip = is_replaced, .arg = step};

    assert(item->registered && !item->opened);
    if (item->table->inferred)
        return 0; /* what it is, the files will tell that are to come */
    item->opened = true;
    if (declared_open(&item->declared, item->index, &look, err) != 0)
        return -1;
    return look_at_catalog(&item->declared.input, catalog, err);
}

static int
refuse_order(const struct item *item, const struct fb_input *input,
             const char *whose, struct fb_error *err)
{
    fb_fail(err, FB_E_CONFIG,
            "cannot register the table '%s': the columns of '%s' stand in "
            "another order than those of %s",
            item->table->name, input->step, whose);
    return fb_hint(err, "nothing was written: Athena goes by the position of "
                        "columns, so put them in one order with a 'select'");
}

int
item_check_order(struct item *item, const struct fb_input *input,
                 struct fb_error *err)
{
    const struct order *there = &item->declared.order;
    const struct fb_table *table = item->table;
    uint32_t *order;
    size_t size;
    int status = 0;

    if (!item->opened || !tableinput_is_text(table))
        return 0;
    order = match_order(table, input);
    size = sizeof(*order) * input->column_count;
    if (there->columns != NULL && memcmp(order, there->columns, size) != 0)
        status = refuse_order(item, input, "the files that are there", err);
    else if (item->order != NULL && memcmp(order, item->order, size) != 0)
        status = refuse_order(item, input, "the other inputs", err);
    free(item->order);
    item->order = order;
    return status;
}

/* --- probe --- */

static int
probe_known(const struct fb_table *table, struct catalog *catalog,
            struct fb_error *err)
{
    struct tableinput input;
    int status;

    if (tableinput_make(table, NULL, &input, err) != 0)
        return -1;
    status = look_at_catalog(&input, catalog, err);
    tableinput_release(&input);
    return status;
}

int
item_probe(const struct item *item, struct fb_step *step,
           struct catalog *catalog, struct fb_error *err)
{
    const struct fb_table *table = item->table;
    bool there;

    if (!item->registered) {
        fb_log(step, FB_INFO,
               "the table '%s' will not be registered: '%s' lies outside of "
               "S3",
               table->name, table->location);
        return 0;
    }
    return table->columns == NULL
               ? catalog_look(catalog, table->database, &there, err)
               : probe_known(table, catalog, err);
}

/* --- finish --- */

/* What this run made, beside what was there. */
static int
look_at_made(struct item *item, struct fb_step *step,
             const struct declared_look *look, struct fb_error *err)
{
    for (uint32_t i = 0; i < fb_target_count(step); i++) {
        const struct fb_target *target = fb_target_at(step, i);

        if (target->visible && is_below(item, target->uri) &&
            declared_add(&item->declared, look, target->uri, err) != 0)
            return -1;
    }
    return 0;
}

int
item_look_again(struct item *item, struct fb_step *step,
                const struct aws_settings *s3, struct fb_error *err)
{
    const struct declared_look look = {.step = step, .s3 = s3};

    if (item->opened)
        return look_at_made(item, step, &look, err);
    item->opened = true;
    return declared_open(&item->declared, item->index, &look, err);
}

static void
tell(const struct item *item, struct fb_step *step,
     const struct declared_made *made)
{
    static const char *const words[] = {[CATALOG_SAME] = "unchanged",
                                        [CATALOG_MADE] = "created",
                                        [CATALOG_CHANGED] = "updated"};
    const struct partitions_count *count = &made->partitions;
    const char *name = item->table->name;

    if (item->declared.input.keys == 0)
        fb_fact(step, name, "%s", words[made->table]);
    else
        fb_fact(step, name,
                "%s; partitions: %zu added, %zu updated, %zu unchanged",
                words[made->table], count->made, count->changed, count->same);
}

int
item_register(struct item *item, struct fb_step *step, struct catalog *catalog,
              struct fb_error *err)
{
    struct declared_made made;

    assert(item->opened);
    if (declared_make(&item->declared, catalog, &made, err) != 0)
        return -1;
    tell(item, step, &made);
    return 0;
}

void
item_release(struct item *item)
{
    if (item->opened)
        declared_release(&item->declared);
    free(item->order);
    item->order = NULL;
    item->opened = false;
}
