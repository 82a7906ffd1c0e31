/*
 * util/conceal.c: finding the parts of URIs that let somebody in.
 */
#include "util/conceal.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define MASK "****"

/* None of these can stand in an authority; a password with one of them has it
 * written as %XX. */
static size_t
authority_length(const char *text)
{
    return strcspn(text, "/?#\\\"<> \t\r\n");
}

/* Where the password of the authority lies; false: there is none. */
static bool
find_password(const char *authority, const char **from, const char **to)
{
    size_t user = strcspn(authority, ":");
    size_t at = authority_length(authority);

    while (at > user && authority[at] != '@')
        at--;
    if (at <= user + 1)
        return false;
    *from = authority + user + 1;
    *to = authority + at;
    return true;
}

static const char *
without_passwords(struct arena *arena, const char *text)
{
    size_t at = 0;
    const char *found, *from, *to;

    while ((found = strstr(text + at, "://")) != NULL) {
        at = (size_t)(found - text) + strlen("://");
        if (find_password(text + at, &from, &to))
            text = arena_printf(arena, "%.*s" MASK "%s", (int)(from - text),
                                text, to);
    }
    return text;
}

static bool
is_web(const char *text)
{
    return strncasecmp(text, "https://", strlen("https://")) == 0 ||
           strncasecmp(text, "http://", strlen("http://")) == 0;
}

static const char *
without_query(struct arena *arena, const char *uri)
{
    size_t path = strcspn(uri, "?#");
    size_t query;

    if (uri[path] != '?')
        return uri;
    query = strcspn(uri + path + 1, "#");
    if (query == 0)
        return uri;
    return arena_printf(arena, "%.*s" MASK "%s", (int)path + 1, uri,
                        uri + path + 1 + query);
}

const char *
conceal(struct arena *arena, const char *text)
{
    text = without_passwords(arena, text);
    return is_web(text) ? without_query(arena, text) : text;
}
