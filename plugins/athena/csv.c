#include "csv.h"

#include <assert.h>

/* Where the record's line break stands; size when it has none here.  *whole
 * is false when it ends in the middle of a quoted field. */
static size_t
find_end(const unsigned char *bytes, size_t size, bool *whole)
{
    bool quoted = false;
    size_t i;

    for (i = 0; i < size; i++) {
        if (bytes[i] == '"')
            quoted = !quoted;
        else if (bytes[i] == '\n' && !quoted)
            break;
    }
    *whole = !quoted;
    return i;
}

/* The field in quotes that begins at bytes; its size as it stands there, or 0
 * when no comma and no end follows. */
static size_t
take_quoted(unsigned char *bytes, size_t size, struct field *field)
{
    size_t from = 1, to = 0;

    while (from < size) {
        if (bytes[from] == '"') {
            if (from + 1 == size || bytes[from + 1] == ',')
                break;
            if (bytes[from + 1] != '"')
                return 0;
            from++;
        }
        bytes[1 + to++] = bytes[from++];
    }
    *field = (struct field){.ptr = bytes + 1, .len = to};
    return from + 1;
}

static size_t
take_plain(unsigned char *bytes, size_t size, struct field *field)
{
    const unsigned char *comma = memchr(bytes, ',', size);
    size_t length = comma != NULL ? (size_t)(comma - bytes) : size;

    *field = (struct field){.ptr = length > 0 ? bytes : NULL, .len = length};
    return length;
}

enum csv_cut
csv_record(unsigned char *bytes, size_t size, bool last, struct field *fields,
           size_t max, size_t *count, size_t *used)
{
    bool whole;
    size_t end = find_end(bytes, size, &whole), at = 0;

    if (end == size && !(last && whole && size > 0))
        return last && !whole ? CSV_BAD : CSV_MORE;
    *used = end < size ? end + 1 : end;
    if (end > 0 && bytes[end - 1] == '\r')
        end--;
    *count = 0;
    for (;;) {
        struct field field = {.ptr = NULL};

        if (at < end && bytes[at] == '"') {
            size_t length = take_quoted(bytes + at, end - at, &field);

            if (length == 0)
                return CSV_BAD;
            at += length;
        } else if (at < end) {
            at += take_plain(bytes + at, end - at, &field);
        }
        if (*count < max)
            fields[*count] = field;
        ++*count;
        if (at >= end)
            return CSV_RECORD;
        assert(bytes[at] == ',');
        at++;
    }
}
