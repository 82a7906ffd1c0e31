/*
 * aws/request.c: see request.h.
 */
#include "aws/request.h"

void
aws_request_init(struct aws_request *request, const char *method)
{
    *request = (struct aws_request){
        .method = method,
        .idempotent = strcmp(method, "POST") != 0,
    };
}

void
aws_request_release(struct aws_request *request)
{
    aws_fields_release(&request->query);
    aws_fields_release(&request->headers);
}

void
aws_response_release(struct aws_response *response)
{
    aws_fields_release(&response->headers);
    aws_buf_release(&response->body);
    aws_xml_free(response->xml);
    json_decref(response->json);
    *response = (struct aws_response){.status = 0};
}

const char *
aws_response_header(const struct aws_response *response, const char *name)
{
    return aws_fields_get(&response->headers, name);
}
