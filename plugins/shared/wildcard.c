/*
 * shared/wildcard.c: see wildcard.h.
 */
#include "shared/wildcard.h"

#include <assert.h>
#include <stddef.h>

bool
wildcard_is_deep(const char *pattern)
{
    return pattern[0] == '*' && pattern[1] == '*' &&
           (pattern[2] == '/' || pattern[2] == '\0');
}

/* Bytes of the character that begins here; 1 where UTF-8 is broken. */
static size_t
character_size(const struct wildcard_span *text)
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
set_end(const struct wildcard_span *pattern)
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
match_one(struct wildcard_span *pattern, struct wildcard_span *text)
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

bool
wildcard_match(struct wildcard_span pattern, struct wildcard_span name)
{
    struct wildcard_span star = {NULL, NULL}, retry = {NULL, NULL};

    if (name.at == name.end || pattern.at == pattern.end)
        return name.at == name.end && pattern.at == pattern.end;
    if (*name.at == '.' && *pattern.at != '.')
        return false;
    while (pattern.at < pattern.end || name.at < name.end) {
        struct wildcard_span p = pattern, t = name;

        if (p.at < p.end && *p.at == '*') {
            pattern.at++;
            star = pattern;
            retry = name;
        } else if (p.at < p.end && match_one(&p, &t)) {
            pattern = p;
            name = t;
        } else if (star.at != NULL && retry.at < retry.end) {
            /* Only the last star need ever take more: quadratic at worst. */
            retry.at += character_size(&retry);
            pattern = star;
            name = retry;
        } else {
            return false;
        }
    }
    return true;
}
