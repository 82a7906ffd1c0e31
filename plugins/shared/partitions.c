#include "partitions.h"

#include <assert.h>
#include <stdlib.h>

#include "aws/buf.h"
#include "aws/json.h"
#include "tablediff.h"

static const struct jsoncall get_call = {
    "AWSGlue.BatchGetPartition", "glue:BatchGetPartition", CATALOG_DEADLINE_MS};
static const struct jsoncall create_call = {"AWSGlue.BatchCreatePartition",
                                            "glue:BatchCreatePartition",
                                            CATALOG_DEADLINE_MS};
static const struct jsoncall update_call = {"AWSGlue.BatchUpdatePartition",
                                            "glue:BatchUpdatePartition",
                                            CATALOG_DEADLINE_MS};

/* Up to PARTITIONS_BATCH partitions that are brought up to date. */
struct work {
    struct catalog *catalog;
    const char *database, *table;
    char subject[520]; /* "database.table" */
    struct partitions_count *count;
    json_t *left; /* object: values -> PartitionInput that is not right yet */
};

/* One text for the values of a partition, to find it by. */
static char *
key_of(const json_t *values)
{
    char *key = json_dumps(values, JSON_COMPACT | JSON_ENCODE_ANY);

    return key != NULL ? key : aws_strdup("");
}

static int
call(struct work *work, const struct jsoncall *what, const char *list,
     json_t *items, struct aws_response *response, struct fb_error *err)
{
    return catalog_call(work->catalog, what, work->subject,
                        json_pack("{s:s,s:s,s:o}", "DatabaseName",
                                  work->database, "TableName", work->table,
                                  list, items),
                        response, err);
}

/* --- what is there --- */

/* By the values, from a list of objects that have them under a name. */
static void
index_items(json_t *index, const json_t *list, const char *name)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *item = json_array_get(list, i);
        char *key = key_of(json_object_get(item, name));

        json_object_set(index, key, item);
        free(key);
    }
}

/* *found: values -> Partition; *unknown: those that the service did not look
 * at.  The caller owns both. */
static int
get_some(struct work *work, json_t **found, json_t **unknown,
         struct fb_error *err)
{
    struct aws_response response = {.status = 0};
    json_t *wanted = json_array(), *input;
    const char *key;
    int status;

    json_object_foreach(work->left, key, input)
    {
        json_array_append_new(
            wanted,
            json_pack("{s:O}", "Values", json_object_get(input, "Values")));
    }
    *found = json_object();
    *unknown = json_object();
    status = call(work, &get_call, "PartitionsToGet", wanted, &response, err);
    index_items(*found, json_object_get(response.json, "Partitions"), "Values");
    index_items(*unknown, json_object_get(response.json, "UnprocessedKeys"),
                "Values");
    aws_response_release(&response);
    return status;
}

/* --- what is done about it --- */

/* What must be asked, and what is right already. */
static void
sort_out(struct work *work, const json_t *found, const json_t *unknown,
         json_t *to_make, json_t *to_change)
{
    json_t *input, *update = NULL;
    const char *key;
    void *next;
    char *what;

    json_object_foreach_safe(work->left, next, key, input)
    {
        const json_t *there = json_object_get(found, key);

        if (json_object_get(unknown, key) != NULL)
            continue;
        if (there == NULL) {
            json_array_append(to_make, input);
        } else if (tablediff_is_same(there, input, &update, &what)) {
            work->count->same++;
            json_object_del(work->left, key);
        } else {
            json_array_append_new(to_change,
                                  json_pack("{s:O,s:o}", "PartitionValueList",
                                            json_object_get(input, "Values"),
                                            "PartitionInput", update));
            free(what);
        }
    }
}

/* What was sent, where its values stand, and where those of an error. */
struct sent {
    json_t *items;
    const char *values, *error_values;
    const char *verb;
};

/* "2025/01", as people know a partition. */
static void
name_values(const json_t *values, char name[100])
{
    size_t used = 0;

    name[0] = '\0';
    for (size_t i = 0; i < json_array_size(values) && used + 1 < 100; i++) {
        const char *value = json_string_value(json_array_get(values, i));

        used += (size_t)snprintf(name + used, 100 - used, "%s%s",
                                 i > 0 ? "/" : "", value != NULL ? value : "");
    }
}

static int
refuse(const struct work *work, const struct sent *sent, const json_t *item,
       struct fb_error *err)
{
    const char *code = aws_json_text(item, "ErrorDetail.ErrorCode");
    const char *why = aws_json_text(item, "ErrorDetail.ErrorMessage");
    char name[100];

    name_values(json_object_get(item, sent->error_values), name);
    return fb_fail(err, FB_E_FAILED,
                   "cannot %s the partition '%s' of '%s' in Glue: %.100s: "
                   "%.300s",
                   sent->verb, name, work->subject,
                   code != NULL ? code : "unknown", why != NULL ? why : "");
}

/* Errors that say that somebody else was faster: the next look tells. */
static bool
is_race(const json_t *item)
{
    static const char *const codes[] = {"AlreadyExistsException",
                                        "EntityNotFoundException",
                                        "ConcurrentModificationException"};
    const char *code = aws_json_text(item, "ErrorDetail.ErrorCode");

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (code != NULL && strcmp(code, codes[i]) == 0)
            return true;
    return false;
}

/* The status is 200 also when each of them failed. */
static int
judge(struct work *work, const struct sent *sent, const json_t *errors,
      size_t *done, struct fb_error *err)
{
    json_t *failed = json_object(), *item;
    const char *key;
    int status = 0;

    index_items(failed, errors, sent->error_values);
    json_object_foreach(failed, key, item)
    {
        if (status == 0 && !is_race(item))
            status = refuse(work, sent, item, err);
    }
    for (size_t i = 0; status == 0 && i < json_array_size(sent->items); i++) {
        const json_t *one = json_array_get(sent->items, i);
        char *name = key_of(json_object_get(one, sent->values));

        if (json_object_get(failed, name) == NULL) {
            ++*done;
            json_object_del(work->left, name);
        }
        free(name);
    }
    json_decref(failed);
    return status;
}

static int
send(struct work *work, const struct jsoncall *what, const char *list,
     const struct sent *sent, size_t *done, struct fb_error *err)
{
    struct aws_response response = {.status = 0};
    int status;

    if (json_array_size(sent->items) == 0)
        return 0;
    status = call(work, what, list, json_incref(sent->items), &response, err);
    /* All of it: then none was done, and the next look tells. */
    if (!catalog_forgive(&response, "ConcurrentModificationException", &status,
                         err) &&
        status == 0)
        status = judge(work, sent, json_object_get(response.json, "Errors"),
                       done, err);
    aws_response_release(&response);
    return status;
}

/* Look, and do what is to be done. */
static int
turn(struct work *work, struct fb_error *err)
{
    json_t *found, *unknown, *to_make = json_array();
    json_t *to_change = json_array();
    int status = get_some(work, &found, &unknown, err);

    if (status == 0) {
        sort_out(work, found, unknown, to_make, to_change);
        status = send(
            work, &create_call, "PartitionInputList",
            &(struct sent){to_make, "Values", "PartitionValues", "register"},
            &work->count->made, err);
    }
    if (status == 0)
        status = send(work, &update_call, "Entries",
                      &(struct sent){to_change, "PartitionValueList",
                                     "PartitionValueList", "update"},
                      &work->count->changed, err);
    json_decref(found);
    json_decref(unknown);
    json_decref(to_make);
    json_decref(to_change);
    return status;
}

static int
do_batch(struct work *work, struct fb_error *err)
{
    for (int i = 0; i < CATALOG_TRIES; i++) {
        if (json_object_size(work->left) == 0)
            return 0;
        if (turn(work, err) != 0)
            return -1;
    }
    if (json_object_size(work->left) == 0)
        return 0;
    return fb_fail(err, FB_E_UNAVAILABLE,
                   "cannot bring the partitions of '%s' in Glue up to date: "
                   "others change them all the time",
                   work->subject);
}

static void
tell(const struct work *work, const struct partitions_count *before)
{
    size_t made = work->count->made - before->made;
    size_t changed = work->count->changed - before->changed;

    if (made > 0)
        fb_log(work->catalog->step, FB_INFO,
               "registered %zu partitions of '%s' in Glue", made,
               work->subject);
    if (changed > 0)
        fb_log(work->catalog->step, FB_INFO,
               "changed %zu partitions of '%s' in Glue", changed,
               work->subject);
}

int
partitions_register(struct catalog *catalog, const char *database,
                    const char *table, const json_t *wanted,
                    struct partitions_count *count, struct fb_error *err)
{
    struct partitions_count before = *count;
    struct work work = {.catalog = catalog,
                        .database = database,
                        .table = table,
                        .count = count};
    size_t total = json_array_size(wanted);
    int status = 0;

    snprintf(work.subject, sizeof(work.subject), "%s.%s", database, table);
    for (size_t i = 0; status == 0 && i < total; i += PARTITIONS_BATCH) {
        json_t *some = json_array();

        for (size_t j = i; j < total && j < i + PARTITIONS_BATCH; j++)
            json_array_append(some, json_array_get(wanted, j));
        work.left = json_object();
        index_items(work.left, some, "Values");
        status = do_batch(&work, err);
        json_decref(work.left);
        json_decref(some);
    }
    tell(&work, &before);
    return status;
}
