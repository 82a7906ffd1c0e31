/*
 * aws/words.c: see words.h.
 */
#include "aws/words.h"

#include "aws/buf.h"

#include <stdlib.h>

#define WORD_MAX ((size_t)32 << 10)

/* One word into out; moves *text behind it.  -1: a quote stays open. */
static int
take_word(const char **text, struct aws_buf *out)
{
    const char *p = *text;
    char quote = '\0';

    for (; *p != '\0'; p++) {
        if (quote == '\0' && strchr(" \t\r\n", *p) != NULL)
            break;
        if (quote == '\0' && (*p == '\'' || *p == '"')) {
            quote = *p;
        } else if (*p == quote) {
            quote = '\0';
        } else if (*p == '\\' && quote != '\'' && p[1] != '\0' &&
                   (quote == '\0' || strchr("\"\\$`", p[1]) != NULL)) {
            aws_buf_byte(out, (unsigned char)*++p);
        } else {
            aws_buf_byte(out, (unsigned char)*p);
        }
    }
    *text = p;
    return quote == '\0' && aws_buf_ok(out) ? 0 : -1;
}

int
aws_words_split(struct aws_words *words, const char *text)
{
    struct aws_buf word;
    int failed = 0;

    *words = (struct aws_words){.count = 0};
    aws_buf_init(&word, WORD_MAX);
    for (;;) {
        text += strspn(text, " \t\r\n");
        if (*text == '\0' || failed != 0)
            break;
        aws_buf_clear(&word);
        failed = take_word(&text, &word);
        if (failed == 0 && words->count == AWS_WORDS_MAX)
            failed = -1;
        if (failed == 0)
            words->items[words->count++] = aws_strdup(aws_buf_string(&word));
    }
    aws_buf_release(&word);
    if (failed == 0 && words->count > 0)
        return 0;
    aws_words_release(words);
    return -1;
}

void
aws_words_release(struct aws_words *words)
{
    while (words->count > 0)
        free(words->items[--words->count]);
    words->items[0] = NULL;
}
