#include "tables.h"

#include <assert.h>
#include <stdlib.h>

#include "aws/buf.h"
#include "order.h"
#include "shared/catalog.h"
#include "shared/tableinput.h"

#define PARTITIONS_MAX 100000

/* One declared table on its way into Glue. */
struct declared {
    const struct fb_table *table;
    struct tableinput input;
    json_t *partitions; /* object: location -> PartitionInput */
    char **uris;        /* of the first objects, owned */
    size_t uri_count;
    size_t object_count;
    struct fb_error *err;
    bool failed;
};

struct work {
    struct fb_step *step;
    const struct aws_settings *s3;
    struct catalog catalog;
    struct declared *items;
    uint32_t count;
};

/* --- looking, before anything is made --- */

static void
take_partition(struct declared *declared, const char *uri)
{
    json_t *made = tableinput_partition(&declared->input, declared->table, uri);
    const char *location;

    if (made == NULL) {
        declared->failed = true;
        fb_fail(declared->err, FB_E_CONFIG,
                "cannot give the table '%s' to Athena: '%s' does not lie in "
                "the folders of its partitions (%s=...)",
                declared->table->name, uri, declared->input.key_names[0]);
        return;
    }
    location = json_string_value(json_object_get(
        json_object_get(made, "StorageDescriptor"), "Location"));
    json_object_set_new(declared->partitions, location, made);
}

static int
look_at_object(void *arg, const struct fb_object *object)
{
    struct declared *declared = arg;

    declared->failed = tableinput_check_object(declared->table, object->uri,
                                               declared->err) != 0;
    declared->object_count++;
    if (declared->uri_count < ORDER_OBJECTS_MAX)
        declared->uris[declared->uri_count++] = aws_strdup(object->uri);
    if (!declared->failed && declared->input.keys > 0)
        take_partition(declared, object->uri);
    if (json_object_size(declared->partitions) > PARTITIONS_MAX) {
        declared->failed = true;
        fb_fail(declared->err, FB_E_LIMIT,
                "cannot give the table '%s' to Athena: it has more than %d "
                "partitions",
                declared->table->name, PARTITIONS_MAX);
    }
    return declared->failed;
}

/* In the order in which the files have their columns. */
static int
look_at_headers(struct work *work, struct declared *declared,
                struct fb_error *err)
{
    struct order order = {.columns = NULL};
    int status =
        order_find(&order, declared->table, (const char *const *)declared->uris,
                   declared->uri_count, work->s3, work->step, err);

    if (status == 0 && order.columns != NULL) {
        tableinput_release(&declared->input);
        status = tableinput_make(declared->table, order.columns,
                                 &declared->input, err);
    }
    order_release(&order);
    return status;
}

static int
look(struct work *work, uint32_t index, struct fb_error *err)
{
    struct declared *declared = &work->items[index];

    declared->err = err;
    declared->partitions = json_object();
    declared->uris = aws_alloc(sizeof(char *) * ORDER_OBJECTS_MAX);
    if (fb_table_at(work->step, index, &declared->table, err) != 0 ||
        tableinput_make(declared->table, NULL, &declared->input, err) != 0)
        return -1;
    if (fb_table_objects(work->step, index, look_at_object, declared, err) !=
            0 ||
        declared->failed || look_at_headers(work, declared, err) != 0)
        return -1;
    if (declared->object_count > declared->uri_count)
        fb_log(work->step, FB_INFO,
               "looked at the headers of the first %d of %zu objects of '%s'",
               ORDER_OBJECTS_MAX, declared->object_count,
               declared->table->name);
    return 0;
}

/* Two tables whose names are one, or one with the name of another's texts. */
static int
check_names(const struct work *work, struct fb_error *err)
{
    for (uint32_t i = 0; i < work->count; i++)
        for (uint32_t j = 0; j < work->count; j++) {
            const struct tableinput *a = &work->items[i].input;
            const struct tableinput *b = &work->items[j].input;

            if (i == j || strcmp(a->database, b->database) != 0 ||
                (strcmp(a->table, b->table) != 0 &&
                 strcmp(a->table, b->stored) != 0))
                continue;
            return fb_fail(err, FB_E_CONFIG,
                           "cannot give the tables '%s' and '%s' to Athena: "
                           "they would have one name there",
                           work->items[i].table->name,
                           work->items[j].table->name);
        }
    return 0;
}

/* --- making --- */

static int
make_partitions(struct work *work, const struct declared *declared,
                struct fb_error *err)
{
    const struct tableinput *input = &declared->input;
    json_t *list = json_array();
    const char *location;
    json_t *partition;
    size_t made;
    int status;

    json_object_foreach(declared->partitions, location, partition)
    {
        json_array_append(list, partition);
    }
    status = catalog_partitions(&work->catalog, input->database, input->stored,
                                list, &made, err);
    json_decref(list);
    return status;
}

static int
make(struct work *work, const struct declared *declared, struct fb_error *err)
{
    const struct tableinput *input = &declared->input;
    enum catalog_outcome outcome;

    if (catalog_database(&work->catalog, input->database, &outcome, err) != 0 ||
        catalog_table(&work->catalog, input->database, input->files, &outcome,
                      err) != 0 ||
        make_partitions(work, declared, err) != 0)
        return -1;
    if (input->view == NULL)
        return 0;
    return catalog_table(&work->catalog, input->database, input->view, &outcome,
                         err);
}

static int
make_all(struct work *work, struct fb_error *err)
{
    for (uint32_t i = 0; i < work->count; i++)
        if (look(work, i, err) != 0)
            return -1;
    if (check_names(work, err) != 0)
        return -1;
    for (uint32_t i = 0; i < work->count; i++)
        if (make(work, &work->items[i], err) != 0)
            return -1;
    return 0;
}

static void
release(struct declared *declared)
{
    tableinput_release(&declared->input);
    json_decref(declared->partitions);
    for (size_t i = 0; i < declared->uri_count; i++)
        free(declared->uris[i]);
    free(declared->uris);
}

static int
do_work(struct fb_step *step, const struct aws_settings *glue,
        const struct aws_settings *s3, struct fb_error *err)
{
    struct work work = {.step = step, .s3 = s3, .count = fb_table_count(step)};
    int status;

    if (work.count == 0)
        return 0;
    if (catalog_open(&work.catalog, glue, step, err) != 0)
        return -1;
    work.items = aws_alloc(sizeof(*work.items) * work.count);
    status = make_all(&work, err);
    for (uint32_t i = 0; i < work.count; i++)
        release(&work.items[i]);
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
