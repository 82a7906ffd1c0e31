/*
 * aws/config.c: see config.h.  One function for each kind of value, so that
 * every setting follows the same order: option, environment, profile.
 */
#include "aws/config.h"

#include "aws/buf.h"
#include "aws/region.h"
#include "aws/world.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#define DEFAULT_ATTEMPTS 3
#define DEFAULT_CONNECT_MS 5000
#define DEFAULT_READ_MS 60000

/* option, else a variable, else a property (NULL: none is asked); NULL. */
static const char *
text(const struct aws_config *config, const char *option, const char *variable,
     const char *property)
{
    if (option != NULL && *option != '\0')
        return option;
    option = variable == NULL ? NULL : aws_env(variable);
    if (option != NULL || property == NULL)
        return option;
    return aws_section_get(config->profile, property);
}

static int
flag(const struct aws_config *config, bool option, const char *variable,
     const char *property, bool *value, struct fb_error *err)
{
    const char *given = text(config, NULL, variable, property);

    *value = option || (given != NULL && strcasecmp(given, "true") == 0);
    if (given == NULL || strcasecmp(given, "true") == 0 ||
        strcasecmp(given, "false") == 0)
        return 0;
    return fb_fail(err, FB_E_CONFIG,
                   "cannot use %s (or '%s' of profile '%s'): it is '%s', not "
                   "'true' or 'false'",
                   variable, property, config->profile_name, given);
}

static int
read_profile(struct aws_config *config, const struct aws_settings *settings,
             struct fb_error *err)
{
    const char *name = settings->profile;

    config->profile_is_ours = name != NULL && *name != '\0';
    if (!config->profile_is_ours)
        name = aws_env("AWS_PROFILE");
    if (name == NULL)
        name = aws_env("AWS_DEFAULT_PROFILE");
    config->profile_name = aws_strdup(name == NULL ? "default" : name);
    if (aws_profiles_read(&config->profiles, err) != 0)
        return -1;
    config->profile = aws_profiles_find(&config->profiles, AWS_SECTION_PROFILE,
                                        config->profile_name);
    if (config->profile != NULL || name == NULL || strcmp(name, "default") == 0)
        return 0;
    fb_fail(err, FB_E_CONFIG, "cannot find profile '%s' in '%s' or '%s'", name,
            config->profiles.config_path == NULL ? "~/.aws/config"
                                                 : config->profiles.config_path,
            config->profiles.credentials_path == NULL
                ? "~/.aws/credentials"
                : config->profiles.credentials_path);
    return fb_hint(err,
                   "in the config file the section is called "
                   "[profile %s]",
                   name);
}

static int
read_region(struct aws_config *config, const struct aws_settings *settings,
            struct fb_error *err)
{
    const char *region = text(config, settings->region, "AWS_REGION", NULL);

    if (region == NULL)
        region = text(config, NULL, "AWS_DEFAULT_REGION", "region");
    config->region = aws_strdup(region);
    if (region == NULL || aws_region_is_valid(region))
        return 0;
    return fb_fail(err, FB_E_CONFIG, "cannot use region '%s': no such name",
                   region);
}

static int
read_attempts(struct aws_config *config, const struct aws_settings *settings,
              struct fb_error *err)
{
    const char *given = text(config, NULL, "AWS_MAX_ATTEMPTS", "max_attempts");
    const char *mode = text(config, NULL, "AWS_RETRY_MODE", "retry_mode");
    char *end = NULL;
    long number;

    /* Those two are older and newer relatives; both retry as we do, in the
     * main.  An unknown word is a mistake. */
    if (mode != NULL && strcasecmp(mode, "standard") != 0 &&
        strcasecmp(mode, "adaptive") != 0 && strcasecmp(mode, "legacy") != 0)
        return fb_fail(err, FB_E_CONFIG,
                       "cannot use retry mode '%s': not standard, adaptive or "
                       "legacy",
                       mode);
    config->max_attempts = DEFAULT_ATTEMPTS;
    if (settings->max_attempts > 0) {
        config->max_attempts = (int)settings->max_attempts;
    } else if (given != NULL) {
        errno = 0;
        number = strtol(given, &end, 10);
        if (*end != '\0' || errno != 0 || number < 1 || number > 100)
            return fb_fail(err, FB_E_CONFIG,
                           "cannot use AWS_MAX_ATTEMPTS (max_attempts) '%s': "
                           "not a number from 1 to 100",
                           given);
        config->max_attempts = (int)number;
    }
    return 0;
}

static int
read_addressing(struct aws_config *config, const struct aws_settings *settings,
                struct fb_error *err)
{
    const char *style = aws_section_get(config->profile, "s3.addressing_style");

    config->force_path_style = settings->force_path_style;
    config->force_virtual_host = settings->force_virtual_host;
    if (config->force_path_style || config->force_virtual_host ||
        style == NULL || strcmp(style, "auto") == 0)
        return 0;
    config->force_path_style = strcmp(style, "path") == 0;
    config->force_virtual_host = strcmp(style, "virtual") == 0;
    if (config->force_path_style || config->force_virtual_host)
        return 0;
    return fb_fail(err, FB_E_CONFIG,
                   "cannot use addressing_style '%s' of profile '%s': not "
                   "auto, path or virtual",
                   style, config->profile_name);
}

static int
read_flags(struct aws_config *config, const struct aws_settings *settings,
           struct fb_error *err)
{
    if (flag(config, settings->use_fips, "AWS_USE_FIPS_ENDPOINT",
             "use_fips_endpoint", &config->use_fips, err) != 0 ||
        flag(config, settings->use_dualstack, "AWS_USE_DUALSTACK_ENDPOINT",
             "use_dualstack_endpoint", &config->use_dualstack, err) != 0 ||
        flag(config, false, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
             "ignore_configured_endpoint_urls", &config->ignore_endpoints,
             err) != 0)
        return -1;
    return flag(config, false, "AWS_NEW_RETRIES_2026", "new_retries_2026",
                &config->new_retries, err);
}

static int
read_app_id(struct aws_config *config, struct fb_error *err)
{
    const char *id = text(config, NULL, "AWS_SDK_UA_APP_ID", "sdk_ua_app_id");

    if (id != NULL && strlen(id) > 50)
        return fb_fail(err, FB_E_CONFIG,
                       "cannot use AWS_SDK_UA_APP_ID (sdk_ua_app_id): longer "
                       "than 50 characters");
    config->app_id = aws_strdup(id);
    return 0;
}

int
aws_config_load(struct aws_config *config, const struct aws_settings *settings,
                struct fb_error *err)
{
    *config = (struct aws_config){.max_attempts = 0};
    if (read_profile(config, settings, err) != 0 ||
        read_region(config, settings, err) != 0 ||
        read_attempts(config, settings, err) != 0 ||
        read_addressing(config, settings, err) != 0 ||
        read_flags(config, settings, err) != 0 || read_app_id(config, err) != 0)
        return -1;
    config->option_key = aws_strdup(settings->access_key_id);
    config->option_secret = aws_strdup(settings->secret_access_key);
    config->option_token = aws_strdup(settings->session_token);
    config->option_endpoint = aws_strdup(settings->endpoint);
    config->ca_bundle = aws_strdup(
        text(config, settings->ca_bundle, "AWS_CA_BUNDLE", "ca_bundle"));
    config->connect_timeout_ms = settings->connect_timeout > 0
                                     ? settings->connect_timeout
                                     : DEFAULT_CONNECT_MS;
    config->read_timeout_ms =
        settings->read_timeout > 0 ? settings->read_timeout : DEFAULT_READ_MS;
    return 0;
}

void
aws_config_release(struct aws_config *config)
{
    aws_profiles_release(&config->profiles);
    free(config->profile_name);
    aws_free_secret(config->option_key);
    aws_free_secret(config->option_secret);
    aws_free_secret(config->option_token);
    free(config->option_endpoint);
    free(config->region);
    free(config->ca_bundle);
    free(config->app_id);
    *config = (struct aws_config){.max_attempts = 0};
}

/* AWS_ENDPOINT_URL_SQS */
static const char *
endpoint_variable(const char *service)
{
    char name[64] = "AWS_ENDPOINT_URL_";
    size_t length = strlen(name);

    for (; *service != '\0' && length + 1 < sizeof(name); service++)
        name[length++] = *service >= 'a' && *service <= 'z'
                             ? (char)(*service - 'a' + 'A')
                             : *service;
    return aws_env(name);
}

const char *
aws_config_endpoint(const struct aws_config *config, const char *service,
                    bool is_own)
{
    const char *given, *services;
    char property[64];

    if (is_own && config->option_endpoint != NULL &&
        *config->option_endpoint != '\0')
        return config->option_endpoint;
    if (config->ignore_endpoints)
        return NULL;
    given = endpoint_variable(service);
    if (given == NULL)
        given = aws_env("AWS_ENDPOINT_URL");
    if (given != NULL)
        return given;
    services = aws_section_get(config->profile, "services");
    if (services != NULL) {
        snprintf(property, sizeof(property), "%s.endpoint_url", service);
        given =
            aws_section_get(aws_profiles_find(&config->profiles,
                                              AWS_SECTION_SERVICES, services),
                            property);
    }
    return given != NULL ? given
                         : aws_section_get(config->profile, "endpoint_url");
}
