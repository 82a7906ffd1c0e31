/*
 * aws/source_keys.c: keys that are simply written down: in the options, the
 * environment, a profile, a JSON document.
 */
#include "aws/source.h"

#include "aws/json.h"
#include "aws/moment.h"

static int
set_expiration(struct aws_credentials *credentials, const char *text,
               struct fb_error *err)
{
    if (text == NULL || *text == '\0' ||
        aws_moment_parse_iso(text, &credentials->expires_ms) == 0)
        return 0;
    return fb_fail(err, FB_E_CONFIG,
                   "cannot use the credentials of %s: their expiration is not "
                   "like 2026-01-02T03:04:05Z",
                   credentials->source);
}

int
aws_source_options(const struct aws_source *source,
                   struct aws_credentials *credentials, struct fb_error *err)
{
    const struct aws_config *config = source->config;

    if (config->option_key == NULL && config->option_secret == NULL)
        return AWS_NOT_CONFIGURED;
    return aws_credentials_set(credentials, config->option_key,
                               config->option_secret, config->option_token,
                               "the options of the step", err);
}

int
aws_source_environment(const struct aws_source *source,
                       struct aws_credentials *credentials,
                       struct fb_error *err)
{
    const char *key = aws_env("AWS_ACCESS_KEY_ID");
    const char *secret = aws_env("AWS_SECRET_ACCESS_KEY");
    const char *token = aws_env("AWS_SESSION_TOKEN");

    (void)source;
    if (key == NULL && secret == NULL)
        return AWS_NOT_CONFIGURED;
    if (token == NULL)
        token = aws_env("AWS_SECURITY_TOKEN");
    if (aws_credentials_set(credentials, key, secret, token, "the environment",
                            err) != 0)
        return -1;
    return set_expiration(credentials, aws_env("AWS_CREDENTIAL_EXPIRATION"),
                          err);
}

int
aws_source_section(const struct aws_section *section,
                   struct aws_credentials *credentials, struct fb_error *err)
{
    const char *key = aws_section_get(section, "aws_access_key_id");
    const char *secret = aws_section_get(section, "aws_secret_access_key");
    char name[128];

    if (key == NULL && secret == NULL)
        return AWS_NOT_CONFIGURED;
    snprintf(name, sizeof(name), "profile '%s'", section->name);
    return aws_credentials_set(credentials, key, secret,
                               aws_section_get(section, "aws_session_token"),
                               name, err);
}

int
aws_source_from_json(const json_t *json, const char *token_key,
                     const char *name, struct aws_credentials *credentials,
                     struct fb_error *err)
{
    if (aws_credentials_set(credentials, aws_json_text(json, "AccessKeyId"),
                            aws_json_text(json, "SecretAccessKey"),
                            aws_json_text(json, token_key), name, err) != 0)
        return -1;
    return set_expiration(credentials, aws_json_text(json, "Expiration"), err);
}
