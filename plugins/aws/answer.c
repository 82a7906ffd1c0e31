/*
 * aws/answer.c: see answer.h.  A good status is not yet a good answer: S3 may
 * say 200 and then send an error, and a proxy may say 200 to anything.
 */
#include "aws/answer.h"

#include "aws/error.h"
#include "aws/json.h"

#define ERROR_BODY_MAX ((size_t)64 << 10)

void
aws_answer_reset(struct aws_response *response)
{
    const int attempts = response->attempts;
    const bool maybe_done = response->maybe_done;
    const uint64_t received = response->received;

    aws_response_release(response);
    response->attempts = attempts;
    response->maybe_done = maybe_done;
    response->received = received;
}

static bool
is_expected(const struct aws_request *request, int status)
{
    if (request->expect[0] == 0)
        return status >= 200 && status < 300;
    for (size_t i = 0; i < AWS_STATUS_MAX; i++)
        if (request->expect[i] == status)
            return true;
    return false;
}

int
aws_answer_head(void *arg, int status, const struct aws_fields *headers,
                struct fb_error *err)
{
    struct aws_attempt *attempt = arg;
    struct aws_response *response = attempt->response;
    const struct aws_sink *sink = attempt->request->sink;

    response->status = status;
    aws_fields_release(&response->headers);
    aws_fields_copy(&response->headers, headers);
    attempt->is_good = is_expected(attempt->request, status);
    aws_buf_init(&response->body,
                 attempt->is_good ? AWS_BODY_MAX : ERROR_BODY_MAX);
    aws_error_read_ids(response);
    if (!attempt->is_good || sink == NULL || sink->begin == NULL)
        return 0;
    err->code = FB_E_NONE;
    if (sink->begin(sink->arg, response, err) == 0)
        return 0;
    if (err->code == FB_E_NONE)
        fb_fail(err, FB_E_FAILED, "cannot take the answer");
    return -1;
}

int
aws_answer_body(void *arg, const unsigned char *bytes, size_t size,
                struct fb_error *err)
{
    struct aws_attempt *attempt = arg;
    struct aws_response *response = attempt->response;
    const struct aws_sink *sink = attempt->request->sink;

    if (!attempt->is_good || sink == NULL) {
        /* Of an error, the beginning is enough. */
        if (!attempt->is_good && size > ERROR_BODY_MAX - response->body.len)
            size = ERROR_BODY_MAX - response->body.len;
        aws_buf_add(&response->body, bytes, size);
        return aws_buf_check(&response->body, "answer", err);
    }
    response->received += size;
    err->code = FB_E_NONE;
    if (sink->write(sink->arg, bytes, size, err) == 0)
        return 0;
    if (err->code == FB_E_NONE)
        fb_fail(err, FB_E_FAILED, "cannot take the answer's body");
    return -1;
}

/* A good status with an answer that is none: nobody knows what happened. */
static int
not_an_answer(struct aws_attempt *attempt, const char *why)
{
    struct aws_response *response = attempt->response;

    snprintf(response->code, sizeof(response->code), "InternalError");
    snprintf(response->message, sizeof(response->message), "%s", why);
    return -1;
}

static int
read_xml(struct aws_attempt *attempt)
{
    const struct aws_request *request = attempt->request;
    struct aws_response *response = attempt->response;
    const struct aws_xml_node *root;
    const char *text;
    struct fb_error ignored;

    if (aws_xml_parse(response->body.bytes, response->body.len, &response->xml,
                      &ignored) != 0)
        return not_an_answer(attempt, "the answer is no XML");
    if (aws_error_in_success(response))
        return -1;
    root = aws_xml_root(response->xml);
    if (request->xml_root != NULL && strcmp(root->name, request->xml_root) != 0)
        return not_an_answer(attempt, "the answer is another document");
    if (request->xml_needs != NULL) {
        text = aws_xml_text(root, request->xml_needs);
        if (text == NULL || *text == '\0')
            return not_an_answer(attempt, "the answer lacks what proves it");
    }
    return 0;
}

static int
read_json(struct aws_attempt *attempt)
{
    struct aws_response *response = attempt->response;
    struct fb_error ignored;

    if (response->body.len == 0) {
        response->json = json_object();
        return 0;
    }
    if (aws_json_parse(response->body.bytes, response->body.len,
                       &response->json, &ignored) != 0)
        return not_an_answer(attempt, "the answer is no JSON");
    return 0;
}

static int
read_good(struct aws_attempt *attempt)
{
    bool is_head = strcmp(attempt->request->method, "HEAD") == 0;

    if (attempt->request->sink != NULL || is_head ||
        attempt->response->status >= 300)
        return 0;
    switch (attempt->request->answer) {
    case AWS_ANSWER_XML:
        return read_xml(attempt);
    case AWS_ANSWER_JSON:
        return read_json(attempt);
    case AWS_ANSWER_ANY:
        break;
    }
    return attempt->client->is_s3 && aws_error_in_success(attempt->response)
               ? -1
               : 0;
}

int
aws_answer_judge(struct aws_attempt *attempt)
{
    struct aws_response *response = attempt->response;

    attempt->answered = true;
    if (attempt->is_good) {
        if (read_good(attempt) == 0)
            return 0;
    } else {
        aws_error_read(response);
    }
    aws_error_scrub(response->message, &attempt->used);
    attempt->class = aws_retry_class(response, attempt->used.token != NULL);
    if (attempt->class == AWS_RETRY_TRANSIENT) {
        response->maybe_done = true;
        if (!attempt->request->idempotent &&
            (response->status < 400 || response->status >= 500))
            attempt->class = AWS_RETRY_NEVER;
    }
    return -1;
}
