/*
 * aws/bucket.c: see bucket.h.
 */
#include "aws/bucket.h"

#include "aws/encode.h"

static bool
is_small_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool
ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), tail = strlen(end);

    return size >= tail && strcmp(text + size - tail, end) == 0;
}

/* Four groups of digits. */
static bool
is_address(const char *text)
{
    int dots = 0;

    for (; *text != '\0'; text++) {
        if (*text == '.')
            dots++;
        else if (*text < '0' || *text > '9')
            return false;
    }
    return dots == 3;
}

bool
aws_bucket_is_label(const char *bucket)
{
    size_t size = strlen(bucket);

    if (size < 3 || size > 63 || !is_small_or_digit(bucket[0]) ||
        !is_small_or_digit(bucket[size - 1]) || is_address(bucket) ||
        strstr(bucket, "..") != NULL)
        return false;
    for (size_t i = 0; i < size; i++)
        if (!is_small_or_digit(bucket[i]) && bucket[i] != '-' &&
            bucket[i] != '.')
            return false;
    return true;
}

/* Of before 2018, in us-east-1. */
static bool
is_old_name(const char *bucket)
{
    size_t size = strlen(bucket);

    if (size < 3 || size > 255)
        return false;
    for (size_t i = 0; i < size; i++)
        if (!is_small_or_digit(bucket[i]) &&
            !(bucket[i] >= 'A' && bucket[i] <= 'Z') &&
            strchr("._-", bucket[i]) == NULL)
            return false;
    return strcmp(bucket, "..") != 0 && !is_address(bucket);
}

int
aws_bucket_check(const char *bucket, bool by_path, struct fb_error *err)
{
    static const struct {
        const char *end, *what;
    } others[] = {
        {"--x-s3", "it is a directory bucket, which needs another protocol"},
        {"--ol-s3", "it is an object lambda alias, which needs another host"},
        {".mrap", "it is a multi-region access point, which needs another "
                  "signature"},
    };
    const char *why = NULL;

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (ends_with(bucket, others[i].end))
            why = others[i].what;
    if (why == NULL && strncmp(bucket, "arn:", 4) == 0)
        why = "it is an ARN; name the bucket or the access point's alias";
    if (why == NULL && !aws_bucket_is_label(bucket) &&
        !(by_path && is_old_name(bucket)))
        why = "a name has 3 to 63 of a-z, 0-9, '-' and '.'";
    if (why == NULL)
        return 0;
    return fb_fail(err, FB_E_CONFIG, "cannot use bucket '%.255s': %s", bucket,
                   why);
}

int
aws_key_check(const char *key, struct fb_error *err)
{
    size_t size = strlen(key);

    if (size == 0 || size > AWS_KEY_MAX)
        return fb_fail(err, FB_E_INPUT,
                       "cannot use an object key of %zu bytes: it has 1 to "
                       "%d",
                       size, AWS_KEY_MAX);
    if (!aws_is_utf8(key, size))
        return fb_fail(err, FB_E_INPUT,
                       "cannot use an object key that is not UTF-8");
    return 0;
}
