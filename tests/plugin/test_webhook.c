/*
 * The plugin `webhook`: which options it takes, what it sends, and what the
 * answers mean.  Signatures and secrets in whole runs are shown by the
 * end-to-end tests.
 */
#include "support/fake_host.h"
#include "support/http_script.h"
#include "unit/main.h"

#include <jansson.h>
#include <stdlib.h>

static struct fake *fake;
static struct http_script *script;

static void
setup(void)
{
    fake = fake_new("webhook", FB_NOTIFIER);
    fake->uri = "https://hooks.example.com/services/T0/B0/hunter2";
    script = NULL;
}

static void
teardown(void)
{
    fake_free(fake);
}

/* Tell a server of this machine, which gives `step` its answer. */
static struct http_step *
expect_post(void)
{
    if (script == NULL) {
        script = http_script_new();
        http_script_unsigned(script);
        fake->uri = http_script_url(script);
    }
    return http_expect(script, "POST", "/");
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

static void
refused(const char *option, const char *why)
{
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, option);
    ck_assert_msg(strstr(fake->err.message, why) != NULL, "%s",
                  fake->err.message);
    ck_assert_ptr_null(strstr(fake->err.message, "hunter2"));
}

/* --- options --- */

START_TEST(takes_https_to_anywhere)
{
    ck_assert_int_eq(fake_check(fake), 0);
    fake->uri = "HTTPS://hooks.example.com:8443/x?y=z";
    ck_assert_int_eq(fake_check(fake), 0);
}
END_TEST

START_TEST(takes_http_to_this_machine_only)
{
    static const char *const ours[] = {"http://localhost/x",
                                       "http://127.0.0.1:8080/",
                                       "http://127.1.2.3/", "http://[::1]/"};
    static const char *const theirs[] = {
        "http://hooks.example.com/hunter2",
        "http://localhost.example.com/hunter2",
        "http://127.0.0.1.example.com/hunter2",
        "http://169.254.169.254/latest/hunter2",
        "http://[::ffff:10.0.0.1]/hunter2",
        "http://0.0.0.0/hunter2",
        "http://127.0.0.1@example.com/hunter2",
    };

    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        fake->uri = ours[i];
        ck_assert_msg(fake_check(fake) == 0, "%s", ours[i]);
    }
    for (size_t i = 0; i < sizeof(theirs) / sizeof(theirs[0]); i++) {
        fake->uri = theirs[i];
        refused("uri", "http");
    }
}
END_TEST

START_TEST(refuses_a_user_in_the_url)
{
    fake->uri = "https://me:hunter2@example.com/";
    refused("uri", "Authorization");
    fake->uri = "https://hunter2@example.com/";
    refused("uri", "Authorization");
}
END_TEST

START_TEST(refuses_what_is_no_url_without_quoting_it)
{
    fake->uri = "https://";
    refused("uri", "no URL");
    fake->uri = "https://exa mple.com/hunter2";
    refused("uri", "%XX");
    fake->uri = "https://example.com/hunter2\r\nX: y";
    refused("uri", "%XX");
    fake->uri = "https://example.com/hunter2/表";
    refused("uri", "%XX");
    fake->uri = "ftp://example.com/hunter2";
    refused("uri", "https://");
}
END_TEST

START_TEST(needs_one_url_and_no_more)
{
    fake_option(fake, "secret_url", "https://example.com/hunter2");
    refused("secret_url", "already");
    fake->uri = NULL;
    ck_assert_int_eq(fake_check(fake), 0);
    fake_option(fake, "secret_url", "http://example.com/hunter2");
    refused("secret_url", "http://");
}
END_TEST

START_TEST(needs_a_url_at_all)
{
    fake->uri = NULL;
    refused("uri", "secret_url");
}
END_TEST

START_TEST(refuses_headers_that_would_be_more_than_one)
{
    static const struct fb_pair bad[] = {
        {.key = "X-A", .value = "hunter2\r\nX-B: c"},
        {.key = "X-A", .value = "hunter2\n"},
        {.key = "X-A: b\r\nX-B", .value = "c"},
        {.key = "X A", .value = "c"},
        {.key = "", .value = "c"},
        {.key = "Content-length", .value = "1"},
        {.key = "HOST", .value = "x"},
        {.key = "x-forebay-signature", .value = "x"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        fake_option_map(fake, "headers", &bad[i], 1);
        refused("headers", "cannot be sent");
    }
}
END_TEST

/* --- answers --- */

START_TEST(any_2xx_is_delivered)
{
    http_answer(expect_post(), 202, "accepted");
    ck_assert_int_eq(notify_plain(), 0);
    http_script_finish(script);
}
END_TEST

START_TEST(answers_that_may_pass_are_tried_again)
{
    static const int later[] = {408, 429, 500, 502, 503, 504};

    http_answer(expect_post(), later[_i], NULL);
    ck_assert_int_eq(notify_plain(), -1);
    ck_assert_int_eq(fake->err.code, FB_E_UNAVAILABLE);
    http_script_finish(script);
}
END_TEST

START_TEST(answers_that_will_not_pass_say_so)
{
    static const int never[] = {301, 307, 400, 401, 403, 404, 410, 413};

    http_answer(expect_post(), never[_i], NULL);
    ck_assert_int_eq(notify_plain(), -1);
    ck_assert_int_eq(fake->err.code, FB_E_FAILED);
    http_script_finish(script);
}
END_TEST

START_TEST(no_answer_is_tried_again)
{
    http_answer_cut(expect_post(), HTTP_CUT_ANSWER);
    ck_assert_int_eq(notify_plain(), -1);
    ck_assert_int_eq(fake->err.code, FB_E_UNAVAILABLE);
    http_script_finish(script);
}
END_TEST

START_TEST(waits_no_longer_than_the_timeout)
{
    fake_option(fake, "timeout", "300ms");
    http_answer_cut(expect_post(), HTTP_STALL);
    ck_assert_int_eq(notify_plain(), -1);
    ck_assert_int_eq(fake->err.code, FB_E_UNAVAILABLE);
    http_script_finish(script);
}
END_TEST

START_TEST(a_status_counts_when_the_rest_of_the_answer_is_lost)
{
    struct http_step *step = expect_post();

    http_answer(step, 200, "a longer text than its half");
    http_answer_cut(step, HTTP_CUT_BODY);
    ck_assert_int_eq(notify_plain(), 0);
    http_script_finish(script);
}
END_TEST

START_TEST(hangs_up_on_an_endless_answer)
{
    const size_t size = (size_t)4 << 20;
    char *much = malloc(size + 1);

    memset(much, 'x', size);
    much[size] = '\0';
    http_answer(expect_post(), 404, much);
    ck_assert_int_eq(notify_plain(), -1);
    ck_assert_int_eq(fake->err.code, FB_E_FAILED);
    ck_assert_ptr_null(strstr(fake->err.message, "xx"));
    free(much);
    http_script_finish(script);
}
END_TEST

START_TEST(ends_soon_after_the_run_is_told_to_stop)
{
    script = http_script_new(); /* nothing has to come */
    fake->uri = http_script_url(script);
    fake->cancelled = true;
    ck_assert_int_eq(notify_plain(), -1);
    ck_assert_int_eq(fake->err.code, FB_E_CANCELLED);
    http_script_finish(script);
}
END_TEST

/* --- bodies --- */

START_TEST(the_message_has_a_name_of_its_own)
{
    http_expect_header(expect_post(), "x-forebay-message", "00ff.step.2");
    ck_assert_int_eq(notify_plain(), 0);
    http_script_finish(script);
}
END_TEST

START_TEST(json_is_the_report_as_it_is)
{
    static const char json[] = "{\"pipeline\":\"orders\",\"rows\":{\"in\":1}}";
    const struct fb_report report = report_of("", json);

    http_expect_body(expect_post(), json, strlen(json));
    ck_assert_int_eq(notify(&report), 0);
    http_script_finish(script);
}
END_TEST

START_TEST(a_json_report_that_is_too_long_loses_entries_of_its_lists)
{
    struct http_step *step = expect_post();
    json_t *root = json_pack("{s:s, s:[]}", "run", "00ff", "outputs"), *told;
    struct fb_report report;
    size_t size;
    char *json;

    for (int i = 0; i < 20000; i++)
        json_array_append_new(json_object_get(root, "outputs"),
                              json_sprintf("%0100d", i));
    json = json_dumps(root, JSON_COMPACT);
    report = report_of("", json);
    ck_assert_int_eq(notify(&report), 0);
    told = json_loads(http_seen_body(step, &size), 0, NULL);
    ck_assert_uint_le(size, (size_t)1 << 20);
    ck_assert_str_eq(json_string_value(json_object_get(told, "run")), "00ff");
    ck_assert_int_eq(json_integer_value(json_object_get(
                         json_object_get(told, "cut"), "outputs")),
                     20000);
    ck_assert_uint_gt(json_array_size(json_object_get(told, "outputs")), 1000);
    json_decref(told);
    json_decref(root);
    free(json);
    http_script_finish(script);
}
END_TEST

/* The text that Slack shows. */
static const char *
told_to_slack(const char *text, json_t **root)
{
    struct http_step *step = expect_post();
    const struct fb_report report = report_of(text, "{}");
    size_t size;
    json_t *rich;

    fake_option(fake, "body", "slack");
    ck_assert_int_eq(notify(&report), 0);
    *root = json_loads(http_seen_body(step, &size), 0, NULL);
    ck_assert_ptr_nonnull(*root);
    rich = json_array_get(json_object_get(*root, "blocks"), 1);
    rich = json_array_get(json_object_get(rich, "elements"), 0);
    rich = json_array_get(json_object_get(rich, "elements"), 0);
    return json_string_value(json_object_get(rich, "text"));
}

START_TEST(people_read_text_without_control_characters)
{
    json_t *root;

    ck_assert_str_eq(told_to_slack("a\x1b[31mb\r\n\tc\x7f\xc2\x85"
                                   "d\xe2\x80\xae"
                                   "e\xff\n",
                                   &root),
                     "a[31mb\n cde\xef\xbf\xbd\n"
                     "  message   00ff.step.2\n");
    json_decref(root);
    http_script_finish(script);
}
END_TEST

START_TEST(a_long_text_is_cut_after_a_line_and_says_so)
{
    char *text = calloc(1, 40001);
    const char *told, *cut;
    json_t *root;

    for (size_t i = 0; i < 1000; i++)
        memcpy(text + 40 * i, "  output    s3://bucket/processed/x.csv\n", 40);
    told = told_to_slack(text, &root);
    ck_assert_uint_le(strlen(told), 8000);
    ck_assert_uint_gt(strlen(told), 7500);
    cut = strstr(told, "  ...       cut here");
    ck_assert_str_eq(cut, "  ...       cut here: the whole report has 40000 "
                          "bytes\n  message   00ff.step.2\n");
    ck_assert_int_eq(cut[-1], '\n');
    ck_assert_int_eq((cut - told) % 40, 0);
    json_decref(root);
    free(text);
    http_script_finish(script);
}
END_TEST

START_TEST(one_endless_line_is_cut_between_characters)
{
    char *text = calloc(1, 30001);
    const char *told;
    json_t *root;

    for (size_t i = 0; i < 10000; i++)
        memcpy(text + 3 * i, "表", 3);
    told = told_to_slack(text, &root); /* jansson takes valid UTF-8 only */
    ck_assert_ptr_nonnull(strstr(told, "表\n  ...       cut here"));
    json_decref(root);
    free(text);
    http_script_finish(script);
}
END_TEST

START_TEST(teams_gets_at_most_what_it_takes)
{
    struct http_step *step = expect_post();
    char *text = calloc(1, 60001);
    struct fb_report report = report_of(text, "{}");
    size_t size;
    json_t *root;

    fake_option(fake, "body", "teams");
    for (size_t i = 0; i < 30000; i++)
        memcpy(text + 2 * i, i % 2 ? "\"\n" : "\\\"", 2);
    ck_assert_int_eq(notify(&report), 0);
    root = json_loads(http_seen_body(step, &size), 0, NULL);
    ck_assert_ptr_nonnull(root);
    ck_assert_uint_le(size, 28000);
    json_decref(root);
    free(text);
    http_script_finish(script);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("webhook");
    TCase *tc = tcase_create("all");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, takes_https_to_anywhere);
    tcase_add_test(tc, takes_http_to_this_machine_only);
    tcase_add_test(tc, refuses_a_user_in_the_url);
    tcase_add_test(tc, refuses_what_is_no_url_without_quoting_it);
    tcase_add_test(tc, needs_one_url_and_no_more);
    tcase_add_test(tc, needs_a_url_at_all);
    tcase_add_test(tc, refuses_headers_that_would_be_more_than_one);
    tcase_add_test(tc, any_2xx_is_delivered);
    tcase_add_loop_test(tc, answers_that_may_pass_are_tried_again, 0, 6);
    tcase_add_loop_test(tc, answers_that_will_not_pass_say_so, 0, 8);
    tcase_add_test(tc, no_answer_is_tried_again);
    tcase_add_test(tc, waits_no_longer_than_the_timeout);
    tcase_add_test(tc, a_status_counts_when_the_rest_of_the_answer_is_lost);
    tcase_add_test(tc, hangs_up_on_an_endless_answer);
    tcase_add_test(tc, ends_soon_after_the_run_is_told_to_stop);
    tcase_add_test(tc, the_message_has_a_name_of_its_own);
    tcase_add_test(tc, json_is_the_report_as_it_is);
    tcase_add_test(tc,
                   a_json_report_that_is_too_long_loses_entries_of_its_lists);
    tcase_add_test(tc, people_read_text_without_control_characters);
    tcase_add_test(tc, a_long_text_is_cut_after_a_line_and_says_so);
    tcase_add_test(tc, one_endless_line_is_cut_between_characters);
    tcase_add_test(tc, teams_gets_at_most_what_it_takes);
    suite_add_tcase(suite, tc);
    return suite;
}
