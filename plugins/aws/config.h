/*
 * aws/config.h: what holds for one client, after the options, the environment
 * and the shared files were asked in their order.
 * https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
 */
#ifndef AWS_CONFIG_H
#define AWS_CONFIG_H

#include "aws/profile.h"
#include "aws/settings.h"
#include "forebay/plugin.h"

struct aws_config {
    struct aws_profiles profiles;
    const struct aws_section *profile; /* NULL: there is no such section */
    char *profile_name;                /* owned, as all texts */
    bool profile_is_ours; /* the option named it, not the environment */
    char *option_key, *option_secret, *option_token; /* NULL: not given */
    char *option_endpoint; /* for the service of the plugin only */
    char *region;          /* NULL: nobody names one */
    char *ca_bundle;       /* NULL: the system's */
    char *app_id;          /* for the user agent; NULL */
    bool use_fips, use_dualstack;
    bool force_path_style, force_virtual_host;
    bool ignore_endpoints; /* what the environment and the files say */
    bool new_retries;      /* delays as revised in 2026 */
    int max_attempts;
    int64_t connect_timeout_ms, read_timeout_ms;
};

/* FB_E_CONFIG: a file is malformed, a named profile does not exist, a value
 * is not what it must be.  Release also after a failure. */
int aws_config_load(struct aws_config *config,
                    const struct aws_settings *settings,
                    struct fb_error *err) FB_MUST_CHECK;
void aws_config_release(struct aws_config *config);

/* The URL that the user wants for a service ("s3"), NULL for AWS's own; lives
 * as long as config.  The plugin's own option is asked when `is_own`. */
const char *aws_config_endpoint(const struct aws_config *config,
                                const char *service, bool is_own);

#endif
