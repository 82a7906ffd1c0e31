/*
 * aws/source_container.c: credentials of an ECS task or an EKS pod.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 * The request may carry a secret, and the answer is believed: so it goes to
 * the machine itself, or over TLS.
 */
#include "aws/source.h"

#include "aws/file.h"
#include "aws/json.h"
#include "aws/metadata.h"

#include <arpa/inet.h>
#include <strings.h>

#define HOST "http://169.254.170.2"
#define TOKEN_MAX ((size_t)64 << 10)
#define USING "the credentials of the container"

/* The machine itself, ECS, EKS. */
static bool
is_local(const char *address)
{
    struct in6_addr six, eks;
    struct in_addr four;

    if (inet_pton(AF_INET, address, &four) == 1)
        return (ntohl(four.s_addr) >> 24) == 127 ||
               strcmp(address, "169.254.170.2") == 0 ||
               strcmp(address, "169.254.170.23") == 0;
    if (inet_pton(AF_INET6, address, &six) != 1 ||
        inet_pton(AF_INET6, "fd00:ec2::23", &eks) != 1)
        return false;
    return IN6_IS_ADDR_LOOPBACK(&six) || memcmp(&six, &eks, sizeof(six)) == 0;
}

/* A literal address can be refused before anything is connected; a name's
 * address is judged when the connection stands, before the request leaves. */
static bool
is_foreign_literal(const char *url)
{
    const char *host = url + strlen("http://");
    char text[64];
    size_t size;
    struct in_addr four;

    if (*host == '[')
        host++;
    size = strcspn(host, strchr(url, '[') != NULL ? "]" : ":/?#");
    if (size >= sizeof(text))
        return false;
    memcpy(text, host, size);
    text[size] = '\0';
    if (strchr(url, '[') == NULL && inet_pton(AF_INET, text, &four) != 1)
        return false;
    return !is_local(text);
}

/* The URL, and for plain http the rule about addresses. */
static int
choose_url(struct aws_buf *url, bool (**admits)(const char *),
           struct fb_error *err)
{
    const char *relative = aws_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = aws_env("AWS_CONTAINER_CREDENTIALS_FULL_URI");

    *admits = NULL;
    if (relative != NULL) {
        /* "@host/" would change where the request goes. */
        if (*relative != '/')
            return aws_source_broken(
                err, USING,
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does "
                "not begin with '/'");
        aws_buf_format(url, "%s%s", HOST, relative);
        return aws_buf_check(url, "URL", err);
    }
    aws_buf_text(url, full);
    if (aws_buf_check(url, "URL", err) != 0)
        return -1;
    if (strncasecmp(full, "https://", 8) == 0)
        return 0;
    if (strncasecmp(full, "http://", 7) != 0)
        return aws_source_broken(
            err, USING,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI is no http or "
            "https URL");
    if (strchr(full, '@') != NULL || is_foreign_literal(full))
        return aws_source_broken(err, USING,
                                 "AWS_CONTAINER_CREDENTIALS_FULL_URI goes to a "
                                 "foreign host without TLS");
    *admits = is_local;
    return 0;
}

/* The file is read each time: its token rotates. */
static int
add_token(struct aws_fields *headers, struct fb_error *err)
{
    const char *path = aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *literal = aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    struct aws_buf token;
    int failed = 0;

    if (path == NULL && literal == NULL)
        return 0;
    aws_buf_init(&token, TOKEN_MAX);
    if (path == NULL)
        aws_buf_text(&token, literal);
    else if (aws_file_read(path, &token, err) != 0)
        failed =
            aws_source_broken(err, USING, "its token: %.300s", err->message);
    if (path != NULL)
        aws_buf_trim(&token, " \r\n");
    if (failed == 0 &&
        (token.len == 0 || strlen(aws_buf_string(&token)) != token.len ||
         strpbrk(aws_buf_string(&token), "\r\n") != NULL))
        failed = aws_source_broken(err, USING,
                                   "its token is empty or holds a line break");
    if (failed == 0)
        aws_fields_add(headers, "authorization", aws_buf_string(&token));
    aws_buf_release(&token);
    return failed;
}

static int
take(const struct aws_metadata *metadata, struct aws_credentials *credentials,
     struct fb_error *err)
{
    json_t *json = NULL;
    const char *code;
    int failed;

    if (metadata->status != 200)
        return aws_source_broken(err, USING, "the endpoint answers %d",
                                 metadata->status);
    if (aws_json_parse(metadata->body.bytes, metadata->body.len, &json, err) !=
        0)
        return aws_source_broken(err, USING,
                                 "the endpoint does not answer with JSON");
    code = aws_json_text(json, "code");
    if (code != NULL)
        failed =
            aws_source_broken(err, USING, "the endpoint answers %.60s", code);
    else
        failed = aws_source_from_json(json, "Token", "the container",
                                      credentials, err);
    json_decref(json);
    return failed;
}

int
aws_source_container(const struct aws_source *source,
                     struct aws_credentials *credentials, struct fb_error *err)
{
    struct aws_metadata metadata = {
        .method = "GET",
        .timeout_ms = 2000,
        .attempts = 3,
        .pause_ms = 1000,
        .world = source->world,
        .step = source->step,
    };
    struct aws_buf url;
    bool away = false; /* what may pass is no mistake of the user's */
    int failed;

    if (aws_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") == NULL &&
        aws_env("AWS_CONTAINER_CREDENTIALS_FULL_URI") == NULL)
        return AWS_NOT_CONFIGURED;
    aws_buf_init(&url, 8192);
    aws_fields_add(&metadata.headers, "accept", "application/json");
    failed = choose_url(&url, &metadata.admits, err);
    metadata.url = aws_buf_string(&url);
    if (failed == 0)
        failed = add_token(&metadata.headers, err);
    if (failed == 0) {
        failed = aws_metadata_send(&metadata, err);
        away = failed == 0 ? aws_metadata_may_pass(metadata.status)
                           : err->code == FB_E_UNAVAILABLE;
        if (failed != 0 && err->code != FB_E_CANCELLED)
            aws_source_broken(err, USING, "%.300s", err->message);
    }
    if (failed == 0)
        failed = take(&metadata, credentials, err);
    if (failed != 0 && away)
        err->code = FB_E_UNAVAILABLE;
    aws_metadata_release(&metadata);
    aws_buf_release(&url);
    return failed;
}
