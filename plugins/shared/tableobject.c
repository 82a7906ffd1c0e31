#include "tableobject.h"

#include <stdlib.h>
#include <strings.h>

#include "aws/buf.h"

static bool
ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);

    return length >= size && strcasecmp(text + length - size, end) == 0;
}

/* How Athena unpacks an object of this name; NULL: not at all. */
static const char *
packing_of(const char *uri)
{
    static const struct {
        const char *end, *name;
    } known[] = {{".gz", "gzip"},   {".zst", "zstd"},
                 {".bz2", "bzip2"}, {".snappy", "snappy"},
                 {".lz4", "lz4"},   {".deflate", "deflate"},
                 {".lzo", "lzo"}};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (ends_with(uri, known[i].end))
            return known[i].name;
    return NULL;
}

int
tableobject_check(const struct fb_table *table, const char *uri,
                  struct fb_error *err)
{
    const char *theirs = packing_of(uri), *ours = table->compression;
    bool packed = ours != NULL && strcmp(ours, "none") != 0;

    if (strcmp(table->format, "parquet") == 0)
        return 0; /* it says itself how it is packed */
    if (packed && strcmp(ours, "auto") == 0) {
        if (theirs == NULL || strcmp(theirs, "gzip") == 0 ||
            strcmp(theirs, "zstd") == 0)
            return 0;
    } else if (packed ? theirs != NULL && strcmp(theirs, ours) == 0
                      : theirs == NULL) {
        return 0;
    }
    fb_fail(err, FB_E_CONFIG,
            "cannot give the table '%s' to Athena: by its name it takes '%s' "
            "for %s, but the pipeline says 'compression: %s'",
            table->name, uri, theirs != NULL ? theirs : "not packed",
            ours != NULL ? ours : "none");
    return fb_hint(err, "name packed files .gz or .zst, and no others");
}

/* The byte that "%2F" stands for; 0: it is none. */
static char
unescape(const char *text, size_t length)
{
    char digits[3] = "";
    char *end;
    unsigned long byte;

    if (length < 3 || *text != '%')
        return '\0';
    memcpy(digits, text + 1, 2);
    byte = strtoul(digits, &end, 16);
    return *end == '\0' && end == digits + 2 ? (char)(unsigned char)byte : '\0';
}

/* What stands behind "key=" in a segment of a path, where Hive writes what a
 * path cannot hold as %2F; NULL: another key. */
static json_t *
value_of(const char *segment, size_t length, const char *key)
{
    size_t size = strlen(key), used = 0;
    char *text;
    json_t *made;

    if (length <= size || strncmp(segment, key, size) != 0 ||
        segment[size] != '=')
        return NULL;
    text = aws_alloc(length - size);
    for (size_t i = size + 1; i < length; i++) {
        char byte = unescape(segment + i, length - i);

        text[used++] = byte != '\0' ? byte : segment[i];
        i += byte != '\0' ? 2 : 0;
    }
    made = json_string(text);
    free(text);
    return made;
}

json_t *
tableobject_partition(const struct tableinput *input,
                      const struct fb_table *table, const char *uri)
{
    size_t at = strlen(table->location);
    json_t *values, *storage;

    if (input->keys == 0 || strncmp(uri, table->location, at) != 0)
        return NULL;
    values = json_array();
    for (uint32_t i = 0; i < input->keys; i++) {
        size_t length = strcspn(uri + at, "/");
        json_t *value = value_of(uri + at, length, input->key_names[i]);

        if (value == NULL || uri[at + length] != '/') {
            json_decref(value);
            json_decref(values);
            return NULL;
        }
        json_array_append_new(values, value);
        at += length + 1;
    }
    storage =
        json_deep_copy(json_object_get(input->files, "StorageDescriptor"));
    json_object_set_new(storage, "Location", json_stringn(uri, at));
    return json_pack("{s:o,s:o}", "Values", values, "StorageDescriptor",
                     storage);
}
