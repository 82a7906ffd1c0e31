#include "queue.h"

#include <assert.h>
#include <stdlib.h>
#include <strings.h>

#include "aws/digest.h"
#include "aws/json.h"
#include "aws/world.h"

#define ATTRIBUTES "MessageSystemAttributeNames"

int
queue_open(struct queue *queue, const struct aws_settings *settings,
           const struct sqs_uri *uri, struct fb_step *step,
           struct fb_error *err)
{
    struct aws_settings here = *settings;

    if (uri->region != NULL)
        here.region = uri->region;
    *queue = (struct queue){.step = step,
                            .subject = fb_uri(step),
                            .read_timeout_ms = settings->read_timeout};
    return aws_client_new(&here, "sqs", step, &queue->client, err);
}

void
queue_close(struct queue *queue)
{
    aws_client_free(queue->client);
    free(queue->url);
    queue->client = NULL;
    queue->url = NULL;
}

void
queue_is(struct queue *queue, const char *url, size_t length)
{
    assert(queue->url == NULL);
    queue->url = aws_strndup(url, length);
}

/* --- a call --- */

struct call {
    const char *operation;
    const char *action; /* of IAM */
    enum aws_answer answer;
    int64_t wait_s; /* the service may take that long */
};

static int
explain(const struct queue *queue, const struct aws_response *response,
        struct fb_error *err)
{
    if (err->code == FB_E_MISSING) {
        fb_fail(err, FB_E_CONFIG, "cannot reach '%s': there is no such queue",
                queue->subject);
        return fb_hint(err, "check its name, and the account and region in "
                            "use");
    }
    if (strncasecmp(response->code, "kms", 3) != 0 ||
        strstr(response->code, "AccessDenied") == NULL)
        return -1;
    err->code = FB_E_PERMISSION;
    return fb_hint(err, "allow 'kms:Decrypt' for the key that the queue is "
                        "encrypted with");
}

/* Each of these calls may be repeated: a message that was handed out and got
 * lost comes again.  The body is taken over. */
static int
call(struct queue *queue, const struct call *what, json_t *body,
     struct aws_response *response, struct fb_error *err)
{
    char target[64], *text = json_dumps(body, JSON_COMPACT);
    struct aws_request request;
    int status;

    assert(body != NULL && text != NULL);
    json_decref(body);
    snprintf(target, sizeof(target), "AmazonSQS.%s", what->operation);
    aws_json_request(&request, target, "1.0", text);
    aws_fields_add(&request.headers, "x-amzn-query-mode", "true");
    request.answer = what->answer;
    request.subject = queue->subject;
    request.action = what->action;
    request.idempotent = true;
    if (what->wait_s > 0) {
        request.long_poll = true;
        request.read_timeout_ms =
            queue->read_timeout_ms + what->wait_s * INT64_C(1000);
    }
    status = aws_call(queue->client, &request, response, err);
    aws_request_release(&request);
    free(text);
    return status == 0 ? 0 : explain(queue, response, err);
}

/* For calls whose answer says nothing. */
static int
tell(struct queue *queue, const struct call *what, json_t *body,
     struct fb_error *err)
{
    struct aws_response response = {0};
    int status = call(queue, what, body, &response, err);

    aws_response_release(&response);
    return status;
}

/* --- finding --- */

int
queue_find(struct queue *queue, const struct sqs_uri *uri, struct fb_error *err)
{
    static const struct call what = {"GetQueueUrl", "sqs:GetQueueUrl",
                                     AWS_ANSWER_JSON, 0};
    struct aws_response response = {0};
    json_t *body = json_pack("{s:s}", "QueueName", uri->name);
    const char *url;
    int status;

    if (uri->account != NULL)
        json_object_set_new(body, "QueueOwnerAWSAccountId",
                            json_string(uri->account));
    status = call(queue, &what, body, &response, err);
    if (status == 0) {
        url = aws_json_text(response.json, "QueueUrl");
        if (url != NULL && *url != '\0' && strchr(url, '\n') == NULL)
            queue_is(queue, url, strlen(url));
        else
            status = fb_fail(err, FB_E_UNAVAILABLE,
                             "cannot reach '%s': the answer names no queue",
                             queue->subject);
    }
    aws_response_release(&response);
    return status;
}

int
queue_look(struct queue *queue, bool *redrives, struct fb_error *err)
{
    static const struct call what = {
        "GetQueueAttributes", "sqs:GetQueueAttributes", AWS_ANSWER_JSON, 0};
    struct aws_response response = {0};
    int status;

    assert(queue->url != NULL);
    status = call(queue, &what,
                  json_pack("{s:s,s:[s]}", "QueueUrl", queue->url,
                            "AttributeNames", "All"),
                  &response, err);
    *redrives =
        status == 0 &&
        aws_json_text(response.json, "Attributes.RedrivePolicy") != NULL;
    aws_response_release(&response);
    return status;
}

/* --- receiving --- */

/* The digest protects against damage on the way; a system that forbids MD5
 * leaves that to TLS. */
static bool
is_whole(const json_t *json, const char *body)
{
    const char *digest = aws_json_text(json, "MD5OfBody");
    char actual[AWS_MD5_HEX];

    if (aws_md5_hex(body, strlen(body), actual) != 0)
        return true;
    return digest != NULL && strcmp(digest, actual) == 0;
}

static int64_t
number_at(const json_t *json, const char *path)
{
    const char *text = aws_json_text(json, path);

    return text == NULL ? 0 : strtoll(text, NULL, 10);
}

static void
take_one(struct queue *queue, const json_t *json, message_fn take, void *arg)
{
    const struct message message = {
        .id = aws_json_text(json, "MessageId"),
        .receipt = aws_json_text(json, "ReceiptHandle"),
        .body = aws_json_text(json, "Body"),
        .sent_ms = number_at(json, "Attributes.SentTimestamp"),
        .received = number_at(json, "Attributes.ApproximateReceiveCount"),
    };

    if (message.id != NULL && message.receipt != NULL && message.body != NULL &&
        strchr(message.receipt, '\n') == NULL && is_whole(json, message.body))
        take(arg, &message);
    else
        fb_log(queue->step, FB_WARN,
               "a message of '%s' came damaged and is left there (id %.100s)",
               queue->subject, message.id != NULL ? message.id : "unknown");
}

int
queue_receive(struct queue *queue, int64_t count, int64_t wait_s,
              int64_t hide_s, message_fn take, void *arg, size_t *got,
              struct fb_error *err)
{
    const struct call what = {"ReceiveMessage", "sqs:ReceiveMessage",
                              AWS_ANSWER_JSON, wait_s};
    struct aws_response response = {0};
    const json_t *messages;
    int status;

    assert(queue->url != NULL && count > 0 && count <= QUEUE_BATCH);
    status = call(queue, &what,
                  json_pack("{s:s,s:I,s:I,s:I,s:[s,s]}", "QueueUrl", queue->url,
                            "MaxNumberOfMessages", (json_int_t)count,
                            "WaitTimeSeconds", (json_int_t)wait_s,
                            "VisibilityTimeout", (json_int_t)hide_s, ATTRIBUTES,
                            "SentTimestamp", "ApproximateReceiveCount"),
                  &response, err);
    messages = json_object_get(response.json, "Messages");
    *got = status == 0 ? json_array_size(messages) : 0;
    for (size_t i = 0; i < *got; i++)
        take_one(queue, json_array_get(messages, i), take, arg);
    aws_response_release(&response);
    return status;
}

/* --- answering for a message --- */

static bool
is_outdated(const struct aws_response *response)
{
    return strcmp(response->code, "ReceiptHandleIsInvalid") == 0 ||
           strstr(response->message, "receipt handle has expired") != NULL;
}

int
queue_delete(struct queue *queue, const char *receipt, struct fb_error *err)
{
    static const struct call what = {"DeleteMessage", "sqs:DeleteMessage",
                                     AWS_ANSWER_ANY, 0};
    struct aws_response response = {0};
    int status;

    assert(queue->url != NULL);
    status = call(queue, &what,
                  json_pack("{s:s,s:s}", "QueueUrl", queue->url,
                            "ReceiptHandle", receipt),
                  &response, err);
    if (status != 0 && is_outdated(&response)) {
        *err = (struct fb_error){.code = FB_E_NONE};
        fb_log(queue->step, FB_INFO,
               "a message of '%s' was handed out again meanwhile and will be "
               "deleted when it comes",
               queue->subject);
        status = 0;
    }
    aws_response_release(&response);
    return status;
}

int
queue_hide(struct queue *queue, const char *receipt, int64_t hide_s,
           struct fb_error *err)
{
    static const struct call what = {"ChangeMessageVisibility",
                                     "sqs:ChangeMessageVisibility",
                                     AWS_ANSWER_ANY, 0};

    assert(queue->url != NULL);
    return tell(queue, &what,
                json_pack("{s:s,s:s,s:I}", "QueueUrl", queue->url,
                          "ReceiptHandle", receipt, "VisibilityTimeout",
                          (json_int_t)hide_s),
                err);
}
