/*
 * aws/settings.h: what a step's options say about AWS, and what becomes of
 * them with the environment and the shared config file.  The options of every
 * AWS plugin are defined here, once.
 */
#ifndef AWS_SETTINGS_H
#define AWS_SETTINGS_H

#include "forebay/plugin.h"

/*
 * Put one of these into a plugin's instance and AWS_OPTIONS into its table:
 *
 *     struct sns { struct aws_settings aws; ... };
 *     static const struct fb_option sns_options[] = {
 *         ..., AWS_OPTIONS(struct sns, aws), {.name = NULL}};
 *
 * NULL, false and 0 mean "not given": the environment and the profile decide.
 */
struct aws_settings {
    const char *region;
    const char *endpoint;
    const char *profile;
    const char *access_key_id;
    const char *secret_access_key;
    const char *session_token;
    const char *ca_bundle;
    bool use_fips, use_dualstack;
    bool force_path_style, force_virtual_host; /* S3 only */
    int64_t max_attempts;
    int64_t connect_timeout; /* ms */
    int64_t read_timeout;    /* ms without progress */
};

#define AWS_OPTIONS(struct_, field_)                                         \
    {.name = "region",                                                       \
     FB_STRING(struct_, field_.region),                                      \
     .help = "AWS region; without it AWS_REGION, AWS_DEFAULT_REGION, the "   \
             "profile or the instance decides."},                            \
        {.name = "endpoint",                                                 \
         FB_STRING(struct_, field_.endpoint),                                \
         .help = "URL of the service instead of AWS's own; without it "      \
                 "AWS_ENDPOINT_URL and the profile are asked."},             \
        {.name = "profile",                                                  \
         FB_STRING(struct_, field_.profile),                                 \
         .help = "Profile of the shared config and credentials files; "      \
                 "without it AWS_PROFILE."},                                 \
        {.name = "access_key_id",                                            \
         FB_STRING(struct_, field_.access_key_id),                           \
         .help = "Access key, for stores that are not AWS; better leave it " \
                 "out and use a role."},                                     \
        {.name = "secret_access_key",                                        \
         FB_SECRET(struct_, field_.secret_access_key),                       \
         .help = "Secret of access_key_id."},                                \
        {.name = "session_token",                                            \
         FB_SECRET(struct_, field_.session_token),                           \
         .help = "Session token of temporary keys."},                        \
        {.name = "ca_bundle",                                                \
         FB_STRING(struct_, field_.ca_bundle),                               \
         .help = "File with the certificate authorities to trust; without "  \
                 "it AWS_CA_BUNDLE or the system's."},                       \
        {.name = "use_fips",                                                 \
         FB_BOOL(struct_, field_.use_fips),                                  \
         .def = "false",                                                     \
         .help = "Use FIPS 140 endpoints, as AWS_USE_FIPS_ENDPOINT does."},  \
        {.name = "use_dualstack",                                            \
         FB_BOOL(struct_, field_.use_dualstack),                             \
         .def = "false",                                                     \
         .help = "Use endpoints with IPv4 and IPv6, as "                     \
                 "AWS_USE_DUALSTACK_ENDPOINT does."},                        \
        {.name = "max_attempts",                                             \
         FB_INT(struct_, field_.max_attempts),                               \
         .min = 1,                                                           \
         .max = 20,                                                          \
         .help = "Attempts for one request, the first included; without it " \
                 "AWS_MAX_ATTEMPTS, the profile, or 3."},                    \
        {.name = "connect_timeout",                                          \
         FB_DURATION(struct_, field_.connect_timeout),                       \
         .def = "5s",                                                        \
         .min = 100,                                                         \
         .max = 60000,                                                       \
         .help = "How long making a connection may take."},                  \
    {                                                                        \
        .name = "read_timeout", FB_DURATION(struct_, field_.read_timeout),   \
        .def = "60s", .min = 100, .max = 900000,                             \
        .help = "How long a connection may go without progress."             \
    }

/* Besides, for plugins that talk to S3. */
#define AWS_S3_OPTIONS(struct_, field_)                                       \
    {.name = "force_path_style",                                              \
     FB_BOOL(struct_, field_.force_path_style),                               \
     .def = "false",                                                          \
     .help = "Put the bucket into the path, not the host name; always so "    \
             "with an endpoint of your own."},                                \
    {                                                                         \
        .name = "force_virtual_host",                                         \
        FB_BOOL(struct_, field_.force_virtual_host), .def = "false",          \
        .help = "Put the bucket into the host name also with an endpoint of " \
                "your own."                                                   \
    }

/*
 * What `check` of a plugin calls: only the options, nothing outside them.
 * Refuses a region that is no DNS label, an endpoint that is no http(s) URL,
 * half a key pair, both ways to address a bucket.
 */
int aws_settings_check(const struct aws_settings *settings,
                       struct fb_step *step,
                       struct fb_error *err) FB_MUST_CHECK;

#endif
