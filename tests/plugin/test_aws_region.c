/*
 * Where requests go: hosts, paths, names of buckets; and what happens when a
 * bucket lies in another region.  The scripted server stands as a proxy in
 * front of all hosts there are, so that a request to a wrong one is seen.
 */
#include "aws/bucket.h"
#include "aws/client_state.h"
#include "support/aws_kit.h"
#include "unit/main.h"

static struct http_script *script;
static struct aws_client *client;
static struct aws_settings settings;
static struct aws_request request;
static struct aws_response response;
static struct fb_error err;

static void
setup(void)
{
    aws_kit_environment();
    aws_kit_keys(NULL);
    setenv("AWS_REGION", "us-east-1", 1);
    script = http_script_new();
    client = NULL;
    memset(&settings, 0, sizeof(settings));
    memset(&response, 0, sizeof(response));
    aws_request_init(&request, "GET");
    request.bucket = "my-bucket";
    request.key = "a.csv";
}

static void
teardown(void)
{
    aws_request_release(&request);
    aws_response_release(&response);
    aws_client_free(client);
    http_script_finish(script);
}

/* A client of AWS's own hosts, by plain http through the script. */
static void
begin(void)
{
    setenv("http_proxy", http_script_url(script), 1);
    ck_assert_msg(aws_client_new(&settings, "s3", NULL, &client, &err) == 0,
                  "%s", err.message);
    client->endpoint.https = false;
    http_script_start(script);
}

#define EAST "http://my-bucket.s3.us-east-1.amazonaws.com"
#define WEST "http://my-bucket.s3.eu-west-1.amazonaws.com"

/* Another region's bucket, then its own region. */
static void
corrected(void)
{
    ck_assert_msg(aws_call(client, &request, &response, &err) == 0, "%s",
                  err.message);
    ck_assert_int_eq(response.status, 200);
    ck_assert_int_eq(response.attempts, 2);
}

START_TEST(goes_to_the_region_that_a_redirect_names)
{
    struct http_step *step = http_expect(script, "GET", EAST "/a.csv");

    http_answer(step, 301, "<Error><Code>PermanentRedirect</Code></Error>");
    http_answer_header(step, "x-amz-bucket-region", "eu-west-1");
    http_answer_header(step, "Location", "http://evil.example/");
    http_script_scope(script, "eu-west-1", "s3");
    http_expect(script, "GET", WEST "/a.csv");
    http_expect(script, "GET", WEST "/a.csv");
    begin();
    corrected();
    /* And straight there from now on. */
    ck_assert_int_eq(aws_call(client, &request, &response, &err), 0);
    ck_assert_int_eq(response.attempts, 1);
}
END_TEST

static char logged[FB_MESSAGE_MAX];
static int logged_count;

static void
keep_log(struct fb_step *step, enum fb_level level, const char *text)
{
    (void)step;
    ck_assert_int_eq(level, FB_INFO);
    snprintf(logged, sizeof(logged), "%s", text);
    logged_count++;
}

static bool
never(struct fb_step *step)
{
    (void)step;
    return false;
}

/* Once for a bucket: it is noted where the requests belong. */
START_TEST(says_that_another_region_would_spare_requests)
{
    const struct fb_host host = {.log = keep_log, .cancelled = never};
    struct fb_step step = {.host = &host};

    http_answer(http_expect(script, "GET", EAST "/a.csv"), 400,
                "<Error><Code>AuthorizationHeaderMalformed</Code>"
                "<Region>eu-west-1</Region></Error>");
    http_script_scope(script, "eu-west-1", "s3");
    http_expect(script, "GET", WEST "/a.csv");
    http_expect(script, "GET", WEST "/a.csv");
    begin();
    client->step = &step;
    logged_count = 0;
    corrected();
    ck_assert_int_eq(aws_call(client, &request, &response, &err), 0);
    ck_assert_int_eq(logged_count, 1);
    ck_assert_ptr_nonnull(strstr(logged, "'my-bucket' lies in region "
                                         "'eu-west-1', not in 'us-east-1'"));
}
END_TEST

START_TEST(goes_to_the_region_that_an_error_names)
{
    http_answer(http_expect(script, "GET", EAST "/a.csv"), 400,
                "<Error><Code>AuthorizationHeaderMalformed</Code>"
                "<Region>eu-west-1</Region></Error>");
    http_script_scope(script, "eu-west-1", "s3");
    http_expect(script, "GET", WEST "/a.csv");
    begin();
    corrected();
}
END_TEST

START_TEST(asks_the_bucket_when_nobody_names_its_region)
{
    struct http_step *step;

    http_answer(http_expect(script, "GET", EAST "/a.csv"), 307,
                "<Error><Code>TemporaryRedirect</Code></Error>");
    step = http_expect(script, "HEAD", EAST "/");
    http_answer(step, 403, NULL);
    http_answer_header(step, "x-amz-bucket-region", "eu-west-1");
    http_script_scope(script, "eu-west-1", "s3");
    http_expect(script, "GET", WEST "/a.csv");
    begin();
    corrected();
}
END_TEST

START_TEST(understands_a_bare_400_to_head)
{
    struct http_step *step = http_expect(script, "HEAD", EAST "/a.csv");

    http_answer(step, 400, NULL);
    http_answer_header(step, "x-amz-bucket-region", "eu-west-1");
    http_script_scope(script, "eu-west-1", "s3");
    http_expect(script, "HEAD", WEST "/a.csv");
    request.method = "HEAD";
    begin();
    corrected();
}
END_TEST

START_TEST(does_not_go_in_circles)
{
    struct http_step *step = http_expect(script, "GET", EAST "/a.csv");

    http_answer(step, 301, NULL);
    http_answer_header(step, "x-amz-bucket-region", "eu-west-1");
    http_script_scope(script, "eu-west-1", "s3");
    step = http_expect(script, "GET", WEST "/a.csv");
    http_answer(step, 301, NULL);
    http_answer_header(step, "x-amz-bucket-region", "us-east-1");
    begin();
    ck_assert_int_eq(aws_call(client, &request, &response, &err), -1);
    ck_assert_int_eq(err.code, FB_E_CONFIG);
    ck_assert_str_eq(err.hint, "the bucket lies in region 'us-east-1'");
}
END_TEST

START_TEST(does_not_believe_a_region_that_is_a_host)
{
    struct http_step *step = http_expect(script, "GET", EAST "/a.csv");

    http_answer(step, 301, NULL);
    http_answer_header(step, "x-amz-bucket-region", "evil.example/");
    http_answer(http_expect(script, "HEAD", EAST "/"), 301, NULL);
    begin();
    ck_assert_int_eq(aws_call(client, &request, &response, &err), -1);
    ck_assert_int_eq(response.status, 301);
}
END_TEST

START_TEST(does_not_follow_a_redirect_of_an_endpoint_of_ones_own)
{
    struct http_step *step = http_expect(script, "GET", "/my-bucket/a.csv");

    http_answer(step, 307, NULL);
    http_answer_header(step, "x-amz-bucket-region", "eu-west-1");
    http_answer_header(step, "Location", "http://127.0.0.1:1/");
    settings.endpoint = http_script_url(script);
    ck_assert_int_eq(aws_client_new(&settings, "s3", NULL, &client, &err), 0);
    http_script_start(script);
    ck_assert_int_eq(aws_call(client, &request, &response, &err), -1);
    ck_assert_int_eq(response.attempts, 1);
}
END_TEST

/* ------------------------------------------------------ hosts and paths --- */

static const struct place {
    const char *service, *region, *bucket, *key, *custom;
    bool fips, dualstack, by_path, by_host;
    const char *host, *target;
} places[] = {
    {"s3", "eu-west-1", "b-1", "a/b", NULL, 0, 0, 0, 0,
     "b-1.s3.eu-west-1.amazonaws.com", "/a/b"},
    {"s3", "eu-west-1", "b-1", NULL, NULL, 0, 0, 0, 0,
     "b-1.s3.eu-west-1.amazonaws.com", "/"},
    {"s3", "eu-west-1", "b-1", "/a", NULL, 0, 0, 1, 0,
     "s3.eu-west-1.amazonaws.com", "/b-1//a"},
    {"s3", "eu-west-1", "b-1", NULL, NULL, 0, 0, 1, 0,
     "s3.eu-west-1.amazonaws.com", "/b-1"},
    {"s3", "eu-west-1", "b.c", "a", NULL, 0, 0, 0, 0,
     "s3.eu-west-1.amazonaws.com", "/b.c/a"},
    {"s3", "us-east-1", "Old_Name", "a", NULL, 0, 0, 0, 0,
     "s3.us-east-1.amazonaws.com", "/Old_Name/a"},
    {"s3", "eu-west-1", "b-1", "soap", NULL, 0, 0, 0, 0,
     "s3.eu-west-1.amazonaws.com", "/b-1/soap"},
    {"s3", "us-gov-west-1", "b-1", "a", NULL, 1, 1, 0, 0,
     "b-1.s3-fips.dualstack.us-gov-west-1.amazonaws.com", "/a"},
    {"s3", "cn-north-1", "b-1", "a", NULL, 0, 1, 0, 0,
     "b-1.s3.dualstack.cn-north-1.amazonaws.com.cn", "/a"},
    {"sns", "eusc-de-east-1", NULL, NULL, NULL, 0, 0, 0, 0,
     "sns.eusc-de-east-1.amazonaws.eu", "/"},
    {"sqs", "us-iso-east-1", NULL, NULL, NULL, 0, 0, 0, 0,
     "sqs.us-iso-east-1.c2s.ic.gov", "/"},
    {"sts", "us-west-2", NULL, NULL, NULL, 1, 0, 0, 0,
     "sts-fips.us-west-2.amazonaws.com", "/"},
    {"athena", "us-west-2", NULL, NULL, NULL, 0, 1, 0, 0,
     "athena.us-west-2.api.aws", "/"},
    {"s3", "us-east-1", "b-1", "a b", "http://Store.Example:80/base/", 0, 0, 0,
     0, "store.example", "/base/b-1/a%20b"},
    {"s3", "us-east-1", "b-1", "a", "https://store.example:8443", 0, 0, 0, 1,
     "b-1.store.example:8443", "/a"},
    {"sns", "us-east-1", NULL, NULL, "http://[::1]:4566", 0, 0, 0, 0,
     "[::1]:4566", "/"},
};

START_TEST(places_a_request)
{
    const struct place *place = &places[_i];
    const struct aws_config config = {
        .use_fips = place->fips,
        .use_dualstack = place->dualstack,
        .force_path_style = place->by_path,
        .force_virtual_host = place->by_host,
    };
    struct aws_endpoint endpoint;
    struct aws_buf host, target;

    aws_buf_init(&host, 512);
    aws_buf_init(&target, 4096);
    ck_assert_msg(aws_endpoint_init(&endpoint, &config, place->service,
                                    place->custom, &err) == 0,
                  "%s", err.message);
    ck_assert_msg(aws_endpoint_place(&endpoint, place->region, place->bucket,
                                     place->key, NULL, &host, &target,
                                     &err) == 0,
                  "%s", err.message);
    ck_assert_str_eq(aws_buf_string(&host), place->host);
    ck_assert_str_eq(aws_buf_string(&target), place->target);
    aws_buf_release(&host);
    aws_buf_release(&target);
    aws_endpoint_release(&endpoint);
}
END_TEST

static const char *const bad_endpoints[] = {
    "ftp://store.example", "store.example:9000",      "http://",
    "http://u:p@host/",    "http://host/?a=b",        "http://host/#x",
    "not a url",           "http://host:99999999999",
};

START_TEST(refuses_an_endpoint_that_is_none)
{
    const struct aws_config config = {.use_fips = false};
    struct aws_endpoint endpoint;

    ck_assert_int_eq(
        aws_endpoint_init(&endpoint, &config, "s3", bad_endpoints[_i], &err),
        -1);
    ck_assert_int_eq(err.code, FB_E_CONFIG);
    ck_assert_ptr_null(strstr(err.message, "u:p"));
}
END_TEST

static const struct {
    const char *custom, *region;
    bool is_aws;
} hosts[] = {
    {NULL, "eu-west-1", true},
    {"https://bucket.vpce-0a1.s3.eu-west-1.vpce.amazonaws.com", "eu-west-1",
     true},
    {"https://s3.cn-north-1.amazonaws.com.cn:443/", "cn-north-1", true},
    {"https://s3.cn-north-1.amazonaws.com.cn", "eu-west-1", false},
    {"https://store.example", "eu-west-1", false},
    {"https://amazonaws.com", "eu-west-1", false},
    {"https://notamazonaws.com", "eu-west-1", false},
    {"https://amazonaws.com.example:8443", "eu-west-1", false},
    {"http://[::1]:9000", "eu-west-1", false},
};

START_TEST(knows_the_hosts_of_aws)
{
    const struct aws_config config = {.use_fips = false};
    struct aws_endpoint endpoint;

    ck_assert_int_eq(
        aws_endpoint_init(&endpoint, &config, "s3", hosts[_i].custom, &err), 0);
    ck_assert_int_eq(aws_endpoint_is_aws(&endpoint, hosts[_i].region),
                     hosts[_i].is_aws);
    aws_endpoint_release(&endpoint);
}
END_TEST

START_TEST(refuses_fips_with_an_endpoint_of_ones_own)
{
    settings.endpoint = http_script_url(script);
    setenv("AWS_USE_FIPS_ENDPOINT", "true", 1);
    ck_assert_int_eq(aws_client_new(&settings, "s3", NULL, &client, &err), -1);
    ck_assert(strstr(err.message, "AWS's own") != NULL);
}
END_TEST

START_TEST(asks_for_endpoints_in_their_order)
{
    struct aws_config config;

    setenv("AWS_ENDPOINT_URL", "http://all.example", 1);
    setenv("AWS_ENDPOINT_URL_SNS", "http://sns.example", 1);
    settings.endpoint = "http://option.example";
    ck_assert_int_eq(aws_config_load(&config, &settings, &err), 0);
    ck_assert_str_eq(aws_config_endpoint(&config, "sns", true),
                     "http://option.example");
    ck_assert_str_eq(aws_config_endpoint(&config, "sns", false),
                     "http://sns.example");
    ck_assert_str_eq(aws_config_endpoint(&config, "sts", false),
                     "http://all.example");
    aws_config_release(&config);
    setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE", 1);
    ck_assert_int_eq(aws_config_load(&config, &settings, &err), 0);
    ck_assert_str_eq(aws_config_endpoint(&config, "sns", true),
                     "http://option.example");
    ck_assert_ptr_null(aws_config_endpoint(&config, "sns", false));
    aws_config_release(&config);
}
END_TEST

static const char *const bad_buckets[] = {
    "ab",          "-ab",
    "ab-",         "a..b",
    "192.168.1.1", "x--usw2-az1--x-s3",
    "x--ol-s3",    "abc.mrap",
    "Abc",         "arn:aws:s3:::bucket",
    "a/b",         "\xc3\xa9t\xc3\xa9",
};

START_TEST(refuses_a_bucket_that_cannot_be_addressed)
{
    ck_assert_int_eq(aws_bucket_check(bad_buckets[_i], false, &err), -1);
    ck_assert_int_eq(err.code, FB_E_CONFIG);
    ck_assert(strstr(err.message, "cannot use bucket '") == err.message);
}
END_TEST

START_TEST(needs_a_region)
{
    unsetenv("AWS_REGION");
    ck_assert_int_eq(aws_client_new(&settings, "s3", NULL, &client, &err), -1);
    ck_assert_int_eq(err.code, FB_E_CONFIG);
    ck_assert(strstr(err.hint, "AWS_REGION") != NULL);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("aws_region");
    TCase *tests = tcase_create("region");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, goes_to_the_region_that_a_redirect_names);
    tcase_add_test(tests, says_that_another_region_would_spare_requests);
    tcase_add_test(tests, goes_to_the_region_that_an_error_names);
    tcase_add_test(tests, asks_the_bucket_when_nobody_names_its_region);
    tcase_add_test(tests, understands_a_bare_400_to_head);
    tcase_add_test(tests, does_not_go_in_circles);
    tcase_add_test(tests, does_not_believe_a_region_that_is_a_host);
    tcase_add_test(tests,
                   does_not_follow_a_redirect_of_an_endpoint_of_ones_own);
    tcase_add_loop_test(tests, places_a_request, 0,
                        sizeof(places) / sizeof(places[0]));
    tcase_add_loop_test(tests, refuses_an_endpoint_that_is_none, 0,
                        sizeof(bad_endpoints) / sizeof(bad_endpoints[0]));
    tcase_add_test(tests, refuses_fips_with_an_endpoint_of_ones_own);
    tcase_add_loop_test(tests, knows_the_hosts_of_aws, 0,
                        (int)(sizeof(hosts) / sizeof(hosts[0])));
    tcase_add_test(tests, asks_for_endpoints_in_their_order);
    tcase_add_loop_test(tests, refuses_a_bucket_that_cannot_be_addressed, 0,
                        sizeof(bad_buckets) / sizeof(bad_buckets[0]));
    tcase_add_test(tests, needs_a_region);
    suite_add_tcase(suite, tests);
    return suite;
}
