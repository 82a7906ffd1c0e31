#include "copy_parts.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>

#include "abort.h"
#include "aws/encode.h"
#include "s3.h"
#include "sizes.h"
#include "thread.h"
#include "upload.h"

#define COPY_PARALLEL 4
#define COPY_TIMEOUT_MS 300000
#define ABANDONED_MS INT64_C(86400000)

struct copying {
    const struct copy *copy;
    struct upload upload;
    struct aws_fields headers; /* of the new object */
    uint64_t part_size;
    int count;
    struct part *list;

    pthread_mutex_t lock; /* for all below */
    int next;             /* index of the first that no thread has taken */
    bool failed;
    struct fb_error err;
};

/* --- what the copy is given --- */

/* Others can be combined only by whoever has all the bytes. */
static enum aws_checksum_kind
checksum_of(const struct object *object)
{
    switch (object->checksum_kind) {
    case AWS_CRC32:
    case AWS_CRC32C:
    case AWS_CRC64NVME:
        return object->checksum_kind;
    case AWS_SHA1:
    case AWS_SHA256:
    default:
        return (enum aws_checksum_kind)0;
    }
}

static bool
is_kept(const char *name)
{
    static const char *const kept[] = {
        "content-type",     "content-encoding", "content-disposition",
        "content-language", "cache-control",    "expires"};

    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        if (strcasecmp(name, kept[i]) == 0)
            return true;
    return strncasecmp(name, "x-amz-meta-", strlen("x-amz-meta-")) == 0;
}

static int
get_tags(struct copying *copying, struct fb_error *err)
{
    const struct copy *copy = copying->copy;
    struct aws_response response = {0};
    struct aws_fields tags = {0};
    struct aws_request request;
    struct aws_buf text;
    int status;

    store_request(copy->from, &request, "GET", copy->from_key,
                  "s3:GetObjectTagging");
    request.operation = "get the tags of";
    aws_fields_add(&request.query, "tagging", "");
    request.expect[0] = 200;
    request.answer = AWS_ANSWER_XML;
    request.xml_root = "Tagging";
    status = store_call(copy->from, &request, &response, err);
    if (status == 0) {
        const struct aws_xml_node *node =
            aws_xml_child(aws_xml_root(response.xml), "TagSet");

        node = node == NULL ? NULL : aws_xml_child(node, "Tag");
        for (; node != NULL; node = aws_xml_again(node)) {
            const char *key = aws_xml_text(node, "Key");
            const char *value = aws_xml_text(node, "Value");

            if (key != NULL)
                aws_fields_add(&tags, key, value != NULL ? value : "");
        }
        aws_buf_init(&text, AWS_FIELDS_BYTES_MAX);
        aws_form_encode(&text, &tags);
        aws_fields_add(&copying->headers, "x-amz-tagging",
                       aws_buf_string(&text));
        aws_buf_release(&text);
    }
    aws_fields_release(&tags);
    aws_response_release(&response);
    aws_request_release(&request);
    return status;
}

/* CopyObject takes metadata and tags along; an upload is told them. */
static int
get_headers(struct copying *copying, struct fb_error *err)
{
    const struct copy *copy = copying->copy;
    struct aws_response response = {0};
    char condition[OBJECT_CONDITION_MAX];
    struct aws_request request;
    bool tagged = false;
    int status;

    store_request(copy->from, &request, "HEAD", copy->from_key, "s3:GetObject");
    object_condition(copy->object->etag, condition);
    aws_fields_add(&request.headers, "if-match", condition);
    request.expect[0] = 200;
    status = store_call(copy->from, &request, &response, err);
    for (size_t i = 0; status == 0 && i < response.headers.count; i++) {
        const struct aws_field *field = &response.headers.items[i];

        if (is_kept(field->name) &&
            strcasecmp(field->name, OBJECT_COPIED_HEADER) != 0)
            aws_fields_add(&copying->headers, field->name, field->value);
    }
    if (status == 0)
        tagged = aws_response_header(&response, "x-amz-tagging-count") != NULL;
    aws_response_release(&response);
    aws_request_release(&request);
    return tagged ? get_tags(copying, err) : status;
}

/* Its ETag will be another; so without a checksum, a copy that was made before
 * a crash could not be told from somebody else's object. */
static void
mark(struct copying *copying)
{
    const struct object *object = copying->copy->object;
    char generation[OBJECT_GENERATION_MAX];

    if (copying->upload.checksum != 0)
        return;
    object_generation(object->etag, object->size, object->modified, generation);
    aws_fields_set(&copying->headers, OBJECT_COPIED_HEADER, generation);
}

/* --- the upload --- */

static int
begin(struct copying *copying, struct fb_error *err)
{
    struct aws_response response = {0};
    int status = upload_begin(&copying->upload, "begin to move",
                              &copying->headers, NULL, &response, err);

    aws_response_release(&response);
    return status;
}

/* A missing object means that it was taken away; a missing upload does not. */
static int
explain(const struct copying *copying, const struct aws_response *response,
        struct fb_error *err)
{
    if (strcmp(response->code, "NoSuchUpload") != 0)
        return -1;
    return fb_fail(err, FB_E_UNAVAILABLE,
                   "cannot move '%s': its upload was aborted by somebody else, "
                   "or had been completed before",
                   copying->copy->from->uri);
}

static void
take_part(const struct copying *copying, const struct aws_xml_node *answer,
          struct part *part)
{
    char element[64];
    const char *checksum;

    part->etag = aws_strdup(aws_xml_text(answer, "ETag"));
    if (copying->upload.checksum == 0)
        return;
    snprintf(element, sizeof(element), "Checksum%s",
             aws_checksum_name(copying->upload.checksum));
    checksum = aws_xml_text(answer, element);
    if (checksum != NULL && strlen(checksum) < sizeof(part->checksum))
        snprintf(part->checksum, sizeof(part->checksum), "%s", checksum);
}

/* https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
static int
copy_part(const struct copying *copying, struct part *part,
          struct fb_error *err)
{
    const struct copy *copy = copying->copy;
    uint64_t first = (uint64_t)(part->number - 1) * copying->part_size;
    struct aws_response response = {0};
    struct aws_request request;
    int status;

    store_request(copy->to, &request, "PUT", copy->to_key, copy_action);
    request.operation = "move";
    aws_fields_format(&request.query, "partNumber", "%d", part->number);
    aws_fields_add(&request.query, "uploadId", copying->upload.id);
    copy_source(copy, &request.headers);
    aws_fields_format(&request.headers, "x-amz-copy-source-range",
                      "bytes=%" PRIu64 "-%" PRIu64, first,
                      first + part->size - 1);
    request.expect[0] = 200;
    request.answer = AWS_ANSWER_XML;
    request.xml_root = "CopyPartResult";
    request.xml_needs = "ETag";
    request.read_timeout_ms = COPY_TIMEOUT_MS;
    status = store_call(copy->to, &request, &response, err);
    if (status == 0)
        take_part(copying, aws_xml_root(response.xml), part);
    else
        status = explain(copying, &response, err);
    aws_response_release(&response);
    aws_request_release(&request);
    return status;
}

static void *
work(void *arg)
{
    struct copying *copying = arg;

    pthread_mutex_lock(&copying->lock);
    while (!copying->failed && copying->next < copying->count) {
        struct part *part = &copying->list[copying->next++];
        struct fb_error err = {.code = FB_E_NONE};
        int status;

        pthread_mutex_unlock(&copying->lock);
        status = copy_part(copying, part, &err);
        pthread_mutex_lock(&copying->lock);
        if (status != 0 && !copying->failed) {
            copying->failed = true;
            copying->err = err;
        }
    }
    pthread_mutex_unlock(&copying->lock);
    return NULL;
}

static int
copy_all(struct copying *copying, struct fb_error *err)
{
    int wanted =
        copying->count < COPY_PARALLEL ? copying->count : COPY_PARALLEL;
    pthread_t threads[COPY_PARALLEL];
    int started;

    if (thread_start(threads, wanted, work, copying, &started, err) != 0)
        return -1;
    thread_join(threads, started);
    if (copying->failed)
        *err = copying->err;
    return copying->failed ? -1 : 0;
}

static int
finish(struct copying *copying, struct fb_error *err)
{
    const struct object *object = copying->copy->object;
    struct content content = {.size = object->size};
    struct aws_response response = {0};
    int status;

    snprintf(content.checksum, sizeof(content.checksum), "%s",
             object->checksum);
    status = upload_finish(&copying->upload, "finish moving", copying->list,
                           copying->count, &content, &response, err);
    if (status != 0)
        status = explain(copying, &response, err);
    aws_response_release(&response);
    return status;
}

/* --- all of it --- */

static void
divide(struct copying *copying, uint64_t size)
{
    uint64_t part_size = sizes_copied_part(size);

    copying->part_size = part_size;
    copying->count = (int)((size + part_size - 1) / part_size);
    copying->list = aws_alloc((size_t)copying->count * sizeof(*copying->list));
    for (int i = 0; i < copying->count; i++) {
        uint64_t left = size - (uint64_t)i * part_size;

        copying->list[i] = (struct part){
            .number = i + 1, .size = left < part_size ? left : part_size};
    }
}

static int
make(struct copying *copying, struct fb_error *err)
{
    const struct copy *copy = copying->copy;

    if (get_headers(copying, err) != 0)
        return -1;
    mark(copying);
    abort_abandoned(copy->to, copy->to_key, ABANDONED_MS);
    if (begin(copying, err) != 0)
        return -1;
    if (copy_all(copying, err) == 0 && finish(copying, err) == 0)
        return 0;
    /* Of a completed upload there is nothing left that this could undo. */
    abort_upload(copy->to, copy->to_key, copying->upload.id);
    return -1;
}

int
copy_parts(const struct copy *copy, struct fb_error *err)
{
    /* S3 answers a repetition as the first time; of other stores' answers
     * explain() makes that it has to be looked at again. */
    struct copying copying = {
        .copy = copy,
        .upload = {.store = copy->to,
                   .key = copy->to_key,
                   .action = copy_action,
                   .checksum = checksum_of(copy->object),
                   .must_be_new = !copy->replace,
                   .repeats = true},
    };
    int status;

    assert(copy->object->size > 0);
    pthread_mutex_init(&copying.lock, NULL);
    divide(&copying, copy->object->size);
    status = make(&copying, err);
    for (int i = 0; i < copying.count; i++)
        part_release(&copying.list[i]);
    free(copying.list);
    upload_release(&copying.upload);
    aws_fields_release(&copying.headers);
    pthread_mutex_destroy(&copying.lock);
    return status;
}
