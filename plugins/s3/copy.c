#include "copy.h"

#include "aws/encode.h"
#include "copy_parts.h"
#include "s3.h"

#define COPY_TIMEOUT_MS 300000 /* the copy is made before the answer comes */

const char copy_action[] = "s3:PutObject (and s3:GetObjectTagging, "
                           "s3:PutObjectTagging of objects with tags)";

void
copy_source(const struct copy *copy, struct aws_fields *headers)
{
    const struct store *from = copy->from;
    char condition[OBJECT_CONDITION_MAX];
    struct aws_buf source;

    aws_buf_init(&source, (size_t)4 * S3_KEY_MAX);
    aws_percent_encode(&source, from->bucket, strlen(from->bucket), false);
    aws_buf_byte(&source, '/');
    aws_percent_encode(&source, copy->from_key, strlen(copy->from_key), true);
    aws_fields_add(headers, "x-amz-copy-source", aws_buf_string(&source));
    aws_buf_release(&source);
    object_condition(copy->object->etag, condition);
    aws_fields_add(headers, "x-amz-copy-source-if-match", condition);
    if (from->owner != NULL)
        aws_fields_add(headers, "x-amz-source-expected-bucket-owner",
                       from->owner);
}

/* https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
static int
copy_at_once(const struct copy *copy, struct fb_error *err)
{
    struct aws_response response = {0};
    struct aws_request request;
    int status;

    store_request(copy->to, &request, "PUT", copy->to_key, copy_action);
    request.operation = "move";
    copy_source(copy, &request.headers);
    if (!copy->replace)
        aws_fields_add(&request.headers, "if-none-match", "*");
    request.expect[0] = 200;
    request.answer = AWS_ANSWER_XML;
    request.xml_root = "CopyObjectResult";
    request.xml_needs = "ETag";
    request.read_timeout_ms = COPY_TIMEOUT_MS;
    status = store_call(copy->to, &request, &response, err);
    aws_response_release(&response);
    aws_request_release(&request);
    return status;
}

int
copy_object(const struct copy *copy, struct fb_error *err)
{
    if (copy->object->size > (uint64_t)S3_COPY_MAX)
        return copy_parts(copy, err);
    return copy_at_once(copy, err);
}

bool
copy_is_marked(const struct object *found, const struct object *object)
{
    char generation[OBJECT_GENERATION_MAX];

    object_generation(object->etag, object->size, object->modified, generation);
    return strcmp(found->copied, generation) == 0;
}
