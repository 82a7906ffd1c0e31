/*
 * aws/profile_parse.c: the syntax of the shared files (aws_profiles_parse of
 * profile.h).  One line at a time; what a line means depends on the section
 * and the property that are open.
 */
#include "aws/profile.h"

#include "aws/buf.h"

#include <stdlib.h>

#define LINE_MAX_BYTES ((size_t)256 << 10)

struct parser {
    struct aws_profiles *profiles;
    const char *path;
    bool is_credentials;
    unsigned line;
    bool in_section;             /* some section has begun */
    struct aws_section *section; /* NULL: one that is ignored */
    char *property;              /* the last one; NULL: none yet */
    bool is_nested;              /* its value is a list of sub-properties */
};

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Cut blanks off both ends, in place. */
static char *
trim(char *text)
{
    size_t size;

    while (is_blank(*text))
        text++;
    size = strlen(text);
    while (size > 0 && is_blank(text[size - 1]))
        text[--size] = '\0';
    return text;
}

static int FB_PRINTF(3, 4) wrong(const struct parser *parser,
                                 struct fb_error *err, const char *format, ...)
{
    char why[256];
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    return fb_fail(err, FB_E_CONFIG, "cannot read '%s', line %u: %s",
                   parser->path, parser->line, why);
}

static void
lower(char *text)
{
    for (; *text != '\0'; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
}

/* Cut a comment off that has a blank before it. */
static void
cut_comment(char *text)
{
    for (char *p = text; *p != '\0'; p++)
        if ((*p == '#' || *p == ';') && p > text && is_blank(p[-1])) {
            *p = '\0';
            return;
        }
}

/* The section of that name, made when it is new. */
static struct aws_section *
section_of(struct aws_profiles *profiles, enum aws_section_kind kind,
           const char *name)
{
    struct aws_section *section = profiles->sections;

    while (section != NULL &&
           (section->kind != kind || strcmp(section->name, name) != 0))
        section = section->next;
    if (section == NULL) {
        section = aws_alloc(sizeof(*section));
        section->kind = kind;
        section->name = aws_strdup(name);
        section->next = profiles->sections;
        profiles->sections = section;
    }
    return section;
}

/* "[profile default]" beats "[default]", whichever stands first. */
static struct aws_section *
default_section(struct parser *parser, bool is_prefixed)
{
    struct aws_section *section =
        section_of(parser->profiles, AWS_SECTION_PROFILE, "default");

    if (section->is_prefixed && !is_prefixed)
        return NULL;
    if (is_prefixed && !section->is_prefixed)
        aws_fields_release(&section->properties);
    section->is_prefixed = is_prefixed;
    return section;
}

static char *
unquoted(char *name)
{
    size_t size = strlen(name);

    if (size >= 2 && (*name == '"' || *name == '\'') &&
        name[size - 1] == *name) {
        name[size - 1] = '\0';
        return name + 1;
    }
    return name;
}

static struct aws_section *
open_section(struct parser *parser, char *title)
{
    static const struct {
        const char *word;
        enum aws_section_kind kind;
    } kinds[] = {
        {"profile", AWS_SECTION_PROFILE},
        {"sso-session", AWS_SECTION_SSO_SESSION},
        {"services", AWS_SECTION_SERVICES},
    };

    if (parser->is_credentials) {
        /* "[profile x]" has no meaning here, and a name has no blanks. */
        if (strncmp(title, "profile", 7) == 0 && is_blank(title[7]))
            return NULL;
        return section_of(parser->profiles, AWS_SECTION_PROFILE,
                          unquoted(title));
    }
    if (strcmp(title, "default") == 0)
        return default_section(parser, false);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t size = strlen(kinds[i].word);
        char *name;

        if (strncmp(title, kinds[i].word, size) != 0 || !is_blank(title[size]))
            continue;
        name = unquoted(trim(title + size));
        if (*name == '\0')
            return NULL;
        if (kinds[i].kind == AWS_SECTION_PROFILE &&
            strcmp(name, "default") == 0)
            return default_section(parser, true);
        return section_of(parser->profiles, kinds[i].kind, name);
    }
    return NULL;
}

static int
on_title(struct parser *parser, char *text, struct fb_error *err)
{
    char *end = strchr(text, ']');
    char *rest;

    if (end == NULL)
        return wrong(parser, err, "']' is missing after the section's name");
    rest = trim(end + 1);
    if (*rest != '\0' && *rest != '#' && *rest != ';')
        return wrong(parser, err, "text after ']'");
    *end = '\0';
    text = trim(text + 1);
    if (*text == '\0')
        return wrong(parser, err, "the section has no name");
    free(parser->property);
    parser->property = NULL;
    parser->in_section = true;
    parser->section = open_section(parser, text);
    return 0;
}

/* name = value; *value is "" for none. */
static int
split(const struct parser *parser, char *text, char **name, char **value,
      struct fb_error *err)
{
    char *equals = strchr(text, '=');

    /* Two lines each, so that an analyzer sees what callers rely on. */
    if (equals == NULL) {
        wrong(parser, err, "a line without '='");
        return -1;
    }
    *equals = '\0';
    *name = trim(text);
    *value = trim(equals + 1);
    if (**name == '\0') {
        wrong(parser, err, "no name before '='");
        return -1;
    }
    lower(*name);
    return 0;
}

static int
on_property(struct parser *parser, char *text, struct fb_error *err)
{
    char *name, *value;

    if (!parser->in_section)
        return wrong(parser, err, "a property before the first section");
    cut_comment(text);
    if (split(parser, text, &name, &value, err) != 0)
        return -1;
    free(parser->property);
    parser->property = aws_strdup(name);
    parser->is_nested = *value == '\0';
    if (parser->section != NULL)
        aws_fields_set(&parser->section->properties, name, value);
    return 0;
}

/* A line that begins with a blank. */
static int
on_continuation(struct parser *parser, char *text, struct fb_error *err)
{
    struct aws_fields *properties;
    struct aws_buf joined;
    const char *before;
    char *name, *value;

    /* A comment is data in a continued text, but not in a list. */
    if ((*text == '#' || *text == ';') &&
        (parser->property == NULL || parser->is_nested))
        return 0;
    if (parser->property == NULL)
        return wrong(parser, err, "a continued line without a property");
    aws_buf_init(&joined, LINE_MAX_BYTES);
    if (parser->is_nested) {
        cut_comment(text);
        if (split(parser, text, &name, &value, err) != 0)
            return -1;
        aws_buf_format(&joined, "%s.%s", parser->property, name);
        if (parser->section != NULL)
            aws_fields_set(&parser->section->properties,
                           aws_buf_string(&joined), value);
    } else if (parser->section != NULL) {
        properties = &parser->section->properties;
        before = aws_fields_get(properties, parser->property);
        aws_buf_format(&joined, "%s\n%s", before == NULL ? "" : before, text);
        aws_fields_set(properties, parser->property, aws_buf_string(&joined));
    }
    aws_buf_release(&joined);
    return 0;
}

static int
on_line(struct parser *parser, char *line, struct fb_error *err)
{
    bool indented = is_blank(*line);
    char *text = trim(line);

    if (*text == '\0')
        return 0;
    if (indented)
        return on_continuation(parser, text, err);
    if (*text == '#' || *text == ';')
        return 0;
    if (*text == '[')
        return on_title(parser, text, err);
    return on_property(parser, text, err);
}

int
aws_profiles_parse(struct aws_profiles *profiles, const char *text, size_t size,
                   const char *path, bool is_credentials, struct fb_error *err)
{
    struct parser parser = {
        .profiles = profiles,
        .path = path,
        .is_credentials = is_credentials,
    };
    const char *end = text + size;
    int failed = 0;

    if (memchr(text, '\0', size) != NULL)
        return fb_fail(err, FB_E_CONFIG,
                       "cannot read '%s': it is not a text file", path);
    while (text < end && failed == 0) {
        size_t length = strcspn(text, "\n");
        char *line = aws_strndup(text, length);

        parser.line++;
        failed = on_line(&parser, line, err);
        aws_wipe(line, length);
        free(line);
        text += length + (text[length] == '\n');
    }
    free(parser.property);
    for (struct aws_section *s = profiles->sections; s != NULL; s = s->next)
        if (failed == 0 && s->properties.failed)
            failed = fb_fail(err, FB_E_CONFIG,
                             "cannot read '%s': section '%s' is too large",
                             path, s->name);
    return failed;
}
