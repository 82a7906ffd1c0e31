/*
 * The plugin `sns`: which topics it takes, what it publishes, and what the
 * answers mean.  The server is scripted and checks the signatures; what SNS
 * makes of a message is not shown here.
 */
#include "support/fake_host.h"
#include "support/http_script.h"
#include "unit/main.h"

#include <jansson.h>
#include <stdlib.h>

#define TOPIC "arn:aws:sns:us-east-1:123456789012:orders"

static const char published[] =
    "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">"
    "<PublishResult><MessageId>m-1</MessageId></PublishResult>"
    "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>"
    "</PublishResponse>";

static struct fake *fake;
static struct http_script *script;

static void
setup(void)
{
    fake = fake_new("sns", FB_NOTIFIER);
    fake->uri = TOPIC;
    script = http_script_new();
    http_script_scope(script, "us-east-1", "sns");
    fake_option(fake, "endpoint", http_script_url(script));
    fake_option(fake, "access_key_id", HTTP_SCRIPT_KEY);
    fake_option(fake, "secret_access_key", HTTP_SCRIPT_SECRET);
}

static void
teardown(void)
{
    http_script_finish(script);
    fake_free(fake);
}

static struct fb_report
report_of(const char *text, const char *json)
{
    return (struct fb_report){
        .size = sizeof(struct fb_report),
        .pipeline = "orders",
        .run_id = "00ff",
        .outcome = "success",
        .subject = "orders: success for a.csv",
        .text = text,
        .json = json,
        .attempt = 2,
    };
}

static int
notify(const struct fb_report *report)
{
    int status;

    http_script_start(script);
    ck_assert_msg(fake_begin(fake) == 0, "%s", fake->err.message);
    status = fake->plugin->notify(fake->self, &fake->step, report, &fake->err);
    fake_close(fake);
    ck_assert_int_eq(status != 0, fake->err.code != FB_E_NONE);
    return status;
}

static int
notify_plain(void)
{
    const struct fb_report report = report_of("orders: success\n", "{}");

    return notify(&report);
}

static struct http_step *
expect_publish(void)
{
    struct http_step *step = http_expect(script, "POST", "/");

    http_answer(step, 200, published);
    return step;
}

static void
answer_error(struct http_step *step, int status, const char *code)
{
    char text[512];

    snprintf(text, sizeof(text),
             "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code>"
             "<Message>no</Message></Error><RequestId>r-9</RequestId>"
             "</ErrorResponse>",
             code);
    http_answer(step, status, text);
}

static int
hex_of(char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* The value of a field of the form that came, decoded; NULL: none.  The
 * caller frees it. */
static char *
field(const struct http_step *step, const char *name)
{
    size_t size, length = strlen(name);
    const char *p = http_seen_body(step, &size);
    char *value, *to;

    while (strncmp(p, name, length) != 0 || p[length] != '=') {
        p = strchr(p, '&');
        if (p == NULL)
            return NULL;
        p++;
    }
    value = to = calloc(1, size + 1);
    for (p += length + 1; *p != '\0' && *p != '&'; p++) {
        if (*p == '%') {
            *to++ = (char)(hex_of(p[1]) << 4 | hex_of(p[2]));
            p += 2;
        } else {
            *to++ = *p == '+' ? ' ' : *p;
        }
    }
    return value;
}

static void
field_is(const struct http_step *step, const char *name, const char *wanted)
{
    char *value = field(step, name);

    ck_assert_msg(value != NULL, "no field %s", name);
    ck_assert_str_eq(value, wanted);
    free(value);
}

/* --- topics --- */

START_TEST(takes_topics_of_every_partition)
{
    static const char *const good[] = {
        TOPIC,
        "arn:aws:sns:ap-northeast-1:123456789012:Orders_2-x.fifo",
        "arn:aws-cn:sns:cn-north-1:123456789012:o",
        "arn:aws-us-gov:sns:us-gov-west-1:123456789012:o",
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        fake->uri = good[i];
        ck_assert_msg(fake_check(fake) == 0, "%s", fake->err.message);
    }
}
END_TEST

START_TEST(refuses_what_is_no_topic)
{
    static const char *const bad[] = {
        "arn:aws:sns:us-east-1:123456789012:",
        "arn:aws:sns:us-east-1:123456789012",
        "arn:aws:sqs:us-east-1:123456789012:orders",
        "arn:aws:sns::123456789012:orders",
        "arn:aws:sns:us-east-1.evil.example:123456789012:orders",
        "arn:aws:sns:us-east-1/:123456789012:orders",
        "arn:aws:sns:us-east-1:12345678901:orders",
        "arn:aws:sns:us-east-1:1234567890123:orders",
        "arn:aws:sns:us-east-1:12345678901x:orders",
        "arn:aws:sns:us-east-1:123456789012:ord ers",
        "arn:aws:sns:us-east-1:123456789012:orders.fif",
        "arn:aws:sns:us-east-1:123456789012:.fifo",
        "arn:aws:sns:us-east-1:123456789012:orders:8a21d249-1111",
        "arn:aws:sns:cn-north-1:123456789012:orders",
        NULL,
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        fake->uri = bad[i];
        ck_assert_msg(fake_check(fake) == -1, "%s", bad[i]);
        ck_assert_str_eq(fake->refused_option, "uri");
    }
}
END_TEST

START_TEST(the_region_is_that_of_the_topic)
{
    fake_option(fake, "region", "us-east-1");
    ck_assert_int_eq(fake_check(fake), 0);
    fake_option(fake, "region", "eu-west-1");
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, "region");
}
END_TEST

/* --- messages --- */

START_TEST(publishes_text_with_attributes_to_filter_by)
{
    struct http_step *step = expect_publish();

    ck_assert_msg(notify_plain() == 0, "%s", fake->err.message);
    field_is(step, "Action", "Publish");
    field_is(step, "Version", "2010-03-31");
    field_is(step, "TopicArn", TOPIC);
    field_is(step, "Subject", "orders: success for a.csv");
    field_is(step, "Message", "orders: success\n  message   00ff.step.2\n");
    field_is(step, "MessageAttributes.entry.1.Name", "pipeline");
    field_is(step, "MessageAttributes.entry.1.Value.StringValue", "orders");
    field_is(step, "MessageAttributes.entry.2.Name", "outcome");
    field_is(step, "MessageAttributes.entry.3.Name", "run_id");
    field_is(step, "MessageAttributes.entry.3.Value.DataType", "String");
    field_is(step, "MessageAttributes.entry.4.Name", "message_id");
    field_is(step, "MessageAttributes.entry.4.Value.StringValue",
             "00ff.step.2");
    ck_assert_ptr_null(field(step, "MessageGroupId"));
    ck_assert_ptr_null(field(step, "MessageStructure"));
}
END_TEST

START_TEST(a_subject_is_printable_ascii_of_at_most_99)
{
    struct http_step *step = expect_publish();
    struct fb_report report = report_of("x\n", "{}");

    report.subject = " orders: success for 注文\r\nX: y\t.csv";
    ck_assert_int_eq(notify(&report), 0);
    field_is(step, "Subject", "orders: success for ?? X: y .csv");
}
END_TEST

START_TEST(a_long_subject_is_cut)
{
    struct http_step *step = expect_publish();
    struct fb_report report = report_of("x\n", "{}");
    char subject[400] = "", *got;

    memset(subject, 'a', 100);
    report.subject = subject;
    ck_assert_int_eq(notify(&report), 0);
    got = field(step, "Subject");
    ck_assert_uint_eq(strlen(got), 99);
    ck_assert_str_eq(got + 96, "...");
    free(got);
}
END_TEST

START_TEST(a_subject_of_99_characters_is_whole)
{
    struct http_step *step = expect_publish();
    struct fb_report report = report_of("x\n", "{}");
    char subject[400] = "", wanted[100] = "";

    memset(subject, 'a', 98);
    memcpy(subject + 98, "表", strlen("表") + 1);
    memset(wanted, 'a', 98);
    wanted[98] = '?';
    report.subject = subject;
    ck_assert_int_eq(notify(&report), 0);
    field_is(step, "Subject", wanted);
}
END_TEST

START_TEST(a_message_has_at_most_256_kibibytes_with_its_attributes)
{
    const size_t size = 400000;
    struct http_step *step = expect_publish();
    char *text = calloc(1, size + 1), *got;
    const struct fb_report report = report_of(text, "{}");

    for (size_t i = 0; i + 4 <= size; i += 4)
        memcpy(text + i, "表\n", 4);
    ck_assert_int_eq(notify(&report), 0);
    got = field(step, "Message");
    ck_assert_uint_le(strlen(got) + 120, 262144);
    ck_assert_uint_gt(strlen(got), 261000);
    ck_assert_ptr_nonnull(
        strstr(got, "表\n  ...       cut here: the whole report has 400000 "
                    "bytes\n  message   00ff.step.2\n"));
    free(got);
    free(text);
}
END_TEST

START_TEST(json_is_for_programs_and_text_for_people)
{
    static const char document[] = "{\"run\":\"00ff\",\"rows\":{\"read\":1}}";
    struct http_step *step = expect_publish();
    const struct fb_report report = report_of("orders: success\n", document);
    char *message;
    json_t *root;

    fake_option(fake, "message", "json");
    ck_assert_int_eq(notify(&report), 0);
    field_is(step, "MessageStructure", "json");
    message = field(step, "Message");
    root = json_loads(message, 0, NULL);
    ck_assert_str_eq(json_string_value(json_object_get(root, "default")),
                     "orders: success\n  message   00ff.step.2\n");
    ck_assert_str_eq(json_string_value(json_object_get(root, "sqs")), document);
    ck_assert_str_eq(json_string_value(json_object_get(root, "lambda")),
                     document);
    ck_assert_str_eq(json_string_value(json_object_get(root, "https")),
                     document);
    ck_assert_ptr_null(json_object_get(root, "email"));
    json_decref(root);
    free(message);
}
END_TEST

START_TEST(json_that_is_too_long_is_cut_for_all_together)
{
    struct http_step *step = expect_publish();
    json_t *root = json_pack("{s:[]}", "rejects"), *inner;
    struct fb_report report;
    char *document, *message;

    for (int i = 0; i < 3000; i++)
        json_array_append_new(json_object_get(root, "rejects"),
                              json_sprintf("\"%0100d\"", i));
    document = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    report = report_of("orders: success\n", document);
    fake_option(fake, "message", "json");
    ck_assert_int_eq(notify(&report), 0);
    message = field(step, "Message");
    ck_assert_uint_le(strlen(message) + 120, 262144);
    root = json_loads(message, 0, NULL);
    inner =
        json_loads(json_string_value(json_object_get(root, "lambda")), 0, NULL);
    ck_assert_int_eq(json_integer_value(json_object_get(
                         json_object_get(inner, "cut"), "rejects")),
                     3000);
    json_decref(inner);
    json_decref(root);
    free(message);
    free(document);
}
END_TEST

START_TEST(a_fifo_topic_gets_group_and_deduplication)
{
    struct http_step *step = expect_publish();

    fake->uri = TOPIC ".fifo";
    ck_assert_int_eq(notify_plain(), 0);
    field_is(step, "MessageGroupId", "orders");
    field_is(step, "MessageDeduplicationId", "00ff.step.2");
}
END_TEST

START_TEST(a_group_that_cannot_be_sent_is_its_digest)
{
    struct http_step *step = expect_publish();
    struct fb_report report = report_of("x\n", "{}");
    char pipeline[200] = "", *got;

    memset(pipeline, 'p', 129);
    report.pipeline = pipeline;
    fake->uri = TOPIC ".fifo";
    ck_assert_int_eq(notify(&report), 0);
    got = field(step, "MessageGroupId");
    ck_assert_uint_eq(strlen(got), 64);
    free(got);
}
END_TEST

/* --- answers --- */

START_TEST(a_lost_answer_of_a_standard_topic_is_not_published_again)
{
    http_answer_cut(expect_publish(), HTTP_CUT_ANSWER);
    ck_assert_int_eq(notify_plain(), -1);
    ck_assert_int_eq(fake->err.code, FB_E_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "message_id"));
}
END_TEST

START_TEST(a_lost_answer_of_a_fifo_topic_is_asked_for_again)
{
    struct http_step *first = expect_publish(), *second = expect_publish();
    char *id, *again;

    http_answer_cut(first, HTTP_CUT_ANSWER);
    fake->uri = TOPIC ".fifo";
    ck_assert_int_eq(notify_plain(), 0);
    id = field(first, "MessageDeduplicationId");
    again = field(second, "MessageDeduplicationId");
    ck_assert_str_eq(id, again);
    free(id);
    free(again);
}
END_TEST

START_TEST(a_throttled_publish_is_tried_again)
{
    answer_error(expect_publish(), 429, "Throttled");
    answer_error(expect_publish(), 400, "KMSThrottling");
    expect_publish();
    ck_assert_int_eq(notify_plain(), 0);
}
END_TEST

START_TEST(an_answer_without_a_message_id_is_no_delivery)
{
    http_answer(expect_publish(), 200,
                "<PublishResponse><PublishResult/></PublishResponse>");
    ck_assert_int_eq(notify_plain(), -1);
}
END_TEST

START_TEST(names_the_action_that_is_missing)
{
    answer_error(expect_publish(), 403, "AuthorizationError");
    ck_assert_int_eq(notify_plain(), -1);
    ck_assert_int_eq(fake->err.code, FB_E_PERMISSION);
    ck_assert_ptr_nonnull(strstr(fake->err.message, TOPIC));
    ck_assert_ptr_nonnull(strstr(fake->err.message, "r-9"));
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "sns:Publish"));
}
END_TEST

START_TEST(names_the_actions_on_the_key_of_an_encrypted_topic)
{
    answer_error(expect_publish(), 400, "KMSAccessDenied");
    ck_assert_int_eq(notify_plain(), -1);
    ck_assert_int_eq(fake->err.code, FB_E_PERMISSION);
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "kms:GenerateDataKey"));
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "kms:Decrypt"));
}
END_TEST

START_TEST(says_that_there_is_no_topic)
{
    answer_error(expect_publish(), 404, "NotFound");
    ck_assert_int_eq(notify_plain(), -1);
    ck_assert_int_eq(fake->err.code, FB_E_MISSING);
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "no such topic"));
}
END_TEST

START_TEST(no_secret_is_in_an_error)
{
    answer_error(expect_publish(), 403, "SignatureDoesNotMatch");
    ck_assert_int_eq(notify_plain(), -1);
    ck_assert_ptr_null(strstr(fake->err.message, HTTP_SCRIPT_SECRET));
    ck_assert_ptr_null(strstr(fake->err.hint, HTTP_SCRIPT_SECRET));
}
END_TEST

/* --- looking --- */

static int
probe(int status, const char *code)
{
    struct http_step *step = http_expect(script, "POST", "/");

    http_expect_in_body(step, "Action=GetTopicAttributes");
    if (code == NULL)
        http_answer(step, 200, "<GetTopicAttributesResponse/>");
    else
        answer_error(step, status, code);
    http_script_start(script);
    ck_assert_int_eq(fake_check(fake), 0);
    return fake->plugin->probe(fake->self, &fake->step, &fake->err);
}

START_TEST(check_looks_at_the_topic_and_says_what_it_did_not_try)
{
    ck_assert_int_eq(probe(200, NULL), 0);
    ck_assert_int_eq(fake->log_count, 1);
    ck_assert_ptr_nonnull(strstr(fake->logs[0], "sns:Publish"));
}
END_TEST

START_TEST(check_asks_for_no_permission_that_a_run_does_not_need)
{
    ck_assert_int_eq(probe(403, "AuthorizationError"), 0);
    ck_assert_int_eq(fake->err.code, FB_E_NONE);
    ck_assert_int_eq(fake->log_count, 1);
    ck_assert_ptr_nonnull(strstr(fake->logs[0], "not tried"));
}
END_TEST

START_TEST(check_finds_keys_that_are_not_taken)
{
    ck_assert_int_eq(probe(403, "InvalidClientTokenId"), -1);
    ck_assert_int_eq(fake->err.code, FB_E_PERMISSION);
}
END_TEST

START_TEST(check_finds_that_there_is_no_topic)
{
    ck_assert_int_eq(probe(404, "NotFound"), -1);
    ck_assert_int_eq(fake->err.code, FB_E_MISSING);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("sns");
    TCase *tc = tcase_create("all");

    tcase_set_timeout(tc, 30);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, takes_topics_of_every_partition);
    tcase_add_test(tc, refuses_what_is_no_topic);
    tcase_add_test(tc, the_region_is_that_of_the_topic);
    tcase_add_test(tc, publishes_text_with_attributes_to_filter_by);
    tcase_add_test(tc, a_subject_is_printable_ascii_of_at_most_99);
    tcase_add_test(tc, a_long_subject_is_cut);
    tcase_add_test(tc, a_subject_of_99_characters_is_whole);
    tcase_add_test(tc, a_message_has_at_most_256_kibibytes_with_its_attributes);
    tcase_add_test(tc, json_is_for_programs_and_text_for_people);
    tcase_add_test(tc, json_that_is_too_long_is_cut_for_all_together);
    tcase_add_test(tc, a_fifo_topic_gets_group_and_deduplication);
    tcase_add_test(tc, a_group_that_cannot_be_sent_is_its_digest);
    tcase_add_test(tc,
                   a_lost_answer_of_a_standard_topic_is_not_published_again);
    tcase_add_test(tc, a_lost_answer_of_a_fifo_topic_is_asked_for_again);
    tcase_add_test(tc, a_throttled_publish_is_tried_again);
    tcase_add_test(tc, an_answer_without_a_message_id_is_no_delivery);
    tcase_add_test(tc, names_the_action_that_is_missing);
    tcase_add_test(tc, names_the_actions_on_the_key_of_an_encrypted_topic);
    tcase_add_test(tc, says_that_there_is_no_topic);
    tcase_add_test(tc, no_secret_is_in_an_error);
    tcase_add_test(tc, check_looks_at_the_topic_and_says_what_it_did_not_try);
    tcase_add_test(tc, check_asks_for_no_permission_that_a_run_does_not_need);
    tcase_add_test(tc, check_finds_keys_that_are_not_taken);
    tcase_add_test(tc, check_finds_that_there_is_no_topic);
    suite_add_tcase(suite, tc);
    return suite;
}
