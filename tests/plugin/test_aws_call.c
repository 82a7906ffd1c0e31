/*
 * Calls against a scripted server: what is sent, what is tried again, what is
 * told, and what never leaves.
 */
#include "aws/client_state.h"
#include "aws/json.h"
#include "aws/moment.h"
#include "aws/query.h"
#include "support/aws_kit.h"
#include "unit/main.h"

#include <pthread.h>

static struct http_script *script;
static struct aws_client *client;
static struct aws_settings settings;
static struct aws_request request;
static struct aws_response response;
static struct fb_error err;
static int64_t paused_ms; /* all pauses together */
static int pauses;

static void
no_pause(void *arg, int64_t ms, struct fb_step *step)
{
    (void)arg, (void)step;
    paused_ms += ms;
    pauses++;
}

static double
highest(void *arg)
{
    (void)arg;
    return 0.999999;
}

static void
setup(void)
{
    aws_kit_environment();
    aws_kit_keys(NULL);
    setenv("AWS_REGION", "us-east-1", 1);
    script = http_script_new();
    settings = (struct aws_settings){
        .endpoint = http_script_url(script),
        .connect_timeout = 2000,
        .read_timeout = 2000,
    };
    memset(&response, 0, sizeof(response));
    aws_request_init(&request, "GET");
    request.bucket = "my-bucket";
    request.key = "in/a.csv";
    request.action = "s3:GetObject";
}

static void
teardown(void)
{
    aws_request_release(&request);
    aws_response_release(&response);
    aws_client_free(client);
    http_script_finish(script);
}

static void
begin(const char *service)
{
    struct aws_world world = aws_world;

    world.pause = no_pause;
    world.random = highest;
    ck_assert_msg(aws_client_new(&settings, service, NULL, &client, &err) == 0,
                  "%s", err.message);
    aws_client_set_world(client, &world);
    http_script_start(script);
}

static int
call(void)
{
    return aws_call(client, &request, &response, &err);
}

static void
call_well(void)
{
    ck_assert_msg(call() == 0, "%s", err.message);
}

static void
call_badly(enum fb_code code, const char *words)
{
    ck_assert_int_eq(call(), -1);
    ck_assert_msg(err.code == code, "code %d: %s", (int)err.code, err.message);
    ck_assert_msg(strstr(err.message, words) != NULL, "'%s' lacks '%s'",
                  err.message, words);
}

#define GET_TARGET "/my-bucket/in/a.csv"

static struct http_step *
expect_get(int status, const char *body)
{
    struct http_step *step = http_expect(script, "GET", GET_TARGET);

    http_answer(step, status, body);
    return step;
}

static const char *
s3_error(const char *code)
{
    static char text[512];

    snprintf(text, sizeof(text),
             "<?xml version=\"1.0\"?>\n<Error><Code>%s</Code><Message>a "
             "message</Message><RequestId>R1</RequestId></Error>",
             code);
    return text;
}

/* ------------------------------------------------------------ one call --- */

START_TEST(gets_an_object)
{
    struct http_step *step = expect_get(200, "a,b\n");

    http_expect_header(step, "host", http_script_host(script));
    http_expect_header(step, "user-agent", "forebay/*");
    http_expect_header(step, "amz-sdk-request", "attempt=1; max=3");
    http_answer_header(step, "ETag", "\"e\"");
    begin("s3");
    call_well();
    ck_assert_int_eq(response.status, 200);
    ck_assert_str_eq(aws_buf_string(&response.body), "a,b\n");
    ck_assert_str_eq(aws_response_header(&response, "etag"), "\"e\"");
    ck_assert_int_eq(response.attempts, 1);
    ck_assert(!response.maybe_done);
}
END_TEST

START_TEST(sends_a_key_byte_for_byte)
{
    http_expect(script, "GET",
                "/my-bucket/a%20b/..//%2B%25%3F%23%C3%A9%0A/./x");
    request.key = "a b/..//+%?#\xc3\xa9\n/./x";
    begin("s3");
    call_well();
}
END_TEST

START_TEST(sends_and_signs_a_query_in_its_own_order)
{
    http_expect(script, "GET",
                "/my-bucket?prefix=in%2Fa%20b&list-type=2&delimiter=");
    request.key = NULL;
    aws_fields_add(&request.query, "prefix", "in/a b");
    aws_fields_add(&request.query, "list-type", "2");
    aws_fields_add(&request.query, "delimiter", "");
    begin("s3");
    call_well();
}
END_TEST

START_TEST(puts_bytes_with_their_hash)
{
    struct http_step *step = http_expect(script, "PUT", GET_TARGET);

    http_expect_body(step, "abc", 3);
    http_expect_header(step, "content-length", "3");
    http_expect_header(step, "content-type", "text/csv");
    http_expect_header(step, "expect", NULL);
    aws_request_release(&request);
    aws_request_init(&request, "PUT");
    request.bucket = "my-bucket";
    request.key = "in/a.csv";
    request.bytes = (const unsigned char *)"abc";
    request.size = 3;
    request.content_type = "text/csv";
    begin("s3");
    call_well();
}
END_TEST

START_TEST(puts_nothing_with_its_length)
{
    struct http_step *step = http_expect(script, "PUT", GET_TARGET);

    http_expect_header(step, "content-length", "0");
    http_expect_header(step, "content-type", NULL);
    request.method = "PUT";
    begin("s3");
    call_well();
}
END_TEST

/* A body of letters, made piece by piece. */
struct letters {
    uint64_t size, at;
    int rewinds;
};

static int
rewind_letters(void *arg)
{
    struct letters *letters = arg;

    letters->at = 0;
    letters->rewinds++;
    return 0;
}

static int
read_letters(void *arg, unsigned char *bytes, size_t size, size_t *got)
{
    struct letters *letters = arg;

    *got = 0;
    while (*got < size && letters->at < letters->size)
        bytes[(*got)++] = (unsigned char)('a' + letters->at++ % 26);
    return 0;
}

START_TEST(sends_a_body_anew_at_each_attempt)
{
    struct letters letters = {.size = 3000000};
    const struct aws_body_source source = {.rewind = rewind_letters,
                                           .read = read_letters,
                                           .arg = &letters,
                                           .size = letters.size};
    struct http_step *first = http_expect(script, "PUT", GET_TARGET);
    struct http_step *second = http_expect(script, "PUT", GET_TARGET);
    size_t size;

    http_expect_header(first, "expect", "100-continue");
    http_answer(first, 503, s3_error("SlowDown"));
    http_answer(second, 200, NULL);
    request.method = "PUT";
    request.source = &source;
    begin("s3");
    call_well();
    ck_assert_int_eq(letters.rewinds, 3); /* the hash, and two attempts */
    http_seen_body(second, &size);
    ck_assert_uint_eq(size, letters.size);
    ck_assert(!response.maybe_done);
}
END_TEST

START_TEST(refuses_a_header_with_a_line_break)
{
    aws_fields_add(&request.headers, "x-amz-meta-a", "b\r\nx-evil: 1");
    begin("s3");
    call_badly(FB_E_INPUT, "x-amz-meta-a");
}
END_TEST

START_TEST(refuses_a_key_that_is_not_utf8)
{
    request.key = "a\xff";
    begin("s3");
    call_badly(FB_E_INPUT, "not UTF-8");
}
END_TEST

START_TEST(takes_a_status_that_is_expected_for_an_answer)
{
    struct http_step *step = http_expect(script, "HEAD", GET_TARGET);

    http_answer(step, 404, NULL);
    request.method = "HEAD";
    request.expect[0] = 200;
    request.expect[1] = 404;
    begin("s3");
    call_well();
    ck_assert_int_eq(response.status, 404);
}
END_TEST

/* ------------------------------------------------------- another try --- */

/* Once that answer, then a good one. */
static void
retried(int status, const char *code)
{
    expect_get(status, s3_error(code));
    expect_get(200, "good");
    begin("s3");
    call_well();
    ck_assert_int_eq(response.attempts, 2);
    ck_assert_int_eq(pauses, 1);
    ck_assert_int_le(paused_ms, 1000);
    ck_assert_str_eq(response.code, "");
}

static const struct {
    int status;
    const char *code;
} passing[] = {
    {500, "InternalError"},
    {503, "ServiceUnavailable"},
    {503, "SlowDown"},
    {400, "RequestTimeout"},
    {400, "Throttling"},
    {429, "Anything"},
    {502, "x"},
    {504, "x"},
    {400, "ThrottlingException"},
    {409, "OperationAborted"},
    {400, "KMSThrottling"},
};

START_TEST(tries_again_what_may_pass)
{
    retried(passing[_i].status, passing[_i].code);
}
END_TEST

static const struct {
    int status;
    enum fb_code expected;
    const char *code;
} lasting[] = {
    {400, FB_E_FAILED, "MalformedXML"},
    {403, FB_E_PERMISSION, "AccessDenied"},
    {401, FB_E_PERMISSION, "x"},
    {404, FB_E_MISSING, "NoSuchKey"},
    {404, FB_E_MISSING, "NoSuchBucket"},
    {412, FB_E_CHANGED, "PreconditionFailed"},
    {409, FB_E_BUSY, "ConditionalRequestConflict"},
    {501, FB_E_FAILED, "NotImplemented"},
    {403, FB_E_PERMISSION, "InvalidAccessKeyId"},
    {400, FB_E_PERMISSION, "ExpiredToken"}, /* long-term keys */
};

START_TEST(does_not_try_again_what_lasts)
{
    expect_get(lasting[_i].status, s3_error(lasting[_i].code));
    begin("s3");
    call_badly(lasting[_i].expected, lasting[_i].code);
    ck_assert_int_eq(response.attempts, 1);
    ck_assert_str_eq(response.code, lasting[_i].code);
    ck_assert_int_eq(response.status, lasting[_i].status);
}
END_TEST

START_TEST(gives_up_after_its_attempts)
{
    for (int i = 0; i < 3; i++)
        expect_get(503, s3_error("SlowDown"));
    begin("s3");
    call_badly(FB_E_UNAVAILABLE,
               "cannot GET 's3 my-bucket/in/a.csv': 503 SlowDown: a message "
               "(request id R1, host ");
    ck_assert_int_eq(response.attempts, 3);
    ck_assert_int_eq(pauses, 2);
    ck_assert_int_gt(paused_ms, 1900); /* up to one second, then two */
    ck_assert_int_le(paused_ms, 3000);
}
END_TEST

START_TEST(signs_each_attempt_anew_and_counts_it)
{
    struct http_step *first = expect_get(500, NULL);
    struct http_step *second = expect_get(200, NULL);

    http_expect_header(second, "amz-sdk-request", "attempt=2; max=3");
    begin("s3");
    call_well();
    ck_assert_str_eq(http_seen_header(first, "amz-sdk-invocation-id"),
                     http_seen_header(second, "amz-sdk-invocation-id"));
    ck_assert_str_ne(http_seen_header(first, "authorization"),
                     http_seen_header(second, "authorization"));
}
END_TEST

START_TEST(waits_as_long_as_the_service_asks)
{
    struct http_step *step = expect_get(503, s3_error("SlowDown"));

    http_answer_header(step, "x-amz-retry-after", "4000");
    expect_get(200, NULL);
    begin("s3");
    call_well();
    ck_assert_int_eq(paused_ms, 4000);
}
END_TEST

START_TEST(spends_no_more_than_its_budget)
{
    int calls = 0;

    settings.max_attempts = 2;
    for (int i = 0; i < 201; i++)
        expect_get(503, s3_error("SlowDown"));
    begin("s3");
    while (http_script_count(script) < 201 && calls < 300) {
        ck_assert_int_eq(call(), -1);
        calls++;
    }
    /* 500 tokens at 5 each: 100 retries, then each call stands alone. */
    ck_assert_int_eq(calls, 101);
    ck_assert_int_eq(response.attempts, 1);
}
END_TEST

START_TEST(tries_again_after_a_lost_answer)
{
    http_answer_cut(expect_get(200, NULL), HTTP_CUT_ANSWER);
    expect_get(200, "good");
    begin("s3");
    call_well();
    ck_assert_int_eq(response.attempts, 2);
    ck_assert(response.maybe_done);
}
END_TEST

/* What a body is followed by is no head of another answer. */
START_TEST(takes_no_header_from_a_trailer)
{
    http_answer_raw(expect_get(200, NULL),
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "4\r\ngood\r\n0\r\nETag: \"late\"\r\n\r\n");
    begin("s3");
    call_well();
    ck_assert_str_eq(aws_buf_string(&response.body), "good");
    ck_assert_ptr_null(aws_response_header(&response, "etag"));
}
END_TEST

/* As a balancer in trouble does it.  Nobody knows what was done. */
START_TEST(tries_again_after_an_answer_that_is_no_http)
{
    http_answer_raw(expect_get(200, NULL), "who is there?\r\n\r\n");
    expect_get(200, "good");
    begin("s3");
    call_well();
    ck_assert_int_eq(response.attempts, 2);
    ck_assert(response.maybe_done);
}
END_TEST

START_TEST(an_answer_that_is_no_http_is_no_mistake_of_the_user)
{
    settings.max_attempts = 1;
    http_answer_raw(expect_get(200, NULL), "who is there?\r\n\r\n");
    begin("s3");
    call_badly(FB_E_UNAVAILABLE, "it is no HTTP");
}
END_TEST

START_TEST(notices_a_resend_on_a_connection_that_was_reused)
{
    expect_get(200, "warm");
    http_answer_cut(expect_get(200, NULL), HTTP_CUT_ANSWER);
    expect_get(200, "good");
    begin("s3");
    call_well();
    call_well();
    ck_assert_int_eq(response.attempts, 2);
    ck_assert(response.maybe_done);
}
END_TEST

START_TEST(tries_again_after_half_a_body)
{
    http_answer_cut(expect_get(200, "0123456789"), HTTP_CUT_BODY);
    expect_get(200, "0123456789");
    begin("s3");
    call_well();
    ck_assert_str_eq(aws_buf_string(&response.body), "0123456789");
}
END_TEST

START_TEST(gives_up_on_a_server_that_stalls)
{
    settings.max_attempts = 1;
    settings.read_timeout = 300;
    settings.connect_timeout = 100;
    http_answer_cut(expect_get(200, NULL), HTTP_STALL);
    begin("s3");
    call_badly(FB_E_UNAVAILABLE, "no answer in time");
    ck_assert_int_eq(response.status, 0);
    ck_assert(response.maybe_done);
}
END_TEST

START_TEST(keeps_its_deadline)
{
    request.deadline_ms = 500;
    expect_get(503, s3_error("SlowDown"));
    begin("s3");
    call_badly(FB_E_UNAVAILABLE, "SlowDown"); /* waiting would take longer */
    ck_assert_int_eq(pauses, 0);
}
END_TEST

START_TEST(says_that_nobody_listens)
{
    settings.endpoint = "http://127.0.0.1:1";
    begin("s3");
    call_badly(FB_E_UNAVAILABLE, "cannot connect to '127.0.0.1:1'");
    ck_assert(strstr(err.message, "after 3 attempts") != NULL);
    ck_assert(!response.maybe_done);
}
END_TEST

START_TEST(says_nothing_to_a_peer_without_tls)
{
    char url[64];

    snprintf(url, sizeof(url), "https://%s", http_script_host(script));
    settings.endpoint = url;
    settings.max_attempts = 1;
    settings.connect_timeout = 300;
    begin("s3");
    call_badly(FB_E_UNAVAILABLE, "cannot connect to '127.0.0.1:");
    ck_assert_int_eq(http_script_count(script), 0);
    ck_assert(!response.maybe_done);
}
END_TEST

START_TEST(says_that_it_is_a_proxy_that_refuses)
{
    expect_get(407, "");
    begin("s3");
    call_badly(FB_E_CONFIG, "the proxy wants a name and a password");
    ck_assert_ptr_nonnull(strstr(err.hint, "no_proxy"));
}
END_TEST

/* ------------------------------------------------- not to be repeated --- */

static void
make_publish(struct aws_buf *body)
{
    aws_request_release(&request);
    http_script_scope(script, "us-east-1", "sns");
    ck_assert_int_eq(
        aws_query_request(&request, body, "Publish", "2010-03-31", NULL, &err),
        0);
    request.subject = "arn:aws:sns:us-east-1:123456789012:t";
    request.xml_needs = "PublishResult/MessageId";
}

#define PUBLISHED                                              \
    "<PublishResponse><PublishResult><MessageId>m</MessageId>" \
    "</PublishResult></PublishResponse>"

START_TEST(publishes_a_form_and_reads_xml)
{
    struct aws_buf body;
    struct http_step *step;

    make_publish(&body);
    step = http_expect(script, "POST", "/");
    http_expect_header(step, "content-type",
                       "application/x-www-form-urlencoded; charset=utf-8");
    http_expect_in_body(step, "Action=Publish&Version=2010-03-31");
    http_answer(step, 200, PUBLISHED);
    begin("sns");
    call_well();
    ck_assert_str_eq(
        aws_xml_text(aws_xml_root(response.xml), "PublishResult/MessageId"),
        "m");
    aws_buf_release(&body);
}
END_TEST

START_TEST(does_not_repeat_a_publication_whose_answer_was_lost)
{
    struct aws_buf body;

    make_publish(&body);
    http_answer_cut(http_expect(script, "POST", "/"), HTTP_CUT_ANSWER);
    begin("sns");
    call_badly(FB_E_UNAVAILABLE, "cannot Publish 'sns arn:aws:sns:");
    ck_assert(response.maybe_done);
    aws_buf_release(&body);
}
END_TEST

START_TEST(does_not_repeat_a_publication_after_an_internal_error)
{
    struct aws_buf body;

    make_publish(&body);
    http_answer(http_expect(script, "POST", "/"), 500,
                "<ErrorResponse><Error><Code>InternalError</Code>"
                "</Error></ErrorResponse>");
    begin("sns");
    call_badly(FB_E_UNAVAILABLE, "InternalError");
    aws_buf_release(&body);
}
END_TEST

START_TEST(repeats_a_publication_that_was_throttled)
{
    struct aws_buf body;

    make_publish(&body);
    http_answer(http_expect(script, "POST", "/"), 429,
                "<ErrorResponse><Error><Code>Throttled</Code>"
                "</Error></ErrorResponse>");
    http_answer(http_expect(script, "POST", "/"), 200, PUBLISHED);
    begin("sns");
    call_well();
    aws_buf_release(&body);
}
END_TEST

/* ------------------------------------------- good status, bad answer --- */

static const char *const no_answers[] = {
    "<Error><Code>InternalError</Code><Message>x</Message></Error>",
    "  \n<?xml version=\"1.0\"?><Error><Code>SlowDown</Code></Error>",
    "<html>please log in</html>",
    "",
    "<R><ETag></ETag></R>",
    "<!DOCTYPE x [<!ENTITY e \"e\">]><R><ETag>e</ETag></R>",
};

START_TEST(does_not_believe_a_good_status_alone)
{
    expect_get(200, no_answers[_i]);
    expect_get(200, "\n\n<?xml version=\"1.0\"?><R><ETag>e</ETag></R>");
    request.answer = AWS_ANSWER_XML;
    request.xml_root = "R";
    request.xml_needs = "ETag";
    begin("s3");
    call_well();
    ck_assert_int_eq(response.attempts, 2);
}
END_TEST

START_TEST(finds_an_error_in_an_answer_that_nobody_reads)
{
    expect_get(200, s3_error("AccessDenied"));
    begin("s3");
    call_badly(FB_E_PERMISSION, "200 AccessDenied");
}
END_TEST

START_TEST(reads_json_and_its_errors)
{
    static const char body[] = "{\"QueueUrl\":\"q\"}";
    struct http_step *step;

    http_script_scope(script, "us-east-1", "sqs");
    step = http_expect(script, "POST", "/");
    http_expect_header(step, "x-amz-target", "AmazonSQS.ReceiveMessage");
    http_expect_header(step, "content-type", "application/x-amz-json-1.0");
    http_answer(step, 400,
                "{\"__type\":\"com.amazonaws.sqs#ThrottlingException:x\","
                "\"message\":\"slow\"}");
    http_answer(http_expect(script, "POST", "/"), 200,
                "{\"Messages\":[{\"Body\":\"b\"}],\"A\":{\"B\":\"c\"}}");
    step = http_expect(script, "POST", "/");
    http_answer(step, 400, "{\"__type\":\"x#QueueDoesNotExist\"}");
    http_answer_header(step, "x-amzn-query-error",
                       "AWS.SimpleQueueService.NonExistentQueue;Sender");
    aws_request_release(&request);
    aws_json_request(&request, "AmazonSQS.ReceiveMessage", "1.0", body);
    request.idempotent = true;
    begin("sqs");
    call_well();
    ck_assert_str_eq(aws_json_text(response.json, "A.B"), "c");
    call_badly(FB_E_MISSING, "AWS.SimpleQueueService.NonExistentQueue");
}
END_TEST

START_TEST(bounds_an_answer)
{
    size_t size = AWS_BODY_MAX + 1;
    char *body = calloc(1, size);
    struct http_step *step = http_expect(script, "GET", GET_TARGET);

    http_answer_bytes(step, 200, body, size);
    begin("s3");
    call_badly(FB_E_LIMIT, "larger than 16777216 bytes");
    free(body);
}
END_TEST

START_TEST(bounds_the_head_of_an_answer)
{
    size_t size = 80000;
    char *raw = malloc(size + 64);
    size_t at = (size_t)sprintf(raw, "HTTP/1.1 200 OK\r\n");

    while (at < size)
        at += (size_t)sprintf(raw + at, "x-a: 0123456789\r\n");
    sprintf(raw + at, "\r\n");
    http_answer_raw(http_expect(script, "GET", GET_TARGET), raw);
    begin("s3");
    call_badly(FB_E_LIMIT, "its head is larger");
    free(raw);
}
END_TEST

/* --------------------------------------------------------- the sink --- */

struct catcher {
    char text[64];
    size_t size;
    int begins, restarts, status;
};

static int
catch_begin(void *arg, const struct aws_response *answer, struct fb_error *e)
{
    struct catcher *catcher = arg;

    (void)e;
    catcher->begins++;
    catcher->status = answer->status;
    return 0;
}

static int
catch_write(void *arg, const unsigned char *bytes, size_t size,
            struct fb_error *e)
{
    struct catcher *catcher = arg;

    (void)e;
    ck_assert_uint_lt(catcher->size + size, sizeof(catcher->text));
    memcpy(catcher->text + catcher->size, bytes, size);
    catcher->size += size;
    return 0;
}

static int
catch_restart(void *arg)
{
    struct catcher *catcher = arg;

    catcher->size = 0;
    catcher->restarts++;
    return 0;
}

START_TEST(streams_a_body_into_a_sink)
{
    struct catcher catcher = {.size = 0};
    const struct aws_sink sink = {
        .begin = catch_begin, .write = catch_write, .arg = &catcher};

    expect_get(503, s3_error("SlowDown")); /* not for the sink */
    expect_get(206, "0123456789");
    request.sink = &sink;
    begin("s3");
    call_well();
    ck_assert_str_eq(catcher.text, "0123456789");
    ck_assert_int_eq(catcher.begins, 1);
    ck_assert_int_eq(catcher.status, 206);
    ck_assert_uint_eq(response.received, 10);
}
END_TEST

/* What streams has no deadline but this. */
START_TEST(stops_when_a_body_makes_no_progress)
{
    struct catcher catcher = {.size = 0};
    const struct aws_sink sink = {.write = catch_write, .arg = &catcher};

    settings.max_attempts = 1;
    settings.read_timeout = 1000;
    http_answer_cut(expect_get(200, NULL), HTTP_STALL);
    request.sink = &sink;
    begin("s3");
    call_badly(FB_E_UNAVAILABLE, "no answer in time");
}
END_TEST

START_TEST(begins_a_sink_anew_when_it_can)
{
    struct catcher catcher = {.size = 0};
    const struct aws_sink sink = {
        .write = catch_write, .restart = catch_restart, .arg = &catcher};

    http_answer_cut(expect_get(200, "0123456789"), HTTP_CUT_BODY);
    expect_get(200, "abcdefghij");
    request.sink = &sink;
    begin("s3");
    call_well();
    ck_assert_str_eq(catcher.text, "abcdefghij");
    ck_assert_int_eq(catcher.restarts, 1);
    ck_assert_uint_eq(response.received, 10);
}
END_TEST

START_TEST(says_how_much_a_sink_has_when_it_cannot_begin_anew)
{
    struct catcher catcher = {.size = 0};
    const struct aws_sink sink = {.write = catch_write, .arg = &catcher};

    http_answer_cut(expect_get(200, "0123456789"), HTTP_CUT_BODY);
    request.sink = &sink;
    begin("s3");
    call_badly(FB_E_UNAVAILABLE, "cannot get an answer");
    ck_assert_uint_eq(response.received, 5);
}
END_TEST

/* -------------------------------------------------- clock, tokens --- */

START_TEST(corrects_its_clock_once)
{
    struct http_step *step;

    http_script_clock(script, 1200);
    step = expect_get(403, s3_error("RequestTimeTooSkewed"));
    http_expect_skewed(step);
    expect_get(200, "good"); /* dated by the server's clock, or it fails */
    expect_get(200, "good");
    begin("s3");
    call_well();
    ck_assert_int_eq(response.attempts, 2);
    ck_assert_int_eq(pauses, 0);
    call_well();
    ck_assert_int_eq(response.attempts, 1);
}
END_TEST

/* Clocks differ by that much anyway: something else is wrong. */
START_TEST(leaves_a_clock_alone_that_is_nearly_right)
{
    http_script_clock(script, 30);
    http_expect_skewed(expect_get(403, s3_error("RequestTimeTooSkewed")));
    begin("s3");
    call_badly(FB_E_CONFIG, "RequestTimeTooSkewed");
    ck_assert_int_eq(response.attempts, 1);
}
END_TEST

/* By this machine's clock they would last another half hour. */
START_TEST(judges_by_the_corrected_time_whether_keys_have_expired)
{
    char when[21];

    aws_moment_iso(aws_world.now_ms(aws_world.arg) + 1800000, when);
    setenv("AWS_CREDENTIAL_EXPIRATION", when, 1);
    http_script_clock(script, 3600);
    http_expect_skewed(expect_get(403, s3_error("RequestTimeTooSkewed")));
    begin("s3");
    call_badly(FB_E_CONFIG, "they expired at");
}
END_TEST

START_TEST(suspects_its_clock_after_a_wrong_signature)
{
    struct http_step *step;

    http_script_clock(script, -86400);
    step = expect_get(403, s3_error("SignatureDoesNotMatch"));
    http_expect_skewed(step);
    expect_get(200, "good");
    begin("s3");
    call_well();
}
END_TEST

START_TEST(does_not_blame_a_right_clock)
{
    expect_get(403, s3_error("SignatureDoesNotMatch"));
    begin("s3");
    call_badly(FB_E_PERMISSION, "SignatureDoesNotMatch");
    ck_assert(strstr(err.hint, "the environment") != NULL);
    ck_assert_int_eq(response.attempts, 1);
}
END_TEST

START_TEST(refreshes_an_expired_token_once)
{
    struct http_step *step;

    setenv("AWS_SESSION_TOKEN", "old-token-old-token", 1);
    http_script_signer(script, HTTP_SCRIPT_KEY, HTTP_SCRIPT_SECRET,
                       "old-token-old-token");
    step = expect_get(400, s3_error("ExpiredToken"));
    (void)step;
    expect_get(400, s3_error("ExpiredToken"));
    begin("s3");
    call_badly(FB_E_PERMISSION, "ExpiredToken");
    ck_assert_int_eq(response.attempts, 2);
}
END_TEST

/* ---------------------------------------------------------- secrets --- */

START_TEST(shows_no_secret_in_an_error)
{
    static const char token[] = "SeCrEtToKeN/with+special==";
    char body[2048];

    setenv("AWS_SESSION_TOKEN", token, 1);
    http_script_signer(script, HTTP_SCRIPT_KEY, HTTP_SCRIPT_SECRET, token);
    snprintf(body, sizeof(body),
             "<Error><Code>AccessDenied</Code><Message>bad %s and %s, "
             "Authorization=AWS4-HMAC-SHA256 Credential=x</Message>"
             "<StringToSign>AWS4-HMAC-SHA256 canary</StringToSign></Error>",
             token, HTTP_SCRIPT_SECRET);
    expect_get(403, body);
    begin("s3");
    call_badly(FB_E_PERMISSION, "bad *** and ***,");
    ck_assert_ptr_null(strstr(err.message, "AWS4"));
    ck_assert_ptr_null(strstr(err.message, "canary"));
    ck_assert_ptr_null(strstr(err.hint, token));
    ck_assert(strstr(err.hint, "'s3:GetObject'") != NULL);
}
END_TEST

START_TEST(shows_no_part_of_a_secret_where_a_message_is_cut)
{
    char body[1024];

    setenv("AWS_SESSION_TOKEN", "SeCrEtToKeN/with+special==", 1);
    http_script_signer(script, HTTP_SCRIPT_KEY, HTTP_SCRIPT_SECRET,
                       "SeCrEtToKeN/with+special==");
    snprintf(body, sizeof(body),
             "<Error><Code>AccessDenied</Code><Message>%0494d "
             "SeCrEtToKeN/with+special==</Message></Error>",
             0);
    expect_get(403, body);
    begin("s3");
    ck_assert_int_eq(call(), -1);
    ck_assert_uint_gt(strlen(response.message), 494);
    ck_assert_ptr_null(strstr(response.message, "SeCrEtTo"));
}
END_TEST

START_TEST(shows_a_short_harmless_copy_of_an_unknown_answer)
{
    expect_get(403, "no\x1b[31m XML\r\nat all");
    begin("s3");
    call_badly(FB_E_PERMISSION, "403 forbidden: no [31m XML  at all (host ");
}
END_TEST

/* ----------------------------------------------------- told to stop --- */

static bool
stop_at_once(struct fb_step *step)
{
    (void)step;
    return true;
}

static bool
stop_later(struct fb_step *step)
{
    (void)step;
    return http_script_count(script) > 0;
}

static void
log_nothing(struct fb_step *step, enum fb_level level, const char *text)
{
    (void)step, (void)level, (void)text;
}

static struct fb_host stopping = {.size = sizeof(stopping), .log = log_nothing};
static struct fb_step stopped_step = {.host = &stopping};

START_TEST(sends_nothing_once_it_is_cancelled)
{
    stopping.cancelled = stop_at_once;
    begin("s3");
    client->step = &stopped_step;
    call_badly(FB_E_CANCELLED, "told to stop");
    ck_assert_int_eq(response.attempts, 0);
}
END_TEST

START_TEST(stops_waiting_for_an_answer_when_it_is_cancelled)
{
    settings.read_timeout = 20000;
    stopping.cancelled = stop_later;
    http_answer_cut(expect_get(200, NULL), HTTP_STALL);
    begin("s3");
    client->step = &stopped_step;
    call_badly(FB_E_CANCELLED, "told to stop");
    ck_assert_int_eq(response.attempts, 1);
}
END_TEST

/* ---------------------------------------------------------- threads --- */

static void *
call_many(void *arg)
{
    int *failures = arg;

    for (int i = 0; i < 20; i++) {
        struct aws_response mine = {.status = 0};
        struct fb_error problem;

        if (aws_call(client, &request, &mine, &problem) != 0)
            ++*failures;
        aws_response_release(&mine);
    }
    return NULL;
}

START_TEST(serves_several_threads_at_once)
{
    pthread_t threads[4];
    int failures[4] = {0};

    http_script_any_order(script);
    for (int i = 0; i < 80; i++)
        expect_get(200, "x");
    begin("s3");
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, call_many, &failures[i]), 0);
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(failures[i], 0);
    }
    ck_assert_int_eq(http_script_count(script), 80);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("aws_call");
    TCase *tests = tcase_create("call");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, gets_an_object);
    tcase_add_test(tests, sends_a_key_byte_for_byte);
    tcase_add_test(tests, sends_and_signs_a_query_in_its_own_order);
    tcase_add_test(tests, puts_bytes_with_their_hash);
    tcase_add_test(tests, puts_nothing_with_its_length);
    tcase_add_test(tests, sends_a_body_anew_at_each_attempt);
    tcase_add_test(tests, refuses_a_header_with_a_line_break);
    tcase_add_test(tests, refuses_a_key_that_is_not_utf8);
    tcase_add_test(tests, takes_a_status_that_is_expected_for_an_answer);
    tcase_add_loop_test(tests, tries_again_what_may_pass, 0,
                        sizeof(passing) / sizeof(passing[0]));
    tcase_add_loop_test(tests, does_not_try_again_what_lasts, 0,
                        sizeof(lasting) / sizeof(lasting[0]));
    tcase_add_test(tests, gives_up_after_its_attempts);
    tcase_add_test(tests, signs_each_attempt_anew_and_counts_it);
    tcase_add_test(tests, waits_as_long_as_the_service_asks);
    tcase_add_test(tests, spends_no_more_than_its_budget);
    tcase_add_test(tests, tries_again_after_a_lost_answer);
    tcase_add_test(tests, takes_no_header_from_a_trailer);
    tcase_add_test(tests, stops_when_a_body_makes_no_progress);
    tcase_add_test(tests, tries_again_after_an_answer_that_is_no_http);
    tcase_add_test(tests, an_answer_that_is_no_http_is_no_mistake_of_the_user);
    tcase_add_test(tests, notices_a_resend_on_a_connection_that_was_reused);
    tcase_add_test(tests, says_that_it_is_a_proxy_that_refuses);
    tcase_add_test(tests, tries_again_after_half_a_body);
    tcase_add_test(tests, gives_up_on_a_server_that_stalls);
    tcase_add_test(tests, keeps_its_deadline);
    tcase_add_test(tests, says_that_nobody_listens);
    tcase_add_test(tests, says_nothing_to_a_peer_without_tls);
    tcase_add_test(tests, publishes_a_form_and_reads_xml);
    tcase_add_test(tests, does_not_repeat_a_publication_whose_answer_was_lost);
    tcase_add_test(tests,
                   does_not_repeat_a_publication_after_an_internal_error);
    tcase_add_test(tests, repeats_a_publication_that_was_throttled);
    tcase_add_loop_test(tests, does_not_believe_a_good_status_alone, 0,
                        sizeof(no_answers) / sizeof(no_answers[0]));
    tcase_add_test(tests, finds_an_error_in_an_answer_that_nobody_reads);
    tcase_add_test(tests, reads_json_and_its_errors);
    tcase_add_test(tests, bounds_an_answer);
    tcase_add_test(tests, bounds_the_head_of_an_answer);
    tcase_add_test(tests, streams_a_body_into_a_sink);
    tcase_add_test(tests, begins_a_sink_anew_when_it_can);
    tcase_add_test(tests, says_how_much_a_sink_has_when_it_cannot_begin_anew);
    tcase_add_test(tests, corrects_its_clock_once);
    tcase_add_test(tests, leaves_a_clock_alone_that_is_nearly_right);
    tcase_add_test(tests,
                   judges_by_the_corrected_time_whether_keys_have_expired);
    tcase_add_test(tests, suspects_its_clock_after_a_wrong_signature);
    tcase_add_test(tests, does_not_blame_a_right_clock);
    tcase_add_test(tests, refreshes_an_expired_token_once);
    tcase_add_test(tests, shows_no_secret_in_an_error);
    tcase_add_test(tests, shows_no_part_of_a_secret_where_a_message_is_cut);
    tcase_add_test(tests, shows_a_short_harmless_copy_of_an_unknown_answer);
    tcase_add_test(tests, sends_nothing_once_it_is_cancelled);
    tcase_add_test(tests, stops_waiting_for_an_answer_when_it_is_cancelled);
    tcase_add_test(tests, serves_several_threads_at_once);
    suite_add_tcase(suite, tests);
    return suite;
}
