/*
 * sink.c: writes an object that appears whole or not at all.  What fits into
 * one part is put with one request when it is finished; anything larger goes
 * up in parts meanwhile, and is completed then.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "abort.h"
#include "attributes.h"
#include "aws/settings.h"
#include "commit.h"
#include "list.h"
#include "parts.h"
#include "proof.h"
#include "s3.h"
#include "sizes.h"
#include "store.h"
#include "target.h"
#include "uri.h"

enum { REPLACE = 1, FAIL };

enum { SUM_CRC64NVME = 1, SUM_CRC32C, SUM_NONE };

struct s3_sink {
    struct aws_settings aws;
    const char *owner; /* expected_bucket_owner */
    int if_exists;
    int checksum;
    int64_t part_size; /* bytes */
    int64_t parallel;
    int64_t abandoned_after_ms;
    struct attributes attributes;

    struct s3_uri uri;
    struct store store;
    struct target target;
    struct part_buffer buffer;
    struct parts *parts; /* NULL while all fits into the buffer */
    struct commit commit;
    uint64_t size; /* bytes written */
    bool finished;
};

static int
sink_check(void *self, struct fb_step *step, struct fb_error *err)
{
    struct s3_sink *sink = self;
    const char *uri = fb_uri(step);

    if (uri_parse(step, "uri", uri, &sink->uri, err) != 0 ||
        uri_check_object(step, "uri", uri, &sink->uri, err) != 0 ||
        uri_check_owner(step, sink->owner, err) != 0 ||
        aws_settings_check(&sink->aws, step, err) != 0)
        return -1;
    return attributes_check(&sink->attributes, step, err);
}

static enum aws_checksum_kind
checksum_kind(const struct s3_sink *sink)
{
    switch (sink->checksum) {
    case SUM_CRC64NVME:
        return AWS_CRC64NVME;
    case SUM_CRC32C:
        return AWS_CRC32C;
    default:
        return (enum aws_checksum_kind)0;
    }
}

static const char *
actions(const struct s3_sink *sink)
{
    return sink->attributes.sse == SSE_KMS
               ? "s3:PutObject, kms:GenerateDataKey and kms:Decrypt"
               : "s3:PutObject";
}

static void
make_target(struct s3_sink *sink)
{
    sink->target = (struct target){
        .store = &sink->store,
        .key = sink->uri.key,
        .content_type =
            attributes_content_type(&sink->attributes, sink->uri.key),
        .action = actions(sink),
        .checksum = checksum_kind(sink),
        .must_be_new = sink->if_exists == FAIL,
    };
    attributes_headers(&sink->attributes, &sink->target.headers);
    target_set_run(&sink->target);
}

static void
release(struct s3_sink *sink)
{
    free(sink->buffer.bytes);
    sink->buffer.bytes = NULL;
    aws_fields_release(&sink->target.headers);
    store_close(&sink->store);
}

static int
sink_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct s3_sink *sink = self;
    size_t size = (size_t)sink->part_size;

    sink->size = 0;
    sink->finished = false;
    sink->commit = (struct commit){.unknown = false};
    sink->buffer = (struct part_buffer){.capacity = size};
    if (store_open(&sink->store, &sink->aws, step, sink->uri.bucket,
                   sink->owner, err) != 0)
        return -1;
    make_target(sink);
    sink->buffer.bytes = malloc(size);
    if (sink->buffer.bytes == NULL)
        fb_fail(err, FB_E_FAILED, "cannot write '%s': out of memory",
                fb_uri(step));
    else if (proof_of_conditions(&sink->target, err) == 0)
        return 0;
    release(sink);
    return -1;
}

/* ------------------------------------------------------------ writing --- */

static int
begin_parts(struct s3_sink *sink, struct fb_error *err)
{
    abort_abandoned(&sink->store, sink->uri.key, sink->abandoned_after_ms);
    return parts_open(&sink->target, (size_t)sink->part_size,
                      (int)sink->parallel, &sink->parts, err);
}

/* A full buffer goes only when more comes, for it may be all there is. */
static int
send_full(struct s3_sink *sink, struct fb_error *err)
{
    assert(sink->buffer.filled == sink->buffer.capacity);
    if (sink->parts == NULL && begin_parts(sink, err) != 0)
        return -1;
    return parts_send(sink->parts, &sink->buffer, err);
}

static int
sink_write_bytes(void *self, struct fb_step *step, const unsigned char *bytes,
                 size_t size, struct fb_error *err)
{
    struct s3_sink *sink = self;

    (void)step;
    while (size > 0) {
        struct part_buffer *buffer = &sink->buffer;
        size_t room, take;

        if (buffer->filled == buffer->capacity && send_full(sink, err) != 0)
            return -1;
        room = buffer->capacity - buffer->filled;
        take = size < room ? size : room;
        memcpy(buffer->bytes + buffer->filled, bytes, take);
        buffer->filled += take;
        sink->size += take;
        bytes += take;
        size -= take;
    }
    return 0;
}

/* ---------------------------------------------------------- finishing --- */

/* https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
static int
put(void *arg, const struct content *content, struct aws_response *response,
    struct fb_error *err)
{
    const struct s3_sink *sink = arg;
    const struct target *target = &sink->target;
    struct aws_request request;
    int status;

    store_request(&sink->store, &request, "PUT", target->key, target->action);
    request.operation = "write";
    aws_fields_copy(&request.headers, &target->headers);
    request.content_type = target->content_type;
    if (target->must_be_new)
        aws_fields_add(&request.headers, "if-none-match", "*");
    if (target->checksum != 0)
        aws_fields_add(&request.headers, aws_checksum_header(target->checksum),
                       content->checksum);
    request.bytes = sink->buffer.bytes;
    request.size = sink->buffer.filled;
    request.expect[0] = 200;
    request.idempotent = false; /* commit_object looks before it repeats */
    status = store_call(&sink->store, &request, response, err);
    aws_request_release(&request);
    return status;
}

static int
complete(void *arg, const struct content *content,
         struct aws_response *response, struct fb_error *err)
{
    const struct s3_sink *sink = arg;

    return parts_complete(sink->parts, content, response, err);
}

static void
describe_buffer(const struct s3_sink *sink, struct content *content)
{
    struct aws_checksum sum;

    *content = (struct content){.size = sink->buffer.filled};
    if (sink->target.checksum == 0)
        return;
    aws_checksum_init(&sum, sink->target.checksum);
    aws_checksum_add(&sum, sink->buffer.bytes, sink->buffer.filled);
    aws_checksum_text(&sum, content->checksum);
    aws_checksum_release(&sum);
}

static int
finish_parts(struct s3_sink *sink, struct content *content,
             struct fb_error *err)
{
    if (parts_send(sink->parts, &sink->buffer, err) != 0)
        return -1;
    return parts_wait(sink->parts, content, err);
}

static int
sink_finish(void *self, struct fb_step *step, struct fb_error *err)
{
    struct s3_sink *sink = self;
    const struct commit_way way = {
        .send = sink->parts != NULL ? complete : put,
        .arg = sink,
        .repeatable = sink->parts == NULL,
    };
    struct content content;

    (void)step;
    if (sink->parts == NULL)
        describe_buffer(sink, &content);
    else if (finish_parts(sink, &content, err) != 0)
        return -1;
    assert(content.size == sink->size);
    if (commit_object(&sink->target, &content, &way, &sink->commit, err) != 0)
        return -1;
    sink->finished = true;
    return 0;
}

static int
sink_stat(void *self, struct fb_step *step, struct fb_object *object,
          struct fb_error *err)
{
    const struct s3_sink *sink = self;

    (void)err;
    *object = (struct fb_object){.uri = fb_uri(step), .size = sink->size};
    if (sink->finished)
        object->generation = sink->commit.version[0] != '\0'
                                 ? sink->commit.version
                                 : sink->commit.etag;
    return 0;
}

/* ------------------------------------------------------------ closing --- */

/* A run that was told to stop makes no more calls, but this one it should. */
static void
abort_parts(struct s3_sink *sink, struct fb_step *step)
{
    struct store store = sink->store;
    struct fb_error err = {.code = FB_E_NONE};
    const char *id = parts_upload_id(sink->parts);

    if (!fb_cancelled(step)) {
        abort_upload(&store, sink->uri.key, id);
        return;
    }
    if (aws_client_new(&sink->aws, "s3", NULL, &store.client, &err) != 0) {
        fb_log(step, FB_WARN, "upload '%s' of '%s' is left over: %s", id,
               store.uri, err.message);
        return;
    }
    abort_upload(&store, sink->uri.key, id);
    aws_client_free(store.client);
}

static void
close_parts(struct s3_sink *sink, struct fb_step *step)
{
    const char *id = parts_upload_id(sink->parts);

    parts_stop(sink->parts);
    if (id != NULL && sink->commit.unknown)
        fb_log(step, FB_WARN,
               "upload '%s' of '%s' is left as it is: it may have been "
               "completed",
               id, sink->store.uri);
    else if (id != NULL && (!sink->finished || sink->commit.found))
        abort_parts(sink, step);
    parts_close(sink->parts);
    sink->parts = NULL;
}

static void
sink_close(void *self, struct fb_step *step)
{
    struct s3_sink *sink = self;

    if (sink->parts != NULL)
        close_parts(sink, step);
    release(sink);
}

/* ------------------------------------------------------------ probing --- */

static int
ignore(void *arg, const struct listed *listed)
{
    (void)arg;
    (void)listed;
    return 1;
}

/*
 * A listing, not HEAD: only an answer with a body says whether the identity
 * is wrong or just may not list, which writing does not need.
 */
static int
probe_bucket(const struct s3_sink *sink, const struct store *store,
             struct fb_error *err)
{
    const struct listing listing = {
        .prefix = sink->uri.key, .flat = true, .max_keys = 1, .max_pages = 1};

    return list_keys(store, &listing, ignore, NULL, err);
}

static int
sink_probe(void *self, struct fb_step *step, struct fb_error *err)
{
    struct s3_sink *sink = self;
    struct store store = {0};
    int status;

    if (store_open(&store, &sink->aws, step, sink->uri.bucket, sink->owner,
                   err) != 0)
        return -1;
    status = probe_bucket(sink, &store, err);
    store_close(&store);
    if (status != 0)
        return -1;
    fb_log(step, FB_INFO,
           "'%s' will need %s and s3:AbortMultipartUpload; only writing can "
           "show whether they are allowed",
           fb_uri(step), actions(sink));
    return 0;
}

/* ---------------------------------------------------------- descriptor --- */

static const char *const if_exists_choices[] = {"replace", "fail", NULL};
static const char *const checksum_choices[] = {"crc64nvme", "crc32c", "none",
                                               NULL};
static const char *const sse_choices[] = {"none", "AES256", "aws:kms", NULL};

static const struct fb_option sink_options[] = {
    {.name = "if_exists",
     FB_ENUM(struct s3_sink, if_exists),
     .def = "replace",
     .choices = if_exists_choices,
     .help = "What to do when another run's object has this key already."},
    {.name = "storage_class",
     FB_STRING(struct s3_sink, attributes.storage_class),
     .help = "Storage class, such as STANDARD_IA; without it the bucket's "
             "default."},
    {.name = "sse",
     FB_ENUM(struct s3_sink, attributes.sse),
     .def = "none",
     .choices = sse_choices,
     .help = "Encryption to ask for; none leaves it to the bucket."},
    {.name = "kms_key_id",
     FB_STRING(struct s3_sink, attributes.kms_key_id),
     .help = "ARN of the key for 'sse: aws:kms'; without it AWS's own key."},
    {.name = "tags",
     FB_MAP(struct s3_sink, attributes.tags),
     .help = "Tags of the object, at most ten; need s3:PutObjectTagging."},
    {.name = "metadata",
     FB_MAP(struct s3_sink, attributes.metadata),
     .help = "Metadata of the object, as x-amz-meta-NAME."},
    {.name = "content_type",
     FB_STRING(struct s3_sink, attributes.content_type),
     .help = "Media type; without it what the end of the key tells, such as "
             "text/csv."},
    {.name = "checksum",
     FB_ENUM(struct s3_sink, checksum),
     .def = "crc64nvme",
     .choices = checksum_choices,
     .help = "Checksum that the store verifies and keeps; none is for stores "
             "that know no such headers."},
    {.name = "part_size",
     FB_SIZE(struct s3_sink, part_size),
     .def = "5MiB",
     .min = S3_PART_MIN,
     .max = (int64_t)SIZES_PART_MAX,
     .help = "Size of a part of a large object; doubles every 1000 parts."},
    {.name = "parallel",
     FB_INT(struct s3_sink, parallel),
     .def = "3",
     .min = 1,
     .max = 64,
     .help = "Parts sent at a time; each takes part_size of memory."},
    {.name = "abandoned_after",
     FB_DURATION(struct s3_sink, abandoned_after_ms),
     .def = "24h",
     .min = INT64_C(3600000),
     .max = INT64_C(30) * 86400000,
     .help = "Unfinished uploads of this key are aborted when they are older: "
             "longer than any run takes."},
    {.name = "expected_bucket_owner",
     FB_STRING(struct s3_sink, owner),
     .help = "Account that must own the bucket; a bucket of another one is "
             "refused."},
    AWS_OPTIONS(struct s3_sink, aws),
    AWS_S3_OPTIONS(struct s3_sink, aws),
    {.name = NULL},
};

const struct fb_plugin s3_sink_plugin = {
    FB_PLUGIN_HEAD,
    .kind = FB_SINK,
    .name = "s3",
    .summary = "Writes an object to S3 that appears whole or not at all.",
    .schemes = s3_schemes,
    .options = sink_options,
    .instance_size = sizeof(struct s3_sink),
    .check = sink_check,
    .open = sink_open,
    .write_bytes = sink_write_bytes,
    .finish = sink_finish,
    .close = sink_close,
    .stat = sink_stat,
    .probe = sink_probe,
};
