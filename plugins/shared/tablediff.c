#include "tablediff.h"

#include <string.h>

#include "aws/buf.h"

/* What GetTable and BatchGetPartition tell and no update takes. */
static const char *const read_only[] = {
    "DatabaseName",       "CreateTime",
    "UpdateTime",         "CreatedBy",
    "CatalogId",          "IsRegisteredWithLakeFormation",
    "VersionId",          "IsMultiDialectView",
    "FederatedTable",     "Status",
    "IsMaterializedView", "TableName",
    "CreationTime",       NULL};

static void
note(struct aws_buf *what, const char *word)
{
    if (what->len > 0)
        aws_buf_text(what, ", ");
    aws_buf_text(what, word);
}

/* Columns may have comments of others. */
static bool
same_columns(const json_t *found, const json_t *wanted)
{
    if (json_array_size(found) != json_array_size(wanted))
        return false;
    for (size_t i = 0; i < json_array_size(wanted); i++) {
        const json_t *a = json_array_get(found, i);
        const json_t *b = json_array_get(wanted, i);

        if (!json_equal(json_object_get(a, "Name"),
                        json_object_get(b, "Name")) ||
            !json_equal(json_object_get(a, "Type"), json_object_get(b, "Type")))
            return false;
    }
    return true;
}

/* Services leave out what holds nothing. */
static bool
is_nothing(const json_t *value)
{
    if (json_is_string(value))
        return *json_string_value(value) == '\0';
    return value == NULL || json_is_null(value) ||
           (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0);
}

/* A folder is the same with and without the slash at its end, and who
 * registers partitions may leave it out. */
static bool
is_same_folder(const char *key, const json_t *a, const json_t *b)
{
    const char *one = json_string_value(a), *other = json_string_value(b);
    size_t length, size;

    if (strcmp(key, "Location") != 0 || one == NULL || other == NULL)
        return false;
    length = strlen(one);
    size = strlen(other);
    length -= length > 0 && one[length - 1] == '/';
    size -= size > 0 && other[size - 1] == '/';
    return length == size && memcmp(one, other, size) == 0;
}

/* Lay `wanted` over `target`: objects are merged, but for a SerDe, whose
 * parameters mean nothing to another. */
static void
lay_over(json_t *target, const json_t *wanted, struct aws_buf *what)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)wanted, key, value)
    {
        json_t *there = json_object_get(target, key);

        if (json_is_object(value) && json_is_object(there) &&
            strcmp(key, "SerdeInfo") != 0) {
            lay_over(there, value, what);
            continue;
        }
        if (json_equal(there, value) || is_same_folder(key, there, value) ||
            (is_nothing(there) && is_nothing(value)) ||
            (json_is_array(value) && json_is_array(there) &&
             same_columns(there, value)))
            continue;
        note(what, key);
        json_object_set_new(target, key, json_deep_copy(value));
    }
}

/* Glue may add a name to a SerDe; what counts is what it does. */
static void
forget_serde_name(json_t *table)
{
    json_t *serde = json_object_get(json_object_get(table, "StorageDescriptor"),
                                    "SerdeInfo");

    json_object_del(serde, "Name");
}

bool
tablediff_is_same(const json_t *found, const json_t *wanted, json_t **update,
                  char **what)
{
    json_t *made = json_deep_copy(found);
    struct aws_buf words;
    bool same;

    *update = NULL;
    *what = NULL;
    aws_buf_init(&words, 4096);
    for (const char *const *name = read_only; *name != NULL; name++)
        json_object_del(made, *name);
    forget_serde_name(made);
    lay_over(made, wanted, &words);
    same = words.len == 0 && !words.failed;
    if (same) {
        json_decref(made);
    } else {
        *update = made;
        *what = aws_strdup(aws_buf_string(&words));
    }
    aws_buf_release(&words);
    return same;
}
