#include "object.h"

#include <assert.h>
#include <inttypes.h>

#include "aws/encode.h"
#include "aws/moment.h"

void
object_condition(const char *etag, char text[OBJECT_CONDITION_MAX])
{
    assert(etag[0] != '\0' && strlen(etag) < OBJECT_ETAG_MAX);
    snprintf(text, OBJECT_CONDITION_MAX, "\"%s\"", etag);
}

int
object_etag(const char *text, char etag[OBJECT_ETAG_MAX])
{
    size_t length;

    if (text == NULL)
        return -1;
    if (strncmp(text, "W/", 2) == 0)
        text += 2;
    length = strlen(text);
    if (length >= 2 && text[0] == '"' && text[length - 1] == '"') {
        text++;
        length -= 2;
    }
    if (length == 0 || length >= OBJECT_ETAG_MAX)
        return -1;
    memcpy(etag, text, length);
    etag[length] = '\0';
    return 0;
}

void
object_generation(const char *etag, uint64_t size, int64_t modified,
                  char text[OBJECT_GENERATION_MAX])
{
    snprintf(text, OBJECT_GENERATION_MAX, "%s-%" PRIu64 "-%" PRId64, etag, size,
             modified);
}

static void
copy_header(const struct aws_response *response, const char *name, char *text,
            size_t size)
{
    const char *value = aws_response_header(response, name);

    if (value == NULL || strlen(value) >= size)
        value = "";
    snprintf(text, size, "%s", value);
}

/* A value of another length than its name says is no such checksum; there are
 * stores that mix them up. */
static bool
is_of_kind(const char *text, enum aws_checksum_kind kind)
{
    static const size_t sizes[] = {[AWS_CRC32] = 4,
                                   [AWS_CRC32C] = 4,
                                   [AWS_CRC64NVME] = 8,
                                   [AWS_SHA1] = 20,
                                   [AWS_SHA256] = 32};
    unsigned char bytes[AWS_CHECKSUM_BYTES_MAX];
    size_t size;

    return aws_base64_decode(text, bytes, sizeof(bytes), &size) == 0 &&
           size == sizes[kind];
}

bool
object_has_other(const char *told, enum aws_checksum_kind kind,
                 const char *checksum)
{
    return kind != 0 && told != NULL && is_of_kind(told, kind) &&
           strcmp(told, checksum) != 0;
}

/* A value that ends in "-N" was made of those of parts: nothing that passes
 * the bytes once could compare with it. */
static void
take_checksum(const struct aws_response *response, struct object *object)
{
    static const enum aws_checksum_kind best_first[] = {
        AWS_CRC64NVME, AWS_CRC32C, AWS_CRC32, AWS_SHA256, AWS_SHA1};
    const char *type = aws_response_header(response, "x-amz-checksum-type");
    const size_t count = sizeof(best_first) / sizeof(best_first[0]);

    if (type != NULL && strcmp(type, "FULL_OBJECT") != 0)
        return;
    for (size_t i = 0; i < count; i++) {
        copy_header(response, aws_checksum_header(best_first[i]),
                    object->checksum, sizeof(object->checksum));
        if (!is_of_kind(object->checksum, best_first[i]))
            continue;
        object->checksum_kind = best_first[i];
        return;
    }
    object->checksum[0] = '\0';
}

/* https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
 */
static bool
is_archived(const struct aws_response *response)
{
    const char *class = aws_response_header(response, "x-amz-storage-class");
    const char *restore = aws_response_header(response, "x-amz-restore");

    /* INTELLIGENT_TIERING, once it has gone that far down. */
    if (aws_response_header(response, "x-amz-archive-status") != NULL)
        return true;
    if (class == NULL ||
        (strcmp(class, "GLACIER") != 0 && strcmp(class, "DEEP_ARCHIVE") != 0))
        return false;
    return restore == NULL || strstr(restore, "ongoing-request=\"true\"");
}

/* "null" is what is overwritten while versioning is suspended: no version. */
static void
take_version(const struct aws_response *response, struct object *object)
{
    copy_header(response, "x-amz-version-id", object->version,
                sizeof(object->version));
    if (strcmp(object->version, "null") == 0)
        object->version[0] = '\0';
}

static int
take_head(const struct store *store, const struct aws_response *response,
          struct object *object, struct fb_error *err)
{
    const char *modified = aws_response_header(response, "last-modified");
    const char *length = aws_response_header(response, "content-length");
    const char *missing = NULL;
    int64_t modified_ms;

    *object = (struct object){.archived = is_archived(response)};
    if (object_etag(aws_response_header(response, "etag"), object->etag) != 0)
        missing = "an ETag";
    else if (store_number(length, &object->size) != 0)
        missing = "a length";
    else if (modified == NULL ||
             aws_moment_parse_http(modified, &modified_ms) != 0)
        missing = "a time";
    if (missing != NULL) {
        fb_fail(err, FB_E_UNAVAILABLE,
                "cannot look at '%s': the answer has not %s", store->uri,
                missing);
        return fb_hint(err, "something else than S3 may answer here: a proxy, "
                            "or a wrong 'endpoint'");
    }
    object->modified = modified_ms / 1000;
    take_version(response, object);
    take_checksum(response, object);
    copy_header(response, OBJECT_RUN_HEADER, object->run, sizeof(object->run));
    copy_header(response, OBJECT_COPIED_HEADER, object->copied,
                sizeof(object->copied));
    return 0;
}

int
object_head(const struct store *store, const char *key, struct object *object,
            struct fb_error *err)
{
    struct aws_response response = {0};
    struct aws_request request;
    int status;

    store_request(store, &request, "HEAD", key,
                  "s3:GetObject (or, when the object is not there, "
                  "s3:ListBucket)");
    aws_fields_add(&request.headers, "x-amz-checksum-mode", "ENABLED");
    request.expect[0] = 200;
    status = store_call(store, &request, &response, err);
    if (status == 0)
        status = take_head(store, &response, object, err);
    aws_response_release(&response);
    aws_request_release(&request);
    return status;
}
