/*
 * duckdb/words.c: the words of a query.
 */
#include "words.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *const beginnings[] = {"SELECT", "WITH", "VALUES", "TABLE",
                                         "FROM"};

static const char *const forbidden[] = {
    "enable_logging",    "disable_logging",
    "enable_profiling",  "disable_profiling",
    "enable_peg_parser", "disable_peg_parser",
    "force_checkpoint",  "truncate_duckdb_logs",
    "write_log",         "json_execute_serialized_sql",
    "query_table",       "query",
};

static int
is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (c & 0x80);
}

static size_t
word_length(const char *text)
{
    size_t length = 0;

    while (is_word(text[length]))
        length++;
    return length;
}

static int
is(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

/* Behind white space and comments. */
static const char *
skip(const char *at)
{
    for (;;) {
        if (isspace((unsigned char)*at)) {
            at++;
        } else if (at[0] == '-' && at[1] == '-') {
            at += strcspn(at, "\n");
        } else if (at[0] == '/' && at[1] == '*') {
            const char *end = strstr(at + 2, "*/");

            at = end != NULL ? end + 2 : at + strlen(at);
        } else {
            return at;
        }
    }
}

int
words_begin_query(const char *sql)
{
    const char *at = skip(sql);
    size_t length = word_length(at);

    for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++)
        if (is(at, length, beginnings[i]))
            return 1;
    return *at == '(';
}

/* Called: a parenthesis follows, perhaps behind a closing quote. */
static int
is_called(const char *behind)
{
    if (*behind == '"')
        behind++;
    return *skip(behind) == '(';
}

const char *
words_forbidden(const char *sql, size_t *at)
{
    for (const char *word = sql; *word != '\0';) {
        size_t length = word_length(word);

        if (*word == '\'') { /* a text */
            word += 1 + strcspn(word + 1, "'");
            word += *word != '\0';
            continue;
        }
        for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++)
            if (is(word, length, forbidden[i]) && is_called(word + length)) {
                *at = (size_t)(word - sql);
                return forbidden[i];
            }
        word += length > 0 ? length : 1;
    }
    return NULL;
}
