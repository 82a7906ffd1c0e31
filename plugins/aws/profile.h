/*
 * aws/profile.h: the shared config and credentials files.
 * https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
#ifndef AWS_PROFILE_H
#define AWS_PROFILE_H

#include "aws/fields.h"
#include "forebay/plugin.h"

#define AWS_PROFILE_FILE_MAX ((size_t)1 << 20)

enum aws_section_kind {
    AWS_SECTION_PROFILE = 1,
    AWS_SECTION_SSO_SESSION,
    AWS_SECTION_SERVICES,
};

/* Properties have lower case names; a nested one is "s3.endpoint_url". */
struct aws_section {
    enum aws_section_kind kind;
    char *name;
    bool is_prefixed; /* [profile default] beats [default] */
    struct aws_fields properties;
    struct aws_section *next;
};

struct aws_profiles {
    char *config_path, *credentials_path; /* owned */
    struct aws_section *sections;         /* in no order */
};

/*
 * Read both files, where the environment says or in ~/.aws.  A file that does
 * not exist is empty.  FB_E_CONFIG with "path:line: ..." for anything that is
 * not the syntax, and for a file that cannot be read.
 */
int aws_profiles_read(struct aws_profiles *profiles,
                      struct fb_error *err) FB_MUST_CHECK;
void aws_profiles_release(struct aws_profiles *profiles);

/* One text added to what is there: for tests, and what aws_profiles_read
 * does with each file. */
int aws_profiles_parse(struct aws_profiles *profiles, const char *text,
                       size_t size, const char *path, bool is_credentials,
                       struct fb_error *err) FB_MUST_CHECK;

const struct aws_section *aws_profiles_find(const struct aws_profiles *profiles,
                                            enum aws_section_kind kind,
                                            const char *name);
/* A property that is there and not empty, else NULL.  section may be NULL. */
const char *aws_section_get(const struct aws_section *section,
                            const char *property);

/* Whether a file with keys in it is readable by everybody. */
bool aws_profiles_are_open(const struct aws_profiles *profiles);

#endif
