/*
 * aws/source_role.c: temporary credentials from STS, for a role.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
#include "aws/source.h"

#include "aws/client_state.h"
#include "aws/error.h"
#include "aws/file.h"
#include "aws/moment.h"
#include "aws/query.h"

#include <stdlib.h>

#define VERSION "2011-06-15"
#define TOKEN_FILE_MAX ((size_t)64 << 10)
#define DEADLINE_MS 60000

static int FB_PRINTF(3, 4) broken(const struct aws_role *role,
                                  struct fb_error *err, const char *format, ...)
{
    char why[300];
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    return fb_fail(err, FB_E_CONFIG, "cannot use the role of %s: %s",
                   role->source, why);
}

static int
check_role(const struct aws_role *role, struct fb_error *err)
{
    char *end = NULL;
    long seconds;

    if (strncmp(role->arn, "arn:", 4) != 0 || strlen(role->arn) > 2048)
        return broken(role, err, "role_arn '%.100s' is no ARN", role->arn);
    if (role->session_name != NULL &&
        !aws_source_is_name(role->session_name, 2, 64, "_+=,.@-"))
        return broken(role, err,
                      "role_session_name '%.80s' is not 2 to 64 of "
                      "letters, digits and _+=,.@-",
                      role->session_name);
    if (role->external_id != NULL &&
        !aws_source_is_name(role->external_id, 2, 1224, "_+=,.@:/-"))
        return broken(role, err, "external_id holds what it may not");
    if (role->duration == NULL)
        return 0;
    seconds = strtol(role->duration, &end, 10);
    if (*end != '\0' || seconds < 900 || seconds > 43200)
        return broken(role, err,
                      "duration_seconds '%.20s' is not from 900 to 43200",
                      role->duration);
    return 0;
}

static void
make_form(const struct aws_source *source, const struct aws_role *role,
          struct aws_fields *form)
{
    aws_fields_add(form, "RoleArn", role->arn);
    if (role->session_name != NULL)
        aws_fields_add(form, "RoleSessionName", role->session_name);
    else
        aws_fields_format(form, "RoleSessionName", "forebay-%lld",
                          (long long)(source->now_ms / 1000));
    if (role->duration != NULL)
        aws_fields_add(form, "DurationSeconds", role->duration);
    if (role->external_id != NULL)
        aws_fields_add(form, "ExternalId", role->external_id);
}

/* <XResponse><XResult><Credentials> */
static int
take(const struct aws_role *role, const struct aws_response *response,
     struct aws_credentials *credentials, struct fb_error *err)
{
    const struct aws_xml_node *result = aws_xml_root(response->xml)->child;
    const struct aws_xml_node *found = NULL;
    const char *expiration;
    char name[128];

    for (; result != NULL && found == NULL; result = result->next)
        found = aws_xml_child(result, "Credentials");
    if (found == NULL)
        return broken(role, err, "the answer of STS has no credentials");
    snprintf(name, sizeof(name), "the role of %.110s", role->source);
    if (aws_credentials_set(credentials, aws_xml_text(found, "AccessKeyId"),
                            aws_xml_text(found, "SecretAccessKey"),
                            aws_xml_text(found, "SessionToken"), name,
                            err) != 0)
        return -1;
    expiration = aws_xml_text(found, "Expiration");
    if (expiration == NULL ||
        aws_moment_parse_iso(expiration, &credentials->expires_ms) != 0)
        return broken(role, err, "the answer of STS has no expiration");
    return 0;
}

static int
call(const struct aws_source *source, const struct aws_role *role,
     const char *action, const struct aws_fields *form,
     const struct aws_credentials *base, struct aws_response *response,
     struct fb_error *err)
{
    const struct aws_client_options options = {
        .config = source->config,
        .service = "sts",
        .region = source->region,
        .without_chain = true,
        .fixed = base,
        .world = source->world,
        .step = source->step,
    };
    struct aws_client *client = NULL;
    struct aws_request request;
    struct aws_buf body;
    int failed = aws_query_request(&request, &body, action, VERSION, form, err);

    request.subject = role->arn;
    request.action =
        base == NULL ? "sts:AssumeRoleWithWebIdentity" : "sts:AssumeRole";
    request.idempotent = true;
    request.unsigned_call = base == NULL;
    request.deadline_ms = DEADLINE_MS;
    if (failed == 0)
        failed = aws_client_open(&options, &client, err);
    if (failed == 0)
        failed = aws_call(client, &request, response, err);
    aws_client_free(client);
    aws_buf_release(&body);
    aws_request_release(&request);
    return failed;
}

int
aws_source_assume(const struct aws_source *source, const struct aws_role *role,
                  const struct aws_credentials *base,
                  struct aws_credentials *credentials, struct fb_error *err)
{
    struct aws_fields form = {.count = 0};
    struct aws_response response = {.status = 0};
    int failed = check_role(role, err);

    if (failed == 0) {
        make_form(source, role, &form);
        failed = call(source, role, "AssumeRole", &form, base, &response, err);
    }
    if (failed == 0)
        failed = take(role, &response, credentials, err);
    aws_fields_release(&form);
    aws_response_release(&response);
    return failed;
}

/* The token rotates, so the file is read at every attempt. */
static int
try_web_identity(const struct aws_source *source, const struct aws_role *role,
                 struct aws_response *response, struct fb_error *err)
{
    struct aws_credentials token = {.access_key = NULL};
    struct aws_fields form = {.count = 0};
    struct aws_buf text;
    int failed;

    aws_buf_init(&text, TOKEN_FILE_MAX);
    failed = aws_file_read(role->token_file, &text, err);
    if (failed != 0)
        failed =
            broken(role, err, "the web identity token: %.200s", err->message);
    aws_buf_trim(&text, " \t\r\n");
    if (failed == 0 && text.len == 0)
        failed = broken(role, err,
                        "the web identity token in '%.200s' is "
                        "empty",
                        role->token_file);
    if (failed == 0) {
        make_form(source, role, &form);
        aws_fields_add(&form, "WebIdentityToken", aws_buf_string(&text));
        failed = call(source, role, "AssumeRoleWithWebIdentity", &form, NULL,
                      response, err);
    }
    token.token = (char *)text.bytes;
    if (failed != 0)
        aws_error_scrub(err->message, &token);
    aws_fields_release(&form);
    aws_buf_release(&text);
    return failed;
}

int
aws_source_web_identity(const struct aws_source *source,
                        const struct aws_role *role,
                        struct aws_credentials *credentials,
                        struct fb_error *err)
{
    struct aws_response response = {.status = 0};
    int failed = check_role(role, err);

    if (failed == 0)
        failed = try_web_identity(source, role, &response, err);
    if (failed != 0 && (strcmp(response.code, "InvalidIdentityToken") == 0 ||
                        strcmp(response.code, "ExpiredTokenException") == 0))
        failed = try_web_identity(source, role, &response, err);
    if (failed == 0)
        failed = take(role, &response, credentials, err);
    aws_response_release(&response);
    return failed;
}

int
aws_source_web_environment(const struct aws_source *source,
                           struct aws_credentials *credentials,
                           struct fb_error *err)
{
    const struct aws_role role = {
        .arn = aws_env("AWS_ROLE_ARN"),
        .session_name = aws_env("AWS_ROLE_SESSION_NAME"),
        .token_file = aws_env("AWS_WEB_IDENTITY_TOKEN_FILE"),
        .source = "AWS_WEB_IDENTITY_TOKEN_FILE",
    };

    if (role.token_file == NULL)
        return AWS_NOT_CONFIGURED;
    if (role.arn == NULL)
        return broken(&role, err, "AWS_ROLE_ARN is not set");
    return aws_source_web_identity(source, &role, credentials, err);
}
