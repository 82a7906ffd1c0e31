#include "statement.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Behind white space and comments. */
static const char *
skip(const char *text)
{
    for (;;) {
        text += strspn(text, " \t\r\n\f");
        if (strncmp(text, "--", 2) == 0) {
            text += strcspn(text, "\n");
        } else if (strncmp(text, "/*", 2) == 0) {
            const char *end = strstr(text + 2, "*/");

            text = end != NULL ? end + 2 : text + strlen(text);
        } else {
            return text;
        }
    }
}

/* Behind a text or a name in quotes; a doubled quote begins another. */
static const char *
skip_quoted(const char *text)
{
    const char *end = strchr(text + 1, *text);

    return end != NULL ? end + 1 : text + strlen(text);
}

static const char *
find_end(const char *text)
{
    while (*text != '\0' && *text != ';') {
        if (*text == '\'' || *text == '"')
            text = skip_quoted(text);
        else if (skip(text) != text)
            text = skip(text);
        else
            text++;
    }
    return text;
}

static int
only_reads(const char *text)
{
    static const char *const words[] = {"SELECT", "WITH", "VALUES", "TABLE"};
    size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz_");

    if (*text == '(')
        return 1;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (length == strlen(words[i]) &&
            strncasecmp(text, words[i], length) == 0)
            return 1;
    return 0;
}

const char *
statement_objection(const char *text)
{
    const char *begin = skip(text), *end = find_end(begin);

    if (*begin == '\0')
        return "there is no statement in it";
    if (strlen(text) > STATEMENT_MAX)
        return "it is longer than the 262144 bytes that Athena takes";
    if (!only_reads(begin))
        return "only a query that reads is run: SELECT, WITH, VALUES or TABLE";
    if (*end == ';' && *skip(end + 1) != '\0')
        return "it is more than one statement";
    return NULL;
}
