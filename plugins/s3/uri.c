#include "uri.h"

#include <assert.h>
#include <strings.h>

#include "aws/encode.h"
#include "s3.h"

#define SCHEME "s3://"
#define BUCKET_MIN 3
#define BUCKET_MAX 63
#define OWNER_DIGITS 12

static bool
is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool
ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);

    return length >= size && strcmp(text + length - size, end) == 0;
}

/* Four numbers between dots: a host would take it for an address. */
static bool
is_address(const char *name)
{
    int dots = 0;

    for (const char *p = name; *p != '\0'; p++) {
        if (*p == '.')
            dots++;
        else if (*p < '0' || *p > '9')
            return false;
    }
    return dots == 3;
}

/* What is wrong with the name of a bucket; NULL: nothing. */
static const char *
bucket_objection(const char *name)
{
    size_t length = strlen(name);

    if (length < BUCKET_MIN || length > BUCKET_MAX)
        return "a bucket's name has 3 to 63 characters";
    for (const char *p = name; *p != '\0'; p++)
        if (!is_alnum(*p) && *p != '-' && *p != '.')
            return "a bucket's name holds only a-z, 0-9, '-' and '.'";
    if (!is_alnum(name[0]) || !is_alnum(name[length - 1]))
        return "a bucket's name begins and ends with a letter or a digit";
    if (strstr(name, "..") != NULL)
        return "a bucket's name has no two dots in a row";
    if (is_address(name))
        return "a bucket's name is no IP address";
    if (ends_with(name, "--x-s3"))
        return "directory buckets are not supported";
    if (ends_with(name, "--ol-s3"))
        return "Object Lambda access points are not supported";
    if (ends_with(name, ".mrap"))
        return "multi-region access points are not supported";
    return NULL;
}

static int
refuse_bucket(struct fb_step *step, const char *option, const char *text,
              const char *bucket, struct fb_error *err)
{
    const char *why = bucket_objection(bucket);

    if (why == NULL)
        return 0;
    if (bucket[0] == '\0')
        return fb_bad_option(step, err, option, 0,
                             "'%s' names no bucket: it reads s3://BUCKET/KEY",
                             text);
    fb_bad_option(step, err, option, 0, "'%s' cannot be a bucket: %s", bucket,
                  why);
    if (strncmp(bucket, "arn:", 4) == 0)
        fb_hint(err, "of an access point, use the alias that ends in "
                     "'-s3alias'");
    return -1;
}

int
uri_parse(struct fb_step *step, const char *option, const char *text,
          struct s3_uri *uri, struct fb_error *err)
{
    size_t length;
    char *bucket;

    if (text == NULL)
        return fb_bad_option(step, err, option, 0,
                             "'%s' is missing: it reads s3://BUCKET/KEY",
                             option);
    if (strncasecmp(text, SCHEME, strlen(SCHEME)) != 0)
        return fb_bad_option(step, err, option, 0,
                             "'%s' is no object: it reads s3://BUCKET/KEY",
                             text);
    length = strcspn(text + strlen(SCHEME), "/");
    bucket = fb_alloc(step, length + 1);
    memcpy(bucket, text + strlen(SCHEME), length);
    if (refuse_bucket(step, option, text, bucket, err) != 0)
        return -1;
    uri->bucket = bucket;
    uri->key = text + strlen(SCHEME) + length;
    if (*uri->key == '/')
        uri->key++;
    if (strlen(uri->key) > S3_KEY_MAX)
        return fb_bad_option(step, err, option, 0,
                             "'%s' is too long: a key has at most %d bytes",
                             text, S3_KEY_MAX);
    if (!aws_is_utf8(uri->key, strlen(uri->key)))
        return fb_bad_option(step, err, option, 0,
                             "the key of '%s' is not UTF-8", text);
    return 0;
}

int
uri_check_object(struct fb_step *step, const char *option, const char *text,
                 const struct s3_uri *uri, struct fb_error *err)
{
    const char *slash = "/";

    assert(uri->bucket != NULL);
    if (uri->key[0] != '\0' && !ends_with(uri->key, "/"))
        return 0;
    if (uri->key[0] != '\0' || ends_with(text, "/"))
        slash = "";
    fb_bad_option(step, err, option, 0, "'%s' names a %s, not an object", text,
                  uri->key[0] == '\0' ? "bucket" : "folder");
    return fb_hint(err, "'%s%s*' names the objects in it", text, slash);
}

int
uri_check_owner(struct fb_step *step, const char *owner, struct fb_error *err)
{
    if (owner == NULL || (strlen(owner) == OWNER_DIGITS &&
                          strspn(owner, "0123456789") == OWNER_DIGITS))
        return 0;
    fb_bad_option(step, err, "expected_bucket_owner", 0,
                  "'%s' is no AWS account: it has %d digits", owner,
                  OWNER_DIGITS);
    return fb_hint(err, "put it in quotes, so that leading zeros stay");
}

char *
uri_text(struct fb_step *step, const char *bucket, const char *key)
{
    size_t size = strlen(SCHEME) + strlen(bucket) + strlen(key) + 2;
    char *text = fb_alloc(step, size);

    snprintf(text, size, SCHEME "%s/%s", bucket, key);
    return text;
}

const char *
uri_name(const char *key)
{
    const char *slash = strrchr(key, '/');

    return slash == NULL ? key : slash + 1;
}
