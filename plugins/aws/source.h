/*
 * aws/source.h: the places where credentials can come from, one function
 * each.  In which order they are asked stands in chain.c.
 */
#ifndef AWS_SOURCE_H
#define AWS_SOURCE_H

#include "aws/config.h"
#include "aws/credentials.h"
#include "aws/world.h"
#include "forebay/plugin.h"

#include <jansson.h>

/* What a source may use. */
struct aws_source {
    struct aws_config *config;
    const char *region; /* for STS */
    const struct aws_world *world;
    struct fb_step *step;
    int64_t now_ms; /* as the service sees it */
};

/* What a source answers: 0, or AWS_NOT_CONFIGURED, or -1 with *err: it is
 * configured but broken, and no other may be asked. */
#define AWS_NOT_CONFIGURED 1

typedef int (*aws_source_fn)(const struct aws_source *source,
                             struct aws_credentials *credentials,
                             struct fb_error *err);

/* source_keys.c */
int aws_source_options(const struct aws_source *source,
                       struct aws_credentials *credentials,
                       struct fb_error *err) FB_MUST_CHECK;
int aws_source_environment(const struct aws_source *source,
                           struct aws_credentials *credentials,
                           struct fb_error *err) FB_MUST_CHECK;
int aws_source_section(const struct aws_section *section,
                       struct aws_credentials *credentials,
                       struct fb_error *err) FB_MUST_CHECK;

/* source_profile.c: whatever the profile says */
int aws_source_profile(const struct aws_source *source,
                       struct aws_credentials *credentials,
                       struct fb_error *err) FB_MUST_CHECK;

/* source_process.c */
int aws_source_process(const struct aws_source *source, const char *command,
                       struct aws_credentials *credentials,
                       struct fb_error *err) FB_MUST_CHECK;

/* source_role.c: AssumeRole with `base`, or with a web identity token. */
struct aws_role {
    const char *arn;
    const char *session_name; /* NULL: made up */
    const char *external_id;  /* NULL: none */
    const char *duration;     /* seconds as text; NULL: the role's */
    const char *token_file;   /* web identity only */
    const char *source;       /* for messages: "profile 'x'" */
};

int aws_source_assume(const struct aws_source *source,
                      const struct aws_role *role,
                      const struct aws_credentials *base,
                      struct aws_credentials *credentials,
                      struct fb_error *err) FB_MUST_CHECK;
int aws_source_web_identity(const struct aws_source *source,
                            const struct aws_role *role,
                            struct aws_credentials *credentials,
                            struct fb_error *err) FB_MUST_CHECK;
int aws_source_web_environment(const struct aws_source *source,
                               struct aws_credentials *credentials,
                               struct fb_error *err) FB_MUST_CHECK;

/* source_container.c, imds.c */
int aws_source_container(const struct aws_source *source,
                         struct aws_credentials *credentials,
                         struct fb_error *err) FB_MUST_CHECK;
int aws_source_instance(const struct aws_source *source,
                        struct aws_credentials *credentials,
                        struct fb_error *err) FB_MUST_CHECK;

/* source.c: "cannot use WHAT: ..." as FB_E_CONFIG; -1. */
int FB_PRINTF(3, 4) aws_source_broken(struct fb_error *err, const char *what,
                                      const char *format, ...);
/* Is it that many letters, digits and characters besides? */
bool aws_source_is_name(const char *text, size_t min, size_t max,
                        const char *besides);

/* source_keys.c: take AccessKeyId, SecretAccessKey, the token under that key,
 * Expiration. */
int aws_source_from_json(const json_t *json, const char *token_key,
                         const char *name, struct aws_credentials *credentials,
                         struct fb_error *err) FB_MUST_CHECK;

#endif
