/*
 * trigger/names.c: what the names of trigger objects say.  Names are opaque
 * data of strangers; nothing here opens anything.
 */
#include "trigger/names.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/file.h"
#include "util/mem.h"
#include "util/text.h"

/* --- refusing --- */

static bool
has_control(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;

    for (; *p != '\0'; p++) {
        if (*p < 0x20 || *p == 0x7F)
            return true;
        /* U+0080 to U+009F, which terminals obey too; the caller knows that
         * this is UTF-8. */
        if (p[0] == 0xC2 && p[1] >= 0x80 && p[1] <= 0x9F)
            return true;
    }
    return false;
}

static size_t
count_dot_segments(const char *uri)
{
    size_t count = 0;

    for (const char *p = uri;;) {
        size_t length = strcspn(p, "/");

        if ((length == 1 && p[0] == '.') ||
            (length == 2 && p[0] == '.' && p[1] == '.'))
            count++;
        if (p[length] == '\0')
            return count;
        p += length + 1;
    }
}

static const char *
portable_objection(struct arena *arena, const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t good = strspn(name, allowed);

    if (*name == '\0')
        return "its name is empty";
    if (name[good] == '\0')
        return NULL;
    return arena_printf(arena,
                        "its name '%s' holds something else than A-Z a-z 0-9 "
                        ". _ -",
                        text_escape(arena, name, strlen(name), 256));
}

const char *
names_objection(struct arena *arena, const char *pattern, const char *uri,
                bool portable)
{
    const char *name = file_name(uri);

    if (!text_is_utf8((const unsigned char *)uri, strlen(uri), NULL))
        return "its name is not UTF-8";
    if (has_control(uri))
        return "its name holds a control character";
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        count_dot_segments(uri) > count_dot_segments(pattern))
        return "its name holds a segment '.' or '..'";
    return portable ? portable_objection(arena, name) : NULL;
}

/* --- one spelling --- */

/* "file:a", "file:/a", "file:///a" and "file://localhost/a" name paths. */
static const char *
path_of(const char *uri)
{
    const char *slash;

    if (!text_starts_with(uri, "file:"))
        return strstr(uri, "://") == NULL ? uri : NULL;
    uri += strlen("file:");
    if (!text_starts_with(uri, "//"))
        return uri;
    slash = strchr(uri + 2, '/');
    return slash != NULL ? slash : "/";
}

/* Copies with a backslash before what a pattern gives meaning. */
static char *
quoted(struct arena *arena, const char *text)
{
    char *copy = arena_alloc(arena, 2 * strlen(text) + 1), *out = copy;

    for (; *text != '\0'; text++) {
        if (strchr("*?[]\\", *text) != NULL)
            *out++ = '\\';
        *out++ = *text;
    }
    *out = '\0';
    return copy;
}

static const char *
working_folder(struct arena *arena, bool pattern)
{
    AUTO_FREE char *folder = getcwd(NULL, 0);

    if (folder == NULL)
        return "";
    return pattern ? quoted(arena, folder) : arena_strdup(arena, folder);
}

static const char *
normal(struct arena *arena, const char *uri, bool pattern)
{
    const char *path = path_of(uri);
    char *text, *out;

    if (path == NULL)
        return uri;
    if (*path != '/')
        path =
            arena_printf(arena, "%s/%s", working_folder(arena, pattern), path);
    text = arena_alloc(arena, strlen(path) + 2);
    out = text;
    while (*path != '\0') {
        size_t length = strcspn(path, "/");

        if (length > 0 && !(length == 1 && *path == '.')) {
            *out++ = '/';
            memcpy(out, path, length);
            out += length;
        }
        path += length;
        path += *path == '/' ? 1 : 0;
    }
    *out = '\0';
    return text;
}

const char *
names_normal(struct arena *arena, const char *uri)
{
    return normal(arena, uri, false);
}

bool
names_match(struct arena *arena, const char *pattern, const char *uri)
{
    return text_glob(normal(arena, pattern, true), normal(arena, uri, false));
}

/* --- what is announced --- */

/* The texts that ${trigger.*} give. */
struct parts {
    const char *uri, *dir, *name, *stem;
};

static struct parts
parts_of(struct arena *arena, const char *uri)
{
    return (struct parts){.uri = uri,
                          .dir = file_folder(arena, uri),
                          .name = file_name(uri),
                          .stem = file_stem(arena, uri)};
}

/* One part of the pattern and of the trigger; a part without a wildcard is
 * the same in both, and is not looked for. */
static bool
stands_here(const char *text, const char *part)
{
    return text_has_glob(part) && text_starts_with(text, part);
}

/*
 * The part of the pattern that stands at `at`, and in *with what the trigger
 * has there; NULL: none.  The longest that fits: name before stem.  A folder
 * is written first and followed by a slash; of a pattern such as "* / *.trg"
 * (without the spaces) folder and stem could not be told apart otherwise.
 */
static const char *
part_at(const char *source, const char *at, const struct parts *pattern,
        const struct parts *trigger, const char **with)
{
    if (stands_here(at, pattern->uri)) {
        *with = trigger->uri;
        return pattern->uri;
    }
    if (stands_here(at, pattern->dir) && at[strlen(pattern->dir)] == '/' &&
        (at == source || strchr(pattern->dir, '/') != NULL)) {
        *with = trigger->dir;
        return pattern->dir;
    }
    if (stands_here(at, pattern->name)) {
        *with = trigger->name;
        return pattern->name;
    }
    if (stands_here(at, pattern->stem)) {
        *with = trigger->stem;
        return pattern->stem;
    }
    return NULL;
}

/* "in/orders.trg" announces "in/orders.csv", not "ref/customers.csv". */
static bool
has_stem(const char *source, const struct parts *pattern)
{
    size_t length = strlen(pattern->stem);
    const char *name = file_name(source);

    return strncmp(name, pattern->stem, length) == 0 && name[length] == '.';
}

const char *
names_announced(struct arena *arena, const char *pattern, const char *source,
                const char *trigger)
{
    struct parts of_pattern = parts_of(arena, pattern);
    struct parts of_trigger = parts_of(arena, trigger);
    const char *result = "", *from = source, *with;
    bool derived = false;

    if (strcmp(names_normal(arena, pattern), names_normal(arena, source)) == 0)
        return NULL;
    if (!text_has_glob(pattern))
        return has_stem(source, &of_pattern) ? source : NULL;
    for (const char *p = source; *p != '\0';) {
        const char *part = part_at(source, p, &of_pattern, &of_trigger, &with);

        if (part == NULL) {
            p++;
            continue;
        }
        result = arena_printf(arena, "%s%.*s%s", result, (int)(p - from), from,
                              with);
        derived = true;
        p += strlen(part);
        from = p;
    }
    return derived ? arena_printf(arena, "%s%s", result, from) : NULL;
}
