/*
 * The plugin `sqs`: which queues it takes, what it asks of them, and what it
 * makes of their messages.  What becomes of announced objects in a run, the
 * end-to-end tests show.
 */
#include "support/aws_kit.h"
#include "support/fake_host.h"
#include "support/http_script.h"
#include "unit/main.h"

#include "aws/digest.h"

#include <jansson.h>
#include <stdlib.h>

#define URL "https://sqs.us-east-1.amazonaws.com/123456789012/uploads"
#define FOUND_MAX 16

static struct fake *fake;
static struct http_script *script;

static struct {
    char uri[1200], generation[200], token[1000];
    uint64_t size;
    int64_t modified_ms;
} founds[FOUND_MAX];
static int found_count, found_stop;

static void
setup(void)
{
    aws_kit_environment();
    aws_kit_keys(NULL);
    fake = fake_new("sqs", FB_SOURCE);
    fake->uri = "sqs://uploads";
    script = http_script_new();
    http_script_scope(script, "us-east-1", "sqs");
    fake_option(fake, "region", "us-east-1");
    fake_option(fake, "endpoint", http_script_url(script));
    fake_option(fake, "poll", "0s");
    fake_option(fake, "max_attempts", "1");
    found_count = 0;
    found_stop = 0;
}

static void
teardown(void)
{
    fake_free(fake);
}

/* --- what the queue is asked, and answers --- */

static struct http_step *
expect(const char *operation)
{
    struct http_step *step = http_expect(script, "POST", "/");
    char target[64];

    snprintf(target, sizeof(target), "AmazonSQS.%s", operation);
    http_expect_header(step, "x-amz-target", target);
    http_expect_header(step, "content-type", "application/x-amz-json-1.0");
    http_expect_header(step, "x-amzn-query-mode", "true");
    return step;
}

static struct http_step *
expect_url(void)
{
    struct http_step *step = expect("GetQueueUrl");

    http_answer(step, 200, "{\"QueueUrl\":\"" URL "\"}");
    return step;
}

/* The messages of one answer: what receive_all puts there. */
static json_t *messages;

static json_t *
add_message(const char *id, const char *body)
{
    char digest[AWS_MD5_HEX], receipt[64];
    json_t *one;

    ck_assert_int_eq(aws_md5_hex(body, strlen(body), digest), 0);
    snprintf(receipt, sizeof(receipt), "receipt-of-%s", id);
    if (messages == NULL)
        messages = json_array();
    one = json_pack("{s:s,s:s,s:s,s:s,s:{s:s,s:s}}", "MessageId", id,
                    "ReceiptHandle", receipt, "MD5OfBody", digest, "Body", body,
                    "Attributes", "SentTimestamp", "1746800000123",
                    "ApproximateReceiveCount", "2");
    ck_assert_ptr_nonnull(one);
    json_array_append_new(messages, one);
    return one;
}

/* One object in S3's own words; the key as it stands in an event. */
static const char *
event(const char *name, const char *key, const char *sequencer)
{
    static char text[8][2048];
    static int next;
    char *out = text[next++ % 8];

    snprintf(out, sizeof(text[0]),
             "{\"eventVersion\":\"2.1\",\"eventSource\":\"aws:s3\","
             "\"eventName\":\"%s\",\"s3\":{\"bucket\":{\"name\":\"my-bucket\"},"
             "\"object\":{\"key\":\"%s\",\"size\":12,\"eTag\":\"e1\","
             "\"sequencer\":\"%s\"}}}",
             name, key, sequencer);
    return out;
}

static const char *
records(const char *first, const char *second)
{
    static char text[8][4500];
    static int next;
    char *out = text[next++ % 8];

    snprintf(out, sizeof(text[0]), "{\"Records\":[%s%s%s]}", first,
             second != NULL ? "," : "", second != NULL ? second : "");
    return out;
}

static const char *
created(const char *key)
{
    return records(event("ObjectCreated:Put", key, "0055"), NULL);
}

/* What was added comes with the next answer. */
static struct http_step *
expect_receive(void)
{
    struct http_step *step = expect("ReceiveMessage");
    json_t *answer = json_object();
    char *text;

    if (messages != NULL)
        json_object_set_new(answer, "Messages", messages);
    messages = NULL;
    text = json_dumps(answer, 0);
    http_expect_in_body(step, "\"QueueUrl\":\"" URL "\"");
    http_answer(step, 200, text);
    json_decref(answer);
    free(text);
    return step;
}

/* With real queues the answer has no body. */
static struct http_step *
expect_delete(const char *id)
{
    struct http_step *step = expect("DeleteMessage");
    char part[100];

    snprintf(part, sizeof(part), "\"ReceiptHandle\":\"receipt-of-%s\"", id);
    http_expect_in_body(step, part);
    http_expect_in_body(step, "\"QueueUrl\":\"" URL "\"");
    return step;
}

/* --- what the host does --- */

static int
keep_found(void *arg, const struct fb_object *object)
{
    (void)arg;
    ck_assert_int_lt(found_count, FOUND_MAX);
    snprintf(founds[found_count].uri, sizeof(founds[0].uri), "%s", object->uri);
    snprintf(founds[found_count].generation, sizeof(founds[0].generation), "%s",
             object->generation);
    snprintf(founds[found_count].token, sizeof(founds[0].token), "%s",
             object->token);
    founds[found_count].size = object->size;
    founds[found_count].modified_ms = object->modified_ms;
    found_count++;
    return found_stop;
}

static int
discover(void)
{
    int status;

    http_script_start(script);
    ck_assert_msg(fake_check(fake) == 0, "%s", fake->err.message);
    status = fake->plugin->discover(fake->self, &fake->step, keep_found, NULL,
                                    &fake->err);
    http_script_finish(script);
    return status;
}

/* All that is in the queue, in one answer and an empty one. */
static void
discovers(int count)
{
    ck_assert_msg(discover() == 0, "%s", fake->err.message);
    ck_assert_int_eq(found_count, count);
}

static void
receive_all(void)
{
    expect_url();
    expect_receive();
    expect_receive();
}

static void
expect_found(int index, const char *uri, const char *generation)
{
    ck_assert_int_lt(index, found_count);
    ck_assert_str_eq(founds[index].uri, uri);
    ck_assert_str_eq(founds[index].generation, generation);
}

static int
settle(const char *token, bool success)
{
    const struct fb_object object = {
        .uri = "s3://my-bucket/a.csv", .generation = "g", .token = token};
    int status;

    http_script_start(script);
    ck_assert_msg(fake_check(fake) == 0, "%s", fake->err.message);
    status = fake->plugin->settle(fake->self, &fake->step, &object, success,
                                  &fake->err);
    http_script_finish(script);
    return status;
}

static void
logged(enum fb_level level, const char *part)
{
    for (int i = 0; i < fake->log_count; i++)
        if (fake->levels[i] == level && strstr(fake->logs[i], part) != NULL)
            return;
    ck_abort_msg("not logged: %s", part);
}

static int
count_logged(const char *part)
{
    int count = 0;

    for (int i = 0; i < fake->log_count; i++)
        count += strstr(fake->logs[i], part) != NULL;
    return count;
}

static void
refused(const char *option, const char *why)
{
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, option);
    ck_assert_msg(strstr(fake->err.message, why) != NULL, "%s",
                  fake->err.message);
}

static void
no_server(void)
{
    http_script_start(script);
    http_script_finish(script);
}

/* --- which queue --- */

START_TEST(asks_for_the_url_of_a_name)
{
    static const char body[] = "{\"QueueName\":\"uploads\"}";

    http_expect_body(expect_url(), body, strlen(body));
    expect_receive();
    discovers(0);
}
END_TEST

START_TEST(asks_for_the_url_of_a_name_in_another_account)
{
    static const char body[] = "{\"QueueName\":\"up_lo-ads.fifo\","
                               "\"QueueOwnerAWSAccountId\":\"123456789012\"}";

    fake->uri = "sqs://123456789012/up_lo-ads.fifo";
    http_expect_body(expect_url(), body, strlen(body));
    expect_receive();
    discovers(0);
}
END_TEST

START_TEST(takes_the_region_of_an_arn)
{
    struct http_step *step;

    http_script_scope(script, "eu-west-1", "sqs");
    fake->uri = "sqs://arn:aws:sqs:eu-west-1:123456789012:uploads";
    fake_option(fake, "region", "eu-west-1");
    step = expect_url();
    http_expect_in_body(step, "\"QueueOwnerAWSAccountId\":\"123456789012\"");
    expect_receive();
    discovers(0);
}
END_TEST

START_TEST(refuses_what_names_no_queue)
{
    static const char *const bad[] = {
        "sqs://",
        "sqs:uploads",
        "sqs://a b",
        "sqs://a/b",
        "sqs://123456789012/",
        "sqs://12345/uploads",
        "sqs://uploads.txt",
        "sqs://.fifo",
        "sqs://https://sqs.us-east-1.amazonaws.com/123456789012/q",
        "sqs://arn:aws:sns:us-east-1:123456789012:q",
        "sqs://arn:aws:sqs:us-east-1:123456789012",
        "sqs://arn:aws:sqs:us.east:123456789012:q",
        "sqs://arn:aws-cn:sqs:us-east-1:123456789012:q",
    };
    char longer[100];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        fake->uri = bad[i];
        refused("uri", "names no queue");
    }
    snprintf(longer, sizeof(longer), "sqs://%081d", 1);
    fake->uri = longer;
    refused("uri", "names no queue");
    no_server();
}
END_TEST

START_TEST(refuses_a_region_that_is_not_the_arns)
{
    fake->uri = "sqs://arn:aws:sqs:eu-west-1:123456789012:uploads";
    refused("region", "lies in 'eu-west-1', not in 'us-east-1'");
    no_server();
}
END_TEST

START_TEST(refuses_parts_of_a_second)
{
    fake_option(fake, "poll", "1500ms");
    refused("poll", "whole seconds");
    no_server();
}
END_TEST

START_TEST(says_that_there_is_no_such_queue)
{
    http_answer(expect("GetQueueUrl"), 400,
                "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\","
                "\"message\":\"The specified queue does not exist.\"}");
    ck_assert_int_eq(discover(), -1);
    ck_assert_int_eq(fake->err.code, FB_E_CONFIG);
    ck_assert_str_eq(fake->err.message,
                     "cannot reach 'sqs://uploads': there is no such queue");
}
END_TEST

START_TEST(names_the_action_that_is_not_allowed)
{
    expect_url();
    http_answer(expect("ReceiveMessage"), 403,
                "{\"__type\":\"com.amazon.coral.service#AccessDeniedException\""
                ",\"message\":\"no\"}");
    ck_assert_int_eq(discover(), -1);
    ck_assert_int_eq(fake->err.code, FB_E_PERMISSION);
    ck_assert_msg(strstr(fake->err.hint, "'sqs:ReceiveMessage'") != NULL, "%s",
                  fake->err.hint);
}
END_TEST

START_TEST(names_the_key_that_may_not_be_used)
{
    expect_url();
    http_answer(expect("ReceiveMessage"), 400,
                "{\"__type\":\"com.amazonaws.sqs#KmsAccessDenied\","
                "\"message\":\"no\"}");
    ck_assert_int_eq(discover(), -1);
    ck_assert_int_eq(fake->err.code, FB_E_PERMISSION);
    ck_assert_msg(strstr(fake->err.hint, "kms:Decrypt") != NULL, "%s",
                  fake->err.hint);
}
END_TEST

/* --- receiving --- */

START_TEST(receives_until_nothing_comes)
{
    struct http_step *first;

    fake_option(fake, "poll", "2s");
    fake_option(fake, "visibility", "10m");
    expect_url();
    add_message("m1", created("raw/a.csv"));
    first = expect_receive();
    http_expect_in_body(first, "\"MaxNumberOfMessages\":10,");
    http_expect_in_body(first, "\"WaitTimeSeconds\":2,");
    http_expect_in_body(first, "\"VisibilityTimeout\":600,");
    http_expect_in_body(first, "\"SentTimestamp\"");
    add_message("m2", created("raw/b.csv"));
    expect_receive();
    expect_receive();
    discovers(2);
    expect_found(0, "s3://my-bucket/raw/a.csv", "announced-0055");
    ck_assert_uint_eq(founds[0].size, 12);
    ck_assert_int_eq(founds[0].modified_ms, INT64_C(1746800000123));
    ck_assert_str_eq(founds[0].token, URL "\nreceipt-of-m1\n");
    expect_found(1, "s3://my-bucket/raw/b.csv", "announced-0055");
}
END_TEST

START_TEST(receives_no_more_than_it_may)
{
    fake_option(fake, "max_messages", "12");
    expect_url();
    for (int i = 0; i < 10; i++) {
        char key[16];

        snprintf(key, sizeof(key), "%d.csv", i);
        add_message(key, created(key));
    }
    expect_receive();
    add_message("x1", created("x1.csv"));
    add_message("x2", created("x2.csv"));
    http_expect_in_body(expect_receive(), "\"MaxNumberOfMessages\":2,");
    discovers(12);
}
END_TEST

START_TEST(stops_when_it_is_told_to)
{
    fake->cancelled = true;
    ck_assert_int_eq(discover(), -1);
    ck_assert_int_eq(fake->err.code, FB_E_CANCELLED);
}
END_TEST

START_TEST(stops_listing_when_the_host_does)
{
    found_stop = 1;
    add_message("m1", created("a.csv"));
    add_message("m2", created("b.csv"));
    receive_all();
    discovers(1);
}
END_TEST

START_TEST(leaves_a_damaged_message_where_it_is)
{
    json_t *one = add_message("m1", created("a.csv"));

    json_object_set_new(one, "MD5OfBody",
                        json_string("00000000000000000000000000000000"));
    add_message("m2", created("b.csv"));
    receive_all();
    discovers(1);
    expect_found(0, "s3://my-bucket/b.csv", "announced-0055");
    logged(FB_WARN, "came damaged and is left there (id m1)");
}
END_TEST

/* --- what messages say --- */

START_TEST(decodes_a_key_exactly_once)
{
    add_message("m1", created("in/a+b%2Bc%2525%C3%A9.csv"));
    receive_all();
    discovers(1);
    expect_found(0, "s3://my-bucket/in/a b+c%25\xc3\xa9.csv", "announced-0055");
}
END_TEST

static const char bridge[] =
    "{\"version\":\"0\",\"source\":\"aws.s3\",\"detail-type\":\"%s\","
    "\"detail\":{\"bucket\":{\"name\":\"my-bucket\"},\"object\":{\"key\":"
    "\"a+b%%2B.csv\",\"size\":3,\"etag\":\"e9\"%s}}}";

START_TEST(takes_the_key_of_an_eventbridge_event_as_it_is)
{
    char text[1024];

    snprintf(text, sizeof(text), bridge, "Object Created", "");
    add_message("m1", text);
    receive_all();
    discovers(1);
    expect_found(0, "s3://my-bucket/a+b%2B.csv", "announced-e9-3");
}
END_TEST

static const char *
envelope(const char *message)
{
    static char out[8192];
    json_t *json =
        json_pack("{s:s,s:s,s:s}", "Type", "Notification", "TopicArn",
                  "arn:aws:sns:us-east-1:1:t", "Message", message);
    char *text = json_dumps(json, 0);

    ck_assert_ptr_nonnull(text);
    snprintf(out, sizeof(out), "%s", text);
    free(text);
    json_decref(json);
    return out;
}

START_TEST(opens_the_envelope_of_sns)
{
    char text[1024];

    add_message("m1", envelope(created("a.csv")));
    snprintf(text, sizeof(text), bridge, "Object Created",
             ",\"sequencer\":\"7\"");
    add_message("m2", envelope(text));
    receive_all();
    discovers(2);
    expect_found(0, "s3://my-bucket/a.csv", "announced-0055");
    expect_found(1, "s3://my-bucket/a+b%2B.csv", "announced-7");
}
END_TEST

START_TEST(takes_the_events_of_other_stores)
{
    add_message("m1", "{\"EventName\":\"s3:ObjectCreated:Put\",\"Records\":[{"
                      "\"eventVersion\":\"2.0\",\"eventSource\":\"minio:s3\","
                      "\"eventName\":\"s3:ObjectCreated:Put\",\"s3\":{"
                      "\"bucket\":{\"name\":\"my-bucket\"},\"object\":{"
                      "\"key\":\"a.csv\",\"size\":1}}}]}");
    receive_all();
    discovers(1);
    expect_found(0, "s3://my-bucket/a.csv", "announced-m1");
}
END_TEST

START_TEST(deletes_what_announces_no_object)
{
    char text[1024];

    add_message("test", "{\"Service\":\"Amazon S3\",\"Event\":"
                        "\"s3:TestEvent\",\"Bucket\":\"my-bucket\"}");
    add_message("gone",
                records(event("ObjectRemoved:Delete", "a.csv", "1"), NULL));
    snprintf(text, sizeof(text), bridge, "Object Deleted", "");
    add_message("bridge", text);
    receive_all();
    expect_delete("test");
    expect_delete("gone");
    expect_delete("bridge");
    discovers(0);
}
END_TEST

START_TEST(leaves_what_nobody_understands_to_the_redrive_policy)
{
    static const char of_version_3[] =
        "{\"Records\":[{\"eventSource\":\"aws:s3\",\"eventVersion\":\"3.0\","
        "\"eventName\":\"ObjectCreated:Put\"}]}";
    static const char *const poison[] = {
        "hello",
        "[]",
        "{}",
        "{\"Records\":{}}",
        "{\"Records\":[{\"eventSource\":\"aws:ses\"}]}",
        of_version_3,
        "{\"Type\":\"Notification\",\"Message\":\"hello\"}",
        "{\"source\":\"aws.ec2\",\"detail-type\":\"Object Created\"}",
    };
    char id[8];

    for (size_t i = 0; i < 8; i++) {
        snprintf(id, sizeof(id), "p%zu", i);
        add_message(id, poison[i]);
    }
    add_message("good", created("a.csv"));
    receive_all();
    discovers(1);
    logged(FB_WARN, "message p0 of 'sqs://uploads' is left in the queue: "
                    "cannot read the JSON");
    logged(FB_WARN, "message p4 of 'sqs://uploads' is left in the queue: it "
                    "is no event of S3 (received 2 times)");
    logged(FB_WARN, "its version is '3.0', not 2");
    ck_assert_int_eq(count_logged("is left in the queue"), 8);
}
END_TEST

START_TEST(leaves_names_that_nobody_can_have)
{
    char key[1100];

    add_message("p0", created("a%ZZ.csv"));
    add_message("p1", created("a%FF.csv"));
    add_message("p2", created("a%00.csv"));
    add_message("p3", created(""));
    memset(key, 'k', 1025);
    key[1025] = '\0';
    add_message("p4", created(key));
    add_message("p5", "{\"Records\":[{\"eventSource\":\"aws:s3\","
                      "\"eventVersion\":\"2.1\",\"eventName\":"
                      "\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":"
                      "\"b/raw\"},\"object\":{\"key\":\"a.csv\"}}}]}");
    add_message("p6", "{\"Records\":[{\"eventSource\":\"aws:s3\","
                      "\"eventVersion\":\"2.1\",\"eventName\":"
                      "\"ObjectCreated:Put\"}]}");
    receive_all();
    discovers(0);
    ck_assert_int_eq(count_logged("is left in the queue"), 7);
}
END_TEST

/* The good half is not handled either: its message could not be deleted. */
START_TEST(takes_a_message_whole_or_not_at_all)
{
    add_message("p0", records(event("ObjectCreated:Put", "a.csv", "1"),
                              event("ObjectCreated:Put", "%ZZ", "1")));
    add_message("m1", created("b.csv"));
    receive_all();
    discovers(1);
    expect_found(0, "s3://my-bucket/b.csv", "announced-0055");
    ck_assert_str_eq(founds[0].token, URL "\nreceipt-of-m1\n");
}
END_TEST

/* --- putting together --- */

START_TEST(names_an_object_once_with_all_its_messages)
{
    add_message("m1", created("a.csv"));
    add_message("m2", created("b.csv"));
    add_message("m3", created("a.csv"));
    receive_all();
    discovers(2);
    expect_found(0, "s3://my-bucket/a.csv", "announced-0055");
    ck_assert_str_eq(founds[0].token, URL "\nreceipt-of-m1\nreceipt-of-m3\n");
    ck_assert_str_eq(founds[1].token, URL "\nreceipt-of-m2\n");
}
END_TEST

START_TEST(takes_the_latest_of_several_events_of_a_key)
{
    add_message("m1", records(event("ObjectCreated:Put", "a", "0055B"), NULL));
    add_message("m2", records(event("ObjectCreated:Put", "a", "0055AF"), NULL));
    add_message("m3", records(event("ObjectCreated:Put", "b", "0055"), NULL));
    add_message("m4", records(event("ObjectCreated:Put", "b", "00550"), NULL));
    add_message("m5", records(event("ObjectCreated:Put", "b", "005501"), NULL));
    receive_all();
    discovers(2);
    expect_found(0, "s3://my-bucket/a", "announced-0055B");
    expect_found(1, "s3://my-bucket/b", "announced-005501");
}
END_TEST

START_TEST(gives_one_token_to_what_can_only_be_deleted_together)
{
    add_message("m1", created("a.csv"));
    add_message("m2", records(event("ObjectCreated:Put", "b.csv", "1"),
                              event("ObjectCreated:Put", "c.csv", "1")));
    add_message("m3", records(event("ObjectCreated:Put", "c.csv", "2"),
                              event("ObjectCreated:Put", "a.csv", "2")));
    add_message("m4", created("d.csv"));
    receive_all();
    discovers(4);
    for (int i = 0; i < 3; i++)
        ck_assert_str_eq(founds[i].token, URL "\nreceipt-of-m1\nreceipt-of-m2\n"
                                              "receipt-of-m3\n");
    expect_found(3, "s3://my-bucket/d.csv", "announced-0055");
    ck_assert_str_eq(founds[3].token, URL "\nreceipt-of-m4\n");
}
END_TEST

/* --- acknowledging --- */

START_TEST(deletes_every_message_of_an_object)
{
    expect_delete("m1");
    expect_delete("m3");
    ck_assert_msg(settle(URL "\nreceipt-of-m1\nreceipt-of-m3\n", true) == 0,
                  "%s", fake->err.message);
}
END_TEST

START_TEST(deletes_the_message_of_a_failure_too)
{
    expect_delete("m1");
    ck_assert_int_eq(settle(URL "\nreceipt-of-m1\n", false), 0);
}
END_TEST

START_TEST(leaves_the_message_of_a_failure_when_that_is_wanted)
{
    fake_option(fake, "on_failure", "keep");
    ck_assert_int_eq(settle(URL "\nreceipt-of-m1\n", false), 0);
}
END_TEST

START_TEST(deletes_nothing_for_an_object_without_a_message)
{
    ck_assert_int_eq(settle(NULL, true), 0);
}
END_TEST

START_TEST(takes_an_outdated_receipt_for_deleted)
{
    http_answer(expect_delete("m1"), 400,
                "{\"__type\":\"com.amazonaws.sqs#ReceiptHandleIsInvalid\","
                "\"message\":\"The input receipt handle is invalid.\"}");
    expect_delete("m2");
    ck_assert_int_eq(settle(URL "\nreceipt-of-m1\nreceipt-of-m2\n", true), 0);
    logged(FB_INFO, "handed out again");
}
END_TEST

START_TEST(deletes_the_others_when_one_cannot_be)
{
    http_answer(expect_delete("m1"), 403,
                "{\"__type\":\"com.amazonaws.sqs#AccessDenied\"}");
    expect_delete("m2");
    ck_assert_int_eq(settle(URL "\nreceipt-of-m1\nreceipt-of-m2\n", true), -1);
    ck_assert_int_eq(fake->err.code, FB_E_PERMISSION);
    ck_assert_msg(strstr(fake->err.hint, "'sqs:DeleteMessage'") != NULL, "%s",
                  fake->err.hint);
}
END_TEST

START_TEST(keeps_a_message_hidden_while_its_run_works)
{
    const struct fb_object object = {.uri = "s3://my-bucket/a.csv",
                                     .generation = "g",
                                     .token = URL "\nreceipt-of-m1\n"};
    struct http_step *step = expect("ChangeMessageVisibility");

    http_expect_in_body(step, "\"ReceiptHandle\":\"receipt-of-m1\"");
    http_expect_in_body(step, "\"VisibilityTimeout\":300");
    http_script_start(script);
    ck_assert_int_eq(fake_check(fake), 0);
    /* The second time it is too early to ask again. */
    for (int i = 0; i < 2; i++)
        ck_assert_msg(fake->plugin->renew(fake->self, &fake->step, &object,
                                          &fake->err) == 0,
                      "%s", fake->err.message);
    http_script_finish(script);
}
END_TEST

START_TEST(says_that_a_message_could_not_be_kept_hidden)
{
    const struct fb_object object = {.uri = "s3://my-bucket/a.csv",
                                     .generation = "g",
                                     .token = URL "\nreceipt-of-m1\n"};

    http_answer(expect("ChangeMessageVisibility"), 400,
                "{\"__type\":\"com.amazonaws.sqs#MessageNotInflight\"}");
    http_script_start(script);
    ck_assert_int_eq(fake_check(fake), 0);
    ck_assert_int_eq(
        fake->plugin->renew(fake->self, &fake->step, &object, &fake->err), -1);
    ck_assert_msg(strstr(fake->err.message, "MessageNotInflight") != NULL, "%s",
                  fake->err.message);
    http_script_finish(script);
}
END_TEST

/* --- looking --- */

static int
probe(const char *attributes)
{
    int status;

    expect_url();
    http_answer(expect("GetQueueAttributes"), 200, attributes);
    http_script_start(script);
    ck_assert_int_eq(fake_check(fake), 0);
    status = fake->plugin->probe(fake->self, &fake->step, &fake->err);
    http_script_finish(script);
    return status;
}

START_TEST(looks_without_receiving)
{
    ck_assert_int_eq(probe("{\"Attributes\":{\"RedrivePolicy\":\"{}\"}}"), 0);
    logged(FB_INFO, "will need sqs:ReceiveMessage, sqs:DeleteMessage");
    ck_assert_int_eq(count_logged("redrive"), 0);
}
END_TEST

START_TEST(warns_of_a_queue_without_a_redrive_policy)
{
    ck_assert_int_eq(probe("{\"Attributes\":{\"VisibilityTimeout\":\"30\"}}"),
                     0);
    logged(FB_WARN, "no redrive policy");
}
END_TEST

static TCase *
queue_tests(void)
{
    TCase *tests = tcase_create("queue");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, asks_for_the_url_of_a_name);
    tcase_add_test(tests, asks_for_the_url_of_a_name_in_another_account);
    tcase_add_test(tests, takes_the_region_of_an_arn);
    tcase_add_test(tests, refuses_what_names_no_queue);
    tcase_add_test(tests, refuses_a_region_that_is_not_the_arns);
    tcase_add_test(tests, refuses_parts_of_a_second);
    tcase_add_test(tests, says_that_there_is_no_such_queue);
    tcase_add_test(tests, names_the_action_that_is_not_allowed);
    tcase_add_test(tests, names_the_key_that_may_not_be_used);
    tcase_add_test(tests, receives_until_nothing_comes);
    tcase_add_test(tests, receives_no_more_than_it_may);
    tcase_add_test(tests, stops_when_it_is_told_to);
    tcase_add_test(tests, stops_listing_when_the_host_does);
    tcase_add_test(tests, leaves_a_damaged_message_where_it_is);
    return tests;
}

static TCase *
message_tests(void)
{
    TCase *tests = tcase_create("messages");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, decodes_a_key_exactly_once);
    tcase_add_test(tests, takes_the_key_of_an_eventbridge_event_as_it_is);
    tcase_add_test(tests, opens_the_envelope_of_sns);
    tcase_add_test(tests, takes_the_events_of_other_stores);
    tcase_add_test(tests, deletes_what_announces_no_object);
    tcase_add_test(tests, leaves_what_nobody_understands_to_the_redrive_policy);
    tcase_add_test(tests, leaves_names_that_nobody_can_have);
    tcase_add_test(tests, takes_a_message_whole_or_not_at_all);
    tcase_add_test(tests, names_an_object_once_with_all_its_messages);
    tcase_add_test(tests, takes_the_latest_of_several_events_of_a_key);
    tcase_add_test(tests, gives_one_token_to_what_can_only_be_deleted_together);
    return tests;
}

static TCase *
answer_tests(void)
{
    TCase *tests = tcase_create("answers");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, deletes_every_message_of_an_object);
    tcase_add_test(tests, deletes_the_message_of_a_failure_too);
    tcase_add_test(tests, leaves_the_message_of_a_failure_when_that_is_wanted);
    tcase_add_test(tests, deletes_nothing_for_an_object_without_a_message);
    tcase_add_test(tests, takes_an_outdated_receipt_for_deleted);
    tcase_add_test(tests, deletes_the_others_when_one_cannot_be);
    tcase_add_test(tests, keeps_a_message_hidden_while_its_run_works);
    tcase_add_test(tests, says_that_a_message_could_not_be_kept_hidden);
    tcase_add_test(tests, looks_without_receiving);
    tcase_add_test(tests, warns_of_a_queue_without_a_redrive_policy);
    return tests;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("sqs");

    suite_add_tcase(suite, queue_tests());
    suite_add_tcase(suite, message_tests());
    suite_add_tcase(suite, answer_tests());
    return suite;
}
