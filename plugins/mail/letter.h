/*
 * letter.h: a report as a letter: headers and body by RFC 5322 and MIME, every
 * line ended by CR LF, nothing but ASCII, no line above 78 bytes where a line
 * can be folded.  How it travels is mail.c's business.
 */
#ifndef MAIL_LETTER_H
#define MAIL_LETTER_H

#include "address.h"
#include "forebay/plugin.h"

#define LETTER_TEXT_MAX ((size_t)256 << 10) /* bytes of report in it */

struct letter {
    struct mailbox from;
    struct fb_list to;
    const char *subject; /* one line, UTF-8, without control characters */
    const char *text;    /* lines that end with '\n', the same */
    const char *id;      /* of letters, digits, '.', '_' and '-' */
    int64_t date_ms;     /* since the epoch */
};

/* The whole letter; *size bytes that the caller frees, NULL without memory. */
char *letter_write(const struct letter *letter, size_t *size) FB_MUST_CHECK;

#endif
