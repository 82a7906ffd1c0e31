#include "object.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

int
object_open_by(struct object *object, struct aws_client *client,
               const char *uri, const char *owner, struct fb_error *err)
{
    const char *bucket = uri + strlen("s3://");
    size_t length;

    *object = (struct object){
        .client = client, .owner = owner, .range = OBJECT_RANGE};
    if (strncmp(uri, "s3://", strlen("s3://")) != 0 ||
        (length = strcspn(bucket, "/")) == 0 || bucket[length] == '\0' ||
        bucket[length + 1] == '\0')
        return fb_fail(err, FB_E_UNAVAILABLE,
                       "cannot read '%.300s': it is no object", uri);
    object->uri = aws_strdup(uri);
    object->bucket = aws_strndup(bucket, length);
    object->key = object->uri + (bucket - uri) + length + 1;
    return 0;
}

int
object_open(struct object *object, const struct aws_settings *settings,
            const char *uri, const char *owner, struct fb_step *step,
            struct fb_error *err)
{
    if (object_open_by(object, NULL, uri, owner, err) != 0)
        return -1;
    if (aws_client_new(settings, "s3", step, &object->client, err) != 0) {
        object->client = NULL;
        object_close(object);
        return -1;
    }
    object->own_client = true;
    return 0;
}

void
object_close(struct object *object)
{
    if (object->own_client)
        aws_client_free(object->client);
    free(object->uri);
    free(object->bucket);
    *object = (struct object){.client = NULL};
}

static void
make_request(const struct object *object, struct aws_request *request)
{
    aws_request_init(request, "GET");
    request->bucket = object->bucket;
    request->key = object->key;
    request->operation = "read";
    request->subject = object->uri + strlen("s3://");
    request->action = "s3:GetObject";
    request->expect[0] = 206;
    request->expect[1] = 200;
    request->expect[2] = 416; /* of an object without a byte */
    aws_fields_format(&request->headers, "range", "bytes=%" PRIu64 "-%" PRIu64,
                      object->at, object->at + object->range - 1);
    if (object->etag[0] != '\0')
        aws_fields_add(&request->headers, "if-match", object->etag);
    if (object->owner != NULL)
        aws_fields_add(&request->headers, "x-amz-expected-bucket-owner",
                       object->owner);
}

static int
bad_answer(const struct object *object, const char *why, struct fb_error *err)
{
    return fb_fail(err, FB_E_UNAVAILABLE, "cannot read '%s': the answer %s",
                   object->uri, why);
}

/* "bytes 0-99/200": these very bytes, and how many there are in all. */
static int
read_range(struct object *object, const struct aws_response *response,
           struct fb_error *err)
{
    const char *text = aws_response_header(response, "content-range");
    const char *slash = text != NULL ? strchr(text, '/') : NULL;
    char expected[64];
    char *end;

    if (slash == NULL)
        return bad_answer(object, "names no range", err);
    object->total = strtoull(slash + 1, &end, 10);
    snprintf(expected, sizeof(expected), "bytes %" PRIu64 "-%" PRIu64 "/",
             object->at, object->at + (uint64_t)response->body.len - 1);
    if (*end != '\0' || response->body.len == 0 ||
        strncmp(text, expected, strlen(expected)) != 0 ||
        object->at + response->body.len > object->total)
        return bad_answer(object, "has other bytes than those asked for", err);
    return 0;
}

static int
judge(struct object *object, const struct aws_response *response,
      struct fb_error *err)
{
    const char *etag = aws_response_header(response, "etag");

    if (response->status == 416) {
        if (object->at != 0)
            return bad_answer(object, "knows fewer bytes than before", err);
        object->total = 0;
        return 0;
    }
    if (etag == NULL || *etag == '\0' || strlen(etag) >= sizeof(object->etag))
        return bad_answer(object, "has no ETag that makes sense", err);
    if (object->etag[0] != '\0' && strcmp(object->etag, etag) != 0)
        return fb_fail(err, FB_E_CHANGED, "'%s' was replaced while it was read",
                       object->uri);
    snprintf(object->etag, sizeof(object->etag), "%s", etag);
    if (response->status == 206)
        return read_range(object, response, err);
    if (object->at != 0)
        return bad_answer(object, "is the whole object, not a range", err);
    object->total = response->body.len;
    return 0;
}

int
object_read(struct object *object, struct aws_buf *bytes, bool *end,
            struct fb_error *err)
{
    struct aws_response response = {.status = 0};
    struct aws_request request;
    int status;

    assert(object->client != NULL);
    make_request(object, &request);
    status = aws_call(object->client, &request, &response, err);
    if (status == 0)
        status = judge(object, &response, err);
    if (status == 0 && response.status != 416) {
        aws_buf_add(bytes, response.body.bytes, response.body.len);
        object->at += response.body.len;
        status = aws_buf_check(bytes, "row of a result", err);
    }
    *end = object->at >= object->total;
    aws_response_release(&response);
    aws_request_release(&request);
    return status;
}
