#include "part.h"

#include <assert.h>
#include <stdlib.h>

static void
sum_up(const struct target *target, struct part *part)
{
    struct aws_checksum sum;

    part->size = part->buffer.filled;
    if (target->checksum == 0)
        return;
    aws_checksum_init(&part->sum, target->checksum);
    aws_checksum_add(&part->sum, part->buffer.bytes, part->buffer.filled);
    /* Taking the text ends a sum, and this one will be joined to others. */
    sum = part->sum;
    aws_checksum_text(&sum, part->checksum);
}

static void
make_request(const struct target *target, const char *upload_id,
             const struct part *part, struct aws_request *request)
{
    store_request(target->store, request, "PUT", target->key, target->action);
    request->operation = "write";
    aws_fields_format(&request->query, "partNumber", "%d", part->number);
    aws_fields_add(&request->query, "uploadId", upload_id);
    if (target->checksum != 0)
        aws_fields_add(&request->headers, aws_checksum_header(target->checksum),
                       part->checksum);
    request->bytes = part->buffer.bytes;
    request->size = part->buffer.filled;
    request->expect[0] = 200;
}

static int
take_answer(const struct target *target, const struct aws_response *response,
            struct part *part, struct fb_error *err)
{
    const char *etag = aws_response_header(response, "etag");

    if (etag == NULL || *etag == '\0')
        return fb_fail(err, FB_E_UNAVAILABLE,
                       "cannot write '%s': part %d was answered without an "
                       "ETag",
                       target->store->uri, part->number);
    if (target->checksum != 0 &&
        object_has_other(aws_response_header(
                             response, aws_checksum_header(target->checksum)),
                         target->checksum, part->checksum))
        return fb_fail(err, FB_E_UNAVAILABLE,
                       "cannot write '%s': part %d did not arrive as it was "
                       "sent: the store tells another checksum",
                       target->store->uri, part->number);
    part->etag = aws_strdup(etag);
    return 0;
}

int
part_send(const struct target *target, const char *upload_id, struct part *part,
          struct fb_error *err)
{
    struct aws_response response = {0};
    struct aws_request request;
    int status;

    assert(part->number > 0 && part->etag == NULL);
    sum_up(target, part);
    make_request(target, upload_id, part, &request);
    status = store_call(target->store, &request, &response, err);
    if (status == 0)
        status = take_answer(target, &response, part, err);
    else if (err->code == FB_E_MISSING)
        fb_fail(err, FB_E_UNAVAILABLE,
                "cannot write '%s': its upload was aborted by somebody else",
                target->store->uri);
    else
        status = target_refused(target, &response, err);
    aws_response_release(&response);
    aws_request_release(&request);
    return status;
}

void
part_release(struct part *part)
{
    free(part->buffer.bytes);
    free(part->etag);
    part->buffer.bytes = NULL;
    part->etag = NULL;
}
