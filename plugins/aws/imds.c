/*
 * aws/imds.c: see imds.h.
 */
#include "aws/imds.h"

#include "aws/json.h"
#include "aws/metadata.h"
#include "aws/source.h"

#include <stdlib.h>
#include <strings.h>

#define TOKEN_SECONDS "21600"
#define TIMEOUT_MS 1000
#define ATTEMPTS 3
#define ROLES "/latest/meta-data/iam/security-credentials/"
#define USING "the instance metadata"

/* A conversation: the token that all but the first request carry. */
struct imds {
    const struct aws_world *world;
    struct fb_step *step;
    struct aws_buf base; /* "http://169.254.169.254" */
    struct aws_buf token;
    int64_t timeout_ms;
    int attempts;
    bool away; /* there is such a service, but it did not answer well */
};

static int
read_number(const char *variable, int64_t unit, int64_t *value,
            struct fb_error *err)
{
    const char *text = aws_env(variable);
    char *end = NULL;
    double number;

    if (text == NULL)
        return 0;
    number = strtod(text, &end);
    if (end == text || *end != '\0' || !(number > 0) || number > 1000)
        return aws_source_broken(err, USING,
                                 "%s '%.30s' is not a number from 1 to 1000",
                                 variable, text);
    *value = (int64_t)(number * (double)unit);
    return 0;
}

static int
imds_open(struct imds *imds, const struct aws_world *world,
          struct fb_step *step, struct fb_error *err)
{
    const char *given = aws_env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const char *mode = aws_env("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    int64_t attempts = ATTEMPTS;

    *imds =
        (struct imds){.world = world, .step = step, .timeout_ms = TIMEOUT_MS};
    aws_buf_init(&imds->base, 1024);
    aws_buf_init(&imds->token, AWS_METADATA_MAX);
    if (read_number("AWS_METADATA_SERVICE_TIMEOUT", 1000, &imds->timeout_ms,
                    err) != 0 ||
        read_number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", 1, &attempts, err) !=
            0)
        return -1;
    imds->attempts = (int)attempts;
    if (mode != NULL && strcasecmp(mode, "IPv4") != 0 &&
        strcasecmp(mode, "IPv6") != 0)
        return aws_source_broken(
            err, USING,
            "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is not "
            "IPv4 or IPv6");
    if (given == NULL)
        given = mode != NULL && strcasecmp(mode, "IPv6") == 0
                    ? "http://[fd00:ec2::254]"
                    : "http://169.254.169.254";
    aws_buf_text(&imds->base, given);
    aws_buf_trim(&imds->base, "/");
    return aws_buf_check(&imds->base, "URL", err);
}

/* What may pass is no mistake of the user's: a run is to be tried again. */
static void
imds_close(struct imds *imds, int failed, struct fb_error *err)
{
    if (failed != 0 && imds->away && err->code == FB_E_CONFIG)
        err->code = FB_E_UNAVAILABLE;
    aws_buf_release(&imds->base);
    aws_buf_release(&imds->token);
}

static int
ask(struct imds *imds, const char *method, const char *path, const char *header,
    const char *value, struct aws_metadata *metadata, struct fb_error *err)
{
    struct aws_buf url;
    int failed;

    aws_buf_init(&url, 2048);
    aws_buf_format(&url, "%s%s", aws_buf_string(&imds->base), path);
    *metadata = (struct aws_metadata){
        .method = method,
        .url = aws_buf_string(&url),
        .timeout_ms = imds->timeout_ms,
        .attempts = imds->attempts,
        .pause_ms = 100,
        .world = imds->world,
        .step = imds->step,
    };
    aws_fields_add(&metadata->headers, header, value);
    failed = aws_buf_check(&url, "URL", err);
    if (failed == 0)
        failed = aws_metadata_send(metadata, err);
    /* Who has a token asks on an instance; before, there may be none. */
    imds->away = failed == 0
                     ? aws_metadata_may_pass(metadata->status)
                     : err->code == FB_E_UNAVAILABLE && imds->token.len > 0;
    metadata->url = NULL;
    aws_buf_release(&url);
    return failed;
}

static int
get_token(struct imds *imds, struct fb_error *err)
{
    struct aws_metadata metadata;
    int failed = ask(imds, "PUT", "/latest/api/token",
                     "x-aws-ec2-metadata-token-ttl-seconds", TOKEN_SECONDS,
                     &metadata, err);

    aws_buf_clear(&imds->token);
    if (failed != 0) {
        if (err->code != FB_E_CANCELLED) {
            aws_source_broken(err, USING, "no token: %.300s", err->message);
            fb_hint(err, "on EC2 in a container the token's answer is lost "
                         "unless the instance's hop limit is 2: a hop limit "
                         "of 2 is needed there");
        }
    } else if (metadata.status != 200) {
        failed = aws_source_broken(err, USING, "no token: it answers %d",
                                   metadata.status);
    } else if (metadata.body.len == 0 ||
               strpbrk(aws_buf_string(&metadata.body), "\r\n") != NULL) {
        failed = aws_source_broken(
            err, USING, "no token: an empty answer, or several lines");
    } else {
        aws_buf_add(&imds->token, metadata.body.bytes, metadata.body.len);
    }
    aws_metadata_release(&metadata);
    return failed;
}

/* The answer to a GET, with a new token when the old one has ended. */
static int
get(struct imds *imds, const char *path, struct aws_metadata *metadata,
    struct fb_error *err)
{
    for (int round = 0; round < 2; round++) {
        if (imds->token.len == 0 && get_token(imds, err) != 0) {
            *metadata = (struct aws_metadata){.status = 0};
            return -1;
        }
        if (ask(imds, "GET", path, "x-aws-ec2-metadata-token",
                aws_buf_string(&imds->token), metadata, err) != 0)
            return err->code == FB_E_CANCELLED
                       ? -1
                       : aws_source_broken(err, USING, "%.300s", err->message);
        if (metadata->status != 401 || round == 1)
            return 0;
        aws_buf_clear(&imds->token);
        aws_metadata_release(metadata);
    }
    return 0;
}

/* One path segment, as IAM allows. */
static bool
is_role_name(const char *name)
{
    return aws_source_is_name(name, 1, 128, "+=,.@_-") &&
           strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static int
get_role(struct imds *imds, char role[129], struct fb_error *err)
{
    struct aws_metadata metadata;
    int failed = get(imds, ROLES, &metadata, err);

    if (failed == 0 && metadata.status == 404)
        failed = aws_source_broken(err, USING, "the instance has no role");
    else if (failed == 0 && metadata.status != 200)
        failed = aws_source_broken(err, USING, "it answers %d for the role",
                                   metadata.status);
    if (failed == 0) {
        snprintf(role, 129, "%s", aws_buf_string(&metadata.body));
        role[strcspn(role, "\r\n")] = '\0';
        if (!is_role_name(role))
            failed =
                aws_source_broken(err, USING, "its role has no usable name");
    }
    aws_metadata_release(&metadata);
    return failed;
}

static int
take(const struct aws_metadata *metadata, struct aws_credentials *credentials,
     struct fb_error *err)
{
    json_t *json = NULL;
    const char *code, *message;
    int failed;

    if (metadata->status != 200)
        return aws_source_broken(
            err, USING, "it answers %d for the credentials", metadata->status);
    if (aws_json_parse(metadata->body.bytes, metadata->body.len, &json, err) !=
        0)
        return aws_source_broken(err, USING, "the credentials are no JSON");
    code = aws_json_text(json, "Code");
    message = aws_json_text(json, "Message");
    if (code != NULL && strcmp(code, "Success") != 0)
        failed = aws_source_broken(err, USING, "%.60s: %.200s", code,
                                   message == NULL ? "no message" : message);
    else
        failed = aws_source_from_json(json, "Token", "the instance's role",
                                      credentials, err);
    json_decref(json);
    credentials->from_instance = true;
    return failed;
}

static int
get_credentials(struct imds *imds, struct aws_credentials *credentials,
                struct fb_error *err)
{
    struct aws_metadata metadata;
    char role[129], path[256];
    int failed;

    if (get_role(imds, role, err) != 0)
        return -1;
    snprintf(path, sizeof(path), "%s%s", ROLES, role);
    failed = get(imds, path, &metadata, err);
    if (failed == 0)
        failed = take(&metadata, credentials, err);
    aws_metadata_release(&metadata);
    return failed;
}

static int
read_disabled(bool *disabled, struct fb_error *err)
{
    const char *text = aws_env("AWS_EC2_METADATA_DISABLED");

    *disabled = text != NULL && strcasecmp(text, "true") == 0;
    if (text == NULL || *disabled || strcasecmp(text, "false") == 0)
        return 0;
    return aws_source_broken(
        err, USING,
        "AWS_EC2_METADATA_DISABLED is '%.30s', not 'true' or "
        "'false'",
        text);
}

int
aws_source_instance(const struct aws_source *source,
                    struct aws_credentials *credentials, struct fb_error *err)
{
    struct imds imds;
    bool disabled;
    int failed;

    if (read_disabled(&disabled, err) != 0)
        return -1;
    if (disabled)
        return AWS_NOT_CONFIGURED;
    failed = imds_open(&imds, source->world, source->step, err);
    if (failed == 0)
        failed = get_credentials(&imds, credentials, err);
    imds_close(&imds, failed, err);
    return failed;
}

int
aws_imds_region(const struct aws_world *world, struct fb_step *step,
                char region[AWS_REGION_MAX], struct fb_error *err)
{
    struct aws_metadata metadata = {.status = 0};
    struct imds imds;
    bool disabled;
    int failed;

    if (read_disabled(&disabled, err) != 0)
        return -1;
    if (disabled)
        return aws_source_broken(err, USING,
                                 "AWS_EC2_METADATA_DISABLED is set");
    failed = imds_open(&imds, world, step, err);
    if (failed == 0)
        failed =
            get(&imds, "/latest/meta-data/placement/region", &metadata, err);
    if (failed == 0 && (metadata.status != 200 ||
                        !aws_region_is_valid(aws_buf_string(&metadata.body))))
        failed = aws_source_broken(err, USING, "it does not tell the region");
    if (failed == 0)
        snprintf(region, AWS_REGION_MAX, "%s", aws_buf_string(&metadata.body));
    aws_metadata_release(&metadata);
    imds_close(&imds, failed, err);
    return failed;
}
