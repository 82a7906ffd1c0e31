/*
 * aws/profile.c: see profile.h.  Where the files are, and what was found in
 * them; the syntax is in profile_parse.c.
 */
#include "aws/profile.h"

#include "aws/buf.h"
#include "aws/file.h"

#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void
section_free(struct aws_section *section)
{
    free(section->name);
    aws_fields_release(&section->properties);
    free(section);
}

void
aws_profiles_release(struct aws_profiles *profiles)
{
    while (profiles->sections != NULL) {
        struct aws_section *section = profiles->sections;

        profiles->sections = section->next;
        section_free(section);
    }
    free(profiles->config_path);
    free(profiles->credentials_path);
    *profiles = (struct aws_profiles){.sections = NULL};
}

const struct aws_section *
aws_profiles_find(const struct aws_profiles *profiles,
                  enum aws_section_kind kind, const char *name)
{
    const struct aws_section *section = profiles->sections;

    while (section != NULL &&
           (section->kind != kind || strcmp(section->name, name) != 0))
        section = section->next;
    return section;
}

const char *
aws_section_get(const struct aws_section *section, const char *property)
{
    const char *value =
        section == NULL ? NULL : aws_fields_get(&section->properties, property);

    return value == NULL || *value == '\0' ? NULL : value;
}

/* The home folder; NULL for a user without one. */
static const char *
home(struct passwd *entry, char *space, size_t size)
{
    const char *folder = getenv("HOME");
    struct passwd *found;

    if (folder != NULL && *folder != '\0')
        return folder;
    if (getpwuid_r(getuid(), entry, space, size, &found) != 0 || found == NULL)
        return NULL;
    return found->pw_dir;
}

/* What the environment names, else name in ~/.aws; NULL: nowhere. */
static char *
place(const char *variable, const char *name)
{
    const char *given = getenv(variable);
    struct passwd entry;
    char space[4096];
    const char *folder = home(&entry, space, sizeof(space));
    struct aws_buf path;
    char *copy = NULL;

    if (given != NULL && *given != '\0' && strncmp(given, "~/", 2) != 0)
        return aws_strdup(given);
    if (folder == NULL)
        return NULL;
    aws_buf_init(&path, 8192);
    if (given != NULL && *given != '\0')
        aws_buf_format(&path, "%s%s", folder, given + 1);
    else
        aws_buf_format(&path, "%s/.aws/%s", folder, name);
    if (aws_buf_ok(&path))
        copy = aws_strdup(aws_buf_string(&path));
    aws_buf_release(&path);
    return copy;
}

static int
read_one(struct aws_profiles *profiles, const char *path, bool is_credentials,
         struct fb_error *err)
{
    struct fb_error why = {.code = FB_E_NONE};
    struct aws_buf text;
    int failed;

    if (path == NULL)
        return 0;
    aws_buf_init(&text, AWS_PROFILE_FILE_MAX);
    failed = aws_file_read(path, &text, &why);
    if (failed != 0 && why.code == FB_E_MISSING)
        failed = 0;
    else if (failed != 0)
        *err = why;
    else
        failed = aws_profiles_parse(profiles, aws_buf_string(&text), text.len,
                                    path, is_credentials, err);
    aws_buf_release(&text);
    return failed;
}

int
aws_profiles_read(struct aws_profiles *profiles, struct fb_error *err)
{
    *profiles = (struct aws_profiles){
        .config_path = place("AWS_CONFIG_FILE", "config"),
        .credentials_path = place("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
    };
    if (read_one(profiles, profiles->config_path, false, err) == 0 &&
        read_one(profiles, profiles->credentials_path, true, err) == 0)
        return 0;
    aws_profiles_release(profiles);
    return -1;
}

bool
aws_profiles_are_open(const struct aws_profiles *profiles)
{
    struct stat found;

    return profiles->credentials_path != NULL &&
           stat(profiles->credentials_path, &found) == 0 &&
           S_ISREG(found.st_mode) && (found.st_mode & S_IROTH) != 0;
}
