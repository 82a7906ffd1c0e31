#include "registry/scheme.h"

#include <assert.h>
#include <string.h>

static const char scheme_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789+-.";

bool
scheme_is_valid(const char *scheme)
{
    const char *part = scheme;

    if (strlen(scheme) > SCHEME_MAX || *scheme < 'a' || *scheme > 'z')
        return false;
    for (;;) {
        size_t length = *part == '*' ? 1 : strspn(part, scheme_chars);

        if (length == 0 || (part[length] != '\0' && part[length] != ':'))
            return false;
        if (part[length] == '\0')
            return true;
        part += length + 1;
    }
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* A slash, a space, or a digit at the front makes it a path: "./a:b". */
static bool
is_plain_path(const char *uri)
{
    size_t length = 0;

    if (lower(*uri) < 'a' || lower(*uri) > 'z')
        return true;
    while (uri[length] != '\0' && strchr(scheme_chars, lower(uri[length])))
        length++;
    return uri[length] != ':';
}

static bool
same_part(const char *scheme, const char *part, size_t length, bool first)
{
    for (size_t i = 0; i < length; i++)
        if (scheme[i] != (first ? lower(part[i]) : part[i]))
            return false;
    return true;
}

unsigned
scheme_match(const char *scheme, const char *uri)
{
    unsigned parts = 0, stars = 0;

    assert(scheme_is_valid(scheme));
    if (is_plain_path(uri))
        return strcmp(scheme, "file") == 0 ? SCHEME_MAX + 1 : 0;
    for (;; scheme++, uri++) {
        size_t length = strcspn(scheme, ":");
        size_t have = strcspn(uri, ":");
        bool star = length == 1 && *scheme == '*';

        if (uri[have] != ':' || have == 0)
            return 0;
        if (!star &&
            (have != length || !same_part(scheme, uri, length, parts == 0)))
            return 0;
        parts++;
        stars += star;
        scheme += length;
        uri += have;
        /* There are fewer stars than SCHEME_MAX, so parts outweigh them. */
        if (*scheme == '\0')
            return parts * (SCHEME_MAX + 1) - stars;
    }
}
