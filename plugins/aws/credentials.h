/*
 * aws/credentials.h: one set of keys, as a value.  Where they come from is
 * chain.h's business.
 */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include "forebay/plugin.h"

#define AWS_NEVER INT64_MAX

struct aws_credentials {
    char *access_key; /* owned, as all texts */
    char *secret;
    char *token;        /* NULL: long-term keys */
    int64_t expires_ms; /* since the epoch; AWS_NEVER */
    char source[128];   /* for messages: "profile 'x' in '...'" */
    bool from_instance; /* IMDS: usable beyond its date when nothing better */
};

/* All zero is empty. */
void aws_credentials_release(struct aws_credentials *credentials); /* wipes */
void aws_credentials_copy(struct aws_credentials *to,
                          const struct aws_credentials *from);

/*
 * Copies of the texts, without blanks at their ends (a line end in a file is
 * no part of a key).  token may be NULL or "".  FB_E_CONFIG, naming the
 * source, when the key or the secret is missing or holds what cannot be sent.
 */
int aws_credentials_set(struct aws_credentials *credentials, const char *key,
                        const char *secret, const char *token,
                        const char *source, struct fb_error *err) FB_MUST_CHECK;

#endif
