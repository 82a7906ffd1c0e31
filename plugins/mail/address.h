/*
 * address.h: addresses of mail as far as we accept them: local@domain, in
 * ASCII, without quotes and comments.  That is all that RFC 5321 asks every
 * server to take, and nothing in it can end a header or a command.
 */
#ifndef MAIL_ADDRESS_H
#define MAIL_ADDRESS_H

#include "forebay/plugin.h"

#define ADDRESS_MAX 254 /* bytes, RFC 5321 with its erratum */
#define RECIPIENTS_MAX                                     \
    100 /* what every server must take, RFC 5321 4.5.3.1.8 \
         */

/* "ops@example.com", or with a name: "Forebay <ops@example.com>". */
struct mailbox {
    const char *name; /* UTF-8; "" for none */
    const char *address;
};

/* Both return NULL, or what is wrong.  What is set lives as long as the
 * step. */
const char *mailbox_parse(struct mailbox *mailbox, struct fb_step *step,
                          const char *text) FB_MUST_CHECK;

/* The addresses of "mailto:a@example.com,b@example.com" (RFC 6068, of which
 * only the addresses are taken). */
const char *recipients_parse(struct fb_list *list, struct fb_step *step,
                             const char *uri) FB_MUST_CHECK;

#endif
