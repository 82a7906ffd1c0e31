#include "pattern.h"

#include <string.h>

#include "shared/wildcard.h"

bool
pattern_is_wild(const char *pattern, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (strchr("*?[", pattern[i]) != NULL)
            return true;
    return false;
}

bool
pattern_match_name(const char *pattern, size_t length, const char *name)
{
    return wildcard_match((struct wildcard_span){pattern, pattern + length},
                          (struct wildcard_span){name, name + strlen(name)});
}

static const char *
skip_slashes(const char *path)
{
    while (*path == '/')
        path++;
    return path;
}

static bool
match_segments(const char *pattern, const char *path)
{
    size_t length, size;

    pattern = skip_slashes(pattern);
    path = skip_slashes(path);
    length = strcspn(pattern, "/");
    size = strcspn(path, "/");
    if (length == 0 || size == 0)
        return length == 0 && size == 0;
    if (wildcard_is_deep(pattern)) {
        const char *rest = skip_slashes(pattern + 2);

        if (match_segments(*rest == '\0' ? "*" : rest, path))
            return true;
        return *path != '.' && match_segments(pattern, path + size);
    }
    return wildcard_match((struct wildcard_span){pattern, pattern + length},
                          (struct wildcard_span){path, path + size}) &&
           match_segments(pattern + length, path + size);
}

/* "./a" and "a" are the same place. */
static const char *
skip_dot(const char *path)
{
    while (path[0] == '.' && path[1] == '/')
        path = skip_slashes(path + 1);
    return path;
}

bool
pattern_match_path(const char *pattern, const char *path)
{
    pattern = skip_dot(pattern);
    path = skip_dot(path);
    return (*pattern == '/') == (*path == '/') && match_segments(pattern, path);
}
