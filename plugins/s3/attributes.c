#include "attributes.h"

#include <assert.h>
#include <strings.h>

#include "aws/buf.h"
#include "aws/encode.h"
#include "object.h"

/* https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
#define TAGS_MAX 10
#define TAG_KEY_MAX 128   /* characters; more in bytes is let through */
#define TAG_VALUE_MAX 256 /* the same */
/* https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
#define METADATA_MAX 1536 /* bytes: 2 KiB less what we add */
#define META "x-amz-meta-"

static size_t
characters(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static bool
is_printable(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

/* RFC 9110, token. */
static bool
is_header_name(const char *text)
{
    size_t length = strlen(text);

    return length > 0 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789!#$%&'*+-.^_`|~") == length;
}

static int
check_tags(const struct attributes *a, struct fb_step *step,
           struct fb_error *err)
{
    for (size_t i = 0; i < a->tags.count; i++) {
        const struct fb_pair *tag = &a->tags.pairs[i];

        if (i == TAGS_MAX)
            return fb_bad_option(step, err, "tags", i,
                                 "an object has at most %d tags", TAGS_MAX);
        if (*tag->key == '\0' || characters(tag->key) > TAG_KEY_MAX ||
            characters(tag->value) > TAG_VALUE_MAX)
            return fb_bad_option(step, err, "tags", i,
                                 "tag '%s' is empty or too long: a key has 1 "
                                 "to %d characters, a value at most %d",
                                 tag->key, TAG_KEY_MAX, TAG_VALUE_MAX);
    }
    return 0;
}

static int
check_metadata(const struct attributes *a, struct fb_step *step,
               struct fb_error *err)
{
    size_t total = 0;

    for (size_t i = 0; i < a->metadata.count; i++) {
        const struct fb_pair *pair = &a->metadata.pairs[i];

        if (!is_header_name(pair->key))
            return fb_bad_option(step, err, "metadata", i,
                                 "'%s' cannot be a name of metadata: ASCII "
                                 "letters, digits, '-' and '_' can",
                                 pair->key);
        if (strcasecmp(pair->key, OBJECT_RUN_HEADER + strlen(META)) == 0)
            return fb_bad_option(step, err, "metadata", i,
                                 "'%s' is what tells which run wrote an object",
                                 pair->key);
        if (!is_printable(pair->value))
            return fb_bad_option(step, err, "metadata", i,
                                 "the value of '%s' holds something else than "
                                 "printable ASCII",
                                 pair->key);
        total += strlen(pair->key) + strlen(pair->value);
        if (total > METADATA_MAX)
            return fb_bad_option(step, err, "metadata", i,
                                 "too much metadata: more than %d bytes",
                                 METADATA_MAX);
    }
    return 0;
}

int
attributes_check(const struct attributes *a, struct fb_step *step,
                 struct fb_error *err)
{
    if (a->kms_key_id != NULL && a->sse != SSE_KMS)
        return fb_bad_option(step, err, "kms_key_id", 0,
                             "'kms_key_id' needs 'sse: aws:kms'");
    if (a->kms_key_id != NULL &&
        (*a->kms_key_id == '\0' || !is_printable(a->kms_key_id)))
        return fb_bad_option(step, err, "kms_key_id", 0,
                             "'%s' is no key: use its ARN", a->kms_key_id);
    if (a->storage_class != NULL && !is_header_name(a->storage_class))
        return fb_bad_option(step, err, "storage_class", 0,
                             "'%s' is no storage class", a->storage_class);
    if (a->content_type != NULL &&
        (*a->content_type == '\0' || !is_printable(a->content_type)))
        return fb_bad_option(step, err, "content_type", 0,
                             "'%s' is no media type", a->content_type);
    if (check_tags(a, step, err) != 0)
        return -1;
    return check_metadata(a, step, err);
}

static void
add_tags(const struct attributes *a, struct aws_fields *headers)
{
    struct aws_fields form = {0};
    struct aws_buf text;

    if (a->tags.count == 0)
        return;
    for (size_t i = 0; i < a->tags.count; i++)
        aws_fields_add(&form, a->tags.pairs[i].key, a->tags.pairs[i].value);
    aws_buf_init(&text, (size_t)TAGS_MAX * (TAG_KEY_MAX + TAG_VALUE_MAX) * 12);
    aws_form_encode(&text, &form);
    aws_fields_add(headers, "x-amz-tagging", aws_buf_string(&text));
    aws_buf_release(&text);
    aws_fields_release(&form);
}

void
attributes_headers(const struct attributes *a, struct aws_fields *headers)
{
    assert(a->sse >= SSE_NONE && a->sse <= SSE_KMS);
    for (size_t i = 0; i < a->metadata.count; i++) {
        char name[METADATA_MAX + sizeof(META)];

        snprintf(name, sizeof(name), META "%s", a->metadata.pairs[i].key);
        aws_fields_set(headers, name, a->metadata.pairs[i].value);
    }
    if (a->sse != SSE_NONE)
        aws_fields_add(headers, "x-amz-server-side-encryption",
                       a->sse == SSE_KMS ? "aws:kms" : "AES256");
    if (a->kms_key_id != NULL)
        aws_fields_add(headers, "x-amz-server-side-encryption-aws-kms-key-id",
                       a->kms_key_id);
    if (a->storage_class != NULL)
        aws_fields_add(headers, "x-amz-storage-class", a->storage_class);
    add_tags(a, headers);
}

const char *
attributes_content_type(const struct attributes *a, const char *key)
{
    static const char *const types[][2] = {
        {".csv", "text/csv"},
        {".tsv", "text/tab-separated-values"},
        {".txt", "text/plain"},
        {".json", "application/json"},
        {".jsonl", "application/x-ndjson"},
        {".ndjson", "application/x-ndjson"},
        {".html", "text/html; charset=utf-8"},
        {".parquet", "application/vnd.apache.parquet"},
        {".gz", "application/gzip"},
        {".zst", "application/zstd"},
    };
    size_t length = strlen(key);

    if (a->content_type != NULL)
        return a->content_type;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        size_t size = strlen(types[i][0]);

        if (length > size && strcasecmp(key + length - size, types[i][0]) == 0)
            return types[i][1];
    }
    return "application/octet-stream";
}
