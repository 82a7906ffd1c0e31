#include "declared.h"

#include <assert.h>

#include "tableobject.h"

/* --- looking --- */

static int
take_folder(struct declared *declared, const char *uri, struct fb_error *err)
{
    const struct fb_table *table = declared->table;
    json_t *made = tableobject_partition(&declared->input, table, uri);

    if (made == NULL)
        return fb_fail(err, FB_E_CONFIG,
                       "cannot give the table '%s' to Athena: '%s' does not "
                       "lie in the folders of its partitions (%s=...)",
                       table->name, uri, declared->input.key_names[0]);
    json_object_set_new(
        declared->folders,
        json_string_value(json_object_get(
            json_object_get(made, "StorageDescriptor"), "Location")),
        json_string(uri));
    json_decref(made);
    if (json_object_size(declared->folders) <= DECLARED_PARTITIONS_MAX)
        return 0;
    return fb_fail(err, FB_E_LIMIT,
                   "cannot give the table '%s' to Athena: it has more than %d "
                   "partitions",
                   table->name, DECLARED_PARTITIONS_MAX);
}

static int
look_at_name(struct declared *declared, const char *uri, struct fb_error *err)
{
    declared->object_count++;
    if (tableobject_check(declared->table, uri, err) != 0)
        return -1;
    return declared->input.keys > 0 ? take_folder(declared, uri, err) : 0;
}

/* While the store lists objects, none of them is read. */
struct listing {
    struct declared *declared;
    const struct declared_look *look;
    json_t *headers; /* uris */
    struct fb_error *err;
    bool failed;
};

static int
found(void *arg, const struct fb_object *object)
{
    struct listing *listing = arg;
    const struct declared_look *look = listing->look;

    if (look->skip != NULL && look->skip(look->arg, object->uri))
        return 0;
    listing->failed =
        look_at_name(listing->declared, object->uri, listing->err) != 0;
    if (json_array_size(listing->headers) < DECLARED_HEADERS_MAX)
        json_array_append_new(listing->headers, json_string(object->uri));
    return listing->failed;
}

static int
look_at_headers(struct declared *declared, const struct declared_look *look,
                const json_t *uris, struct fb_error *err)
{
    for (size_t i = 0; i < json_array_size(uris); i++)
        if (order_add(&declared->order, declared->table,
                      json_string_value(json_array_get(uris, i)), look->s3,
                      look->step, err) != 0)
            return -1;
    if (declared->object_count > json_array_size(uris))
        fb_log(look->step, FB_INFO,
               "looked at the headers of the first %d of %zu objects of '%s'",
               DECLARED_HEADERS_MAX, declared->object_count,
               declared->table->name);
    return 0;
}

int
declared_open(struct declared *declared, uint32_t index,
              const struct declared_look *look, struct fb_error *err)
{
    struct listing listing = {.declared = declared, .look = look, .err = err};
    int status;

    *declared = (struct declared){.folders = json_object()};
    if (fb_table_at(look->step, index, &declared->table, err) != 0 ||
        tableinput_make(declared->table, NULL, &declared->input, err) != 0)
        return -1;
    listing.headers = json_array();
    status = fb_table_objects(look->step, index, found, &listing, err);
    if (status == 0 && listing.failed)
        status = -1;
    if (status == 0)
        status = look_at_headers(declared, look, listing.headers, err);
    json_decref(listing.headers);
    return status;
}

int
declared_add(struct declared *declared, const struct declared_look *look,
             const char *uri, struct fb_error *err)
{
    assert(declared->table != NULL);
    if (look_at_name(declared, uri, err) != 0)
        return -1;
    return order_add(&declared->order, declared->table, uri, look->s3,
                     look->step, err);
}

void
declared_release(struct declared *declared)
{
    tableinput_release(&declared->input);
    order_release(&declared->order);
    json_decref(declared->folders);
    *declared = (struct declared){.table = NULL};
}

int
declared_check_names(const struct declared *items, uint32_t count,
                     struct fb_error *err)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = 0; j < count; j++) {
            const struct tableinput *a = &items[i].input, *b = &items[j].input;

            if (i == j || strcmp(a->database, b->database) != 0 ||
                (strcmp(a->table, b->table) != 0 &&
                 strcmp(a->table, b->stored) != 0))
                continue;
            return fb_fail(err, FB_E_CONFIG,
                           "cannot give the tables '%s' and '%s' to Athena: "
                           "they would have one name there",
                           items[i].table->name, items[j].table->name);
        }
    return 0;
}

/* --- making --- */

/* In the order in which the files have their columns: Athena goes by it, in
 * partitions too. */
static int
settle_order(struct declared *declared, struct fb_error *err)
{
    if (declared->order.columns == NULL)
        return 0;
    tableinput_release(&declared->input);
    return tableinput_make(declared->table, declared->order.columns,
                           &declared->input, err);
}

static int
make_partitions(struct declared *declared, struct catalog *catalog,
                struct partitions_count *count, struct fb_error *err)
{
    const struct tableinput *input = &declared->input;
    json_t *list = json_array(), *uri;
    const char *location;
    int status;

    json_object_foreach(declared->folders, location, uri)
    {
        json_array_append_new(list,
                              tableobject_partition(input, declared->table,
                                                    json_string_value(uri)));
    }
    status = partitions_register(catalog, input->database, input->stored, list,
                                 count, err);
    json_decref(list);
    return status;
}

static int
make_view(struct declared *declared, struct catalog *catalog,
          enum catalog_outcome *table, struct fb_error *err)
{
    const struct tableinput *input = &declared->input;
    enum catalog_outcome outcome;

    if (input->view == NULL)
        return 0;
    if (catalog_table(catalog, input->database, input->view, &outcome, err) !=
        0)
        return -1;
    if (outcome != CATALOG_SAME && *table == CATALOG_SAME)
        *table = CATALOG_CHANGED;
    return 0;
}

int
declared_make(struct declared *declared, struct catalog *catalog,
              struct declared_made *made, struct fb_error *err)
{
    const struct tableinput *input = &declared->input;
    enum catalog_outcome database;

    *made = (struct declared_made){.table = CATALOG_SAME};
    if (settle_order(declared, err) != 0 ||
        catalog_database(catalog, input->database, &database, err) != 0 ||
        catalog_table(catalog, input->database, input->files, &made->table,
                      err) != 0 ||
        make_partitions(declared, catalog, &made->partitions, err) != 0)
        return -1;
    return make_view(declared, catalog, &made->table, err);
}
