#include "glob.h"

#include <assert.h>
#include <string.h>

#include "s3.h"

struct span {
    const char *at, *end;
};

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

static bool
is_deep(const char *segment)
{
    return segment[0] == '*' && segment[1] == '*' &&
           (segment[2] == '/' || segment[2] == '\0');
}

bool
glob_is_flat(const char *pattern)
{
    const char *wild = pattern + glob_literal(pattern);
    bool whole = wild == pattern || wild[-1] == '/';

    return strchr(wild, '/') == NULL && !(whole && is_deep(wild));
}

/* Bytes of the character that begins here; 1 where UTF-8 is broken. */
static size_t
character_size(const struct span *text)
{
    unsigned char first = (unsigned char)*text->at;
    size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;

    assert(text->at < text->end);
    if (first < 0xc2 || first > 0xf4 || size > (size_t)(text->end - text->at))
        return 1;
    for (size_t i = 1; i < size; i++)
        if (((unsigned char)text->at[i] & 0xc0) != 0x80)
            return 1;
    return size;
}

/* The byte after the set that begins here, or NULL: the bracket never closes
 * and stands for itself.  "]" right at the begin is one of the set. */
static const char *
set_end(const struct span *pattern)
{
    const char *p = pattern->at + 1;

    if (p < pattern->end && (*p == '!' || *p == '^'))
        p++;
    if (p < pattern->end && *p == ']')
        p++;
    while (p < pattern->end && *p != ']')
        p++;
    return p < pattern->end ? p + 1 : NULL;
}

static bool
set_has(const char *set, const char *end, char c)
{
    const char *p = set + 1, *last = end - 1;
    bool negated = *p == '!' || *p == '^';
    bool found = false;

    p += negated ? 1 : 0;
    while (p < last) {
        bool range = p + 2 < last && p[1] == '-';

        found = found || (range ? c >= p[0] && c <= p[2] : c == p[0]);
        p += range ? 3 : 1;
    }
    return found != negated;
}

/* Match one character and step over it and what it matched. */
static bool
match_one(struct span *pattern, struct span *text)
{
    const char *after;

    if (text->at == text->end)
        return false;
    after = *pattern->at == '[' ? set_end(pattern) : NULL;
    if (after != NULL || *pattern->at == '?') {
        if (after != NULL && !set_has(pattern->at, after, *text->at))
            return false;
        pattern->at = after != NULL ? after : pattern->at + 1;
        text->at += character_size(text);
        return true;
    }
    return *pattern->at++ == *text->at++;
}

static bool
match_segment(struct span pattern, struct span text)
{
    struct span star = {NULL, NULL}, retry = {NULL, NULL};

    if (text.at == text.end || pattern.at == pattern.end)
        return text.at == text.end && pattern.at == pattern.end;
    if (*text.at == '.' && *pattern.at != '.')
        return false;
    while (pattern.at < pattern.end || text.at < text.end) {
        struct span p = pattern, t = text;

        if (p.at < p.end && *p.at == '*') {
            pattern.at++;
            star = pattern;
            retry = text;
        } else if (p.at < p.end && match_one(&p, &t)) {
            pattern = p;
            text = t;
        } else if (star.at != NULL && retry.at < retry.end) {
            /* Only the last star need ever take more: quadratic at worst. */
            retry.at += character_size(&retry);
            pattern = star;
            text = retry;
        } else {
            return false;
        }
    }
    return true;
}

static struct span
segment_at(const char *path)
{
    return (struct span){path, path + strcspn(path, "/")};
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
        if (pattern != NULL && is_deep(pattern)) {
            pattern = pattern[2] == '/' ? pattern + 3 : "*";
            deep = pattern;
            retry = key;
        } else if (pattern != NULL && key != NULL &&
                   match_segment(segment_at(pattern), segment_at(key))) {
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
    if (is_deep(name)) {
        snprintf(text, sizeof(text), "%s%sx", prefix, *prefix ? "/" : "");
        return glob_match(pattern, text);
    }
    if (length == 0 || *prefix == '\0')
        return length == 0 && *prefix == '\0';
    memcpy(text, pattern, length);
    text[length] = '\0';
    return glob_match(text, prefix);
}
