/*
 * aws/settings.c: see settings.h.
 */
#include "aws/settings.h"

#include "aws/region.h"
#include "aws/world.h"

static bool
is_given(const char *text)
{
    return text != NULL && *text != '\0';
}

int
aws_settings_check(const struct aws_settings *settings, struct fb_step *step,
                   struct fb_error *err)
{
    if (is_given(settings->region) && !aws_region_is_valid(settings->region))
        return fb_bad_option(step, err, "region", 0,
                             "'%s' is no name of a region", settings->region);
    if (is_given(settings->endpoint) &&
        strncmp(settings->endpoint, "http://", 7) != 0 &&
        strncmp(settings->endpoint, "https://", 8) != 0)
        return fb_bad_option(step, err, "endpoint", 0,
                             "it is no URL that begins with http:// or "
                             "https://");
    if (is_given(settings->endpoint) &&
        (settings->use_fips || settings->use_dualstack))
        return fb_bad_option(step, err, "endpoint", 0,
                             "FIPS and dual-stack endpoints are AWS's own");
    if (is_given(settings->access_key_id) !=
        is_given(settings->secret_access_key))
        return fb_bad_option(step, err,
                             is_given(settings->access_key_id)
                                 ? "access_key_id"
                                 : "secret_access_key",
                             0, "a key needs both, the id and the secret");
    if (is_given(settings->session_token) && !is_given(settings->access_key_id))
        return fb_bad_option(step, err, "session_token", 0,
                             "a token belongs to a key: access_key_id is "
                             "missing");
    if (settings->force_path_style && settings->force_virtual_host)
        return fb_bad_option(step, err, "force_virtual_host", 0,
                             "a bucket cannot stand in the host name when "
                             "force_path_style puts it into the path");
    return 0;
}
