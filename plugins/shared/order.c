#include "order.h"

#include <assert.h>
#include <stdlib.h>
#include <strings.h>

#include "aws/buf.h"
#include "object.h"

#define NAME_MAX_LENGTH 1024

struct header {
    const struct fb_table *table;
    const unsigned char *bytes;
    size_t size, at;
};

/* The next name; false when it does not end in these bytes. */
static bool
take_name(struct header *header, bool whole, char name[NAME_MAX_LENGTH])
{
    const struct fb_table *table = header->table;
    bool quoted = false;
    size_t used = 0;

    for (; header->at < header->size; header->at++) {
        unsigned char c = header->bytes[header->at];

        if (table->quote != 0 && c == table->quote) {
            bool doubled = quoted && header->at + 1 < header->size &&
                           header->bytes[header->at + 1] == c;

            if (!doubled) {
                quoted = !quoted;
                continue;
            }
            header->at++;
        } else if (!quoted &&
                   (c == table->delimiter || c == '\n' || c == '\r')) {
            break;
        }
        if (used + 1 == NAME_MAX_LENGTH)
            return false;
        name[used++] = (char)c;
    }
    name[used] = '\0';
    return !quoted && (header->at < header->size || whole);
}

uint32_t
order_find_column(const struct fb_table *table, const char *name)
{
    uint32_t count = table->column_count - table->partition_count;

    for (uint32_t i = 0; i < count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return i;
    for (uint32_t i = 0; i < count; i++)
        if (strcasecmp(table->columns[i].name, name) == 0)
            return i;
    return UINT32_MAX;
}

static int
refuse(const struct fb_table *table, const char *uri, const char *why,
       const char *what, struct fb_error *err)
{
    fb_fail(err, FB_E_CONFIG,
            "cannot give the table '%s' to Athena: the header of '%s' %s '%s'",
            table->name, uri, why, what);
    return fb_hint(err, "Athena reads columns by their position: let all files "
                        "of a table have the same header, with the names of "
                        "the schema");
}

static bool
is_known(const uint32_t *columns, uint32_t count, uint32_t column)
{
    for (uint32_t i = 0; i < count; i++)
        if (columns[i] == column)
            return true;
    return false;
}

/* The columns in the order of the header. */
static int
read_columns(struct header *header, const char *uri, bool whole,
             uint32_t *columns, struct fb_error *err)
{
    const struct fb_table *table = header->table;
    uint32_t count = table->column_count - table->partition_count;
    char name[NAME_MAX_LENGTH];

    for (uint32_t i = 0; i < count; i++) {
        if (!take_name(header, whole, name))
            return refuse(table, uri, "does not end after", "64 KiB", err);
        columns[i] = order_find_column(table, name);
        if (columns[i] == UINT32_MAX)
            return refuse(table, uri, "names what is no column:", name, err);
        if (is_known(columns, i, columns[i]))
            return refuse(table, uri, "names twice", name, err);
        if ((header->at < header->size &&
             header->bytes[header->at] == table->delimiter) == (i + 1 == count))
            return refuse(table, uri, "has more or fewer columns at", name,
                          err);
        header->at++;
    }
    return 0;
}

/* `whole`: the object has no more bytes. */
static int
order_read(struct order *order, const struct fb_table *table, const char *uri,
           const unsigned char *bytes, size_t size, bool whole,
           struct fb_error *err)
{
    struct header header = {.table = table, .bytes = bytes, .size = size};
    uint32_t count = table->column_count - table->partition_count;
    uint32_t *columns;
    int status;

    if (size == 0)
        return 0;
    if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        header.at = 3;
    columns = aws_alloc(sizeof(*columns) * count);
    status = read_columns(&header, uri, whole, columns, err);
    if (status == 0 && order->columns != NULL &&
        memcmp(order->columns, columns, sizeof(*columns) * count) != 0)
        status = refuse(table, uri, "has another order than the first, at",
                        table->columns[columns[0]].name, err);
    if (status != 0 || order->columns != NULL) {
        free(columns);
        return status;
    }
    order->columns = columns;
    order->count = count;
    return 0;
}

static bool
is_packed(const char *uri)
{
    static const char *const ends[] = {".gz", ".zst"};
    size_t length = strlen(uri);

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (length > strlen(ends[i]) &&
            strcasecmp(uri + length - strlen(ends[i]), ends[i]) == 0)
            return true;
    return false;
}

static int
look_at(struct order *order, const struct fb_table *table, const char *uri,
        const struct aws_settings *s3, struct fb_step *step,
        struct fb_error *err)
{
    struct object object;
    struct aws_buf bytes;
    bool end;
    int status;

    if (order->client == NULL &&
        aws_client_new(s3, "s3", step, &order->client, err) != 0) {
        order->client = NULL;
        return -1;
    }
    if (object_open_by(&object, order->client, uri, NULL, err) != 0)
        return -1;
    object.range = 65536;
    aws_buf_init(&bytes, 65536);
    status = object_read(&object, &bytes, &end, err);
    if (status == 0)
        status =
            order_read(order, table, uri, bytes.bytes, bytes.len, end, err);
    aws_buf_release(&bytes);
    object_close(&object);
    return status;
}

bool
order_is_told(const struct fb_table *table, const char *uri)
{
    return table->header && strcmp(table->format, "parquet") != 0 &&
           !is_packed(uri);
}

int
order_add(struct order *order, const struct fb_table *table, const char *uri,
          const struct aws_settings *s3, struct fb_step *step,
          struct fb_error *err)
{
    return order_is_told(table, uri) ? look_at(order, table, uri, s3, step, err)
                                     : 0;
}

void
order_release(struct order *order)
{
    free(order->columns);
    aws_client_free(order->client);
    *order = (struct order){.columns = NULL};
}
