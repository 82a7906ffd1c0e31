#include "jsoncall.h"

#include <assert.h>
#include <stdlib.h>

#include "aws/json.h"

int
jsoncall_make(struct aws_client *client, const struct jsoncall *what,
              const char *subject, json_t *body, struct aws_response *response,
              struct fb_error *err)
{
    struct aws_request request;
    char *text;
    int status;

    assert(body != NULL && what->deadline_ms > 0);
    text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    assert(text != NULL);
    aws_json_request(&request, what->target, "1.1", text);
    request.subject = subject;
    request.action = what->action;
    request.idempotent = true;
    request.deadline_ms = what->deadline_ms;
    status = aws_call(client, &request, response, err);
    aws_request_release(&request);
    free(text);
    return status;
}

bool
jsoncall_refused(const struct aws_response *response, const char *code)
{
    return strcmp(response->code, code) == 0;
}
