#include "glob.h"

#include <assert.h>
#include <string.h>

#include "s3.h"
#include "shared/wildcard.h"

size_t
glob_literal(const char *pattern)
{
    return strcspn(pattern, "*?[");
}

bool
glob_is_wild(const char *pattern)
{
    return pattern[glob_literal(pattern)] != '\0';
}

bool
glob_is_flat(const char *pattern)
{
    const char *wild = pattern + glob_literal(pattern);
    bool whole = wild == pattern || wild[-1] == '/';

    return strchr(wild, '/') == NULL && !(whole && wildcard_is_deep(wild));
}

static struct wildcard_span
segment_at(const char *path)
{
    return (struct wildcard_span){path, path + strcspn(path, "/")};
}

/* The segment after the one that begins here; NULL: that was the last. */
static const char *
after_segment(const char *path)
{
    path += strcspn(path, "/");
    return *path == '/' ? path + 1 : NULL;
}

/*
 * As with the star inside a segment, only the last `**` need ever take more.
 * That it takes no hidden segment does not break this: such a segment can
 * only be matched by one of the pattern that follows an earlier `**`, which
 * would have to take it itself to let the match begin later.
 */
bool
glob_match(const char *pattern, const char *key)
{
    const char *deep = NULL, *retry = NULL;

    while (pattern != NULL || key != NULL) {
        if (pattern != NULL && wildcard_is_deep(pattern)) {
            pattern = pattern[2] == '/' ? pattern + 3 : "*";
            deep = pattern;
            retry = key;
        } else if (pattern != NULL && key != NULL &&
                   wildcard_match(segment_at(pattern), segment_at(key))) {
            pattern = after_segment(pattern);
            key = after_segment(key);
        } else {
            if (retry == NULL || *retry == '.')
                return false;
            retry = after_segment(retry);
            key = retry;
            pattern = deep;
        }
    }
    return true;
}

bool
glob_reaches(const char *pattern, const char *prefix)
{
    const char *slash = strrchr(pattern, '/');
    const char *name = slash == NULL ? pattern : slash + 1;
    size_t length = slash == NULL ? 0 : (size_t)(slash - pattern);
    char text[S3_KEY_MAX + 4];

    assert(strlen(pattern) <= S3_KEY_MAX && strlen(prefix) <= S3_KEY_MAX);
    if (wildcard_is_deep(name)) {
        snprintf(text, sizeof(text), "%s%sx", prefix, *prefix ? "/" : "");
        return glob_match(pattern, text);
    }
    if (length == 0 || *prefix == '\0')
        return length == 0 && *prefix == '\0';
    memcpy(text, pattern, length);
    text[length] = '\0';
    return glob_match(text, prefix);
}
