/*
 * aws/query.c: see query.h.
 */
#include "aws/query.h"

#include "aws/encode.h"

int
aws_query_request(struct aws_request *request, struct aws_buf *body,
                  const char *action, const char *version,
                  const struct aws_fields *form, struct fb_error *err)
{
    struct aws_fields head = {.count = 0};

    aws_request_init(request, "POST");
    aws_buf_init(body, AWS_FORM_MAX);
    aws_fields_add(&head, "Action", action);
    aws_fields_add(&head, "Version", version);
    aws_form_encode(body, &head);
    aws_fields_release(&head);
    if (form != NULL && form->count > 0) {
        aws_buf_byte(body, '&');
        aws_form_encode(body, form);
    }
    body->failed = body->failed || (form != NULL && form->failed);
    if (aws_buf_check(body, "request", err) != 0) {
        aws_buf_release(body);
        return -1;
    }
    request->bytes = body->bytes;
    request->size = body->len;
    request->content_type = "application/x-www-form-urlencoded; charset=utf-8";
    request->answer = AWS_ANSWER_XML;
    request->operation = action;
    return 0;
}
