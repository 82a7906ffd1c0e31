/*
 * aws/canonical.c: see canonical.h.  Pure text work; nothing is hashed here.
 */
#include "aws/canonical.h"

#include "aws/encode.h"

#include <assert.h>
#include <stdlib.h>
#include <strings.h>

/* Section 5.2.4 of RFC 3986, and empty segments dropped besides. */
static void
normalize(struct aws_buf *out, const char *path)
{
    const char *last = path;

    for (const char *p = path; *p != '\0';) {
        size_t size = strcspn(p, "/");

        last = p;
        if (size == 2 && memcmp(p, "..", 2) == 0) {
            while (out->len > 0 && out->bytes[--out->len] != '/')
                ;
        } else if (size > 0 && !(size == 1 && *p == '.')) {
            aws_buf_byte(out, '/');
            aws_buf_add(out, p, size);
        }
        p += size + (p[size] == '/');
    }
    /* "/a/" and "/a/." end with a slash, and so does the root. */
    if (out->len == 0 || last[strcspn(last, "/")] == '/' ||
        strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
        aws_buf_byte(out, '/');
}

void
aws_canonical_path(struct aws_buf *out, const char *path, bool as_is)
{
    struct aws_buf plain;

    if (as_is) {
        aws_buf_text(out, *path == '\0' ? "/" : path);
        return;
    }
    aws_buf_init(&plain, out->max);
    normalize(&plain, path);
    aws_percent_encode(out, (const char *)plain.bytes, plain.len, true);
    out->failed = out->failed || plain.failed;
    aws_buf_release(&plain);
}

static int
by_name_then_value(const void *left, const void *right)
{
    const struct aws_field *a = left, *b = right;
    int order = strcmp(a->name, b->name);

    return order != 0 ? order : strcmp(a->value, b->value);
}

static void
encode_into(struct aws_buf *scratch, const char *text)
{
    aws_buf_clear(scratch);
    aws_percent_encode(scratch, text, strlen(text), false);
}

void
aws_canonical_query(struct aws_buf *out, const struct aws_fields *query)
{
    struct aws_fields encoded = {.count = 0};
    struct aws_buf name, value;

    aws_buf_init(&name, AWS_FIELDS_BYTES_MAX);
    aws_buf_init(&value, AWS_FIELDS_BYTES_MAX);
    for (size_t i = 0; i < query->count; i++) {
        encode_into(&name, query->items[i].name);
        encode_into(&value, query->items[i].value);
        aws_fields_add(&encoded, aws_buf_string(&name), aws_buf_string(&value));
        out->failed = out->failed || name.failed || value.failed;
    }
    if (encoded.count > 1)
        qsort(encoded.items, encoded.count, sizeof(*encoded.items),
              by_name_then_value);
    for (size_t i = 0; i < encoded.count; i++)
        aws_buf_format(out, "%s%s=%s", i == 0 ? "" : "&", encoded.items[i].name,
                       encoded.items[i].value);
    out->failed = out->failed || encoded.failed;
    aws_buf_release(&name);
    aws_buf_release(&value);
    aws_fields_release(&encoded);
}

static bool
is_signed(const char *name)
{
    static const char *const never[] = {
        "authorization",
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "x-amzn-trace-id",
    };

    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
        if (strcasecmp(name, never[i]) == 0)
            return false;
    return true;
}

/* Blanks at both ends go, runs of them become one. */
static void
add_trimmed(struct aws_buf *out, const char *value)
{
    bool gap = false, begun = false;

    for (; *value != '\0'; value++) {
        if (strchr(" \t\r\n", *value) != NULL) {
            gap = true;
            continue;
        }
        if (gap && begun)
            aws_buf_byte(out, ' ');
        gap = false;
        begun = true;
        aws_buf_byte(out, (unsigned char)*value);
    }
}

/* Same names stand together in the order in which they are sent. */
static int
by_name_then_place(const void *left, const void *right)
{
    const struct aws_field *const *a = left, *const *b = right;
    int order = strcasecmp((*a)->name, (*b)->name);

    return order != 0 ? order : (*a > *b) - (*a < *b);
}

static void
add_name(struct aws_buf *out, const char *name)
{
    for (; *name != '\0'; name++)
        aws_buf_byte(out, *name >= 'A' && *name <= 'Z'
                              ? (unsigned char)(*name - 'A' + 'a')
                              : (unsigned char)*name);
}

void
aws_canonical_headers(struct aws_buf *lines, struct aws_buf *names,
                      const struct aws_fields *headers)
{
    const struct aws_field **sorted =
        aws_alloc((headers->count + 1) * sizeof(const struct aws_field *));
    size_t count = 0;

    for (size_t i = 0; i < headers->count; i++)
        if (is_signed(headers->items[i].name))
            sorted[count++] = &headers->items[i];
    if (count > 1)
        qsort(sorted, count, sizeof(*sorted), by_name_then_place);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcasecmp(sorted[i]->name, sorted[i - 1]->name) == 0) {
            assert(lines->len > 0 || lines->failed);
            lines->len -=
                lines->failed
                    ? 0
                    : 1; /* the line end: one more value on that line */
            aws_buf_byte(lines, ',');
        } else {
            if (i > 0)
                aws_buf_byte(names, ';');
            add_name(names, sorted[i]->name);
            add_name(lines, sorted[i]->name);
            aws_buf_byte(lines, ':');
        }
        add_trimmed(lines, sorted[i]->value);
        aws_buf_byte(lines, '\n');
    }
    lines->failed = lines->failed || headers->failed;
    free(sorted);
}

void
aws_canonical_request(struct aws_buf *out, struct aws_buf *names,
                      const struct aws_canonical *canonical)
{
    assert(canonical->method[0] != '\0' && canonical->path[0] == '/');
    assert(canonical->payload_hash[0] != '\0');
    assert(out->len == 0 && names->len == 0);
    aws_buf_format(out, "%s\n", canonical->method);
    aws_canonical_path(out, canonical->path, canonical->path_as_is);
    aws_buf_byte(out, '\n');
    aws_canonical_query(out, canonical->query);
    aws_buf_byte(out, '\n');
    aws_canonical_headers(out, names, canonical->headers);
    aws_buf_format(out, "\n%s\n%s", aws_buf_string(names),
                   canonical->payload_hash);
    out->failed = out->failed || names->failed;
}
