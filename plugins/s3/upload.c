#include "upload.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "aws/encode.h"

#define FINISH_TIMEOUT_MS 300000 /* the parts are joined before the answer */

int
upload_begin(struct upload *upload, const char *operation,
             const struct aws_fields *headers, const char *content_type,
             struct aws_response *response, struct fb_error *err)
{
    struct aws_request request;
    int status;

    assert(upload->id == NULL);
    store_request(upload->store, &request, "POST", upload->key, upload->action);
    request.operation = operation;
    aws_fields_add(&request.query, "uploads", "");
    aws_fields_copy(&request.headers, headers);
    request.content_type = content_type;
    if (upload->checksum != 0) {
        aws_fields_add(&request.headers, "x-amz-checksum-algorithm",
                       aws_checksum_name(upload->checksum));
        aws_fields_add(&request.headers, "x-amz-checksum-type", "FULL_OBJECT");
    }
    request.expect[0] = 200;
    request.answer = AWS_ANSWER_XML;
    request.xml_root = "InitiateMultipartUploadResult";
    request.xml_needs = "UploadId";
    /* A second one leaves the first abandoned, which harms nobody. */
    request.idempotent = true;
    status = store_call(upload->store, &request, response, err);
    if (status == 0)
        upload->id =
            aws_strdup(aws_xml_text(aws_xml_root(response->xml), "UploadId"));
    aws_request_release(&request);
    return status;
}

static void
write_list(const struct part *list, int count, enum aws_checksum_kind kind,
           struct aws_buf *body)
{
    aws_buf_text(body, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws."
                       "com/doc/2006-03-01/\">");
    for (int i = 0; i < count; i++) {
        const struct part *part = &list[i];

        aws_buf_text(body, "<Part><ETag>");
        aws_xml_escape(body, part->etag);
        aws_buf_format(body, "</ETag><PartNumber>%d</PartNumber>",
                       part->number);
        if (kind != 0 && part->checksum[0] != '\0')
            aws_buf_format(body, "<Checksum%s>%s</Checksum%s>",
                           aws_checksum_name(kind), part->checksum,
                           aws_checksum_name(kind));
        aws_buf_text(body, "</Part>");
    }
    aws_buf_text(body, "</CompleteMultipartUpload>");
}

static void
finish_request(const struct upload *upload, const struct content *content,
               const struct aws_buf *body, struct aws_request *request)
{
    store_request(upload->store, request, "POST", upload->key, upload->action);
    aws_fields_add(&request->query, "uploadId", upload->id);
    aws_fields_format(&request->headers, "x-amz-mp-object-size", "%" PRIu64,
                      content->size);
    if (upload->checksum != 0) {
        aws_fields_add(&request->headers, aws_checksum_header(upload->checksum),
                       content->checksum);
        aws_fields_add(&request->headers, "x-amz-checksum-type", "FULL_OBJECT");
    }
    if (upload->must_be_new)
        aws_fields_add(&request->headers, "if-none-match", "*");
    request->bytes = body->bytes;
    request->size = body->len;
    request->content_type = "application/xml";
    request->expect[0] = 200;
    request->answer = AWS_ANSWER_XML;
    /* Stores name the document differently; the ETag is what proves it. */
    request->xml_needs = "ETag";
    request->idempotent = upload->repeats;
    request->read_timeout_ms = FINISH_TIMEOUT_MS;
}

int
upload_finish(const struct upload *upload, const char *operation,
              const struct part *list, int count, const struct content *content,
              struct aws_response *response, struct fb_error *err)
{
    struct aws_request request;
    struct aws_buf body;
    int status;

    assert(upload->id != NULL && count > 0);
    aws_buf_init(&body, AWS_BODY_MAX);
    write_list(list, count, upload->checksum, &body);
    status = aws_buf_check(&body, "the list of parts", err);
    if (status == 0) {
        finish_request(upload, content, &body, &request);
        request.operation = operation;
        status = store_call(upload->store, &request, response, err);
        aws_request_release(&request);
    }
    aws_buf_release(&body);
    return status;
}

void
upload_release(struct upload *upload)
{
    free(upload->id);
    upload->id = NULL;
}
