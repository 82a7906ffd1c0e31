/*
 * aws/attempt.c: see attempt.h.
 */
#include "aws/attempt.h"

#include "aws/answer.h"
#include "aws/encode.h"
#include "aws/payload.h"
#include "aws/signer.h"
#include "aws/useragent.h"

#include <assert.h>
#include <openssl/rand.h>

#define SLOWEST_BYTES_PER_MS 16 /* of a body; slower uploads are given up */

static void
make_invocation(char text[37])
{
    unsigned char bytes[16] = {0};
    char hex[33];

    /* An id for the service's logs; without randomness it is only less use. */
    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        bytes[0] = 1;
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    aws_hex(hex, bytes, sizeof(bytes));
    snprintf(text, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
             hex + 16, hex + 20);
}

void
aws_attempt_init(struct aws_attempt *attempt, struct aws_client *client,
                 const struct aws_request *request,
                 struct aws_response *response)
{
    *attempt = (struct aws_attempt){
        .client = client,
        .request = request,
        .response = response,
        .max_attempts = request->max_attempts > 0
                            ? request->max_attempts
                            : client->config->max_attempts,
    };
    if (request->deadline_ms > 0)
        attempt->deadline = client->world.monotonic_ms(client->world.arg) +
                            request->deadline_ms;
    aws_client_bucket_region(client, request->bucket, attempt->region);
    make_invocation(attempt->invocation);
    aws_buf_init(&attempt->host, 512);
    aws_buf_init(&attempt->target, 8192);
    aws_buf_init(&attempt->url, AWS_FIELDS_BYTES_MAX);
}

static void
forget(struct aws_attempt *attempt)
{
    aws_buf_clear(&attempt->host);
    aws_buf_clear(&attempt->target);
    aws_buf_clear(&attempt->url);
    aws_fields_release(&attempt->headers);
    aws_fields_release(&attempt->exchange.headers_in);
}

void
aws_attempt_release(struct aws_attempt *attempt)
{
    forget(attempt);
    aws_buf_release(&attempt->host);
    aws_buf_release(&attempt->target);
    aws_buf_release(&attempt->url);
    aws_credentials_release(&attempt->used);
}

int64_t
aws_attempt_left_ms(const struct aws_attempt *attempt)
{
    const struct aws_world *world = &attempt->client->world;

    if (attempt->deadline == 0)
        return INT64_MAX;
    return attempt->deadline - world->monotonic_ms(world->arg);
}

/* The same fields are signed and sent: one buffer, one order. */
static int
make_url(struct aws_attempt *attempt, struct fb_error *err)
{
    const struct aws_request *request = attempt->request;

    if (aws_endpoint_place(&attempt->client->endpoint, attempt->region,
                           request->bucket, request->key, request->path,
                           &attempt->host, &attempt->target, err) != 0)
        return -1;
    aws_buf_format(&attempt->url, "%s://%s%s%s",
                   attempt->client->endpoint.https ? "https" : "http",
                   aws_buf_string(&attempt->host),
                   aws_buf_string(&attempt->target),
                   request->query.count > 0 ? "?" : "");
    aws_form_encode(&attempt->url, &request->query);
    return aws_buf_check(&attempt->url, "URL", err);
}

static void
make_headers(struct aws_attempt *attempt)
{
    const struct aws_request *request = attempt->request;
    struct aws_fields *headers = &attempt->headers;
    char agent[AWS_USER_AGENT_MAX];

    aws_fields_add(headers, "host", aws_buf_string(&attempt->host));
    aws_fields_copy(headers, &request->headers);
    if (request->content_type != NULL)
        aws_fields_set(headers, "content-type", request->content_type);
    aws_fields_add(headers, "amz-sdk-invocation-id", attempt->invocation);
    aws_fields_format(headers, "amz-sdk-request", "attempt=%d; max=%d",
                      attempt->response->attempts, attempt->max_attempts);
    aws_user_agent(agent, attempt->client->config->app_id);
    aws_fields_set(headers, "user-agent", agent);
}

static int
get_credentials(struct aws_attempt *attempt, struct fb_error *err)
{
    struct aws_client *client = attempt->client;

    aws_credentials_release(&attempt->used);
    if (client->chain != NULL)
        return aws_chain_get(client->chain, aws_client_now_ms(client),
                             &attempt->used, err);
    if (client->fixed.access_key == NULL)
        return fb_fail(err, FB_E_BUG, "cannot sign: no credentials");
    aws_credentials_copy(&attempt->used, &client->fixed);
    return 0;
}

static int
sign(struct aws_attempt *attempt, struct fb_error *err)
{
    struct aws_client *client = attempt->client;
    const struct aws_signing signing = {
        .method = attempt->request->method,
        .path = aws_buf_string(&attempt->target),
        .query = &attempt->request->query,
        .payload_hash = attempt->payload,
        .s3 = client->is_s3,
        .region = attempt->region,
        .service = client->service,
        .now_ms = aws_client_now_ms(client),
        .credentials = &attempt->used,
        .keys = &client->keys,
    };

    return aws_sign(&signing, &attempt->headers, err);
}

static int
prepare(struct aws_attempt *attempt, struct fb_error *err)
{
    const struct aws_request *request = attempt->request;

    if (!request->unsigned_call && get_credentials(attempt, err) != 0)
        return -1;
    if (make_url(attempt, err) != 0)
        return -1;
    make_headers(attempt);
    if (attempt->headers.failed)
        return fb_fail(err, FB_E_LIMIT, "cannot send so many headers");
    if (request->unsigned_call)
        return 0;
    if (attempt->payload[0] == '\0' &&
        aws_payload_hash(request, attempt->client->is_s3,
                         attempt->client->endpoint.https, attempt->payload,
                         err) != 0)
        return -1;
    return sign(attempt, err);
}

/* Without a sink the answer is small, so the whole exchange is bounded by the
 * body that goes out; a sink's body is bounded by its speed. */
static int64_t
total_ms(const struct aws_attempt *attempt, int64_t read_timeout)
{
    const struct aws_request *request = attempt->request;
    uint64_t size =
        request->source != NULL ? request->source->size : request->size;
    int64_t left = aws_attempt_left_ms(attempt), total;

    total = attempt->client->config->connect_timeout_ms + read_timeout +
            (int64_t)(size / SLOWEST_BYTES_PER_MS);
    if (request->sink != NULL)
        total = 0;
    if (left == INT64_MAX)
        return total;
    left = left < 1 ? 1 : left;
    return total == 0 || left < total ? left : total;
}

static void
fill_exchange(struct aws_attempt *attempt)
{
    const struct aws_request *request = attempt->request;
    struct aws_client *client = attempt->client;
    int64_t read_timeout = request->read_timeout_ms > 0
                               ? request->read_timeout_ms
                               : client->config->read_timeout_ms;
    bool takes_body = strcmp(request->method, "PUT") == 0 ||
                      strcmp(request->method, "POST") == 0;

    attempt->exchange = (struct aws_exchange){
        .method = request->method,
        .url = aws_buf_string(&attempt->url),
        .headers = &attempt->headers,
        .bytes = request->bytes,
        .size = request->size,
        .source = request->bytes == NULL ? request->source : NULL,
        .has_body = takes_body || request->size > 0,
        .connect_timeout_ms = client->config->connect_timeout_ms,
        .read_timeout_ms = read_timeout,
        .total_ms = total_ms(attempt, read_timeout),
        .fresh = !request->idempotent,
        .step = client->step,
        .receiver = {.head = aws_answer_head,
                     .body = aws_answer_body,
                     .arg = attempt},
    };
}

/* No answer: may it be tried again? */
static void
judge_transport(struct aws_attempt *attempt)
{
    enum aws_http_end end = attempt->exchange.end;
    struct aws_response *response = attempt->response;
    const struct aws_sink *sink = attempt->request->sink;

    if (end == AWS_HTTP_BROKEN)
        response->maybe_done = true;
    if (end == AWS_HTTP_NOT_SENT ||
        (end == AWS_HTTP_BROKEN && attempt->request->idempotent))
        attempt->class = AWS_RETRY_TRANSIENT;
    if (response->received == 0)
        return;
    if (attempt->class == AWS_RETRY_TRANSIENT && sink->restart != NULL &&
        sink->restart(sink->arg) == 0)
        response->received = 0;
    else
        attempt->class = AWS_RETRY_NEVER;
}

int
aws_attempt_make(struct aws_attempt *attempt, struct fb_error *err)
{
    const struct aws_body_source *source = attempt->request->source;

    forget(attempt);
    attempt->class = AWS_RETRY_NEVER;
    attempt->answered = false;
    attempt->is_good = false;
    aws_answer_reset(attempt->response);
    if (prepare(attempt, err) != 0)
        return -1;
    if (source != NULL && source->rewind(source->arg) != 0)
        return fb_fail(err, FB_E_FAILED,
                       "cannot read what is to be sent "
                       "from its beginning");
    fill_exchange(attempt);
    if (aws_http_send(attempt->client->http, &attempt->exchange, err) != 0) {
        judge_transport(attempt);
        return -1;
    }
    return aws_answer_judge(attempt);
}
