/*
 * aws/words.h: splits a command into words, as a shell quotes them, and
 * nothing else that a shell does.
 */
#ifndef AWS_WORDS_H
#define AWS_WORDS_H

#include "forebay/plugin.h"

#define AWS_WORDS_MAX 64

struct aws_words {
    char *items[AWS_WORDS_MAX + 1]; /* owned; ends with NULL, as for exec */
    size_t count;
};

/* '...' as it is; "..." with \" \\ \$ \`; outside of both, \x is x.  -1: a
 * quote is not closed, or there are no or too many words; then nothing is
 * left to release. */
int aws_words_split(struct aws_words *words, const char *text) FB_MUST_CHECK;
void aws_words_release(struct aws_words *words);

#endif
