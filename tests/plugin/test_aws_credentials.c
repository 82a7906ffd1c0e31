/*
 * Where credentials come from: each source, each broken form of it, and when
 * they are renewed.
 */
#include "aws/chain.h"
#include "aws/client_state.h"
#include "aws/imds.h"
#include "aws/metadata.h"
#include "aws/moment.h"
#include "aws/words.h"
#include "support/aws_kit.h"
#include "support/folder.h"
#include "unit/main.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

static struct http_script *script;
static struct folder folder;
static struct aws_settings settings;
static struct aws_config config;
static struct aws_chain *chain;
static struct aws_credentials found;
static struct fb_error err;
static int64_t now_ms;

static void
no_pause(void *arg, int64_t ms, struct fb_step *step)
{
    (void)arg, (void)ms, (void)step;
}

static void
setup(void)
{
    aws_kit_environment();
    folder_make(&folder);
    script = http_script_new();
    http_script_unsigned(script);
    chain = NULL;
    memset(&settings, 0, sizeof(settings));
    memset(&found, 0, sizeof(found));
    now_ms = aws_world.now_ms(NULL);
}

static void
teardown(void)
{
    aws_credentials_release(&found);
    aws_chain_free(chain);
    aws_config_release(&config);
    http_script_finish(script);
    folder_remove(&folder);
}

static void
config_file(const char *text)
{
    folder_write(&folder, "config", text);
    setenv("AWS_CONFIG_FILE", folder_path(&folder, "config"), 1);
}

static void
credentials_file(const char *text)
{
    folder_write(&folder, "credentials", text);
    setenv("AWS_SHARED_CREDENTIALS_FILE", folder_path(&folder, "credentials"),
           1);
}

static int
begin(void)
{
    struct aws_world world = aws_world;

    world.pause = no_pause;
    if (aws_config_load(&config, &settings, &err) != 0)
        return -1;
    chain = aws_chain_new(&config, "us-east-1", &world, NULL);
    http_script_start(script);
    return 0;
}

static int
get(void)
{
    aws_credentials_release(&found);
    return aws_chain_get(chain, now_ms, &found, &err);
}

static void
get_well(const char *key)
{
    if (chain == NULL)
        ck_assert_msg(begin() == 0, "%s", err.message);
    ck_assert_msg(get() == 0, "%s", err.message);
    ck_assert_str_eq(found.access_key, key);
}

static void
get_badly_as(enum fb_code code, const char *words)
{
    int failed = chain == NULL ? begin() : 0;

    if (failed == 0)
        failed = get();
    ck_assert_int_eq(failed, -1);
    ck_assert_msg(err.code == code, "code %d: %s", (int)err.code, err.message);
    ck_assert_msg(strstr(err.message, words) != NULL, "'%s' lacks '%s'",
                  err.message, words);
}

static void
get_badly(const char *words)
{
    get_badly_as(FB_E_CONFIG, words);
}

/* ------------------------------------------------- environment, options --- */

START_TEST(takes_keys_of_the_environment_without_blanks)
{
    setenv("AWS_ACCESS_KEY_ID", " AKIDENV\n", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret\r\n", 1);
    setenv("AWS_SESSION_TOKEN", "token", 1);
    get_well("AKIDENV");
    ck_assert_str_eq(found.secret, "secret");
    ck_assert_str_eq(found.token, "token");
    ck_assert(found.expires_ms == AWS_NEVER);
}
END_TEST

START_TEST(stops_at_half_a_key_in_the_environment)
{
    setenv("AWS_ACCESS_KEY_ID", "AKIDENV", 1);
    credentials_file("[default]\naws_access_key_id = A\n"
                     "aws_secret_access_key = s\n");
    get_badly("the environment: the secret access key is missing");
}
END_TEST

START_TEST(prefers_the_options_to_all_else)
{
    setenv("AWS_ACCESS_KEY_ID", "AKIDENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
    settings.access_key_id = "AKIDOPTION";
    settings.secret_access_key = "s";
    get_well("AKIDOPTION");
}
END_TEST

START_TEST(prefers_a_profile_that_an_option_names_to_the_environment)
{
    setenv("AWS_ACCESS_KEY_ID", "AKIDENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
    credentials_file("[mine]\naws_access_key_id = AKIDMINE\n"
                     "aws_secret_access_key = s\n");
    settings.profile = "mine";
    get_well("AKIDMINE");
}
END_TEST

START_TEST(refuses_keys_of_the_environment_that_have_expired)
{
    setenv("AWS_ACCESS_KEY_ID", "AKIDENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
    setenv("AWS_CREDENTIAL_EXPIRATION", "2020-01-02T03:04:05Z", 1);
    get_badly("they expired at 2020-01-02T03:04:05Z");
}
END_TEST

START_TEST(says_where_it_looked_when_there_is_nothing)
{
    get_badly("cannot find AWS credentials");
    ck_assert(strstr(err.hint, "AWS_PROFILE") != NULL);
}
END_TEST

/* ------------------------------------------------------------- profiles --- */

START_TEST(merges_both_files_and_prefers_the_credentials_file)
{
    config_file("# comment\n[default]\nregion = eu-west-1 # here\n"
                "aws_access_key_id = AKIDCONFIG\r\n"
                "AWS_Secret_Access_Key = of#config\n"
                "[profile default]\nregion=eu-west-2\n"
                "aws_secret_access_key = of-config\n");
    credentials_file("[default] ; x\naws_access_key_id = AKIDFILE\n");
    get_well("AKIDFILE");
    ck_assert_str_eq(found.secret, "of-config");
    ck_assert_str_eq(config.region, "eu-west-2");
}
END_TEST

START_TEST(reads_profiles_with_blanks_and_nested_properties)
{
    config_file("[profile \"a b\"]\nservices = x\ns3 =\n"
                "  addressing_style = path\n"
                "[services x]\ns3 =\n  # mine\n"
                "  endpoint_url = http://127.0.0.1:9000\n"
                "sns =\n  endpoint_url = http://127.0.0.1:9001\n"
                "[b]\naws_access_key_id = ignored\n");
    setenv("AWS_PROFILE", "a b", 1);
    ck_assert_msg(begin() == 0, "%s", err.message);
    ck_assert(config.force_path_style);
    ck_assert_str_eq(aws_config_endpoint(&config, "s3", true),
                     "http://127.0.0.1:9000");
    ck_assert_str_eq(aws_config_endpoint(&config, "sns", true),
                     "http://127.0.0.1:9001");
    ck_assert_ptr_null(aws_config_endpoint(&config, "sts", false));
    ck_assert_ptr_null(
        aws_profiles_find(&config.profiles, AWS_SECTION_PROFILE, "b"));
}
END_TEST

static const struct {
    const char *text, *words;
} malformed[] = {
    {"[default\n", "line 1: ']' is missing"},
    {"[default]\nregion\n", "line 2: a line without '='"},
    {"[default]\n= x\n", "line 2: no name before '='"},
    {"region = x\n", "line 1: a property before the first section"},
    {"[default]\n  x = y\n", "line 2: a continued line without a property"},
    {"[]\n", "line 1: the section has no name"},
    {"[default]\nregion = not/a/region\n", "cannot use region 'not/a/region'"},
    {"[default]\nuse_fips_endpoint = yes\n", "not 'true' or 'false'"},
    {"[default]\nmax_attempts = many\n", "not a number from 1 to 100"},
    {"[default]\nrole_arn = arn:aws:iam::1:role/r\n",
     "needs source_profile or credential_source"},
    {"[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = x\n",
     "source_profile 'x' does not exist"},
    {"[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = p\n"
     "[profile p]\nrole_arn = arn:aws:iam::1:role/r\n"
     "source_profile = default\n",
     "its source_profile leads back to it"},
    {"[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = default\n",
     "source_profile 'default' has no credentials"},
    {"[default]\nrole_arn = arn:aws:iam::1:role/r\n"
     "credential_source = Nowhere\n",
     "is not Environment, EcsContainer"},
    {"[default]\nrole_arn = arn:aws:iam::1:role/r\nmfa_serial = x\n"
     "credential_source = Environment\n",
     "mfa_serial"},
    {"[default]\nsso_session = x\n", "IAM Identity Center"},
    {"[default]\naws_access_key_id = x\n",
     "profile 'default': the secret access key is missing"},
    {"[default]\ncredential_process = 'unclosed\n", "a quote is not closed"},
    {"[default]\ncredential_process = /nonexistent/x\n",
     "cannot start '/nonexistent/x'"},
    {"[default]\ncredential_process = false\n", "ended with status 1"},
    {"[default]\ncredential_process = echo secret-canary\n",
     "does not print a JSON object"},
    {"[default]\ncredential_process = echo '{\"Version\":2}'\n",
     "the Version it prints is not 1"},
};

START_TEST(stops_at_a_broken_profile)
{
    config_file(malformed[_i].text);
    /* Something that would be found if it went on. */
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent", 1);
    get_badly(malformed[_i].words);
    ck_assert_ptr_null(strstr(err.message, "canary"));
}
END_TEST

START_TEST(misses_a_profile_that_is_named)
{
    setenv("AWS_PROFILE", "nobody", 1);
    get_badly("cannot find profile 'nobody'");
}
END_TEST

START_TEST(runs_a_process_without_a_shell)
{
    config_file("[default]\ncredential_process = printf "
                "'{\"Version\":1,\"AccessKeyId\":\"%s\",\"SecretAccessKey\":"
                "\"s\",\"Expiration\":\"2999-01-02T03:04:05Z\"}' AKID;$HOME\n");
    get_well("AKID;$HOME");
    ck_assert(found.expires_ms != AWS_NEVER);
}
END_TEST

START_TEST(gives_a_process_what_the_environment_says_but_not_to_the_loader)
{
    config_file("[default]\ncredential_process = sh -c 'printf "
                "\"{\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"%s\\\","
                "\\\"SecretAccessKey\\\":\\\"s\\\"}\" "
                "\"$LD_LIBRARY_PATH$LD_AUDIT$LDAP_KEPT\"'\n");
    setenv("LD_LIBRARY_PATH", "/nonexistent", 1);
    setenv("LD_AUDIT", "/nonexistent", 1);
    setenv("LDAP_KEPT", "kept", 1);
    get_well("kept");
}
END_TEST

START_TEST(splits_words_as_a_shell_quotes_them)
{
    struct aws_words words;

    ck_assert_int_eq(aws_words_split(&words, " a 'b c'\"d \\\" \\n\"e\\ f '' "),
                     0);
    ck_assert_uint_eq(words.count, 3);
    ck_assert_str_eq(words.items[1], "b cd \" \\ne f");
    ck_assert_str_eq(words.items[2], "");
    aws_words_release(&words);
    ck_assert_int_eq(aws_words_split(&words, "a \"b"), -1);
    ck_assert_int_eq(aws_words_split(&words, "  "), -1);
}
END_TEST

/* ------------------------------------------------------------------ STS --- */

static const char *
sts_answer(const char *action, const char *key, int64_t expires_ms)
{
    static char text[1024];
    char when[21];

    aws_moment_iso(expires_ms, when);
    snprintf(text, sizeof(text),
             "<%sResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
             "<%sResult><Credentials><AccessKeyId>%s</AccessKeyId>"
             "<SecretAccessKey>s3cr3t</SecretAccessKey><SessionToken>t0ken"
             "</SessionToken><Expiration>%s</Expiration></Credentials>"
             "</%sResult></%sResponse>",
             action, action, key, when, action, action);
    return text;
}

START_TEST(assumes_a_role_with_the_keys_of_another_profile)
{
    struct http_step *step;

    config_file("[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\n"
                "source_profile = base\nexternal_id = x/1\n"
                "duration_seconds = 900\nrole_session_name = me\n");
    credentials_file("[base]\naws_access_key_id = " HTTP_SCRIPT_KEY "\n"
                     "aws_secret_access_key = " HTTP_SCRIPT_SECRET "\n");
    setenv("AWS_PROFILE", "role", 1);
    setenv("AWS_ENDPOINT_URL_STS", http_script_url(script), 1);
    http_script_scope(script, "us-east-1", "sts");
    step = http_expect(script, "POST", "/");
    http_expect_in_body(step, "Action=AssumeRole&Version=2011-06-15&RoleArn="
                              "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr&"
                              "RoleSessionName=me&DurationSeconds=900&"
                              "ExternalId=x%2F1");
    http_answer(step, 200,
                sts_answer("AssumeRole", "ASIAROLE", now_ms + 3600000));
    get_well("ASIAROLE");
    ck_assert_str_eq(found.secret, "s3cr3t");
    ck_assert_str_eq(found.token, "t0ken");
}
END_TEST

START_TEST(tells_why_a_role_cannot_be_assumed)
{
    config_file("[default]\nrole_arn = arn:aws:iam::123456789012:role/r\n"
                "credential_source = Environment\n");
    settings.profile = "default";
    aws_kit_keys(NULL);
    setenv("AWS_ENDPOINT_URL_STS", http_script_url(script), 1);
    http_script_scope(script, "us-east-1", "sts");
    http_answer(http_expect(script, "POST", "/"), 403,
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied"
                "</Code><Message>no</Message></Error></ErrorResponse>");
    ck_assert_int_eq(begin(), 0);
    ck_assert_int_eq(get(), -1);
    ck_assert_int_eq(err.code, FB_E_PERMISSION);
    ck_assert(strstr(err.message, "cannot AssumeRole 'sts arn:aws:iam::") !=
              NULL);
    ck_assert(strstr(err.hint, "'sts:AssumeRole'") != NULL);
}
END_TEST

static void
web_identity(const char *token)
{
    folder_write(&folder, "token", token);
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", folder_path(&folder, "token"), 1);
    setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r", 1);
    setenv("AWS_ENDPOINT_URL_STS", http_script_url(script), 1);
}

START_TEST(reads_a_web_identity_token_anew_each_time)
{
    struct http_step *step;

    web_identity("first.token\n");
    step = http_expect(script, "POST", "/");
    http_expect_header(step, "authorization", NULL);
    http_expect_in_body(step, "&WebIdentityToken=first.token");
    http_answer(
        step, 200,
        sts_answer("AssumeRoleWithWebIdentity", "ASIA1", now_ms + 3600000));
    step = http_expect(script, "POST", "/");
    http_expect_in_body(step, "&WebIdentityToken=second.token");
    http_answer(
        step, 200,
        sts_answer("AssumeRoleWithWebIdentity", "ASIA2", now_ms + 7200000));
    get_well("ASIA1");
    get_well("ASIA1"); /* kept */
    folder_write(&folder, "token", "second.token");
    now_ms += 3000000; /* ten minutes before the end */
    get_well("ASIA2");
}
END_TEST

START_TEST(hides_a_web_identity_token_that_is_refused)
{
    char text[512];

    web_identity("secret-canary-token");
    snprintf(text, sizeof(text),
             "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>"
             "bad secret-canary-token</Message></Error></ErrorResponse>");
    http_answer(http_expect(script, "POST", "/"), 400, text);
    http_answer(http_expect(script, "POST", "/"), 400, text);
    ck_assert_int_eq(begin(), 0);
    ck_assert_int_eq(get(), -1);
    ck_assert(strstr(err.message, "InvalidIdentityToken: bad ***") != NULL);
    ck_assert_int_eq(err.code, FB_E_PERMISSION);
    ck_assert_str_eq(err.hint, "the trust policy of the role must admit the "
                               "token to 'sts:AssumeRoleWithWebIdentity'");
}
END_TEST

START_TEST(stops_at_a_web_identity_without_its_file)
{
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent", 1);
    setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r", 1);
    get_badly("cannot read '/nonexistent'");
}
END_TEST

/* ------------------------------------------------------------ container --- */

static char *
json_keys(const char *key, int64_t expires_ms)
{
    static char text[512];
    char when[21];

    aws_moment_iso(expires_ms, when);
    snprintf(text, sizeof(text),
             "{\"Code\":\"Success\",\"AccessKeyId\":\"%s\","
             "\"SecretAccessKey\":\"s\",\"Token\":\"t\",\"Expiration\":\"%s\"}",
             key, when);
    return text;
}

static void
container(const char *path)
{
    char url[256];

    snprintf(url, sizeof(url), "%s%s", http_script_url(script), path);
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
}

START_TEST(asks_the_container_endpoint_with_a_token_file)
{
    struct http_step *step;

    container("/v2/x");
    folder_write(&folder, "token", "file-token\n");
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "literal", 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
           folder_path(&folder, "token"), 1);
    setenv("http_proxy", "http://127.0.0.1:1", 1); /* never asked */
    step = http_expect(script, "GET", "/v2/x");
    http_answer(step, 503, NULL);
    step = http_expect(script, "GET", "/v2/x");
    http_expect_header(step, "authorization", "file-token");
    http_expect_header(step, "accept", "application/json");
    http_answer(step, 200, json_keys("ASIACONTAINER", now_ms + 3600000));
    get_well("ASIACONTAINER");
}
END_TEST

/* libcurl would log in with it wherever the request is not signed. */
START_TEST(tells_nobody_what_stands_in_the_netrc)
{
    struct http_step *step;

    folder_write(&folder, ".netrc", "default login ann password canary\n");
    setenv("HOME", folder.path, 1);
    container("/x");
    step = http_expect(script, "GET", "/x");
    http_expect_header(step, "authorization", NULL);
    http_answer(step, 200, json_keys("ASIACONTAINER", now_ms + 3600000));
    get_well("ASIACONTAINER");
}
END_TEST

static bool
admits_none(const char *address)
{
    ck_assert_str_eq(address, "127.0.0.1");
    return false;
}

/* A name may lead anywhere: only the connection tells. */
START_TEST(asks_nobody_whose_address_is_not_admitted)
{
    char url[256];
    struct aws_metadata metadata = {
        .method = "GET",
        .url = url,
        .timeout_ms = 1000,
        .attempts = 1,
        .admits = admits_none,
        .world = &aws_world,
    };

    snprintf(url, sizeof(url), "%s/x", http_script_url(script));
    http_script_start(script); /* a request would be unexpected */
    ck_assert_int_eq(aws_metadata_send(&metadata, &err), -1);
    ck_assert_int_eq(err.code, FB_E_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.message, "not allowed here"));
    aws_metadata_release(&metadata);
}
END_TEST

static const struct {
    const char *variable, *value, *words;
} foreign[] = {
    {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://192.0.2.1/x",
     "foreign host without TLS"},
    {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://[2001:db8::1]/x",
     "foreign host without TLS"},
    {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.2@192.0.2.1/",
     "foreign host without TLS"},
    {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "ftp://127.0.0.1/x",
     "no http or https"},
    {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@evil.example/",
     "does not begin with '/'"},
};

START_TEST(does_not_ask_a_foreign_container_endpoint)
{
    setenv(foreign[_i].variable, foreign[_i].value, 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "secret", 1);
    get_badly(foreign[_i].words);
}
END_TEST

START_TEST(refuses_a_container_token_with_a_line_break)
{
    container("/x");
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\r\nx: y", 1);
    get_badly("holds a line break");
}
END_TEST

START_TEST(stops_at_a_container_endpoint_that_refuses)
{
    container("/x");
    http_answer(http_expect(script, "GET", "/x"), 401, "{\"code\":\"x\"}");
    get_badly("the container: the endpoint answers 401");
}
END_TEST

/* A run whose keys cannot be had now is to be tried again. */
START_TEST(a_container_endpoint_that_is_down_is_no_mistake)
{
    container("/x");
    for (int i = 0; i < 3; i++)
        http_answer(http_expect(script, "GET", "/x"), 500, NULL);
    get_badly_as(FB_E_UNAVAILABLE, "the container: the endpoint answers 500");
}
END_TEST

START_TEST(a_container_endpoint_that_hangs_up_is_no_mistake)
{
    container("/x");
    for (int i = 0; i < 3; i++)
        http_answer_cut(http_expect(script, "GET", "/x"), HTTP_CUT_ANSWER);
    get_badly_as(FB_E_UNAVAILABLE, "the container: cannot get an answer");
}
END_TEST

/* ----------------------------------------------------------------- IMDS --- */

#define ROLES "/latest/meta-data/iam/security-credentials/"

static void
instance(void)
{
    unsetenv("AWS_EC2_METADATA_DISABLED");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", http_script_url(script), 1);
    setenv("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "1", 1);
}

static void
expect_token(const char *token)
{
    struct http_step *step = http_expect(script, "PUT", "/latest/api/token");

    http_expect_header(step, "x-aws-ec2-metadata-token-ttl-seconds", "21600");
    http_answer(step, 200, token);
}

static struct http_step *
expect_metadata(const char *path, const char *token, int status,
                const char *text)
{
    struct http_step *step = http_expect(script, "GET", path);

    http_expect_header(step, "x-aws-ec2-metadata-token", token);
    http_answer(step, status, text);
    return step;
}

START_TEST(asks_the_instance_with_a_token)
{
    instance();
    expect_token("tok==");
    expect_metadata(ROLES, "tok==", 200, "app\nother");
    expect_metadata(ROLES "app", "tok==", 200,
                    json_keys("ASIAINSTANCE", now_ms + 21600000));
    get_well("ASIAINSTANCE");
    ck_assert(found.from_instance);
}
END_TEST

START_TEST(gets_another_token_when_it_has_ended)
{
    instance();
    expect_token("one");
    expect_metadata(ROLES, "one", 401, NULL);
    expect_token("two");
    expect_metadata(ROLES, "two", 200, "app");
    expect_metadata(ROLES "app", "two", 200,
                    json_keys("ASIAINSTANCE", now_ms + 21600000));
    get_well("ASIAINSTANCE");
}
END_TEST

START_TEST(never_asks_the_instance_without_a_token)
{
    static const int statuses[] = {403, 404, 405};

    instance();
    http_answer(http_expect(script, "PUT", "/latest/api/token"), statuses[_i],
                NULL);
    get_badly("no token: it answers");
}
END_TEST

START_TEST(explains_the_hop_limit_after_a_timeout)
{
    instance();
    setenv("AWS_METADATA_SERVICE_TIMEOUT", "0.2", 1);
    http_answer_cut(http_expect(script, "PUT", "/latest/api/token"),
                    HTTP_STALL);
    get_badly("no token");
    ck_assert(strstr(err.hint, "hop limit of 2 is needed") != NULL);
}
END_TEST

START_TEST(does_not_put_a_strange_role_into_a_path)
{
    instance();
    expect_token("t");
    expect_metadata(ROLES, "t", 200, "../../user-data");
    get_badly("its role has no usable name");
}
END_TEST

START_TEST(says_that_the_instance_has_no_role)
{
    instance();
    expect_token("t");
    expect_metadata(ROLES, "t", 404, NULL);
    get_badly("the instance has no role");
}
END_TEST

START_TEST(tells_the_message_of_the_instance)
{
    instance();
    expect_token("t");
    expect_metadata(ROLES, "t", 200, "app");
    expect_metadata(ROLES "app", "t", 200,
                    "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":"
                    "\"no trust\"}");
    get_badly("AssumeRoleUnauthorizedAccess: no trust");
}
END_TEST

/* 0: the token, 1: the role, 2: the keys. */
START_TEST(an_instance_that_is_down_is_no_mistake)
{
    instance();
    if (_i == 0)
        http_answer(http_expect(script, "PUT", "/latest/api/token"), 503, NULL);
    else
        expect_token("t");
    if (_i > 0)
        expect_metadata(ROLES, "t", _i == 1 ? 503 : 200, "app");
    if (_i > 1)
        expect_metadata(ROLES "app", "t", 503, NULL);
    get_badly_as(FB_E_UNAVAILABLE, "it answers 503");
}
END_TEST

START_TEST(an_instance_that_hangs_up_is_no_mistake)
{
    instance();
    expect_token("t");
    http_answer_cut(expect_metadata(ROLES, "t", 200, "app"), HTTP_CUT_ANSWER);
    get_badly_as(FB_E_UNAVAILABLE, "cannot get an answer");
}
END_TEST

START_TEST(does_not_guess_whether_the_instance_may_be_asked)
{
    setenv("AWS_EC2_METADATA_DISABLED", "yes", 1);
    get_badly("AWS_EC2_METADATA_DISABLED is 'yes', not 'true' or 'false'");
}
END_TEST

START_TEST(finds_the_region_of_the_instance)
{
    char region[AWS_REGION_MAX];

    instance();
    expect_token("t");
    expect_metadata("/latest/meta-data/placement/region", "t", 200,
                    "ap-northeast-1");
    ck_assert_int_eq(begin(), 0);
    ck_assert_int_eq(aws_imds_region(&aws_world, NULL, region, &err), 0);
    ck_assert_str_eq(region, "ap-northeast-1");
}
END_TEST

/* -------------------------------------------------------------- renewal --- */

START_TEST(keeps_good_keys_when_a_renewal_fails)
{
    container("/x");
    http_answer(http_expect(script, "GET", "/x"), 200,
                json_keys("ASIA1", now_ms + 3600000));
    http_answer(http_expect(script, "GET", "/x"), 403, NULL);
    http_answer(http_expect(script, "GET", "/x"), 403, NULL);
    get_well("ASIA1");
    now_ms += 3300000; /* five minutes are left */
    get_well("ASIA1");
    get_well("ASIA1"); /* not asked again within a minute */
    now_ms += 301000;  /* they have ended */
    get_badly("the endpoint answers 403");
}
END_TEST

START_TEST(goes_on_with_what_the_instance_last_gave)
{
    instance();
    expect_token("t");
    expect_metadata(ROLES, "t", 200, "app");
    expect_metadata(ROLES "app", "t", 200, json_keys("ASIAOLD", now_ms - 1000));
    get_well("ASIAOLD");
    now_ms += 600000;
    get_well("ASIAOLD"); /* not asked within twelve minutes */
}
END_TEST

START_TEST(renews_what_the_service_refuses)
{
    container("/x");
    http_answer(http_expect(script, "GET", "/x"), 200,
                json_keys("ASIA1", now_ms + 3600000));
    http_answer(http_expect(script, "GET", "/x"), 200,
                json_keys("ASIA2", now_ms + 3600000));
    get_well("ASIA1");
    aws_chain_distrust(chain, &found);
    get_well("ASIA2");
    /* Somebody else still held the first ones. */
    aws_credentials_release(&found);
    ck_assert_int_eq(aws_credentials_set(&found, "ASIA1", "s", "t", "x", &err),
                     0);
    aws_chain_distrust(chain, &found);
    get_well("ASIA2");
}
END_TEST

static void *
get_one(void *arg)
{
    struct aws_credentials mine = {.access_key = NULL};
    struct fb_error problem;
    bool *good = arg;

    *good = aws_chain_get(chain, now_ms, &mine, &problem) == 0 &&
            strcmp(mine.access_key, "ASIA1") == 0;
    aws_credentials_release(&mine);
    return NULL;
}

START_TEST(is_renewed_by_one_thread_for_all)
{
    struct http_step *step;
    pthread_t threads[6];
    bool good[6] = {false};

    container("/x");
    step = http_expect(script, "GET", "/x");
    http_answer(step, 200, json_keys("ASIA1", now_ms + 3600000));
    http_answer_delay(step, 100);
    ck_assert_int_eq(begin(), 0);
    for (size_t i = 0; i < 6; i++)
        pthread_create(&threads[i], NULL, get_one, &good[i]);
    for (size_t i = 0; i < 6; i++) {
        pthread_join(threads[i], NULL);
        ck_assert(good[i]);
    }
}
END_TEST

static void
add_files(TCase *tests)
{
    tcase_add_test(tests, takes_keys_of_the_environment_without_blanks);
    tcase_add_test(tests, stops_at_half_a_key_in_the_environment);
    tcase_add_test(tests, prefers_the_options_to_all_else);
    tcase_add_test(tests,
                   prefers_a_profile_that_an_option_names_to_the_environment);
    tcase_add_test(tests, refuses_keys_of_the_environment_that_have_expired);
    tcase_add_test(tests, says_where_it_looked_when_there_is_nothing);
    tcase_add_test(tests, merges_both_files_and_prefers_the_credentials_file);
    tcase_add_test(tests, reads_profiles_with_blanks_and_nested_properties);
    tcase_add_loop_test(tests, stops_at_a_broken_profile, 0,
                        sizeof(malformed) / sizeof(malformed[0]));
    tcase_add_test(tests, misses_a_profile_that_is_named);
    tcase_add_test(tests, runs_a_process_without_a_shell);
    tcase_add_test(
        tests, gives_a_process_what_the_environment_says_but_not_to_the_loader);
    tcase_add_test(tests, splits_words_as_a_shell_quotes_them);
}

static void
add_services(TCase *tests)
{
    tcase_add_test(tests, assumes_a_role_with_the_keys_of_another_profile);
    tcase_add_test(tests, tells_why_a_role_cannot_be_assumed);
    tcase_add_test(tests, reads_a_web_identity_token_anew_each_time);
    tcase_add_test(tests, hides_a_web_identity_token_that_is_refused);
    tcase_add_test(tests, stops_at_a_web_identity_without_its_file);
    tcase_add_test(tests, asks_the_container_endpoint_with_a_token_file);
    tcase_add_test(tests, tells_nobody_what_stands_in_the_netrc);
    tcase_add_test(tests, asks_nobody_whose_address_is_not_admitted);
    tcase_add_loop_test(tests, does_not_ask_a_foreign_container_endpoint, 0,
                        sizeof(foreign) / sizeof(foreign[0]));
    tcase_add_test(tests, refuses_a_container_token_with_a_line_break);
    tcase_add_test(tests, stops_at_a_container_endpoint_that_refuses);
    tcase_add_test(tests, a_container_endpoint_that_is_down_is_no_mistake);
    tcase_add_test(tests, a_container_endpoint_that_hangs_up_is_no_mistake);
    tcase_add_test(tests, asks_the_instance_with_a_token);
    tcase_add_loop_test(tests, an_instance_that_is_down_is_no_mistake, 0, 3);
    tcase_add_test(tests, an_instance_that_hangs_up_is_no_mistake);
    tcase_add_test(tests, gets_another_token_when_it_has_ended);
    tcase_add_loop_test(tests, never_asks_the_instance_without_a_token, 0, 3);
    tcase_add_test(tests, explains_the_hop_limit_after_a_timeout);
    tcase_add_test(tests, does_not_put_a_strange_role_into_a_path);
    tcase_add_test(tests, says_that_the_instance_has_no_role);
    tcase_add_test(tests, tells_the_message_of_the_instance);
    tcase_add_test(tests, does_not_guess_whether_the_instance_may_be_asked);
    tcase_add_test(tests, finds_the_region_of_the_instance);
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("aws_credentials");
    TCase *tests = tcase_create("credentials");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 30);
    add_files(tests);
    add_services(tests);
    tcase_add_test(tests, keeps_good_keys_when_a_renewal_fails);
    tcase_add_test(tests, goes_on_with_what_the_instance_last_gave);
    tcase_add_test(tests, renews_what_the_service_refuses);
    tcase_add_test(tests, is_renewed_by_one_thread_for_all);
    suite_add_tcase(suite, tests);
    return suite;
}
