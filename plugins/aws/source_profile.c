/*
 * aws/source_profile.c: what a profile says about credentials: keys, a role to
 * be assumed with those of another profile, a web identity, a process.
 */
#include "aws/source.h"

#define CHAIN_MAX 16 /* profiles that refer to each other */

/* The profiles on the way to the one being resolved. */
struct path {
    const char *names[CHAIN_MAX];
    size_t count;
};

static int resolve(const struct aws_source *source,
                   const struct aws_section *section, struct path *path,
                   struct aws_credentials *credentials, struct fb_error *err);

static int FB_PRINTF(3, 4) broken(const struct aws_section *section,
                                  struct fb_error *err, const char *format, ...)
{
    char why[256];
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    return fb_fail(err, FB_E_CONFIG,
                   "cannot use the credentials of profile '%.100s': %s",
                   section->name, why);
}

/* credential_source: a name for one of the other sources. */
static int
from_named_source(const struct aws_source *source,
                  const struct aws_section *section, const char *name,
                  struct aws_credentials *credentials, struct fb_error *err)
{
    static const struct {
        const char *name;
        aws_source_fn load;
    } sources[] = {
        {"Environment", aws_source_environment},
        {"EcsContainer", aws_source_container},
        {"Ec2InstanceMetadata", aws_source_instance},
    };
    int done;

    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        if (strcmp(sources[i].name, name) != 0)
            continue;
        done = sources[i].load(source, credentials, err);
        if (done == AWS_NOT_CONFIGURED)
            return broken(section, err,
                          "credential_source '%s' has no credentials", name);
        return done;
    }
    return broken(section, err,
                  "credential_source '%.60s' is not Environment, EcsContainer "
                  "or Ec2InstanceMetadata",
                  name);
}

/* source_profile: resolved itself, which may lead to a third one. */
static int
from_other_profile(const struct aws_source *source,
                   const struct aws_section *section, const char *name,
                   struct path *path, struct aws_credentials *credentials,
                   struct fb_error *err)
{
    const struct aws_section *other =
        aws_profiles_find(&source->config->profiles, AWS_SECTION_PROFILE, name);
    int done;

    if (other == NULL)
        return broken(section, err, "source_profile '%.100s' does not exist",
                      name);
    /* Itself: then its own keys are meant, not the role again. */
    if (other == section)
        done = aws_source_section(section, credentials, err);
    else
        done = resolve(source, other, path, credentials, err);
    if (done == AWS_NOT_CONFIGURED)
        return broken(section, err,
                      "source_profile '%.100s' has no credentials", name);
    return done;
}

static int
assume(const struct aws_source *source, const struct aws_section *section,
       const struct aws_role *role, struct path *path,
       struct aws_credentials *credentials, struct fb_error *err)
{
    const char *other = aws_section_get(section, "source_profile");
    const char *named = aws_section_get(section, "credential_source");
    struct aws_credentials base = {.access_key = NULL};
    int failed;

    if ((other == NULL) == (named == NULL))
        return broken(section, err,
                      "role_arn needs source_profile or credential_source, "
                      "and not both");
    if (aws_section_get(section, "mfa_serial") != NULL)
        return broken(section, err,
                      "mfa_serial needs somebody who types a code");
    if (named != NULL)
        failed = from_named_source(source, section, named, &base, err);
    else
        failed = from_other_profile(source, section, other, path, &base, err);
    if (failed == 0)
        failed = aws_source_assume(source, role, &base, credentials, err);
    aws_credentials_release(&base);
    return failed;
}

static int
resolve_role(const struct aws_source *source, const struct aws_section *section,
             struct path *path, struct aws_credentials *credentials,
             struct fb_error *err)
{
    char name[128];
    const struct aws_role role = {
        .arn = aws_section_get(section, "role_arn"),
        .session_name = aws_section_get(section, "role_session_name"),
        .external_id = aws_section_get(section, "external_id"),
        .duration = aws_section_get(section, "duration_seconds"),
        .token_file = aws_section_get(section, "web_identity_token_file"),
        .source = name,
    };

    snprintf(name, sizeof(name), "profile '%.100s'", section->name);
    if (role.token_file != NULL && role.arn == NULL)
        return broken(section, err, "web_identity_token_file needs role_arn");
    if (role.token_file != NULL &&
        aws_section_get(section, "source_profile") == NULL &&
        aws_section_get(section, "credential_source") == NULL)
        return aws_source_web_identity(source, &role, credentials, err);
    return assume(source, section, &role, path, credentials, err);
}

static bool
has_any(const struct aws_section *section, const char *const *names)
{
    for (; *names != NULL; names++)
        if (aws_section_get(section, *names) != NULL)
            return true;
    return false;
}

static int
resolve(const struct aws_source *source, const struct aws_section *section,
        struct path *path, struct aws_credentials *credentials,
        struct fb_error *err)
{
    static const char *const role[] = {"role_arn", "web_identity_token_file",
                                       NULL};
    static const char *const sso[] = {"sso_session", "sso_account_id",
                                      "sso_start_url", NULL};
    const char *command = aws_section_get(section, "credential_process");
    int done;

    for (size_t i = 0; i < path->count; i++)
        if (strcmp(path->names[i], section->name) == 0)
            return broken(section, err, "its source_profile leads back to it");
    if (path->count == CHAIN_MAX)
        return broken(section, err, "more than %d profiles in a row",
                      CHAIN_MAX);
    path->names[path->count++] = section->name;
    if (has_any(section, role))
        return resolve_role(source, section, path, credentials, err);
    if (has_any(section, sso)) {
        broken(section, err,
               "a login by IAM Identity Center (SSO) ends after "
               "hours, and nobody is here to log in again");
        return fb_hint(err, "give the profile a role, or a "
                            "credential_process that knows how to log in");
    }
    done = aws_source_section(section, credentials, err);
    if (done != AWS_NOT_CONFIGURED)
        return done;
    if (aws_section_get(section, "login_session") != NULL)
        return broken(section, err,
                      "a login session of the AWS CLI is for "
                      "people; give the profile a role");
    if (command != NULL)
        return aws_source_process(source, command, credentials, err);
    return AWS_NOT_CONFIGURED;
}

int
aws_source_profile(const struct aws_source *source,
                   struct aws_credentials *credentials, struct fb_error *err)
{
    struct path path = {.count = 0};

    if (source->config->profile == NULL)
        return AWS_NOT_CONFIGURED;
    return resolve(source, source->config->profile, &path, credentials, err);
}
