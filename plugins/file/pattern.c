#include "pattern.h"

#include <string.h>

bool
pattern_is_wild(const char *pattern, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (strchr("*?[", pattern[i]) != NULL)
            return true;
    return false;
}

/* Bytes of the character that begins here; 1 where UTF-8 is broken. */
static size_t
character_size(const char *text)
{
    unsigned char first = (unsigned char)*text;
    size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;

    if (first < 0xc2 || first > 0xf4)
        return 1;
    for (size_t i = 1; i < size; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return 1;
    return size;
}

/* The byte after the set that begins at p, or NULL: the bracket never closes
 * and stands for itself.  "]" right at the begin is one of the set. */
static const char *
set_end(const char *p, const char *end)
{
    p++;
    if (p < end && (*p == '!' || *p == '^'))
        p++;
    if (p < end && *p == ']')
        p++;
    while (p < end && *p != ']')
        p++;
    return p < end ? p + 1 : NULL;
}

static bool
set_has(const char *set, const char *end, char c)
{
    const char *p = set + 1, *last = end - 1;
    bool negated = *p == '!' || *p == '^';
    bool found = false;

    if (negated)
        p++;
    while (p < last) {
        if (p + 2 < last && p[1] == '-') {
            found = found || (c >= p[0] && c <= p[2]);
            p += 3;
        } else {
            found = found || c == *p;
            p++;
        }
    }
    return found != negated;
}

/* Match one character at *name against the item at *p and step over both. */
static bool
match_one(const char **p, const char *end, const char **name)
{
    const char *after;

    if (**name == '\0')
        return false;
    if (**p == '?') {
        *name += character_size(*name);
        ++*p;
        return true;
    }
    after = **p == '[' ? set_end(*p, end) : NULL;
    if (after != NULL) {
        if (!set_has(*p, after, **name))
            return false;
        *name += character_size(*name);
        *p = after;
        return true;
    }
    if (**p != **name)
        return false;
    ++*p;
    ++*name;
    return true;
}

bool
pattern_match_name(const char *pattern, size_t length, const char *name)
{
    const char *p = pattern, *end = pattern + length;
    const char *star = NULL, *retry = NULL;

    if (*name == '.' && (length == 0 || *pattern != '.'))
        return false;
    while (p < end || *name != '\0') {
        if (p < end && *p == '*') {
            star = ++p;
            retry = name;
        } else if (p < end && match_one(&p, end, &name)) {
            continue;
        } else if (star != NULL && *retry != '\0') {
            /* Only the last star need ever take more: linear memory, and
             * quadratic time at worst. */
            p = star;
            retry += character_size(retry);
            name = retry;
        } else {
            return false;
        }
    }
    return true;
}

bool
pattern_is_deep(const char *pattern)
{
    return strncmp(pattern, "**", 2) == 0 && strchr("/", pattern[2]) != NULL;
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
    char name[256];

    pattern = skip_slashes(pattern);
    path = skip_slashes(path);
    length = strcspn(pattern, "/");
    size = strcspn(path, "/");
    if (length == 0 || size == 0)
        return length == 0 && size == 0;
    if (pattern_is_deep(pattern)) {
        const char *rest = skip_slashes(pattern + 2);

        if (match_segments(*rest == '\0' ? "*" : rest, path))
            return true;
        return *path != '.' && match_segments(pattern, path + size);
    }
    if (size >= sizeof(name))
        return false;
    memcpy(name, path, size);
    name[size] = '\0';
    return pattern_match_name(pattern, length, name) &&
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
