/*
 * aws/fields.c: see fields.h.  A plain array: the lists are short, and their
 * order matters more than the speed of a search.
 */
#include "aws/fields.h"

#include "aws/buf.h"

#include <stdlib.h>
#include <strings.h>

void
aws_fields_release(struct aws_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        free(fields->items[i].name);
        aws_free_secret(fields->items[i].value);
    }
    free(fields->items);
    *fields = (struct aws_fields){.count = 0};
}

static bool
make_room(struct aws_fields *fields, size_t bytes)
{
    size_t capacity = fields->capacity == 0 ? 16 : fields->capacity * 2;
    struct aws_field *items;

    if (fields->failed || fields->count >= AWS_FIELDS_MAX ||
        bytes > AWS_FIELDS_BYTES_MAX - fields->bytes)
        return false;
    fields->bytes += bytes;
    if (fields->count < fields->capacity)
        return true;
    items = aws_alloc(capacity * sizeof(*items));
    if (fields->count > 0)
        memcpy(items, fields->items, fields->count * sizeof(*items));
    free(fields->items);
    fields->items = items;
    fields->capacity = capacity;
    return true;
}

void
aws_fields_add(struct aws_fields *fields, const char *name, const char *value)
{
    if (!make_room(fields, strlen(name) + strlen(value))) {
        fields->failed = true;
        return;
    }
    fields->items[fields->count++] = (struct aws_field){
        .name = aws_strdup(name),
        .value = aws_strdup(value),
    };
}

void
aws_fields_format(struct aws_fields *fields, const char *name,
                  const char *format, ...)
{
    struct aws_buf text;
    va_list args;

    aws_buf_init(&text, AWS_FIELDS_BYTES_MAX);
    va_start(args, format);
    aws_buf_vformat(&text, format, args);
    va_end(args);
    if (aws_buf_ok(&text))
        aws_fields_add(fields, name, aws_buf_string(&text));
    else
        fields->failed = true;
    aws_buf_release(&text);
}

void
aws_fields_remove(struct aws_fields *fields, const char *name)
{
    size_t kept = 0;

    for (size_t i = 0; i < fields->count; i++) {
        struct aws_field *item = &fields->items[i];

        if (strcasecmp(item->name, name) != 0) {
            fields->items[kept++] = *item;
            continue;
        }
        fields->bytes -= strlen(item->name) + strlen(item->value);
        free(item->name);
        aws_free_secret(item->value);
    }
    fields->count = kept;
}

void
aws_fields_set(struct aws_fields *fields, const char *name, const char *value)
{
    aws_fields_remove(fields, name);
    aws_fields_add(fields, name, value);
}

void
aws_fields_copy(struct aws_fields *to, const struct aws_fields *from)
{
    for (size_t i = 0; i < from->count; i++)
        aws_fields_add(to, from->items[i].name, from->items[i].value);
    to->failed = to->failed || from->failed;
}

const char *
aws_fields_get(const struct aws_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (strcasecmp(fields->items[i].name, name) == 0)
            return fields->items[i].value;
    return NULL;
}
