/*
 * aws/metadata.c: see metadata.h.
 */
#include "aws/metadata.h"

static int
on_body(void *arg, const unsigned char *bytes, size_t size,
        struct fb_error *err)
{
    struct aws_metadata *metadata = arg;

    aws_buf_add(&metadata->body, bytes, size);
    return aws_buf_check(&metadata->body, "answer", err);
}

static int
send_once(struct aws_metadata *metadata, struct aws_http *http,
          struct aws_exchange *exchange, struct fb_error *err)
{
    int failed;

    aws_buf_release(&metadata->body);
    aws_buf_init(&metadata->body, AWS_METADATA_MAX);
    failed = aws_http_send(http, exchange, err);
    metadata->status = exchange->status;
    return failed;
}

bool
aws_metadata_may_pass(int status)
{
    return status >= 500 || status == 429;
}

static bool
helps_to_repeat(const struct aws_exchange *exchange)
{
    if (exchange->end == AWS_HTTP_DONE)
        return aws_metadata_may_pass(exchange->status);
    return exchange->end == AWS_HTTP_NOT_SENT ||
           exchange->end == AWS_HTTP_BROKEN;
}

int
aws_metadata_send(struct aws_metadata *metadata, struct fb_error *err)
{
    struct aws_exchange exchange = {
        .method = metadata->method,
        .url = metadata->url,
        .headers = &metadata->headers,
        .has_body = strcmp(metadata->method, "PUT") == 0,
        .connect_timeout_ms = metadata->timeout_ms,
        .total_ms = metadata->timeout_ms,
        .no_proxy = true,
        .admits = metadata->admits,
        .step = metadata->step,
        .receiver = {.body = on_body, .arg = metadata},
    };
    struct aws_http *http;
    int failed, attempt = 1;

    if (aws_http_new(NULL, &http, err) != 0)
        return -1;
    while ((failed = send_once(metadata, http, &exchange, err)),
           helps_to_repeat(&exchange) && attempt < metadata->attempts) {
        attempt++;
        metadata->world->pause(metadata->world->arg, metadata->pause_ms,
                               metadata->step);
        if (aws_cancelled(metadata->step)) {
            failed = fb_fail(err, FB_E_CANCELLED, "cannot go on: told to stop");
            break;
        }
    }
    aws_fields_release(&exchange.headers_in);
    aws_http_free(http);
    return failed;
}

void
aws_metadata_release(struct aws_metadata *metadata)
{
    aws_fields_release(&metadata->headers);
    aws_buf_release(&metadata->body);
}
